"""The Claude client against the stub, through the real SDK: what it sends, spends, says and keeps to itself."""

import asyncio
import json
import subprocess
import sys
import tomllib
from contextlib import aclosing
from pathlib import Path

import pytest

from pipeline.config import profile as profiles
from pipeline.config import settings as config
from pipeline.core.errors import InputError
from pipeline.llm.client import Claude
from pipeline.llm.interface import Answer
from tests.llm.endpoint import (
    HAIKU,
    Time,
    ask,
    claude,
    question,
)
from tests.stubs.messages import Fault, MessagesStub

ROOT = Path(__file__).parents[2]
REPLIES = ROOT / "tests" / "replies"
OPUS = "claude-opus-5-5"


def test_the_request():
    with MessagesStub() as stub:
        [answer] = ask(stub, question(7))
    [call] = stub.asked
    assert call.path == "/v1/messages"
    assert call.headers["authorization"] == "Bearer sk-test"
    assert call.headers["anthropic-version"] == "2026-10-21"
    assert call.headers["x-stainless-retry-count"] == "0"
    assert call.body == json.loads((REPLIES / "request_format.json").read_text())
    assert isinstance(answer, Answer)
    assert (answer.value.id, answer.value.tag, answer.model) == ("2601.00007", "read", HAIKU)


def test_analyses_have_their_own_room_effort_and_model():
    with MessagesStub() as stub:
        ask(stub, question(stage="analyze"), models={"score": HAIKU, "analyze": OPUS})
    body = stub.asked[0].body
    assert (body["model"], body["max_tokens"], body["output_config"]["effort"]) == (OPUS, 16000, "medium")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b""),
        (400, b'"no"'),
        (400, b"null"),
        (400, b'{"error": "no"}'),
        (400, b'{"error": {"type": ["x"], "message": {"a": 1}, "details": "x"}}'),
        (400, b'{"error": {"message": "no", "details": {"error_code": 5}}, "type": 3}'),
        (400, b'{"error": {"type": "invalid_request_error", "message": "half an emoji: \\ud83d"}}'),
        (500, b"\xff\xfe"),
    ],
)
def test_errors_in_any_shape(status, body):
    with MessagesStub(script=[Fault("odd", status, body=body)]) as stub:
        [outcome] = ask(stub)
    if status == 500:
        assert isinstance(outcome, Answer)
    else:
        assert (outcome.kind, outcome.spent.calls) == ("rejected", 0)
        assert outcome.reason.startswith("HTTP 400")
        assert outcome.reason.encode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"content": [null, 3, "x"], "usage": {}}',
        b'"text"',
        b"null",
        b'{"type": "error", "error": {"type": "overloaded_error"}}',
        b"{" * 5000,
        b'{"content": [{"type": "text", "text": "' + b"[" * 5000 + b'"}], "stop_reason": {"a": 1}}',
        b'{"content": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_answers_in_any_shape(body):
    with MessagesStub(script=[Fault("odd", body=body)]) as stub:
        [outcome] = ask(stub)
    assert isinstance(outcome, Answer)
    assert len(stub.asked) == 2


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        ("prose", {"structured": "auto"}),
        ("prose", {"structured": "prompt", "thinking": "disabled"}),
        ("forced_tool", {"structured": "tool", "thinking": "disabled"}),
        ("any_tool", {"structured": "tool_any"}),
        ("auto_tool", {"structured": "tool_auto"}),
        ("anthropic", {"structured": "prompt"}),
    ],
)
def test_every_way_to_ask_for_json(mode, settings):
    with MessagesStub(mode=mode) as stub:
        outcomes = ask(stub, question(1), question(2), **settings)
    assert [outcome.value.id for outcome in outcomes] == ["2601.00001", "2601.00002"]
    assert len(stub.asked) == 2
    for call in stub.asked:
        assert "format" not in call.body.get("output_config", {})


@pytest.mark.parametrize(("model", "structured"), [(OPUS, "tool"), ("claude-sonnet-5-5", "tool_any")])
def test_no_setting_makes_a_model_refuse(model, structured):
    with MessagesStub() as stub:
        [outcome] = ask(stub, models={"score": model}, structured=structured, thinking="disabled")
    assert isinstance(outcome, Answer)
    assert [call.status for call in stub.asked] == [200]
    assert stub.asked[0].body["tools"][0]["strict"] is True


def test_prompted_json_has_the_schema_in_it():
    with MessagesStub(mode="prose") as stub:
        ask(stub, structured="auto")
    text = stub.asked[0].body["messages"][0]["content"]
    schema = json.loads((REPLIES / "request_format.json").read_text())["output_config"]["format"]["schema"]
    assert json.loads(text[text.index('{"') :]) == schema


def test_replies_of_the_documentation():
    """Bodies as the vendor documents them, played back unchanged."""
    names = ["structured", "tool_use", "refusal", "no_usage", "cached"]
    outcomes = {}
    for name in names:
        body = (REPLIES / f"{name}.json").read_bytes()
        with MessagesStub(script=[Fault(name, body=body)]) as stub:
            system = "You mark papers. " * 200 if name == "cached" else ""  # as long as it says
            [outcomes[name]] = ask(stub, question(check=lambda _: "", system=system, user="A paper."))
    for name in ("structured", "tool_use", "no_usage", "cached"):
        assert outcomes[name].value.model_dump() == {
            "id": "a",
            "score": 42,
            "tag": "read",
            "reason": "stub",
        }, name
    assert (outcomes["structured"].spent.input_tokens, outcomes["structured"].spent.output_tokens) == (
        100,
        20,
    )
    assert outcomes["refusal"].kind == "refused"
    assert outcomes["no_usage"].spent.output_tokens == 8000 + 64  # unknown: all that there was room for
    assert outcomes["no_usage"].model == HAIKU  # what it calls itself is no name of a model
    assert outcomes["cached"].spent.input_tokens == 10 + 200 + 3000


def test_models_are_looked_up():
    async def run(stub):
        async with aclosing(claude(stub, models={"score": HAIKU, "analyze": OPUS})) as model:
            own = await model.check_models()
        old = {"score": "claude-sonnet-4-5", "analyze": "claude-none"}
        async with aclosing(claude(stub, models=old)) as model:
            return own, await model.check_models()

    with MessagesStub() as stub:
        own, others = asyncio.run(run(stub))
    assert [(one.model, one.state) for one in own] == [(HAIKU, "active"), (OPUS, "active")]
    assert [(one.state, one.retires) for one in others] == [("deprecated", "2026-11-30"), ("unknown", None)]


def test_a_look_up_that_fails_is_a_value():
    async def run(stub):
        async with aclosing(claude(stub)) as model:
            return await model.check_models()

    with MessagesStub(keys=["sk-other"]) as stub:
        [refused] = asyncio.run(run(stub))
    with MessagesStub() as gone:
        pass
    [down] = asyncio.run(run(gone))
    assert (refused.state, refused.note) == ("unanswered", "HTTP 401 authentication_error")
    assert (down.state, down.note) == ("unanswered", "the connection failed")


def test_an_endpoint_that_is_not_there():
    time = Time()
    with MessagesStub() as gone:
        pass
    [outcome] = ask(gone, time=time)
    assert (outcome.kind, outcome.reason) == (
        "failed",
        "no answer after 5 tries, the last time the connection failed",
    )
    assert outcome.spent.calls == 0


def settings():
    return config.load_settings(ROOT / "digest.toml", {})


def profile(**front):
    made = profiles.ProfileSettings(title="t", arxiv=("cs.CV",), **front)
    return profiles.Profile(name="p", settings=made, prose="x", version="p@1")


def test_a_profile_chooses_its_models():
    environ = {"ANTHROPIC_API_KEY": "k"}
    told = Claude.open(settings(), profile(quality="best"), environ).describe()
    assert told == (
        "api.anthropic.com: JSON by output_config.format, thinking left to the model "
        "(score claude-haiku-5-5, analyze claude-opus-5-5, verify claude-sonnet-5-5, brief claude-haiku-5-5; ANTHROPIC_API_KEY)"
    )
    own = Claude.open(settings(), profile(models={"analyze": "claude-fable-5-1"}), environ).describe()
    assert (
        "(score claude-haiku-5-5, analyze claude-fable-5-1, verify claude-haiku-5-5, brief claude-haiku-5-5; "
        in own
    )
    given = {"score": "other", "analyze": "other"}
    elsewhere = Claude.open(settings(), profile(models=given), environ).describe()
    assert "(score other, analyze other, verify other, brief other; " in elsewhere, (
        "the default may be at another provider"
    )
    without = settings().model_copy(update={"models": {}})
    with pytest.raises(InputError, match=r"no \[models.standard\]"):
        Claude.open(without, profile(), environ)


def test_no_default_model_is_deprecated_and_all_have_a_price():
    from anthropic.resources.messages.messages import DEPRECATED_MODELS

    raw = tomllib.loads((ROOT / "digest.toml").read_text())
    ids = {model for table in raw["models"].values() for model in table.values()}
    assert ids
    assert not ids & DEPRECATED_MODELS.keys()
    assert "claude-sonnet-4-5" in DEPRECATED_MODELS  # the map is still where it was
    assert ids <= raw["prices"].keys()


def test_the_sdk_is_imported_with_the_first_request():
    code = (
        "import sys, pipeline.llm.client as c;"
        "c.Claude(c.ClaudeSettings(), {'score': 'm'}, {}, {'ANTHROPIC_API_KEY': 'k'}, budget_usd=1.0);"
        "print('anthropic' in sys.modules, 'httpx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "False"]
