"""Share places among the sources of papers, so that no single feed can take them all.

Standard library, `models` and `source` only: stages, scoring and report use it.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Protocol, TypeVar

from pipeline.core.models import Signal
from pipeline.core.source import ARXIV, TRUSTED_SOURCES

# Trusted lists of arXiv's papers beside arXiv's own: with it, they are one source.
OTHER_LISTS = TRUSTED_SOURCES - {ARXIV.name}


class Listed(Protocol):
    """A paper or a candidate, with its entries in the sources by their names."""

    @property
    def signals(self) -> Mapping[str, Signal]: ...


T = TypeVar("T", bound=Listed)


def source_of(item: Listed) -> str:
    """Return the source that a paper counts for: arXiv if it announced it or a trusted list has it, else its own.

    arXiv's metadata of a paper that a feed alone lists has a signal of arXiv without an announcement: such a paper
    counts for the feed, since a feed may list any number of old papers. Of several feeds the first by name counts.
    """
    announced = ARXIV.name in item.signals and item.signals[ARXIV.name].announced_as is not None
    own = sorted(item.signals.keys() - TRUSTED_SOURCES)
    return ARXIV.name if announced or OTHER_LISTS & item.signals.keys() or not own else own[0]


def fair_share(ranked: Sequence[T], places: int) -> list[T]:
    """Return the at most `places` items that get a place, in their order; with one source these are the first.

    The sources take turns, in the order of their best item. Each gives its next best; one that has none left drops
    out, and the others go on.
    """
    by_source: dict[str, list[int]] = {}  # in the order of the sources' best items
    for index, item in enumerate(ranked):
        by_source.setdefault(source_of(item), []).append(index)
    rounds = zip_longest(*by_source.values())
    turns = [index for one_round in rounds for index in one_round if index is not None]
    return [ranked[index] for index in sorted(turns[: max(0, places)])]
