"""The scheduler of API calls: concurrency, retries, budget and deadlines; vendor-neutral.

Requests are sent by a `Post` function, which returns a reply or an error.
"""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NoReturn

from pipeline.config.settings import Claude, Price
from pipeline.core.errors import CredentialsError
from pipeline.core.models import Spent
from pipeline.core.progress import Say
from pipeline.core.stage_names import Call
from pipeline.llm import billing, request, response, retry
from pipeline.llm.credentials import SETUP_GUIDE, Credentials
from pipeline.llm.interface import Answer, FailureKind, NoAnswer, Question, T
from pipeline.llm.limits import SharedLimits
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
SILENCE_SECONDS: Final = 30.0  # between two lines of progress while calls wait or are under way

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
    """A question with its route and the state of its attempts.

    `attempts` counts those since the last reply that are limited, `overloads` those that are waited out;
    `replies_before` is how many replies the endpoint had given to all calls when the last request was sent.
    `usage_error` says why the usage that the last reply reports cannot be true.
    There is at most one repair request, and at most one doubling of `max_tokens` after a truncated answer.
    """

    question: Question[T]
    route: Route
    settings: Claude
    max_tokens: int
    spent: Spent = field(default_factory=Spent)
    attempts: int = 0
    overloads: int = 0
    replies_before: int = 0
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
            self.attempts = self.overloads = 0
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


class Scheduler:
    """Sends the questions of one profile within its budget and the limits shared with other profiles.

    After an error that affects every call (credentials, unknown model, spend limit), calls in flight may finish, and
    no further request is sent. The deadline of a stage starts with its first question; an overloaded endpoint is waited
    for until then. `say` takes a line about every wait, and one at least every half minute while calls are under way.
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
        say: Say = lambda _stage, _text: None,
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
        self._last_unusable: dict[Call, str] = {}  # why the last of them was not
        self._say = say
        self._said_at = -math.inf
        self._in_flight = 0

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
        while True:
            reply = await self._next_reply(conversation)
            if isinstance(reply, NoAnswer):
                return reply
            outcome = conversation.handle_response(reply)
            if outcome is not None:
                self._usable[question.stage, isinstance(outcome, Answer)] += 1
                if isinstance(outcome, NoAnswer):
                    self._last_unusable[question.stage] = outcome.reason
                return outcome
            log.info(
                "%s: asked once more: %s", question.about, conversation.last_error or "the answer was cut"
            )

    async def _next_reply(self, conversation: Conversation[T]) -> Reply | NoAnswer:
        """Send the next request and retry it as far as errors, budget and deadline allow."""
        while True:
            async with self.limits.turn() as alone:
                await self._wait_for_pause(conversation)
                if (failure := self._check_limits(conversation)) is not None:
                    return failure
                body = conversation.next_body()
                max_usd = conversation.max_usd(body)
                if not await self.budget.reserve(max_usd):
                    return conversation.fail(
                        "budget",
                        f"{self.budget} does not allow another call, which may cost ${max_usd:.4f}",
                    )
                if self.limits.overloaded and not alone:  # since this call began to wait for the budget
                    self.budget.settle(max_usd, 0.0)
                    continue
                sent_in = self.limits.round
                result = await self._send(conversation, body, max_usd)
                self._note_recovery(conversation, result, sent_in)
            if isinstance(result, Reply):
                return result
            failure = await self._handle_error(conversation, result, sent_in)
            if failure is not None:
                return failure

    async def _wait_for_pause(self, conversation: Conversation[T]) -> None:
        """Wait for the pause of an overload to end, unless the deadline passes before."""
        limits = self.limits
        while 0.0 < (rest := limits.remaining_pause()) < self._remaining(conversation):
            self._tell(
                conversation,
                f"overloaded for {limits.overloaded_for():.0f} s ({limits.overload}); "
                f"next try in {math.ceil(rest)} s",
            )
            await self._sleep(min(rest, SILENCE_SECONDS))

    def _check_limits(self, conversation: Conversation[T]) -> NoAnswer | None:
        """Return a failure if all calls are stopped or the deadline has passed, or will pass before a pause ends."""
        if self.limits.auth_error is not None:
            self._raise_credentials_error(self.limits.auth_error)
        if (
            stop_reason := self._stop_reason
            or self.limits.stop_reason
            or self._unusable_model(conversation.question.stage)
        ):
            return conversation.fail("stopped", stop_reason)
        if self._remaining(conversation) <= self.limits.remaining_pause():
            overload = f"{self.limits.overload}; " if self.limits.overloaded else ""
            return conversation.fail(
                "budget", f"{overload}the {self._settings.deadline_seconds:g} s of this stage are over"
            )
        return None

    def _unusable_model(self, stage: Call) -> str:
        """The reason to stop asking a stage's model, if it has never given a usable answer; else an empty string."""
        unusable = self._usable[stage, False]
        if self._usable[stage, True] or unusable < MAX_UNUSABLE_ANSWERS:
            return ""
        last = self._last_unusable[stage]
        return f"none of the model's first {unusable} answers could be used; of the last one: {last}"

    def _remaining(self, conversation: Conversation[T]) -> float:
        """Seconds until the stage's deadline."""
        return self._settings.deadline_seconds - (self._clock() - self._started[conversation.question.stage])

    async def _send(
        self, conversation: Conversation[T], body: dict[str, Any], reserved_usd: float
    ) -> Reply | ApiError:
        """Send one request and settle its reservation at the cost: in full if the request is interrupted."""
        conversation.replies_before = self.limits.replies
        cost = reserved_usd
        try:
            async with self._under_way(conversation):
                result = await self._post(
                    body, min(self._settings.timeout_seconds, self._remaining(conversation))
                )
            cost = conversation.record_cost(result, body)
            return result
        finally:
            self.budget.settle(reserved_usd, cost)

    def _note_recovery(self, conversation: Conversation[T], result: Reply | ApiError, sent_in: int) -> None:
        """End an overload if the endpoint has answered, be it with an error that concerns one request alone."""
        if isinstance(result, Reply):
            self.limits.replies += 1
        elif result.status is None or retry.classify(result) in {"busy", "server_error"}:
            return
        seconds = self.limits.overloaded_for()
        if self.limits.end_overload(sent_in):
            self._tell(conversation, f"answers again after {seconds:.0f} s")

    async def _handle_error(
        self, conversation: Conversation[T], error: ApiError, sent_in: int
    ) -> NoAnswer | None:
        """Wait and return None if the request should be retried, else the failure of this call.

        Some errors stop all calls. An overload pauses all calls, other errors delay this call alone.
        """
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
            return conversation.fail("rejected" if retry.is_rejection(error) else "failed", str(error))
        # While other calls are answered, a server error is due to this prompt.
        by_prompt = error_class == "server_error" and (
            conversation.question.suspect or self.limits.replies > conversation.replies_before
        )
        if error_class == "retry" or by_prompt:
            conversation.attempts += 1
        if conversation.attempts >= self._settings.attempts:
            return conversation.fail(
                "rejected" if by_prompt else "failed",
                f"no answer after {conversation.attempts} tries, the last time {error}",
            )
        return await self._back_off(conversation, error, sent_in, waits_alone=error_class == "retry")

    async def _back_off(
        self, conversation: Conversation[T], error: ApiError, sent_in: int, *, waits_alone: bool
    ) -> NoAnswer | None:
        """Wait before a retry, or have all calls wait; return a failure if the wait is too long."""
        max_wait = self._settings.max_wait_seconds
        if error.retry_after is not None and error.retry_after > max_wait:
            return conversation.fail("budget", f"{error}; a wait of {error.retry_after:g} s was asked for")
        jitter = self._jitter()
        if waits_alone:
            rest = retry.backoff_seconds(error, conversation.attempts, jitter, max_wait)
        else:
            conversation.overloads += 1
            # An overload is waited out without a limit of tries: not even by the settings without any wait.
            longest = max(max_wait, retry.INITIAL_BACKOFF_SECONDS)
            rest = self.limits.pause(
                error,
                sent_in,
                lambda pauses: retry.backoff_seconds(
                    error, max(pauses, conversation.overloads), jitter, longest
                ),
            )
        if rest >= self._remaining(conversation):
            return conversation.fail("budget", f"{error}; the time of this stage is over")
        while waits_alone and rest > 0:
            tries = f"try {conversation.attempts + 1} of {self._settings.attempts}"
            self._tell(conversation, f"{error}; {tries}, next in {math.ceil(rest)} s")
            await self._sleep(min(rest, SILENCE_SECONDS))
            rest -= SILENCE_SECONDS
        return None

    def _tell(self, conversation: Conversation[T], text: str) -> None:
        """Report one line of progress that begins with the endpoint's host."""
        self._said_at = asyncio.get_running_loop().time()
        self._say(conversation.question.stage, f"{self._credentials.host}: {text}")

    @asynccontextmanager
    async def _under_way(self, conversation: Conversation[T]) -> AsyncIterator[None]:
        """Count a call in flight, and report those in flight whenever nothing else was said for half a minute."""
        now = asyncio.get_running_loop().time
        if not self._in_flight:
            self._said_at = now()

        async def report() -> None:
            while True:
                await asyncio.sleep(self._said_at + SILENCE_SECONDS - now())
                if now() >= self._said_at + SILENCE_SECONDS:
                    calls = "1 call" if self._in_flight == 1 else f"{self._in_flight} calls"
                    self._tell(conversation, f"{calls} under way, {self.limits.replies} answered so far")

        self._in_flight += 1
        reporter = asyncio.create_task(report())
        try:
            yield
        finally:
            reporter.cancel()
            self._in_flight -= 1

    def _raise_credentials_error(self, error: ApiError) -> NoReturn:
        raise CredentialsError(
            f"{self._credentials.host} refuses the credentials: {error}",
            hint=f"check {self._credentials.variable}; {SETUP_GUIDE}",
        )
