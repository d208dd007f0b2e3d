"""arXiv's clock, against its published table and days that were really listed."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.sources.arxiv_calendar import listing_day, no_announcement, no_listing_reason, us_holiday


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("submitted", "listed"),
    [
        # the published table, in winter: 14:00 Eastern is 19:00 UTC
        ("2026-01-22T18:59", "2026-01-23"),  # Thursday, in time
        ("2026-01-22T19:00", "2026-01-26"),  # Thursday 14:00: Monday's
        ("2026-01-23T19:00", "2026-01-27"),  # Friday 14:00: Tuesday's, the biggest
        ("2026-01-24T12:00", "2026-01-27"),
        ("2026-01-26T19:00", "2026-01-28"),
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


@pytest.mark.parametrize("day", ["2025-09-02", "2025-11-28", "2025-12-26", "2025-12-31", "2026-01-02"])
def test_days_that_really_had_no_listing_are_explained(day):
    assert no_listing_reason(dt.date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-01-27", "2026-07-15"])
def test_days_that_had_or_will_have_one_are_not(day):
    assert no_listing_reason(dt.date.fromisoformat(day)) == ""


# As published (https://info.arxiv.org/help/availability.html#holiday, read in its source of 2026-07-24); 2027 is not
# published there yet.
HOLIDAYS_OF_2026 = [
    "2026-01-01",
    "2026-01-19",
    "2026-06-19",
    "2026-07-03",
    "2026-09-07",
    "2026-11-26",
    "2026-12-25",
    "2026-12-29",
    "2026-12-31",
]
OF_SOME_YEARS = {"2026-12-29", "2026-12-31"}  # such days differ from year to year


def after(holiday: str) -> dt.date:
    """The next working day: what would be announced then was to be submitted on the holiday."""
    day = dt.date.fromisoformat(holiday) + dt.timedelta(days=1)
    while day.weekday() >= 5:
        day += dt.timedelta(days=1)
    return day


def test_the_days_of_2026_without_an_announcement_are_those_after_published_holidays():
    """The calendar expects no list on these and on no other: an empty list on any other day is asked for again."""
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    expected = {after(day) for day in HOLIDAYS_OF_2026 if day not in OF_SOME_YEARS}
    assert {day for day in days if day.weekday() < 5 and no_announcement(day)} == expected
    assert all(no_listing_reason(after(day)) for day in HOLIDAYS_OF_2026)


@pytest.mark.parametrize(
    "day", ["2025-09-02", "2025-11-28", "2025-12-26", "2026-01-02", "2026-01-20", "2026-06-22"]
)
def test_days_that_really_had_none_are_expected(day: str):
    assert no_announcement(dt.date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2025-12-31", "2026-12-28", "2026-12-29", "2026-06-19", "2026-11-26"])
def test_days_between_the_years_and_holidays_themselves_are_asked_for_again(day: str):
    expected = {"2026-12-28"}  # the Monday after Christmas, a Friday
    assert bool(no_announcement(dt.date.fromisoformat(day))) == (day in expected)
