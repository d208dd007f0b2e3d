"""The score is arithmetic: three marks of 0-5, weights and gates in, a whole number of 0-100 out.

A model gives marks; it never gives a score. docs/scoring.md shows what comes of which marks.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config.settings import Scoring

HIGHEST = 5.0


@dataclass(frozen=True)
class Marks:
    """A paper's marks, 0-5 each: whole in one pass, fractions once averaged."""

    topic: float
    transfer: float
    substance: float

    @classmethod
    def of(cls, topic: float, transfer: float, substance: float) -> Marks:
        """Marks as a model gave them, brought into 0-5."""
        return cls(_clamped(topic), _clamped(transfer), _clamped(substance))


def score(marks: Marks, *, excluded: bool, scoring: Scoring, threshold: int) -> int:
    """100 · Σ weight · mark / 5, rounded half up, behind two gates that no other mark can lift.

    A topic below `off_topic_below`, or a paper that the profile excludes: at most `off_topic_at_most`,
    and below the threshold. A topic below `neighbor_below`: below the threshold. Thresholds are 1-100.
    """
    topic = _clamped(marks.topic)
    weighted = (
        scoring.weight_topic * topic
        + scoring.weight_transfer * _clamped(marks.transfer)
        + scoring.weight_substance * _clamped(marks.substance)
    )
    # Rounded finely first: marks of 0, 0, 1.5 give 4.499999999999999, which has to become 5 and not 4.
    points = math.floor(round(100 * weighted / HIGHEST, 6) + 0.5)
    if excluded or topic < scoring.off_topic_below:
        return min(points, scoring.off_topic_at_most, threshold - 1)
    if topic < scoring.neighbor_below:
        return min(points, threshold - 1)
    return points


def average(passes: Sequence[Marks]) -> Marks:
    """The mean of each mark over the passes, of which there is at least one."""
    return Marks(
        topic=statistics.fmean(marks.topic for marks in passes),
        transfer=statistics.fmean(marks.transfer for marks in passes),
        substance=statistics.fmean(marks.substance for marks in passes),
    )


def spread(scores: Sequence[int]) -> float | None:
    """The standard deviation (n - 1) of one paper's scores over the passes; None after a single pass.

    It estimates how far one more pass would be off; with three passes it is a rough estimate.
    """
    return round(statistics.stdev(scores), 1) if len(scores) > 1 else None


def _clamped(mark: float) -> float:
    """Into 0-5; what is not a number counts as 0."""
    return min(HIGHEST, max(0.0, mark))
