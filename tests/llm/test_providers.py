"""Which endpoint is asked how. The table of documented endpoints, once more by hand."""

import pytest

from pipeline.config.settings import Claude
from pipeline.llm.providers import PROVIDERS, choose

HAIKU = "claude-haiku-5-5"
DOCUMENTED = [
    ("https://api.anthropic.com", HAIKU, "format", "leave", None),
    ("https://openrouter.ai/api", "anthropic/claude-haiku-5.5", "format", "leave", 4),
    ("https://openrouter.ai/api", "qwen/qwen3-max", "prompt", "leave", 4),
    ("https://api.deepseek.com/anthropic", "deepseek-v4-pro", "tool", "disabled", 4),
    ("https://api.deepseek.com/anthropic", "claude-opus-5-5", "tool", "disabled", 4),
    ("https://api.moonshot.ai/anthropic", "kimi-k2.6", "tool_any", "leave", 4),
    ("https://api.moonshot.cn/anthropic", "kimi-k2.6", "tool_any", "leave", 4),
    ("https://open.bigmodel.cn/api/anthropic", "glm-5", "tool_auto", "disabled", 4),
    ("https://api.z.ai/api/anthropic", "glm-5", "tool_auto", "disabled", 4),
    ("https://api.minimax.io/anthropic", "MiniMax-M2", "tool", "leave", 4),
    ("https://api.minimaxi.com/anthropic", "MiniMax-M2", "tool", "leave", 4),
    ("https://dashscope.aliyuncs.com/apps/anthropic", "qwen3-max", "tool", "disabled", 4),
    ("https://dashscope-intl.aliyuncs.com/apps/anthropic", "qwen3-max", "tool", "disabled", 4),
    ("https://coding.dashscope.aliyuncs.com/apps/anthropic", "qwen3-coder", "tool", "disabled", 4),
    ("http://localhost:11434", "llama", "prompt", "leave", 4),
    ("https://gateway.example.org/claude", HAIKU, "prompt", "leave", 4),
    ("https://API.ANTHROPIC.COM", HAIKU, "format", "leave", None),
    ("https://api.anthropic.com.example.org", HAIKU, "prompt", "leave", 4),
    ("https://notapi.anthropic.com", HAIKU, "prompt", "leave", 4),
]


@pytest.mark.parametrize(("url", "model", "structured", "thinking", "most"), DOCUMENTED)
def test_documented_endpoints(url, model, structured, thinking, most):
    provider = choose(url, model, Claude())
    assert (provider.structured, provider.thinking, provider.max_concurrency) == (structured, thinking, most)


def test_no_row_of_the_table_is_forgotten():
    assert {provider.host for provider in PROVIDERS} <= {url.split("/")[2] for url, *_ in DOCUMENTED}


@pytest.mark.parametrize(
    ("url", "structured", "model"),
    [
        ("https://api.anthropic.com", "tool", "claude-opus-5-5"),
        ("https://api.anthropic.com", "tool_any", "Claude-Sonnet-5-5"),
        ("https://gateway.example.org", "tool", "claude-fable-5-2"),
        ("https://gateway.example.org", "tool_any", "claude-opus-5-5-20260922"),
        ("https://openrouter.ai/api", "tool", "anthropic/claude-opus-5.5"),
        ("https://openrouter.ai/api", "tool_any", "claude-mythos-5-1"),
    ],
)
def test_a_forced_tool_is_never_asked_of_a_model_that_refuses_it(url, structured, model):
    provider = choose(url, model, Claude(structured=structured, thinking="disabled"))
    assert (provider.structured, provider.strict, provider.thinking) == ("tool_auto", True, "leave")
    assert provider.note


@pytest.mark.parametrize("model", [HAIKU, "claude-opus-4-8"])
def test_it_is_asked_of_the_others(model):
    provider = choose("https://api.anthropic.com", model, Claude(structured="tool", thinking="disabled"))
    assert (provider.structured, provider.strict, provider.thinking) == ("tool", False, "disabled")


def test_settings_override_the_table():
    local = choose("http://localhost:8000", "m", Claude(structured="format"))
    assert (local.structured, local.effort, local.max_concurrency) == ("format", True, None)
    remote = choose("https://gateway.example.org", "m", Claude(structured="format", thinking="disabled"))
    assert (remote.structured, remote.thinking, remote.max_concurrency) == ("format", "disabled", 4)
    left = choose("https://api.z.ai/api/anthropic", "glm-5", Claude(thinking="leave"))
    assert left.thinking == "leave"


def test_effort_is_sent_to_models_that_have_it():
    assert choose("https://api.anthropic.com", HAIKU, Claude()).effort
    assert choose("https://api.anthropic.com", HAIKU, Claude(structured="prompt")).effort
    assert not choose("https://api.anthropic.com", "claude-haiku-4-5", Claude()).effort
    assert not choose("https://api.anthropic.com", "claude-sonnet-4-5-20250929", Claude()).effort
    assert not choose("https://api.deepseek.com/anthropic", HAIKU, Claude()).effort


def test_a_name_that_is_an_alias():
    assert choose("https://api.deepseek.com/anthropic", HAIKU, Claude()).aliases_claude
    assert not choose("https://api.anthropic.com", HAIKU, Claude()).aliases_claude


def test_a_line_for_the_log():
    assert choose("https://api.z.ai/api/anthropic", "glm-5", Claude()).describe() == (
        "api.z.ai: JSON by a tool, tool_choice auto, thinking disabled, at most 4 calls at once"
    )
    refusing = choose("https://api.anthropic.com", "claude-opus-5-5", Claude(structured="tool"))
    assert refusing.describe() == (
        "api.anthropic.com: JSON by a tool, tool_choice auto, thinking left to the model, "
        "claude-opus-5-5 refuses a forced tool"
    )
