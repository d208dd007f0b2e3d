"""Decide which papers another pass could move: those near the threshold, or near the last place of picks or shortlist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.fair_share import fair_share
from pipeline.core.models import Paper, Signal


@dataclass(frozen=True)
class Standing:
    """A paper after its passes so far. `margin` and `reach` are in points of the score.

    `margin`: how far it lies above the threshold, negative below it. `reach`: how far another pass may move it.
    """

    paper: Paper
    score: int
    rank: int
    margin: float
    reach: float

    @property
    def signals(self) -> Mapping[str, Signal]:
        """The paper's entries in the sources, by which places are shared."""
        return self.paper.signals


def open_papers(standings: Collection[Standing], *, threshold: int, places: Sequence[int]) -> list[Paper]:
    """Return the papers whose place is open, best first.

    A place is open as long as the threshold, or a paper on the other side of the last of so many `places`, lies within
    reach. Where nobody stands on the other side, nothing can change.
    """
    ranked = sorted(standings, key=lambda one: (-one.score, one.rank))
    near_threshold = [one for one in ranked if abs(one.margin) <= one.reach]
    found = {one.paper.id for one in near_threshold}
    good = [one for one in ranked if one.score >= threshold]
    contenders = [one for one in ranked if one.score >= threshold or one.paper.id in found]
    for count in places:
        placed = {one.paper.id for one in fair_share(good, count)}
        inside = [one for one in contenders if one.paper.id in placed]
        outside = [one for one in contenders if one.paper.id not in placed]
        found |= {one.paper.id for one in inside if _within_reach(one, outside)}
        found |= {one.paper.id for one in outside if _within_reach(one, inside)}
    return [one.paper for one in ranked if one.paper.id in found]


def _within_reach(one: Standing, others: Collection[Standing]) -> bool:
    return any(abs(one.score - other.score) <= one.reach for other in others)
