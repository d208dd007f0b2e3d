"""What can go wrong with one request to the Messages API, by name: one entry of a script each.

A fault either answers in place of the model (`status`, `body`), or changes the answer that the model would
have given (`change`). Server-sent events and batches are left out: the client never streams.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]
Change = Callable[[Json, Json], Json]
"""(message, request body) -> message"""

HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """`body` None means: the model's answer, through `change`. `delay` is in seconds; `cut` drops half the body.

    `lies`: the usage in the answer is that of `change`, whatever the answer says.
    """

    name: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "application/json"
    delay: float = 0.0
    cut: bool = False
    change: Change | None = None
    lies: bool = False


def error(name: str, status: int, kind: str, message: str, code: str | None = None, **headers: str) -> Fault:
    """An error in the API's own shape; `headers` with _ for -."""
    details = {"details": {"error_code": code}} if code else {}
    body = {
        "type": "error",
        "error": {"type": kind, "message": message, **details},
        "request_id": f"req_{name}",
    }
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Fault(name, status, named, json.dumps(body).encode())


def rate_limited(seconds: float | str | None = None) -> Fault:
    """HTTP 429, with a retry-after if one is given."""
    headers = {} if seconds is None else {"retry_after": str(seconds)}
    message = "This request would exceed your organization's rate limit"
    return error("rate_limited", 429, "rate_limit_error", message, **headers)


def slow(seconds: float) -> Fault:
    """The ordinary answer, too late."""
    return Fault("slow", delay=seconds)


def text_of(message: Json) -> str:
    """The model's answer, without its thinking."""
    return "".join(block.get("text", "") for block in message["content"] if block["type"] == "text")


def with_text(message: Json, text: str) -> Json:
    """The same message saying something else, in plain text."""
    thoughts = [block for block in message["content"] if block["type"] == "thinking"]
    return {**message, "content": [*thoughts, {"type": "text", "text": text}]}


def _answer(message: Json) -> Json:
    """The answer as JSON, whichever kind of block it came in."""
    for block in message["content"]:
        if block["type"] == "tool_use":
            return dict(block["input"])
    return dict(json.loads(text_of(message)))


def _refused(message: Json, _: Json, text: str = "") -> Json:
    explanation = "This request was declined because it could enable cyber harm."
    details = {"type": "refusal", "category": "cyber", "explanation": explanation}
    content = [{"type": "text", "text": text}] if text else []
    usage = {**message["usage"], "output_tokens": 12 if text else 0}
    return {**message, "content": content, "stop_reason": "refusal", "stop_details": details, "usage": usage}


def _refused_in_words(message: Json, body: Json) -> Json:
    return _refused(message, body, "I can't help with that.")


def _refused_untold(message: Json, body: Json) -> Json:
    details = {"type": "refusal", "category": None, "explanation": None}
    return {**_refused(message, body), "stop_details": details}


def _truncated(message: Json, body: Json) -> Json:
    usage = {**message["usage"], "output_tokens": body["max_tokens"]}
    text = json.dumps(_answer(message))
    return {**with_text(message, text[: len(text) // 2]), "stop_reason": "max_tokens", "usage": usage}


def _thinking(text: str = "") -> Json:
    return {"type": "thinking", "thinking": text, "signature": "c3R1Yg=="}


def _thinking_only(message: Json, body: Json) -> Json:
    usage = {**message["usage"], "output_tokens": body["max_tokens"]}
    return {**message, "content": [_thinking()], "stop_reason": "max_tokens", "usage": usage}


def _thinking_first(message: Json, _: Json) -> Json:
    thought = _thinking('Perhaps {"score": 1}? No, more than that.')
    rest = [block for block in message["content"] if block["type"] != "thinking"]
    return {**message, "content": [thought, *rest]}


def _deep(node: Any, change: Callable[[Any], Any]) -> Any:
    """A copy of a JSON value with every leaf changed."""
    if isinstance(node, dict):
        return {key: _deep(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [_deep(value, change) for value in node]
    return change(node)


def _out_of_range(message: Json, _: Json) -> Json:
    """Every integer is 150, which no scale allows."""
    changed = _deep(_answer(message), lambda leaf: 150 if type(leaf) is int else leaf)
    return with_text(message, json.dumps(changed))


def _wrong_case(message: Json, body: Json) -> Json:
    """Values of enums in capitals: the API does not promise their casing."""
    enums = set(re.findall(r'"([^"]+)"', " ".join(re.findall(r'"enum": (\[.*?\])', json.dumps(body)))))
    changed = _deep(
        _answer(message), lambda leaf: leaf.upper() if isinstance(leaf, str) and leaf in enums else leaf
    )
    return with_text(message, json.dumps(changed))


def _fenced(message: Json, _: Json) -> Json:
    return with_text(message, f"```json\n{json.dumps(_answer(message), indent=2)}\n```")


def _prose(message: Json, _: Json) -> Json:
    told = f"With {{0, 1}} as labels I judge as follows: {json.dumps(_answer(message))}\n\nTell me if you need more."
    return with_text(message, told)


def _latex(message: Json, _: Json) -> Json:
    r"""Every string ends with LaTeX whose backslashes are single, as models write them: `\alpha`, `\frac`, `\nu`."""
    mark = "LATEX-HERE"
    ids = {"id", "tag", "kind"}
    answer = _answer(message)
    changed = {k: f"{v} {mark}" if isinstance(v, str) and k not in ids else v for k, v in answer.items()}
    return with_text(message, json.dumps(changed).replace(mark, r"$\alpha \le \frac{\nu}{\beta_{i}}$"))


def _unlike(message: Json, _: Json) -> Json:
    """JSON of another form altogether."""
    return with_text(message, '{"verdict": "good"}')


SPENT = (
    "You have reached your API usage limits: your organization has crossed its monthly API usage threshold, set "
    "based on your organization's API tier. You will regain access on 2026-12-01 at 00:00 UTC."
)
OWN_LIMIT = (
    "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."
)
_OVERLOADED = error("overloaded", 529, "overloaded_error", "Overloaded")

_ALL = (
    Fault("ok"),
    rate_limited(),
    replace(rate_limited(0), name="rate_limited_0"),
    replace(rate_limited(2), name="rate_limited_2"),
    replace(rate_limited(3600), name="rate_limited_3600"),
    error("spend_limit", 429, "rate_limit_error", SPENT, "enforced_spend_limit_reached"),
    error("contract_limit", 429, "rate_limit_error", SPENT, "contract_spend_limit_reached"),
    error("own_limit", 400, "invalid_request_error", OWN_LIMIT),
    error("bad_request", 400, "invalid_request_error", "messages.0.content: Input should be a valid string"),
    error("content_filter", 400, "invalid_request_error", "Output blocked by content filtering policy"),
    error("unauthorized", 401, "authentication_error", "invalid x-api-key"),
    error("unpaid", 402, "billing_error", "Your credit balance is too low to access the Anthropic API."),
    error("forbidden", 403, "permission_error", "Your API key does not have permission to use this resource"),
    error("not_found", 404, "not_found_error", "model: claude-haiku-5-5"),
    error("timed_out", 408, "timeout_error", "Request timed out"),
    error("conflict", 409, "conflict_error", "Conflict"),
    error("too_large", 413, "request_too_large", "Request exceeds the maximum size"),
    Fault("too_large_html", 413, body=HTML.replace(b"502 Bad Gateway", b"413"), content_type="text/html"),
    error("server_error", 500, "api_error", "Internal server error"),
    Fault("gateway_html", 502, body=HTML, content_type="text/html"),
    error("gateway_timeout", 504, "timeout_error", "Request timed out"),
    error("unavailable", 503, "api_error", "Service Unavailable"),
    _OVERLOADED,
    error("overloaded_in_200", 200, "overloaded_error", "Overloaded"),
    replace(_OVERLOADED, name="overloaded_final", headers={"x-should-retry": "false"}),
    replace(slow(30.0), name="slow"),
    Fault("cut", cut=True),
    Fault("malformed", body=b'{"id": "msg_1", "type": "message", "content": [{"type": "te'),
    Fault("not_utf8", body=b'{"id": "\xff\xfe"}'),
    Fault("html", body=HTML, content_type="text/html"),
    Fault("no_message", body=b'{"ok": true}'),
    Fault("list", body=b"[]"),
    Fault("empty", body=b""),
    Fault("refused", change=_refused),
    Fault("refused_in_words", change=_refused_in_words),
    Fault("refused_untold", change=_refused_untold),
    Fault("truncated", change=_truncated),
    Fault("thinking_only", change=_thinking_only),
    Fault("thinking_first", change=_thinking_first),
    Fault("out_of_range", change=_out_of_range),
    Fault("wrong_case", change=_wrong_case),
    Fault("fenced", change=_fenced),
    Fault("prose", change=_prose),
    Fault("latex", change=_latex),
    Fault("unlike", change=_unlike),
)
FAULTS = {fault.name: fault for fault in _ALL}
