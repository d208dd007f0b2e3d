"""Values for tests, with everything that a test does not care about filled in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from pipeline.core.artifacts import Fetched
from pipeline.core.models import Links, Paper, Signal, SourceStatus, Spent
from pipeline.llm.interface import Answer, NoAnswer, Question
from pipeline.scoring.final import Order

DAY = dt.date(2026, 1, 30)
NOON = dt.datetime(2026, 1, 30, 12, 0, tzinfo=dt.UTC)
T = TypeVar("T", bound=BaseModel)
ITEM = re.compile(r"^(\d+)\. \((?:stated|inference)\) (.*)\n\[(\d+)\]", re.MULTILINE)  # of a second reading


def paper(key: str = "2601.00001", **given: Any) -> Paper:
    values: dict[str, Any] = {
        "title": f"A paper about {key}",
        "abstract": "We propose a method. It may work. However, it fails on night scenes.",
        "authors": ("A. Author",),
        "categories": ("cs.CV",),
        "links": Links(page=f"https://arxiv.org/abs/{key}", html=f"https://arxiv.org/html/{key}v1"),
        "signals": {"arxiv": Signal(day=DAY, announced_as="new")},
        "announced": DAY,
    }
    return Paper(id=key, **{**values, **given})


def source(name: str = "arxiv", **given: Any) -> SourceStatus:
    values: dict[str, Any] = {"status": "ok", "count": 1, "through": DAY, "note": ""}
    return SourceStatus(name=name, **{**values, **given})


def fetched(papers: Iterable[Paper] = (), **given: Any) -> Fetched:
    values: dict[str, Any] = {
        "profile": "mine",
        "date": DAY,
        "generated_at": NOON,
        "run_url": None,
        "previous": None,
        "sources": (source(),),
        "papers": tuple(papers),
        "retries": (),
        "wanted": (),
        "liked": (),
        "seen": (),
        "skipped": (),
        "kept": None,
    }
    return Fetched(**{**values, **given})


def verdicts(question: Question[Any], by: Callable[[str], Mapping[str, Any]] = lambda _: {}) -> object:
    """A second reading: by default everything is supported by its first sentence; `by` changes it by the claim's text."""
    found = []
    for number, text, sentence in ITEM.findall(question.user):
        plain = {"sentences": [int(sentence)], "slot": "none", "missing": "", "verdict": "supported"}
        found.append({"number": int(number), **plain, **by(text)})
    return {"verdicts": found}


class Scripted:
    """A model that answers by a function of the question and remembers what it was asked.

    A second reading that the function does not answer finds everything supported; a comparison that it does not answer
    fails, so that scores decide.
    """

    def __init__(self, answer: Callable[[Question[Any]], object]) -> None:
        self.answer = answer
        self.asked: list[Question[Any]] = []

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        self.asked.append(question)
        found = self.answer(question)
        if question.stage == "verify" and not (isinstance(found, dict) and "verdicts" in found):
            found = (
                found if isinstance(found, NoAnswer) else verdicts(question)
            )  # reads everything as supported
        spent = Spent(calls=1, input_tokens=100, output_tokens=10, usd=0.001)
        if question.answer is Order and not (isinstance(found, dict) and "order" in found):
            return NoAnswer("failed", "no comparison was scripted", spent)
        if isinstance(found, NoAnswer):
            return found
        value = question.answer.model_validate(found)
        if wrong := question.check(value):
            return NoAnswer("invalid", wrong, spent)
        return Answer(value, "scripted", spent)
