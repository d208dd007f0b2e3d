"""The scheduler of API calls: concurrency, retries, budget and deadlines; vendor-neutral.

Requests are sent by a `Post` function, which returns a reply or an error.
"""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NoReturn

from pipeline.config.settings import Claude, Price
from pipeline.core.errors import CredentialsError
from pipeline.core.models import Spent
from pipeline.core.stage_names import Call
from pipeline.llm import billing, request, response, retry
from pipeline.llm.credentials import SETUP_GUIDE, Credentials
from pipeline.llm.interface import Answer, FailureKind, NoAnswer, Question, T
from pipeline.llm.pricing import Budget, estimate_usd, round_up
from pipeline.llm.providers import ProviderProfile
from pipeline.llm.response import MAX_OUTPUT_TOKENS, InvalidAnswer, Reply
from pipeline.llm.retry import ApiError

log = logging.getLogger(__name__)

TRUNCATED_STOP_REASONS: Final = frozenset({"max_tokens", "model_context_window_exceeded"})
# After this many unusable answers and no usable one, the model is at fault and is not asked again: halving batches
# down to single papers would take a thousand calls. With a lower limit, a dozen papers that are crafted to spoil
# their batches could stop a whole day.
MAX_UNUSABLE_ANSWERS: Final = 40

Post = Callable[[dict[str, Any], float], Awaitable[Reply | ApiError]]
"""Sends one request; the arguments are its body and its timeout in seconds."""


@dataclass(frozen=True)
class Route:
    """The model that answers a stage, the profile of its provider, and its price if known."""

    model: str
    provider: ProviderProfile
    price: Price | None

    def usd(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost of one call; None if the price is unknown."""
        return None if self.price is None else estimate_usd(self.price, input_tokens, output_tokens)


@dataclass
class Conversation(Generic[T]):
    """A question with its route and the state of its attempts. `attempts` counts since the last reply.

    `usage_error` says why the usage that the last reply reports cannot be true.
    There is at most one repair request, and at most one doubling of `max_tokens` after a truncated answer.
    """

    question: Question[T]
    route: Route
    settings: Claude
    max_tokens: int
    spent: Spent = field(default_factory=Spent)
    attempts: int = 0
    last_error: str = ""
    usage_error: str = ""
    doubled: bool = False

    def next_body(self) -> dict[str, Any]:
        """Build the body of the next request."""
        return request.build_body(
            self.question,
            self.route.provider,
            self.route.model,
            self.settings,
            max_tokens=self.max_tokens,
            last_error=self.last_error,
        )

    def max_usd(self, body: dict[str, Any]) -> float:
        """Return the most that a request can cost; 0 if the price is unknown."""
        return self.route.usd(*billing.max_tokens(body)) or 0.0

    def record_cost(self, result: Reply | ApiError, body: dict[str, Any]) -> float:
        """Add the cost of a request to `spent` and return it in US dollars.

        One that may have been billed, but has no reply that says so, costs the most that it can.
        """
        if isinstance(result, Reply):
            self.attempts = 0
            self.usage_error = billing.find_usage_error(result, body)
            tokens = billing.charged_tokens(result, body)
            usd = self.route.usd(*((0, 0) if billing.is_free(result) and not self.usage_error else tokens))
            spent = Spent(calls=1, input_tokens=tokens.input, output_tokens=tokens.output)
        else:
            usd = self.max_usd(body) if result.maybe_billed else 0.0
            spent = Spent()
        known = None if self.route.price is None or usd is None else round_up(usd)
        self.spent += spent.model_copy(update={"usd": known})
        return usd or 0.0

    def handle_response(self, reply: Reply) -> Answer[T] | NoAnswer | None:
        """Return the outcome of the conversation, or None if another request should be sent."""
        if self.usage_error:
            return self.fail(
                "failed", f"the usage that the answer reports cannot be true: {self.usage_error}"
            )
        if reply.stop_reason == "refusal":
            category = f" ({reply.category})" if reply.category else ""
            return self.fail("refused", f"the model declined{category}")
        value = response.parse_answer(reply.text, self.question.answer)
        if isinstance(value, InvalidAnswer):
            return (
                self._double_max_tokens()
                if reply.stop_reason in TRUNCATED_STOP_REASONS
                else self._request_repair(value.reason)
            )
        if error := self.question.check(value):
            return self._request_repair(error)
        return Answer(value=value, model=reply.model or self.route.model, spent=self.spent)

    def _double_max_tokens(self) -> NoAnswer | None:
        if self.doubled or self.max_tokens >= MAX_OUTPUT_TOKENS:
            return self.fail("truncated", f"the answer did not fit into {self.max_tokens} tokens")
        self.doubled = True
        self.max_tokens = min(2 * self.max_tokens, MAX_OUTPUT_TOKENS)
        return None

    def _request_repair(self, error: str) -> NoAnswer | None:
        if self.last_error:
            return self.fail("invalid", f"the answer was not of the form asked for: {error}")
        self.last_error = error
        return None

    def fail(self, kind: FailureKind, reason: str) -> NoAnswer:
        """End the conversation without an answer; the reason becomes one line of at most 300 characters."""
        line = " ".join(reason.split())
        return NoAnswer(kind, line if len(line) <= 300 else f"{line[:299]}…", self.spent)


class SharedLimits:
    """The state that all profiles of a process share for one endpoint.

    It holds the slots for concurrent calls, the pause that a busy endpoint asked for, and the errors that stop all calls.
    """

    def __init__(
        self, slots: int, sleep: Callable[[float], Awaitable[None]], clock: Callable[[], float]
    ) -> None:
        self.slots = asyncio.Semaphore(slots)
        self.stop_reason = ""
        self.auth_error: ApiError | None = None
        self._sleep, self._clock = sleep, clock
        self._paused_until = -math.inf

    def pause(self, seconds: float) -> None:
        """Pause all calls for at least this many seconds from now."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def remaining_pause(self) -> float:
        """Return the seconds until the pause ends, 0 if there is none."""
        return max(0.0, self._paused_until - self._clock())

    async def wait(self) -> None:
        """Sleep until the pause ends, and again if it was extended during the sleep."""
        while remaining := self.remaining_pause():
            await self._sleep(remaining)


class Scheduler:
    """Sends the questions of one profile within its budget and the limits shared with other profiles.

    After an error that affects every call (credentials, unknown model, spend limit), calls in flight may finish, and
    no further request is sent. The deadline of a stage starts with its first question.
    """

    def __init__(
        self,
        post: Post,
        settings: Claude,
        credentials: Credentials,
        routes: Mapping[Call, Route],
        *,
        budget_usd: float,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
        jitter: Callable[[], float],
        limits: SharedLimits | None = None,
    ) -> None:
        self._post = post
        self._settings = settings
        self._credentials = credentials
        self._routes = routes
        self.budget = Budget(budget_usd)
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        provider_limits = [route.provider.max_concurrency for route in routes.values()]
        slots = min([settings.concurrency, *(limit for limit in provider_limits if limit)])
        self.limits = limits or SharedLimits(slots, sleep, clock)
        self._started: dict[Call, float] = {}
        self._stop_reason = ""  # of this profile alone: an unknown model does not affect other profiles
        # The answers of each stage's model, by whether they were usable.
        self._usable: Counter[tuple[Call, bool]] = Counter()

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Answer a question, with retries and repairs. Raises CredentialsError if the credentials are refused."""
        settings, route = self._settings, self._routes[question.stage]
        self._started.setdefault(question.stage, self._clock())
        conversation = Conversation(
            question=question,
            route=route,
            settings=settings,
            max_tokens=(
                settings.analyze_max_tokens if question.stage == "analyze" else settings.score_max_tokens
            ),
            spent=Spent(usd=None if route.price is None else 0.0),
        )
        async with self.limits.slots:
            while True:
                reply = await self._next_reply(conversation)
                if isinstance(reply, NoAnswer):
                    return reply
                outcome = conversation.handle_response(reply)
                if outcome is not None:
                    self._usable[question.stage, isinstance(outcome, Answer)] += 1
                    return outcome
                log.info(
                    "%s: asked once more: %s", question.about, conversation.last_error or "the answer was cut"
                )

    async def _next_reply(self, conversation: Conversation[T]) -> Reply | NoAnswer:
        """Send the next request and retry it as far as errors, budget and deadline allow."""
        while True:
            if (failure := await self._check_limits(conversation)) is not None:
                return failure
            body = conversation.next_body()
            max_usd = conversation.max_usd(body)
            if not await self.budget.reserve(max_usd):
                return conversation.fail(
                    "budget", f"{self.budget} does not allow another call, which may cost ${max_usd:.4f}"
                )
            result = await self._send(conversation, body, max_usd)
            if isinstance(result, Reply):
                return result
            failure = self._handle_error(conversation, result) or await self._back_off(conversation, result)
            if failure is not None:
                return failure

    async def _check_limits(self, conversation: Conversation[T]) -> NoAnswer | None:
        """Wait for the shared pause to end; return a failure if all calls are stopped or the deadline has passed."""
        if self.limits.remaining_pause() < self._remaining(conversation):
            await self.limits.wait()
        if self.limits.auth_error is not None:
            self._raise_credentials_error(self.limits.auth_error)
        if (
            stop_reason := self._stop_reason
            or self.limits.stop_reason
            or self._unusable_model(conversation.question.stage)
        ):
            return conversation.fail("stopped", stop_reason)
        if self._remaining(conversation) <= self.limits.remaining_pause():
            return conversation.fail(
                "budget", f"the {self._settings.deadline_seconds:g} s of this stage are over"
            )
        return None

    def _unusable_model(self, stage: Call) -> str:
        """The reason to stop asking a stage's model, if it has never given a usable answer; else an empty string."""
        unusable = self._usable[stage, False]
        if self._usable[stage, True] or unusable < MAX_UNUSABLE_ANSWERS:
            return ""
        return f"none of the model's first {unusable} answers could be used"

    def _remaining(self, conversation: Conversation[T]) -> float:
        """Seconds until the stage's deadline."""
        return self._settings.deadline_seconds - (self._clock() - self._started[conversation.question.stage])

    async def _send(
        self, conversation: Conversation[T], body: dict[str, Any], reserved_usd: float
    ) -> Reply | ApiError:
        """Send one request and settle its reservation at the cost: in full if the request is interrupted."""
        conversation.attempts += 1
        cost = reserved_usd
        try:
            result = await self._post(
                body, min(self._settings.timeout_seconds, self._remaining(conversation))
            )
            cost = conversation.record_cost(result, body)
            return result
        finally:
            self.budget.settle(reserved_usd, cost)

    def _handle_error(self, conversation: Conversation[T], error: ApiError) -> NoAnswer | None:
        """Return None if the request should be retried, else the failure of this call; some errors stop all calls."""
        error_class = retry.classify(error)
        if error_class == "auth_error":
            self.limits.auth_error = error
            self._raise_credentials_error(error)
        if error_class == "stop":
            stop_reason = f"all calls were stopped by {error}"
            if error.status == 404:
                self._stop_reason = stop_reason
            else:
                self.limits.stop_reason = stop_reason
            return conversation.fail("stopped", stop_reason)
        if error_class == "fail":
            return conversation.fail("failed", str(error))
        if conversation.attempts >= self._settings.attempts:
            return conversation.fail(
                "failed", f"no answer after {conversation.attempts} tries, the last time {error}"
            )
        return None

    async def _back_off(self, conversation: Conversation[T], error: ApiError) -> NoAnswer | None:
        """Wait before a retry; return a failure if the wait is too long.

        A busy endpoint pauses all calls; other errors delay this call alone.
        """
        max_wait = self._settings.max_wait_seconds
        wait = retry.backoff_seconds(error, conversation.attempts, self._jitter(), max_wait)
        if wait > max_wait:
            return conversation.fail("budget", f"{error}; a wait of {wait:g} s was asked for")
        if wait >= self._remaining(conversation):
            return conversation.fail("budget", f"{error}; the time of this stage is over")
        log.info(
            "%s: %s; try %d in %.1f s", conversation.question.about, error, conversation.attempts + 1, wait
        )
        if error.status in retry.BUSY_STATUSES:
            self.limits.pause(wait)
        else:
            await self._sleep(wait)
        return None

    def _raise_credentials_error(self, error: ApiError) -> NoReturn:
        raise CredentialsError(
            f"{self._credentials.host} refuses the credentials: {error}",
            hint=f"check {self._credentials.variable}; {SETUP_GUIDE}",
        )
