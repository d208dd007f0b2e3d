"""Hugging Face's daily papers: what its users put on the list of a day, and how many voted for it.

A signal beside arXiv's own lists (votes, code, project page). Facts about its JSON that this file rests on:
the votes stand in the inner object only, everything optional comes and goes, text may hold hard line breaks.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.dates import is_weekend
from pipeline.core.models import Paper, Signal, Skipped, SourceStatus
from pipeline.sources.base import LinkRules, Listing, Parsed, ask, brief
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import LONGEST_ABSTRACT, LONGEST_NAME, LONGEST_TITLE, clean, shortened

NAME = "huggingface"
ACCEPT = "application/json"
PAGE_SIZE = 100  # more is an error; the default of 50 has cut whole days
ROUND = (10, 25, 32)  # a page of a multiple of these may be as much as a server gives at once
MOST_PAGES = 20
MOST_VOTES = 10**9


def url(base: str, day: dt.date, page: int) -> str:
    """The address of one page of a day's list; pages count from 0."""
    return f"{base}/api/daily_papers?date={day.isoformat()}&limit={PAGE_SIZE}&p={page}"


def parse(body: bytes, day: dt.date, links: LinkRules) -> Parsed | str:
    """One page of the list, or the reason why it is none. Never raises; one bad item loses no other."""
    try:
        raw: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "the answer is cut, or not JSON"
    if isinstance(raw, dict):
        return f"it answered: {brief(str(raw.get('error', raw)))}"
    if not isinstance(raw, list):
        return "the answer is not a list of papers"
    found = [_item(item, day, links, f"{NAME} {day.isoformat()} item {n}") for n, item in enumerate(raw, 1)]
    papers = [one for one in found if isinstance(one, Paper)]
    papers.sort(key=lambda paper: (-(paper.signals[NAME].upvotes or 0), paper.id))
    return Parsed(tuple(papers), tuple(one for one in found if isinstance(one, Skipped)))


def refusal(body: bytes) -> str:
    """What it says with an HTTP error."""
    try:
        raw: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(raw.get("error", "")) if isinstance(raw, dict) else ""


async def fetch(get: Get, base: str, days: Sequence[dt.date], links: LinkRules) -> Listing:
    """The lists of these days. One that cannot be read is named in the note; only if none can, the source failed."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_day(get, base, day, links)) for day in sorted(set(days))]
    read = [task.result() for task in tasks]
    papers = tuple(paper for one in read for paper in one.papers)
    broken = [one for one in read if one.reason]
    state = "failed" if broken and len(broken) == len(read) else "ok" if papers else "empty"
    through = None
    for one in read:  # the last day before the first that could not be read
        if one.reason:
            break
        through = one.day
    status = SourceStatus.model_validate(
        {"name": NAME, "status": state, "count": len(papers), "through": through, "note": _note(read)}
    )
    return Listing(status, papers, tuple(skip for one in read for skip in one.skipped))


@dataclass(frozen=True)
class _Day:
    """One day's list as far as it could be read; `reason` if it could not be read to its end."""

    day: dt.date
    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]
    reason: str = ""


async def _day(get: Get, base: str, day: dt.date, links: LinkRules) -> _Day:
    """A day's list, page after page, until one is no longer as long as a full one, or brings nothing new."""
    papers: dict[str, Paper] = {}
    skipped: list[Skipped] = []
    full = 0  # items of the longest page so far
    for page in range(MOST_PAGES):
        address = url(base, day, page)
        found = await ask(get, address, lambda body: parse(body, day, links), accept=ACCEPT, refusal=refusal)
        if isinstance(found, str):
            return _Day(day, tuple(papers.values()), tuple(skipped), found)
        known = len(papers)
        for paper in found.papers:
            papers.setdefault(paper.id, paper)
        if page and len(papers) == known:
            break
        skipped += found.skipped
        length = len(found.papers) + len(found.skipped)
        full = max(full, length)
        if not length or length < full or all(length % one for one in ROUND):
            break
    else:
        return _Day(day, tuple(papers.values()), tuple(skipped), f"more than {MOST_PAGES} pages")
    return _Day(day, tuple(papers.values()), tuple(skipped))


def _note(days: Sequence[_Day]) -> str:
    """Each day's number, or why there is none."""
    words = []
    for one in days:
        if one.reason:
            words.append(f"{one.day.isoformat()} could not be read: {one.reason}")
        elif one.papers:
            words.append(f"{one.day.isoformat()}: {len(one.papers)}")
        else:
            weekend = " (weekend)" if is_weekend(one.day) else ""
            words.append(f"{one.day.isoformat()}: none{weekend}")
    return "; ".join(words)


def _item(item: Any, day: dt.date, links: LinkRules, name: str) -> Paper | Skipped:
    """One item of the list. Nothing but the id and the title is required of it."""
    inner = item.get("paper") if isinstance(item, dict) else None
    if not isinstance(inner, dict):
        return Skipped(id=name, stage="fetch", reason="is not a paper")
    paper_id = canonical_id(_text(inner.get("id")))
    if paper_id is None:
        return Skipped(id=brief(_text(inner.get("id"))) or name, stage="fetch", reason="has no arXiv id")
    title = shortened(_text(inner.get("title")) or _text(item.get("title")), LONGEST_TITLE)
    if not title:
        return Skipped(id=paper_id, stage="fetch", reason="has no title")
    also = {
        "huggingface": f"{links.huggingface}/papers/{paper_id}",
        "code": links.allowed(inner.get("githubRepo")),
        "project": links.allowed(inner.get("projectPage")),
    }
    return Paper(
        id=paper_id,
        title=title,
        abstract=shortened(_text(inner.get("summary")) or _text(item.get("summary")), LONGEST_ABSTRACT),
        authors=_authors(inner.get("authors")),
        categories=(),
        links=links.paper(paper_id).model_copy(update=also),
        signals={NAME: Signal(day=day, upvotes=_votes(inner.get("upvotes")))},
        announced=None,
    )


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _authors(value: Any) -> tuple[str, ...]:
    """The names in order. One that its bearer has hidden there stays hidden."""
    people = value if isinstance(value, list) else []
    shown = [one for one in people if isinstance(one, dict) and one.get("hidden") is not True]
    return tuple(name[:LONGEST_NAME] for name in (_text(one.get("name")) for one in shown) if name)


def _votes(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= MOST_VOTES else None
