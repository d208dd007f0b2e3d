"""What can go wrong with one request, and the note that is kept of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tests.stubs import world_bodies as bodies


@dataclass(frozen=True)
class Fault:
    """What one request gets instead of, or around, its answer."""

    status: int | None = None  # with `body`; None: the real answer
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before anything is sent
    stall: float = 0.0  # seconds in the middle of the body
    cut: float | None = None  # this share of the body is sent, then the connection closes
    short: float | None = None  # this share of the body is sent, as if that were all of it
    drop: bool = False  # the connection closes without a word

    @classmethod
    def html(cls) -> Self:
        """A web page in place of a feed, with status 200."""
        return cls(200, bodies.page("arXiv is down for maintenance"), {"Content-Type": "text/html"})

    @classmethod
    def empty(cls) -> Self:
        return cls(200, b"")

    @classmethod
    def busy(cls, status: int = 429, retry_after: str | None = None) -> Self:
        return cls(status, b"Rate exceeded.", {"Retry-After": retry_after} if retry_after is not None else {})


@dataclass(frozen=True)
class Request:
    """One request as it came in. Times are seconds since the world began."""

    at: float
    route: str
    path: str
    headers: dict[str, str]
    connection: int
    status: int = 0
    complaint: str = ""
