"""One question on its way to an answer: what has been tried, what it has cost, what comes next. No vendor in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal

from pipeline.config import Claude, Price
from pipeline.engines import payload, replies
from pipeline.engines.asking import Answer, NoAnswer, Question, T
from pipeline.engines.hosts import Way
from pipeline.engines.pricing import EXPECTED_OUTPUT, estimate_usd
from pipeline.engines.replies import Reply, Wrong
from pipeline.models import Spent
from pipeline.tokens import tokens

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
        return payload.body(
            self.question, self.route.way, self.route.model, self.settings, most=self.most, wrong=self.wrong
        )

    def most_usd(self, body: dict[str, Any]) -> float:
        """What sending this may cost at the most: an answer that takes all the room it has."""
        if self.route.price is None:
            return 0.0
        return estimate_usd(self.route.price, payload.input_tokens(body), self.most)

    def expected_usd(self, body: dict[str, Any]) -> float:
        """What sending this is expected to cost; 0 if the price is not known. A cut answer will take all it had."""
        if self.route.price is None:
            return 0.0
        output = self.most // 2 if self.doubled else min(self.most, EXPECTED_OUTPUT[self.question.stage])
        return estimate_usd(self.route.price, payload.input_tokens(body), output)

    def pay(self, reply: Reply, body: dict[str, Any]) -> float:
        """Count a message, whatever it says, and return its US dollars; what was not told is estimated."""
        # An endpoint that counts nothing is not free: its zeros are taken for silence.
        told_input, told_output = reply.input_tokens or None, reply.output_tokens
        if not told_input and not told_output:
            told_output = None
        read = payload.input_tokens(body) if told_input is None else told_input
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
        value = replies.parse(reply.said, self.question.answer)
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
