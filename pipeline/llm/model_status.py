"""What an endpoint says of a model: whether it is there, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["active", "deprecated", "retired", "unknown", "unanswered"]


@dataclass(frozen=True)
class Lifecycle:
    """One model. `unknown`: the endpoint has no such model; `unanswered`: it did not say, and `note` says why.

    `retires` is a date as text, None if not told.
    """

    model: str
    state: State
    note: str = ""
    retires: str | None = None


def read(model: str, raw: Mapping[str, Any]) -> Lifecycle:
    """The answer to GET /v1/models/{id}."""
    states: dict[str, State] = {"active": "active", "deprecated": "deprecated", "retired": "retired"}
    state = states.get(str(raw.get("lifecycle")))
    if state is None:
        return Lifecycle(model, "unanswered", note="the endpoint does not say in which state it is")
    retires = str(raw["retires_at"])[:10] if raw.get("retires_at") else None
    note = f"{state}, to be retired on {retires}" if retires else state
    return Lifecycle(model, state, note, retires)
