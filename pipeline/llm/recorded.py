"""Answers that a model once gave to the questions of a recorded day, and the `Model` that replays them.

A recording is a file of JSON lines: first `Head`, then one `RecordedAnswer` a line, sorted by key.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from pipeline.config.settings import Price
from pipeline.core.errors import DigestError
from pipeline.core.models import RECORDED, Spent, Value
from pipeline.core.stage_names import Call
from pipeline.llm.interface import Answer, NoAnswer, Question, T
from pipeline.llm.pricing import estimate_usd


class Head(Value):
    """What a recording is: who answered what, when, and the version of every file that the questions were made of."""

    model: str = Field(pattern=r"^[a-z0-9.-]{1,40}$")  # as pages name it
    answered_by: str  # a sentence for readers of the file
    recorded_on: dt.date
    versions: dict[str, dict[str, str]]  # by profile, by file: its version

    @property
    def name(self) -> str:
        """The name under which reports list the model."""
        return f"{RECORDED}{self.model}@{self.recorded_on.isoformat()}"


class RecordedAnswer(Value):
    """One answer, as JSON of the question's answer type, and the calls and tokens that it took."""

    key: str
    about: str
    calls: int
    input_tokens: int
    output_tokens: int
    answer: Any


class Recording(Value):
    """A recorded model's answers, by the key of their question."""

    head: Head
    answers: dict[str, RecordedAnswer]

    def misfit(self, profile: str, versions: Mapping[str, str]) -> str:
        """Why the answers do not fit a profile's questions today, as a clause; an empty string if they do."""
        recorded = self.head.versions.get(profile)
        if recorded is None:
            return f"answers are recorded for {', '.join(self.head.versions) or 'no profile'} alone"
        changed = [name for name in (*recorded, *versions) if recorded.get(name) != versions.get(name)]
        names = ", ".join(dict.fromkeys(changed))
        return f"the recorded answers no longer fit, since this has changed: {names}" if names else ""


class Replay:
    """Answers questions from a recording; implements `interface.Model`. Nothing is sent and nothing is spent.

    The cost of an answer is what its recorded tokens cost at the price of the model that the profile uses.
    """

    def __init__(self, recording: Recording, models: Mapping[Call, str], prices: Mapping[str, Price]) -> None:
        self._recording = recording
        self._prices = {stage: prices.get(model) for stage, model in models.items()}

    def charge(self, usd: float | None) -> None:
        """Charge nothing: no budget limits a replay."""

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Return the recorded answer. Raises DigestError if there is none, or if it does not pass the question's check."""
        recorded = self._recording.answers.get(question_key(question))
        if recorded is None:
            raise _error(f"there is no answer to {question.stage} {question.about}")
        try:
            value = question.answer.model_validate(recorded.answer)
        except ValidationError:
            raise _error(f"the answer to {question.stage} {question.about} is of another type") from None
        if wrong := question.check(value):
            raise _error(f"the answer to {question.stage} {question.about} is not valid: {wrong}")
        return Answer(value, self._recording.head.name, self._spent(question.stage, recorded))

    def _spent(self, stage: Call, recorded: RecordedAnswer) -> Spent:
        price = self._prices.get(stage)
        tokens = recorded.input_tokens, recorded.output_tokens
        usd = None if price is None else round(estimate_usd(price, *tokens), 6)
        return Spent(calls=recorded.calls, input_tokens=tokens[0], output_tokens=tokens[1], usd=usd)


def _error(what: str) -> DigestError:
    return DigestError(
        f"the recording of the sample day does not fit, though no prompt, profile or setting has changed: {what}",
        hint="CONTRIBUTING.md says how to record it again; `--engine local` works without it",
    )


def question_key(question: Question[T]) -> str:
    """The key of a question: a hash of its kind and of all that the model reads of it."""
    asked = f"{question.stage}\0{question.system}\0{question.user}"
    return hashlib.sha256(asked.encode()).hexdigest()[:24]


def load_recording(path: Path) -> Recording:
    """Read a recording. Raises DigestError if the file cannot be read."""
    try:
        first, *rest = path.read_text("utf-8").splitlines()
        answers = [RecordedAnswer.model_validate_json(line) for line in rest]
        return Recording(head=Head.model_validate_json(first), answers={one.key: one for one in answers})
    except (OSError, ValueError) as error:
        message = f"the recording cannot be read: {type(error).__name__}"
        raise DigestError(message, path=str(path), hint="restore the file from git") from None


def dump_recording(head: Head, answers: Iterable[RecordedAnswer]) -> bytes:
    """The bytes of a recording: the same for the same answers, in whatever order they were given."""
    lines = [head, *sorted(answers, key=lambda one: one.key)]
    return "".join(
        json.dumps(line.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")) + "\n"
        for line in lines
    ).encode()
