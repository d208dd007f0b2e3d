"""Whatever goes wrong at the second reader, the run is published, no claim is lost, and what was not read says so.

Through the real client to a Messages API on loopback: four claims that a perfect reader finds carried, and one fault.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import prompt_text
from tests.test_planted_lies import (
    IN_PART,
    ITEM,
    LIES,
    Body,
    Told,
    analysis,
    careful,
    credulous,
    lying_again,
    marks,
    one_night,
    second_reading,
)

ONE = "TernNet restores low-light photographs in one step."
TWO = "A teacher with 50 steps supervises the student."
THREE = "14 of 20 participants preferred TernNet over RetinexPlus."
FOUR = "The single network call could replace a slow sampler in your loop."
TOLD = (
    Told("contribution", ONE, "low-light", ("We propose",)),
    Told("method", TWO, "supervises", ("A teacher network",)),
    Told("setup", THREE, "participants", ("In the user study",)),
    Told("takeaways", FOUR, "network call", ("TernNet needs",), "inference"),
)
ALL = frozenset({ONE, TWO, THREE, FOUR})
NONE: frozenset[str] = frozenset()
HEADLINE, HOOK = "Low-light photographs, restored in one step", "One call where your sampler needs many"
NOBODY = "4 claims: numbers, names, terms checked by program; nobody read them a second time"
READ = "4 claims: numbers, names, terms checked by program; meaning read again by claude-haiku-5-5: "
UNREAD = "○ not read a second time"

Verdict = dict[str, Any]
Said = Callable[[Mapping[str, Verdict]], list[Verdict] | str]
"""What the second reader makes of the perfect verdicts, which it gets by text: other verdicts, or a text."""


@dataclass(frozen=True)
class Case:
    """A fault, and what is expected: claims that stay unread, the last line, requests to the endpoint, calls paid.

    `said` has one answer a request, of which the last is repeated; `fault` is one of the stub's, for every request.
    """

    line: str
    unread: frozenset[str]
    requests: int
    paid: int
    said: tuple[Said, ...] = ()
    fault: str = ""
    budget: str = "1.00"


def perfect(verdicts: Mapping[str, Verdict]) -> list[Verdict]:
    return list(verdicts.values())


def half(verdicts: Mapping[str, Verdict]) -> str:
    text = json.dumps({"verdicts": perfect(verdicts)})
    return text[: len(text) // 2]


def in_prose(_: Mapping[str, Verdict]) -> str:
    return "All of the claims look fine to me, and I would publish them."


def without(*texts: str) -> Said:
    return lambda verdicts: [verdict for text, verdict in verdicts.items() if text not in texts]


def twice(text: str, **other: Any) -> Said:
    """The perfect verdicts, then one more on this claim."""
    return lambda verdicts: [*verdicts.values(), {**verdicts[text], **other}]


def twice_before(text: str, **other: Any) -> Said:
    return lambda verdicts: [{**verdicts[text], **other}, *verdicts.values()]


def instead(text: str, **other: Any) -> Said:
    return lambda verdicts: [{**one, **other} if key == text else one for key, one in verdicts.items()]


def besides(*numbers: int) -> Said:
    """The perfect verdicts, and contradictions of claims that do not exist."""
    wrong = {"sentences": [1], "slot": "direction", "missing": "", "verdict": "contradicted"}
    return lambda verdicts: [*verdicts.values(), *({"number": number, **wrong} for number in numbers)]


CONTRADICTED = {"slot": "direction", "verdict": "contradicted"}
PARTLY = {"slot": "condition", "missing": "when", "verdict": "partly"}
CASES = {
    # No answer at all: two tries where a second one makes sense, and nothing to pay.
    "HTTP 408": Case(NOBODY, ALL, requests=2, paid=0, fault="timed_out"),
    "HTTP 409": Case(NOBODY, ALL, requests=2, paid=0, fault="conflict"),
    "HTTP 400": Case(NOBODY, ALL, requests=1, paid=0, fault="bad_request"),
    "HTTP 402": Case(NOBODY, ALL, requests=1, paid=0, fault="unpaid"),
    "the connection breaks": Case(NOBODY, ALL, requests=2, paid=0, fault="cut"),
    "half a message": Case(NOBODY, ALL, requests=2, paid=0, fault="malformed"),
    # An answer of another form: asked for once more, both paid.
    "half an answer": Case(NOBODY, ALL, requests=2, paid=2, said=(half,)),
    "prose": Case(NOBODY, ALL, requests=2, paid=2, said=(in_prose,)),
    "JSON of another form": Case(NOBODY, ALL, requests=2, paid=2, fault="unlike"),
    "INCORRECT": Case(NOBODY, ALL, requests=2, paid=2, said=(instead(TWO, verdict="INCORRECT"),)),
    "Correct": Case(NOBODY, ALL, requests=2, paid=2, said=(instead(TWO, verdict="Correct"),)),
    "no verdict at all": Case(NOBODY, ALL, requests=1, paid=1, said=(without(*ALL),)),
    "too long": Case(NOBODY, ALL, requests=2, paid=2, fault="truncated"),
    "declined": Case(NOBODY, ALL, requests=1, paid=1, fault="refused"),
    "declined in words": Case(NOBODY, ALL, requests=1, paid=1, fault="refused_in_words"),
    "the budget is spent": Case(NOBODY, ALL, requests=0, paid=0, budget="0.15"),
    # A valid answer with a hole: the others count.
    "one is missing": Case(f"{READ}3 carried, 1 not read", frozenset({TWO}), 1, 1, said=(without(TWO),)),
    "three are missing": Case(f"{READ}1 carried, 3 not read", ALL - {FOUR}, 1, 1, said=(without(ONE, TWO, THREE),)),
    "doubled": Case(f"{READ}4 carried", NONE, 1, 1, said=(twice(TWO),)),
    "doubled, then contradicted": Case(
        f"{READ}3 carried, 1 not read", frozenset({TWO}), 1, 1, said=(twice(TWO, **CONTRADICTED),)),
    "doubled, first contradicted": Case(
        f"{READ}3 carried, 1 not read", frozenset({TWO}), 1, 1, said=(twice_before(TWO, **CONTRADICTED),)),
    "doubled, then in part": Case(
        f"{READ}3 carried, 1 not read", frozenset({FOUR}), 1, 1, said=(twice(FOUR, **PARTLY),)),
    "invented numbers": Case(f"{READ}4 carried", NONE, 1, 1, said=(besides(0, -1, 7, 10**12),)),
    "an invented number for a right one": Case(
        f"{READ}3 carried, 1 not read", frozenset({ONE}), 1, 1, said=(instead(ONE, number=99),)),
    # Not faults.
    "nothing goes wrong": Case(f"{READ}4 carried", NONE, 1, 1, said=(perfect,)),
    "wrong at first": Case(f"{READ}4 carried", NONE, 2, 2, said=(in_prose, perfect)),
    "in capitals": Case(f"{READ}4 carried", NONE, 1, 1, said=(instead(TWO, verdict="SUPPORTED", slot="None"),)),
    "JSON within prose": Case(f"{READ}4 carried", NONE, 1, 1, fault="prose"),
}  # fmt: skip


def is_second_reading(body: Body) -> bool:
    return "verdicts" in body["output_config"]["format"]["schema"]["properties"]


def reader(case: Case) -> Callable[[Body], dict[str, Any] | str]:
    """The model of one night: its second reader says what the case has, request by request."""
    said = list(case.said or (perfect,))

    def answer(body: Body) -> dict[str, Any] | str:
        asked = body["output_config"]["format"]["schema"]["properties"]
        if "marks" in asked:
            return marks(body)
        if "headline" in asked:
            return analysis(TOLD, HEADLINE, HOOK)
        assert is_second_reading(body), "nothing is to be repaired"
        texts = {int(number): text for number, text, _ in ITEM.findall(prompt_text(body))}
        verdicts = second_reading(body, credulous)["verdicts"]
        made = (said.pop(0) if len(said) > 1 else said[0])({texts[one["number"]]: one for one in verdicts})
        return made if isinstance(made, str) else {"verdicts": made}

    return answer


# The others of a kind: another status, another broken form, another order of two verdicts.
LONG = {"HTTP 409", "HTTP 402", "half a message", "Correct"}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=pytest.mark.long if name in LONG else ())
        for name, case in CASES.items()
    ],
)
def test_nothing_is_lost_and_what_was_not_read_says_so(project: Path, case: Case) -> None:
    script = dict.fromkeys(range(2, 12), case.fault or None)  # after one call that marks and one that reads
    # The second reader is the dearest model here, so that a budget can suffice for all but it.
    models = "models: {verify: claude-opus-5-5}\n" if case.budget != "1.00" else ""
    with MessagesStub(answer=reader(case), script=script) as stub:
        night = one_night(
            stub,
            more=f"{models}budget_usd: {case.budget}",
            DIGEST_CLAUDE__ATTEMPTS="2",
            DIGEST_CLAUDE__ANALYZE_MAX_TOKENS="8000",
        )
    assert night.code == 0
    assert night.report["pending"] == []
    assert [is_second_reading(call.body) for call in stub.asked] == [False] * 2 + [True] * case.requests
    readings = {text: "unread" if text in case.unread else "supported" for text in ALL}
    assert night.readings == readings
    assert [text for text in (*ALL, HEADLINE, HOOK) if text not in night.page] == []
    legend = bool(case.unread) and case.unread != ALL
    assert night.last_line.split(" · ") == ["35 sentences read", case.line]
    assert (UNREAD in night.page) == legend
    assert night.page.count("○") == (len(case.unread) + 1 if legend else 0), "marks, and what they mean"
    second = night.pick["second_reader"]
    assert (second["supported"], second["partly"], second["dropped"]) == (4 - len(case.unread), 0, {})
    spent = night.report["usage"]["stages"]["verify"]
    assert spent["calls"] == case.paid
    assert (spent["input_tokens"] > 0) == (case.paid > 0)
    assert night.report["usage"]["calls"] == 2 + case.paid


@pytest.mark.parametrize("fault", ["conflict", "prose_alone"])
def test_a_first_verdict_stands_if_the_later_readings_fail(project: Path, fault: str) -> None:
    """The look for more sentences and the reading after the repair fail; the first reading was whole."""
    same, reworded = LIES["numbers swapped"], LIES["comparison reversed"]
    in_part = Told("method", IN_PART, "gain map", ("The color head predicts",))

    def answer(body: Body) -> dict[str, Any] | str:
        asked = body["output_config"]["format"]["schema"]["properties"]
        if "marks" in asked:
            return marks(body)
        if "headline" in asked:
            return analysis((*TOLD, in_part, same.told, reworded.told), HEADLINE, HOOK)
        if "verdicts" not in asked:
            return lying_again(body)
        first = ONE in prompt_text(body)
        return second_reading(body, careful) if first or fault == "conflict" else in_prose({})

    # Marks, the paper, its claims; the look for more sentences, twice; the repair; what it gave, twice.
    script = dict.fromkeys((3, 4, 6, 7), fault) if fault == "conflict" else {}
    with MessagesStub(answer=answer, script=script) as stub:
        night = one_night(stub, DIGEST_CLAUDE__ATTEMPTS="2")
    asked = [is_second_reading(call.body) for call in stub.asked]
    assert asked == [False, False, True, True, True, False, True, True]
    supported = dict.fromkeys(ALL, "supported")
    assert night.code == 0
    assert night.readings == {**supported, IN_PART: "partly"}
    assert same.told.text not in night.page
    assert reworded.told.text not in night.page
    assert reworded.again not in night.page
    assert night.pick["second_reader"]["dropped"] == {"direction": 1, "quantity": 1}
    assert f"{READ.replace('4 claims', '5 claims')}4 carried, 1 in part" in night.last_line
    assert "2 dropped: direction 1, quantity 1" in night.last_line
