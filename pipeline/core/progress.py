"""The callbacks through which stages and clients report progress, independent of any console."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass

Say = Callable[[str, str], None]
"""Takes the stage's name and one line of progress."""

# Clients are shared by profiles and stages. A task copies the context, so a request knows which stage it belongs to.
current_stage: ContextVar[str] = ContextVar("current_stage", default="")


@dataclass(frozen=True)
class Try:
    """One attempt to get an answer from a host: it is under way, or it has failed and another one follows."""

    host: str
    number: int  # from 1
    most: int | None = None  # attempts that are made at most; None without such a limit
    failed: str = ""  # why it failed; empty while it is under way
    pause: float = 0.0  # seconds from its failure to the next attempt


Waiting = Callable[[Try], AbstractContextManager[None]]
"""Takes what a client waits for; the wait lasts as long as the context."""


def silent(_attempt: Try) -> AbstractContextManager[None]:
    """Report no wait."""
    return nullcontext()


def describe(attempt: Try, seconds: float) -> str:
    """Describe a wait that began `seconds` ago: `example.org: try 2 of 4, next in 8 s (HTTP 503)`."""
    of = f" of {attempt.most}" if attempt.most else ""
    if attempt.failed:
        state = f"next in {max(0, math.ceil(attempt.pause - seconds))} s ({attempt.failed})"
    else:
        state = f"waiting for {math.floor(seconds)} s"
    return f"{attempt.host}: try {attempt.number}{of}, {state}"
