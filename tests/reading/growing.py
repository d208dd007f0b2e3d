"""How the time of some work grows with its input: a ratio within one run, so that no machine is too slow for it."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time

MEASURABLE = 0.002  # seconds; below that a clock's steps and a cold cache count for more than the work
LARGEST = 4_000_000
TRIES = 6  # a busy machine may spoil one, and what is quadratic passes none
LINEAR = 8  # times: four times the input takes four times as long, or sixteen times if the work is quadratic


def growth(work: Callable[[str], object], text: Callable[[int], str]) -> float:
    """How many times longer the work takes on a text of four times the size, on sizes that can be measured."""
    size = 500
    while _seconds(work, text(size)) < MEASURABLE and size < LARGEST:
        size *= 2
    found = []
    for _ in range(TRIES):
        found.append(_seconds(work, text(4 * size)) / _seconds(work, text(size)))
        if found[-1] < LINEAR:
            break
    return min(found)


def _seconds(work: Callable[[str], object], text: str) -> float:
    """The least of two times of this thread alone: other work on the machine does not count."""
    times = []
    for _ in range(2):
        start = thread_time()
        work(text)
        times.append(thread_time() - start)
    return max(min(times), 1e-9)
