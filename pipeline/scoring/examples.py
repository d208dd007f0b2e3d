"""Voted papers as examples in the prompt that marks papers: which ones, and how they stand in it."""

from collections.abc import Sequence

from pipeline.core.artifacts import Voted
from pipeline.llm.prompts import fence, one_line
from pipeline.scoring.injection import addresses_a_model

MAX_EXAMPLES = 8
SURPRISING = 4  # of them are the votes that the scores foresaw least; the others are the newest
UNSCORED = 50  # a paper that no model has scored surprises as little or as much either way
HEADINGS = {"more": "More like these:", "less": "Less like these:"}


def choose_examples(voted: Sequence[Voted]) -> tuple[Voted, ...]:
    """Return at most `MAX_EXAMPLES` of the votes, which come oldest first, and in that order.

    Surprising is a wanted paper with a low score, or an unwanted one with a high score; of equal ones the newer counts. A
    title that addresses a model is no example, nor is one whose abstract does.
    """
    fit = [
        one
        for one in voted
        if not addresses_a_model(one.paper.title) and not addresses_a_model(one.paper.abstract)
    ]
    newest_first = range(len(fit) - 1, -1, -1)
    surprising = sorted(newest_first, key=lambda place: -_surprise(fit[place]))[:SURPRISING]
    newest = [place for place in newest_first if place not in surprising]
    return tuple(fit[place] for place in sorted([*surprising, *newest][:MAX_EXAMPLES]))


def examples_block(examples: Sequence[Voted], *, other_text: str) -> str:
    """Format the titles of examples for a prompt by verdict, each fenced; an empty string without any.

    `other_text` is the rest of the prompt. An example has no id, so that no answer can mark it.
    """
    titles = {one.paper.id: f"Title: {one_line(one.paper.title)}" for one in examples}
    text = "\n".join([other_text, *titles.values()])
    parts = []
    for verdict, heading in HEADINGS.items():
        blocks = [
            fence(None, [titles[one.paper.id]], other_text=text) for one in examples if one.verdict == verdict
        ]
        parts += [heading, *blocks] if blocks else []
    return "\n".join(parts)


def _surprise(voted: Voted) -> int:
    score = UNSCORED if voted.score is None else voted.score
    return 100 - score if voted.verdict == "more" else score
