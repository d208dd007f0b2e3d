"""How good a ranking is, against grades that somebody gave. 0 is irrelevant; the higher, the more relevant."""

from __future__ import annotations

import math
from collections.abc import Sequence


def ndcg(relevances: Sequence[int], k: int = 10) -> float | None:
    """nDCG@k of a whole ranking, given the grade of each paper in ranked order.

    Gain 2^r - 1, discount log2(place + 1) (Burges et al., ICML 2005); the ideal is taken over all papers
    given, not over the first k. None when nothing is relevant: there is no order to be had.
    """
    ideal = _gain(sorted(relevances, reverse=True)[:k])
    return _gain(relevances[:k]) / ideal if ideal else None


def recall_at(relevant: Sequence[bool], k: int) -> float | None:
    """The share of the relevant papers that stand among the first k; None when there are none."""
    total = sum(relevant)
    return sum(relevant[:k]) / total if total else None


def average_precision(relevant: Sequence[bool]) -> float | None:
    """The mean, over the relevant papers, of the precision down to each; None when there are none."""
    places = [place for place, hit in enumerate(relevant, start=1) if hit]
    return math.fsum(n / place for n, place in enumerate(places, 1)) / len(places) if places else None


def inversions(marked: Sequence[tuple[int, float]], *, threshold: float, within: float = 15.0) -> int:
    """How many pairs are wrongly separated among papers whose score is at most `within` points from the threshold.

    `marked` holds (grade, score) of each paper. A pair is one paper at or above the threshold and a better
    one below: what a reader gets, and misses, by where the line was drawn.
    """
    near = [(grade, score) for grade, score in marked if abs(score - threshold) <= within]
    above = [grade for grade, score in near if score >= threshold]
    below = [grade for grade, score in near if score < threshold]
    return sum(upper < lower for upper in above for lower in below)


def _gain(relevances: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(relevances, 1))
