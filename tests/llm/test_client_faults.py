"""Every fault that an endpoint can have, at the first, a middle and the last of twenty calls, through the real SDK."""

import asyncio
import re
import threading
from contextlib import aclosing

import pytest

from pipeline.core.errors import CredentialsError
from pipeline.llm.interface import Answer, NoAnswer
from tests.llm.endpoint import Time, ask, claude, question
from tests.stubs.messages import FAULTS, MessagesStub, slow
from tests.stubs.messages_answers import plain_answer

CALLS, AT_ONCE = 20, 8
POSITIONS = (0, 9, CALLS - 1)

# Answered at once: what the model says is unwrapped, or put right, without another request.
READ = ("ok", "thinking_first", "wrong_case", "fenced", "prose", "latex")
# Answered after one more request.
MENDED = (
    *("rate_limited", "rate_limited_0", "rate_limited_2", "timed_out", "conflict"),
    *("overloaded", "overloaded_in_200", "unavailable", "server_error", "gateway_html", "gateway_timeout"),
    *("cut", "malformed", "not_utf8", "html", "no_message", "list", "empty"),
)
# The same, but not if it happens twice to one paper: there is one repair, and one doubling of the room.
MENDED_ONCE = ("truncated", "thinking_only", "out_of_range", "unlike")
LOST = {
    **dict.fromkeys(("bad_request", "content_filter", "too_large", "too_large_html"), "rejected"),
    "overloaded_final": "failed",
    **dict.fromkeys(("refused", "refused_in_words", "refused_untold"), "refused"),
    "rate_limited_3600": "budget",
}
STOPPED = ("spend_limit", "contract_limit", "own_limit", "unpaid", "not_found")
TURNED_AWAY = ("unauthorized", "forbidden")


def twenty():
    return [question(number) for number in range(CALLS)]


def answered(outcomes):
    return [outcome.value.id for outcome in outcomes if isinstance(outcome, Answer)]


def check_spent(stub, outcomes):
    """All that was paid for and arrived is counted, whatever became of it."""
    paid = [call.usage for call in stub.asked if call.usage and call.fault != "cut"]
    assert sum(o.spent.calls for o in outcomes) == len(paid)
    assert sum(o.spent.output_tokens for o in outcomes) == sum(usage["output_tokens"] for usage in paid)
    assert sum(o.spent.input_tokens for o in outcomes) == sum(usage["input_tokens"] for usage in paid)


def test_the_table_has_every_fault():
    assert sorted([*READ, *MENDED, *MENDED_ONCE, *LOST, *STOPPED, *TURNED_AWAY, "slow"]) == sorted(FAULTS)


@pytest.mark.parametrize("fault", READ)
def test_no_paper_is_lost_and_none_asked_twice(fault):
    with MessagesStub(script=dict.fromkeys(POSITIONS, fault)) as stub:
        outcomes = ask(stub, *twenty())
        assert answered(outcomes) == [one.about for one in twenty()]
        assert len(stub.asked) == CALLS
        assert stub.peak <= AT_ONCE
        check_spent(stub, outcomes)


@pytest.mark.parametrize("fault", MENDED)
def test_no_paper_is_lost(fault):
    with MessagesStub(script=dict.fromkeys(POSITIONS, fault)) as stub:
        outcomes = ask(stub, *twenty())
        assert answered(outcomes) == [one.about for one in twenty()]
        assert len(stub.asked) == CALLS + len(POSITIONS)
        check_spent(stub, outcomes)


@pytest.mark.parametrize(("fault", "position"), [*zip(MENDED_ONCE, (*POSITIONS, 0), strict=True)])
def test_a_single_fault(fault, position):
    with MessagesStub(script={position: fault}) as stub:
        outcomes = ask(stub, *twenty())
        assert answered(outcomes) == [one.about for one in twenty()]
        assert len(stub.asked) == CALLS + 1
        check_spent(stub, outcomes)


@pytest.mark.parametrize("fault", LOST)
def test_only_the_papers_concerned_are_lost(fault):
    time = Time()
    with MessagesStub(script=dict.fromkeys(POSITIONS, fault)) as stub:
        outcomes = ask(stub, *twenty(), time=time)
        lost = {number for number, outcome in enumerate(outcomes) if isinstance(outcome, NoAnswer)}
        hit = {paper_of(stub.asked[position]) for position in POSITIONS}
        assert {f"2601.{number:05}" for number in lost} == hit
        assert len(hit) == len(POSITIONS)
        assert {outcomes[number].kind for number in lost} == {LOST[fault]}
        assert len(answered(outcomes)) == CALLS - len(POSITIONS)
        assert len(stub.asked) == CALLS
        check_spent(stub, outcomes)
    assert time.slept == []  # no sleep at all, and so none of an hour


def paper_of(call):
    return re.findall(r'id="([^"]+)"', call.body["messages"][0]["content"])[0]


class Held:
    """Twenty questions to a stub that, once the fault was met, holds back every other answer until the client knows
    of it: whatever is sent after that was sent in spite of it.
    """

    def __init__(self, fault, position):
        self.known = threading.Event()
        self.position = position
        self.stub = MessagesStub(script={position: fault}, answer=self.answer)

    def answer(self, body):
        if len(self.stub.asked) > self.position:
            assert self.known.wait(timeout=30)
        return plain_answer(body)

    async def one(self, model, number):
        try:
            outcome = await model.ask(question(number))
        except CredentialsError as error:
            outcome = error
        if not isinstance(outcome, Answer):
            self.known.set()
        return outcome

    def run(self):
        """The outcomes, how many requests there were, the outcome of a later question, and how many there were then."""

        async def everything():
            async with aclosing(claude(self.stub)) as model:
                outcomes = await asyncio.gather(*(self.one(model, number) for number in range(CALLS)))
                sent = len(self.stub.asked)
                return outcomes, sent, await self.one(model, 99), len(self.stub.asked)

        with self.stub:
            return asyncio.run(everything())


@pytest.mark.parametrize(("fault", "position"), [*zip(STOPPED, (*POSITIONS, 0, 9), strict=True)])
def test_nothing_is_sent_after_what_stops_all(fault, position):
    outcomes, sent, later, sent_later = Held(fault, position).run()
    kinds = [outcome.kind for outcome in outcomes if isinstance(outcome, NoAnswer)]
    assert kinds == ["stopped"] * (CALLS - sent + 1)
    assert len(answered(outcomes)) == sent - 1  # those under way are kept
    assert position < sent <= min(CALLS, position + AT_ONCE)
    assert later.kind == "stopped"
    assert sent_later == sent


@pytest.mark.parametrize(("fault", "position"), [*zip(TURNED_AWAY, (0, 9), strict=True)])
def test_refused_credentials_end_the_run(fault, position):
    outcomes, sent, later, sent_later = Held(fault, position).run()
    errors = [outcome for outcome in outcomes if isinstance(outcome, CredentialsError)]
    assert len(errors) == CALLS - sent + 1
    assert len(answered(outcomes)) == sent - 1
    assert position < sent <= min(CALLS, position + AT_ONCE)
    assert isinstance(later, CredentialsError)
    assert sent_later == sent
    assert errors[0].exit_code == 4
    assert "ANTHROPIC_API_KEY" in errors[0].hint
    assert (
        "sk-test" not in f"{errors[0]!r} {errors[0].hint} {errors[0].__cause__!r} {errors[0].__context__!r}"
    )


def test_answers_that_come_too_late():
    with MessagesStub(script=dict.fromkeys(POSITIONS, slow(30.0))) as stub:
        outcomes = ask(stub, *twenty(), timeout_seconds=1.0)
        assert answered(outcomes) == [one.about for one in twenty()]
        assert len(stub.asked) >= CALLS + len(POSITIONS)


def test_latex_keeps_its_backslashes():
    with MessagesStub(script=["latex"]) as stub:
        [answer] = ask(stub)
        assert answer.value.reason.endswith(r" $\alpha \le \frac{\nu}{\beta_{i}}$")
        assert len(stub.asked) == 1
