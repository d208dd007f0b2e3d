"""Ask a model for claims about a paper, in the declared sections, and once to repair the claims that failed a gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, create_model

from pipeline.core.models import Analysis, Claim, Paper, Section, Sentence, Spent, Text
from pipeline.llm.interface import Answer, Model, NoAnswer, Question
from pipeline.llm.prompts import DeclaredSection, Prompt, fence, one_line, sections_block, text_block

MAX_CLAIMS = 12  # per section


# The docstrings of the three answer types, and the names of the first two, are in the JSON schema that is
# sent to the model.
class StatedClaim(BaseModel):
    """A claim as the model gives it."""

    text: str
    terms: list[str]
    evidence: list[int]
    kind: Literal["stated", "inference"]


class MendedClaim(StatedClaim):
    """A claim given again, under the number it failed by."""

    number: int


class Repaired(BaseModel):
    """The answer to a repair."""

    claims: list[MendedClaim]


@dataclass(frozen=True)
class FailedClaim:
    """A claim that failed a gate: its section, the reason, and the sentences that could support a repair."""

    section: str
    claim: Claim
    reason: str
    sentences: tuple[Sentence, ...]


def answer_type(sections: Sequence[DeclaredSection]) -> type[BaseModel]:
    """Build the answer type of an analysis with exactly these sections; every field is required."""
    fields: dict[str, Any] = {section.id: (list[StatedClaim], ...) for section in sections}
    return create_model("Reading", headline=(str, ...), hook=(str, ...), **fields)


def claims_question(
    paper: Paper, text: Text, prompt: Prompt, *, profile: str, language: str
) -> Question[BaseModel]:
    """Build the question that asks a model to read one paper and return claims."""
    system, user = prompt.render(
        profile=profile,
        language=language,
        sections=sections_block(prompt.sections),
        paper=text_block(paper, text),
    )
    return Question(
        stage="analyze", about=paper.id, system=system, user=user, answer=answer_type(prompt.sections)
    )


def analysis_from_answer(answer: BaseModel, sections: Sequence[DeclaredSection], language: str) -> Analysis:
    """Convert a model's answer to an `Analysis`.

    White space is folded, claims beyond MAX_CLAIMS per section are dropped, and every claim of an inference
    section gets the kind `inference`.
    """
    raw = answer.model_dump()
    return Analysis(
        headline=one_line(str(raw["headline"])),
        hook=one_line(str(raw["hook"])),
        sections=tuple(
            Section(
                id=section.id,
                title=section.title_in(language),
                kind=section.kind,
                claims=tuple(_claim(claim, section.kind) for claim in raw[section.id][:MAX_CLAIMS]),
            )
            for section in sections
        ),
    )


def count_omitted(answer: BaseModel, sections: Sequence[DeclaredSection]) -> int:
    """Count the claims of an answer that exceed MAX_CLAIMS of their section."""
    return sum(max(0, len(getattr(answer, section.id)) - MAX_CLAIMS) for section in sections)


def _claim(raw: Mapping[str, Any], kind: str) -> Claim:
    return Claim(
        text=one_line(raw["text"]),
        terms=tuple(one_line(term) for term in raw["terms"]),
        kind="inference" if kind == "inference" else raw["kind"],
        evidence=tuple(dict.fromkeys(raw["evidence"])),
    )


async def repair_claims(
    model: Model, paper: Paper, prompt: Prompt, failed: Sequence[FailedClaim], *, language: str
) -> tuple[dict[int, Claim], Spent]:
    """Ask the model, in one call, to repair the failed claims.

    Returns the repaired claims by their index in `failed`, and the cost. Without an answer there are none.
    """
    claims = "\n".join(
        f"{number}. ({item.section}, {item.claim.kind}) {item.claim.text}\n   why: {item.reason}"
        for number, item in enumerate(failed, start=1)
    )
    sentences = {sentence.id: sentence for item in failed for sentence in item.sentences}
    block = fence(paper.id, (f"[{key}] {one_line(sentences[key].text)}" for key in sorted(sentences)))
    system, user = prompt.render(language=language, claims=fence(paper.id, [claims]), sentences=block)
    answer: Answer[Repaired] | NoAnswer = await model.ask(
        Question(stage="analyze", about=f"{paper.id} (repair)", system=system, user=user, answer=Repaired)
    )
    if isinstance(answer, NoAnswer):
        return {}, answer.spent
    # Unknown numbers are ignored, and of duplicates the first is used. An inference stays an inference.
    repaired = {
        mended.number - 1: _claim(mended.model_dump(), failed[mended.number - 1].claim.kind)
        for mended in reversed(answer.value.claims)
        if 1 <= mended.number <= len(failed)
    }
    return repaired, answer.spent
