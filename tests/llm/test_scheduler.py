"""How calls wait, how many there are at once, and what they may cost: through the real SDK, against the stub."""

import asyncio
import threading
from contextlib import aclosing

import pytest

from pipeline.config import settings as config
from pipeline.core.stage_names import Call
from pipeline.llm import credentials, pricing, providers
from pipeline.llm.client import Claude
from pipeline.llm.interface import Answer, NoAnswer
from pipeline.llm.retry import ApiError
from pipeline.llm.scheduler import Route, Scheduler
from tests.llm.endpoint import HAIKU, PRICES, Time, ask, claude, question
from tests.stubs.messages import MessagesStub, rate_limited, slow
from tests.stubs.messages_answers import plain_answer, prompt_text


def test_waits_grow_and_end():
    time = Time()
    with MessagesStub(script=["conflict"] * 5) as stub:
        [outcome] = ask(stub, time=time)
    assert (outcome.kind, len(stub.asked)) == ("failed", 5)
    assert outcome.reason == "no answer after 5 tries, the last time HTTP 409 conflict_error: Conflict"
    assert time.slept == [0.5, 1.0, 2.0, 4.0]


def test_a_retry_after_is_kept_by_all_calls():
    time = Time()
    with MessagesStub(script=[rate_limited(7)]) as stub:
        outcomes = ask(stub, question(0), question(1), time=time, concurrency=1)
    assert [type(outcome) for outcome in outcomes] == [Answer, Answer]
    assert time.slept == [7.0]


@pytest.mark.parametrize("seconds", [121, "inf"])
def test_too_long_a_wait_is_not_waited_for(seconds):
    time = Time()
    with MessagesStub(script=[rate_limited(seconds)]) as stub:
        [outcome] = ask(stub, time=time)
    assert (outcome.kind, time.slept, len(stub.asked)) == ("budget", [], 1)
    assert "a wait of" in outcome.reason


def test_a_wait_that_the_endpoint_did_not_ask_for_is_cut():
    time = Time()
    with MessagesStub(script=["conflict"] * 2) as stub:
        [outcome] = ask(stub, time=time, max_wait_seconds=0.4)
    assert isinstance(outcome, Answer)
    assert time.slept == [0.4, 0.4]


def test_a_retry_after_that_is_no_number_of_seconds():
    time = Time()
    with MessagesStub(script=[rate_limited("Sun, 22 Nov 2026 12:00:00 GMT")]) as stub:
        [outcome] = ask(stub, time=time)
    assert isinstance(outcome, Answer)
    assert time.slept == [0.5]


def test_a_stage_ends_with_its_time():
    time = Time()
    with MessagesStub(script=["conflict"] * 4) as stub:
        outcomes = ask(stub, question(0), question(1), time=time, deadline_seconds=1.2, concurrency=1)
    assert [outcome.kind for outcome in outcomes] == ["budget", "budget"]
    assert time.slept == [0.5, 0.5]  # the next wait of each, 1 s, would pass the end
    assert len(stub.asked) == 4


def test_a_call_may_not_take_longer_than_its_stage_has_left():
    """Each hangs for 4 s; the waits are 0.5 s and 1 s: 10, 5.5 and 0.5 s are left, of which a call gets 6."""
    time, given = Time(), []

    async def post(body, seconds):
        given.append(seconds)
        time.now += 4
        return ApiError("HTTP 500", 500)

    environ = {"ANTHROPIC_API_KEY": "sk-test"}
    own, settings = (
        credentials.load_credentials(environ),
        config.Claude(timeout_seconds=6, deadline_seconds=10),
    )
    scheduler = Scheduler(
        post,
        settings,
        own,
        {"score": Route(HAIKU, providers.choose(own.base_url, HAIKU, settings), PRICES[HAIKU])},
        budget_usd=10.0,
        sleep=time.sleep,
        clock=time.clock,
        jitter=lambda: 0.0,
    )
    outcome = asyncio.run(scheduler.ask(question()))
    assert isinstance(outcome, NoAnswer)
    assert (given, outcome.kind) == ([6, 5.5, 0.5], "budget")


def test_each_stage_has_its_own_time():
    time = Time()

    async def run(stub):
        async with aclosing(claude(stub, time=time, deadline_seconds=100.0)) as model:
            first = await model.ask(question(0))
            time.now += 101
            return first, await model.ask(question(1)), await model.ask(question(2, stage="analyze"))

    with MessagesStub() as stub:
        outcomes = asyncio.run(run(stub))
    assert [type(outcome) for outcome in outcomes] == [Answer, NoAnswer, Answer]
    assert outcomes[1].reason == "the 100 s of this stage are over"


def test_so_many_at_once():
    free = threading.Event()

    def answer(body):
        assert free.wait(timeout=30)
        return plain_answer(body)

    async def run(stub):
        async with aclosing(claude(stub, concurrency=3)) as model:
            asked = [asyncio.create_task(model.ask(question(number))) for number in range(9)]
            for _ in range(40):  # long enough for a fourth request, were it sent
                await asyncio.sleep(0.02)
            sent = len(stub.asked)
            free.set()
            return sent, await asyncio.gather(*asked)

    with MessagesStub(answer=answer) as stub:
        sent, outcomes = asyncio.run(run(stub))
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert (sent <= 3, stub.peak <= 3, len(stub.asked)) == (True, True, 9)


def test_it_can_be_cancelled():
    arrived = threading.Event()

    def answer(body):
        arrived.set()
        return plain_answer(body)

    async def run(stub):
        async with aclosing(claude(stub)) as model:
            task = asyncio.create_task(model.ask(question()))
            assert await asyncio.to_thread(arrived.wait, 20)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await model.ask(question(1))

    with MessagesStub(script=[slow(60.0)], answer=answer) as stub:
        assert isinstance(asyncio.run(run(stub)), Answer)


def test_what_an_answer_costs():
    with MessagesStub() as stub:
        [answer] = ask(stub)
    usage = stub.asked[0].usage
    expected = (usage["input_tokens"] * 0.10 + usage["output_tokens"] * 0.50) / 1_000_000
    assert answer.spent.usd == pytest.approx(expected, abs=5e-7)
    assert (answer.spent.calls, answer.spent.input_tokens) == (1, usage["input_tokens"])


def test_a_budget_holds_even_if_every_answer_takes_all_its_room():
    """A call may take 118 tokens in and 8000 out: $0.0040118. The budget has room for one such call at a time,
    and none is refused, since the answers are short."""
    with MessagesStub(latency=0.01) as stub:
        outcomes = ask(stub, *(question(number) for number in range(8)), budget_usd=0.0046)
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert stub.peak == 1


def test_a_budget_below_one_call_sends_none():
    with MessagesStub() as stub:
        outcomes = ask(stub, *(question(number) for number in range(8)), budget_usd=0.0040)
    assert [outcome.kind for outcome in outcomes if isinstance(outcome, NoAnswer)] == ["budget"] * 8
    assert stub.asked == []
    assert "the budget of $0.004" in next(o.reason for o in outcomes if isinstance(o, NoAnswer))


def test_a_budget_counts_what_was_spent():
    dear = {HAIKU: config.Price(input=0, output=1_000_000)}  # a dollar a token; 8064 at the most

    async def run(stub):
        async with aclosing(claude(stub, prices=dear, budget_usd=8064 + 30, score_max_tokens=8000)) as model:
            return [await model.ask(question(number)) for number in range(3)]

    with MessagesStub() as stub:
        first, second, third = asyncio.run(run(stub))
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)  # 22 tokens were spent
    assert (third.kind, third.spent.calls) == ("budget", 0)
    assert len(stub.asked) == 2


def test_an_answer_that_never_arrived_is_taken_for_paid():
    dear = {HAIKU: config.Price(input=0, output=1_000_000)}
    for fault, kind in [
        ("cut", "budget"),
        ("html", "budget"),
        ("overloaded", "answered"),
        ("server_error", "answered"),
    ]:
        with MessagesStub(script=[fault]) as stub:
            [outcome] = ask(stub, prices=dear, budget_usd=10_000)
        assert (outcome.kind if isinstance(outcome, NoAnswer) else "answered") == kind, fault
        assert outcome.spent.calls == len([call for call in stub.asked if call.fault == "ok"])


def test_an_unknown_price_is_said_once_and_stops_nothing(caplog):
    with MessagesStub() as stub:
        outcomes = ask(stub, *(question(number) for number in range(5)), prices={}, budget_usd=1e-9)
    assert all(isinstance(outcome, Answer) and outcome.spent.usd is None for outcome in outcomes)
    assert [record.message for record in caplog.records if "price" in record.message] == [
        f"the price of {HAIKU} at 127.0.0.1 is not known: no budget can stop it"
    ]


def test_a_claude_s_name_is_no_price_where_it_is_an_alias(caplog):
    environ = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "https://api.deepseek.com/anthropic"}
    prices = PRICES | {"deepseek-v4-pro": config.Price(input=1, output=2)}
    models: dict[Call, str] = {"score": HAIKU, "analyze": "deepseek-v4-pro"}
    Claude(config.Claude(), models, prices, environ, budget_usd=1.0)
    assert [record.message for record in caplog.records] == [
        f"the price of {HAIKU} at api.deepseek.com is not known: no budget can stop it"
    ]


def test_expected_output_is_below_the_ceiling():
    limits = config.Claude()
    assert pricing.EXPECTED_OUTPUT["score"] <= limits.score_max_tokens
    assert pricing.EXPECTED_OUTPUT["analyze"] <= limits.analyze_max_tokens


def one_by_one(stub, count, *before, **more):
    """So many questions, one after the other, after those given."""

    async def run():
        async with aclosing(claude(stub, concurrency=1)) as model:
            return [await model.ask(one) for one in (*before, *(question(n, **more) for n in range(count)))]

    return asyncio.run(run())


def test_a_model_of_which_nothing_can_be_used_is_left_alone():
    """Each answer is asked for twice; after forty no more, and a stage of its own is not the other's."""
    with MessagesStub(answer=lambda _body: "I would rather not.") as stub:
        outcomes = one_by_one(stub, 43)
    assert [outcome.kind for outcome in outcomes] == ["invalid"] * 40 + ["stopped"] * 3
    assert outcomes[-1].reason == (
        "none of the model's first 40 answers could be used; of the last one: "
        "the answer was not of the form asked for: there is no whole JSON object in it"
    )
    assert len(stub.asked) == 80


def test_one_good_answer_and_the_bad_ones_are_the_papers_fault():
    def answer(body):
        return plain_answer(body) if "number 7." in prompt_text(body) else "I would rather not."

    with MessagesStub(answer=answer) as stub:
        outcomes = one_by_one(stub, 43)
    kinds = [getattr(outcome, "kind", "good") for outcome in outcomes]
    assert kinds == ["invalid"] * 7 + ["good"] + ["invalid"] * 35


@pytest.mark.parametrize(("fault", "sent"), [("truncated", 80), ("refused", 40)])
def test_a_model_that_is_always_cut_or_declines_is_left_alone(fault, sent):
    """A cut answer is asked for once more, with twice the room; a refusal is not."""
    with MessagesStub(script=dict.fromkeys(range(86), fault)) as stub:
        outcomes = one_by_one(stub, 43)
    assert [outcome.kind for outcome in outcomes] == [fault] * 40 + ["stopped"] * 3
    assert len(stub.asked) == sent


def test_a_good_answer_of_one_stage_says_nothing_of_the_other():
    with MessagesStub(script=dict.fromkeys(range(1, 90), "unlike")) as stub:
        good, *outcomes = one_by_one(stub, 43, question(99), stage="analyze")
    assert isinstance(good, Answer)
    assert [outcome.kind for outcome in outcomes] == ["invalid"] * 40 + ["stopped"] * 3
