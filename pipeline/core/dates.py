"""Moments as HTTP, RSS, Atom and OAI-PMH write them."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

DAY = dt.timedelta(days=1)
SATURDAY = 5
MOST_DAYS = 7  # that one digest covers, however long there was none


def is_weekend(day: dt.date) -> bool:
    """Whether that day is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY


YEARS = range(
    1990, 2101
)  # arXiv began in 1991; what lies outside is a slip, and calendars break near their ends


def moment(text: str) -> dt.datetime | None:
    """The moment that a text names, in the zone that it names (UTC if it names none); None if there is none."""
    for read in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if found.year in YEARS:
            return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return None


def day(text: str) -> dt.date | None:
    """The date of it, on the calendar of its own zone."""
    found = moment(text)
    return found.date() if found else None
