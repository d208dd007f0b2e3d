"""Dollars and the budget; expected sums done by hand."""

import asyncio

import pytest

from pipeline.config.settings import Price
from pipeline.llm.pricing import Budget, estimate_usd

HAIKU = Price(input=0.10, output=0.50, long_above=100_000, long_input=0.50, long_output=2.50)


@pytest.mark.parametrize(
    ("price", "given", "taken", "usd"),
    [
        (HAIKU, 1_000_000 // 10, 0, 0.01),  # 100,000 tokens: not yet long
        (HAIKU, 100_001, 1000, 0.0525005),  # long: 100,001 x 0.50 + 1000 x 2.50
        (HAIKU, 100_000, 1000, 0.0105),
        (Price(input=2, output=10), 30_000, 6000, 0.12),
        (
            Price(input=1, output=5, long_above=10, long_input=2, long_output=5),
            11,
            1_000_000,
            5.000022,
        ),  # the same price for output
    ],
)
def test_dollars(price, given, taken, usd):
    assert estimate_usd(price, given, taken) == pytest.approx(usd, rel=1e-9)


def test_who_asks_first_is_served_first():
    async def run():
        budget = Budget(1.0)
        assert await budget.reserve(0.6)
        large = asyncio.create_task(budget.reserve(0.7))
        await asyncio.sleep(0)
        small = asyncio.create_task(budget.reserve(0.3))
        await asyncio.sleep(0)
        assert (large.done(), small.done()) == (False, False)
        budget.settle(0.6, 0.2)
        assert (await large, budget.reserved_usd) == (True, 0.7)
        assert not small.done()
        budget.settle(0.7, 0.8)
        assert not await small

    asyncio.run(run())


def test_a_budget():
    async def run():
        budget = Budget(1.0)
        assert await budget.reserve(0.6)
        assert await budget.reserve(0.4)
        waiting = asyncio.create_task(budget.reserve(0.45))
        await asyncio.sleep(0)
        assert not waiting.done()
        budget.settle(0.6, 0.1)
        assert await waiting
        assert (budget.spent_usd, budget.reserved_usd) == pytest.approx((0.1, 0.85))
        budget.settle(0.4, 0.9)
        budget.settle(0.45, 0.0)
        assert str(budget) == "the budget of $1 ($1.0000 spent, $0.0000 under way)"
        assert not await budget.reserve(0.001)

    asyncio.run(run())
