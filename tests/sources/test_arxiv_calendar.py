"""arXiv's clock, against its published table and days that were really listed."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.sources.arxiv_calendar import listing_day, no_listing_reason, to_eastern, us_holiday


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        ("2026-01-30T05:00", "2026-01-30T00:00"),
        ("2026-07-15T04:00", "2026-07-15T00:00"),
        ("2026-03-08T06:59", "2026-03-08T01:59"),
        ("2026-03-08T07:00", "2026-03-08T03:00"),
        ("2026-11-01T05:59", "2026-11-01T01:59"),
        ("2026-11-01T06:00", "2026-11-01T01:00"),
        ("2027-03-14T07:00", "2027-03-14T03:00"),
    ],
)
def test_new_yorks_clock(moment, local):
    assert to_eastern(utc(moment)).isoformat(timespec="minutes") == local


@pytest.mark.parametrize(
    ("submitted", "listed"),
    [
        # the published table, in winter: 14:00 Eastern is 19:00 UTC
        ("2026-01-22T18:59", "2026-01-23"),  # Thursday, in time
        ("2026-01-22T19:00", "2026-01-26"),  # Thursday 14:00: Monday's
        ("2026-01-23T18:59", "2026-01-26"),
        ("2026-01-23T19:00", "2026-01-27"),  # Friday 14:00: Tuesday's, the biggest
        ("2026-01-24T12:00", "2026-01-27"),
        ("2026-01-26T18:59", "2026-01-27"),
        ("2026-01-26T19:00", "2026-01-28"),
        ("2026-01-27T19:00", "2026-01-29"),
        ("2026-01-28T19:00", "2026-01-30"),
        # in summer it is 18:00 UTC
        ("2026-07-14T17:59", "2026-07-15"),
        ("2026-07-14T18:00", "2026-07-16"),
        # papers of January 2026, with the day that they were seen in a listing of cs.CV
        ("2026-01-28T08:15", "2026-01-29"),
        ("2026-01-28T19:30", "2026-01-30"),
    ],
)
def test_the_first_listing_that_a_submission_can_come_into(submitted, listed):
    assert listing_day(utc(submitted)).isoformat() == listed


def test_holidays_of_2026_as_arxiv_announced_them():
    found = [day for n in range(365) if us_holiday(day := dt.date(2026, 1, 1) + dt.timedelta(days=n))]
    assert [f"{day:%m-%d}" for day in found] == [
        "01-01",
        "01-19",
        "06-19",
        "07-03",
        "09-07",
        "11-26",
        "12-25",
    ]


@pytest.mark.parametrize("day", ["2025-09-02", "2025-11-28", "2025-12-26", "2026-01-02", "2026-01-20"])
def test_days_that_really_had_no_listing_are_explained(day):
    assert no_listing_reason(dt.date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-01-27", "2026-01-30", "2026-07-15", "2026-11-24"])
def test_days_that_had_or_will_have_one_are_not(day):
    assert no_listing_reason(dt.date.fromisoformat(day)) == ""
