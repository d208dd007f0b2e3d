"""What is asked of the model that reads, and what its answers become."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.core.models import Claim, Spent
from pipeline.grounding import claims
from pipeline.grounding.claims import FailedClaim, RepairedClaim
from pipeline.grounding.source_index import Passage
from pipeline.llm.interface import NoAnswer, Question
from pipeline.llm.prompts import DeclaredSection, load_prompt
from tests.builders import Scripted, paper

SECTIONS = (
    DeclaredSection(id="method", title={"en": "Method"}, kind="claims", ask="?"),
    DeclaredSection(id="ideas", title={"en": "Ideas"}, kind="inference", ask="?"),
)


def raw(**given: Any) -> dict[str, Any]:
    return {"text": "It works.", "terms": ["works"], "evidence": [1], "kind": "stated", **given}


def test_the_answer_type_has_the_declared_sections_and_no_open_end() -> None:
    schema = claims.answer_type(SECTIONS).model_json_schema()
    assert list(schema["properties"]) == ["headline", "hook", "method", "ideas"]
    assert schema["required"] == ["headline", "hook", "method", "ideas"]
    with pytest.raises(ValidationError):
        claims.answer_type(SECTIONS).model_validate({"headline": "", "hook": "", "method": []})


def test_an_answer_becomes_values_and_inferences_stay_inferences() -> None:
    value = claims.answer_type(SECTIONS).model_validate(
        {
            "headline": "One\nline " + "x" * 500,
            "hook": "h",
            "method": [raw(evidence=[2, 2, 1]), raw(kind="inference")] + [raw()] * 30,
            "ideas": [raw(kind="stated")],
        }
    )
    found = claims.analysis_from_answer(value, SECTIONS, "en")
    assert found.headline.startswith("One line x")
    assert found.headline.endswith("x" * 500), "nothing is cut that a gate has not seen"
    method, ideas = found.sections
    assert method.claims[0].evidence == (2, 1)
    assert method.claims[1].kind == "inference"
    assert len(method.claims) == 12
    assert claims.count_omitted(value, SECTIONS) == 20
    assert ideas.claims[0].kind == "inference"


def failed(text: str, kind: str = "stated") -> FailedClaim:
    claim = Claim(
        text=text, terms=("x",), kind="inference" if kind == "inference" else "stated", evidence=(1,)
    )
    sentence = Passage(1, "A", "One sentence.")
    return FailedClaim(
        section="method", claim=claim, reason="42 does not stand in sentence 1", sentences=(sentence,)
    )


def repair(project: Path, answer: object) -> tuple[dict[int, RepairedClaim], Scripted]:
    model = Scripted(lambda _: answer)
    prompt = load_prompt(Path("prompts"), "repair", "repair")
    repaired, _ = asyncio.run(
        claims.repair_claims(
            model, paper(), prompt, [failed("first"), failed("second", "inference")], language="English"
        )
    )
    return repaired, model


def test_one_call_with_the_claims_the_reasons_and_the_sentences(project: Path) -> None:
    repaired, model = repair(project, {"claims": [{**raw(text="Repaired."), "number": 2, "written": "1 .5"}]})
    (question,) = model.asked
    assert "1. (method, stated) first\n   why: 42 does not stand in sentence 1" in question.user
    assert question.user.count("[1] One sentence.") == 1
    assert list(repaired) == [1]
    assert (repaired[1].claim.text, repaired[1].written) == ("Repaired.", "1 .5")
    assert repaired[1].claim.kind == "inference", "an inference is not made a statement by giving it again"


def test_numbers_that_nobody_asked_for_are_ignored(project: Path) -> None:
    answer = {"claims": [{**raw(text=str(n)), "number": n, "written": ""} for n in (0, 3, -1, 1, 1)]}
    repaired, _ = repair(project, answer)
    assert {place: mended.claim.text for place, mended in repaired.items()} == {0: "1"}


def test_no_answer_mends_nothing(project: Path) -> None:
    repaired, _ = repair(project, NoAnswer("failed", "HTTP 529", Spent()))
    assert repaired == {}


def test_the_question_names_the_paper_and_holds_the_profile(project: Path) -> None:
    from pipeline.extraction.text import abstract_text

    prompt = load_prompt(Path("prompts"), "analyze", "analyze")
    one = paper("2601.16914")
    question: Question[Any] = claims.claims_question(
        one, abstract_text(one.abstract, one.links.page), prompt, profile="PROFILE", language="Chinese"
    )
    assert question.about == "2601.16914"
    assert question.stage == "analyze"
    assert "PROFILE" in question.user
    assert "[1] We propose a method." in question.user
    assert "- limitations (limitations):" in question.user
