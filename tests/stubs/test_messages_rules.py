"""What the stub of the Messages API refuses, asked through the vendor's own SDK."""

import httpx2
import pytest

from tests.stubs.messages import MessagesStub
from tests.stubs.messages_client import HELLO, ask, client, complaint, wanted
from tests.stubs.messages_schemas import schema_faults


@pytest.fixture(scope="module")
def shared():
    with MessagesStub() as stub:
        yield stub


OBJECT = {"type": "object", "properties": {}, "additionalProperties": False, "required": []}


def with_field(**field):
    return wanted({**OBJECT, "properties": {"a": field}, "required": ["a"]})


def user(*blocks):
    return {"messages": [{"role": "user", "content": list(blocks)}]}


TOOL = {"name": "submit", "input_schema": OBJECT}
OPUS = {"model": "claude-opus-5-5"}
NODE = {**OBJECT, "properties": {"next": {"$ref": "#/$defs/Node"}}, "required": ["next"]}
REFUSED = [
    ({"extra_body": {"colour": 1}}, "colour: Extra inputs are not permitted"),
    ({"extra_body": {"temperature": 1.0}}, "`temperature` is not supported on this API version"),
    ({"messages": []}, "messages: at least one message is required"),
    (
        {"messages": [HELLO, {"role": "assistant", "content": "{"}]},
        "This model does not support assistant message prefill. The conversation must end with a user message.",
    ),
    ({**user({"type": "text", "text": " "})}, "messages: text content blocks must be non-empty"),
    (
        {"max_tokens": 200_000},
        "max_tokens: 200000 > 128000, which is the maximum allowed number of output tokens",
    ),
    (
        {**OPUS, "tools": [TOOL], "tool_choice": {"type": "any"}},
        'tool_choice: type "tool" and "any" are not supported for this model.',
    ),
    ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "x"}}, "Tool 'x' not found in provided tools"),
    ({"tool_choice": {"type": "any"}}, "tool_choice: may only be specified while providing tools"),
    ({"tools": [{"name": "t", "input_schema": {}}]}, "tools.0.custom.input_schema.type: Field required"),
    (
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        '"thinking.type.enabled" is not supported for this model.',
    ),
    ({**OPUS, "thinking": {"type": "disabled"}}, '"thinking.type.disabled" is not supported for this model.'),
    ({**OPUS, "thinking": {"type": "between_tools"}}, '"thinking.type.between_tools" is not supported'),
    (
        {"thinking": {"type": "disabled"}, "output_config": {"effort": "max"}},
        '"thinking.type.disabled" is not supported at effort max.',
    ),
    ({"output_config": {"effort": "huge"}}, "output_config.effort: Input should be one of"),
    (
        {"model": "claude-haiku-4-5", "output_config": {"effort": "low"}},
        "This model does not support the effort parameter.",
    ),
    (
        {"output_config": wanted({"type": "object", "properties": {}})},
        "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    (
        {"output_config": with_field(type="integer", minimum=0, maximum=5)},
        "output_config.format.schema: For 'integer' type, properties maximum, minimum are not supported",
    ),
    (
        {"output_config": with_field(type="array", items={"type": "string"}, minItems=2)},
        "output_config.format.schema: For 'array' type, property 'minItems' is not supported",
    ),
    (
        {"output_config": with_field(type="string", format="phone")},
        "output_config.format.schema: For 'string' type, format 'phone' is not supported",
    ),
    (
        {"output_config": with_field(enum=[["a"]])},
        "output_config.format.schema: enum values must be primitives",
    ),
    (
        {"output_config": with_field(**{"$ref": "https://example.org/x.json"})},
        "output_config.format.schema: external $ref is not supported",
    ),
    (
        {"output_config": wanted({"$ref": "#/$defs/Node", "$defs": {"Node": NODE}})},
        "output_config.format.schema: recursive schemas are not supported",
    ),
    (
        {"output_config": wanted({**OBJECT, "properties": {f"f{n}": {"type": "string"} for n in range(25)}})},
        "Schema is too complex for compilation: 25 optional parameters (limit 24), 0 union parameters (limit 16).",
    ),
    (
        {
            "output_config": wanted(
                {
                    **OBJECT,
                    "properties": {f"f{n}": {"type": ["string", "null"]} for n in range(17)},
                    "required": [f"f{n}" for n in range(17)],
                }
            )
        },
        "Schema is too complex for compilation: 0 optional parameters (limit 24), 17 union parameters (limit 16).",
    ),
    (
        {"tools": [{"name": "t", "strict": True, "input_schema": {"type": "object"}}]},
        "tools.0.input_schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
    (
        {"tools": [{**TOOL, "name": f"t{n}", "strict": True} for n in range(21)]},
        "tools: at most 20 strict tools are supported",
    ),
]


@pytest.mark.parametrize(
    ("body", "message"),
    REFUSED,
    ids=[f"{number} {message[:60]}" for number, (_, message) in enumerate(REFUSED)],
)
def test_what_the_api_refuses(shared, body, message):
    status, kind, said = complaint(shared, **body)
    assert (status, kind) == (400, "invalid_request_error")
    assert said.startswith(message)


def test_required_fields(shared):
    headers = {"authorization": "Bearer k", "anthropic-version": "2026-10-21"}
    body = {"model": "claude-haiku-5-5", "messages": [HELLO]}
    response = httpx2.post(f"{shared.url}/v1/messages", json=body, headers=headers)
    assert (response.status_code, response.json()["error"]["message"]) == (400, "max_tokens: Field required")


def test_limits_that_are_just_kept(shared):
    properties: dict[str, object] = {f"f{n}": {"type": "string"} for n in range(24)}
    properties |= {f"u{n}": {"type": ["string", "null"]} for n in range(16)}
    schema = {**OBJECT, "properties": properties, "required": [f"u{n}" for n in range(16)]}
    assert ask(shared, output_config=wanted(schema)).stop_reason == "end_turn"
    assert not list(schema_faults({"type": "array", "minItems": 1, "items": {"type": "string"}}, "here"))


def test_an_older_version_of_the_api_takes_temperature(shared):
    with client(shared, default_headers={"anthropic-version": "2023-06-01"}) as sdk:
        message = sdk.messages.create(
            model="claude-haiku-5-5", max_tokens=50, messages=[HELLO], extra_body={"temperature": 1.0}
        )
    assert message.stop_reason == "end_turn"


def test_credentials_models_size_and_paths():
    with MessagesStub(keys=["sk-test"]) as stub:
        assert ask(stub).stop_reason == "end_turn"
        assert complaint(stub, model="claude-none") == (404, "not_found_error", "model: claude-none")
        body = {"model": "claude-haiku-5-5", "max_tokens": 5, "messages": [HELLO]}
        url, version = f"{stub.url}/v1/messages", {"anthropic-version": "2026-10-21"}
        assert httpx2.post(url, json=body, headers=version).status_code == 401
        assert httpx2.post(url, json=body, headers={**version, "x-api-key": "sk-other"}).status_code == 401
        assert httpx2.post(url, json=body, headers={**version, "x-api-key": "sk-test"}).status_code == 200
        assert httpx2.post(url, json=body, headers={"x-api-key": "sk-test"}).status_code == 400
        large = b" " * (32 * 1024 * 1024 + 1)
        assert httpx2.post(url, content=large, headers={**version, "x-api-key": "sk-test"}).status_code == 413
        twice = httpx2.post(
            f"{stub.url}/v1/v1/messages", json=body, headers={**version, "x-api-key": "sk-test"}
        )
        assert twice.status_code == 404


def test_any_key_will_do_but_there_has_to_be_one():
    with MessagesStub() as stub:
        assert ask(stub).stop_reason == "end_turn"
        body = {"model": "claude-haiku-5-5", "max_tokens": 5, "messages": [HELLO]}
        response = httpx2.post(
            f"{stub.url}/v1/messages", json=body, headers={"anthropic-version": "2026-10-21"}
        )
        assert (response.status_code, response.json()["error"]["type"]) == (401, "authentication_error")


def test_an_identity_is_exchanged_for_a_token_and_used_with_its_header():
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    body = {"grant_type": grant, "assertion": "a.b.c", "federation_rule_id": "r", "organization_id": "o"}
    with MessagesStub(keys=[]) as stub:
        granted = httpx2.post(f"{stub.url}/v1/oauth/token", json=body).json()
        token = granted["access_token"]
        assert granted["expires_in"] == 3600
        assert httpx2.post(f"{stub.url}/v1/oauth/token", json=body | {"assertion": "no"}).status_code == 401
        assert (
            httpx2.post(f"{stub.url}/v1/oauth/token", json=body | {"organization_id": ""}).status_code == 400
        )
        headers = {"authorization": f"Bearer {token}", "anthropic-version": "2026-10-21"}
        asked = {"model": "claude-haiku-5-5", "max_tokens": 50, "messages": [HELLO]}
        url = f"{stub.url}/v1/messages"
        assert httpx2.post(url, json=asked, headers=headers).status_code == 401
        beta = {"anthropic-beta": "oauth-2025-04-20"}
        assert httpx2.post(url, json=asked, headers=headers | beta).status_code == 200
