"""A small world, a client for it, and a time that only passes when somebody sleeps."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pipeline.config.settings import Http
from pipeline.sources.http_client import Client
from tests.stubs.world import Record, World, days_of, record

T = TypeVar("T")
FRIDAY = dt.date(2026, 1, 30)


def a_record(number: int, day: dt.date = FRIDAY, **given: Any) -> Record:
    """A made-up paper; its number is its place in the order of all."""
    raw = {
        "id": f"{day:%y%m}.{number:05d}",
        "announced": day.isoformat(),
        "primary": "cs.CV",
        "categories": ["cs.CV"],
        "title": f"Paper number {number}",
        "abstract": f"The abstract of paper number {number}.",
        "authors": ["First Author", "Second Author"],
    }
    return record({**raw, **given})


def an_item(number: int, votes: int, day: dt.date = FRIDAY) -> dict:
    """A made-up item of Hugging Face's list."""
    paper_id = f"{day:%y%m}.{number:05d}"
    inner = {
        "id": paper_id,
        "title": f"Paper number {number}",
        "summary": "…",
        "upvotes": votes,
        "authors": [],
    }
    return {"paper": inner, "numComments": 0}


def a_world(**given: Any) -> World:
    """A Friday with three papers on arXiv and two on Hugging Face."""
    days = days_of([a_record(n) for n in (1, 2, 3)], {FRIDAY: [an_item(2, 7), an_item(9, 40)]})
    return World(**{"days": days, "today": FRIDAY, **given})


class Time:
    """A clock that only sleeping moves; `slept` are the seconds of each sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds
        await asyncio.sleep(0)


def visit(
    world: World, what: Callable[[Client], Awaitable[T]], time: Time | None = None, **settings: Any
) -> T:
    """Do something with a client whose arXiv is the world. Without a `time` it really waits."""
    http = Http(**{"timeout_seconds": 5.0, "contact": "https://github.com/OWNER/REPO", **settings})
    hosts = frozenset({world.arxiv.removeprefix("http://")})
    clocks: dict[str, Any] = {"sleep": time.sleep, "clock": time.clock} if time else {}

    async def main() -> T:
        async with Client(http, arxiv_hosts=hosts, version="0.1.0", **clocks) as client:
            return await what(client)

    return asyncio.run(main())
