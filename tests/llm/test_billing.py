"""What is charged for a reply, over everything that an endpoint may report; the limits are counted by hand."""

import dataclasses

import pytest

from pipeline.llm import billing
from pipeline.llm.response import Reply

# 350 characters of English and 35 of Chinese, of three bytes each; by estimate 100 and 35 tokens.
BODY = {"max_tokens": 1000, "system": "a" * 350, "messages": [{"role": "user", "content": "图" * 35}]}
ESTIMATE = 100 + 35
MOST = (350 + 3 * 35 + 2000, 1000 + 64)
WRITTEN = 40


def reply(given, taken, **more):
    made = Reply("{}", "end_turn", "", "m", given, taken, WRITTEN)
    return dataclasses.replace(made, **more)


def test_the_most_is_a_token_for_each_byte_and_all_the_room():
    assert billing.max_tokens(BODY) == MOST


@pytest.mark.parametrize(
    ("given", "taken", "charged"),
    [
        (150, 60, (150, 60)),  # as reported
        (135, 40, (135, 40)),
        (100, 30, (135, 40)),  # a little less than was seen
        (68, 20, (135, 40)),  # half of it
        (67, 19, MOST),  # less than half
        (1, 1, MOST),
        (0, 0, MOST),
        (None, None, MOST),
        (None, 60, (MOST[0], 60)),
        (MOST[0], MOST[1], MOST),
    ],
)
def test_what_is_charged(given, taken, charged):
    assert billing.find_usage_error(reply(given, taken), BODY) == ""
    assert billing.charged_tokens(reply(given, taken), BODY) == charged


@pytest.mark.parametrize(
    ("one", "wrong"),
    [
        (reply(MOST[0] + 1, 60), "2456 tokens in, of 2455 at most"),
        (reply(150, MOST[1] + 1), "1065 tokens out, of 1064 at most"),
        (reply(10**19, 10**19), "10000000000000000000 tokens in, of 2455 at most"),
        (reply(None, None, usage_error="it is no object"), "it is no object"),
        (reply(150, 60, text="x" * (1064 * 16 + 1)), "the answer is longer than 1064 tokens"),
    ],
)
def test_what_cannot_be_true_is_charged_in_full(one, wrong):
    assert billing.find_usage_error(one, BODY) == wrong
    assert billing.charged_tokens(one, BODY) == MOST


def test_an_answer_that_fills_its_room_takes_all_of_it_whether_it_is_shown_or_not():
    cut = reply(150, 1, stop_reason="max_tokens", written_tokens=0)
    assert billing.charged_tokens(cut, BODY) == (150, MOST[1])
    full = reply(150, 1000, stop_reason="max_tokens", written_tokens=0)
    assert billing.charged_tokens(full, BODY) == (150, 1000)


def test_an_empty_answer_that_is_no_refusal_is_not_free():
    assert billing.charged_tokens(reply(150, 0, written_tokens=0), BODY) == (150, MOST[1])


@pytest.mark.parametrize(
    ("taken", "written", "free"),
    [(0, 0, True), (12, 9, False), (0, 9, False), (None, 0, False)],
)
def test_a_refusal_is_free_only_before_its_first_token(taken, written, free):
    declined = reply(150, taken, stop_reason="refusal", written_tokens=written)
    assert billing.is_free(declined) is free
    assert (billing.charged_tokens(declined, BODY).output == 0) is free
