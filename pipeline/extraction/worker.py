"""Extract the text of a page or PDF in a child process with limits of time and memory.

    HTML ─child─> Text | NotReadable        PDF ─pdf/worker.py─> runs of text ─child─> Text | NotReadable

A process can be killed where a thread cannot: a runaway regex holds the GIL, so no timeout thread in the same
process can fire. The parent therefore parses nothing itself.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import ValidationError

from pipeline.core.limits import run_child, set_limits
from pipeline.core.models import Text, Value
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.pdf.parse import extract_runs, parse_runs
from pipeline.extraction.text import NotReadable, NotReadableKind

_PARSERS: Final[Mapping[str, Callable[[bytes, str], Text | NotReadable]]] = {
    "html": parse_html,
    "pdf": parse_runs,
}


class _Result(Value):
    """The child's output as JSON: a text, or the reason why there is none."""

    text: Text | None = None
    reason: str = ""
    kind: NotReadableKind | None = None


def read_html(page: bytes, url: str, *, seconds: float, megabytes: int) -> Text | NotReadable:
    """Run `parse_html` in a child process that may take `seconds` and `megabytes`."""
    return _parse_in_child("html", page, url, seconds, megabytes)


def read_pdf(data: bytes, url: str, *, seconds: float, megabytes: int) -> Text | NotReadable:
    """Run `extract_runs` and `parse_runs` on a PDF in child processes; the limits apply to each of the two."""
    runs = extract_runs(data, seconds=seconds, megabytes=megabytes)
    return runs if isinstance(runs, NotReadable) else _parse_in_child("pdf", runs, url, seconds, megabytes)


def _parse_in_child(kind: str, data: bytes, url: str, seconds: float, megabytes: int) -> Text | NotReadable:
    """Parse the data in a child process with an empty environment and the given limits."""
    try:
        output = run_child(__name__, kind, url, data=data, seconds=seconds, megabytes=megabytes)
        result = _Result.model_validate_json(output)
    except TimeoutError:
        return NotReadable(f"reading took longer than {seconds:g} seconds")
    except ValidationError:
        return NotReadable("the process that reads pages ended without an answer")
    return result.text or NotReadable(result.reason, result.kind)


def main(kind: str, url: str, seconds: str, megabytes: str) -> None:
    """Entry point of the child process: parse stdin within the limits and write a `_Result` as JSON to stdout."""
    set_limits(int(seconds), int(megabytes))
    try:
        parsed = _PARSERS[kind](sys.stdin.buffer.read(), url)
    except MemoryError:
        parsed = NotReadable("reading needs more memory than it is given")
    result = (
        _Result(reason=parsed.reason, kind=parsed.kind)
        if isinstance(parsed, NotReadable)
        else _Result(text=parsed)
    )
    sys.stdout.buffer.write(result.model_dump_json().encode())
