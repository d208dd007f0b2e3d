"""Which papers are marked again: those whose place among picks, shortlist or above the threshold could change."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.models import Signal
from pipeline.scoring.open_places import Standing, open_papers
from tests.builders import DAY, paper

EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "100"))
THRESHOLD = 60


def standings(scores: Sequence[int], *, reach: float = 7.0) -> list[Standing]:
    """Papers `0`, `1`, … with these scores, whose topics pass the gate with ease."""
    return [
        Standing(paper=paper(str(n)), score=one, rank=n, margin=one - THRESHOLD, reach=reach)
        for n, one in enumerate(scores)
    ]


def found(given: Sequence[Standing], *places: int) -> list[str]:
    return [one.id for one in open_papers(given, threshold=THRESHOLD, places=places)]


@pytest.mark.parametrize(
    ("scores", "places", "expected"),
    [
        ([], (2, 7), []),
        ([100, 90, 80, 30], (2, 7), []),  # 10 points between the last pick and the next, nobody near 60
        ([100, 90, 83, 30], (2, 7), ["1", "2"]),
        ([100, 90, 82, 30], (2, 7), []),
        ([67, 53, 68, 52], (7, 7), ["0", "1"]),  # the threshold is always open, whoever else there is
        ([100, 99, 98], (3, 8), []),  # all fit in, so nobody stands on the other side
        ([100, 100, 100], (2, 3), ["0", "1", "2"]),  # equal papers compete for the last place
        ([98, 98, 99, 100, 98, 30], (2, 5), ["3", "2", "0", "1", "4"]),
        ([100, 98, 80, 70], (0, 0), []),  # no place to take
        (
            [100, 98, 80, 79, 70],
            (1, 3),
            ["0", "1", "2", "3"],
        ),  # the last place of the shortlist counts as well
    ],
)
def test_open_is_what_lies_near_a_line(
    scores: list[int], places: tuple[int, int], expected: list[str]
) -> None:
    assert found(standings(scores), *places) == expected


def test_a_paper_held_back_by_its_topic_threatens_nobody_while_it_cannot_pass_the_gate() -> None:
    """It would have 63 points, and is held at 59; a topic of 1 is 18 points from the gate, so a pick of 66 is certain."""
    held = Standing(paper=paper("held"), score=59, rank=9, margin=-18.0, reach=7.0)
    sure = Standing(paper=paper("sure"), score=68, rank=1, margin=8.0, reach=10.0)
    assert found([held, sure], 1, 6) == ["sure"], "it is near the threshold"
    assert found([held, Standing(paper("sure"), 66, 1, 8.0, 7.0)], 1, 6) == []


def test_places_are_shared_by_source_as_picks_are() -> None:
    """Of two picks one is the feed's: its own papers compete for that place, and arXiv's for the other."""
    posts = [
        Standing(paper(f"f{n}", signals={"blog.example.org/feed": Signal(day=DAY)}), one, n, one - 60, 3.0)
        for n, one in enumerate([99, 98, 80])
    ]
    others = [Standing(paper(f"a{n}"), one, n, one - 60, 3.0) for n, one in enumerate([88, 87, 70])]
    assert found([*posts, *others], 2, 6) == ["f0", "f1", "a0", "a1"]


@settings(max_examples=EXAMPLES)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 14)), max_size=12),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_open_means_that_a_move_within_reach_changes_the_place(
    drawn: list[tuple[int, int]], picks: int, shortlist: int
) -> None:
    """The definition from the other end: move one paper by its reach, and see whether it gets another place.

    Reaches end in .5, so that no paper meets another's score, where ranks would decide.
    """
    given_ = [
        Standing(paper(str(n)), score, n, score - THRESHOLD, reach + 0.5)
        for n, (score, reach) in enumerate(drawn)
    ]

    def place(key: int, moved: float) -> str:
        scores = {n: score + moved * (n == key) for n, (score, _) in enumerate(drawn)}
        good = sorted((n for n in scores if scores[n] >= THRESHOLD), key=lambda n: (-scores[n], n))
        if key not in good:
            return "below"
        at = good.index(key)
        return "pick" if at < picks else "shortlist" if at < picks + shortlist else "behind"

    expected = {
        str(n)
        for n, (_, reach) in enumerate(drawn)
        if len({place(n, move) for move in (-reach - 0.5, 0, reach + 0.5)}) > 1
    }
    assert set(found(given_, picks, picks + shortlist)) == expected
