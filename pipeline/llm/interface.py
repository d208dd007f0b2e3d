"""The vendor-neutral interface to a language model: question, answer, no answer, status. `client.py` implements it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from pipeline.core.models import Spent
from pipeline.core.stage_names import Call

T = TypeVar("T", bound=BaseModel)
FailureKind = Literal["refused", "truncated", "invalid", "rejected", "failed", "budget", "stopped"]


@dataclass(frozen=True)
class Question(Generic[T]):
    """A prompt, and the type and check that its answer has to pass.

    The answer type has required fields only, no ranges and no dictionaries. What the JSON schema of an endpoint
    cannot express belongs in `check`: it returns what is wrong with an answer of the right type, or an empty string.
    """

    stage: Call
    about: str  # label for the log: the batch or the paper
    system: str
    user: str
    answer: type[T]
    check: Callable[[T], str] = lambda _: ""
    suspect: bool = False


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A valid answer, the model that gave it, and the cost of all its attempts."""

    value: T
    model: str
    spent: Spent


@dataclass(frozen=True)
class NoAnswer:
    """The reason why a question has no answer, in words for a reader; `spent` counts every paid attempt.

    `refused`: the model declined; `truncated`: the answer did not fit into the token limit; `invalid`: no answer
    passed validation; `rejected`: the endpoint does not answer this request, whatever it does with others; `failed`: the
    endpoint did not answer; `budget`: budget or deadline exhausted; `stopped`:
    an earlier call met an error that stops all calls (credentials, spend limit, a model without a usable answer).
    """

    kind: FailureKind
    reason: str
    spent: Spent


class Model(Protocol):
    """A model that answers questions. Failures are returned as NoAnswer; only refused credentials raise."""

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Answer a question, with retries and repairs as needed. Raises CredentialsError if the credentials are refused."""


@dataclass(frozen=True)
class ModelStatus:
    """The status of one model, as an endpoint reports it.

    `unknown`: the endpoint has no such model; `unanswered`: it reports no state, and `note` says why.
    `retires` is a date as YYYY-MM-DD, None if the endpoint reports none.
    """

    model: str
    state: Literal["active", "deprecated", "retired", "unknown", "unanswered"]
    note: str = ""
    retires: str | None = None
