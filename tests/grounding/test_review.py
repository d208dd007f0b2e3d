"""The review: gates, second reader, one look for what is missing, one repair; nothing is lost without being counted."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.models import Analysis, Claim, Section, Sentence, Spent, Text
from pipeline.grounding.review import Prompts, Reviewed, review
from pipeline.grounding.source_index import SourceIndex
from pipeline.llm.interface import NoAnswer, Question
from pipeline.llm.prompts import DeclaredSection, load_prompt
from tests.builders import Scripted, paper, verdicts

SENTENCES = (
    ("Abstract", "We propose RestoreNet, a one-step diffusion model for image restoration."),
    ("Abstract", "RestoreNet reaches 31.2 dB on DIV2K, which is 0.8 dB above SwinIR."),
    ("3 Method", "Training takes 12 hours."),
    ("3 Method", "All runs use 8 A100 GPUs."),
    ("4 Results", "On Urban100 the gain is +1 .43 dB."),
    ("6 Limitations", "RestoreNet fails on night scenes."),
    ("5 Discussion", "On Manga109, SwinIR is 0.3 dB better than RestoreNet."),
)
DECLARED = (
    DeclaredSection(id="contribution", title={"en": "New"}, kind="claims", ask="?"),
    DeclaredSection(id="limits", title={"en": "Limits"}, kind="limitations", ask="?"),
)
PROMPTS = Prompts(
    repair=load_prompt(Path("prompts"), "repair", "repair"),
    verify=load_prompt(Path("prompts"), "verify", "verify"),
)
Verdict = Mapping[str, Any]
CONTRADICTED = {"slot": "direction", "verdict": "contradicted"}
PARTLY = {"slot": "condition", "missing": "the hardware", "verdict": "partly"}


def claim(text: str, *evidence: int, term: str = "RestoreNet", **given: Any) -> Claim:
    return Claim(**{"text": text, "terms": (term,), "kind": "stated", "evidence": evidence, **given})


GOOD = claim("RestoreNet is a one-step diffusion model.", 1)
BETTER = claim("RestoreNet is 0.8 dB above SwinIR.", 2)
WORSE = claim("SwinIR is 0.8 dB above RestoreNet.", 2)
TRAINED = claim("Training takes 12 hours on 8 A100 GPUs.", 3, 4, term="Training")
HARDWARE = claim("Training takes 12 hours on several A100 GPUs.", 3, term="Training")


def made(
    claims: list[Claim],
    limits: list[Claim] | None = None,
    *,
    by: Callable[[str], Verdict] = lambda _: {},
    repair: list[dict[str, Any]] | NoAnswer | None = None,
    verify: Callable[[Question[Any]], object] | None = None,
    headline: str = "RestoreNet restores images in one step",
    hook: str = "",
) -> tuple[Reviewed, Scripted]:
    """Review these claims with a second reader that decides by the claim's text, and a repair that answers this."""

    def answer(question: Question[Any]) -> object:
        if question.stage == "verify":
            return verify(question) if verify else verdicts(question, by)
        return repair if isinstance(repair, NoAnswer) else {"claims": repair or []}

    text = Text(
        basis="html",
        url="https://arxiv.org/html/2601.00001v1",
        sentences=tuple(
            Sentence(id=n, section=section, anchor=None, text=one)
            for n, (section, one) in enumerate(SENTENCES, 1)
        ),
        left_out={},
    )
    sections = [Section(id="contribution", title="New", kind="claims", claims=tuple(claims))]
    sections.append(Section(id="limits", title="Limits", kind="claims", claims=tuple(limits or ())))
    model = Scripted(answer)
    source = SourceIndex.of(text, title="RestoreNet", abstract="", profile="I restore images.")
    analysis = Analysis(headline=headline, hook=hook, sections=tuple(sections))
    reviewed = asyncio.run(
        review(analysis, DECLARED, source, paper=paper(), model=model, prompts=PROMPTS, language="English")
    )
    return reviewed, model


def kept(reviewed: Reviewed) -> list[tuple[str, str | None, tuple[int, ...]]]:
    return [(c.text, c.reading, c.evidence) for s in reviewed.analysis.sections for c in s.claims]


def mended(number: int, one: Claim, written: str = "") -> dict[str, Any]:
    return {
        "number": number,
        "written": written,
        **one.model_dump(include={"text", "terms", "evidence", "kind"}),
    }


def test_what_is_carried_takes_one_call_more() -> None:
    reviewed, model = made([GOOD, BETTER])
    assert kept(reviewed) == [(GOOD.text, "supported", (1,)), (BETTER.text, "supported", (2,))]
    second = reviewed.second_reader
    assert (second.model, second.supported, second.partly, second.dropped) == ("scripted", 2, 0, {})
    assert second.prompt == PROMPTS.verify.version
    assert [question.stage for question in model.asked] == ["verify"]
    assert (reviewed.spent["verify"].calls, reviewed.spent["analyze"].calls) == (1, 0)


def test_a_contradicted_claim_is_repaired_with_the_slot_named_and_read_again() -> None:
    reviewed, model = made(
        [GOOD, WORSE], by=lambda text: CONTRADICTED if text == WORSE.text else {}, repair=[mended(1, BETTER)]
    )
    assert kept(reviewed) == [(GOOD.text, "supported", (1,)), (BETTER.text, "supported", (2,))]
    assert reviewed.second_reader.dropped == {}
    assert [question.stage for question in model.asked] == ["verify", "analyze", "verify"]
    assert "direction" in model.asked[1].user
    assert WORSE.text in model.asked[1].user
    assert GOOD.text not in model.asked[2].user, "what was read is not read again"


@pytest.mark.parametrize(
    "repair",
    [[], [mended(1, WORSE)], NoAnswer("failed", "HTTP 500", Spent(calls=1))],
    ids=["left out", "said again", "no answer"],
)
def test_a_claim_that_stays_contradicted_is_dropped_and_counted_by_its_slot(repair: Any) -> None:
    reviewed, _ = made([GOOD, WORSE], by=lambda t: CONTRADICTED if t == WORSE.text else {}, repair=repair)
    assert kept(reviewed) == [(GOOD.text, "supported", (1,))]
    assert reviewed.second_reader.dropped == {"direction": 1}


def test_a_repair_cannot_get_round_the_gates() -> None:
    invented = claim("RestoreNet is 9.9 dB above SwinIR.", 2)
    reviewed, _ = made(
        [WORSE], by=lambda t: CONTRADICTED if t == WORSE.text else {}, repair=[mended(1, invented)]
    )
    assert kept(reviewed) == []
    assert reviewed.second_reader.dropped == {"numbers": 1}


def test_a_missing_detail_is_looked_up_beside_the_cited_sentences_and_becomes_evidence() -> None:
    def verify(question: Question[Any]) -> object:
        if "[4] All runs" not in question.user.split(HARDWARE.text)[1]:
            return verdicts(question, lambda text: PARTLY if text == HARDWARE.text else {})
        return verdicts(question, lambda _: {"sentences": [3, 4]})

    reviewed, model = made([HARDWARE], verify=verify)
    assert kept(reviewed) == [(HARDWARE.text, "supported", (3, 4))]
    assert len(model.asked) == 2
    assert (reviewed.second_reader.supported, reviewed.second_reader.partly) == (1, 0)


@pytest.mark.parametrize(
    "again",
    [PARTLY, {"sentences": [3]}, {"sentences": [99]}, {"sentences": []}],
    ids=["partly", "names the cited one", "names one that was not shown", "names none"],
)
def test_what_stays_without_a_sentence_is_published_as_carried_in_part(again: Verdict) -> None:
    def verify(question: Question[Any]) -> object:
        return verdicts(
            question, lambda t: (again if "[4]" in question.user else PARTLY) if t == HARDWARE.text else {}
        )

    reviewed, _ = made([HARDWARE], verify=verify)
    assert kept(reviewed) == [(HARDWARE.text, "partly", (3,))]
    (one,) = reviewed.analysis.sections[0].claims
    assert one.missing == "the hardware"
    assert (reviewed.second_reader.supported, reviewed.second_reader.partly) == (0, 1)


def test_sentences_beside_it_can_contradict_a_claim() -> None:
    def verify(question: Question[Any]) -> object:
        return verdicts(
            question,
            lambda t: (CONTRADICTED if "[4]" in question.user else PARTLY) if t == HARDWARE.text else {},
        )

    reviewed, _ = made([HARDWARE], verify=verify)
    assert kept(reviewed) == []
    assert reviewed.second_reader.dropped == {"direction": 1}


def test_supported_with_a_slot_that_disagrees_counts_as_partly() -> None:
    reviewed, _ = made([BETTER], by=lambda t: {"slot": "quantity"} if t == BETTER.text else {})
    assert [reading for _, reading, _ in kept(reviewed)] == ["partly"]


def test_a_contradiction_without_a_slot_is_one() -> None:
    reviewed, _ = made([WORSE], by=lambda t: {"verdict": "contradicted"} if t == WORSE.text else {})
    assert reviewed.second_reader.dropped == {"relation": 1}


@pytest.mark.parametrize("kind", ["failed", "refused", "budget", "invalid"])
def test_without_a_second_reader_claims_are_published_as_unread(kind: Any) -> None:
    reviewed, _ = made([GOOD, BETTER], verify=lambda _: NoAnswer(kind, "no", Spent(calls=1, usd=0.5)))
    assert [reading for _, reading, _ in kept(reviewed)] == ["unread", "unread"]
    second = reviewed.second_reader
    assert (second.model, second.supported, second.partly, second.dropped) == ("", 0, 0, {})
    assert reviewed.spent["verify"].usd == 0.5


def test_a_repaired_claim_that_nobody_read_again_is_unread() -> None:
    def verify(question: Question[Any]) -> object:
        if BETTER.text in question.user:
            return NoAnswer("budget", "spent", Spent())
        return verdicts(question, lambda t: CONTRADICTED if t == WORSE.text else {})

    wrong_id = claim(BETTER.text, 99)
    reviewed, _ = made([GOOD, wrong_id], verify=verify, repair=[mended(1, BETTER)])
    assert kept(reviewed) == [(GOOD.text, "supported", (1,)), (BETTER.text, "unread", (2,))]


@pytest.mark.parametrize("again", [WORSE, BETTER], ids=["unchanged", "reworded"])
def test_a_contradicted_claim_stays_contradicted_until_it_is_read_again(again: Claim) -> None:
    def verify(question: Question[Any]) -> object:
        if GOOD.text not in question.user:
            return NoAnswer("budget", "spent", Spent())
        return verdicts(question, lambda t: CONTRADICTED if t == WORSE.text else {})

    reviewed, _ = made([GOOD, WORSE], verify=verify, repair=[mended(1, again)])
    assert kept(reviewed) == [(GOOD.text, "supported", (1,))]
    assert reviewed.second_reader.dropped == {"direction": 1}


def test_a_contradicted_headline_gives_way_to_the_title_and_a_hook_to_nothing() -> None:
    headline, hook = "SwinIR is above RestoreNet", "RestoreNet needs no training"
    lines = {headline, hook}
    reviewed, model = made(
        [GOOD], by=lambda t: CONTRADICTED if t in lines else {}, headline=headline, hook=hook
    )
    assert (reviewed.analysis.headline, reviewed.analysis.hook) == (paper().title, "")
    assert [question.stage for question in model.asked] == ["verify"], "nobody repairs a line"
    block = model.asked[0].user.split(headline)[1].split("</")[0]
    assert [s for _, s in SENTENCES if s in block] == [SENTENCES[0][1], SENTENCES[1][1]], "the abstract"
    reviewed, _ = made([GOOD], by=lambda t: PARTLY if t in lines else {}, headline=headline, hook=hook)
    assert (reviewed.analysis.headline, reviewed.analysis.hook) == (headline, hook)


def test_an_objection_is_looked_at_by_the_program() -> None:
    """The number stands in the cited sentence with a blank; a string that is not there licenses nothing."""
    odd = claim("On Urban100 the gain is 143 dB.", 5, term="Urban100")
    reviewed, _ = made([odd], repair=[mended(1, odd, written="+1 .43 dB")])
    assert kept(reviewed) == []
    reviewed, _ = made([odd], repair=[mended(1, odd, written="143 dB")])
    assert kept(reviewed) == []
    other = claim(TRAINED.text, 3, term="Training")
    reviewed, _ = made([other], repair=[mended(1, TRAINED)])
    assert [(text, evidence) for text, _, evidence in kept(reviewed)] == [(TRAINED.text, (3, 4))]


def test_limitations_are_admitted_reported_or_the_model_s_own() -> None:
    limits = [
        claim("RestoreNet fails on night scenes.", 6, kind="admitted"),
        claim("On Manga109 SwinIR is 0.3 dB better.", 7, term="Manga109", kind="admitted"),
        claim("Night scenes may matter.", 6, term="night scenes", kind="own"),
        claim("On Manga109 it loses.", 7, term="Manga109", kind="stated"),
        claim("I would not trust it at night.", 6, term="night scenes", kind="inference"),
    ]
    reviewed, _ = made([], limits)
    kinds = [one.kind for one in reviewed.analysis.sections[1].claims]
    assert kinds == ["admitted", "reported", "own", "reported", "own"]


def test_one_claim_may_name_what_was_not_found_and_nobody_reads_it() -> None:
    absent = [Claim(text=text, terms=(), kind="own", evidence=()) for text in ("code", "cost", "cost")]
    reviewed, model = made([GOOD], absent)
    assert kept(reviewed) == [(GOOD.text, "supported", (1,)), ("code", None, ())]
    assert reviewed.second_reader.dropped == {"omitted": 2}
    assert ") code\n" not in model.asked[0].user
