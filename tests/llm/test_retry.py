"""What an API error means, and how long to wait: the table of the API's documentation by hand."""

import asyncio

import pytest

from pipeline.llm.retry import ApiError, SharedPause, backoff_seconds, classify, parse_retry_after


@pytest.mark.parametrize(
    ("expected", "errors"),
    [
        ("auth_error", [ApiError("", 401), ApiError("", 403), ApiError("", 403, should_retry=True)]),
        (
            "stop",
            [ApiError("", 402), ApiError("", 404), ApiError("", 429, code="enforced_spend_limit_reached")],
        ),
        (
            "stop",
            [ApiError("", 429, code="contract_spend_limit_reached", retry_after=5.0, should_retry=True)],
        ),
        ("stop", [ApiError("", 400, message="You have reached your specified API usage limits.")]),
        ("stop", [ApiError("", 400, message="You have reached your specified API Usage Limits.")]),
        ("stop", [ApiError("", 400, message="Your credit balance is too low to access the API.")]),
        (
            "fail",
            [ApiError("", 400), ApiError("", 413), ApiError("", 422), ApiError("", 529, should_retry=False)],
        ),
        ("retry", [ApiError("", status) for status in (None, 200, 408, 409, 429, 500, 502, 503, 504, 529)]),
        ("retry", [ApiError("", 400, should_retry=True)]),
    ],
)
def test_classify(expected, errors):
    assert [classify(error) for error in errors] == [expected] * len(errors)


def test_waits():
    error = ApiError("", 500)
    assert [backoff_seconds(error, tries, 0.0) for tries in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff_seconds(error, 1, 1.0) == 0.375
    assert backoff_seconds(ApiError("", 429, retry_after=7.0), 3, 0.9) == 7.0


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("2", 2.0),
        ("0.5", 0.5),
        ("0", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("-1", None),
    ],
)
def test_retry_after(header, value):
    assert parse_retry_after(header) == value


def test_an_error_in_words():
    assert (
        str(ApiError("HTTP 529 overloaded_error", message="Overloaded"))
        == "HTTP 529 overloaded_error: Overloaded"
    )
    assert str(ApiError("the connection failed")) == "the connection failed"


def test_a_pause_is_the_longest_asked_for_and_is_slept_once():
    now, slept = [0.0], []

    async def sleep(longer):
        slept.append(longer)
        now[0] += longer

    pause = SharedPause(sleep, lambda: now[0])
    assert pause.remaining() == 0.0
    pause.extend(5)
    pause.extend(2)
    assert pause.remaining() == 5
    asyncio.run(pause.wait())
    assert (slept, pause.remaining()) == ([5.0], 0.0)


def test_a_pause_that_is_extended_while_it_is_slept():
    now, slept = [0.0], []

    async def sleep(longer):
        slept.append(longer)
        now[0] += longer
        if len(slept) == 1:
            pause.extend(3)

    pause = SharedPause(sleep, lambda: now[0])
    pause.extend(5)
    asyncio.run(pause.wait())
    assert slept == [5.0, 3.0]


def test_a_sleep_that_does_not_sleep_ends_too():
    slept = []

    async def sleep(longer):
        slept.append(longer)

    pause = SharedPause(sleep, lambda: 0.0)
    pause.extend(5)
    asyncio.run(pause.wait())
    assert slept == [5.0] * 10
