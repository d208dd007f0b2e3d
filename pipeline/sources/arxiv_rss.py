"""arXiv's feed of the day: one request for all categories of a profile, joined by `+`.

The feed holds what was announced for one day (Eastern) and nothing older, new papers first, then
cross-lists, then replacements (https://info.arxiv.org/help/rss_specifications.html).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.core import dates
from pipeline.core.arxiv_ids import identify
from pipeline.core.dates import DAY
from pipeline.core.models import Paper, Signal, Skipped, SourceStatus
from pipeline.sources import metadata_text, xml
from pipeline.sources.base import LinkRules, Listing, ask, brief, failed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import clean, names, without_announcement
from pipeline.sources.xml import ARXIV, ATOM, DC, Element

NAME = "arxiv"
ACCEPT = "application/rss+xml, application/atom+xml;q=0.9, application/xml;q=0.8, */*;q=0.1"
FEED_LIMIT = 2000  # items; where it bites, new papers are cut, not replacements

Announcement = Literal["new", "cross", "replace", "replace-cross"]
REPLACEMENTS = frozenset({"replace", "replace-cross"})


@dataclass(frozen=True)
class Feed:
    """One day's feed. `day` is the feed's own date; `counts` are all items by kind of announcement."""

    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]
    day: dt.date | None
    counts: Counter[str]


def url(base: str, categories: Sequence[str]) -> str:
    """The address of the feed of these categories together; a paper in several of them stands in it once."""
    return f"{base}/rss/{'+'.join(dict.fromkeys(categories))}"


def parse(body: bytes, links: LinkRules, *, today: dt.date, replacements: bool = False) -> Feed | str:
    """RSS or Atom, or the reason why it is neither. Never raises, and one bad item loses no other.

    `today` dates what bears no date. Replacements are counted, and kept only if wanted.
    """
    root = xml.parse(body)
    if isinstance(root, str):
        return root
    if root.tag == "rss":
        items, day = root.findall("channel/item"), dates.day(xml.text(root.find("channel/pubDate")))
    elif root.tag == f"{ATOM}feed":
        items, day = root.findall(f"{ATOM}entry"), dates.day(xml.child(root, f"{ATOM}updated"))
    else:
        return f"the answer is neither RSS nor Atom but <{brief(str(root.tag))}>"
    papers, skipped, counts = [], [], Counter[str]()
    for number, item in enumerate(items, 1):
        found = _paper(item, links, day or today, f"{NAME} item {number}")
        if isinstance(found, Skipped):
            skipped.append(found)
            continue
        kind = found.signals[NAME].announced_as or "new"
        counts[kind] += 1
        if replacements or kind not in REPLACEMENTS:
            papers.append(found)
    return Feed(tuple(papers), tuple(skipped), day, counts)


def refusal(body: bytes) -> str:
    """What arXiv says in the feed that comes with HTTP 400, such as a category that does not exist."""
    root = xml.parse(body)
    return "" if isinstance(root, str) else xml.text(root.find("channel/description"))


async def fetch(
    get: Get,
    base: str,
    categories: Sequence[str],
    links: LinkRules,
    *,
    today: dt.date,
    replacements: bool = False,
) -> Listing:
    """Today's announcements in these categories, in one request."""

    def read(body: bytes) -> Feed | str:
        return parse(body, links, today=today, replacements=replacements)

    feed = await ask(get, url(base, categories), read, accept=ACCEPT, refusal=refusal)
    if isinstance(feed, str):
        return failed(NAME, feed)
    # By a clock ahead of ours, a feed may be of tomorrow: what is read up to is at most the digest's own day.
    through = min(feed.day, today) if feed.day else None
    status = SourceStatus(
        name=NAME,
        status="ok" if feed.papers else "empty",
        count=len(feed.papers),
        # What a full feed has cut off comes by the catch-up of the next night: its day counts as unread.
        through=through - DAY if through and _full(feed) else through,
        note=_note(feed, replacements=replacements),
    )
    return Listing(status, feed.papers, feed.skipped)


def _paper(item: Element, links: LinkRules, feed_day: dt.date, name: str) -> Paper | Skipped:
    """One item of RSS, or entry of Atom."""
    atom = item.tag == f"{ATOM}entry"
    guid = xml.child(item, f"{ATOM}id" if atom else "guid")
    link = item.find(f"{ATOM}link")
    page = link.get("href", "") if link is not None else xml.child(item, "link")
    known = identify(guid) or identify(page)
    if known is None:
        return Skipped(id=brief(guid or page) or name, stage="fetch", reason="has no arXiv id")
    title = metadata_text.title(xml.child(item, f"{ATOM}title" if atom else "title"))
    if not title:
        return Skipped(id=known.id, stage="fetch", reason="has no title")
    abstract = xml.child(item, f"{ATOM}summary" if atom else "description")
    day = dates.day(xml.child(item, f"{ATOM}published" if atom else "pubDate")) or feed_day
    return Paper(
        id=known.id,
        title=title,
        abstract=metadata_text.abstract(without_announcement(abstract)),
        authors=names(", ".join(xml.text(one) for one in item.findall(f"{DC}creator"))),
        categories=_categories(item),
        links=links.paper(known.id, known.version),
        signals={NAME: Signal(day=day, announced_as=_kind(xml.child(item, f"{ARXIV}announce_type")))},
        announced=day,
    )


def _categories(item: Element) -> tuple[str, ...]:
    terms = [one.get("term", "") for one in item.findall(f"{ATOM}category")]
    terms += [xml.text(one) for one in item.findall("category")]
    return tuple(dict.fromkeys(term for term in map(clean, terms) if term))


def _kind(text: str) -> Announcement | None:
    """How a paper was announced; None for a word that arXiv does not use today."""
    return next((kind for kind in get_args(Announcement) if kind == text.strip()), None)


def _note(feed: Feed, *, replacements: bool) -> str:
    """The feed in one line for a reader."""
    if not feed.counts:
        return ""
    words = [f"{feed.counts['new']} new", f"{feed.counts['cross']} cross-listed"]
    replaced = sum(feed.counts[kind] for kind in REPLACEMENTS)
    if replaced:
        words.append(f"{replaced} replacements" + ("" if replacements else " left out"))
    if _full(feed):
        words.append(f"the feed is at its limit of {FEED_LIMIT}, the rest comes with the next digest")
    return ", ".join(words)


def _full(feed: Feed) -> bool:
    """Whether the feed holds as much as arXiv serves, so that new papers may have been cut off."""
    return feed.counts.total() + len(feed.skipped) >= FEED_LIMIT
