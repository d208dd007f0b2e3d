"""Ranking metrics against graded papers. Grade 0 is irrelevant; higher grades are more relevant."""

import math
import random
import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")
RESAMPLES = 1000


class Interval(NamedTuple):
    """A 95 % interval, both ends included."""

    low: float
    high: float


def ndcg(relevances: Sequence[int], k: int = 10) -> float | None:
    """Compute nDCG@k from the grades of all papers in ranked order.

    Gain 2^r - 1, discount log2(rank + 1) (Burges et al., ICML 2005); the ideal ranking is taken over all
    papers, not over the first k. None if no paper is relevant.
    """
    ideal = _gain(sorted(relevances, reverse=True)[:k])
    return _gain(relevances[:k]) / ideal if ideal else None


def recall_at(relevant: Sequence[bool], k: int) -> float | None:
    """Compute the share of the relevant papers among the first k; None if no paper is relevant."""
    total = sum(relevant)
    return sum(relevant[:k]) / total if total else None


def average_precision(relevant: Sequence[bool]) -> float | None:
    """Compute the mean of the precision at each relevant paper; None if no paper is relevant."""
    ranks = [rank for rank, is_relevant in enumerate(relevant, start=1) if is_relevant]
    return math.fsum(n / rank for n, rank in enumerate(ranks, 1)) / len(ranks) if ranks else None


def concordance(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """Compute the share of pairs of both in which the one of `higher` is greater; equal ones count half. None without pairs."""
    wins = [(a > b) + (a == b) / 2 for a in higher for b in lower]
    return statistics.fmean(wins) if wins else None


def inversions(marked: Sequence[tuple[int, float]], *, threshold: float, within: float = 15.0) -> int:
    """Count the pairs that the threshold separates wrongly, among papers at most `within` points from it.

    `marked` contains (grade, score) of each paper. A wrong pair is a paper at or above the threshold and one
    with a higher grade below it: the reader gets the first and misses the second.
    """
    near = [(grade, score) for grade, score in marked if abs(score - threshold) <= within]
    above = [grade for grade, score in near if score >= threshold]
    below = [grade for grade, score in near if score < threshold]
    return sum(upper < lower for upper in above for lower in below)


def bootstrap(days: Sequence[Sequence[T]], measure: Callable[[Sequence[T]], float | None]) -> Interval | None:
    """Compute the interval of the mean of a measure over days by resampling; None if no day has a value.

    Days are drawn with replacement, and the papers of each day too (Efron & Tibshirani 1993, percentile method): the
    interval holds for other days and other papers of the same kind. Papers keep their order. The same input gives
    the same interval.
    """
    draw = random.Random(0)  # noqa: S311 - a sample, not a secret
    means = []
    for _ in range(RESAMPLES if days else 0):
        values = [measure(_resample(draw, day)) for day in draw.choices(days, k=len(days))]
        known = [value for value in values if value is not None]
        if known:
            means.append(statistics.fmean(known))
    if not means:
        return None
    means.sort()
    cut = round(0.025 * len(means))
    return Interval(means[cut], means[-1 - cut])


def _resample(draw: random.Random, items: Sequence[T]) -> list[T]:
    return [items[n] for n in sorted(draw.choices(range(len(items)), k=len(items)))] if items else []


def _gain(relevances: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(relevances, 1))
