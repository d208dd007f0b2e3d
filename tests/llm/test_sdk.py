"""What an endpoint says of a model."""

import pytest

from pipeline.llm.interface import ModelStatus
from pipeline.llm.sdk import parse_status


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
