"""What an endpoint says of a model; and an endpoint that means harm."""

import asyncio
import gzip
from contextlib import aclosing
from functools import partial

import pytest

from pipeline.llm.credentials import load_credentials
from pipeline.llm.interface import ModelStatus
from pipeline.llm.response import Reply
from pipeline.llm.retry import ApiError, classify
from pipeline.llm.sdk import Sdk, parse_status
from tests.llm.endpoint import HAIKU, ask
from tests.stubs import messages_hostile as hostile


def test_an_active_model():
    raw = {"lifecycle": "active", "retires_at": None, "max_input_tokens": 1000}
    assert parse_status("m", raw) == ModelStatus("m", "active", "active", None)


def test_one_that_is_to_go():
    found = parse_status("m", {"lifecycle": "deprecated", "retires_at": "2026-11-30T00:00:00Z"})
    assert (found.state, found.retires) == ("deprecated", "2026-11-30")
    assert found.note == "deprecated, to be retired on 2026-11-30"


@pytest.mark.parametrize("raw", [{}, {"lifecycle": "fine"}])
def test_an_answer_that_does_not_say(raw):
    assert parse_status("m", raw).state == "unanswered"


async def create(url, seconds):
    credentials = load_credentials({"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": url})
    body = {"model": HAIKU, "max_tokens": 100, "messages": [{"role": "user", "content": "a"}]}
    async with aclosing(Sdk(credentials)) as sdk:
        return await sdk.create(body, seconds)


def answer_of(harm, seconds=60.0):
    with hostile.Hostile(harm) as endpoint:
        return asyncio.run(create(endpoint.url, seconds))


@pytest.mark.parametrize("harm", [hostile.bomb, hostile.nothing_packed, hostile.endless])
def test_an_answer_is_read_as_far_as_the_limit(harm):
    error = answer_of(harm)
    assert error == ApiError(
        "the answer has more than 2048000 bytes", status=200, maybe_billed=True, should_retry=False
    )


@pytest.mark.parametrize(
    ("harm", "status"),
    [
        (lambda: hostile.bomb(status="401 Unauthorized"), 401),
        (lambda: hostile.endless(status="503 Service Unavailable"), 503),
    ],
)
def test_an_error_keeps_its_status_however_much_follows(harm, status):
    error = answer_of(harm)
    assert (error.status, error.message) == (status, "")


@pytest.mark.parametrize("harm", [hostile.dripping_body, hostile.dripping_headers, hostile.endless_hints])
def test_an_answer_without_end_is_cut_by_the_clock(harm):
    assert answer_of(harm, 0.5) == ApiError("no answer in 0.5 s", maybe_billed=True)


def test_headers_without_end():
    assert answer_of(hostile.endless_headers) == ApiError("the connection broke off", maybe_billed=True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with hostile.Hostile(lambda: hostile.whole(b"{}")) as other:
        for target in (f"{other.url}/v1/messages", "http://[", "/elsewhere"):
            lines = f"location: {target}", "connection: close"
            answer = partial(hostile.whole, b"", *lines, status=f"{status} Moved")
            with hostile.Hostile(answer) as endpoint:
                error = asyncio.run(create(endpoint.url, 60.0))
            assert len(endpoint.requests) == 1
            assert (error.summary, classify(error)) == (f"HTTP {status}", "stop")
            assert error.message == "the endpoint sends requests to another address, which is not followed"
        assert other.requests == []


@pytest.mark.parametrize(
    ("harm", "summary"),
    [
        (hostile.long_usage, "the answer cannot be used: there is a number of 401 digits in it"),
        (hostile.longer_usage, "the answer cannot be used: there is a number of 5000 digits in it"),
        (hostile.long_elsewhere, "the answer cannot be used: there is a number of 401 digits in it"),
    ],
)
def test_a_number_of_hundreds_of_digits(harm, summary):
    error = answer_of(harm)
    assert (error.summary, classify(error), error.maybe_billed) == (summary, "fail", True)


@pytest.mark.parametrize("harm", [hostile.long_answer, hostile.wrong_marks])
def test_an_answer_that_cannot_be_used_is_no_answer(harm):
    with hostile.Hostile(harm) as endpoint:
        [outcome] = ask(endpoint)
    assert outcome.kind in ("invalid", "failed")


def test_an_answer_that_is_packed_is_unpacked():
    packed = gzip.compress(hostile.message())
    reply = answer_of(lambda: hostile.whole(packed, "content-encoding: gzip"))
    assert isinstance(reply, Reply)
    assert reply.text == "{}"
