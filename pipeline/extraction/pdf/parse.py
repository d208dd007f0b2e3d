"""Parse a paper's PDF to numbered sentences; the file is opened in a restricted child process, see `worker.py`."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import IO, Annotated, Literal

from pydantic import Field, ValidationError

from pipeline.core.models import Text, Value
from pipeline.extraction.pdf.paragraphs import build_blocks
from pipeline.extraction.pdf.reading_order import Page, Run, reading_order
from pipeline.extraction.text import MIN_CHARACTERS, NotReadable, to_text

WORKER = Path(__file__).with_name("worker.py")
MAX_BYTES = 60_000_000
MAX_OUTPUT_BYTES = 64_000_000
PIPE_GRACE_SECONDS = 5.0  # for the pipes to close after the worker was killed

_REASONS = {
    "encrypted": "the PDF is encrypted",
    "damaged": "the file is damaged, or no PDF",
    "memory": "the PDF needs more memory than it is given",
    "empty": "the PDF has no pages",
}

Number = Annotated[float, Field(ge=-1e6, le=1e6)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class _WorkerPage(Value):
    """A page in the worker's output, which is validated strictly: a malicious PDF may control the worker."""

    width: Number
    height: Number
    runs: tuple[tuple[Number, Number, Number, Number, Number, bool, str], ...]


class _WorkerOutput(Value):
    """The worker's output for a PDF that it could open."""

    pages: tuple[_WorkerPage, ...]
    hidden: Count
    pictures: Count
    rotated: Count
    unread_pages: Count


class _WorkerError(Value):
    """The worker's output for a PDF that it could not open."""

    error: Literal["encrypted", "damaged", "memory", "empty"]


def parse_pdf(data: bytes, url: str, *, seconds: float, megabytes: int) -> Text | NotReadable:
    """Parse a PDF; anchors have the form `page=5`, so that `url#page=5` opens the page.

    `seconds` limits both the wall-clock and the CPU time of the worker, `megabytes` its memory. `left_out`
    counts invisible passages (`hidden`), white or tiny text in pictures, which may be visible there
    (`pictures`), lines of `references`, of title and `authors`, running heads and page numbers (`furniture`),
    runs of text in another direction than the page's (`rotated`), `unread_pages`, and sentences past the
    limits (`cut`).
    """
    runs = extract_runs(data, seconds=seconds, megabytes=megabytes)
    return runs if isinstance(runs, NotReadable) else parse_runs(runs, url)


def extract_runs(data: bytes, *, seconds: float, megabytes: int) -> bytes | NotReadable:
    """Run the worker on a PDF and return its raw output, which is not validated yet."""
    if len(data) > MAX_BYTES:
        return NotReadable(f"the PDF is larger than {MAX_BYTES // 1_000_000} MB")
    if b"%PDF-" not in data[:1024]:
        return NotReadable(_REASONS["damaged"])
    return _run_worker(data, seconds=seconds, megabytes=megabytes)


def parse_runs(output: bytes, url: str) -> Text | NotReadable:
    """Validate the worker's output and convert it to a `Text`."""
    validated = _validate(output)
    return validated if isinstance(validated, NotReadable) else _build_text(validated, url)


def _run_worker(data: bytes, *, seconds: float, megabytes: int) -> bytes | NotReadable:
    """Run the worker with an empty environment; at the time limit, kill its process group."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
        [sys.executable, "-I", "-B", str(WORKER), str(math.ceil(seconds)), str(megabytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    output: list[bytes] = []
    writer = threading.Thread(target=_write_input, args=(process.stdin, data), daemon=True)
    reader = threading.Thread(target=_read_output, args=(process.stdout, output), daemon=True)
    writer.start()
    reader.start()
    reader.join(seconds)
    timed_out = reader.is_alive()
    # Kills the worker and any process that it started. On macOS, killpg fails with EPERM if the group holds only
    # zombies; the worker itself is then killed by `process.kill`.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for thread in (reader, writer):
        thread.join(PIPE_GRACE_SECONDS)  # only a process that left the group can still hold the pipes open
    if timed_out or reader.is_alive():
        return NotReadable(f"reading the PDF took longer than {seconds:g} seconds")
    if len(output[0]) > MAX_OUTPUT_BYTES:
        return NotReadable("the PDF holds more text than a paper")
    return output[0] or NotReadable("the PDF could not be read within its limits of time and memory")


def _write_input(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe:
        with contextlib.suppress(BrokenPipeError), pipe:
            pipe.write(data)


def _read_output(pipe: IO[bytes] | None, output: list[bytes]) -> None:
    if pipe:
        with pipe:
            output.append(pipe.read(MAX_OUTPUT_BYTES + 1))


def _validate(output: bytes) -> _WorkerOutput | NotReadable:
    with contextlib.suppress(ValidationError):
        return NotReadable(_REASONS[_WorkerError.model_validate_json(output).error])
    try:
        return _WorkerOutput.model_validate_json(output, strict=True)
    except ValidationError:
        return NotReadable("the program that opens PDFs gave an answer that makes no sense")


def _build_text(output: _WorkerOutput, url: str) -> Text | NotReadable:
    pages = [
        Page(number, page.width, page.height, tuple(Run(*run) for run in page.runs))
        for number, page in enumerate(output.pages, start=1)
    ]
    lines, furniture = reading_order(pages)
    blocks, omitted = build_blocks(lines)
    omitted += Counter(
        hidden=output.hidden,
        pictures=output.pictures,
        rotated=output.rotated,
        unread_pages=output.unread_pages,
        furniture=furniture,
    )
    text = to_text(blocks, basis="pdf", url=url, omitted=omitted)
    if sum(len(sentence.text) for sentence in text.sentences) < MIN_CHARACTERS:
        return NotReadable("the PDF holds hardly any text: its pages may be pictures")
    return text
