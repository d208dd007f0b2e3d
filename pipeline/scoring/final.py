"""Compare the papers that contend for the last picks with each other, in one call.

Marks are absolute, and those of two readers lie some points apart: they cannot tell which of two near papers is the
better one. A comparison can (docs/scoring.md has the figures). It changes no score.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pydantic import BaseModel

from pipeline.core.models import Paper, Spent
from pipeline.llm.interface import Model, NoAnswer, Question
from pipeline.llm.prompts import Prompt, asked_id, id_errors, papers_block

log = logging.getLogger(__name__)
MOST = 12  # papers in one comparison; in longer lists a model overlooks the middle


# The docstring and the name of the type are in the JSON schema that is sent to the model.
class Order(BaseModel):
    """All ids, best first."""

    order: list[str]


@dataclass(frozen=True)
class Comparison:
    """The place of each compared paper by id, 1 for the best; empty if nothing was compared."""

    places: Mapping[str, int]
    spent: Spent


NOT_NEEDED = Comparison({}, Spent())


def contenders(
    ranked: Sequence[Paper], scores: Mapping[str, int], inside: Collection[str], *, within: float
) -> list[Paper]:
    """Return the papers among which the last picks are open: those `within` points of one on the other side.

    `ranked` are the papers that may be picked, best first; `inside` are the ids of those whose scores make them picks.
    Of more than `MOST`, those nearest to the last place. Where nobody stands on the other side, nothing is open.
    """
    picks = [paper for paper in ranked if paper.id in inside]
    others = [paper for paper in ranked if paper.id not in inside]

    def near(paper: Paper, opponents: Sequence[Paper]) -> bool:
        return any(abs(scores[paper.id] - scores[one.id]) <= within for one in opponents)

    defending = [paper for paper in picks if near(paper, others)][-(MOST // 2) :]
    challenging = [paper for paper in others if near(paper, picks)]
    return [*defending, *challenging[: MOST - len(defending)]]


def reordered(ranked: Sequence[Paper], places: Mapping[str, int]) -> list[Paper]:
    """Return the papers with the compared ones among the positions that they hold together, in the comparison's order."""
    compared = iter(sorted((p for p in ranked if p.id in places), key=lambda paper: places[paper.id]))
    return [next(compared) if paper.id in places else paper for paper in ranked]


async def compare(
    papers: Sequence[Paper], *, model: Model, prompt: Prompt, profile: str, seed: str
) -> Comparison:
    """Have the papers put in order; without an answer there are no places, and the scores decide.

    They are shown in an order that follows from seed and ids alone. Raises CredentialsError.
    """
    if len(papers) < 2:
        return NOT_NEEDED
    shown = sorted(papers, key=lambda paper: sha256(f"{seed}/final/{paper.id}".encode()).digest())
    ids = [paper.id for paper in shown]
    system, user = prompt.render(profile=profile, papers=papers_block(shown))
    answer = await model.ask(
        Question(
            "score",
            f"comparison of {len(ids)}",
            system,
            user,
            answer=Order,
            check=lambda given: id_errors(given.order, ids, "place"),
        )
    )
    if isinstance(answer, NoAnswer):
        log.warning("the last places go by score alone: %s", answer.reason)
        return Comparison({}, answer.spent)
    order = [asked_id(key, ids) for key in answer.value.order]
    return Comparison({key: place for place, key in enumerate(order, start=1)}, answer.spent)
