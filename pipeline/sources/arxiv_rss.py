"""arXiv's daily RSS feed: one request for all categories of a profile, joined by `+`.

The feed contains the announcements of one day (US Eastern) and nothing older: new papers first, then
cross-lists, then replacements (https://info.arxiv.org/help/rss_specifications.html).
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pipeline.core import dates
from pipeline.core.arxiv_ids import identify
from pipeline.core.models import Paper, Signal, Skipped, SourceStatus
from pipeline.core.source import ARXIV as ARXIV_SOURCE
from pipeline.sources import metadata_text, xml
from pipeline.sources.arxiv_calendar import no_announcement
from pipeline.sources.base import LinkRules, Listing, excerpt, failed_listing, fetch_parsed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import clean, split_authors, strip_announcement
from pipeline.sources.xml import ARXIV, DC, Element

NAME = ARXIV_SOURCE.name
ACCEPT = "application/rss+xml, application/xml;q=0.9, */*;q=0.1"
FEED_LIMIT = 2000  # items; a longer feed is truncated, and loses new papers rather than replacements

Announcement = Literal["new", "cross", "replace", "replace-cross"]
REPLACEMENTS = frozenset({"replace", "replace-cross"})


@dataclass(frozen=True)
class Feed:
    """One parsed feed. `day` is the feed's own date; `counts` are the items per announcement type."""

    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]
    day: dt.date | None
    counts: Counter[str]


def url(base: str, categories: Sequence[str]) -> str:
    """Build the URL of one feed for all categories; a paper in several of them appears once."""
    return f"{base}/rss/{'+'.join(dict.fromkeys(categories))}"


def parse(body: bytes, links: LinkRules, *, today: dt.date, replacements: bool = False) -> Feed | str:
    """Parse RSS; return a reason if it cannot be parsed. Never raises, and a bad item affects no other.

    `today` is the date of items and feeds without one. Replacements are counted, and included only if
    `replacements` is set.
    """
    root = xml.parse(body)
    if isinstance(root, str):
        return root
    if root.tag != "rss":
        return f"the answer is not RSS but <{excerpt(str(root.tag))}>"
    day = dates.parse_day(xml.text(root.find("channel/pubDate")))
    papers, skipped, counts = [], [], Counter[str]()
    for number, item in enumerate(root.findall("channel/item"), 1):
        result = _paper(item, links, day or today, f"{NAME} item {number}")
        if isinstance(result, Skipped):
            skipped.append(result)
            continue
        kind = result.signals[NAME].announced_as or "new"
        counts[kind] += 1
        if replacements or kind not in REPLACEMENTS:
            papers.append(result)
    return Feed(tuple(papers), tuple(skipped), day, counts)


def error_message(body: bytes) -> str:
    """Extract arXiv's message from the feed in an HTTP 400 body, for instance about an unknown category."""
    return xml.text_at(body, "channel/description")


async def fetch(
    get: Get,
    base: str,
    categories: Sequence[str],
    links: LinkRules,
    *,
    today: dt.date,
    replacements: bool = False,
) -> Listing:
    """Fetch today's announcements in these categories with one request."""

    def parse_feed(body: bytes) -> Feed | str:
        return parse(body, links, today=today, replacements=replacements)

    feed = await fetch_parsed(
        get, url(base, categories), parse_feed, accept=ACCEPT, error_message=error_message
    )
    if isinstance(feed, str):
        return failed_listing(NAME, feed)
    doubt = _doubt(feed, today)
    status = SourceStatus(
        name=NAME,
        status="ok" if feed.papers else "empty",
        count=len(feed.papers),
        through=None if doubt else today,
        note="; ".join(part for part in (_note(feed, replacements=replacements), doubt) if part),
    )
    return Listing(status, feed.papers, feed.skipped, frozenset() if doubt else frozenset({today}))


def _doubt(feed: Feed, today: dt.date) -> str:
    """Return why the feed does not prove that the day's announcements were read in full; empty if it does."""
    if _is_full(feed):
        return f"the feed is at its limit of {FEED_LIMIT}"
    if feed.day != today:
        return f"the feed is dated {feed.day}" if feed.day else "the feed has no date"
    other = sorted({p.announced for p in feed.papers if p.announced not in {None, today}})
    if other:
        return f"the feed has papers of {', '.join(map(str, other))}"
    if not feed.papers and not no_announcement(today):
        return "the feed is empty on a working day"
    return ""


def _paper(item: Element, links: LinkRules, feed_day: dt.date, name: str) -> Paper | Skipped:
    """Convert one item; `name` is the fallback id in a `Skipped`."""
    guid, link = xml.child_text(item, "guid"), xml.child_text(item, "link")
    identifier = identify(guid) or identify(link)
    if identifier is None:
        return Skipped(id=excerpt(guid or link) or name, stage="fetch", reason="has no arXiv id")
    title = metadata_text.clean_title(xml.child_text(item, "title"))
    if not title:
        return Skipped(id=identifier.id, stage="fetch", reason="has no title")
    day = dates.parse_day(xml.child_text(item, "pubDate")) or feed_day
    announced_as = _announcement(xml.child_text(item, f"{ARXIV}announce_type"))
    categories = (clean(xml.text(category)) for category in item.findall("category"))
    return Paper(
        id=identifier.id,
        title=title,
        abstract=metadata_text.clean_abstract(strip_announcement(xml.child_text(item, "description"))),
        authors=split_authors(", ".join(xml.text(creator) for creator in item.findall(f"{DC}creator"))),
        categories=tuple(dict.fromkeys(filter(None, categories))),
        links=links.paper(identifier.id, identifier.version),
        signals={NAME: Signal(day=day, announced_as=announced_as)},
        announced=day,
    )


def _announcement(text: str) -> Announcement | None:
    """Return the announcement type, or None if it is not one of the known types."""
    return next((kind for kind in get_args(Announcement) if kind == text.strip()), None)


def _note(feed: Feed, *, replacements: bool) -> str:
    """Summarize the feed's counts in one line for readers."""
    if not feed.counts:
        return ""
    parts = [f"{feed.counts['new']} new", f"{feed.counts['cross']} cross-listed"]
    replaced = sum(feed.counts[kind] for kind in REPLACEMENTS)
    if replaced:
        parts.append(f"{replaced} replacements" + ("" if replacements else " left out"))
    return ", ".join(parts)


def _is_full(feed: Feed) -> bool:
    """Whether the feed has as many items as arXiv serves, so that new papers may have been cut off."""
    return feed.counts.total() + len(feed.skipped) >= FEED_LIMIT
