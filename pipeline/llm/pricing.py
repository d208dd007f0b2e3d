"""What a call costs: dollars from tokens, and the budget that says when to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from pipeline.config.settings import Price
from pipeline.core.stage_names import Stage

# Tokens that an answer is expected to take, thinking included: for estimates, and for calls whose cost nobody told.
# A score call answers for up to 25 papers in about 80 tokens each; a deep read takes 4,500 to 6,000.
EXPECTED_OUTPUT: Final[Mapping[Stage, int]] = {"score": 3000, "analyze": 6000}


def estimate_usd(price: Price, input_tokens: int, output_tokens: int) -> float:
    """US dollars for one call. A prompt above `long_above` tokens pays the long price for all of it."""
    per_input, per_output = price.input, price.output
    if price.long is not None and input_tokens > price.long[0]:
        _, per_input, per_output = price.long
    return (input_tokens * per_input + output_tokens * per_output) / 1_000_000


class Budget:
    """A budget in US dollars, with what is spent and what the calls under way may cost at the most."""

    def __init__(self, budget_usd: float) -> None:
        self.budget_usd = budget_usd
        self.spent_usd = 0.0
        self.reserved_usd = 0.0
        self._under_way = 0
        self._settled = asyncio.Event()

    def __str__(self) -> str:
        """What is in it, for a reader."""
        spent, under_way = f"${self.spent_usd:.4f} spent", f"${self.reserved_usd:.4f} under way"
        return f"the budget of ${self.budget_usd:g} ({spent}, {under_way})"

    def reserve(self, usd: float) -> bool:
        """Set money aside for a call; False if the budget does not have it."""
        if self.spent_usd + self.reserved_usd + usd > self.budget_usd:
            return False
        self.reserved_usd += usd
        self._under_way += 1
        return True

    async def reserved(self, usd: float) -> bool:
        """Set money aside, after waiting for calls under way to cost less than they might; False if there is none."""
        while not self.reserve(usd):
            if not self._under_way:
                return False
            self._settled.clear()
            await self._settled.wait()
        return True

    def settle(self, reserved: float, actual: float) -> None:
        """Replace what was set aside by what the call did cost."""
        self._under_way -= 1
        self.reserved_usd = self.reserved_usd - reserved if self._under_way else 0.0
        self.spent_usd += actual
        self._settled.set()
