"""What a trouble means, and how long to wait: the table of the API's documentation by hand."""

import asyncio

import pytest

from pipeline.llm.retry import Pause, Trouble, course, seconds, wait


@pytest.mark.parametrize(
    ("expected", "troubles"),
    [
        ("door", [Trouble("", 401), Trouble("", 403), Trouble("", 403, should_retry=True)]),
        ("stop", [Trouble("", 402), Trouble("", 404), Trouble("", 429, code="enforced_spend_limit_reached")]),
        ("stop", [Trouble("", 429, code="contract_spend_limit_reached", retry_after=5.0, should_retry=True)]),
        ("stop", [Trouble("", 400, message="You have reached your specified API usage limits.")]),
        ("stop", [Trouble("", 400, message="You have reached your specified API Usage Limits.")]),
        ("stop", [Trouble("", 400, message="Your credit balance is too low to access the API.")]),
        (
            "fail",
            [Trouble("", 400), Trouble("", 413), Trouble("", 422), Trouble("", 529, should_retry=False)],
        ),
        ("again", [Trouble("", status) for status in (None, 200, 408, 409, 429, 500, 502, 503, 504, 529)]),
        ("again", [Trouble("", 400, should_retry=True)]),
    ],
)
def test_course(expected, troubles):
    assert [course(trouble) for trouble in troubles] == [expected] * len(troubles)


def test_waits():
    trouble = Trouble("", 500)
    assert [wait(trouble, tries, 0.0) for tries in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert wait(trouble, 1, 1.0) == 0.375
    assert wait(Trouble("", 429, retry_after=7.0), 3, 0.9) == 7.0


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
    assert seconds(header) == value


def test_a_trouble_in_words():
    assert (
        str(Trouble("HTTP 529 overloaded_error", message="Overloaded"))
        == "HTTP 529 overloaded_error: Overloaded"
    )
    assert str(Trouble("the connection failed")) == "the connection failed"


def test_a_pause_is_the_longest_asked_for_and_is_slept_once():
    now, slept = [0.0], []

    async def sleep(longer):
        slept.append(longer)
        now[0] += longer

    pause = Pause(sleep, lambda: now[0])
    assert pause.left() == 0.0
    pause.extend(5)
    pause.extend(2)
    assert pause.left() == 5
    asyncio.run(pause.over())
    assert (slept, pause.left()) == ([5.0], 0.0)


def test_a_pause_that_is_extended_while_it_is_slept():
    now, slept = [0.0], []

    async def sleep(longer):
        slept.append(longer)
        now[0] += longer
        if len(slept) == 1:
            pause.extend(3)

    pause = Pause(sleep, lambda: now[0])
    pause.extend(5)
    asyncio.run(pause.over())
    assert slept == [5.0, 3.0]


def test_a_sleep_that_does_not_sleep_ends_too():
    slept = []

    async def sleep(longer):
        slept.append(longer)

    pause = Pause(sleep, lambda: 0.0)
    pause.extend(5)
    asyncio.run(pause.over())
    assert slept == [5.0] * 10
