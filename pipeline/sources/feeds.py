"""Any RSS or Atom feed by its address: a journal's, a blog's, somebody's search.

feedparser reads them, always from a stream: given bytes, it looks for a file of that name first.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import io
import re
import xml.sax
from typing import Any
from urllib.parse import urlsplit

import feedparser

from pipeline.identifiers import Identifier, identify
from pipeline.models import Links, Paper, Signal, Skipped, SourceStatus
from pipeline.sources.addresses import may_ask
from pipeline.sources.dates import YEARS
from pipeline.sources.http import Get
from pipeline.sources.listing import LinkRules, Listing, Parsed, ask, brief, failed
from pipeline.sources.wording import clean, names, without_announcement, without_markup
from pipeline.sources.xmltree import PAGE

ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
END = re.compile(rb"</(?:rss|feed|rdf:RDF)\s*>\s*(?:<!--.*?-->\s*)?\Z", re.DOTALL)
HTTP = re.compile(r"^http://", re.IGNORECASE)


def name_of(url: str) -> str:
    """What a feed is called in a report: host and path. A query may hold somebody's token."""
    return brief(re.split(r"[?#]", url.partition("://")[2])[0].rstrip("/"))


# It forgives much and promises nothing: a character reference out of range is an OverflowError.
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


def parse(body: bytes, name: str, links: LinkRules, *, today: dt.date) -> Parsed | str:
    """The entries of a feed, or the reason why it is none. `today` dates what bears no date.

    A feed with a slip in its XML is read as far as it goes, unless its end is missing.
    """
    if PAGE.match(body):
        return "the answer is a web page, not a feed"
    try:  # unsanitized: all markup goes anyway, and what feedparser takes for a tag may be a formula
        feed: Any = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except FEEDPARSER_RAISES as error:
        return f"the feed cannot be read ({type(error).__name__})"
    if (
        feed.get("bozo")
        and isinstance(feed.get("bozo_exception"), xml.sax.SAXException)
        and not END.search(body)
    ):
        return "the feed is cut or damaged"
    if not feed.get("version"):
        return "the answer is no feed"
    entries = feed.entries[:MOST_ENTRIES]
    found = [_entry(entry, name, links, today, number) for number, entry in enumerate(entries, 1)]
    more = len(feed.entries) - len(entries)
    found += (
        [Skipped(id=name, stage="fetch", reason=f"{more} entries past the first {MOST_ENTRIES}")]
        if more
        else []
    )
    return Parsed(
        tuple(one for one in found if isinstance(one, Paper)),
        tuple(one for one in found if isinstance(one, Skipped)),
    )


async def fetch(get: Get, url: str, links: LinkRules, *, today: dt.date) -> Listing:
    """One feed. It holds what its owner wants, often for months: the seen-set sorts out what is new."""
    name = name_of(url)
    found = await ask(get, url, lambda body: parse(body, name, links, today=today), accept=ACCEPT)
    if isinstance(found, str):
        return failed(name, found)
    count = len(found.papers)
    status = SourceStatus(name=name, status="ok" if count else "empty", count=count, through=today)
    return Listing(status, found.papers, found.skipped)


def own_id(text: str) -> str:
    """The id of an entry that is no arXiv paper, out of its guid or link."""
    return f"feed-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _entry(entry: Any, name: str, links: LinkRules, today: dt.date, number: int) -> Paper | Skipped:
    guid, link = _text(entry, "id"), HTTP.sub("https://", _text(entry, "link"))
    title = clean(without_markup(_text(entry, "title")))
    known = identify(guid) or identify(link)
    if not title:
        return Skipped(
            id=brief(guid or link) or f"{name} item {number}", stage="fetch", reason="has no title"
        )
    if known is None and not may_ask(link):
        return Skipped(id=brief(guid) or f"{name} item {number}", stage="fetch", reason="has no https link")
    day = _day(entry) or today
    return Paper(
        id=known.id if known else own_id(guid or link),
        title=title,
        abstract=clean(without_markup(without_announcement(_summary(entry)))),
        authors=_authors(entry),
        categories=(),
        links=_links(known, link, name, links),
        signals={name: Signal(day=day)},
        announced=day,
    )


def _links(known: Identifier | None, link: str, name: str, links: LinkRules) -> Links:
    """The pages of arXiv, or the entry's own: on the feed's host, or on one that `[links] hosts` names; else the feed."""
    if known:
        return links.paper(known.id)  # of the version, arXiv knows
    own = LinkRules(hosts=(urlsplit(f"//{name}").hostname or "",))
    return Links(page=link if own.allowed(link) or links.allowed(link) else f"https://{name}")


def _text(entry: Any, key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""


def _summary(entry: Any) -> str:
    """The summary, or failing that the first content."""
    if summary := _text(entry, "summary"):
        return summary
    contents = entry.get("content")
    first = contents[0] if isinstance(contents, list) and contents else {}
    return _text(first, "value") if isinstance(first, dict) else ""


def _authors(entry: Any) -> tuple[str, ...]:
    """All names, whether they stand in one element or in one each."""
    listed = entry.get("authors")
    people = [one.get("name") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    texts = [one for one in people if isinstance(one, str)] or [_text(entry, "author")]
    return tuple(dict.fromkeys(name for text in texts for name in names(without_markup(text))))


def _day(entry: Any) -> dt.date | None:
    """The day of publication, UTC."""
    for key in ("published_parsed", "updated_parsed"):
        moment = dict.get(entry, key)  # its own `get` gives one for the other, and warns that it will not
        if moment is not None:
            try:
                found = dt.datetime.fromtimestamp(calendar.timegm(moment), dt.UTC).date()
            except (ValueError, OverflowError, OSError, TypeError):
                continue
            if found.year in YEARS:
                return found
    return None
