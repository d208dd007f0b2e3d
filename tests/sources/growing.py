"""How the time for a text grows with its length: a ratio, since seconds differ from machine to machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
MOST = 8.0  # times as long for four times as much; what looks at letters again and again needs 16 times
TRIES = 6  # a busy machine may spoil one, and what is quadratic passes none
LEAST = 0.004  # seconds: below this, a clock measures other things


def growth(do: Callable[[T], object], small: T, large: T) -> float:
    """How much longer the large text takes than the small one, a quarter of it; each at its fastest of three.

    Of this thread's own time: other work on the machine does not count.
    """
    found = []
    for _ in range(TRIES):
        found.append(_fastest(do, large) / max(LEAST, _fastest(do, small)))
        if found[-1] < MOST:
            break
    return min(found)


def _fastest(do: Callable[[T], object], given: T) -> float:
    times = []
    for _ in range(3):
        started = time.thread_time()
        do(given)
        times.append(time.thread_time() - started)
    return min(times)
