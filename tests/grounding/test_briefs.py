"""Briefs of the shortlist: one call for all, each gated against its own abstract, and demoted by the second reader."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.models import Brief, Paper, Spent
from pipeline.grounding.briefs import Prompts, Written, write_briefs
from pipeline.llm.interface import NoAnswer, Question
from pipeline.llm.prompts import load_prompt
from tests.builders import Scripted, paper, verdicts

FIRST, SECOND = "2601.00001", "2601.00002"
PAPERS = (
    paper(
        FIRST,
        title="RestoreNet: one step is enough",
        abstract=(
            "We propose RestoreNet, a one-step diffusion model for image restoration. It gains 0.8 dB on DIV2K over "
            "the baseline. It needs paired data. Some call it “a bargain”."
        ),
    ),
    paper(SECOND, abstract="DewNet removes dew from lenses. It needs no training, but 12 frames of video."),
)
GOOD = {
    FIRST: {"brief": "一步扩散修复图像，DIV2K 上高 0.8 dB；需要成对数据。", "terms": ["paired data"]},
    SECOND: {"brief": "DewNet removes dew without training; needs 12 frames.", "terms": ["removes dew"]},
}


def written(given: Any = GOOD, *, papers: tuple[Paper, ...] = PAPERS, verdict: Any = None) -> Written:
    return _run(_model(given, verdict), papers)


def _model(given: Any, verdict: Any = None) -> Scripted:
    def answer(question: Question[Any]) -> object:
        if question.stage == "verify":
            return verdict if isinstance(verdict, NoAnswer) else verdicts(question, verdict or (lambda _: {}))
        if isinstance(given, NoAnswer):
            return given
        return {"briefs": [{"id": key, **one} for key, one in given.items()]}

    return Scripted(answer)


def _run(model: Scripted, papers: tuple[Paper, ...] = PAPERS, *, language: str = "en") -> Written:
    prompts = Prompts(
        brief=load_prompt(Path("prompts"), "brief", "brief"),
        verify=load_prompt(Path("prompts"), "verify", "verify"),
    )
    return asyncio.run(write_briefs(papers, model=model, prompts=prompts, language=language))


def changed(**given: Any) -> dict[str, Any]:
    return {**GOOD, FIRST: {**GOOD[FIRST], **given}}


def test_one_call_for_all_and_one_for_the_second_reading(project: Path) -> None:
    model = _model(GOOD)
    found = _run(model)
    assert {key: (one.text, one.reading, one.quoted) for key, one in found.briefs.items()} == {
        key: (one["brief"], "supported", False) for key, one in GOOD.items()
    }
    brief, verify = model.asked
    assert (brief.stage, verify.stage) == ("brief", "verify")
    assert all(one.abstract in brief.user and one.title in brief.user for one in PAPERS)
    assert "in English" in brief.user
    assert found.spent == {
        "brief": Spent(calls=1, input_tokens=100, output_tokens=10, usd=0.001),
        "verify": Spent(calls=1, input_tokens=100, output_tokens=10, usd=0.001),
    }


def test_the_second_reader_sees_title_and_abstract_of_each_and_no_prompt_of_the_writer(project: Path) -> None:
    model = _model(GOOD)
    _run(model)
    shown = model.asked[1].user
    assert "[0] RestoreNet: one step is enough\n[1] We propose RestoreNet" in shown
    assert "[2] It needs no training, but 12 frames of video." in shown
    assert "one-step diffusion model for image restoration.\n[2] It gains" in shown


def test_nobody_is_asked_about_nothing(project: Path) -> None:
    model = _model(GOOD)
    assert _run(model, ()) == Written({}, {})
    assert model.asked == []


def test_abstracts_without_end_do_not_make_a_prompt_without_end(project: Path) -> None:
    """Six of 10,000 Chinese characters are above 60,000 tokens."""
    long = tuple(paper(f"2601.0010{n}", abstract="修" * 10_000) for n in range(6))
    model = _model({one.id: {"brief": "", "terms": []} for one in long[:5]})
    _run(model, long)
    (question,) = model.asked
    assert long[4].id in question.user
    assert long[5].id not in question.user


FAILING = {
    "a number of nowhere": changed(brief="A one-step model gains 1.8 dB on DIV2K."),
    "another's number": changed(brief="A one-step model that needs 12 frames."),
    "a name of nowhere": changed(brief="RestoreNet is better than SwinIR."),
    "another's name": changed(brief="DewNet restores images in one step."),
    "a quotation of nowhere": changed(brief="They call one step “a revolution”."),
    "a term of another abstract": changed(terms=["removes dew"]),
    "no term": changed(terms=[]),
    "a term of every abstract": changed(terms=["the"]),
    "31 words": changed(brief="restore " * 31),
    "61 characters": changed(brief="修" * 61),
    "nothing": changed(brief=" "),
}


@pytest.mark.parametrize("given", FAILING.values(), ids=FAILING)
def test_what_fails_a_gate_is_left_out_alone_and_not_read_again(project: Path, given: Any) -> None:
    model = _model(given)
    assert set(_run(model).briefs) == {SECOND}
    assert "1. (" in model.asked[1].user
    assert "2. (" not in model.asked[1].user


HOLDING = {
    "30 words": changed(brief="restore " * 30),
    "60 characters": changed(brief="修" * 60),
    "words of a title": changed(terms=["one step is enough"]),
    "a quotation of the abstract": changed(brief="Some call one step “a bargain”."),
    "a fourth term is cut": changed(terms=["paired data", "DIV2K", "RestoreNet", "of nowhere"]),
    "an id in another form": {f"arXiv:{FIRST}v2": GOOD[FIRST], SECOND: GOOD[SECOND]},
}


@pytest.mark.parametrize("given", HOLDING.values(), ids=HOLDING)
def test_what_passes_is_kept(project: Path, given: Any) -> None:
    assert set(written(given).briefs) == {FIRST, SECOND}


@pytest.mark.parametrize(
    "given",
    [
        {FIRST: GOOD[FIRST]},
        {**GOOD, "2601.00009": GOOD[FIRST]},
        {},
        NoAnswer("refused", "no", Spent(calls=1)),
        NoAnswer("budget", "spent", Spent()),
    ],
    ids=["one is missing", "one too many", "none", "refused", "budget"],
)
def test_an_answer_about_other_papers_than_asked_and_no_answer_give_no_briefs(
    project: Path, given: Any
) -> None:
    model = _model(given)
    found = _run(model)
    assert found.briefs == {}
    assert [question.stage for question in model.asked] == ["brief"]


def test_briefs_of_two_papers_in_each_others_place_fall(project: Path) -> None:
    assert written({FIRST: GOOD[SECOND], SECOND: GOOD[FIRST]}).briefs == {}


def demoted(verdict: str, slot: str = "none") -> Any:
    return lambda text: (
        {"verdict": verdict, "slot": slot, "missing": "the\nframes"} if "DewNet" in text else {}
    )


def test_the_second_reader_only_demotes(project: Path) -> None:
    partly = written(verdict=demoted("partly", "condition")).briefs[SECOND]
    assert partly == Brief(text=GOOD[SECOND]["brief"], reading="partly", missing="the frames")
    assert set(written(verdict=demoted("contradicted", "polarity")).briefs) == {FIRST}
    unread = written(verdict=NoAnswer("failed", "529", Spent())).briefs
    assert {one.reading for one in unread.values()} == {"unread"}


def test_a_brief_is_asked_for_and_checked_in_the_language_of_the_digest(project: Path) -> None:
    text = "Restaurierung in einem Schritt, auf DIV2K 0,8 dB besser."
    model = _model({FIRST: {"brief": text, "terms": ["image restoration"]}, SECOND: GOOD[SECOND]})
    assert _run(model, language="de").briefs[FIRST].text == text
    assert "in German (Deutsch)" in model.asked[0].user
