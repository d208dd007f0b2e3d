"""What the Messages API refuses (version 2026-10-21), as pure functions over a request's headers and body.

Each check answers with the status, type and message of the real service, or of its documentation.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.stubs import messages_schemas as schemas

KNOWN_MODELS = frozenset(
    f"claude-{name}"
    for name in [
        "haiku-5-5",
        "sonnet-5-5",
        "opus-5-5",
        "fable-5-1",
        "fable-5-2",
        "mythos-5-1",
        "mythos-5-2",
        "sonnet-5",
        "fable-5",
        "mythos-5",
        "opus-5",
        "opus-4-8",
        "opus-4-7",
        "opus-4-6",
        "opus-4-5",
        "sonnet-4-6",
        "sonnet-4-5",
        "haiku-4-5",
    ]
)
NO_FORCED_TOOL = frozenset(
    [
        "claude-opus-5-5",
        "claude-sonnet-5-5",
        "claude-fable-5-1",
        "claude-fable-5-2",
        "claude-mythos-5-1",
        "claude-mythos-5-2",
    ]
)
ALWAYS_THINK = NO_FORCED_TOOL - {"claude-sonnet-5-5"}
NO_BUDGET_TOKENS = NO_FORCED_TOOL | {"claude-haiku-5-5"}
NO_EFFORT = frozenset({"claude-haiku-4-5", "claude-sonnet-4-5"})
EFFORTS = ("low", "medium", "high", "xhigh", "max")
KEYS = frozenset(
    [
        "max_tokens",
        "messages",
        "model",
        "cache_control",
        "container",
        "diagnostics",
        "inference_geo",
        "metadata",
        "output_config",
        "service_tier",
        "speed",
        "stop_sequences",
        "stream",
        "system",
        "thinking",
        "tool_choice",
        "tools",
    ]
)
MOST_BYTES = 32 * 1024 * 1024
MOST_INPUT, MOST_OUTPUT = 1_000_000, 128_000
MOST_STRICT_TOOLS = 20


@dataclass(frozen=True)
class Complaint:
    """Why a request is refused."""

    status: int
    type: str
    message: str


def wrong(message: str) -> Complaint:
    return Complaint(400, "invalid_request_error", message)


def characters(node: Any) -> int:
    """Characters of text in a part of a request: what a tokenizer would see."""
    if isinstance(node, str):
        return len(node)
    if isinstance(node, Mapping):
        return sum(
            characters(value) for key, value in node.items() if key not in ("role", "type", "media_type")
        )
    return sum(characters(value) for value in node) if isinstance(node, list) else 0


def count_tokens(body: Mapping[str, Any]) -> int:
    """Tokens of a prompt, at 3.5 characters each; a schema is part of it."""
    schemas = [(body.get("output_config") or {}).get("format"), body.get("tools")]
    shown = sum(len(json.dumps(schema)) for schema in schemas if schema)
    return math.ceil((characters(body.get("system")) + characters(body.get("messages")) + shown) / 3.5)


def check_headers(headers: Mapping[str, str], keys: frozenset[str] | None) -> Complaint | None:
    """Credentials first: any key will do unless the stub was given some."""
    bearer = headers.get("authorization", "").removeprefix("Bearer ").strip()
    key = headers.get("x-api-key", "").strip() or bearer
    if not key:
        return Complaint(401, "authentication_error", "x-api-key or authorization header is required")
    if keys is not None and key not in keys:
        return Complaint(
            401, "authentication_error", "invalid x-api-key" if key != bearer else "invalid bearer token"
        )
    if key.startswith("sk-ant-oat") and "oauth-2025-04-20" not in headers.get("anthropic-beta", ""):
        return Complaint(401, "authentication_error", "OAuth authentication is currently not supported.")
    if not headers.get("anthropic-version"):
        return wrong("anthropic-version: header is required")
    return None


def check(body: Any, version: str, models: frozenset[str]) -> Complaint | None:
    """The first thing that is wrong with a request to /v1/messages, or None."""
    if not isinstance(body, dict):
        return wrong("Input should be a valid dictionary")
    for key in body:
        if key in ("temperature", "top_p", "top_k"):
            if version >= "2026-10-21":
                return wrong(f"`{key}` is not supported on this API version")
        elif key not in KEYS:
            return wrong(f"{key}: Extra inputs are not permitted")
    for key in ("model", "max_tokens", "messages"):
        if key not in body:
            return wrong(f"{key}: Field required")
    if body["model"] not in models:
        return Complaint(404, "not_found_error", f"model: {body['model']}")
    checks = (_max_tokens, _messages, _thinking, _effort, _tools, schemas.output_format)
    for one in checks:
        message = next(iter(one(body)), None)
        if message is not None:
            return wrong(message)
    return None


def _max_tokens(body: Mapping[str, Any]) -> Iterator[str]:
    limit = body["max_tokens"]
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        yield "max_tokens: Input should be greater than or equal to 1"
    elif limit > MOST_OUTPUT:
        model = body["model"]
        yield f"max_tokens: {limit} > {MOST_OUTPUT}, which is the maximum allowed number of output tokens for {model}"
    if (tokens := count_tokens(body)) > MOST_INPUT:
        yield f"prompt is too long: {tokens} tokens > {MOST_INPUT} maximum"


def _messages(body: Mapping[str, Any]) -> Iterator[str]:
    messages = body["messages"]
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
        return
    for number, message in enumerate(messages):
        if message.get("role") not in ("user", "assistant"):
            yield f"messages.{number}.role: Input should be 'user' or 'assistant'"
        if not message.get("content"):
            yield f"messages.{number}: user messages must have non-empty content"
    for block in _blocks(messages):
        if block.get("type") == "text" and not str(block.get("text", "")).strip():
            yield "messages: text content blocks must be non-empty"
    if messages[-1].get("role") == "assistant":
        yield (
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )


def _blocks(messages: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            yield from (block for block in content if isinstance(block, dict))


def _thinking(body: Mapping[str, Any]) -> Iterator[str]:
    thinking, model = body.get("thinking"), body["model"]
    if thinking is None:
        return
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    unsupported = f'"thinking.type.{kind}" is not supported for this model.'
    effort = (body.get("output_config") or {}).get("effort")
    if kind not in ("adaptive", "disabled", "between_tools", "enabled"):
        yield "thinking.type: Input should be 'adaptive', 'disabled', 'between_tools' or 'enabled'"
    elif kind == "enabled" and model in NO_BUDGET_TOKENS:
        yield (
            f'{unsupported} Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    elif (kind == "disabled" and model in NO_FORCED_TOOL) or (
        kind == "between_tools" and model in ALWAYS_THINK
    ):
        yield unsupported
    elif kind == "disabled" and model == "claude-haiku-5-5" and effort in ("xhigh", "max"):
        yield f'"thinking.type.disabled" is not supported at effort {effort}.'


def _effort(body: Mapping[str, Any]) -> Iterator[str]:
    effort = (body.get("output_config") or {}).get("effort")
    if effort is not None and effort not in EFFORTS:
        yield f"output_config.effort: Input should be one of {', '.join(EFFORTS)}"
    elif effort is not None and body["model"] in NO_EFFORT:
        yield "This model does not support the effort parameter."


def _tools(body: Mapping[str, Any]) -> Iterator[str]:
    choice = (body.get("tool_choice") or {}).get("type")
    tools = body.get("tools") or []
    if choice in ("any", "tool") and body["model"] in NO_FORCED_TOOL:
        yield 'tool_choice: type "tool" and "any" are not supported for this model.'
    if choice in ("any", "tool") and not tools:
        yield "tool_choice: may only be specified while providing tools"
    if choice == "tool" and body["tool_choice"].get("name") not in [tool.get("name") for tool in tools]:
        yield f"Tool '{body['tool_choice'].get('name')}' not found in provided tools"
    for number, tool in enumerate(tools):
        if tool.get("input_schema", {}).get("type") != "object":
            yield f"tools.{number}.custom.input_schema.type: Field required"
    if sum(bool(tool.get("strict")) for tool in tools) > MOST_STRICT_TOOLS:
        yield f"tools: at most {MOST_STRICT_TOOLS} strict tools are supported"
