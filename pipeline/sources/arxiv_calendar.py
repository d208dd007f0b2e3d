"""arXiv's announcement calendar: the listing date of a submission, and reasons for days without a listing.

Announcements are at 20:00 US Eastern, Sunday to Thursday, of what was submitted until 14:00 of the last
working day before; the feeds carry the date of the following day
(https://info.arxiv.org/help/availability.html).
"""

import datetime as dt
from zoneinfo import ZoneInfo

from pipeline.core.dates import DAY, SATURDAY, is_weekend

NEW_YORK = ZoneInfo("America/New_York")
DEADLINE_HOUR = 14  # in New York


def listing_day(submitted: dt.datetime) -> dt.date:
    """Return the date of the first listing that can contain a paper submitted at this time.

    Never too late, but sometimes too early: a US holiday moves a listing by a day, and moderators hold
    some papers for days.
    """
    local = submitted.astimezone(NEW_YORK)
    closed = local.date() + DAY if local.hour >= DEADLINE_HOUR else local.date()
    return next_weekday(next_weekday(closed) + DAY)


def next_weekday(day: dt.date) -> dt.date:
    """Return the day itself, or the following Monday if it is on a weekend."""
    return day + dt.timedelta(days=7 - day.weekday()) if is_weekend(day) else day


def no_announcement(day: dt.date) -> str:
    """Explain why arXiv announces nothing on that day; empty if it is not known to.

    Only what holds every year: an empty list on such a day is complete. In some years there are more such days
    (https://info.arxiv.org/help/availability.html#holiday), between Christmas and New Year above all.
    """
    if is_weekend(day):
        return "nothing is announced on a weekend"
    before = day - DAY
    while is_weekend(before):  # what would be announced on a Monday is submitted until Friday
        before -= DAY
    if us_holiday(before):
        return "arXiv announces nothing on the day after a US holiday"
    return ""


def no_listing_reason(day: dt.date) -> str:
    """Explain why sources may list nothing on that day; empty if the calendar gives no reason."""
    if reason := no_announcement(day):
        return reason
    if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2):
        return "arXiv announces little between Christmas and New Year"
    return ""


def us_holiday(day: dt.date) -> bool:
    """Whether that day is a US holiday of arXiv's staff.

    A fixed date on a weekend is observed on the nearest weekday.
    """
    fixed = {_observed(dt.date(day.year, *date)) for date in ((1, 1), (6, 19), (7, 4), (12, 25))}
    moving = {
        _on_or_after(dt.date(day.year, 1, 15), 0),  # Martin Luther King
        _on_or_after(dt.date(day.year, 9, 1), 0),  # Labor Day
        _on_or_after(dt.date(day.year, 11, 22), 3),  # Thanksgiving
    }
    return day in fixed | moving


def _observed(day: dt.date) -> dt.date:
    return day + {SATURDAY: -DAY, SATURDAY + 1: DAY}.get(day.weekday(), 0 * DAY)


def _on_or_after(day: dt.date, weekday: int) -> dt.date:
    return day + dt.timedelta(days=(weekday - day.weekday()) % 7)
