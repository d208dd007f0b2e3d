"""Merge the listings of all sources into one candidate per paper.

`merge` is idempotent, associative and commutative: each field of the result is the greatest by an order that
depends on values alone, never on where or when they arrived.
"""

import re
from collections.abc import Iterable
from typing import get_args

from pipeline.core.models import Links, Paper, Signal
from pipeline.core.source import TRUSTED_SOURCES
from pipeline.sources.arxiv_rss import Announcement
from pipeline.sources.base import Listing

ANNOUNCEMENT_ORDER: tuple[Announcement | None, ...] = (*get_args(Announcement), None)  # most specific first

VERSION_SUFFIX = re.compile(r"v([0-9]+)$")


def merge(listings: Iterable[Listing]) -> tuple[Paper, ...]:
    """Merge the listings into unique papers with the signals of all sources, ordered by id."""
    merged: dict[str, Paper] = {}
    for listing in listings:
        for paper in listing.papers:
            merged[paper.id] = _merge_papers(merged.get(paper.id, paper), paper)
    return tuple(merged[paper_id] for paper_id in sorted(merged))


def _merge_papers(first: Paper, second: Paper) -> Paper:
    """Merge two records of one paper. Text and arXiv links come from the better record as a whole."""
    better, worse = sorted((first, second), key=_priority, reverse=True)
    extra = {
        name: _least(getattr(better.links, name), getattr(worse.links, name))
        for name in ("huggingface", "code", "project")
    }
    signals = dict(first.signals)
    for name, signal in second.signals.items():
        signals[name] = _merge_signals(signals[name], signal) if name in signals else signal
    days = [paper.announced for paper in (first, second) if paper.announced is not None]
    return better.model_copy(
        update={
            "links": better.links.model_copy(update=extra),
            "signals": {name: signals[name] for name in sorted(signals)},
            "announced": min(days, default=None),
            "stars": max((paper.stars for paper in (first, second) if paper.stars), default=None),
            "comment": max(first.comment, second.comment),
            "journal_ref": max(first.journal_ref, second.journal_ref),
            "doi": _least(first.doi, second.doi),
        }
    )


def _priority(paper: Paper) -> tuple[object, ...]:
    """Sort key of a record: trusted source, has an abstract, has categories (so from arXiv), newest version.

    The remaining elements only make the order total.
    """
    # A feed's metadata of an arXiv paper is unverified, so any trusted source takes precedence.
    return (
        bool(TRUSTED_SOURCES & set(paper.signals)),
        bool(paper.abstract),
        bool(paper.categories),
        _pinned_version(paper.links),
        len(paper.categories),
        len(paper.authors),
        len(paper.abstract),
        paper.title,
        paper.abstract,
        paper.categories,
        paper.authors,
        paper.links.page,
    )


def _pinned_version(links: Links) -> int:
    """Return the version that a paper's links are pinned to; 0 if they are not pinned."""
    match = VERSION_SUFFIX.search(links.html or links.pdf or "")
    return int(match[1]) if match else 0


def _merge_signals(first: Signal, second: Signal) -> Signal:
    """Merge two signals of one source: earliest day, most votes, most specific announcement type."""
    votes = [signal.upvotes for signal in (first, second) if signal.upvotes is not None]
    return Signal(
        day=min(first.day, second.day),
        announced_as=min(first.announced_as, second.announced_as, key=ANNOUNCEMENT_ORDER.index),
        upvotes=max(votes, default=None),
    )


def _least(*values: str | None) -> str | None:
    return min((value for value in values if value), default=None)
