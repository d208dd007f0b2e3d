"""How questions are put to an endpoint: so many at once, with retries that have an end, within a budget and a time.

No vendor in here: `post` sends one request and returns a reply, or a trouble.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, NoReturn

from pipeline.config.settings import Claude, Price
from pipeline.core.errors import CredentialsError
from pipeline.core.models import Spent
from pipeline.core.stage_names import Stage
from pipeline.core.tokens import tokens
from pipeline.llm import credentials, request, response, retry
from pipeline.llm.interface import Answer, NoAnswer, Question, T
from pipeline.llm.pricing import EXPECTED_OUTPUT, Budget, estimate_usd
from pipeline.llm.providers import Way
from pipeline.llm.response import Reply, Wrong
from pipeline.llm.retry import Pause, Trouble

MOST_OUTPUT: Final = 128_000  # what a model can write at most, whatever the settings say
CUT: Final = frozenset({"max_tokens", "model_context_window_exceeded"})

Kind = Literal["refused", "truncated", "invalid", "failed", "budget", "stopped"]


@dataclass(frozen=True)
class Route:
    """Which model answers a stage, how it is asked, and its price if that is known."""

    model: str
    way: Way
    price: Price | None


@dataclass
class Exchange(Generic[T]):
    """A question, its route, and where it stands. `tries` counts from the last message on.

    At most one repair is paid for, and one doubling of the room when an answer was cut.
    """

    question: Question[T]
    route: Route
    settings: Claude
    most: int
    spent: Spent = field(default_factory=Spent)
    tries: int = 0
    wrong: str = ""
    doubled: bool = False

    def body(self) -> dict[str, Any]:
        """What to send next."""
        return request.body(
            self.question, self.route.way, self.route.model, self.settings, most=self.most, wrong=self.wrong
        )

    def most_usd(self, body: dict[str, Any]) -> float:
        """What sending this may cost at the most: an answer that takes all the room it has."""
        if self.route.price is None:
            return 0.0
        return estimate_usd(self.route.price, request.input_tokens(body), self.most)

    def expected_usd(self, body: dict[str, Any]) -> float:
        """What sending this is expected to cost; 0 if the price is not known. A cut answer will take all it had."""
        if self.route.price is None:
            return 0.0
        output = self.most // 2 if self.doubled else min(self.most, EXPECTED_OUTPUT[self.question.stage])
        return estimate_usd(self.route.price, request.input_tokens(body), output)

    def pay(self, reply: Reply, body: dict[str, Any]) -> float:
        """Count a message, whatever it says, and return its US dollars; what was not told is estimated."""
        # An endpoint that counts nothing is not free: its zeros are taken for silence.
        told_input, told_output = reply.input_tokens or None, reply.output_tokens
        if not told_input and not told_output:
            told_output = None
        read = request.input_tokens(body) if told_input is None else told_input
        written = tokens(reply.said) if told_output is None else told_output
        free = reply.stop == "refusal" and not written  # a refusal before the first word is not billed
        usd = (
            None
            if self.route.price is None
            else 0.0
            if free
            else estimate_usd(self.route.price, read, written)
        )
        self.spent = self.spent + Spent(calls=1, input_tokens=read, output_tokens=written, usd=usd)
        self.tries = 0
        return usd or 0.0

    def hear(self, reply: Reply) -> Answer[T] | NoAnswer | None:
        """The end of the exchange, or None if it is worth asking once more."""
        if reply.stop == "refusal":
            about = f" ({reply.category})" if reply.category else ""
            return self.give_up("refused", f"the model declined{about}")
        value = response.parse(reply.said, self.question.answer)
        if isinstance(value, Wrong):
            return self._cut() if reply.stop in CUT else self._repair(value.why)
        wrong = self.question.check(value)
        if wrong:
            return self._repair(wrong)
        return Answer(value=value, model=reply.model or self.route.model, spent=self.spent)

    def _cut(self) -> NoAnswer | None:
        if self.doubled or self.most >= MOST_OUTPUT:
            return self.give_up("truncated", f"the answer did not fit into {self.most} tokens")
        self.doubled = True
        self.most = min(2 * self.most, MOST_OUTPUT)
        return None

    def _repair(self, wrong: str) -> NoAnswer | None:
        if self.wrong:
            return self.give_up("invalid", f"the answer was not of the form asked for: {wrong}")
        self.wrong = wrong
        return None

    def give_up(self, kind: Kind, reason: str) -> NoAnswer:
        """No answer, and why; on one line, and not a long one."""
        line = " ".join(reason.split())
        return NoAnswer(kind, line if len(line) <= 300 else f"{line[:299]}…", self.spent)


log = logging.getLogger(__name__)

UNKNOWN_MODEL = 404
# So many unusable answers and not one good: it is the model, and halving batches down to single papers would ask it
# a thousand times. Fewer, and a dozen papers made to spoil their batches could stop a day.
UNUSABLE = 40
SPOILT = frozenset({"refused", "truncated", "invalid"})
Post = Callable[[dict[str, Any], float], Awaitable[Reply | Trouble]]
"""A request's body and the seconds it may take."""


class SharedLimits:
    """What all profiles of a process share toward one endpoint: places, a pause, and what has stopped everybody."""

    def __init__(
        self, places: int, sleep: Callable[[float], Awaitable[None]], clock: Callable[[], float]
    ) -> None:
        self.places = asyncio.Semaphore(places)
        self.pause = Pause(sleep, clock)
        self.stopped = ""
        self.refused: Trouble | None = None


class Caller:
    """What all calls of one profile share: routes, a budget, and, with the other profiles, limits.

    A trouble that would meet every call (credentials, an unknown model, a spend limit) is met once: the calls under
    way may finish, none is sent after it. Each stage's time begins with its first question.
    """

    def __init__(
        self,
        post: Post,
        settings: Claude,
        own: credentials.Access,
        routes: Mapping[Stage, Route],
        *,
        budget_usd: float,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
        chance: Callable[[], float],
        limits: SharedLimits | None = None,
    ) -> None:
        self._post = post
        self._settings = settings
        self._access = own
        self._routes = routes
        self._budget = Budget(budget_usd)
        self._sleep, self._clock, self._chance = sleep, clock, chance
        most_at_once = [route.way.most_at_once for route in routes.values()]
        places = min([settings.concurrency, *(most for most in most_at_once if most)])
        self.limits = limits or SharedLimits(places, sleep, clock)
        self._began: dict[Stage, float] = {}
        self._stopped = ""  # a model that is not known is this profile's own trouble
        self._spoilt: Counter[Stage] = Counter()
        self._useful: set[Stage] = set()

    def charge(self, usd: float) -> None:
        """Count what was spent elsewhere against the budget."""
        self._budget.spent_usd += usd

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Ask until there is an answer, or a reason why there is none. Raises CredentialsError at the door."""
        route = self._routes[question.stage]
        self._began.setdefault(question.stage, self._clock())
        exchange = Exchange(
            question=question,
            route=route,
            settings=self._settings,
            most=request.room(question, self._settings),
            spent=Spent(usd=None if route.price is None else 0.0),
        )
        async with self.limits.places:
            while True:
                reply = await self._message(exchange)
                if isinstance(reply, NoAnswer):
                    return reply
                end = exchange.hear(reply)
                if end is not None:
                    self._note(question.stage, end)
                    return end
                log.info("%s: asked once more: %s", question.about, exchange.wrong or "the answer was cut")

    async def _message(self, exchange: Exchange[T]) -> Reply | NoAnswer:
        """The next message, after as many tries as it takes and is allowed."""
        while True:
            if (end := await self._may_send(exchange)) is not None:
                return end
            body = exchange.body()
            most = exchange.most_usd(body)
            if not await self._budget.reserved(most):
                return exchange.give_up(
                    "budget", f"{self._budget} does not allow another call, which may cost ${most:.4f}"
                )
            got = await self._try(exchange, body, most)
            if isinstance(got, Reply):
                return got
            if (end := self._lost(exchange, got)) is not None:
                return end
            if (end := await self._wait(exchange, got)) is not None:
                return end

    async def _may_send(self, exchange: Exchange[T]) -> NoAnswer | None:
        """Wait out a pause; then None, unless the end has come for all calls or for this stage."""
        if self.limits.pause.left() < self._left(exchange):
            await self.limits.pause.over()
        if self.limits.refused is not None:
            self._turn_away(self.limits.refused)
        if stopped := self._stopped or self.limits.stopped or self._useless(exchange.question.stage):
            return exchange.give_up("stopped", stopped)
        if self._left(exchange) <= self.limits.pause.left():
            return exchange.give_up(
                "budget", f"the {self._settings.deadline_seconds:g} s of this stage are over"
            )
        return None

    def _note(self, stage: Stage, end: Answer[T] | NoAnswer) -> None:
        """Remember whether anything that this model says can be used."""
        if isinstance(end, Answer):
            self._useful.add(stage)
        elif end.kind in SPOILT:
            self._spoilt[stage] += 1

    def _useless(self, stage: Stage) -> str:
        """Why a model is not asked any more that never gave an answer that could be used."""
        if stage in self._useful or self._spoilt[stage] < UNUSABLE:
            return ""
        return f"none of the model's first {self._spoilt[stage]} answers could be used"

    def _left(self, exchange: Exchange[T]) -> float:
        """Seconds that the stage still has."""
        return self._settings.deadline_seconds - (self._clock() - self._began[exchange.question.stage])

    async def _try(self, exchange: Exchange[T], body: dict[str, Any], most: float) -> Reply | Trouble:
        """Send once, and settle what was set aside: at its cost, or at what is expected where that is not known."""
        exchange.tries += 1
        cost = exchange.expected_usd(body)
        try:
            got = await self._post(body, min(self._settings.timeout_seconds, self._left(exchange)))
            if isinstance(got, Reply):
                cost = exchange.pay(got, body)
            elif not got.paid:
                cost = 0.0
            return got
        finally:
            self._budget.settle(most, cost)

    def _lost(self, exchange: Exchange[T], trouble: Trouble) -> NoAnswer | None:
        """None if another try is worth it; otherwise why there is none, for this call or for all."""
        course = retry.course(trouble)
        if course == "door":
            self.limits.refused = trouble
            self._turn_away(trouble)
        if course == "stop":
            stopped = f"all calls were stopped by {trouble}"
            if trouble.status == UNKNOWN_MODEL:
                self._stopped = stopped
            else:
                self.limits.stopped = stopped
            return exchange.give_up("stopped", stopped)
        if course == "fail":
            return exchange.give_up("failed", str(trouble))
        if exchange.tries >= self._settings.attempts:
            return exchange.give_up(
                "failed", f"no answer after {exchange.tries} tries, the last time {trouble}"
            )
        return None

    async def _wait(self, exchange: Exchange[T], trouble: Trouble) -> NoAnswer | None:
        """Wait before the next try. A busy endpoint makes all calls wait; one that asks for too long, none."""
        longest = self._settings.max_wait_seconds
        wait = retry.wait(trouble, exchange.tries, self._chance())
        if trouble.retry_after is None:
            wait = min(wait, longest)
        if wait > longest:
            return exchange.give_up("budget", f"{trouble}; a wait of {wait:g} s was asked for")
        if wait >= self._left(exchange):
            return exchange.give_up("budget", f"{trouble}; the time of this stage is over")
        log.info("%s: %s; try %d in %.1f s", exchange.question.about, trouble, exchange.tries + 1, wait)
        if trouble.status in retry.BUSY:
            self.limits.pause.extend(wait)
        else:
            await self._sleep(wait)
        return None

    def _turn_away(self, trouble: Trouble) -> NoReturn:
        """End the run: the credentials are refused."""
        raise CredentialsError(
            f"{self._access.host} refuses the credentials: {trouble}",
            hint=f"check {self._access.named}; {credentials.GUIDE}",
        )
