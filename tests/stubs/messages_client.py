"""The vendor's SDK against the stub of the Messages API, for the stub's own tests."""

import anthropic
import pytest

SCHEMA = {
    "type": "object",
    "properties": {
        "score": {"type": "integer"},
        "reason": {"type": "string"},
        "tag": {"enum": ["read", "skim", "skip"]},
    },
    "additionalProperties": False,
    "required": ["score", "reason", "tag"],
}
HELLO = {"role": "user", "content": "Hello"}


def client(stub, **more):
    return anthropic.Anthropic(api_key="sk-test", base_url=stub.url, max_retries=0, timeout=20.0, **more)


def wanted(schema=SCHEMA):
    return {"format": {"type": "json_schema", "schema": schema}}


def ask(stub, **more):
    body = {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": [HELLO]} | more
    with client(stub) as sdk:
        return sdk.messages.create(**body)


def complaint(stub, **more):
    with pytest.raises(anthropic.APIStatusError) as caught:
        ask(stub, **more)
    return caught.value.status_code, caught.value.type, caught.value.api_message
