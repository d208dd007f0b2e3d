from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scoring.metrics import average_precision, bootstrap, concordance, inversions, ndcg, recall_at

grades = st.lists(st.integers(0, 3), max_size=30)
hits = st.lists(st.booleans(), max_size=30)


def test_ndcg_worked_out_by_hand():
    # gains 7, 0, 1 at log2 of 2, 3, 4: 7 + 0 + 1/2 = 7.5; ideal 7 + 1/log2(3) = 7.63093
    assert ndcg([3, 0, 1], 10) == pytest.approx(7.5 / 7.63093, abs=1e-5)
    # the second paper stands past k, but belongs to the ideal all the same: (1/1) / (7/1)
    assert ndcg([1, 3], 1) == pytest.approx(1 / 7)


def test_a_day_without_a_relevant_paper_has_no_value():
    assert ndcg([0, 0], 10) is None
    assert ndcg([], 10) is None
    assert recall_at([False], 10) is None
    assert average_precision([]) is None


def test_concordance_worked_out_by_hand():
    # 90 beats 80 and 60; 80 ties with 80 and beats 60: 3.5 of 4
    assert concordance([90, 80], [80, 60]) == pytest.approx(3.5 / 4)
    assert concordance([], [1]) is None
    assert concordance([1], []) is None


@given(grades, st.integers(1, 12))
def test_the_best_order_is_1_and_no_order_is_better(order: list[int], k: int):
    value, best = ndcg(order, k), ndcg(sorted(order, reverse=True), k)
    if not any(order):
        assert value is None
        assert best is None
        return
    assert value is not None
    assert best is not None
    assert best == pytest.approx(1)
    assert 0 <= value <= best + 1e-12
    as_good = sorted(order, reverse=True)[:k] == order[:k]
    assert (value == pytest.approx(best)) == as_good


@given(grades.filter(any), st.data())
def test_lifting_the_better_of_two_papers_never_lowers_ndcg(order: list[int], data: st.DataObject):
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(order) - 1)] * 2)))
    better = list(order)
    if better[high] > better[low]:
        better[low], better[high] = better[high], better[low]
    before, after = ndcg(order, 10), ndcg(better, 10)
    assert before is not None
    assert after is not None
    assert after >= before - 1e-12


def test_recall_and_average_precision_by_hand():
    order = [True, False, True, False, False, True]
    assert recall_at(order, 1) == pytest.approx(1 / 3)
    assert recall_at(order, 3) == pytest.approx(2 / 3)
    assert recall_at(order, 99) == 1
    assert average_precision(order) == pytest.approx((1 / 1 + 2 / 3 + 3 / 6) / 3)


@given(hits.filter(any), st.integers(1, 30))
def test_recall_grows_with_k(order: list[bool], k: int):
    small, large = recall_at(order, k), recall_at(order, k + 1)
    assert small is not None
    assert large is not None
    assert 0 <= small <= large <= 1


@given(hits.filter(any))
def test_average_precision_is_1_only_when_all_relevant_papers_come_first(order: list[bool]):
    value = average_precision(order)
    assert value is not None
    assert 0 < value <= 1
    assert (value == pytest.approx(1)) == (order == sorted(order, reverse=True))


def test_inversions_near_the_threshold_by_hand():
    marked = [(3, 58.0), (0, 62.0), (2, 60.0), (2, 59.0), (3, 20.0), (0, 99.0)]
    # near 60: above are (0, 62) and (2, 60), below are (3, 58) and (2, 59).
    # (0, 3), (0, 2) and (2, 3) are wrong; (2, 2) is not.
    assert inversions(marked, threshold=60, within=15) == 3
    # all: (0, 99) comes in above and (3, 20) below. Each of the two 0s is wrong with 3, 2 and 3; the 2 with both 3s.
    assert inversions(marked, threshold=60, within=100) == 8
    assert inversions([(3, 70.0), (0, 50.0)], threshold=60) == 0
    assert inversions([], threshold=60) == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), max_size=20), st.integers(1, 100))
def test_scores_that_follow_the_grades_have_no_inversion(rows: list[tuple[int, int]], threshold: int):
    ordered = [(grade, 25.0 * grade + 1) for grade, _ in rows]
    assert inversions(ordered, threshold=threshold, within=math.inf) == 0
    found = inversions(
        [(grade, float(points)) for grade, points in rows], threshold=threshold, within=math.inf
    )
    assert 0 <= found <= len(rows) ** 2 / 4


def test_an_interval_is_as_wide_as_the_binomial_distribution_says():
    """Half of 400 papers: the standard error of their share is 0.5 / 20, and 95 % are 1.96 of it to each side."""
    found = bootstrap([[0, 1] * 200], statistics.fmean)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.01)


def test_days_that_differ_make_an_interval_wide_however_many_papers_they_have():
    """Two days of 0 and two of 1: all four draws are 0 with a chance of 1/16, which is more than 2.5 %."""
    days = [[0] * 1000, [0] * 1000, [1] * 1000, [1] * 1000]
    assert bootstrap(days, statistics.fmean) == (0, 1)


def test_papers_keep_their_order_and_days_without_a_value_do_not_count():
    assert bootstrap(
        [[3, 2, 1], []], lambda day: float(day == sorted(day, reverse=True)) if day else None
    ) == (1, 1)
    assert bootstrap([[], []], lambda _: None) is None
    assert bootstrap([], lambda _: 1.0) is None
