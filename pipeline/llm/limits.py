"""The limits that all profiles of a process share for one endpoint: concurrent calls, overload, errors that stop all.

One call that finds the endpoint overloaded makes all others wait. When the pause is over, one call at a time is sent
until one is answered, so that an endpoint that recovers does not meet all of them at once.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from pipeline.llm.retry import ApiError


class SharedLimits:
    """The state of one endpoint. `sleep` and `clock` (monotonic, seconds) can be replaced.

    `round` counts the pauses: a request belongs to the round in which it was sent, and what becomes of it says nothing
    of a later one. `replies` counts the answers of the endpoint.
    """

    def __init__(
        self, slots: int, sleep: Callable[[float], Awaitable[None]], clock: Callable[[], float]
    ) -> None:
        self.stop_reason = ""
        self.auth_error: ApiError | None = None
        self.overload: ApiError | None = None
        self.round = 0
        self.replies = 0
        self._slots = asyncio.Semaphore(slots)
        self._probe = asyncio.Lock()
        self._sleep, self._clock = sleep, clock
        self._overloaded_since = 0.0
        self._pauses = 0
        self._paused_until = -math.inf

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Wait for the turn to send one request, first come, first served; yields whether it is alone, after an overload.

        A caller that has to send again asks for another turn: between its tries the calls of others are tried.
        """
        async with self._slots, AsyncExitStack() as stack:
            if self.overloaded:
                await stack.enter_async_context(self._probe)
            if not self.overloaded:  # or not any more, since the call before this one was answered
                await stack.aclose()
            yield self.overloaded

    @property
    def overloaded(self) -> bool:
        """Whether the last that is known of the endpoint is that it is overloaded; `overload` says by which error."""
        return self.overload is not None

    def pause(self, error: ApiError, sent_in: int, backoff: Callable[[int], float]) -> float:
        """Pause all calls after a request of round `sent_in` met an overload; returns the seconds until the pause ends.

        `backoff` gives the seconds by the number of pauses in a row. All requests of a round make one pause together,
        the longest that one of them asks for.
        """
        if self.overload is None:
            self._overloaded_since, self._pauses = self._clock(), 0
        if self.overload is None or sent_in == self.round:
            self.round += 1
            self._pauses += 1
        self.overload = error
        self._paused_until = max(self._paused_until, self._clock() + backoff(self._pauses))
        return self.remaining_pause()

    def end_overload(self, sent_in: int) -> bool:
        """End the overload, if there is one and the endpoint has answered a request that was sent since it began."""
        if self.overload is None or sent_in != self.round:
            return False
        self.overload, self._paused_until = None, -math.inf
        return True

    def remaining_pause(self) -> float:
        """Return the seconds until the pause ends, 0 if there is none."""
        return max(0.0, self._paused_until - self._clock())

    def overloaded_for(self) -> float:
        """Return the seconds since the overload was found."""
        return self._clock() - self._overloaded_since
