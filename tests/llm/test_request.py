"""The body of a request as each of the five modes asks for JSON."""

import json

import pytest

from pipeline.config.settings import Claude
from pipeline.llm import request
from pipeline.llm.providers import ProviderProfile
from tests.llm.endpoint import question


def made(structured, *, thinking="leave", strict=False, effort=False, wrong="", **more):
    provider = ProviderProfile("example.org", "", structured, thinking, strict=strict, effort=effort)
    return request.build_body(question(**more), provider, "m", Claude(), max_tokens=8000, last_error=wrong)


@pytest.mark.parametrize(
    ("structured", "choice"),
    [
        ("tool", {"type": "tool", "name": "submit"}),
        ("tool_any", {"type": "any"}),
        ("tool_auto", {"type": "auto"}),
    ],
)
def test_tools(structured, choice):
    body = made(structured, thinking="disabled")
    assert body["tool_choice"] == choice
    [tool] = body["tools"]
    assert (tool["name"], "strict" in tool) == ("submit", False)
    assert tool["input_schema"]["required"] == ["id", "score", "tag", "reason"]
    assert body["thinking"] == {"type": "disabled"}
    assert "output_config" not in body
    assert body["messages"][0]["content"].endswith("write nothing else.")


def test_prompt():
    body = made("prompt")
    assert sorted(body) == ["max_tokens", "messages", "model", "system"]
    text = body["messages"][0]["content"]
    assert text.startswith('<paper-ab12 id="2601.00000">')
    assert json.loads(text[text.index('{"') :])["additionalProperties"] is False


def test_what_is_not_sent():
    assert "system" not in made("format", system="")
    assert made("format")["output_config"].keys() == {"format"}
    assert made("prompt", effort=True)["output_config"] == {"effort": "low"}
    assert made("prompt", effort=True, stage="analyze")["output_config"] == {"effort": "medium"}
    for structured in ("format", "tool", "prompt"):
        assert not {"temperature", "stream", "cache_control"} & made(structured).keys()


def test_input_tokens_count_the_schema_too():
    body = {
        "system": "x" * 35,
        "messages": [{"role": "user", "content": "y" * 70}],
        "output_config": {"format": {"a": 1}},  # {"a": 1} is 8 characters
    }
    assert request.estimate_input_tokens(body) == 33  # 113 / 3.5 = 32.3
    assert request.estimate_input_tokens({"messages": [{"role": "user", "content": "y" * 70}]}) == 20
