"""How the time of some work grows with its input: a ratio within one run, so that no machine is too slow for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LINEAR = 8.0  # times as long for four times as much; what looks at letters again and again needs 16 times
TRIES = 6  # a busy machine may spoil one, and what is quadratic passes none
LEAST = 0.004  # seconds: below this, a clock measures other things
MEASURABLE = 0.002  # seconds for the small text, where its size can be chosen
LARGEST = 4_000_000


def growth(do: Callable[[T], object], small: T, large: T, *, least: float = LEAST) -> float:
    """How many times longer the large input takes than the small one, a quarter of it."""
    found = []
    for _ in range(TRIES):
        found.append(_fastest(do, large) / max(least, _fastest(do, small)))
        if found[-1] < LINEAR:
            break
    return min(found)


def growth_of(do: Callable[[str], object], text: Callable[[int], str]) -> float:
    """The same for a text of a size that can be measured, and one of four times that size."""
    size = 500
    while _fastest(do, text(size)) < MEASURABLE and size < LARGEST:
        size *= 2
    return growth(do, text(size), text(4 * size), least=1e-9)


def _fastest(do: Callable[[T], object], given: T) -> float:
    """The least of three times of this thread alone: other work on the machine does not count."""
    times = []
    for _ in range(3):
        started = time.thread_time()
        do(given)
        times.append(time.thread_time() - started)
    return min(times)
