"""What the tests of the Claude client share: a question, a clock that only sleep moves, a client of the stub."""

import asyncio
from contextlib import aclosing
from typing import Literal

import pytest
from pydantic import BaseModel

from pipeline.config import settings as config
from pipeline.llm.client import Claude
from pipeline.llm.interface import Question

HAIKU = "claude-haiku-5-5"
PRICES = {HAIKU: config.Price(input=0.10, output=0.50, long_above=100_000, long_input=0.50, long_output=2.50)}


class Mark(BaseModel):
    """One mark."""

    id: str
    score: int
    tag: Literal["read", "skim", "skip"]
    reason: str


class Time:
    """Nothing passes but what is slept."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def clock(self):
        return self.now


def without_waiting(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Let all clients that a run opens wait by a clock that only their waits move."""
    made = Time()
    defaults = Claude.__init__.__kwdefaults__
    assert defaults is not None
    for name, value in (("sleep", made.sleep), ("clock", made.clock), ("jitter", lambda: 0.0)):
        monkeypatch.setitem(defaults, name, value)
    return made


def question(number=0, **more):
    """`score` has to be 0-5, and the id that of the paper; the stub's model gives both unless told otherwise."""
    name = f"2601.{number:05}"

    def check(mark):
        if mark.id != name:
            return f"id is not {name}"
        return "" if 0 <= mark.score <= 5 else "score is not between 0 and 5"

    user = f'<paper-ab12 id="{name}">\nA paper on restoration, number {number}.\n</paper-ab12>'
    made = Question(stage="score", about=name, system="You mark papers.", user=user, answer=Mark, check=check)
    return Question(**{**vars(made), **more})


def claude(
    stub,
    *,
    time=None,
    budget_usd=10.0,
    environ=None,
    models=None,
    prices=None,
    limits=None,
    say=None,
    **settings,
):
    """A client of the stub that asks as it would ask Anthropic, by output_config.format."""
    time = time or Time()
    return Claude(
        config.Claude(**{"structured": "format", "timeout_seconds": 20.0} | settings),
        models or {"score": HAIKU, "analyze": HAIKU},
        PRICES if prices is None else prices,
        {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": stub.url} | (environ or {}),
        budget_usd=budget_usd,
        sleep=time.sleep,
        clock=time.clock,
        jitter=lambda: 0.0,
        limits=limits,
        say=say or (lambda _stage, _text: None),
    )


def ask(stub, *questions, **more):
    """All questions at once through one client; the outcomes in their order."""

    async def run():
        async with aclosing(claude(stub, **more)) as model:
            return await asyncio.gather(*(model.ask(one) for one in questions or [question()]))

    return asyncio.run(run())
