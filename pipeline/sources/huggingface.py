"""Hugging Face's daily papers: the papers that its users listed on a day, with their upvotes.

Adds votes, code and project pages to arXiv's own lists. Properties of the JSON that the parser relies on: the
votes are in the inner object only, every optional field may be missing, and text may contain hard line breaks.
"""

import asyncio
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.dates import DAY, is_weekend
from pipeline.core.models import Paper, Signal, Skipped, SourceStatus
from pipeline.core.source import HUGGINGFACE
from pipeline.sources.arxiv_calendar import no_listing_reason
from pipeline.sources.base import LinkRules, Listing, Parsed, excerpt, fetch_parsed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import (
    MAX_ABSTRACT_LENGTH,
    MAX_NAME_LENGTH,
    MAX_TITLE_LENGTH,
    clean,
    truncate,
)
from pipeline.sources.url_policy import normalize

NAME = HUGGINGFACE.name
ACCEPT = "application/json"
PAGE_SIZE = 100  # the maximum, more is an error; the default of 50 has cut whole days
FULL_PAGE_DIVISORS = (10, 25, 32)  # a page length divisible by one of these may be the server's own limit
MAX_PAGES = 20
MAX_COUNT = 10**12  # of votes or stars; what is above is none, and no report may have it


def url(base: str, day: dt.date, page: int) -> str:
    """Build the URL of one page of a day's list; pages count from 0."""
    return f"{base}/api/daily_papers?date={day.isoformat()}&limit={PAGE_SIZE}&p={page}"


def parse(body: bytes, day: dt.date, links: LinkRules) -> Parsed | str:
    """Parse one page of the list; return a reason if it cannot be parsed.

    Never raises, and a bad item affects no other.
    """
    raw = _load(body)
    if isinstance(raw, dict):
        return f"it answered: {excerpt(str(raw.get('error', raw)))}"
    if not isinstance(raw, list):
        return "the answer is cut, or not a list of papers"
    results = [_item(item, day, links, f"{NAME} {day.isoformat()} item {n}") for n, item in enumerate(raw, 1)]
    return Parsed.of(results)


def error_message(body: bytes) -> str:
    """Extract the server's message from the body of an HTTP error; empty if there is none."""
    raw = _load(body)
    return str(raw.get("error", "")) if isinstance(raw, dict) else ""


def _load(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


async def fetch(get: Get, base: str, days: Sequence[dt.date], links: LinkRules) -> Listing:
    """Fetch the lists of these days concurrently.

    A day that cannot be read is named in the note; the status is `failed` only if no day can be read.
    `through` is the last day before the first that was not read in full: it could not be read, it is empty on a working
    day, or it repeats papers of the day before, or all of the next, as a stale page does.
    """
    lists = await asyncio.gather(*(_fetch_day(get, base, day, links) for day in sorted(set(days))))
    papers = tuple(paper for listed in lists for paper in listed.papers)
    by_day = {listed.day: {paper.id for paper in listed.papers} for listed in lists}
    read = [
        listed.day
        for listed in lists
        if not listed.reason
        and (listed.papers or no_listing_reason(listed.day))
        and not by_day[listed.day] & by_day.get(listed.day - DAY, set())
        and not (listed.papers and by_day[listed.day] == by_day.get(listed.day + DAY))
    ]
    first_unread = min(by_day.keys() - {*read}, default=dt.date.max)
    status = SourceStatus(
        name=NAME,
        status="failed" if all(listed.reason for listed in lists) else "ok" if papers else "empty",
        count=len(papers),
        through=max((day for day in read if day < first_unread), default=None),
        note="; ".join(map(_note, lists)),
    )
    skipped = tuple(skip for listed in lists for skip in listed.skipped)
    return Listing(status, papers, skipped, frozenset(read))


@dataclass(frozen=True)
class _DayList:
    """One day's list as far as it could be read; `reason` if it could not be read to its end."""

    day: dt.date
    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]
    reason: str = ""


async def _fetch_day(get: Get, base: str, day: dt.date, links: LinkRules) -> _DayList:
    """Fetch a day's list page by page, until a page is shorter than a full one or adds no paper."""
    papers: dict[str, Paper] = {}
    skipped: list[Skipped] = []
    full = 0  # items of the longest page so far
    for page in range(MAX_PAGES):
        address = url(base, day, page)
        result = await fetch_parsed(
            get, address, lambda body: parse(body, day, links), accept=ACCEPT, error_message=error_message
        )
        if isinstance(result, str):
            return _DayList(day, tuple(papers.values()), tuple(skipped), result)
        new = {paper.id: paper for paper in result.papers if paper.id not in papers}
        if page and not new:
            break
        papers |= new
        skipped += result.skipped
        length = len(result.papers) + len(result.skipped)
        full = max(full, length)
        if not length or length < full or all(length % divisor for divisor in FULL_PAGE_DIVISORS):
            break
    else:
        return _DayList(day, tuple(papers.values()), tuple(skipped), f"more than {MAX_PAGES} pages")
    return _DayList(day, tuple(papers.values()), tuple(skipped))


def _note(listed: _DayList) -> str:
    """Summarize a day: its number of papers, or why it has none."""
    if listed.reason:
        return f"{listed.day.isoformat()} could not be read: {listed.reason}"
    if listed.papers:
        return f"{listed.day.isoformat()}: {len(listed.papers)}"
    return f"{listed.day.isoformat()}: none" + (" (weekend)" if is_weekend(listed.day) else "")


def _item(item: Any, day: dt.date, links: LinkRules, name: str) -> Paper | Skipped:
    """Convert one item of the list. Only the id and the title are required."""
    inner = item.get("paper") if isinstance(item, dict) else None
    if not isinstance(inner, dict):
        return Skipped(id=name, stage="fetch", reason="is not a paper")
    paper_id = canonical_id(_text(inner.get("id")))
    if paper_id is None:
        return Skipped(id=excerpt(_text(inner.get("id"))) or name, stage="fetch", reason="has no arXiv id")
    title = truncate(_text(inner.get("title")) or _text(item.get("title")), MAX_TITLE_LENGTH)
    if not title:
        return Skipped(id=paper_id, stage="fetch", reason="has no title")
    extra = {
        "huggingface": f"{links.huggingface}/papers/{paper_id}",
        "code": links.allowed(_address(inner.get("githubRepo"))),
        "project": links.allowed(_address(inner.get("projectPage"))),
    }
    return Paper(
        id=paper_id,
        title=title,
        abstract=truncate(_text(inner.get("summary")) or _text(item.get("summary")), MAX_ABSTRACT_LENGTH),
        authors=_authors(inner.get("authors")),
        categories=(),
        links=links.paper(paper_id).model_copy(update=extra),
        signals={NAME: Signal(day=day, upvotes=_count(inner.get("upvotes")))},
        announced=None,
        stars=_count(inner.get("githubStars")) if extra["code"] else None,
    )


def _address(value: Any) -> str:
    return normalize(value) if isinstance(value, str) else ""


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _authors(value: Any) -> tuple[str, ...]:
    """Return the author names in order, without authors who hid their name on Hugging Face."""
    authors = value if isinstance(value, list) else []
    shown = [author for author in authors if isinstance(author, dict) and author.get("hidden") is not True]
    return tuple(name[:MAX_NAME_LENGTH] for name in (_text(author.get("name")) for author in shown) if name)


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= MAX_COUNT else None
