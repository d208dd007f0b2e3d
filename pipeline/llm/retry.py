"""The retry policy: classification of errors, and backoff with jitter.

The backoff is the SDK's (0.5 s, doubled each time, at most 30 s, minus up to a quarter of jitter), with three
differences: a retry-after from a server has an upper limit, one that is shorter than the backoff does not replace it
(`retry-after: 0` would use up all tries at once), and an overloaded server pauses all calls (see `limits.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

INITIAL_BACKOFF_SECONDS: Final = 0.5
MAX_BACKOFF_SECONDS: Final = 30.0
MAX_EXPONENT: Final = 16  # 2.0 ** 1024 overflows; the backoff has reached its maximum long before
BUSY_STATUSES: Final = frozenset({429, 503, 529})
RETRYABLE_STATUSES: Final = (
    frozenset({200, 408, 409}) | BUSY_STATUSES
)  # 200: a response that is not a message
# An error that comes with HTTP 200 counts as one with the status that the API documents for its type.
STATUS_OF_TYPE: Final[Mapping[str, int]] = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
SPEND_LIMIT_CODES: Final = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})
SPEND_LIMIT_PHRASES: Final = ("usage limits", "credit balance")

ErrorClass = Literal["busy", "server_error", "retry", "fail", "stop", "auth_error"]
"""busy: the endpoint asks all calls to wait; server_error: it fails, at all calls or at what one prompt holds; retry: this
call alone, after a backoff; fail: this call only; stop: no further calls; auth_error: the credentials are refused."""


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
    if error.should_retry is False:
        return "fail"
    if status in BUSY_STATUSES:
        return "busy"
    if status is not None and status >= 500:
        return "server_error"
    return "retry" if error.should_retry or status is None or status in RETRYABLE_STATUSES else "fail"


def status_of(http_status: int, error_type: str) -> int:
    """Return the status that an error counts as: its own, unless it is 200 or the type says that the endpoint is busy."""
    if http_status == 200 or error_type == "overloaded_error":
        return STATUS_OF_TYPE.get(error_type, http_status)
    return http_status


def is_rejection(error: ApiError) -> bool:
    """Return whether an error says that the endpoint does not take this request, such as that of a content filter."""
    return error.status is not None and 400 <= error.status < 500 and error.status not in BUSY_STATUSES


def is_redirect(status: int | None) -> bool:
    """Return whether a status sends the request elsewhere, which is not followed: the address there is not the user's."""
    return status is not None and 300 <= status < 400


def backoff_seconds(error: ApiError, attempts: int, jitter: float, max_seconds: float) -> float:
    """Return the seconds to wait after `attempts` failed attempts; `jitter` is in [0, 1).

    `max_seconds` limits the backoff, not a retry-after.
    """
    exponential = INITIAL_BACKOFF_SECONDS * 2.0 ** min(attempts - 1, MAX_EXPONENT)
    backoff = min(max_seconds, min(MAX_BACKOFF_SECONDS, exponential) * (1 - 0.25 * jitter))
    return max(error.retry_after or 0.0, backoff)


def parse_retry_after(header: str | None) -> float | None:
    """Parse a retry-after header in seconds; None for anything else (a date, a negative number, no number)."""
    try:
        value = float(header or "")
    except ValueError:
        return None
    return value if value >= 0 else None
