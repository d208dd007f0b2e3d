"""What the stages ask of a model, and what can come back. No vendor in here: `claude.py` answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from pipeline.core.models import Spent
from pipeline.core.stage_names import Stage

T = TypeVar("T", bound=BaseModel)
T_co = TypeVar("T_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True)
class Question(Generic[T]):
    """One prompt and the type that its answer has to have.

    The type has required fields only, no ranges, no dictionaries: what an endpoint's schema cannot say,
    `check` says. It returns what is wrong with an answer of the right type, or an empty string.
    """

    stage: Stage
    about: str  # for the log: which batch, which paper
    system: str
    user: str
    answer: type[T]
    check: Callable[[T], str] = lambda _: ""


@dataclass(frozen=True)
class Answer(Generic[T_co]):
    """A valid answer, the model that gave it, and what it cost with all its tries."""

    value: T_co
    model: str
    spent: Spent


@dataclass(frozen=True)
class NoAnswer:
    """Why there is no answer, in words for a reader; `spent` counts every paid try.

    `refused`: the model declined; `truncated`: no room for the answer; `invalid`: never of the right
    form; `failed`: the endpoint did not answer; `budget`: money or time ran out; `stopped`: another
    call met what stops them all (credentials, spend limit).
    """

    kind: Literal["refused", "truncated", "invalid", "failed", "budget", "stopped"]
    reason: str
    spent: Spent


class Model(Protocol):
    """Whoever answers questions. Never raises for one paper; raises CredentialsError when the credentials are refused."""

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Ask once, with whatever retries and repairs are due."""
        ...
