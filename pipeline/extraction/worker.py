"""A stranger's page read in a process of its own, which a clock and the system can end: a thread cannot be ended.

    page ─child─> Text | NotReadable        PDF ─pdf/worker.py─> runs of text ─child─> Text | NotReadable

One search that hangs holds all threads of its process, the clock's as well. So the process that waits reads nothing.
"""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from pipeline.core.models import Text, Value
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.pdf.parse import extract_runs, parse_runs
from pipeline.extraction.pdf.worker import limit
from pipeline.extraction.text import NotReadable

Kind = Literal["html", "pdf"]

ROOT = Path(__file__).parents[2]
# Isolated, so that neither the environment nor the working folder says what is imported.
START = "import sys; sys.path.insert(0, sys.argv[1]); from pipeline.extraction.worker import child; child(*sys.argv[2:])"
_READERS: Final[Mapping[str, Callable[[bytes, str], Text | NotReadable]]] = {
    "html": parse_html,
    "pdf": parse_runs,
}


class _Answer(Value):
    """What the child writes: a text, or why there is none."""

    text: Text | None = None
    reason: str = ""


def read_html(page: bytes, url: str, *, seconds: float, megabytes: int) -> Text | NotReadable:
    """The text of a paper's page, as `html.read_html` has it, if it can be read in so much time and memory."""
    return _read("html", page, url, seconds, megabytes)


def read_pdf(data: bytes, url: str, *, seconds: float, megabytes: int) -> Text | NotReadable:
    """The text of a PDF, as `pdf.read_pdf` has it: so much time and memory to open it, and as much to read it."""
    runs = extract_runs(data, seconds=seconds, megabytes=megabytes)
    return runs if isinstance(runs, NotReadable) else _read("pdf", runs, url, seconds, megabytes)


def _read(kind: Kind, data: bytes, url: str, seconds: float, megabytes: int) -> Text | NotReadable:
    """What a child makes of the data. It has an empty environment, and no more time and memory than it is given."""
    limits = (str(math.ceil(seconds)), str(megabytes))
    command = [sys.executable, "-I", "-B", "-c", START, str(ROOT), kind, url, *limits]
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and module
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=seconds,
            check=False,
        )
        answer = _Answer.model_validate_json(ended.stdout)
    except subprocess.TimeoutExpired:
        return NotReadable(f"reading took longer than {seconds:g} seconds")
    except ValidationError:
        return NotReadable("the process that reads pages ended without an answer")
    return answer.text or NotReadable(answer.reason)


def child(kind: str, url: str, seconds: str, megabytes: str) -> None:
    """Read what comes in within these limits, and write out what it says."""
    limit(int(seconds), int(megabytes))
    try:
        found = _READERS[kind](sys.stdin.buffer.read(), url)
    except MemoryError:
        found = NotReadable("reading needs more memory than it is given")
    answer = _Answer(reason=found.reason) if isinstance(found, NotReadable) else _Answer(text=found)
    sys.stdout.buffer.write(answer.model_dump_json().encode())
