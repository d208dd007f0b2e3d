"""When to ask a host again, and when to leave it alone. No request is made in here."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.sources import dates

TRY_LATER = frozenset({406, 408, 425, 429})  # and all from 500; 406 is what arXiv's edge says when it is busy
MOST_FAILURES = 3  # pages in a row, each with all its tries


def try_later(status: int) -> bool:
    """Whether an answer of this status may be another one a little later."""
    return status in TRY_LATER or status >= 500


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks to wait, or None.

    A date is read against the answer's own `Date`: the server's clock is the one that it was written by.
    """
    asked = headers.get("retry-after", "").strip()
    if not asked:
        return None
    if asked.isascii() and asked.isdigit():
        return float(asked) if len(asked) < 10 else float("inf")
    until, now = dates.moment(asked), dates.moment(headers.get("date", ""))
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def backoff(attempt: int, *, first: float, most: float) -> float:
    """Seconds after the attempt with this number, from 1: three times as long each time.

    Without chance in it: one request a night meets no crowd that would have to be spread.
    """
    return min(most, first * 3.0 ** (attempt - 1))


class Circuit:
    """Hosts that have failed again and again, and are asked no more on this run."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._open: dict[str, str] = {}

    def why_open(self, host: str) -> str:
        """Why this host is not asked, or an empty string."""
        return self._open.get(host, "")

    def answered(self, host: str) -> None:
        """The host gave an answer, if only "not found"."""
        self._failures.pop(host, None)

    def failed(self, host: str, reason: str, *, for_good: bool = False) -> None:
        """A page of this host was given up; `for_good` if the host itself asked for more time than there is."""
        count = self._failures[host] = self._failures.get(host, 0) + 1
        if for_good or count >= MOST_FAILURES:
            self._open.setdefault(host, reason)
