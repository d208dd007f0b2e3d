"""Parse one feed with feedparser, in a child process with limited memory and time that `feeds.py` starts.

feedparser is lenient, and some of its searches scan the same text repeatedly: a feed of a few hundred kilobytes
can keep it busy for hours. So it runs with little memory and CPU time, an empty environment, and no permission
to write files. The feed is read from stdin; one JSON object is written to stdout:

    {"error": reason}
    {"entries": [{"number", "guid", "link", "title", "summary", "authors": […], "moments": […]}, …], "more": entries}

The entries come newest first, at most MAX_ENTRIES; those without a date come last, in the feed's order.
`moments` are the publication and the modification time (UTC), as far as they are known, as lists of year, month,
day and so on; `more` is the number of entries beyond the limit.
"""

import io
import json
import re
import sys
import xml.sax
from typing import Any

from pipeline.core.limits import set_limits

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
    """Return the newest MAX_ENTRIES entries, newest first, since some feeds begin with their oldest.

    Entries without a date count as older than all others.
    """
    return sorted(entries, key=lambda entry: entry["moments"][:1], reverse=True)[:MAX_ENTRIES]


def _entry(entry: Any, number: int) -> dict[str, Any]:
    """Convert an entry; an unknown element may have any of feedparser's keys, with text as its value."""
    contents, authors = entry.get("content") or [{}], entry.get("authors")
    names = [author.get("name") for author in authors] if isinstance(authors, list) else []
    texts = [name for name in names if name] or [entry.get("author")]  # one per author, or one for all
    # `dict.get`: feedparser's own lookup substitutes one date for the other, and deprecates doing so.
    moments = [dict.get(entry, key) for key in ("published_parsed", "updated_parsed")]
    return {
        "number": number,
        "guid": _text(entry.get("id"), MAX_LINE_LENGTH),
        "link": _text(entry.get("link"), MAX_LINE_LENGTH),
        "title": _text(entry.get("title"), MAX_LINE_LENGTH),
        "summary": _text(entry.get("summary") or contents[0].get("value"), MAX_TEXT_LENGTH),
        "authors": [_text(text, MAX_TEXT_LENGTH) for text in texts[:MAX_AUTHORS]],
        "moments": [moment for moment in moments if isinstance(moment, tuple)],
    }


def _text(value: str | None, max_length: int) -> str:
    return (value or "").strip()[:max_length]


def main(seconds: str, megabytes: str) -> None:
    """Run the worker within these limits of CPU time and memory."""
    set_limits(int(seconds), int(megabytes))
    try:
        output = json.dumps(parse_feed(sys.stdin.buffer.read()))
    except MemoryError:
        output = json.dumps({"error": "the feed needs more memory than it is given"})
    sys.stdout.write(output)
