"""A model for benchmarks: as quick or slow as a clock says, and with answers as long as real ones.

Marks differ from paper to paper and a third of them are good; a reading has sixteen claims, each of them made of the
sentences that it cites, so that all of them hold. Latency is waited out here rather than by the stub, since it differs
from model to model.
"""

from __future__ import annotations

import json
import random
import re
import threading
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from tests.stubs.messages_answers import ID, SENTENCE, plain_answer, prompt_text
from tests.stubs.messages_rules import count_tokens

Body = Mapping[str, Any]
Answer = dict[str, Any]
SECTIONS = {"contribution": 3, "method": 6, "setup": 2, "takeaways": 2, "limitations": 3}
REASON = "A method for a task next to the reader's own, with the same tools and a different aim."
WORD = re.compile(r"[a-z]{6,}")
UNFIT = re.compile(r"[|$]|\b20\d\d\b")  # tables, formulas, years of citations, which license nothing
NO_TERM = re.compile(r"method|result|propos|approach|perform|invent|synthetic")


def answer(body: Body) -> Answer:
    """What the model says, by the form that it is asked for."""
    asked = body["output_config"]["format"]["schema"]["properties"]
    prompt = prompt_text(body)
    if asked.keys() & {"verdicts", "briefs", "order"}:
        return plain(body)
    if "marks" in asked:
        return {"marks": [mark(key) for key in dict.fromkeys(ID.findall(prompt))]}
    return reading(prompt)


def stage_of(body: Body) -> str:
    """What a request asks for: score, analyze, verify or brief."""
    asked = body["output_config"]["format"]["schema"]["properties"]
    stages = {"marks": "score", "order": "score", "verdicts": "verify", "briefs": "brief"}
    return next((stage for field, stage in stages.items() if field in asked), "analyze")


def plain(body: Body) -> Answer:
    """Everything is supported; briefs are the first words of their abstracts; an order follows marks of the stub's own."""
    found = plain_answer(body)
    assert isinstance(found, dict)
    return found


def mark(key: str) -> Answer:
    drawn = zlib.crc32(key.encode())
    good = drawn % 3 == 0
    topic = 5 if good else drawn % 4
    marks = {"topic": topic, "transfer": 3 + drawn % 3 if good else drawn % 3, "substance": drawn % 4 + 1}
    return {"id": key, **marks, "excluded": False, "reason": REASON}


# Of 100 papers of cs.CV, as four readers marked their topic for a profile of image restoration.
TOPICS = (0,) * 36 + (1,) * 36 + (2,) * 11 + (3,) * 8 + (4,) * 6 + (5,) * 3


def drawn(body: Body) -> Answer:
    """Marks as a day of cs.CV has them, and noise of each call: one draw's score has a standard deviation of about 6."""
    if "marks" not in body["output_config"]["format"]["schema"]["properties"]:
        return answer(body)
    keys = list(dict.fromkeys(ID.findall(prompt_text(body))))
    return {"marks": [drawn_mark(key, company=" ".join(keys)) for key in keys]}


def drawn_mark(key: str, company: str) -> Answer:
    """Marks with noise that depends on the papers of the call and their order, not on the wording of the prompt."""
    paper, call = random.Random(key), random.Random(f"{key} {company}")
    topic = paper.choice(TOPICS)
    true = {
        "topic": topic,
        "transfer": topic + paper.choice((-1, -1, 0, 0, 1)),
        "substance": paper.choice((3, 3, 4)),
    }
    noisy = {name: min(5, max(0, round(value + call.gauss(0, 0.4)))) for name, value in true.items()}
    return {"id": key, **noisy, "excluded": False, "reason": REASON}


def reading(prompt: str) -> Answer:
    """Sixteen claims, each of them a sentence of the paper; every fourth cites a second one.

    Claims written by hand (tests/grounding/honest_claims.jsonl) have 87 bytes on average and cite one sentence each.
    """
    lines = [(int(key), text) for key, text in SENTENCE.findall(prompt)]
    prose = [(key, text) for key, text in lines if len(text) > 40 and not UNFIT.search(text)]
    claims = []
    for n in range(sum(SECTIONS.values())):
        cited = [prose[(2 * n + i) % len(prose)] for i in range(min(1 + (n % 4 == 0), len(prose)))]
        terms = [word for _, text in cited for word in WORD.findall(text) if not NO_TERM.search(word)]
        claims.append(
            {
                "text": cited[0][1],
                "terms": [max(terms, key=len)],
                "evidence": [key for key, _ in cited],
                "kind": "inference",
            }
        )
    taken = iter(claims)
    return {
        "headline": "A paper with a plain headline",
        "hook": "It is near to what you do",
        **{
            name: [
                {**next(taken), "kind": "own" if name == "limitations" else "inference"} for _ in range(count)
            ]
            for name, count in SECTIONS.items()
        },
    }


# Seconds to the first token, and tokens a second: the classes of facts that were published for earlier models.
PACE = {"haiku": (0.6, 80.0), "sonnet": (1.8, 63.0), "opus": (2.5, 47.0)}
PER_INPUT_TOKEN = 1e-5
READING = 2500  # tokens that a reading takes at least, thinking included


def at_once(body: Body) -> Answer:
    return answer(body)


def after_a_second(body: Body) -> Answer:
    """Every call takes one second."""
    threading.Event().wait(1.0)
    return answer(body)


def by_tokens(body: Body) -> Answer:
    """A call takes as long as its model reads and writes."""
    said = answer(body)
    first, rate = PACE[body["model"].split("-")[1]]
    written = max(len(json.dumps(said)) / 3.5, READING if "headline" in said else 0)
    threading.Event().wait(first + PER_INPUT_TOKEN * count_tokens(body) + written / rate)
    return said


LATENCIES: dict[str, Callable[[Body], Answer]] = {"1 s a call": after_a_second, "by tokens": by_tokens}
