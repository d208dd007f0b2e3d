"""Which papers are compared for the last places, and what a comparison changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import Paper, Spent
from pipeline.llm.interface import NoAnswer
from pipeline.llm.prompts import load_prompt
from pipeline.scoring.final import MOST, Comparison, compare, contenders, reordered
from tests.builders import Scripted, paper
from tests.scoring.test_llm_scorer import ids_in, papers


def contending(scores: Sequence[int], places: int) -> list[str]:
    """The contenders among papers `0`, `1`, … with these scores, best first, for so many places."""
    ranked = [paper(str(n)) for n in range(len(scores))]
    by_id = {one.id: score for one, score in zip(ranked, scores, strict=True)}
    inside = {one.id for one in ranked[:places]}
    return [one.id for one in contenders(ranked, by_id, inside, within=7)]


@pytest.mark.parametrize(
    ("scores", "places", "expected"),
    [
        ([], 2, []),
        ([100, 90, 82], 2, []),  # eight points between the last pick and the next
        ([100, 90, 83], 2, ["1", "2"]),
        ([100, 99, 98], 3, []),  # all have a place: nobody stands on the other side
        ([100, 99], 0, []),  # no place to take
        ([84, 84, 84, 84], 2, ["0", "1", "2", "3"]),
        ([95, 88, 85, 84, 80], 2, ["1", "2", "3"]),
    ],
)
def test_contenders_stand_near_one_on_the_other_side(
    scores: list[int], places: int, expected: list[str]
) -> None:
    assert contending(scores, places) == expected


def test_of_many_contenders_those_nearest_to_the_last_place_are_compared() -> None:
    assert contending([80] * 30, 20) == [str(n) for n in range(20 - MOST // 2, 20 + MOST // 2)]
    assert contending([80] * 30, 2) == [str(n) for n in range(MOST)]


@given(st.lists(st.integers(0, 9), max_size=10, unique=True), st.integers(0, 10))
def test_a_comparison_moves_the_compared_papers_alone_and_keeps_their_positions(
    compared: list[int], count: int
) -> None:
    ranked = [paper(str(n)) for n in range(count)]
    places = {str(key): place for place, key in enumerate(compared, start=1)}
    found = [one.id for one in reordered(ranked, places)]
    assert sorted(found) == sorted(one.id for one in ranked)
    assert all(found[n] == str(n) for n in range(count) if str(n) not in places)
    moved = [places[key] for key in found if key in places]
    assert moved == sorted(moved)


def compared(answer: object, count: int = 3) -> tuple[Comparison, Scripted]:
    model = Scripted(lambda _: answer)
    prompt = load_prompt(Path("prompts"), "final", "final")
    result = compare(
        papers(count), model=model, prompt=prompt, profile="I restore images.", seed="mine/2026-01-30"
    )
    return asyncio.run(result), model


def test_the_order_of_the_answer_is_the_place_of_each(project: Path) -> None:
    found, model = compared({"order": ["2601.00003", "arXiv:2601.00001v2", "2601.00002"]})
    assert found.places == {"2601.00003": 1, "2601.00001": 2, "2601.00002": 3}
    assert found.spent.calls == 1
    assert "I restore images." in model.asked[0].user


@pytest.mark.parametrize(
    "answer",
    [
        {"order": ["2601.00003", "2601.00001"]},
        {"order": ["2601.00003", "2601.00001", "2601.00001"]},
        {"order": ["2601.00003", "2601.00001", "2601.00002", "2601.00009"]},
        NoAnswer("failed", "HTTP 529", Spent(calls=1)),
    ],
)
def test_without_a_whole_answer_there_are_no_places(project: Path, answer: object) -> None:
    found, _ = compared(answer)
    assert (found.places, found.spent.calls) == ({}, 1)


def test_one_paper_is_compared_with_nothing(project: Path) -> None:
    found, model = compared({"order": []}, count=1)
    assert (found.places, model.asked) == ({}, [])


def test_the_order_shown_depends_on_seed_and_ids_alone(project: Path) -> None:
    """So that neither rank nor score can be read from a paper's place in the list."""

    def shown(day: list[Paper]) -> list[str]:
        model = Scripted(lambda q: {"order": ids_in(q)})
        prompt = load_prompt(Path("prompts"), "final", "final")
        asyncio.run(compare(day, model=model, prompt=prompt, profile="", seed="mine/2026-01-30"))
        return ids_in(model.asked[0])

    assert shown(papers(9)) == shown(papers(9)[::-1])
    assert shown(papers(9)) != [one.id for one in papers(9)]
