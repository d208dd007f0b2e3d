"""How an endpoint of the Messages API is asked for JSON: a table by host.

Endpoints ignore in silence what they do not know, so that nothing can be found out by trying.

    format     output_config.format with a JSON schema       Anthropic, vLLM, Claude through OpenRouter
    tool       a tool, and its name in tool_choice           DeepSeek, MiniMax, Qwen
    tool_any   a tool, tool_choice any                       Moonshot
    tool_auto  a tool, and a plea to call it                 GLM
    prompt     the schema written into the prompt            Ollama, llama.cpp, and every host not known here

One validator stands behind all five. Only what loopback plays has been tried; the rows of other companies'
endpoints follow their documentation and reports of users.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import urlsplit

from pipeline.config.settings import LOOPBACK, Claude

Structured = Literal["format", "tool", "tool_any", "tool_auto", "prompt"]
Thinking = Literal["leave", "disabled"]

MOST_AT_ONCE: Final = 4  # calls at a time to an endpoint that is not Anthropic's; their limits are tight


@dataclass(frozen=True)
class Way:
    """How one model behind one host is asked.

    `thinking` "leave" sends nothing. `strict` and `effort` say whether those keys are sent. `most_at_once` is None
    where the setting alone decides. `renames`: a Claude's name is an alias there for a model of the host's own,
    at a price of its own. `note` says what was changed, and why. `path` is what the base address ends in.
    """

    host: str
    path: str = ""
    structured: Structured = "prompt"
    thinking: Thinking = "leave"
    strict: bool = False
    effort: bool = False
    most_at_once: int | None = MOST_AT_ONCE
    renames: bool = False
    note: str = ""

    def describe(self) -> str:
        """The choice in one line, for the log."""
        words = {
            "format": "JSON by output_config.format",
            "tool": "JSON by a forced tool",
            "tool_any": "JSON by a tool, tool_choice any",
            "tool_auto": "JSON by a tool, tool_choice auto",
            "prompt": "JSON by the prompt alone",
        }
        parts = [words[self.structured]]
        parts.append("thinking disabled" if self.thinking == "disabled" else "thinking left to the model")
        if self.most_at_once is not None:
            parts.append(f"at most {self.most_at_once} calls at once")
        parts += [self.note] if self.note else []
        return f"{self.host}: {', '.join(parts)}"


KNOWN: Final[tuple[Way, ...]] = (
    Way("api.anthropic.com", "", "format", effort=True, most_at_once=None),
    Way("openrouter.ai", "/api", "format", effort=True),
    Way("api.deepseek.com", "/anthropic", "tool", "disabled", renames=True),
    Way("api.moonshot.ai", "/anthropic", "tool_any"),
    Way("api.moonshot.cn", "/anthropic", "tool_any"),
    Way("open.bigmodel.cn", "/api/anthropic", "tool_auto", "disabled"),
    Way("api.z.ai", "/api/anthropic", "tool_auto", "disabled"),
    Way("api.minimax.io", "/anthropic", "tool"),
    Way("api.minimaxi.com", "/anthropic", "tool"),
    Way("dashscope.aliyuncs.com", "/apps/anthropic", "tool", "disabled"),
    Way("dashscope-intl.aliyuncs.com", "/apps/anthropic", "tool", "disabled"),
)

# By the start of their names, with "-" for "." as resellers write them.
NO_FORCED_TOOL: Final = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-", "claude-mythos-")
ALWAYS_THINK: Final = NO_FORCED_TOOL  # `thinking: disabled` is a 400 for the same models
NO_EFFORT: Final = ("claude-haiku-4-5", "claude-sonnet-4-5")


def choose(base_url: str, model: str, settings: Claude) -> Way:
    """The way for a model at an endpoint: the table's, unless the settings say otherwise.

    A forced tool, and thinking switched off, are never asked of a Claude that answers them with an error.
    """
    host = (urlsplit(base_url).hostname or "").lower()
    way = next((replace(way, host=host) for way in KNOWN if _is(host, way.host)), Way(host))
    name = model.lower().replace(".", "-").rpartition("/")[2]
    if way.host == "openrouter.ai" and not name.startswith("claude-"):
        way = Way(host, note=f"{model} is not a Claude")
    if settings.structured != "auto":
        own = settings.structured == "format" and host in LOOPBACK
        way = replace(
            way,
            structured=settings.structured,
            effort=way.effort or settings.structured == "format",
            most_at_once=None if own else way.most_at_once,
        )
    if settings.thinking != "auto":
        way = replace(way, thinking=settings.thinking)
    return way if way.renames else _allowed(way, name)


def _is(host: str, known: str) -> bool:
    return host == known or host.endswith(f".{known}")


def _allowed(way: Way, name: str) -> Way:
    """The same, without what this model refuses."""
    if way.structured in ("tool", "tool_any") and name.startswith(NO_FORCED_TOOL):
        note = f"{name} refuses a forced tool"
        way = replace(way, structured="tool_auto", strict=True, note=note)
    if way.thinking == "disabled" and name.startswith(ALWAYS_THINK):
        way = replace(
            way, thinking="leave", note="; ".join(filter(None, (way.note, f"{name} always thinks")))
        )
    if way.effort and name.startswith(NO_EFFORT):
        way = replace(way, effort=False)
    return way
