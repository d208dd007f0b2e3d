"""How a model reads one paper: claims by the declared sections, and one chance to repair those that failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, create_model

from pipeline.core.models import Analysis, Claim, Paper, Section, Sentence, Spent, Text
from pipeline.llm.interface import Answer, Model, NoAnswer, Question
from pipeline.llm.prompts import DeclaredSection, Prompt, fence, one_line, sections_block, text_block

MOST_CLAIMS = 12  # of a section


class StatedClaim(BaseModel):
    """A claim as the model gives it."""

    text: str
    terms: list[str]
    evidence: list[int]
    kind: Literal["stated", "inference"]


# This name and the two sentences below stand in the schema of the answer: a model reads them.
class MendedClaim(StatedClaim):
    """A claim given again, under the number it failed by."""

    number: int


class Repaired(BaseModel):
    """The answer to a repair."""

    claims: list[MendedClaim]


@dataclass(frozen=True)
class Failed:
    """A claim that did not hold: where it stood, why, and the sentences that may carry another one."""

    section: str
    claim: Claim
    reason: str
    sentences: tuple[Sentence, ...]


def answer_type(sections: Sequence[DeclaredSection]) -> type[BaseModel]:
    """The type of an analysis with exactly these sections; every field required."""
    fields: dict[str, Any] = {"headline": (str, ...), "hook": (str, ...)}
    fields |= {section.id: (list[StatedClaim], ...) for section in sections}
    made: type[BaseModel] = create_model("Reading", **fields)
    return made


def claims_question(
    paper: Paper, text: Text, prompt: Prompt, *, profile: str, language: str
) -> Question[BaseModel]:
    """The one call that reads a paper."""
    system, user = prompt.render(
        profile=profile,
        language=language,
        sections=sections_block(prompt.sections),
        paper=text_block(paper, text),
    )
    return Question(
        stage="analyze", about=paper.id, system=system, user=user, answer=answer_type(prompt.sections)
    )


def claimed_analysis(value: BaseModel, sections: Sequence[DeclaredSection], language: str) -> Analysis:
    """The model's answer as values: lines folded, no endless lists, inferences named as such."""
    raw = value.model_dump()
    return Analysis(
        headline=one_line(str(raw["headline"])),
        hook=one_line(str(raw["hook"])),
        sections=tuple(
            Section(
                id=section.id,
                title=section.title_in(language),
                kind=section.kind,
                claims=tuple(_claim(claim, section.kind) for claim in raw[section.id][:MOST_CLAIMS]),
            )
            for section in sections
        ),
    )


def count_left_out(value: BaseModel, sections: Sequence[DeclaredSection]) -> int:
    """How many claims of the answer were too many for their section."""
    raw = value.model_dump()
    return sum(max(0, len(raw[section.id]) - MOST_CLAIMS) for section in sections)


def _claim(raw: Mapping[str, Any], kind: str) -> Claim:
    return Claim(
        text=one_line(raw["text"]),
        terms=tuple(one_line(term) for term in raw["terms"]),
        kind="inference" if kind == "inference" else raw["kind"],
        evidence=tuple(dict.fromkeys(raw["evidence"])),
    )


async def repair_claims(
    model: Model, paper: Paper, prompt: Prompt, failed: Sequence[Failed], *, language: str
) -> tuple[dict[int, Claim], Spent]:
    """One call for the claims that failed; those that came back, by their place in `failed`, and the cost."""
    claims = "\n".join(
        f"{number}. ({one.section}, {one.claim.kind}) {one.claim.text}\n   why: {one.reason}"
        for number, one in enumerate(failed, start=1)
    )
    sentences = {sentence.id: sentence for one in failed for sentence in one.sentences}
    block = fence(paper.id, (f"[{key}] {one_line(sentences[key].text)}" for key in sorted(sentences)))
    system, user = prompt.render(language=language, claims=fence(paper.id, [claims]), sentences=block)
    answer: Answer[Repaired] | NoAnswer = await model.ask(
        Question(stage="analyze", about=f"{paper.id} (repair)", system=system, user=user, answer=Repaired)
    )
    if isinstance(answer, NoAnswer):
        return {}, answer.spent
    return _by_place(answer.value.claims, len(failed), failed), answer.spent


def _by_place(claims: Iterable[MendedClaim], count: int, failed: Sequence[Failed]) -> dict[int, Claim]:
    """Repaired claims by place; a number that was not asked for, or comes twice, counts once or not at all."""
    repaired: dict[int, Claim] = {}
    for claim in claims:
        place = claim.number - 1
        if 0 <= place < count and place not in repaired:
            # A claim stays what it was: an inference is not made a statement by giving it again.
            kind = "inference" if failed[place].claim.kind == "inference" else claim.kind
            repaired[place] = _claim({**claim.model_dump(), "kind": kind}, kind)
    return repaired
