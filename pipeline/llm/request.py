"""The body of a request: a question in the way that an endpoint understands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pipeline.config.settings import Claude
from pipeline.core.tokens import tokens
from pipeline.llm.interface import Question, T
from pipeline.llm.json_schema import schema_of
from pipeline.llm.providers import Way

TOOL: Final = "submit"
BY_TOOL: Final = f"Give your answer by calling the tool `{TOOL}`, once. Always call it; write nothing else."
BY_PROMPT: Final = (
    "Answer with one JSON object and nothing else: no introduction, no code fence, no comment. "
    "Inside a JSON string a backslash is written twice. The object has to follow this JSON schema:"
)
AGAIN: Final = "Your last answer could not be used: {why}\nAnswer again, in full, with that put right."


def room(question: Question[T], settings: Claude) -> int:
    """The ceiling of an answer, thinking included, in tokens."""
    return settings.score_max_tokens if question.stage == "score" else settings.analyze_max_tokens


def body(
    question: Question[T], way: Way, model: str, settings: Claude, *, most: int, wrong: str
) -> dict[str, Any]:
    """What is sent. `most` is max_tokens; `wrong` says what was wrong with the last answer, if there was one."""
    schema = schema_of(question.answer)
    user = [question.user]
    made: dict[str, Any] = {"model": model, "max_tokens": most}
    output: dict[str, Any] = {}
    if way.structured == "format":
        output["format"] = {"type": "json_schema", "schema": schema}
    elif way.structured == "prompt":
        user.append(f"{BY_PROMPT}\n{json.dumps(schema, ensure_ascii=False)}")
    else:
        user.append(BY_TOOL)
        made |= _tool(way, schema)
    if wrong:
        user.append(AGAIN.format(why=wrong))
    if way.effort:
        output["effort"] = settings.score_effort if question.stage == "score" else settings.analyze_effort
    if output:
        made["output_config"] = output
    if way.thinking == "disabled":
        made["thinking"] = {"type": "disabled"}
    if question.system:
        made["system"] = question.system
    made["messages"] = [{"role": "user", "content": "\n\n".join(user)}]
    return made


def _tool(way: Way, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The one tool whose input is the answer, and how the model is held to it."""
    tool: dict[str, Any] = {
        "name": TOOL,
        "description": "Submit the result. Always call this tool.",
        "input_schema": schema,
    }
    if way.strict:
        tool["strict"] = True
    choices: dict[str, dict[str, str]] = {
        "tool": {"type": "tool", "name": TOOL},
        "tool_any": {"type": "any"},
        "tool_auto": {"type": "auto"},
    }
    return {"tools": [tool], "tool_choice": choices[way.structured]}


def input_tokens(made: dict[str, Any]) -> int:
    """About how many tokens a request has, its schema included."""
    schema = [made.get("output_config", {}).get("format"), made.get("tools")]
    shown = "".join(json.dumps(part) for part in schema if part)
    return tokens(made.get("system", "") + made["messages"][0]["content"] + shown)
