"""An endpoint that bills every byte as a token, and says something else: for the tests of the budget.

It counts on its own side, from the bodies that arrive and the answers that leave, and shares no code with the client.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.stubs.messages_faults import Fault, Json, error

SCRIPTS = {
    "emoji": "😀🧪🦄👩‍🔬🏳️‍🌈",
    "Chinese": "图像复原与去雾方法研究",
    "Thai": "การฟื้นฟูภาพด้วยแบบจำลอง",
    "base64": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ligatures": "ﷺﷻﬃ㌀",
    "English": "the image is restored by a model of noise ",
}
LIES = ("none", "zero", "tiny", "huge", "long", "negative", "fraction", "text", "missing", "no usage")
ADDED_BY_THE_PROVIDER = 1500  # at most


def dense(chance: random.Random, length: int) -> str:
    """Text of one script, or of all of them."""
    alphabet = "".join(SCRIPTS.values()) if chance.random() < 0.3 else chance.choice([*SCRIPTS.values()])
    return "".join(chance.choices(alphabet, k=length))


def bytes_of(node: Any) -> int:
    """All bytes of a JSON value's keys and strings, in the longer of two forms."""
    if isinstance(node, str):
        return max(len(node.encode()), len(unicodedata.normalize("NFKC", node).encode()))
    if isinstance(node, dict):
        return sum(bytes_of(key) + bytes_of(value) for key, value in node.items())
    return sum(map(bytes_of, node)) if isinstance(node, list) else 0


@dataclass
class Biller:
    """Prices are USD per million tokens; `usd` is what was billed, `lie` how the usage of a day is wrong."""

    chance: random.Random
    input: float
    output: float
    lie: str = "none"
    usd: float = 0.0
    bills: int = 0

    def script(self) -> Iterator[Fault]:
        """Endless: mostly answers, some that are billed and lost, some errors that are not billed."""
        answers = Fault("billed", change=self.answer, lies=True)
        lost = Fault("lost", change=self.answer, lies=True, cut=True)
        busy = error("busy", 529, "overloaded_error", "Overloaded")
        while True:
            yield self.chance.choices([answers, lost, busy], [88, 8, 4])[0]

    def answer(self, message: Json, body: Json) -> Json:
        """Bill a request, and answer it: in dense text, cut at `max_tokens`, after thoughts that are not shown."""
        room: int = body["max_tokens"]
        reason = dense(self.chance, self.chance.randrange(1, room // 2))
        said = json.dumps({"id": "x", "score": 3, "tag": "read", "reason": reason}, ensure_ascii=False)
        text = said.encode()[:room].decode(errors="ignore")
        stop = "end_turn" if text == said else "max_tokens"
        declines = self.chance.random() < 0.05
        if declines:
            text, stop = "", "refusal"
        thoughts = self.chance.randrange(0, room)
        out = room if stop == "max_tokens" else min(room, len(text.encode()) + thoughts)
        asked = [body.get("system"), body["messages"], body.get("output_config"), body.get("tools")]
        given = sum(map(bytes_of, asked)) + self.chance.randrange(ADDED_BY_THE_PROVIDER)
        if declines:
            out = 0
        else:
            self.usd += (given * self.input + out * self.output) / 1e6
            self.bills += 1
        usage = {"input_tokens": given, "output_tokens": out}
        content = [{"type": "text", "text": text}] if text else []
        return {**message, "content": content, "stop_reason": stop, **self.report(usage)}

    def report(self, usage: dict[str, int]) -> Json:
        """The usage that is told: the true one, or a day's lie about one of its numbers or both."""
        wrong: dict[str, Any] = {
            "zero": 0,
            "tiny": 1,
            "huge": 10**9,
            "long": 10**400,
            "negative": -(10**6),
            "fraction": 0.5,
            "text": "12",
            "missing": None,
        }
        if self.lie == "no usage":
            return {"usage": None}
        if self.lie == "none":
            return {"usage": usage}
        told = self.chance.choice([["input_tokens"], ["output_tokens"], [*usage]])
        return {"usage": {**usage, **dict.fromkeys(told, wrong[self.lie])}}
