"""Ask a model for claims about a paper, in the declared sections, and once to repair the claims that did not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, create_model

from pipeline.core.models import INFERRED, Analysis, Claim, ClaimKind, Paper, Section, Spent, Text
from pipeline.grounding.source_index import Passage
from pipeline.llm.interface import Answer, Model, NoAnswer, Question
from pipeline.llm.prompts import DeclaredSection, Prompt, fence, one_line, sections_block, text_block

MAX_CLAIMS = 12  # per section


# The docstrings of the answer types, and the names of all but the last two, are in the JSON schema that is sent to the
# model.
class StatedClaim(BaseModel):
    """A claim as the model gives it."""

    text: str
    terms: list[str]
    evidence: list[int]
    kind: Literal["stated", "inference"]


class Limitation(BaseModel):
    """A limitation as the model gives it."""

    text: str
    terms: list[str]
    evidence: list[int]
    kind: Literal["admitted", "reported", "own"]


class MendedClaim(BaseModel):
    """A claim given again, under the number it failed by."""

    number: int
    text: str
    terms: list[str]
    evidence: list[int]
    kind: Literal["stated", "inference", "admitted", "reported", "own"]
    written: str


class Repaired(BaseModel):
    """The answer to a repair."""

    claims: list[MendedClaim]


@dataclass(frozen=True)
class FailedClaim:
    """A claim that did not hold: its section, the reason, and the sentences that could support a repair."""

    section: str
    claim: Claim
    reason: str
    sentences: tuple[Passage, ...]


@dataclass(frozen=True)
class RepairedClaim:
    """A repaired claim, and how the cited sentence writes a number that the program did not find (may be empty)."""

    claim: Claim
    written: str


def answer_type(sections: Sequence[DeclaredSection]) -> type[BaseModel]:
    """Build the answer type of an analysis with exactly these sections; every field is required."""
    fields: dict[str, Any] = {
        section.id: (list[Limitation] if section.kind == "limitations" else list[StatedClaim], ...)
        for section in sections
    }
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
                kind=section.reported_kind,
                claims=tuple(
                    _claim(claim, "inference" if section.kind == "inference" else claim["kind"])
                    for claim in raw[section.id][:MAX_CLAIMS]
                ),
            )
            for section in sections
        ),
    )


def count_omitted(answer: BaseModel, sections: Sequence[DeclaredSection]) -> int:
    """Count the claims of an answer that exceed MAX_CLAIMS of their section."""
    return sum(max(0, len(getattr(answer, section.id)) - MAX_CLAIMS) for section in sections)


def _claim(raw: Mapping[str, Any], kind: ClaimKind) -> Claim:
    return Claim(
        text=one_line(raw["text"]),
        terms=tuple(one_line(term) for term in raw["terms"]),
        kind=kind,
        evidence=tuple(dict.fromkeys(raw["evidence"])),
    )


async def repair_claims(
    model: Model, paper: Paper, prompt: Prompt, failed: Sequence[FailedClaim], *, language: str
) -> tuple[dict[int, RepairedClaim], Spent]:
    """Ask the model, in one call, to repair the failed claims, or to say why they are right.

    Returns the repaired claims by their index in `failed`, and the cost. Without an answer there are none.
    """
    claims = "\n".join(
        f"{number}. ({item.section}, {'inference' if item.claim.kind in INFERRED else 'stated'}) {item.claim.text}\n"
        f"   why: {item.reason}"
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
    # Unknown numbers are ignored, and of duplicates the first is used.
    repaired = {
        mended.number - 1: _mended(mended, failed[mended.number - 1].claim.kind)
        for mended in reversed(answer.value.claims)
        if 1 <= mended.number <= len(failed)
    }
    return repaired, answer.spent


def _mended(mended: MendedClaim, before: ClaimKind) -> RepairedClaim:
    """The claim in its new words. It may become an inference, but an inference never becomes a statement."""
    kind = before
    if mended.kind in INFERRED and before not in INFERRED:
        kind = "inference" if before == "stated" else "own"
    return RepairedClaim(_claim(mended.model_dump(), kind), one_line(mended.written))
