"""Replaying recorded answers: the words that were recorded, for the question that was recorded, and for no other."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from pipeline.config.settings import Price
from pipeline.core.errors import DigestError
from pipeline.llm.interface import Answer, Question
from pipeline.llm.recorded import (
    Head,
    RecordedAnswer,
    Recording,
    Replay,
    dump_recording,
    load_recording,
    question_key,
)


class Word(BaseModel):
    word: str


QUESTION = Question("score", "batch 1", "You mark.", "Mark this.", Word)
VERSIONS = {"prompts/score.md": "score@1", "prompts/profiles/mine.md": "mine@1"}
HEAD = Head(
    model="claude", answered_by="A model.", recorded_on=dt.date(2026, 11, 29), versions={"mine": VERSIONS}
)
PRICES = {"small": Price(input=1.0, output=10.0, long_above=100_000, long_input=5.0, long_output=50.0)}


def answer(question: Question[Word], word: object = "yes") -> RecordedAnswer:
    return RecordedAnswer(
        key=question_key(question),
        about=question.about,
        calls=2,
        input_tokens=1000,
        output_tokens=100,
        answer={"word": word},
    )


def replay(*answers: RecordedAnswer) -> Replay:
    recording = Recording(head=HEAD, answers={one.key: one for one in answers})
    return Replay(recording, {"score": "small", "analyze": "unpriced"}, PRICES)


def test_an_answer_comes_with_its_model_its_calls_and_what_its_tokens_cost() -> None:
    got = asyncio.run(replay(answer(QUESTION)).ask(QUESTION))
    assert isinstance(got, Answer)
    assert (got.value.word, got.model) == ("yes", "recorded:claude@2026-11-29")
    spent = got.spent
    assert (spent.calls, spent.input_tokens, spent.output_tokens) == (2, 1000, 100)
    assert spent.usd == 0.002  # 1,000 tokens at 1 USD a million, 100 at 10 USD
    other = replace(QUESTION, stage="analyze")
    got = asyncio.run(replay(answer(other)).ask(other))
    assert got.spent.usd is None


@pytest.mark.parametrize(
    "changed",
    [
        replace(QUESTION, stage="verify"),
        replace(QUESTION, system="You judge."),
        replace(QUESTION, user="Mark that."),
    ],
)
def test_another_question_has_no_answer(changed: Question[Word]) -> None:
    """The label is for the log: it is not asked."""
    model = replay(answer(QUESTION))
    asyncio.run(model.ask(replace(QUESTION, about="batch 2")))
    with pytest.raises(DigestError, match="no answer to") as raised:
        asyncio.run(model.ask(changed))
    assert "--engine local" in raised.value.hint


def test_parts_of_a_question_do_not_run_into_each_other() -> None:
    moved = replace(QUESTION, system="You mark.M", user="ark this.")
    assert question_key(moved) != question_key(QUESTION)


def test_an_answer_that_does_not_pass_is_an_error() -> None:
    strict = replace(QUESTION, check=lambda one: "" if one.word == "no" else "it is not no")
    with pytest.raises(DigestError, match="is not valid: it is not no"):
        asyncio.run(replay(answer(QUESTION)).ask(strict))
    with pytest.raises(DigestError, match="is of another type"):
        asyncio.run(replay(answer(QUESTION, word=5)).ask(QUESTION))


@pytest.mark.parametrize(
    ("profile", "versions", "said"),
    [
        ("mine", VERSIONS, ""),
        ("mine", VERSIONS | {"prompts/score.md": "score@2"}, "this has changed: prompts/score.md"),
        ("mine", VERSIONS | {"option --picks": "5"}, "this has changed: option --picks"),
        ("mine", {"prompts/score.md": "score@1"}, "this has changed: prompts/profiles/mine.md"),
        ("yours", VERSIONS, "answers are recorded for mine alone"),
    ],
)
def test_what_has_changed_since_is_named(profile: str, versions: dict[str, str], said: str) -> None:
    misfit = Recording(head=HEAD, answers={}).misfit(profile, versions)
    assert misfit.endswith(said)
    assert bool(misfit) == bool(said)


def test_a_file_is_the_same_in_whatever_order_answers_came(tmp_path: Path) -> None:
    answers = [answer(replace(QUESTION, user=f"Mark {n}, 修复.")) for n in range(5)]
    data = dump_recording(HEAD, answers)
    assert dump_recording(HEAD, reversed(answers)) == data
    path = tmp_path / "answers.jsonl"
    path.write_bytes(data)
    assert load_recording(path) == Recording(head=HEAD, answers={one.key: one for one in answers})
    path.write_bytes(data[:-20])
    with pytest.raises(DigestError, match="cannot be read") as raised:
        load_recording(path)
    assert raised.value.path == str(path)
