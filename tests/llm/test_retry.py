"""What an API error means, and how long to wait: the table of the API's documentation by hand."""

import pytest

from pipeline.llm.retry import (
    ApiError,
    backoff_seconds,
    classify,
    is_rejection,
    parse_retry_after,
    status_of,
)


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
        ("stop", [ApiError("", 400, message="You have reached your specified API Usage Limits.")]),
        ("stop", [ApiError("", 400, message="Your credit balance is too low to access the API.")]),
        (
            "fail",
            [ApiError("", 400), ApiError("", 413), ApiError("", 422), ApiError("", 529, should_retry=False)],
        ),
        ("busy", [ApiError("", status) for status in (429, 503, 529)]),
        ("server_error", [ApiError("", status) for status in (500, 502, 504)]),
        ("busy", [ApiError("", 529, should_retry=True)]),
        ("retry", [ApiError("", status) for status in (None, 200, 408, 409)]),
        ("retry", [ApiError("", 400, should_retry=True)]),
    ],
)
def test_classify(expected, errors):
    assert [classify(error) for error in errors] == [expected] * len(errors)


def test_waits():
    error = ApiError("", 500)
    waits = [backoff_seconds(error, attempts, 0.0, 20.0) for attempts in range(1, 8)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 20]
    assert backoff_seconds(error, 9, 0.0, 120.0) == 30
    assert backoff_seconds(error, 1, 1.0, 20.0) == 0.375
    assert backoff_seconds(error, 10_000, 0.0, 120.0) == 30
    assert backoff_seconds(ApiError("", 429, retry_after=7.0), 3, 0.9, 5.0) == 7.0


def test_a_retry_after_does_not_shorten_the_backoff():
    for short in (0.0, 0.001, 1.9):
        assert backoff_seconds(ApiError("", 429, retry_after=short), 3, 0.0, 120.0) == 2.0


@pytest.mark.parametrize(
    ("http_status", "error_type", "status"),
    [
        (200, "overloaded_error", 529),
        (200, "rate_limit_error", 429),
        (200, "authentication_error", 401),
        (200, "invalid_request_error", 400),
        (200, "some_new_error", 200),
        (500, "overloaded_error", 529),
        (400, "overloaded_error", 529),
        (400, "api_error", 400),
        (500, "", 500),
    ],
)
def test_the_status_that_an_error_counts_as(http_status, error_type, status):
    assert status_of(http_status, error_type) == status


def test_what_a_rejection_is():
    statuses = [None, 200, 400, 413, 422, 429, 451, 499, 500, 529]
    assert [status for status in statuses if is_rejection(ApiError("", status))] == [400, 413, 422, 451, 499]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("2", 2.0),
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
