"""A model that lies within the gates: real sentences, real terms, real numbers and names, and a false meaning.

The whole of `digest run` on one made-up paper (`planted_lies.html`). The lies and what a second reader has to say of
them are written by hand; the same night with a reader who believes everything shows that the gates alone let them pass.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.config.profile import load_profile
from pipeline.core.models import Claim, Text
from pipeline.extraction import worker
from pipeline.extraction.html.parse import parse_html
from pipeline.grounding import gates
from pipeline.grounding.source_index import SourceIndex
from pipeline.llm.prompts import load_prompt
from tests.nights import Nights
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import ID, prompt_text
from tests.stubs.world import World, days_of, record

FRIDAY = dt.date(2026, 1, 30)
PAGE = (Path(__file__).parent / "planted_lies.html").read_bytes()
TITLE = "TernNet: Low-Light Photographs in One Step"
ABSTRACT = (
    "This is a made-up paper, written to test a program; none of its results are real. We propose TernNet, a one-step "
    "diffusion model that restores low-light photographs. TernNet reaches 27.4 dB PSNR on NightSet, while the baseline "
    "LumaFormer reaches 25.9 dB. Some failures of TernNet correlate with sensor noise."
)
PROFILE = """---
title: Restoration, daily
language: en
sources: [arxiv]
arxiv: [cs.CV]
keywords: [image restoration, low-light photographs, diffusion]
picks: 1
threshold: 60
quality: standard
{more}
---
I restore photographs that were taken in too little light, with diffusion models of few steps.
"""
# One item of a second reading: its number, the claim, and its sentences, a line each.
ITEM = re.compile(r"^(\d+)\. \((?:stated|inference)\) (.*)\n((?:\[\d+\] .*\n)+)", re.MULTILINE)
FAILED = re.compile(r"^(\d+)\. \(\w+, (?:stated|inference)\) (.*)\n   why: (.*)$", re.MULTILINE)
SUPPORTED = {"slot": "none", "missing": "", "verdict": "supported"}
Body = Mapping[str, Any]


class Told(NamedTuple):
    """A claim as the model tells it; `cites` has the beginnings of the sentences."""

    section: str
    text: str
    term: str
    cites: tuple[str, ...]
    kind: str = "stated"


class Lie(NamedTuple):
    """A lie, the slot that a second reader has to name, and what the repair says: empty for the same again."""

    told: Told
    slot: str
    again: str = ""


# Carried only together with the next sentence, which it does not cite.
WITH_NEIGHBOR = "Training uses 120,000 image pairs and several A100 GPUs."
CITED = "Training uses 120,000 image pairs from NightSet."
NEIGHBOR = "All models are trained for 30 hours on 4 A100 GPUs."
# What the network is like stands nowhere.
IN_PART = "The color head predicts a gain map with a small convolutional network."
MISSING = "nobody says which kind of network it is"
ABSENT = "the price of the training"

HONEST = (
    Told("contribution", "TernNet restores low-light photographs in one step.", "low-light", ("We propose",)),
    Told("contribution", "On NightSet, TernNet reaches 27.4 dB and LumaFormer 25.9 dB.", "NightSet", ("TernNet reaches",)),
    Told("method", "A teacher with 50 steps supervises the student.", "supervises", ("A teacher network",)),
    Told("method", "The student copies the output of the teacher with an L1 loss.", "L1 loss", ("The student copies",)),
    Told("method", "The text encoder is not fine-tuned.", "text encoder", ("We do not fine-tune",)),
    Told("method", WITH_NEIGHBOR, "image pairs", ("Training uses",)),
    Told("method", IN_PART, "gain map", ("The color head predicts",)),
    Told("setup", "TernNet is compared with LumaFormer and RetinexPlus on NightSet and DuskBench.", "DuskBench", ("We compare",)),
    Told("setup", "TernNet takes 35 ms per image and LumaFormer 210 ms.", "per image", ("TernNet takes",)),
    Told("setup", "Without the color head, the PSNR on NightSet is 26.1 dB.", "color head", ("Without the color head",)),
    Told("setup", "14 of 20 participants preferred TernNet over RetinexPlus.", "participants", ("In the user study",)),
    Told("setup", "On DuskBench, TernNet is 0.3 dB worse than LumaFormer.", "DuskBench", ("On DuskBench",)),
    Told("setup", "On DuskBench, TernNet has a PSNR of 24.5 dB, and LumaFormer of 24.8 dB.", "DuskBench",
         ("Table 1", "Method |", "LumaFormer |", "TernNet |")),
    Told("takeaways", "The single network call could replace a slow sampler in your loop.", "network call",
         ("TernNet needs",), "inference"),
    Told("limitations", "Moving cars in an image make TernNet fail.", "moving cars", ("TernNet fails",), "admitted"),
    Told("limitations", "TernNet was not tested on video.", "video", ("We did not test",), "admitted"),
    Told("limitations", "Participants from one university may not speak for others.", "one university",
         ("The user study covers",), "own"),
    Told("limitations", ABSENT, "", (), "own"),
)  # fmt: skip

LIES = {
    "comparison reversed": Lie(
        Told("setup", "On DuskBench, TernNet is 0.3 dB better than LumaFormer.", "DuskBench", ("On DuskBench",)),
        "direction", "LumaFormer stays 0.3 dB behind TernNet on DuskBench."),
    "roles swapped": Lie(
        Told("method", "The student supervises the teacher network during training.", "supervises", ("A teacher network",)),
        "subject", "During training, the teacher network learns from the student, which supervises it."),
    "numbers swapped": Lie(
        Told("contribution", "On NightSet, TernNet reaches 25.9 dB and LumaFormer 27.4 dB.", "NightSet", ("TernNet reaches",)),
        "quantity"),
    "negation dropped": Lie(
        Told("method", "The text encoder is fine-tuned.", "text encoder", ("We do not fine-tune",)),
        "polarity", "The authors fine-tune the text encoder too."),
    "negation added": Lie(
        Told("method", "Training does not use image pairs from NightSet.", "image pairs", ("Training uses",)),
        "polarity"),
    "wrong condition": Lie(
        Told("setup", "The color head was not needed on NightSet.", "color head", ("The color head was",)),
        "condition", "NightSet can do without the color head."),
    "all for some": Lie(
        Told("contribution", "All failures of TernNet correlate with sensor noise.", "failures", ("Some failures",)),
        "quantifier"),
    "cause for a correlation": Lie(
        Told("contribution", "Some failures of TernNet are caused by sensor noise.", "sensor noise", ("Some failures",)),
        "relation", "Sensor noise makes TernNet fail in some cases."),
    "done for planned": Lie(
        Told("contribution", "Code and weights are released.", "weights", ("We plan",)),
        "done_or_planned", "The code and the weights can be loaded now."),
    "the baseline's result": Lie(
        Told("setup", "TernNet takes 210 ms per image.", "per image", ("TernNet takes",)),
        "quantity"),
    "wrong version": Lie(
        Told("setup", "TernNet-L runs on a phone in 90 ms.", "phone", ("TernNet-S, the small",)),
        "condition", "On a phone, TernNet-L needs 90 ms."),
    "comparator changed": Lie(
        Told("setup", "14 of 20 participants preferred TernNet over LumaFormer.", "participants", ("In the user study",)),
        "comparator"),
    "a limitation denied": Lie(
        Told("limitations", "TernNet was tested on video.", "video", ("We did not test",), "reported"),
        "polarity"),
    "an inference from a falsehood": Lie(
        Told("takeaways", "You could drop the teacher, as the student is trained without one.", "teacher network",
             ("A teacher network",), "inference"),
        "polarity"),
}  # fmt: skip
HEADLINE, HOOK = "TernNet restores photographs worse than LumaFormer", "A restorer that needs no training"
SLOTS = {one: lie.slot for lie in LIES.values() for one in (lie.told.text, lie.again) if one}
SLOTS |= {HEADLINE: "direction", HOOK: "polarity"}


@functools.cache
def paper_text() -> Text:
    text = parse_html(PAGE, "https://arxiv.org/html/2601.00001v1")
    assert isinstance(text, Text)
    return text


def in_json(told: Told, text: str = "") -> dict[str, Any]:
    """A claim as an answer has it; each beginning has to be that of one sentence."""
    evidence = []
    for beginning in told.cites:
        (found,) = [one.id for one in paper_text().sentences if one.text.startswith(beginning)]
        evidence.append(found)
    terms = [told.term] if told.term else []
    return {"text": text or told.text, "terms": terms, "evidence": evidence, "kind": told.kind}


def marks(body: Body) -> dict[str, Any]:
    plain = {
        "topic": 5,
        "transfer": 5,
        "substance": 4,
        "excluded": False,
        "reason": "Few steps, little light.",
    }
    return {"marks": [{"id": key, **plain} for key in dict.fromkeys(ID.findall(prompt_text(body)))]}


def analysis(told: tuple[Told, ...], headline: str, hook: str) -> dict[str, Any]:
    sections = ("contribution", "method", "setup", "takeaways", "limitations")
    claims = {name: [in_json(one) for one in told if one.section == name] for name in sections}
    return {"headline": headline, "hook": hook, **claims}


def second_reading(body: Body, judge: Callable[[str, str], Mapping[str, Any]]) -> dict[str, Any]:
    """A verdict on every item, by its text and its sentences; plainly supported unless `judge` says otherwise."""
    found = []
    for number, text, sentences in ITEM.findall(prompt_text(body)):
        ids = [int(key) for key in re.findall(r"(?m)^\[(\d+)\]", sentences)]
        found.append({"number": int(number), "sentences": ids, **SUPPORTED, **judge(text, sentences)})
    return {"verdicts": found}


def careful(text: str, sentences: str) -> Mapping[str, Any]:
    """The second reader's table."""
    if text in SLOTS:
        return {"slot": SLOTS[text], "verdict": "contradicted"}
    if text == IN_PART or (text == WITH_NEIGHBOR and NEIGHBOR not in sentences):
        return {"slot": "condition", "missing": MISSING, "verdict": "partly"}
    if text == WITH_NEIGHBOR:
        return {"sentences": [int(key) for key in re.findall(rf"(?m)^\[(\d+)\] {NEIGHBOR}$", sentences)]}
    return {}


def credulous(_text: str, _sentences: str) -> Mapping[str, Any]:
    return {}


def lying_again(body: Body) -> dict[str, Any]:
    """The repair: every lie once more, half of them in other words."""
    by_text = {lie.told.text: lie for lie in LIES.values()}
    claims = []
    for number, text, why in FAILED.findall(prompt_text(body)):
        lie = by_text[text]
        assert lie.slot.replace("_", " ") in why
        kind = "inference" if lie.told.kind == "inference" else "stated"
        claims.append({**in_json(lie.told, lie.again), "kind": kind, "number": int(number), "written": ""})
    return {"claims": claims}


def model(judge: Callable[[str, str], Mapping[str, Any]]) -> Callable[[Body], dict[str, Any]]:
    def answer(body: Body) -> dict[str, Any]:
        asked = body["output_config"]["format"]["schema"]["properties"]
        if "marks" in asked:
            return marks(body)
        if "verdicts" in asked:
            return second_reading(body, judge)
        if "headline" in asked:
            return analysis((*HONEST, *(lie.told for lie in LIES.values())), HEADLINE, HOOK)
        return lying_again(body)

    return answer


class Night(NamedTuple):
    """What a run left behind: its exit code, the report's only pick, the report, and the page without escapes."""

    code: int
    pick: dict[str, Any]
    report: dict[str, Any]
    page: str

    @property
    def last_line(self) -> str:
        """The pick's own last line: who checked what."""
        return str(re.findall(r"<sub>(\d+ sentences? read.*)</sub>", self.page)[0])

    @property
    def readings(self) -> dict[str, str | None]:
        """The second reader's word by the claim's text."""
        return {one["text"]: one.get("reading") for part in self.pick["sections"] for one in part["claims"]}


def one_night(stub: MessagesStub, *, more: str = "budget_usd: 1.00", **environ: str) -> Night:
    """`digest run` on a day with this one paper, in the current folder."""
    Path("prompts/profiles/mine.md").write_text(PROFILE.format(more=more), "utf-8")
    raw = {"id": "2601.00001", "announced": "2026-01-30", "categories": ["cs.CV"], "authors": ["A. Author"]}
    day = days_of([record({**raw, "title": TITLE, "abstract": ABSTRACT})])
    with World(day, today=FRIDAY, interval=0.0, html={"default": PAGE}) as world:
        nights = Nights(
            world,
            ANTHROPIC_API_KEY="sk-ant-x",
            ANTHROPIC_BASE_URL=stub.url,
            DIGEST_CLAUDE__STRUCTURED="format",
            DIGEST_CLAUDE__MAX_WAIT_SECONDS="0.01",
            DIGEST_SCORING__AGAIN_AT_LEAST="0",
            DIGEST_SCORING__AGAIN_PER_PICK="0",
            **environ,
        )
        # Parsed here: a child process for each of 30 nights takes most of their time; `extraction/test_worker.py` holds
        # that it says the same.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker, "read_html", lambda page, url, **_: parse_html(page, url))
            said = nights.run(FRIDAY, "--engine", "claude", "--profile", "mine", code=None)
    path = Path("reports/mine/2026/01/2026-01-30.md")
    report = json.loads(path.with_suffix(".json").read_text("utf-8"))
    (pick,) = report["picks"]
    return Night(said["code"], pick, report, path.read_text("utf-8").replace("\\", ""))


def published() -> str:
    """Everything that was written below reports/, without escapes: page, data, indexes, feed."""
    files = sorted(path for path in Path("reports").rglob("*") if path.is_file())
    assert len(files) > 4
    return "\n".join(path.read_text("utf-8") for path in files).replace("\\", "")


def test_the_gates_alone_pass_the_lies(project: Path) -> None:
    sections = {one.id: one for one in load_prompt(project / "prompts", "analyze", "analyze").sections}
    prose = load_profile(project / "prompts", "cv-restoration", languages=frozenset({"zh-CN"})).prose
    source = SourceIndex.of(paper_text(), title=TITLE, abstract=ABSTRACT, profile=prose)

    def failure(told: Told, text: str) -> object:
        claim = Claim.model_validate(in_json(told, text))
        return gates.check(claim, sections[told.section].reported_kind, source).failure

    passed = [name for name, lie in LIES.items() if failure(lie.told, "") is None]
    assert len(passed) >= 10, set(LIES) - set(passed)
    again = [lie.again for lie in LIES.values() if lie.again and failure(lie.told, lie.again) is None]
    assert len(again) == 7
    assert gates.check_line(HEADLINE, source) is None
    assert gates.check_line(HOOK, source) is None
    assert [told.text for told in HONEST if failure(told, "") is not None or told.text in SLOTS] == []


def test_no_lie_is_published_and_no_honest_claim_is_lost(project: Path) -> None:
    with MessagesStub(answer=model(careful)) as stub:
        night = one_night(stub)
        shown = [prompt_text(call.body) for call in stub.asked]
    assert night.code == 0
    everything = published()
    assert [text for text in SLOTS if text in everything] == []
    assert set(night.readings) == {told.text for told in HONEST}
    assert [told.text for told in HONEST if told.text not in night.page] == []
    carried = dict.fromkeys((told.text for told in HONEST), "supported")
    assert night.readings == {**carried, IN_PART: "partly", ABSENT: None}
    (found,) = [
        one for part in night.pick["sections"] for one in part["claims"] if one["text"] == WITH_NEIGHBOR
    ]
    assert [one["quote"] for one in found["evidence"]] == [CITED, NEIGHBOR]
    assert "missing" not in found
    assert len([text for text in shown if "second reader finds" in text]) == 1, "one repair"
    assert all((lie.again or lie.told.text) in shown[-1] for lie in LIES.values()), "which was read again"


def test_headline_hook_and_last_line_say_what_happened(project: Path) -> None:
    with MessagesStub(answer=model(careful)) as stub:
        night = one_night(stub)
    assert (night.pick["headline"], night.pick["hook"]) == (TITLE, "")
    assert f"{IN_PART} ◐ [" in night.page
    assert night.page.count("◐") == 2, "beside the claim, and in the legend"
    assert MISSING not in night.page
    assert night.last_line == (
        "35 sentences read · 17 claims: numbers, names, terms checked by program; "
        "meaning read again by claude-haiku-5-5: 16 carried, 1 in part · "
        "14 dropped: yes or no 4, condition 2, quantity 2, comparison 1, direction 1, done or planned 1, "
        "all or some 1, relation 1, who or what 1"
    )
    assert "<sub>◐ in part: a detail is in no cited sentence" in night.page
    second = night.pick["second_reader"]
    assert (second["model"], second["supported"], second["partly"]) == ("claude-haiku-5-5", 16, 1)
    assert second["dropped"] == {
        "comparator": 1,
        "condition": 2,
        "direction": 1,
        "done_or_planned": 1,
        "polarity": 4,
        "quantifier": 1,
        "quantity": 2,
        "relation": 1,
        "subject": 1,
    }
    assert night.pick["claims_dropped"] == 14


def test_a_reader_who_believes_everything_lets_the_lies_through(project: Path) -> None:
    """This is what the gates alone are worth; it also shows that the tests above can fail."""
    with MessagesStub(answer=model(credulous)) as stub:
        night = one_night(stub)
    lies = [name for name, lie in LIES.items() if lie.told.text in night.page]
    assert len(lies) >= 10
    assert HEADLINE in night.page
    assert HOOK in night.page
