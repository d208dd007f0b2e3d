"""Parse one feed with feedparser, in a child process with limited memory and time that `feeds.py` starts.

feedparser is lenient, and some of its searches scan the same text repeatedly: a feed of a few hundred kilobytes
can keep it busy for hours. So it runs with little memory and CPU time, an empty environment, and no permission
to write files. The feed is read from stdin; the encoding that its HTTP header names is an argument, which may be
empty. One JSON object is written to stdout:

    {"error": reason}
    {"entries": [{"number", "guid", "link", "title", "summary", "authors": […], "moments": […]}, …], "more": entries}

The entries come newest first, at most MAX_ENTRIES; those without a date come last, in the feed's order.
`link` may be relative to the feed. `moments` are the publication and the modification time (UTC), as far as they are
known, as lists of year, month, day and so on; `more` is the number of entries beyond the limit.
"""

import io
import json
import re
import sys
import xml.sax
from typing import Any

from pipeline.core.limits import set_limits
from pipeline.sources.xml import decode, mend

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
# Of the text that feedparser is given, whatever the feed itself says.
XML_TYPE = {"content-type": "application/xml; charset=utf-8"}
DAYLESS = re.compile(r"\d{4}(?:-\d\d)?")  # a year or a month: feedparser takes its first day
# A mail address in or beside an author's name. feedparser removes its beginning up to the fourth letter after the dot.
MAIL = re.compile(r"<[^<>]*>|[^\s@()<>,;]{1,64}@[^\s()<>,;]{1,255}")
NAME_AFTER_MAIL = re.compile(rf"(?:{MAIL.pattern})\s{{0,9}}\(([^()]*)\)")


def parse_feed(body: bytes, charset: str = "") -> dict[str, Any]:
    """Parse a feed into the JSON object described above.

    Malformed XML is read as far as feedparser gets, but only if the feed's end tag is present.
    """
    import feedparser  # noqa: PLC0415 - after the limits are set

    text, complete = mend(decode(body, charset))
    try:  # unsanitized: markup is stripped later, and what feedparser takes for a tag may be a formula
        feed: Any = feedparser.parse(
            io.BytesIO(text.encode()),
            response_headers=XML_TYPE,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except FEEDPARSER_ERRORS as error:
        return {"error": f"the feed cannot be read ({type(error).__name__})"}
    if not complete and isinstance(feed.get("bozo_exception"), xml.sax.SAXException):
        return {"error": "the feed is cut or damaged"}
    if not feed.get("version"):
        return {"error": "the answer is no feed"}
    entries = [_entry(entry, number) for number, entry in enumerate(feed.entries, 1)]
    return {"entries": newest_entries(entries), "more": max(0, len(entries) - MAX_ENTRIES)}


def newest_entries(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the newest MAX_ENTRIES entries, newest first, since some feeds begin with their oldest.

    Entries without a date count as older than all others.
    """
    return sorted(entries, key=lambda entry: entry["moments"][:1], reverse=True)[:MAX_ENTRIES]


def _entry(entry: Any, number: int) -> dict[str, Any]:
    """Convert an entry; an unknown element may have any of feedparser's keys, with text as its value."""
    contents = entry.get("content") or [{}]
    # `dict.get`: feedparser's own lookup substitutes one date for the other, and deprecates doing so.
    moments = [
        dict.get(entry, f"{key}_parsed")
        for key in ("published", "updated")
        if not DAYLESS.fullmatch(_text(dict.get(entry, key), MAX_LINE_LENGTH))
    ]
    return {
        "number": number,
        "guid": _text(entry.get("id"), MAX_LINE_LENGTH),
        "link": _link(entry),
        "title": _text(entry.get("title"), MAX_LINE_LENGTH),
        "summary": _text(entry.get("summary") or contents[0].get("value"), MAX_TEXT_LENGTH),
        "authors": [_text(text, MAX_TEXT_LENGTH) for text in _authors(entry)[:MAX_AUTHORS]],
        "moments": [moment for moment in moments if isinstance(moment, tuple)],
    }


def _link(entry: Any) -> str:
    """Return the entry's link. A guid that stands for it has to be an address, or a path from the host's root."""
    link = _text(entry.get("link"), MAX_LINE_LENGTH)
    is_guid = entry.get("guidislink") is True and link == _text(entry.get("id"), MAX_LINE_LENGTH)
    return "" if is_guid and not re.match("[a-zA-Z]+://|/", link) else link


def _authors(entry: Any) -> list[str]:
    """Return the authors' texts without mail addresses: one per author, or one for all."""
    details = entry.get("authors")
    if isinstance(details, str):  # an element `authors`, as IEEE's feeds have it
        return [details]
    named = [one for one in details if one.get("name")] if isinstance(details, list) else []
    if len(named) > 1:
        texts = [_without_rest(one["name"], one.get("email") or "") for one in named]
    else:  # as it was written; `authors` has it without its mail address, or with a piece of it
        texts = [named[0]["name"] if named and not named[0].get("email") else entry.get("author") or ""]
    return [one for one in map(_without_mail, texts) if one]


def _without_rest(name: str, mail: str) -> str:
    """Remove what feedparser leaves of "jane@lab.science (Jane Doe)": "nce (Jane Doe"."""
    before, bracket, after = name.partition("(")
    return after if mail and bracket and " " not in before.strip() and ")" not in after else name


def _without_mail(text: str) -> str:
    """Remove mail addresses, and the brackets around a name that stands behind one."""
    return MAIL.sub("", NAME_AFTER_MAIL.sub(r"\1", text)).strip()


def _text(value: str | None, max_length: int) -> str:
    return (value or "").strip()[:max_length]


def main(charset: str, seconds: str, megabytes: str) -> None:
    """Run the worker within these limits of CPU time and memory."""
    set_limits(int(seconds), int(megabytes))
    try:
        output = json.dumps(parse_feed(sys.stdin.buffer.read(), charset))
    except MemoryError:
        output = json.dumps({"error": "the feed needs more memory than it is given"})
    sys.stdout.write(output)
