"""Credentials on their way through the client, and nowhere else: through the real SDK, against the stub."""

import asyncio
import logging
from contextlib import aclosing

import pytest

from pipeline.config import settings
from pipeline.core.errors import CredentialsError
from pipeline.llm.client import Claude
from pipeline.llm.interface import Answer
from tests.llm.endpoint import HAIKU, PRICES, ask, claude, question
from tests.stubs.messages import Entry, MessagesStub, error


def test_a_token_and_an_address_with_v1():
    environ = {"ANTHROPIC_API_KEY": " ", "ANTHROPIC_AUTH_TOKEN": "tok-1\n"}
    with MessagesStub(keys=["tok-1"]) as stub:
        [answer] = ask(stub, environ=environ | {"ANTHROPIC_BASE_URL": f"{stub.url}/v1/"})
    assert isinstance(answer, Answer)
    assert [call.path for call in stub.calls] == ["/v1/messages"]


def identity(file):
    return {
        "ANTHROPIC_API_KEY": "",
        "ANTHROPIC_IDENTITY_TOKEN_FILE": str(file),
        "ANTHROPIC_FEDERATION_RULE_ID": "rule_1",
        "ANTHROPIC_ORGANIZATION_ID": "org_1",
        "ANTHROPIC_SERVICE_ACCOUNT_ID": "svac_1",
    }


def test_an_identity_token_is_exchanged(tmp_path):
    file = tmp_path / "token"
    file.write_text("header.payload.signature")
    with MessagesStub(keys=[]) as stub:
        outcomes = ask(stub, question(0), question(1), environ=identity(file))
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    exchange, *_ = stub.calls
    assert exchange.path == "/v1/oauth/token"
    assert exchange.body["assertion"] == "header.payload.signature"
    assert (exchange.body["federation_rule_id"], exchange.body["service_account_id"]) == ("rule_1", "svac_1")
    assert [call.path for call in stub.calls].count("/v1/oauth/token") == 1


@pytest.mark.parametrize("content", [None, "not a token"])
def test_an_identity_that_is_refused(tmp_path, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with MessagesStub(keys=[]) as stub, pytest.raises(CredentialsError) as caught:
        ask(stub, environ=identity(file))
    assert "ANTHROPIC_IDENTITY_TOKEN_FILE" in caught.value.hint
    assert stub.asked == []


def test_no_credentials_no_client():
    with pytest.raises(CredentialsError) as caught:
        Claude(settings.Claude(), {"score": HAIKU}, PRICES, {}, budget_usd=1.0)
    assert "docs/fork.md" in caught.value.hint


SECRET = "sk-ant-api03-very-secret"


def test_the_key_is_told_to_nobody_else(caplog):
    caplog.set_level(logging.DEBUG)
    echo = error("echo", 400, "invalid_request_error", f"what is {SECRET} for?\nIt is\tlong. " + "x" * 500)
    door = error("door", 401, "authentication_error", f"invalid key {SECRET}")
    script: list[Entry] = [echo, "server_error", None, "cut", None, door]
    seen = []

    async def run(stub):
        async with aclosing(claude(stub, environ={"ANTHROPIC_API_KEY": SECRET})) as model:
            seen.extend([await model.ask(question(number)) for number in range(3)])
            with pytest.raises(CredentialsError) as caught:
                await model.ask(question(3))
            seen.append(f"{caught.value!r} {caught.value.__context__!r}")
            seen.append(f"{vars(model)!r} {model.describe()}")

    with MessagesStub(script=script) as stub:
        asyncio.run(run(stub))
    assert seen[0].reason.startswith("HTTP 400 invalid_request_error: what is *** for? It is long. xxx")
    assert len(seen[0].reason) < 300
    assert "invalid key ***" in seen[3]
    assert SECRET not in repr(seen)
    assert len(caplog.records) > 10
    assert SECRET not in caplog.text
