"""A paper's PDF as numbered sentences. The file is opened by a process that can do no harm: see `worker.py`."""

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
from pipeline.extraction.pdf.paragraphs import blocks
from pipeline.extraction.pdf.reading_order import Page, Run, reading_order
from pipeline.extraction.text import SHORTEST, NotReadable, to_text

CHILD = Path(__file__).with_name("worker.py")
LARGEST = 60_000_000  # bytes
MOST_OUTPUT = 64_000_000  # bytes
GRACE = 5.0  # seconds for pipes to close after the end

_REASONS = {
    "encrypted": "the PDF is encrypted",
    "damaged": "the file is damaged, or no PDF",
    "memory": "the PDF needs more memory than it is given",
    "empty": "the PDF has no pages",
}

Number = Annotated[float, Field(ge=-1e6, le=1e6)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class _PageFound(Value):
    """A page as the child describes it; a stranger's file may have taken the child over, so nothing is taken on trust."""

    width: Number
    height: Number
    runs: tuple[tuple[Number, Number, Number, Number, Number, bool, str], ...]


class _Found(Value):
    """All that the child may say of a PDF that it could open."""

    pages: tuple[_PageFound, ...]
    hidden: Count
    pictures: Count
    rotated: Count
    unread_pages: Count


class _Failed(Value):
    """Why the child could not open it."""

    error: Literal["encrypted", "damaged", "memory", "empty"]


def parse_pdf(data: bytes, url: str, *, seconds: float, megabytes: int) -> Text | NotReadable:
    """The text of a PDF; anchors are `page=5`, so that `url#page=5` opens the page.

    The child gets so much time, by the clock and of the processor, and so much memory. `left_out` counts
    passages that nobody can see (`hidden`) or that stand in pictures (`pictures`), lines of `references`,
    of title and `authors`, running heads and page numbers (`furniture`), runs of text that stand another
    way (`rotated`), `unread_pages`, and sentences past the limits (`cut`).
    """
    found = extract_runs(data, seconds=seconds, megabytes=megabytes)
    return found if isinstance(found, NotReadable) else parse_runs(found, url)


def extract_runs(data: bytes, *, seconds: float, megabytes: int) -> bytes | NotReadable:
    """What the child says that the PDF holds, as it wrote it."""
    if len(data) > LARGEST:
        return NotReadable(f"the PDF is larger than {LARGEST // 1_000_000} MB")
    if b"%PDF-" not in data[:1024]:
        return NotReadable(_REASONS["damaged"])
    return _run(data, seconds=seconds, megabytes=megabytes)


def parse_runs(output: bytes, url: str) -> Text | NotReadable:
    """The text in what the child wrote."""
    found = _validated(output)
    return found if isinstance(found, NotReadable) else _text(found, url)


def _run(data: bytes, *, seconds: float, megabytes: int) -> bytes | NotReadable:
    """What the child writes. It starts with an empty environment, and ends at the time limit with its group."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
        [sys.executable, "-I", "-B", str(CHILD), str(math.ceil(seconds)), str(megabytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    output: list[bytes] = []
    writer = threading.Thread(target=_feed, args=(process.stdin, data), daemon=True)
    reader = threading.Thread(target=_drain, args=(process.stdout, output), daemon=True)
    writer.start()
    reader.start()
    reader.join(seconds)
    late = reader.is_alive()
    # The child with whatever it may have started. On macOS a group of children that have ended, and are not
    # waited for yet, gives EPERM; there the child alone is left to end, if it has not.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for thread in (reader, writer):
        thread.join(GRACE)  # only what fled from its group could still hold the pipes
    if late or reader.is_alive():
        return NotReadable(f"reading the PDF took longer than {seconds:g} seconds")
    if len(output[0]) > MOST_OUTPUT:
        return NotReadable("the PDF holds more text than a paper")
    return output[0] or NotReadable("the PDF could not be read within its limits of time and memory")


def _feed(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe:
        with contextlib.suppress(BrokenPipeError), pipe:
            pipe.write(data)


def _drain(pipe: IO[bytes] | None, output: list[bytes]) -> None:
    if pipe:
        with pipe:
            output.append(pipe.read(MOST_OUTPUT + 1))


def _validated(output: bytes) -> _Found | NotReadable:
    with contextlib.suppress(ValidationError):
        return NotReadable(_REASONS[_Failed.model_validate_json(output).error])
    try:
        return _Found.model_validate_json(output, strict=True)
    except ValidationError:
        return NotReadable("the program that opens PDFs gave an answer that makes no sense")


def _text(found: _Found, url: str) -> Text | NotReadable:
    pages = [
        Page(number, page.width, page.height, tuple(Run(*run) for run in page.runs))
        for number, page in enumerate(found.pages, start=1)
    ]
    lines, furniture = reading_order(pages)
    sentences, left_out = blocks(lines)
    left_out += Counter(
        hidden=found.hidden,
        pictures=found.pictures,
        rotated=found.rotated,
        unread_pages=found.unread_pages,
        furniture=furniture,
    )
    text = to_text(sentences, basis="pdf", url=url, left_out=left_out)
    if sum(len(one.text) for one in text.sentences) < SHORTEST:
        return NotReadable("the PDF holds hardly any text: its pages may be pictures")
    return text
