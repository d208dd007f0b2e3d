"""What to do when an endpoint does not answer: again, later, never, or the end of it for all calls.

The numbers are the SDK's (0.5 s doubled, at most 30 s, up to a quarter less by chance), except that a wait which
a server asks for has a limit, and that a busy server gives all calls a pause, not one.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
BUSY: Final = frozenset({429, 529})
AGAIN: Final = frozenset({200, 408, 409}) | BUSY  # 200: an answer that is no message
SPENT: Final = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})
SPENT_WORDS: Final = ("usage limits", "credit balance")

Course = Literal["again", "fail", "stop", "door"]
"""again: after a wait; fail: this call is lost; stop: so are all others; door: the credentials are refused."""


@dataclass(frozen=True)
class Trouble:
    """Why there is no message. `status` is None if there was no answer at all.

    `paid` is False where the endpoint cannot have written an answer, so that its cost need not be feared.
    """

    what: str
    status: int | None = None
    code: str = ""
    message: str = ""
    retry_after: float | None = None
    should_retry: bool | None = None
    paid: bool = False

    def __str__(self) -> str:
        """For a reader: what happened, and what the endpoint said of it."""
        return f"{self.what}: {self.message}" if self.message else self.what


def course(trouble: Trouble) -> Course:
    """What a trouble means for this call and the others."""
    status = trouble.status
    if status in (401, 403):
        return "door"
    spent = trouble.code in SPENT or any(words in trouble.message.lower() for words in SPENT_WORDS)
    if status in (402, 404) or (spent and status is not None and status >= 400):
        return "stop"
    if trouble.should_retry is not None:
        return "again" if trouble.should_retry else "fail"
    return "again" if status is None or status in AGAIN or status >= 500 else "fail"


def wait(trouble: Trouble, tries: int, chance: float) -> float:
    """Seconds until the next try, after `tries` tries; `chance` is in [0, 1)."""
    if trouble.retry_after is not None:
        return trouble.retry_after
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (tries - 1)) * (1 - 0.25 * chance)


def seconds(header: str | None) -> float | None:
    """A retry-after in seconds, or None for anything else (a date, nonsense, a negative number)."""
    try:
        value = float(header or "")
    except ValueError:
        return None
    return None if math.isnan(value) or value < 0 else value


class Pause:
    """A pause that all calls share: whoever is told to wait makes the others wait too."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]], clock: Callable[[], float]) -> None:
        self._sleep = sleep
        self._clock = clock
        self._until = -math.inf

    def extend(self, seconds: float) -> None:
        """No call before this many seconds from now."""
        self._until = max(self._until, self._clock() + seconds)

    def left(self) -> float:
        """Seconds until calls are allowed, 0 if they are."""
        return max(0.0, self._until - self._clock())

    async def over(self) -> None:
        """Sleep until calls are allowed, and again if the pause was extended meanwhile (ten times at most)."""
        for _ in range(10):
            if left := self.left():
                await self._sleep(left)
