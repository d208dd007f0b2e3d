"""Opens one feed and writes down its entries: a program of its own, which `feeds.py` starts and watches.

feedparser forgives much, and for that looks at some letters again and again: a feed of a few hundred kilobytes
can keep it busy for hours. So it gets little memory and time, and nothing else. This file imports nothing of
this package. Bytes come in by stdin; one JSON object goes out by stdout:

    {"error": reason}
    {"entries": [{"number", "guid", "link", "title", "summary", "authors": […], "moments": […]}, …], "more": entries}
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

# It promises nothing about what it raises: a character reference out of range is an OverflowError.
FEEDPARSER_RAISES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
MOST_ENTRIES = 500
MOST_AUTHORS = 3000
LONGEST, LONGEST_LINE = 20_000, 2_000  # characters: of a summary, and of what is one line
END = re.compile(rb"</(?:rss|feed|rdf:RDF)\s*>\Z")
LONGEST_END = 50  # bytes


def limit(seconds: int, megabytes: int) -> None:
    """Give up what the work does not need. Where a system knows no such limit, the parent's clock has to do."""
    unknown: tuple[type[Exception], ...] = () if sys.platform == "linux" else (ValueError, OSError)
    limits = {"AS": megabytes << 20, "CPU": seconds, "CORE": 0, "FSIZE": 0, "NOFILE": 32}
    for name, most in limits.items():
        with contextlib.suppress(*unknown):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def described(body: bytes) -> dict[str, Any]:
    """All that is written out for a feed. One with a slip in its XML is read as far as it goes, if its end is there."""
    import feedparser  # noqa: PLC0415 - after the limits are set

    try:  # unsanitized: all markup goes anyway, and what feedparser takes for a tag may be a formula
        feed: Any = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except FEEDPARSER_RAISES as error:
        return {"error": f"the feed cannot be read ({type(error).__name__})"}
    slip = feed.get("bozo") and isinstance(feed.get("bozo_exception"), xml.sax.SAXException)
    if slip and not ended(body):
        return {"error": "the feed is cut or damaged"}
    if not feed.get("version"):
        return {"error": "the answer is no feed"}
    entries = [_entry(entry, number) for number, entry in enumerate(feed.entries, 1)]
    return {"entries": newest(entries), "more": max(0, len(entries) - MOST_ENTRIES)}


def ended(body: bytes) -> bool:
    """Whether a feed's last tag is there; behind it, one comment may stand."""
    tail = body.rstrip()
    if tail.endswith(b"-->"):
        tail = tail[: max(0, tail.rfind(b"<!--"))].rstrip()
    return bool(END.search(tail[-LONGEST_END:]))


def newest(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many entries as are read, in the feed's order: the newest, since some feeds begin with their oldest.

    Those without a date come after all that have one.
    """
    if len(entries) <= MOST_ENTRIES:
        return entries
    kept = sorted(entries, key=_moment, reverse=True)[:MOST_ENTRIES]
    return sorted(kept, key=lambda entry: int(entry["number"]))


def _moment(entry: dict[str, Any]) -> float:
    return next((moment for moment in entry["moments"] if moment is not None), -float("inf"))


def _entry(entry: Any, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "guid": _text(entry.get("id"))[:LONGEST_LINE],
        "link": _text(entry.get("link"))[:LONGEST_LINE],
        "title": _text(entry.get("title"))[:LONGEST_LINE],
        "summary": (_text(entry.get("summary")) or _content(entry))[:LONGEST],
        "authors": _authors(entry),
        "moments": [_seconds(dict.get(entry, key)) for key in ("published_parsed", "updated_parsed")],
    }


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _content(entry: Any) -> str:
    """The first content, for an entry without a summary."""
    contents = entry.get("content")
    first = contents[0] if isinstance(contents, list) and contents else {}
    return _text(first.get("value")) if isinstance(first, dict) else ""


def _authors(entry: Any) -> list[str]:
    """What says who wrote it: one text, or one for each."""
    listed = entry.get("authors")
    people = [one.get("name") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    texts = [one for one in people if isinstance(one, str)] or [_text(entry.get("author"))]
    return [one[:LONGEST] for one in texts[:MOST_AUTHORS]]


def _seconds(moment: Any) -> int | None:
    """Since 1970, UTC. Taken by `dict.get`: feedparser's own gives one date for the other, and warns that it will not."""
    try:
        return None if moment is None else calendar.timegm(moment)
    except (ValueError, OverflowError, TypeError):
        return None


def main() -> None:
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        answer = json.dumps(described(sys.stdin.buffer.read()))
    except MemoryError:
        answer = json.dumps({"error": "the feed needs more memory than it is given"})
    sys.stdout.write(answer)


if __name__ == "__main__":
    main()
