"""Moments in all their spellings."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import dates
from pipeline.sources.arxiv_calendar import NEW_YORK, listing_day
from tests.sources.table import many


@pytest.mark.parametrize(
    ("text", "moment", "day"),
    [
        ("Fri, 30 Jan 2026 00:00:00 -0500", "2026-01-30T05:00:00+00:00", "2026-01-30"),
        ("Fri, 30 Jan 2026 23:30:00 -0500", "2026-01-31T04:30:00+00:00", "2026-01-30"),
        (" 2026-01-30T00:00:00-05:00\n", "2026-01-30T05:00:00+00:00", "2026-01-30"),
        ("2026-01-28T08:15:00.000Z", "2026-01-28T08:15:00+00:00", "2026-01-28"),
        ("2026-01-30", "2026-01-30T00:00:00+00:00", "2026-01-30"),
    ],
)
def test_what_is_read(text, moment, day):
    found = dates.parse_moment(text)
    assert found is not None
    assert found.astimezone(dt.UTC).isoformat() == moment
    assert str(dates.parse_day(text)) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "Fri, 99 Jan 2026 00:00:00 -0500",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_what_is_none(text):
    assert dates.parse_moment(text) is None
    assert dates.parse_day(text) is None


@many
@given(st.text() | st.datetimes(timezones=st.just(dt.UTC)).map(str))
def test_what_is_read_can_be_reckoned_with(text):
    found = dates.parse_moment(text)
    assert found is None or listing_day(found) > found.date() - dt.timedelta(days=1)


@many
@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 12, 31)),
    st.integers(-12, 14).map(lambda hours: dt.timezone(dt.timedelta(hours=hours))),
)
def test_every_moment_of_these_years_is_read_in_both_spellings(naive, zone):
    """As the standard library writes it, with whole seconds: what is written is what is read."""
    when = naive.replace(microsecond=0, tzinfo=zone)
    for text in (when.isoformat(), format_datetime(when), f" {format_datetime(when)}\n"):
        assert dates.parse_moment(text) == when
        assert dates.parse_day(text) == naive.date()
        assert listing_day(when) > when.astimezone(NEW_YORK).date()
