"""What arXiv asks of its visitors: a name, an Accept header, one request at a time, and a pause between two."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping

ARXIV_ROUTES = frozenset({"rss", "atom", "api", "oai", "abs", "html", "pdf", "details"})
DEFAULT_AGENTS = re.compile(r"$|python|curl|wget|httpx|aiohttp|go-http|java|libwww", re.IGNORECASE)


class Manners:
    """Watches the requests to arXiv. `interval` is in seconds, from the arrival of one to that of the next."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.open_at_once = (
            0  # most connections that were open at the same time, once arXiv was asked over them
        )
        self._last = -float("inf")
        self._in_hand: set[int] = set()
        self._open: set[int] = set()
        self._lock = threading.Lock()

    def enter(
        self, headers: Mapping[str, str], now: float, connection: int, gone: Callable[[int], bool]
    ) -> str:
        """What there is to complain about, beginning with the status; or an empty string.

        `gone` tells of a connection whether the visitor has left it: what he no longer waits for is not held
        against him.
        """
        with self._lock:
            gap, self._last = now - self._last, now
            self._in_hand = {one for one in self._in_hand if not gone(one)} | {connection}
            self._open = {one for one in self._open if not gone(one)} | {connection}
            self.open_at_once = max(self.open_at_once, len(self._open))
            if not headers.get("accept", "").strip():
                return "406: no Accept header"
            if DEFAULT_AGENTS.match(headers.get("user-agent", "")):
                return f"406: user agent {headers.get('user-agent', '')!r}"
            if len(self._in_hand) > 1:
                return "429: more than one request at a time"
            if gap < self.interval:
                return f"429: {gap:.3f} s after the last request"
            return ""

    def leave(self, connection: int) -> None:
        """The request of a connection has its answer."""
        with self._lock:
            self._in_hand.discard(connection)

    def closed(self, connection: int) -> None:
        """A connection is gone."""
        with self._lock:
            self._open.discard(connection)
            self._in_hand.discard(connection)
