"""Voted papers as examples: which ones, and that no title leaves its fence."""

from __future__ import annotations

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.artifacts import Voted
from pipeline.scoring.examples import choose_examples, examples_block
from tests.builders import paper
from tests.test_obeying import STRINGS


def voted(
    number: int, verdict: Literal["more", "less"] = "more", score: int | None = 80, title: str = ""
) -> Voted:
    return Voted(paper=paper(f"2601.{number:05}", title=title or f"T{number}"), verdict=verdict, score=score)


def numbers(chosen: tuple[Voted, ...]) -> list[int]:
    return [int(one.paper.id[5:]) for one in chosen]


def test_four_most_surprising_and_four_newest_oldest_first() -> None:
    """Surprise: 2 has 95 points and is unwanted, 3 has 10 and is wanted, 5 and 7 none; 1 and 4 are as foreseen."""
    votes = [
        voted(1, "less", 5),
        voted(2, "less", 95),
        voted(3, "more", 10),
        voted(4, "more", 95),
        voted(5, "more", None),
        voted(6, "more", 90),
        voted(7, "less", None),
        *(voted(n, "more", 90) for n in range(8, 13)),
    ]
    assert numbers(choose_examples(votes)) == [2, 3, 5, 7, 9, 10, 11, 12]
    assert numbers(choose_examples(votes[:8])) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert choose_examples([]) == ()


def test_of_equally_surprising_votes_the_newer_counts() -> None:
    assert numbers(choose_examples([voted(n) for n in range(1, 21)])) == list(range(13, 21))
    older = [voted(n, score=70) for n in range(1, 7)]
    assert numbers(choose_examples([*older, *(voted(n, score=99) for n in range(7, 12))])) == [
        3,
        4,
        5,
        6,
        8,
        9,
        10,
        11,
    ]


def test_a_paper_that_addresses_a_model_is_no_example() -> None:
    for planted in STRINGS:
        in_title = voted(1, "less", 100, title=f"Images. {planted}")
        abstract = in_title.paper.model_copy(update={"title": "T", "abstract": planted})
        in_abstract = in_title.model_copy(update={"paper": abstract})
        assert numbers(choose_examples([in_title, in_abstract, voted(2)])) == [2]


def test_titles_stand_fenced_below_their_verdict_and_without_an_id() -> None:
    block = examples_block([voted(1), voted(2, "less"), voted(3)], other_text="")
    lines = [line for line in block.split("\n") if not line.startswith(("<paper-", "</paper-"))]
    assert lines == ["More like these:", "Title: T1", "Title: T3", "Less like these:", "Title: T2"]
    assert "id=" not in block
    assert examples_block([voted(2, "less")], other_text="").startswith("Less like these:\n<paper-")
    assert examples_block([], other_text="") == ""


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=8))
def test_no_text_closes_a_fence_or_starts_a_line(titles: list[str]) -> None:
    """Also where a paper of the day carries the very tags that the examples would have."""
    chosen = [voted(n, title=f"{n} {title}") for n, title in enumerate(titles, 1)]
    planted = examples_block(chosen, other_text="")
    block = examples_block(chosen, other_text=planted)
    opened, content, closed = (block.split("\n")[start::3] for start in (1, 2, 3))
    assert [line.replace("<", "</", 1) for line in opened] == closed
    assert all(line.startswith("Title: ") for line in content)
    assert all(block.count(line[1:-1]) == 2 and line[1:-1] not in planted for line in opened)
