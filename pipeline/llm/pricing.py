"""The cost of API calls in US dollars, and the budget that limits it."""

import asyncio
import math
from collections.abc import Mapping
from typing import Final

from pipeline.config.settings import Price
from pipeline.core.stage_names import Call

# Expected output tokens of a call, thinking included, for estimates.
# A score call answers for up to 25 papers in about 80 tokens each; a deep read takes 4,500 to 6,000; a second reading of
# 20 claims 600 without thinking.
EXPECTED_OUTPUT: Final[Mapping[Call, int]] = {"score": 3000, "analyze": 6000, "verify": 1500, "brief": 600}


def estimate_usd(price: Price, input_tokens: int, output_tokens: int) -> float:
    """Return the cost of one call in US dollars.

    A prompt above `long_above` tokens is billed at the long-prompt price in full.
    """
    is_long = input_tokens > price.long_above
    per_input = price.long_input if is_long else price.input
    per_output = price.long_output if is_long else price.output
    return (input_tokens * per_input + output_tokens * per_output) / 1_000_000


def round_up(usd: float) -> float:
    """Return an amount in whole millionths of a dollar: `Spent` rounds to these, and has to hide no cost."""
    return math.ceil(usd * 1e6 - 1e-6) / 1e6


class Budget:
    """A budget in US dollars: what is spent, and what is reserved for the maximum cost of calls in flight."""

    def __init__(self, budget_usd: float) -> None:
        self.budget_usd = budget_usd
        self.spent_usd = 0.0
        self.reserved_usd = 0.0
        self._in_flight = 0
        self._settled = asyncio.Event()
        self._turn = asyncio.Lock()

    def __str__(self) -> str:
        """The state of the budget, for messages."""
        spent, in_flight = f"${self.spent_usd:.4f} spent", f"${self.reserved_usd:.4f} under way"
        return f"the budget of ${self.budget_usd:g} ({spent}, {in_flight})"

    async def reserve(self, usd: float) -> bool:
        """Reserve an amount for a call, waiting while calls in flight may still cost less than reserved.

        False if no call is in flight and the budget does not cover the amount. Whoever asks first is served first, so
        that the repair of one paper does not take what the reading of another waits for.
        """
        async with self._turn:
            while self.spent_usd + self.reserved_usd + usd > self.budget_usd:
                if not self._in_flight:
                    return False
                self._settled.clear()
                await self._settled.wait()
            self.reserved_usd += usd
            self._in_flight += 1
            return True

    def settle(self, reserved: float, actual: float) -> None:
        """Replace the reservation of a finished call by its actual cost."""
        self._in_flight -= 1
        self.reserved_usd = self.reserved_usd - reserved if self._in_flight else 0.0
        self.spent_usd += actual
        self._settled.set()
