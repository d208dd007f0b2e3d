"""Labeled claims against scripted verdicts; what is expected was counted by hand."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.evaluate_claims import (
    LabeledClaim,
    failed_gates,
    groups,
    lines,
    measure,
    read_apart,
    read_claims,
)
from pipeline.core.models import Spent
from pipeline.grounding.second_reader import ClaimVerdict
from pipeline.llm.interface import NoAnswer, Question
from pipeline.llm.prompts import Prompt, load_prompt
from tests.builders import Scripted
from tests.cli.test_app import digest
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import prompt_text

KEY = "sk-ant-planted-0123456789abcdef"
ASKED = re.compile(r"(?m)^(\d+)\. \((?:stated|inference)\) (.+)$")
SENTENCE = {"id": 3, "section": "4 Results", "text": "On FogStreet the sampler needs 8 steps, DiffClean 50."}
HONEST = "The sampler needs 8 steps on FogStreet."
LIE = "The sampler needs 50 steps on FogStreet."


def row(text: str = HONEST, lie: str = "", **given: object) -> dict[str, object]:
    values: dict[str, object] = {
        "paper": "p",
        "language": "en",
        "section": "method",
        "n": 1,
        "kind": "stated",
        "text": text,
        "terms": ["sampler"],
        "evidence": [SENTENCE],
        "label": "false" if lie else "true",
        **({"lie": lie} if lie else {}),
    }
    return {**values, **given}


def claim(text: str = HONEST, lie: str = "", **given: object) -> LabeledClaim:
    return LabeledClaim.model_validate_json(json.dumps(row(text, lie, **given)))


def verdict(said: str, slot: str = "none", number: int = 1) -> dict[str, object]:
    return {"number": number, "sentences": [3], "slot": slot, "missing": "", "verdict": said}


def verdicts(*said: tuple[str, str] | None) -> dict[int, ClaimVerdict]:
    return {i: ClaimVerdict.model_validate(verdict(*one)) for i, one in enumerate(said) if one is not None}


def reader(judge: Callable[[str], Mapping[str, object]]) -> Callable[[str], dict[str, Any]]:
    """An answer to a prompt: a verdict on every claim in it, by the claim's text."""
    return lambda prompt: {
        "verdicts": [{**judge(text), "number": int(number)} for number, text in ASKED.findall(prompt)]
    }


@pytest.fixture
def prompt(root: Path) -> Prompt:
    return load_prompt(root / "prompts", "verify", "verify")


@pytest.fixture
def shipped(root: Path) -> tuple[LabeledClaim, ...]:
    return read_claims(root / "eval/claims.jsonl")


CLAIMS = (
    claim(),
    claim(LIE, "swapped numbers"),
    claim("It needs fewer steps.", "swapped numbers"),
    claim("All samplers need 8 steps.", "all for some", language="ja"),
    claim("DiffClean may be tuned.", n=2, kind="own", section="limitations", language="ja"),
    claim("DiffClean needs 8 steps.", "swapped numbers", n=3),
    claim("It is new.", n=4),
)
GATES = {1: "numbers", 3: "names", 6: "terms"}
VERDICTS = verdicts(
    ("supported", "none"),
    ("contradicted", "quantity"),
    ("partly", "quantity"),
    ("supported", "none"),
    ("contradicted", "subject"),
    None,
    ("supported", "condition"),  # counts as partly, as in a run
)


def test_outcomes_are_counted() -> None:
    found = measure(CLAIMS, GATES, VERDICTS)
    swapped = found.lies["swapped numbers"]
    assert (swapped.n, swapped.contradicted, swapped.partly, swapped.supported, swapped.unread) == (
        3,
        1,
        1,
        0,
        1,
    )
    assert (swapped.gates, swapped.slot, swapped.stopped) == ({"numbers": 1}, "quantity", 2)
    everyone = found.lies["all for some"]
    assert (everyone.n, everyone.supported, everyone.gates, everyone.slot) == (1, 1, {"names": 1}, "")
    assert (found.overall.false.n, found.overall.false.stopped) == (4, 3)
    stated, inference = found.honest["stated"], found.honest["inference"]
    assert (stated.n, stated.supported, stated.partly, stated.gates) == (2, 1, 1, {"terms": 1})
    assert (inference.n, inference.contradicted, inference.slot) == (1, 1, "subject")
    assert (found.overall.true.n, found.overall.true.stopped) == (3, 2)


def test_languages_are_counted_apart() -> None:
    found = measure(CLAIMS, GATES, VERDICTS).languages
    assert {name: (both.false.n, both.true.n) for name, both in found.items()} == {"en": (3, 2), "ja": (1, 1)}
    assert found["ja"].true.contradicted == 1


def test_the_text_has_shares_and_what_to_look_up() -> None:
    said = "\n".join(lines(measure(CLAIMS, GATES, VERDICTS)))
    assert (
        "\nrecall: second reader 2 of 4 (50%), contradicted alone 1 of 4 (25%); gates 2 of 4 (50%); either 3"
        in said
    )
    assert (
        "\nfalse alarms: second reader 2 of 3 (67%), contradicted alone 1 of 3 (33%); gates 1 of 3 (33%)"
        in said
    )
    assert "\n| swapped numbers | 3 | 1 (numbers 1) | 1 | 1 | 0 | 1 | quantity |\n" in said
    assert "\n| inference | 1 | 0 | 1 | 0 | 0 | 0 | subject |\n" in said
    assert "\nja: recall: second reader 0 of 1 (0%)" in said
    assert "\n1 claim was not read" in said
    missed = "p, method 1, all for some, slot none (stopped by the gate names): All samplers need 8 steps."
    assert f"\nmissed: {missed}\n" in said
    assert said.endswith(
        "\ncontradicted, though true: p, limitations 2, slot subject: DiffClean may be tuned."
    )


def test_one_language_is_not_shown_twice_and_no_lies_divide_by_nothing() -> None:
    said = "\n".join(lines(measure([claim()], {}, {})))
    assert "en: " not in said
    assert "recall: second reader 0 of 0, " in said


def test_gates_are_asked_first() -> None:
    """A name of another sentence of the paper is one of the paper's; an inference may only use those that it cites."""
    elsewhere = {"id": 9, "section": "5 Cost", "text": "Training takes 77 hours with RainNet."}
    claims = (
        claim(),
        claim("The sampler needs 12 steps on FogStreet.", "swapped numbers"),
        claim("The sampler beats RainNet.", n=2),
        claim("Training takes 77 hours.", n=3, terms=["hours"], evidence=[elsewhere]),
        claim("One could try RainNet.", n=4, kind="inference", section="takeaways"),
        claim("One could try RainNet.", n=5, kind="inference", section="limitations"),
        claim("One could try RainNet.", n=6, kind="own", section="limitations"),
        claim("The sampler beats RainNet.", paper="another"),
    )
    assert failed_gates(claims) == {1: "numbers", 4: "names", 7: "names"}


def test_variants_of_a_claim_are_never_in_one_request(
    shipped: tuple[LabeledClaim, ...], prompt: Prompt
) -> None:
    by_text = {one.text: one for one in shipped}
    assert len(by_text) == len(shipped)
    model = Scripted(lambda question: reader(lambda _: verdict("supported"))(question.user))
    reading = asyncio.run(read_apart(model, prompt, shipped))
    assert sorted(reading.verdicts) == list(range(len(shipped)))
    seen: Counter[str] = Counter()
    for question in model.asked:
        asked = [by_text[text] for _, text in ASKED.findall(question.user)]
        seen.update(one.text for one in asked)
        assert len({one.twins for one in asked}) == len(asked)
        assert len({one.paper for one in asked}) == 1
        assert {one.label for one in asked} == {"true", "false"}
    assert seen == dict.fromkeys(by_text, 1)
    variants = Counter(one.twins for one in shipped)
    most = {paper: max(n for key, n in variants.items() if key[0] == paper) for paper, _, _ in variants}
    assert len(model.asked) == sum(most.values()), "as few requests as possible"
    assert reading.spent.calls == len(model.asked)


def test_labels_are_spread_evenly() -> None:
    claims = [one for n in range(6) for one in (claim(n=n), claim(f"{LIE} {n}", "swapped numbers", n=n))]
    found = groups(claims)
    assert [Counter(claims[i].label for i in one) for one in found] == [{"true": 3, "false": 3}] * 2


def test_verdicts_find_their_claims_and_who_does_not_answer_leaves_them_unread(prompt: Prompt) -> None:
    """The second paper gets no answer; the first one's verdicts come in the order of a shuffled request."""
    claims = (
        claim(),
        claim(LIE, "swapped numbers"),
        claim("It is new.", n=2),
        claim(paper="q"),
        claim(LIE, "negation", paper="q"),
    )
    judged = {
        HONEST: verdict("supported"),
        LIE: verdict("contradicted", "quantity"),
        "It is new.": verdict("partly", "subject"),
    }

    def answer(question: Question[Any]) -> object:
        if question.about.startswith("q"):
            return NoAnswer("refused", "no", Spent(calls=1, input_tokens=7, output_tokens=0, usd=0.5))
        return reader(judged.__getitem__)(question.user)

    reading = asyncio.run(read_apart(Scripted(answer), prompt, claims))
    assert {index: one.verdict for index, one in reading.verdicts.items()} == {
        0: "supported",
        1: "contradicted",
        2: "partly",
    }
    assert reading.model == "scripted"
    assert reading.spent == Spent(calls=4, input_tokens=214, output_tokens=20, usd=1.002)
    found = measure(claims, {}, reading.verdicts)
    assert (found.lies["negation"].n, found.lies["negation"].unread, found.overall.true.unread) == (1, 1, 1)
    assert found.missed == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "kept.jsonl: there are no labeled claims"),
        ([row(), row(kind="true")], "kept.jsonl:2: kind"),
        ([row(), row(sentence=3, n=2)], "kept.jsonl:2: sentence"),
        ([row(evidence=[{**SENTENCE, "page": 3}])], "kept.jsonl:1: evidence.0.page"),
        ([row(evidence=[])], "kept.jsonl:1: evidence"),
        ([row(label="false")], "kept.jsonl:1: a false claim names the kind of its lie"),
        ([row(lie="negation", label="true")], "kept.jsonl:1: a false claim names the kind of its lie"),
        ([row(), row()], "kept.jsonl:2: the claim stands twice"),
        (
            [row(), row(n=2, evidence=[{**SENTENCE, "text": "Another."}])],
            "kept.jsonl:2: sentence 3 of p reads otherwise on an earlier line",
        ),
    ],
)
def test_wrong_lines_are_named(project: Path, rows: list[dict[str, object]], message: str) -> None:
    Path("kept.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    assert message in digest("eval", "--claims", "kept.jsonl", code=2).stderr


def test_other_files_are_refused(project: Path) -> None:
    assert '"label": "true"' in digest("eval", "--claims", "missing.jsonl", code=2).stderr
    Path("kept.jsonl").write_bytes('{"paper": "论文"}'.encode("gbk"))
    assert "kept.jsonl: is not UTF-8" in digest("eval", "--claims", "kept.jsonl", code=2).stderr
    Path("kept.jsonl").write_text(
        "\n" + json.dumps(row("One\u2028line."), ensure_ascii=False) + "\n{\n", "utf-8"
    )
    assert "kept.jsonl:3: " in digest("eval", "--claims", "kept.jsonl", code=2).stderr


def test_options_that_do_not_go_together_are_refused(project: Path) -> None:
    Path("kept.jsonl").write_text(json.dumps(row()))
    said = digest("eval", "--claims", "kept.jsonl", "--labels", "labels.jsonl", code=2).stderr
    assert "--claims and --labels measure different things" in said
    said = digest("eval", "--claims", "kept.jsonl", "--engine", "local", code=2).stderr
    assert "the local engine has no second reader" in said
    assert "digest eval --engine claude --claims kept.jsonl" in said


def test_the_command_prints_a_table_or_json(project: Path) -> None:
    """Two active profiles: the first one's model reads, once."""
    rows = [row(), row(LIE, "swapped numbers"), row("All samplers need 8 steps.", "all for some")]
    Path("kept.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    judged = {
        HONEST: verdict("supported"),
        LIE: verdict("contradicted", "quantity"),
        "All samplers need 8 steps.": verdict("supported"),
    }
    answer = reader(judged.__getitem__)
    profiles = ("--profile", "cv-restoration", "--profile", "llm-agents")
    words = ("eval", "--claims", "kept.jsonl", "--engine", "claude", *profiles)
    with MessagesStub(keys=[KEY], answer=lambda body: answer(prompt_text(body))) as stub:
        env = {
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": stub.url,
            "DIGEST_CLAUDE__STRUCTURED": "format",
        }
        said = digest(*words, env=env).stdout
        assert len(stub.calls) == 3
        found = json.loads(digest(*words, "--json", env=env).stdout)
    assert "profile cv-restoration" in said
    assert "\n| swapped numbers | 1 | 0 | 1 | 0 | 0 | 0 | quantity |\n" in said
    assert "missed: p, method 1, all for some, slot none" in said
    assert "\n3 calls, " in said
    assert found["profile"] == "cv-restoration"
    assert found["prompt"].startswith("verify@")
    assert found["model"]
    assert found["spent"]["calls"] == 3
    assert found["overall"]["false"]["n"] == 2
    assert found["overall"]["false"]["contradicted"] == 1
    assert [one["lie"] for one in found["missed"]] == ["all for some"]
    assert found["accused"] == []


def test_the_shipped_claims_cover_every_language_and_lie(shipped: tuple[LabeledClaim, ...]) -> None:
    labels = Counter((one.language, one.label) for one in shipped)
    assert {language for language, _ in labels} == {"en", "ja", "zh-CN"}
    assert min(labels.values()) >= 20
    lies = Counter((one.language, one.lie) for one in shipped if one.lie)
    assert len({lie for _, lie in lies}) == 12
    assert len(lies) == 3 * 12
    assert all(one.paper.startswith("made-up") for one in shipped)
    honest = {one.twins for one in shipped if not one.lie}
    assert {one.twins for one in shipped if one.lie} <= honest
