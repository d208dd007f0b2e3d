"""How long to wait, and whom to leave alone."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.http_client import CircuitBreaker, retry_after
from tests.sources.table import many

DATE = "Fri, 30 Jan 2026 05:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "Fri, 30 Jan 2026 05:00:45 GMT", "date": DATE}, 45.0),
        ({"retry-after": "Fri, 30 Jan 2026 04:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Fri, 30 Jan 2026 05:00:45 GMT"}, None),
        ({"retry-after": "soon", "date": DATE}, None),
        ({"retry-after": "9" * 400}, float("inf")),
        ({"retry-after": "²"}, None),
    ],
)
def test_what_an_answer_asks_for(headers, seconds):
    assert retry_after(headers) == seconds


@many
@given(st.text(), st.text())
def test_no_header_is_too_strange(asked, date):
    seconds = retry_after({"retry-after": asked, "date": date})
    assert seconds is None or seconds >= 0


@many
@given(
    st.datetimes(dt.datetime(1990, 1, 2), dt.datetime(2100, 12, 30)).map(
        lambda when: when.replace(microsecond=0)
    ),
    st.integers(-86_000, 86_000),
)
def test_every_date_is_so_many_seconds_off(now, seconds):
    """Counted from the server's own clock, and never less than none; a plain number means the same."""
    later = (now + dt.timedelta(seconds=seconds)).replace(tzinfo=dt.UTC)
    headers = {
        "retry-after": format_datetime(later, usegmt=True),
        "date": format_datetime(now.replace(tzinfo=dt.UTC)),
    }
    assert retry_after(headers) == max(0, seconds)
    assert seconds < 0 or retry_after({"retry-after": str(seconds)}) == seconds


def test_a_circuit_opens_after_three_pages_in_a_row():
    circuit = CircuitBreaker()
    for _ in range(2):
        circuit.record_failure("a", "HTTP 503")
    circuit.record_success("a")
    for _ in range(2):
        circuit.record_failure("a", "HTTP 503")
    assert circuit.open_reason("a") == ""
    circuit.record_failure("a", "no connection")
    assert circuit.open_reason("a") == "no connection"
    assert circuit.open_reason("b") == ""


def test_a_host_that_asks_for_too_much_time_is_left_alone_at_once():
    circuit = CircuitBreaker()
    circuit.record_failure("a", "HTTP 429, and asks to wait 600 seconds", open_now=True)
    assert "600" in circuit.open_reason("a")
