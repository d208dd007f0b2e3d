"""Parse one feed with feedparser, in a child process with limited memory and time that `feeds.py` starts.

feedparser is lenient, and some of its searches scan the same text repeatedly: a feed of a few hundred kilobytes
can keep it busy for hours. So it runs with little memory and CPU time, an empty environment, and no permission
to write files. This file imports nothing of the package. The feed is read from stdin; one JSON object is written
to stdout:

    {"error": reason}
    {"entries": [{"number", "guid", "link", "title", "summary", "authors": […], "moments": […]}, …], "more": entries}

`moments` are the publication and the modification time in seconds since 1970 (UTC) or null; `more` is the
number of entries beyond the limit.
"""

from __future__ import annotations

import calendar
import contextlib
import io
import json
import re
import resource
import sys
import xml.sax
from typing import Any

# feedparser does not document what it raises; a character reference out of range is an OverflowError.
FEEDPARSER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
MAX_ENTRIES = 500
MAX_AUTHORS = 3000
# Characters: of a summary or an author text, and of any other field.
MAX_TEXT_LENGTH, MAX_LINE_LENGTH = 20_000, 2_000
END_TAG = re.compile(rb"</(?:rss|feed|rdf:RDF)\s*>\Z")
END_TAG_WINDOW = 50  # bytes at the end that are searched for it


def set_limits(seconds: int, megabytes: int) -> None:
    """Limit this process's memory, CPU time and files with setrlimit.

    Limits that a system other than Linux lacks are skipped; the parent's timeout still applies.
    """
    unsupported: tuple[type[Exception], ...] = () if sys.platform == "linux" else (ValueError, OSError)
    limits = {"AS": megabytes << 20, "CPU": seconds, "CORE": 0, "FSIZE": 0, "NOFILE": 32}
    for name, value in limits.items():
        with contextlib.suppress(*unsupported):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def parse_feed(body: bytes) -> dict[str, Any]:
    """Parse a feed into the JSON object described above.

    Malformed XML is read as far as feedparser gets, but only if the feed's end tag is present.
    """
    import feedparser  # noqa: PLC0415 - after the limits are set

    try:  # unsanitized: markup is stripped later, and what feedparser takes for a tag may be a formula
        feed: Any = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except FEEDPARSER_ERRORS as error:
        return {"error": f"the feed cannot be read ({type(error).__name__})"}
    malformed = feed.get("bozo") and isinstance(feed.get("bozo_exception"), xml.sax.SAXException)
    if malformed and not is_complete(body):
        return {"error": "the feed is cut or damaged"}
    if not feed.get("version"):
        return {"error": "the answer is no feed"}
    entries = [_entry(entry, number) for number, entry in enumerate(feed.entries, 1)]
    return {"entries": newest_entries(entries), "more": max(0, len(entries) - MAX_ENTRIES)}


def is_complete(body: bytes) -> bool:
    """Whether the feed ends with its closing tag, optionally followed by one comment."""
    tail = body.rstrip()
    if tail.endswith(b"-->"):
        tail = tail[: max(0, tail.rfind(b"<!--"))].rstrip()
    return bool(END_TAG.search(tail[-END_TAG_WINDOW:]))


def newest_entries(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Select the newest MAX_ENTRIES entries, in the feed's order, since some feeds begin with their oldest.

    Entries without a date count as older than all others.
    """
    if len(entries) <= MAX_ENTRIES:
        return entries
    kept = sorted(entries, key=_sort_time, reverse=True)[:MAX_ENTRIES]
    return sorted(kept, key=lambda entry: int(entry["number"]))


def _sort_time(entry: dict[str, Any]) -> float:
    return next((moment for moment in entry["moments"] if moment is not None), -float("inf"))


def _entry(entry: Any, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "guid": _text(entry.get("id"))[:MAX_LINE_LENGTH],
        "link": _text(entry.get("link"))[:MAX_LINE_LENGTH],
        "title": _text(entry.get("title"))[:MAX_LINE_LENGTH],
        "summary": (_text(entry.get("summary")) or _content(entry))[:MAX_TEXT_LENGTH],
        "authors": _authors(entry),
        # `dict.get`: feedparser's own lookup substitutes one date for the other, and deprecates doing so.
        "moments": [_timestamp(dict.get(entry, key)) for key in ("published_parsed", "updated_parsed")],
    }


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _content(entry: Any) -> str:
    """Return the first content element, for an entry without a summary."""
    contents = entry.get("content")
    first = contents[0] if isinstance(contents, list) and contents else {}
    return _text(first.get("value")) if isinstance(first, dict) else ""


def _authors(entry: Any) -> list[str]:
    """Return the author texts: one per author, or a single one for all."""
    authors = entry.get("authors")
    names = (
        [author.get("name") for author in authors if isinstance(author, dict)]
        if isinstance(authors, list)
        else []
    )
    texts = [name for name in names if isinstance(name, str)] or [_text(entry.get("author"))]
    return [text[:MAX_TEXT_LENGTH] for text in texts[:MAX_AUTHORS]]


def _timestamp(moment: Any) -> int | None:
    """Convert a UTC `struct_time` to seconds since 1970; None if it is missing or invalid."""
    try:
        return None if moment is None else calendar.timegm(moment)
    except (ValueError, OverflowError, TypeError):
        return None


def main() -> None:
    """Run the worker; its arguments are the limits in CPU seconds and in megabytes."""
    set_limits(int(sys.argv[1]), int(sys.argv[2]))
    try:
        output = json.dumps(parse_feed(sys.stdin.buffer.read()))
    except MemoryError:
        output = json.dumps({"error": "the feed needs more memory than it is given"})
    sys.stdout.write(output)


if __name__ == "__main__":
    main()
