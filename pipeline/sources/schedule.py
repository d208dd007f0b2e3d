"""arXiv's clock: which listing a submission comes into, and why some days have none.

Announcements are at 20:00 Eastern, Sunday to Thursday, of what was submitted until 14:00 of the last working
day before; the feeds are dated with the day after (https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

import datetime as dt

from pipeline.days import DAY, SATURDAY, is_weekend

DEADLINE = 14  # o'clock, Eastern


def eastern(moment: dt.datetime) -> dt.datetime:
    """An aware moment as New York's clock shows it, naive.

    By the rule of 2007 rather than by the system's time zones, which a small container does not have.
    """
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    march, november = dt.date(utc.year, 3, 8), dt.date(utc.year, 11, 1)
    spring = dt.datetime.combine(_on_or_after(march, 6), dt.time(7))
    autumn = dt.datetime.combine(_on_or_after(november, 6), dt.time(6))
    return utc - dt.timedelta(hours=4 if spring <= utc < autumn else 5)


def listing_day(submitted: dt.datetime) -> dt.date:
    """The date of the first listing that can hold a paper submitted then.

    Never too late, but sometimes too early: a US holiday moves a listing by a day, and moderators hold
    some papers for days.
    """
    local = eastern(submitted)
    closed = local.date() + DAY if local.hour >= DEADLINE else local.date()
    return next_weekday(next_weekday(closed) + DAY)


def next_weekday(day: dt.date) -> dt.date:
    """That day, or the Monday after it."""
    return day + dt.timedelta(days=7 - day.weekday()) if is_weekend(day) else day


def why_no_listing(day: dt.date) -> str:
    """A reason why sources list nothing on that day, for a reader; empty if there is none in the calendar.

    A hint, not a rule: nothing but words depends on it.
    """
    if is_weekend(day):
        return "nothing is announced on a weekend"
    if us_holiday(day - DAY):
        return "arXiv announces nothing on the day after a US holiday"
    if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2):
        return "arXiv announces little between Christmas and New Year"
    return ""


def us_holiday(day: dt.date) -> bool:
    """Whether arXiv's staff is off on that day. A fixed date on a weekend is observed on the nearest weekday."""
    fixed = {_observed(dt.date(day.year, *date)) for date in ((1, 1), (6, 19), (7, 4), (12, 25))}
    moving = {
        _on_or_after(dt.date(day.year, 1, 15), 0),  # Martin Luther King
        _on_or_after(dt.date(day.year, 9, 1), 0),  # Labor Day
        _on_or_after(dt.date(day.year, 11, 22), 3),  # Thanksgiving
    }
    return day in fixed | moving | {_observed(dt.date(day.year + 1, 1, 1))}


def _observed(day: dt.date) -> dt.date:
    return day + {SATURDAY: -DAY, SATURDAY + 1: DAY}.get(day.weekday(), 0 * DAY)


def _on_or_after(day: dt.date, weekday: int) -> dt.date:
    return day + dt.timedelta(days=(weekday - day.weekday()) % 7)
