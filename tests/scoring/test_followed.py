"""Which papers are of followed authors, and when it is said that this is uncertain."""

from __future__ import annotations

import pytest

from pipeline.core.models import Followed
from pipeline.scoring.followed import MAX_FOLLOWED, find_followed
from tests.builders import paper


def found(names: list[str], *authors: list[str]) -> list[list[tuple[str, str]]]:
    papers = [paper(f"p{n}", authors=tuple(listed)) for n, listed in enumerate(authors)]
    followed = find_followed(papers, names)
    return [[(one.name, one.perhaps) for one in followed.get(p.id, ())] for p in papers]


def test_the_name_is_given_as_the_profile_writes_it() -> None:
    assert found(["Smith, Jane"], ["A. Author", "Jane Smith"], ["Jane Smyth"]) == [[("Smith, Jane", "")], []]


def test_initials_are_uncertain_and_make_no_full_name_uncertain() -> None:
    assert found(["Jane Smith"], ["J. Smith"], ["Jane Smith", "J. Smith"]) == [
        [("Jane Smith", "J. Smith")],
        [("Jane Smith", "")],
    ]


@pytest.mark.parametrize(
    "authors",
    [
        [["Jane A. Smith"], ["Jane B. Smith"]],
        [["Jane Smith"], ["Jane A. Smith"]],
        [["Jane Smith", "Someone Else", "Jane Smith"]],
    ],
)
def test_what_may_be_several_people_is_uncertain(authors: list[list[str]]) -> None:
    assert found(["Jane Smith"], *authors) == [[("Jane Smith", listed[0])] for listed in authors]


def test_the_same_name_on_two_papers_in_two_orders_is_certain() -> None:
    assert found(["Xiaoming Wang"], ["Wang, Xiao-Ming"], ["Xiaoming Wang"]) == [[("Xiaoming Wang", "")]] * 2


def test_of_many_names_the_certain_ones_are_listed_first() -> None:
    names = [f"Jane{'abcdefghijklmnop'[n]} Smith" for n in range(12)]
    followed = find_followed([paper("p", authors=("J. Smith", names[-1]))], names)["p"]
    assert followed[:2] == (Followed(name=names[-1]), Followed(name=names[0], perhaps="J. Smith"))
    assert len(followed) == MAX_FOLLOWED
