"""Compute the score, an integer of 0-100, from three marks of 0-5 with weights and gates.

A model gives marks, never a score. docs/scoring.md has a table of marks and the scores that result.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config.settings import Scoring

MAX_MARK = 5.0


@dataclass(frozen=True)
class Marks:
    """A paper's marks, 0-5 each: integers from one pass, fractions after averaging."""

    topic: float
    transfer: float
    substance: float

    @classmethod
    def of(cls, topic: float, transfer: float, substance: float) -> Marks:
        """Build marks from a model's values, clamped to 0-5."""
        return cls(_clamp(topic), _clamp(transfer), _clamp(substance))


def score(marks: Marks, *, excluded: bool, scoring: Scoring, threshold: int) -> int:
    """Compute 100 · Σ weight · mark / 5, rounded half up, and limit it by two gates on the topic.

    With a topic below `off_topic_below`, or if the profile excludes the paper, the score is at most
    `off_topic_at_most` and below the threshold. With a topic below `neighbor_below` it is below the threshold.
    No other mark lifts these limits. Thresholds are 1-100.
    """
    topic, points = _clamp(marks.topic), _points(marks, scoring)
    if excluded or topic < scoring.off_topic_below:
        return min(points, scoring.off_topic_at_most, threshold - 1)
    if topic < scoring.neighbor_below:
        return min(points, threshold - 1)
    return points


def margin(marks: Marks, *, scoring: Scoring, threshold: int) -> float:
    """Compute how far marks lie above the threshold, in points of the score; negative below it.

    The gates on the topic count as well, a mark of topic for the points that it is worth: both have to be passed, so the
    smaller distance is returned.
    """
    gate = max(scoring.off_topic_below, scoring.neighbor_below)
    above_gate = (_clamp(marks.topic) - gate) * 100 * scoring.weight_topic / MAX_MARK
    return min(_points(marks, scoring) - threshold, above_gate)


def _points(marks: Marks, scoring: Scoring) -> int:
    """Compute the weighted sum of the marks in points of 0-100, rounded half up, before any gate."""
    weighted = (
        scoring.weight_topic * _clamp(marks.topic)
        + scoring.weight_transfer * _clamp(marks.transfer)
        + scoring.weight_substance * _clamp(marks.substance)
    )
    # Round to 6 decimals first: marks of 0, 0, 1.5 give 4.499999999999999, which must become 5, not 4.
    return math.floor(round(100 * weighted / MAX_MARK, 6) + 0.5)


def average(passes: Sequence[Marks]) -> Marks:
    """Compute the mean of each mark over the passes; at least one pass is required."""
    return Marks(
        topic=statistics.fmean(marks.topic for marks in passes),
        transfer=statistics.fmean(marks.transfer for marks in passes),
        substance=statistics.fmean(marks.substance for marks in passes),
    )


def spread(scores: Sequence[int]) -> float | None:
    """Compute the standard deviation (n - 1) of one paper's scores over the passes; None for a single pass.

    It estimates how far another pass would deviate; with three passes the estimate is rough.
    """
    return round(statistics.stdev(scores), 1) if len(scores) > 1 else None


def _clamp(mark: float) -> float:
    """Clamp to 0-5; NaN becomes 0."""
    return min(MAX_MARK, max(0.0, mark))
