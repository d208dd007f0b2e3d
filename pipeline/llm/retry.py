"""The retry policy: classification of errors, and backoff with jitter.

The backoff is the SDK's (0.5 s, doubled each time, at most 30 s, minus up to a quarter of jitter), with two
differences: a retry-after from a server has an upper limit, and a busy server pauses all calls instead of one (see
`scheduler.py`).
"""

from dataclasses import dataclass
from typing import Final, Literal

INITIAL_BACKOFF_SECONDS: Final = 0.5
MAX_BACKOFF_SECONDS: Final = 30.0
BUSY_STATUSES: Final = frozenset({429, 529})
RETRYABLE_STATUSES: Final = (
    frozenset({200, 408, 409}) | BUSY_STATUSES
)  # 200: a response that is not a message
SPEND_LIMIT_CODES: Final = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})
SPEND_LIMIT_PHRASES: Final = ("usage limits", "credit balance")

ErrorClass = Literal["retry", "fail", "stop", "auth_error"]
"""retry: after a backoff; fail: this call only; stop: no further calls; auth_error: the credentials are refused."""


@dataclass(frozen=True)
class ApiError:
    """A failed request, as a value. `status` is None if there was no HTTP response.

    `maybe_billed` is False where the endpoint cannot have generated an answer, so that nothing was charged.
    """

    summary: str
    status: int | None = None
    code: str = ""
    message: str = ""
    retry_after: float | None = None
    should_retry: bool | None = None
    maybe_billed: bool = False

    def __str__(self) -> str:
        """The summary, with the endpoint's own message if there is one."""
        return f"{self.summary}: {self.message}" if self.message else self.summary


def classify(error: ApiError) -> ErrorClass:
    """Return what an error means for this call and for all others."""
    status = error.status
    if status in (401, 403):
        return "auth_error"
    spend_limit = error.code in SPEND_LIMIT_CODES or any(
        phrase in error.message.lower() for phrase in SPEND_LIMIT_PHRASES
    )
    if status in (402, 404) or is_redirect(status) or (spend_limit and status is not None and status >= 400):
        return "stop"
    if error.should_retry is not None:
        return "retry" if error.should_retry else "fail"
    return "retry" if status is None or status in RETRYABLE_STATUSES or status >= 500 else "fail"


def is_redirect(status: int | None) -> bool:
    """Return whether a status sends the request elsewhere, which is not followed: the address there is not the user's."""
    return status is not None and 300 <= status < 400


def backoff_seconds(error: ApiError, attempts: int, jitter: float, max_seconds: float) -> float:
    """Return the seconds to wait after `attempts` failed attempts; `jitter` is in [0, 1).

    `max_seconds` limits the backoff, not a retry-after.
    """
    if error.retry_after is not None:
        return error.retry_after
    backoff = min(MAX_BACKOFF_SECONDS, INITIAL_BACKOFF_SECONDS * 2.0 ** (attempts - 1))
    return min(max_seconds, backoff * (1 - 0.25 * jitter))


def parse_retry_after(header: str | None) -> float | None:
    """Parse a retry-after header in seconds; None for anything else (a date, a negative number, no number)."""
    try:
        value = float(header or "")
    except ValueError:
        return None
    return value if value >= 0 else None
