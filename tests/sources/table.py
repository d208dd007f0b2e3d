"""A `Get` that answers from a table and keeps note of what it was asked; and where recorded answers lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hypothesis import settings

from pipeline.sources.base import LinkRules
from pipeline.sources.http_client import Failure, Page

FEEDS = Path(__file__).parents[1] / "feeds"
LINKS = LinkRules(hosts=("github.com", "*.github.io"))
EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "40"))
many = settings(max_examples=EXAMPLES)


def recorded(name: str) -> bytes:
    return (FEEDS / name).read_bytes()


class Table:
    """Answers in order, by a part of the address; the last one again and again; 404 for what nobody foresaw."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.accepts: list[str] = []

    async def __call__(
        self, url: str, *, accept: str = "*/*", attempts: int | None = None, fresh: bool = False
    ) -> Page | Failure:
        self.asked.append(url)
        self.accepts.append(accept)
        for part, queue in self.answers.items():
            if part in url:
                one = queue.pop(0) if len(queue) > 1 else queue[0]
                if isinstance(one, str):
                    return Failure(url, one, None)
                return Page(url, one, b"") if isinstance(one, int) else Page(url, 200, one)
        return Page(url, 404, b"")
