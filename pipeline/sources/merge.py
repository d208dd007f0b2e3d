"""One candidate out of everything that the sources say about a paper.

`merge` can be repeated, nested and reordered at will: every field is the greatest of its kind by an order
that looks at values alone, never at where or when they came in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import get_args

from pipeline.core.models import Links, Paper, Signal
from pipeline.sources import arxiv_rss, huggingface
from pipeline.sources.arxiv_rss import Announcement
from pipeline.sources.base import Listing

LISTS = frozenset(
    {arxiv_rss.NAME, huggingface.NAME}
)  # what any other source says of arXiv's papers is hearsay

KINDS: tuple[Announcement | None, ...] = (*get_args(Announcement), None)  # "new" says more than "cross"

PINNED = re.compile(r"v([0-9]+)$")


def merge(listings: Iterable[Listing]) -> tuple[Paper, ...]:
    """All papers of the listings, each once, with the signals of all; ordered by id."""
    found: dict[str, Paper] = {}
    for listing in listings:
        for paper in listing.papers:
            found[paper.id] = _both(found.get(paper.id, paper), paper)
    return tuple(found[paper_id] for paper_id in sorted(found))


def _both(one: Paper, other: Paper) -> Paper:
    """Two accounts of one paper as one. Text and pages come from the better account, as a whole."""
    best, rest = sorted((one, other), key=_worth, reverse=True)
    extra = {
        name: _least(getattr(best.links, name), getattr(rest.links, name))
        for name in ("huggingface", "code", "project")
    }
    signals = dict(one.signals)
    for name, signal in other.signals.items():
        signals[name] = _joined(signals[name], signal) if name in signals else signal
    days = [paper.announced for paper in (one, other) if paper.announced is not None]
    return best.model_copy(
        update={
            "links": best.links.model_copy(update=extra),
            "signals": {name: signals[name] for name in sorted(signals)},
            "announced": min(days, default=None),
        }
    )


def _worth(paper: Paper) -> tuple[object, ...]:
    """The order of accounts: with an abstract, from arXiv (which knows categories), of the newest version.

    The rest only makes the order complete.
    """
    categories, authors, links = paper.categories, paper.authors, paper.links
    # What a feed says of arXiv's papers is a stranger's word, and gives way to anything else.
    told = bool(LISTS & set(paper.signals))
    head = (told, bool(paper.abstract), bool(categories), version(links), len(categories), len(authors))
    pages = (links.page, links.html or "", links.pdf or "")
    return (*head, len(paper.abstract), paper.title, paper.abstract, categories, authors, *pages)


def version(links: Links) -> int:
    """The version that the pages of a paper are pinned to; 0 if to none."""
    pinned = PINNED.search(links.html or links.pdf or "")
    return int(pinned[1]) if pinned else 0


def _joined(one: Signal, other: Signal) -> Signal:
    """What one source says twice: first day, most votes, and the kind of announcement that says most."""
    votes = [signal.upvotes for signal in (one, other) if signal.upvotes is not None]
    return Signal(
        day=min(one.day, other.day),
        announced_as=min(one.announced_as, other.announced_as, key=KINDS.index),
        upvotes=max(votes, default=None),
    )


def _least(*values: str | None) -> str | None:
    return min((value for value in values if value), default=None)
