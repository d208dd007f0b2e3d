"""How often papers of each score were wanted."""

from __future__ import annotations

from typing import Literal

from pipeline.archive.votes_summary import Band, line, of_votes
from pipeline.core.votes import Vote
from pipeline.report import i18n
from tests.builders import DAY


def vote(number: int, verdict: Literal["more", "less"]) -> Vote:
    return Vote(date=DAY, paper=f"p{number}", verdict=verdict, issue=number)


def test_votes_are_counted_by_score() -> None:
    """Both ends of a band belong to it; a paper without a score, and one of no report, are left out."""
    scores = {"p1": 100, "p2": 90, "p3": 89, "p4": 75, "p5": 74, "p6": 59, "p7": None, "p9": 95}
    votes = [vote(n, "more" if n in {1, 3, 4, 7} else "less") for n in range(1, 9)]
    assert of_votes(votes, scores) == (
        Band(90, 100, 2, 1),
        Band(75, 89, 2, 2),
        Band(60, 74, 1, 0),
        Band(0, 59, 1, 0),
    )
    assert of_votes(votes[4:5], scores) == (Band(60, 74, 1, 0),)
    assert of_votes([], scores) == ()


def test_the_line_stands_from_thirty_votes_on() -> None:
    t = i18n.load("en")
    found = [Band(90, 100, 12, 10), Band(60, 74, 17, 5)]
    assert line(t, found) == ""
    assert line(t, [*found, Band(0, 59, 1, 0)]) == (
        "30 votes. More wanted, by score: 90-100: 10 of 12 · 60-74: 5 of 17 · 0-59: 0 of 1"
    )
    for language in i18n.LANGUAGES:
        shown = line(i18n.load(language), [*found, Band(0, 59, 1, 0)])
        assert all(figure in shown for figure in ("30", "90-100", "12", "10", "17"))
