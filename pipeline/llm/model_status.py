"""The status of a model (active, deprecated, retired), as an endpoint reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["active", "deprecated", "retired", "unknown", "unanswered"]


@dataclass(frozen=True)
class ModelStatus:
    """The status of one model.

    `unknown`: the endpoint has no such model; `unanswered`: it reports no state, and `note` says why.
    `retires` is a date as YYYY-MM-DD, None if the endpoint reports none.
    """

    model: str
    state: State
    note: str = ""
    retires: str | None = None


def parse_status(model: str, raw: Mapping[str, Any]) -> ModelStatus:
    """Parse the response to GET /v1/models/{id}."""
    states: dict[str, State] = {"active": "active", "deprecated": "deprecated", "retired": "retired"}
    state = states.get(str(raw.get("lifecycle")))
    if state is None:
        return ModelStatus(model, "unanswered", note="the endpoint does not say in which state it is")
    retires = str(raw["retires_at"])[:10] if raw.get("retires_at") else None
    note = f"{state}, to be retired on {retires}" if retires else state
    return ModelStatus(model, state, note, retires)
