"""The list of cases: name → how it is played. `quick` ones are part of every test run, all of the matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.workflow.harness import World


@dataclass(frozen=True)
class Case:
    """One story played on the workflow; it raises AssertionError if it does not end as it should."""

    name: str
    play: Callable[[World], None]
    quick: bool


CASES: dict[str, Case] = {}


def case(
    *, quick: bool = False, name: str = ""
) -> Callable[[Callable[[World], None]], Callable[[World], None]]:
    """Add a function to the list."""

    def add(play: Callable[[World], None]) -> Callable[[World], None]:
        title = name or play.__name__.replace("_", " ")
        assert title not in CASES, title
        CASES[title] = Case(title, play, quick)
        return play

    return add
