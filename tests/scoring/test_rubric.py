from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.settings import Scoring
from pipeline.scoring.rubric import Marks, average, margin, score, spread

DOCUMENT = Path(__file__).parents[2] / "docs" / "scoring.md"
SHIPPED = Scoring()

marks = st.floats(0, 5, allow_nan=False)
wild_marks = st.floats(-50, 50, allow_nan=False)
thresholds = st.integers(1, 100)


@st.composite
def scorings(draw: st.DrawFn) -> Scoring:
    """Any weights that sum to 1, any gates."""
    parts = draw(st.tuples(*[st.integers(0, 1000)] * 3).filter(any))
    topic, transfer = (round(part / sum(parts), 4) for part in parts[:2])
    return Scoring(
        weight_topic=topic,
        weight_transfer=transfer,
        weight_substance=max(0.0, 1 - topic - transfer),
        off_topic_below=draw(marks),
        off_topic_at_most=draw(st.integers(0, 100)),
        neighbor_below=draw(marks),
    )


def table() -> list[tuple[float, float, float, bool, int, int]]:
    """The rows of docs/scoring.md: topic, transfer, substance, excluded, threshold, score."""
    row = re.compile(r"\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (yes|no) \| (\d+) \| \*\*(\d+)\*\* \|")
    found = row.findall(DOCUMENT.read_text(encoding="utf-8"))
    return [
        (float(t), float(f), float(s), e == "yes", int(at), int(points)) for t, f, s, e, at, points in found
    ]


def test_the_document_has_its_table():
    assert len(table()) >= 18


@pytest.mark.parametrize("row", table(), ids=str)
def test_the_scores_of_the_document(row: tuple[float, float, float, bool, int, int]):
    topic, transfer, substance, excluded, threshold, points = row
    given_marks = Marks(topic, transfer, substance)
    assert score(given_marks, excluded=excluded, scoring=SHIPPED, threshold=threshold) == points


@given(wild_marks, wild_marks, wild_marks, st.booleans(), scorings(), thresholds)
def test_a_score_is_a_whole_number_of_0_to_100(
    topic: float, transfer: float, substance: float, excluded: bool, scoring: Scoring, threshold: int
):
    points = score(Marks(topic, transfer, substance), excluded=excluded, scoring=scoring, threshold=threshold)
    assert isinstance(points, int)
    assert 0 <= points <= 100


@given(
    marks, marks, marks, marks, st.sampled_from(["topic", "transfer", "substance"]), scorings(), thresholds
)
def test_a_higher_mark_never_lowers_the_score(
    topic: float,
    transfer: float,
    substance: float,
    other: float,
    which: str,
    scoring: Scoring,
    threshold: int,
):
    values = {"topic": topic, "transfer": transfer, "substance": substance}
    low, high = sorted((values[which], other))
    below, above = (
        score(Marks(**{**values, which: mark}), excluded=False, scoring=scoring, threshold=threshold)
        for mark in (low, high)
    )
    assert below <= above


@given(st.floats(0, 2.5, exclude_max=True), marks, marks, scorings(), thresholds)
def test_no_other_mark_lifts_a_neighboring_topic_to_the_threshold(
    topic: float, transfer: float, substance: float, weights: Scoring, threshold: int
):
    scoring = weights.model_copy(update={"neighbor_below": 2.5})
    assert (
        score(Marks(topic, transfer, substance), excluded=False, scoring=scoring, threshold=threshold)
        < threshold
    )


@given(st.floats(0, 1.5, exclude_max=True), marks, marks, st.booleans(), thresholds)
def test_off_topic_stays_at_35_and_below_the_threshold(
    topic: float, transfer: float, substance: float, excluded: bool, threshold: int
):
    points = score(Marks(topic, transfer, substance), excluded=excluded, scoring=SHIPPED, threshold=threshold)
    assert points <= min(35, threshold - 1)


@given(marks, marks, marks, scorings(), thresholds)
def test_an_excluded_paper_stays_below_whatever_its_marks(
    topic: float, transfer: float, substance: float, scoring: Scoring, threshold: int
):
    points = score(Marks(topic, transfer, substance), excluded=True, scoring=scoring, threshold=threshold)
    assert points <= min(scoring.off_topic_at_most, threshold - 1)


@given(st.integers(5, 10), st.integers(0, 10), st.integers(0, 10))
def test_halves_are_rounded_up_as_on_paper(topic: int, transfer: int, substance: int):
    """Marks in steps of a half; the expected score in exact fractions."""
    exact = Fraction(100, 5) * (
        Fraction(60, 100) * Fraction(topic, 2)
        + Fraction(25, 100) * Fraction(transfer, 2)
        + Fraction(15, 100) * Fraction(substance, 2)
    )
    given_marks = Marks(topic / 2, transfer / 2, substance / 2)
    assert score(given_marks, excluded=False, scoring=SHIPPED, threshold=1) == math.floor(
        exact + Fraction(1, 2)
    )


def test_a_gate_opens_exactly_at_its_mark():
    def points(topic: float) -> int:
        return score(Marks(topic, 5, 5), excluded=False, scoring=SHIPPED, threshold=60)

    assert [points(topic) for topic in (1.49, 1.5, 2.49, 2.5)] == [35, 58, 59, 70]


@pytest.mark.parametrize(
    ("topic", "transfer", "substance", "points"),
    [
        (5, 3, 3, 24),  # a score of 84; the topic is 30 points above the gate
        (4, 1, 2, -1),  # a score of 59
        (3, 5, 5, 6),  # 76, but half a mark of topic above the gate
        (3, 3, 3, 0),
        (2, 5, 5, -6),  # 64 without the gate, and half a mark of topic below it
        (2, 3, 3, -12),  # 48
        (1, 5, 5, -18),  # 52, and one and a half marks below the gate
    ],
)
def test_the_margin_is_the_distance_to_the_threshold_and_to_the_gate(
    topic: int, transfer: int, substance: int, points: int
) -> None:
    """A mark of topic is worth 12 points, and the gate stands at 2.5."""
    assert margin(Marks(topic, transfer, substance), scoring=SHIPPED, threshold=60) == points


@given(marks, marks, marks, thresholds)
def test_who_has_a_margin_has_reached_the_threshold(
    topic: float, transfer: float, substance: float, threshold: int
) -> None:
    given_marks = Marks(topic, transfer, substance)
    reached = score(given_marks, excluded=False, scoring=SHIPPED, threshold=threshold) >= threshold
    assert (margin(given_marks, scoring=SHIPPED, threshold=threshold) >= 0) == reached


def test_marks_are_brought_into_range():
    assert Marks.of(9, -3, 2.5) == Marks(5, 0, 2.5)
    assert Marks.of(math.nan, math.inf, -math.inf) == Marks(0, 5, 0)
    assert score(Marks(math.nan, 5, 5), excluded=False, scoring=SHIPPED, threshold=60) == 35
    assert score(Marks(9, 9, 9), excluded=False, scoring=SHIPPED, threshold=60) == 100


def test_passes_are_averaged_mark_by_mark():
    three = [Marks(5, 3, 1), Marks(4, 3, 2), Marks(3, 0, 3)]
    assert average(three) == Marks(4, 2, 2)
    assert average(three[:1]) == three[0]


def test_the_gate_looks_at_the_average_and_not_at_one_pass():
    once_too_low = average([Marks(2, 5, 5), Marks(3, 5, 5), Marks(3, 5, 5)])
    assert score(once_too_low, excluded=False, scoring=SHIPPED, threshold=60) == 72  # 12 · 8/3 + 25 + 15
    mostly_too_low = average([Marks(2, 5, 5), Marks(2, 5, 5), Marks(3, 5, 5)])
    assert score(mostly_too_low, excluded=False, scoring=SHIPPED, threshold=60) == 59


def test_spread_is_the_standard_deviation_over_the_passes():
    assert spread([60, 66, 72]) == 6.0  # deviations -6, 0, 6: sqrt(72 / 2)
    assert spread([70, 71]) == 0.7  # sqrt(0.5)
    assert spread([70, 70, 70]) == 0.0
    assert spread([70]) is None
    assert spread([]) is None
