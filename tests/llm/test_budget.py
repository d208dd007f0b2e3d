"""The budget against an endpoint that bills every byte as a token and reports whatever it likes."""

import asyncio
import random
from contextlib import aclosing

import pytest

from pipeline.config import settings as config
from tests.llm.endpoint import HAIKU, claude, question
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_billing import LIES, Biller, dense


def one_day(seed):
    """A day of random questions, budget and concurrency: the share of the budget that was billed, and what was told."""
    chance = random.Random(seed)
    price = config.Price(input=chance.choice([0.1, 2.0, 10.0]), output=chance.choice([0.5, 10.0]))
    biller = Biller(chance, price.input, price.output, lie=LIES[seed % len(LIES)])
    asked = [
        question(
            number,
            stage=chance.choice(["score", "analyze"]),
            user=dense(chance, chance.randrange(1, 3000)),
            check=lambda _: "",
        )
        for number in range(chance.randrange(5, 25))
    ]
    one_call = (12_000 * price.input + 1064 * price.output) / 1e6  # about the most that a question can cost
    budget = one_call * chance.uniform(0.5, 12)

    async def run(stub):
        model = claude(
            stub,
            prices={HAIKU: price},
            budget_usd=budget,
            concurrency=chance.randrange(1, 12),
            score_max_tokens=500,
            analyze_max_tokens=1000,
        )
        async with aclosing(model):
            return await asyncio.gather(*(model.ask(one) for one in asked))

    with MessagesStub(script=biller.script()) as stub:
        outcomes = asyncio.run(run(stub))
    told = sum(outcome.spent.usd for outcome in outcomes)
    return biller.usd / budget, biller.usd - told, biller.bills


def many_days(seeds):
    shares, untold, bills = zip(*map(one_day, seeds), strict=True)
    print(f"{len(shares)} days, {sum(bills)} bills: at most {max(shares):.1%} of the budget", end="")
    print(f", on average {sum(shares) / len(shares):.1%}")
    assert max(shares) <= 1
    assert max(untold) <= 1e-9, "what the outcomes say was spent is at least what was billed"
    assert sum(bills) > 3 * len(shares)


@pytest.mark.slow
def test_no_more_than_the_budget_is_billed():
    many_days(range(len(LIES)))


@pytest.mark.long
def test_no_more_than_the_budget_is_billed_on_200_days():
    many_days(range(200))
