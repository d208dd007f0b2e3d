"""The stub of the Messages API, asked through the vendor's own SDK."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import anthropic
import httpx2
import pytest

from tests.stubs.messages import Entry, Latency, MessagesStub, slow
from tests.stubs.messages_client import HELLO, SCHEMA, ask, client, complaint, wanted


@pytest.fixture(scope="module")
def shared():
    with MessagesStub() as stub:
        yield stub


def test_an_answer_follows_the_schema(shared):
    message = ask(shared, output_config={**wanted(), "effort": "low"})
    [block] = message.content
    answer = json.loads(block.text)
    assert sorted(answer) == ["reason", "score", "tag"]
    assert answer["tag"] == "read"
    assert isinstance(answer["score"], int)
    assert message.stop_reason == "end_turn"
    # "Hello" and 243 characters of format: 248 / 3.5 = 70.9
    assert message.usage.input_tokens == 71
    assert message._request_id.startswith("req_")


def test_an_always_thinking_model_thinks_first_and_length_is_limited(shared):
    message = ask(shared, model="claude-opus-5-5", max_tokens=5, output_config=wanted())
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 5)


STATUSES: dict[str, int] = {
    "rate_limited": 429,
    "rate_limited_2": 429,
    "rate_limited_3600": 429,
    "spend_limit": 429,
    "contract_limit": 429,
    "own_limit": 400,
    "bad_request": 400,
    "unauthorized": 401,
    "unpaid": 402,
    "forbidden": 403,
    "not_found": 404,
    "timed_out": 408,
    "conflict": 409,
    "too_large": 413,
    "too_large_html": 413,
    "server_error": 500,
    "gateway_html": 502,
    "gateway_timeout": 504,
    "overloaded": 529,
    "overloaded_final": 529,
}


def test_faults_with_a_status_arrive_as_the_sdk_s_errors():
    with MessagesStub(script=list(STATUSES)) as stub, client(stub) as sdk:
        for name, status in STATUSES.items():
            with pytest.raises(anthropic.APIStatusError) as caught:
                sdk.messages.create(model="claude-haiku-5-5", max_tokens=50, messages=[HELLO])
            error = caught.value
            assert error.status_code == status, name
            if name == "spend_limit":
                assert isinstance(error, anthropic.RateLimitError)
                assert error.error_code == "enforced_spend_limit_reached"
            waits = {"rate_limited_2": "2", "rate_limited_3600": "3600"}
            assert error.response.headers.get("retry-after") == waits.get(name), name
            no_retry = "false" if name == "overloaded_final" else None
            assert error.response.headers.get("x-should-retry") == no_retry, name
        assert [call.fault for call in stub.calls] == list(STATUSES)


def test_faults_of_transport_and_form():
    script: list[Entry] = ["cut", "malformed", "html", "no_message", slow(30.0), "ok"]
    with MessagesStub(script=script) as stub, client(stub) as sdk:

        def call(**more):
            return sdk.messages.create(model="claude-haiku-5-5", max_tokens=50, messages=[HELLO], **more)

        with pytest.raises(anthropic.APIConnectionError):
            call()
        with pytest.raises(json.JSONDecodeError):
            call()
        assert isinstance(call(), str)
        assert call().content is None
        with pytest.raises(anthropic.APITimeoutError):
            call(timeout=0.2)
        assert call().stop_reason == "end_turn"


def said(message):
    return "".join(block.text for block in message.content if block.type == "text")


def test_faults_of_the_model():
    script = [
        *("refused", "refused_in_words", "truncated", "thinking_only", "thinking_first", "out_of_range"),
        *("wrong_case", "fenced", "prose", "latex"),
    ]
    with MessagesStub(script=script) as stub:
        replies = {name: ask(stub, output_config=wanted()) for name in script}
    assert (replies["refused"].stop_reason, replies["refused"].content) == ("refusal", [])
    assert replies["refused"].stop_details.category == "cyber"
    assert replies["refused"].usage.output_tokens == 0
    assert said(replies["refused_in_words"]) == "I can't help with that."
    assert (replies["truncated"].stop_reason, replies["truncated"].usage.output_tokens) == ("max_tokens", 500)
    with pytest.raises(json.JSONDecodeError):
        json.loads(said(replies["truncated"]))
    assert [block.type for block in replies["thinking_only"].content] == ["thinking"]
    assert [block.type for block in replies["thinking_first"].content] == ["thinking", "text"]
    assert json.loads(said(replies["out_of_range"]))["score"] == 150
    assert json.loads(said(replies["wrong_case"]))["tag"] == "READ"
    assert said(replies["fenced"]).startswith("```json\n{")
    assert said(replies["prose"]).startswith("With {0, 1}")
    assert r"\alpha \le \frac{\nu}{\beta_{i}}" in said(replies["latex"])
    with pytest.raises(json.JSONDecodeError):
        json.loads(said(replies["latex"]))


def test_third_party_endpoints():
    tool = {"name": "submit", "input_schema": SCHEMA}
    named, off = {"type": "tool", "name": "submit"}, {"type": "disabled"}
    written = {"role": "user", "content": f"Answer by this schema: {json.dumps(SCHEMA)} Thanks."}
    with MessagesStub(mode="prose") as stub:
        assert said(ask(stub, output_config=wanted())) == "The paper is interesting, I think."
        assert said(ask(stub, tools=[tool], tool_choice=named)) == "The paper is interesting, I think."
        assert '```json\n{"score"' in said(ask(stub, messages=[written], model="llama"))
    with MessagesStub(mode="forced_tool") as stub:
        status, _, message = complaint(stub, tools=[tool], tool_choice=named)
        assert (status, message) == (400, "Thinking mode does not support this tool_choice")
        assert ask(stub, tools=[tool], tool_choice=named, thinking=off).content[0].type == "tool_use"
        assert ask(stub, output_config=wanted()).content[-1].text == "The paper is interesting, I think."
    with MessagesStub(mode="any_tool") as stub:
        assert complaint(stub, tools=[tool], tool_choice=named)[0] == 400
        assert ask(stub, tools=[tool], tool_choice={"type": "any"}).stop_reason == "tool_use"
    with MessagesStub(mode="auto_tool") as stub:
        assert complaint(stub, tools=[tool], tool_choice=named)[2] == "Tool choice must be auto"
        assert ask(stub, tools=[tool]).stop_reason == "tool_use"


def test_calls_are_recorded_and_counted_together():
    together = threading.Barrier(3, timeout=10)

    def answer(body):
        if body["max_tokens"] == 500:
            together.wait()
        return "a" * 70

    with MessagesStub(latency=Latency(first_token=0.02, per_token=0.01), answer=answer) as stub:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: ask(stub), range(3)))
        ask(stub, max_tokens=7)
        assert stub.peak == 3
        assert [call.in_flight for call in stub.asked] == [1, 2, 3, 1]
    first, *_, call = stub.asked
    assert first.ended - first.started >= 0.22  # 20 tokens
    assert (call.path, call.status, call.body["max_tokens"]) == ("/v1/messages", 200, 7)
    assert call.headers["authorization"] == "Bearer sk-test"
    assert call.headers["anthropic-version"] == "2026-10-21"
    assert call.usage["output_tokens"] == 7


def test_it_serves_loopback_alone():
    with pytest.raises(ValueError, match="not a loopback address"):
        MessagesStub(host="0.0.0.0")


def test_by_hand(tmp_path):
    log = tmp_path / "calls.jsonl"
    command = [sys.executable, "-m", "tests.stubs.messages", "--log", str(log), "--script", "ok,overloaded"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."}
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        headers = {"authorization": "Bearer sk-secret", "anthropic-version": "2026-10-21"}
        body = {"model": "claude-haiku-5-5", "max_tokens": 50, "messages": [HELLO]}
        statuses = [
            httpx2.post(f"{url}/v1/messages", json=body, headers=headers).status_code for _ in range(3)
        ]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert statuses == [200, 529, 200]
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert [row["fault"] for row in rows] == ["ok", "overloaded", "ok"]
    assert rows[0]["headers"]["authorization"] == "***"
    assert "sk-secret" not in log.read_text()
    assert rows[0]["body"] == body
