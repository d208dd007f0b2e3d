"""What the stub of the Messages API records of a request, and how long its model takes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

SECRET = ("authorization", "x-api-key")


@dataclass(frozen=True)
class Latency:
    """How long the model takes: a fixed part (to the first token), and a part per token of the answer; seconds."""

    first_token: float = 0.0
    per_token: float = 0.0


@dataclass
class Call:
    """One request to the stub. Times are of a monotonic clock; `in_flight` counts this request too."""

    number: int
    path: str
    headers: dict[str, str]
    body: Any
    started: float
    in_flight: int
    ended: float = 0.0
    status: int = 0
    fault: str = "ok"
    usage: dict[str, int] = field(default_factory=dict)

    def masked(self) -> dict[str, Any]:
        """For a log: without the secrets, and with the wall clock's time."""
        headers = {name: "***" if name in SECRET else value for name, value in self.headers.items()}
        rest = {key: value for key, value in vars(self).items() if key not in ("headers", "started", "ended")}
        body = {**self.body, "assertion": "***"} if "assertion" in (self.body or {}) else self.body
        seconds = round(self.ended - self.started, 4)
        return {
            **rest,
            "headers": headers,
            "body": body,
            "seconds": seconds,
            "at": round(time.time() - seconds, 3),
        }
