"""An endpoint that is overloaded: who waits, for how long, in which order, at what cost, and what is said meanwhile."""

import asyncio
import itertools
from contextlib import aclosing

import pytest

from pipeline.llm import scheduler
from pipeline.llm.interface import Answer
from pipeline.llm.limits import SharedLimits
from pipeline.llm.retry import ApiError
from tests.llm.endpoint import Time, ask, claude, question
from tests.stubs.messages import MessagesStub, error, rate_limited, slow
from tests.stubs.messages_answers import plain_answer, prompt_text

TWELVE_MINUTES = 720.0
OVERLOADED = ApiError("HTTP 529", 529)


def overloaded_until(time, end, fault="overloaded"):
    """A fault for every request until the clock shows `end`, then the model's answers."""
    return (fault if time.now < end else None for _ in itertools.count())


def ids(outcomes):
    return [outcome.value.id for outcome in outcomes if isinstance(outcome, Answer)]


@pytest.mark.parametrize(
    "fault",
    [
        *("overloaded", "overloaded_in_200", "unavailable", "rate_limited", "rate_limited_0", "server_error"),
        error("busy", 429, "rate_limit_error", "slow down", retry_after="0.001"),
        error("busy", 503, "overloaded_error", "Overloaded", retry_after="0"),
        error("busy", 200, "rate_limit_error", "slow down"),
    ],
    ids=lambda fault: fault if isinstance(fault, str) else f"{fault.status} {fault.headers}",
)
def test_twelve_bad_minutes_lose_nothing_and_cost_nothing(fault):
    """At most eight calls meet the overload at first; after that one at a time, each half a minute at the end."""
    time = Time()
    with MessagesStub(script=overloaded_until(time, time.now + TWELVE_MINUTES, fault)) as stub:
        outcomes = ask(stub, *(question(number) for number in range(12)), time=time)
    assert ids(outcomes) == [f"2601.{number:05}" for number in range(12)]
    assert [outcome.spent.calls for outcome in outcomes] == [1] * 12
    paid = sum(
        call.usage["input_tokens"] * 0.10 + call.usage["output_tokens"] * 0.50
        for call in stub.asked
        if call.usage
    )
    assert sum(outcome.spent.usd for outcome in outcomes) == pytest.approx(paid / 1e6, abs=12e-6)
    assert TWELVE_MINUTES <= sum(time.slept) < TWELVE_MINUTES + 30
    assert min(time.slept) >= 0.5
    assert len(stub.asked) - 12 <= 8 + 6 + TWELVE_MINUTES / 30


def test_others_are_not_sent_while_one_waits_and_one_at_a_time_after_that():
    """Nine of twelve calls are sent only when the endpoint has answered one: of the first three, one after the other."""
    time, in_flight = Time(), []

    def answer(body):
        in_flight.append(len([call for call in stub.calls if not call.ended]))
        return plain_answer(body)

    with MessagesStub(script=["overloaded"] * 6, answer=answer, latency=0.02) as stub:
        outcomes = ask(stub, *(question(number) for number in range(12)), time=time, concurrency=3)
    assert len(ids(outcomes)) == 12
    # The three that were refused together make one pause, and one of them that comes late to it makes it no longer.
    assert [*dict.fromkeys(time.slept)] == [0.5, 1.0, 2.0, 4.0]
    assert in_flight[0] == 1  # the first that is answered is alone


def test_profiles_wait_together():
    time = Time()

    async def run(stub):
        one = claude(stub, time=time)
        other = claude(stub, time=time, limits=one.limits)
        async with aclosing(one), aclosing(other):
            return await asyncio.gather(one.ask(question(0)), other.ask(question(1)), other.ask(question(2)))

    with MessagesStub(script=overloaded_until(time, time.now + 60)) as stub:
        assert len(ids(asyncio.run(run(stub)))) == 3
    assert len(stub.asked) - 3 <= 3 + 7


def test_a_wait_ends_with_the_stage_and_says_why():
    time = Time()
    with MessagesStub(script=itertools.repeat("overloaded")) as stub:
        outcomes = ask(stub, question(0), question(1), time=time, deadline_seconds=100.0)
    assert [outcome.kind for outcome in outcomes] == ["budget", "budget"]
    assert all(
        outcome.reason.startswith("HTTP 529 overloaded_error: Overloaded; the ") for outcome in outcomes
    )
    assert sum(time.slept) <= 100
    assert [outcome.spent.usd for outcome in outcomes] == [0.0, 0.0]


def test_a_wait_without_any_wait_in_the_settings_is_no_flood():
    time = Time()
    with MessagesStub(script=overloaded_until(time, time.now + 10)) as stub:
        [outcome] = ask(stub, time=time, max_wait_seconds=0.0)
    assert isinstance(outcome, Answer)
    assert len(stub.asked) <= 1 + 20


def test_a_prompt_that_the_server_fails_at_is_given_up_while_others_are_answered():
    """Each of its tries is counted, since another call was answered in between."""

    async def run(stub):
        async with aclosing(claude(stub)) as model:
            bad = asyncio.create_task(model.ask(question(13)))
            good = [await model.ask(question(number)) for number in range(12)]
            return await bad, good

    with MessagesStub(
        script=lambda body: "server_error" if "2601.00013" in prompt_text(body) else None
    ) as stub:
        bad, good = asyncio.run(run(stub))
    assert len(ids(good)) == 12
    assert (bad.kind, bad.reason[:25]) == ("rejected", "no answer after 5 tries, ")


def test_a_suspect_prompt_is_given_up_without_others():
    time = Time()
    with MessagesStub(script=itertools.repeat("server_error")) as stub:
        [outcome] = ask(stub, question(suspect=True), time=time)
    assert (outcome.kind, len(stub.asked)) == ("rejected", 5)


def test_a_suspect_prompt_waits_as_long_as_any_for_an_endpoint_that_says_that_it_is_busy():
    time = Time()
    with MessagesStub(script=overloaded_until(time, time.now + TWELVE_MINUTES)) as stub:
        [outcome] = ask(stub, question(suspect=True), time=time)
    assert isinstance(outcome, Answer)


def test_requests_of_one_round_make_one_pause_and_later_ones_a_longer():
    time = Time()
    limits = SharedLimits(8, time.sleep, time.clock)
    assert [limits.pause(OVERLOADED, 0, lambda pauses: 10.0 * pauses) for _ in range(3)] == [10.0] * 3
    assert limits.pause(OVERLOADED, 0, lambda _: 25.0) == 25.0  # one of them asks for more
    assert limits.pause(OVERLOADED, limits.round, lambda pauses: 20.0 * pauses) == 40.0


def test_an_answer_to_what_was_sent_before_the_overload_does_not_end_it():
    time = Time()
    limits = SharedLimits(8, time.sleep, time.clock)
    limits.pause(OVERLOADED, 0, lambda _: 10.0)
    assert (limits.end_overload(0), limits.overloaded, limits.remaining_pause()) == (False, True, 10.0)
    assert (limits.end_overload(1), limits.overloaded, limits.remaining_pause()) == (True, False, 0.0)


def lines_of(stub, *questions, **more):
    """What is said while the questions are asked."""
    said = []

    async def run():
        say = lambda stage, text: said.append(f"{stage}: {text}")  # noqa: E731
        async with aclosing(claude(stub, say=say, **more)) as model:
            return await asyncio.gather(*(model.ask(one) for one in questions))

    return asyncio.run(run()), said


def test_a_wait_is_said():
    time = Time()
    with MessagesStub(script=["conflict", "overloaded", "overloaded"]) as stub:
        [outcome], said = lines_of(stub, question(), time=time)
    assert isinstance(outcome, Answer)
    busy = "HTTP 529 overloaded_error: Overloaded"
    assert said == [
        "score: 127.0.0.1: HTTP 409 conflict_error: Conflict; try 2 of 5, next in 1 s",
        f"score: 127.0.0.1: overloaded for 0 s ({busy}); next try in 1 s",
        f"score: 127.0.0.1: overloaded for 0 s ({busy}); next try in 1 s",
        "score: 127.0.0.1: answers again after 2 s",
    ]


def test_a_long_wait_is_said_every_half_minute():
    time = Time()
    with MessagesStub(script=[rate_limited(100)]) as stub:
        _, said = lines_of(stub, question(), time=time)
    assert [line.rsplit("; ")[-1] for line in said[:-1]] == [
        f"next try in {seconds} s" for seconds in (100, 70, 40, 10)
    ]


def test_calls_under_way_are_said(monkeypatch):
    monkeypatch.setattr(scheduler, "SILENCE_SECONDS", 0.05)
    with MessagesStub(script=[slow(0.5), slow(0.5)]) as stub:
        _, said = lines_of(stub, question(0), question(1))
    assert "score: 127.0.0.1: 2 calls under way, 0 answered so far" in said
