"""What a budget does to an ordinary night: which calls it refuses, by quality, papers and length of full texts.

    python -m bench.budget [QUALITY:USD …]

Answers take as many output tokens as real ones, thinking included, and one claim of every reading needs a repair.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from click.testing import CliRunner

from bench import answers
from bench.measuring import table
from bench.scenes import DATE, REPEATS, Scene, scene
from pipeline.cli.app import main as digest
from pipeline.llm.interface import NoAnswer
from pipeline.llm.pricing import EXPECTED_OUTPUT
from pipeline.llm.scheduler import Scheduler
from tests.nights import PROFILE, report
from tests.stubs.messages_faults import Fault


def _as_long(message: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    tokens = {**EXPECTED_OUTPUT}[answers.stage_of(body)]  # type: ignore[index] # one of the four calls
    return {**message, "usage": {**message["usage"], "output_tokens": tokens}}


USAGE = Fault("as long as a real one", change=_as_long)


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """One claim too many: its number stands in no sentence, before the repair and after it."""
    if "claims" in body["output_config"]["format"]["schema"]["properties"]:
        return answers.plain(body)  # as the stub has it, for any form that is an object
    said = answers.answer(body)
    if answers.stage_of(body) == "analyze":
        said["method"][0]["text"] = "It gains 99.87 dB."
    return said


def night(made: Scene, quality: str, budget: str) -> tuple[float, Counter[str], Counter[str]]:
    """What a night cost, the calls that were sent, and those that the budget refused."""
    made.forget()
    made.profile(budget_usd=budget, quality=quality)
    made.model._in_turn = itertools.repeat(USAGE)  # noqa: SLF001
    refused: Counter[str] = Counter()
    plain = Scheduler.ask

    async def ask(scheduler, question):
        outcome = await plain(scheduler, question)
        if isinstance(outcome, NoAnswer):
            refused[f"{question.stage} ({outcome.kind})"] += 1
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scheduler, "ask", ask)
        patch.chdir(made.folder)
        words = ["run", "--engine", "claude", "--date", DATE.isoformat()]
        ran = CliRunner().invoke(digest, words, env={**os.environ, **made.environ})
        published = report(DATE)
    if published is None:
        raise AssertionError(ran.output)
    sent = Counter(answers.stage_of(call.body) for call in made.model.asked)
    return published["usage"]["usd"], sent, refused


def rows(nights: Sequence[Sequence[str]]):
    for papers, repeats in [(60, REPEATS), (300, REPEATS), (60, 2 * REPEATS)]:
        with scene(papers, answer=answer, repeats=repeats) as made:
            for quality, budget in nights:
                usd, sent, refused = night(made, quality, budget)
                calls = ", ".join(f"{stage} {count}" for stage, count in sorted(sent.items()))
                lost = ", ".join(f"{stage} {count}" for stage, count in sorted(refused.items())) or "none"
                length = f"{60 * repeats // REPEATS},000"
                yield [PROFILE, papers, length, quality, budget, f"{usd:.3f}", calls, lost]


def main() -> None:
    nights = [
        one.split(":") for one in sys.argv[1:] or ("economy:1.00", "standard:1.00", "best:1.00", "best:2.00")
    ]
    head = ["profile", "papers", "characters", "quality", "budget", "USD", "calls", "without an answer"]
    table(head, rows(nights))


if __name__ == "__main__":
    main()
