"""The bodies that the stub of the Messages API sends when nothing is wrong."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

from tests.stubs import messages_rules as rules
from tests.stubs.messages_answers import prompt_text, schema_in
from tests.stubs.messages_faults import Fault, Json

Answering = Callable[[Mapping[str, Any]], dict[str, Any] | str]
Mode = Literal["anthropic", "prose", "forced_tool", "any_tool", "auto_tool"]
"""`prose` ignores format and tools and wraps its JSON in talk; the others know one tool_choice and no format."""

ACCESS_TOKEN = "sk-ant-oat01-stub"
PROSE = 'Sure! Here is what I think, as {{"json"}}:\n\n```json\n{answer}\n```\n\nLet me know if I can help further.'


def as_json(value: Any, headers: Mapping[str, str] | None = None) -> Fault:
    """HTTP 200 with JSON."""
    return Fault("ok", headers=dict(headers or {}), body=json.dumps(value).encode())


def refused(complaint: rules.Complaint) -> Fault:
    """An error in the API's shape."""
    error = {"type": complaint.type, "message": complaint.message}
    body = {"type": "error", "error": error, "request_id": "req_stub"}
    return Fault("refused by rule", complaint.status, body=json.dumps(body).encode())


def rate_limits() -> dict[str, str]:
    """Headers of a success; the remainders are rounded to thousands."""
    headers = {}
    for kind, limit in (
        ("requests", 1000),
        ("tokens", 2_400_000),
        ("input-tokens", 2_000_000),
        ("output-tokens", 400_000),
    ):
        headers[f"anthropic-ratelimit-{kind}-limit"] = str(limit)
        headers[f"anthropic-ratelimit-{kind}-remaining"] = str(limit - 1000 if limit > 1000 else limit - 1)
        headers[f"anthropic-ratelimit-{kind}-reset"] = "2026-11-22T00:01:00Z"
    return headers


def third_party(body: Any, mode: Mode) -> rules.Complaint | None:
    """What the endpoints that are not Anthropic's refuse, in their words."""
    choice = (body.get("tool_choice") or {}).get("type", "auto") if isinstance(body, dict) else "auto"
    thinks = (body.get("thinking") or {}).get("type") != "disabled"
    tooled = bool(body.get("tools"))
    if mode == "forced_tool" and tooled and choice in ("tool", "any") and thinks:
        return rules.wrong("Thinking mode does not support this tool_choice")
    if mode == "any_tool" and tooled and choice == "tool" and thinks:
        return rules.wrong("tool_choice 'specified' is incompatible with thinking enabled")
    if mode == "auto_tool" and tooled and choice != "auto":
        return rules.wrong("Tool choice must be auto")
    return None


def compose(answer: Answering, body: Mapping[str, Any], mode: Mode) -> Json:
    """The message for a request: what `answer` says, in the blocks that the request asked for."""
    choice = (body.get("tool_choice") or {}).get("type", "auto")
    calls_tool = bool(body.get("tools")) and choice != "none" and mode != "prose"
    shown: Mapping[str, Any] = body
    if mode != "anthropic":
        shown = {key: value for key, value in body.items() if key != "output_config"}
    if mode == "prose":
        shown = {key: value for key, value in shown.items() if key != "tools"}
    said = answer(shown)
    text = said if isinstance(said, str) else json.dumps(said)
    if mode == "prose" and schema_in(prompt_text(body)):
        text = PROSE.format(answer=text)
    tokens, room = math.ceil(len(text) / 3.5), body["max_tokens"]
    blocks: list[Json] = []
    thinks = (body.get("thinking") or {}).get("type") != "disabled"
    if body["model"] in rules.ALWAYS_THINK or (mode != "anthropic" and thinks and not calls_tool):
        blocks.append({"type": "thinking", "thinking": "", "signature": "c3R1Yg=="})
    stop = "max_tokens" if tokens > room else "end_turn"
    if calls_tool and isinstance(said, dict) and stop == "end_turn":
        name = body["tools"][0]["name"]
        blocks.append({"type": "tool_use", "id": f"toolu_{_crc(text)}", "name": name, "input": said})
        stop = "tool_use"
    else:
        blocks.append({"type": "text", "text": text[: int(room * 3.5)]})
    usage = {
        "input_tokens": rules.count_tokens(body),
        "output_tokens": min(tokens, room),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "service_tier": "standard",
    }
    return {
        "id": f"msg_{_crc(prompt_text(body))}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": blocks,
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": None,
        "usage": usage,
    }


def recounted(message: Json) -> Json:
    """The message with a usage that covers what it says, after a fault has changed that."""
    said = [block.get("text") or block.get("thinking") or "" for block in message["content"]]
    said += [json.dumps(block["input"]) for block in message["content"] if "input" in block]
    tokens = sum(math.ceil(len(text) / 3.5) for text in said)
    usage = {
        **message["usage"],
        "output_tokens": max(tokens, message["usage"]["output_tokens"]),
    }
    return {**message, "usage": usage}


def _crc(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def token(body: Any) -> Fault:
    """POST /v1/oauth/token: a GitHub job's identity for an access token."""
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    if not isinstance(body, dict) or body.get("grant_type") != grant:
        return as_error(400, {"error": "unsupported_grant_type"})
    missing = [key for key in ("assertion", "federation_rule_id", "organization_id") if not body.get(key)]
    if missing:
        return as_error(400, {"error": "invalid_request", "error_description": f"missing {missing[0]}"})
    if body["assertion"].count(".") != 2:
        return as_error(401, {"error": "invalid_grant", "error_description": "not a JWT"})
    return as_json({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600})


def as_error(status: int, body: Json) -> Fault:
    """An error in OAuth's shape."""
    return Fault("refused by rule", status, body=json.dumps(body).encode())


def model_info(name: str, models: frozenset[str]) -> Fault:
    """GET /v1/models/{id}."""
    if name not in models:
        return refused(rules.Complaint(404, "not_found_error", f"model: {name}"))
    deprecated = name == "claude-sonnet-4-5"
    yes, no = {"supported": True}, {"supported": False}
    effort = no if name in rules.NO_EFFORT else yes
    thinking = {
        "adaptive": yes,
        "between_tools": no if name in rules.ALWAYS_THINK else yes,
        "disabled": no if name in rules.NO_FORCED_TOOL else yes,
        "enabled": no if name in rules.NO_BUDGET_TOKENS else yes,
    }
    capabilities = {
        **dict.fromkeys(
            ("batch", "citations", "code_execution", "image_input", "pdf_input", "structured_outputs"), yes
        ),
        "context_management": yes,
        "effort": {**effort, **dict.fromkeys(("low", "medium", "high", "max", "xhigh"), effort)},
        "server_tools": {**yes, "code_execution": yes, "web_search": yes},
        "thinking": {"supported": True, "types": thinking},
    }
    return as_json(
        {
            "id": name,
            "type": "model",
            "display_name": name.replace("-", " ").title(),
            "created_at": "2026-09-22T00:00:00Z",
            "lifecycle": "deprecated" if deprecated else "active",
            "deprecated_at": "2026-05-01T00:00:00Z" if deprecated else None,
            "retires_at": "2026-11-30T00:00:00Z" if deprecated else None,
            "line": name.split("-")[1],
            "max_input_tokens": rules.MOST_INPUT,
            "max_tokens": rules.MOST_OUTPUT,
            "capabilities": capabilities,
        }
    )
