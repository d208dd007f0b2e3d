"""Provider profiles: how each known endpoint of the Messages API is asked for JSON, chosen by its host.

Endpoints silently ignore parameters that they do not know, so their capabilities cannot be found by probing.

    format     output_config.format with a JSON schema       Anthropic, vLLM, Claude through OpenRouter
    tool       a tool, and its name in tool_choice           DeepSeek, MiniMax, Qwen
    tool_any   a tool, tool_choice any                       Moonshot
    tool_auto  a tool, and an instruction to call it         GLM
    prompt     the schema written into the prompt            Ollama, llama.cpp, and every unknown host

The same validator checks the answers of all five. They have been tested against stand-ins on loopback only; the
rows of other companies' endpoints follow their documentation and reports of users.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import urlsplit

from pipeline.config.settings import LOOPBACK, Claude

Structured = Literal["format", "tool", "tool_any", "tool_auto", "prompt"]


@dataclass(frozen=True)
class ProviderProfile:
    """How a model behind a host is asked.

    `path` is the path of the base URL. `thinking` "leave" sends no thinking parameter. `strict` and `effort` say
    whether those keys are sent. `max_concurrency` None means that the setting alone limits the calls in flight.
    `aliases_claude`: the host serves a model of its own, at its own price, under the name of a Claude model.
    `note` says what was changed for this model, and why.
    """

    host: str
    path: str = ""
    structured: Structured = "prompt"
    thinking: Literal["leave", "disabled"] = "leave"
    strict: bool = False
    effort: bool = False
    max_concurrency: int | None = 4  # the rate limits of endpoints other than Anthropic's are tight
    aliases_claude: bool = False
    note: str = ""

    def describe(self) -> str:
        """Return the profile as one line for the log."""
        words = {
            "format": "JSON by output_config.format",
            "tool": "JSON by a forced tool",
            "tool_any": "JSON by a tool, tool_choice any",
            "tool_auto": "JSON by a tool, tool_choice auto",
            "prompt": "JSON by the prompt alone",
        }
        parts = (
            words[self.structured],
            "thinking disabled" if self.thinking == "disabled" else "thinking left to the model",
            f"at most {self.max_concurrency} calls at once" if self.max_concurrency else "",
            self.note,
        )
        return f"{self.host}: {', '.join(filter(None, parts))}"


PROVIDERS: Final[tuple[ProviderProfile, ...]] = (
    ProviderProfile("api.anthropic.com", "", "format", effort=True, max_concurrency=None),
    ProviderProfile("openrouter.ai", "/api", "format", effort=True),
    ProviderProfile("api.deepseek.com", "/anthropic", "tool", "disabled", aliases_claude=True),
    ProviderProfile("api.moonshot.ai", "/anthropic", "tool_any"),
    ProviderProfile("api.moonshot.cn", "/anthropic", "tool_any"),
    ProviderProfile("open.bigmodel.cn", "/api/anthropic", "tool_auto", "disabled"),
    ProviderProfile("api.z.ai", "/api/anthropic", "tool_auto", "disabled"),
    ProviderProfile("api.minimax.io", "/anthropic", "tool"),
    ProviderProfile("api.minimaxi.com", "/anthropic", "tool"),
    ProviderProfile("dashscope.aliyuncs.com", "/apps/anthropic", "tool", "disabled"),
    ProviderProfile("dashscope-intl.aliyuncs.com", "/apps/anthropic", "tool", "disabled"),
)

# Prefixes of model names, with "." replaced by "-", since resellers write either.
# A forced tool and disabled thinking are a 400 for these.
ALWAYS_THINK: Final = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-", "claude-mythos-")
NO_EFFORT: Final = ("claude-haiku-4-5", "claude-sonnet-4-5")


def choose(base_url: str, model: str, settings: Claude) -> ProviderProfile:
    """Return the profile for a model at an endpoint: from the table, with overrides from the settings.

    A forced tool and disabled thinking are never sent to a Claude model that rejects them.
    """
    host = (urlsplit(base_url).hostname or "").lower()
    provider = next(
        (replace(known, host=host) for known in PROVIDERS if f".{host}".endswith(f".{known.host}")),
        ProviderProfile(host),
    )
    name = model.lower().replace(".", "-").rpartition("/")[2]
    if provider.host == "openrouter.ai" and not name.startswith("claude-"):
        provider = ProviderProfile(host, note=f"{model} is not a Claude")
    if settings.structured != "auto":
        local = settings.structured == "format" and host in LOOPBACK
        provider = replace(
            provider,
            structured=settings.structured,
            effort=provider.effort or settings.structured == "format",
            max_concurrency=None if local else provider.max_concurrency,
        )
    if settings.thinking != "auto":
        provider = replace(provider, thinking=settings.thinking)
    return provider if provider.aliases_claude else _drop_unsupported(provider, name)


def _drop_unsupported(provider: ProviderProfile, model: str) -> ProviderProfile:
    """The profile without the parameters that this Claude model rejects."""
    if provider.structured in ("tool", "tool_any") and model.startswith(ALWAYS_THINK):
        note = f"{model} refuses a forced tool"
        provider = replace(provider, structured="tool_auto", strict=True, note=note)
    if provider.thinking == "disabled" and model.startswith(ALWAYS_THINK):
        provider = replace(
            provider,
            thinking="leave",
            note="; ".join(filter(None, (provider.note, f"{model} always thinks"))),
        )
    if provider.effort and model.startswith(NO_EFFORT):
        provider = replace(provider, effort=False)
    return provider
