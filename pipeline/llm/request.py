"""The body of a Messages API request: a question in the form that a provider's profile asks for."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pipeline.config.settings import Claude
from pipeline.core.tokens import estimate_tokens
from pipeline.llm.interface import Question, T
from pipeline.llm.json_schema import schema_of
from pipeline.llm.providers import ProviderProfile

TOOL_NAME: Final = "submit"
TOOL_INSTRUCTION: Final = (
    f"Give your answer by calling the tool `{TOOL_NAME}`, once. Always call it; write nothing else."
)
SCHEMA_INSTRUCTION: Final = (
    "Answer with one JSON object and nothing else: no introduction, no code fence, no comment. "
    "Inside a JSON string a backslash is written twice. The object has to follow this JSON schema:"
)
REPAIR_INSTRUCTION: Final = (
    "Your last answer could not be used: {why}\nAnswer again, in full, with that put right."
)


def build_body(
    question: Question[T],
    provider: ProviderProfile,
    model: str,
    settings: Claude,
    *,
    max_tokens: int,
    last_error: str,
) -> dict[str, Any]:
    """Build the request body. `last_error` says what was wrong with the last answer; it is empty at first."""
    schema = schema_of(question.answer)
    user = [question.user]
    body: dict[str, Any] = {"model": model, "max_tokens": max_tokens}
    output_config: dict[str, Any] = {}
    if provider.structured == "format":
        output_config["format"] = {"type": "json_schema", "schema": schema}
    elif provider.structured == "prompt":
        user.append(f"{SCHEMA_INSTRUCTION}\n{json.dumps(schema, ensure_ascii=False)}")
    else:
        user.append(TOOL_INSTRUCTION)
        body |= _tool_parameters(provider, schema)
    if last_error:
        user.append(REPAIR_INSTRUCTION.format(why=last_error))
    if provider.effort:
        output_config["effort"] = (
            settings.analyze_effort if question.stage == "analyze" else settings.score_effort
        )
    if output_config:
        body["output_config"] = output_config
    if provider.thinking == "disabled":
        body["thinking"] = {"type": "disabled"}
    if question.system:
        body["system"] = question.system
    body["messages"] = [{"role": "user", "content": "\n\n".join(user)}]
    return body


def _tool_parameters(provider: ProviderProfile, schema: Mapping[str, Any]) -> dict[str, Any]:
    """`tools`, whose only tool takes the answer as its input, and `tool_choice`."""
    tool: dict[str, Any] = {
        "name": TOOL_NAME,
        "description": "Submit the result. Always call this tool.",
        "input_schema": schema,
    }
    if provider.strict:
        tool["strict"] = True
    choices: dict[str, dict[str, str]] = {
        "tool": {"type": "tool", "name": TOOL_NAME},
        "tool_any": {"type": "any"},
        "tool_auto": {"type": "auto"},
    }
    return {"tools": [tool], "tool_choice": choices[provider.structured]}


def estimate_input_tokens(body: dict[str, Any]) -> int:
    """Estimate the input tokens of a request, its schema included."""
    return estimate_tokens(prompt_text(body))


def prompt_text(body: dict[str, Any]) -> str:
    """Return all that a model reads of a request."""
    schemas = (body.get("output_config", {}).get("format"), body.get("tools"))
    schema_text = "".join(json.dumps(schema) for schema in schemas if schema)
    return f"{body.get('system', '')}{body['messages'][0]['content']}{schema_text}"
