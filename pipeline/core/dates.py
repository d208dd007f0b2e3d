"""Calendar constants, and parsing of dates and times as HTTP, RSS, Atom and OAI-PMH write them."""

import datetime as dt
from email.utils import parsedate_to_datetime

DAY = dt.timedelta(days=1)
SATURDAY = 5  # as in date.weekday()
SAMPLE_DATE = dt.date(2026, 1, 30)  # the recorded day in sources/recorded_day
MAX_DAYS = 7  # the most days that one digest covers, however long ago the last digest was


def is_weekend(day: dt.date) -> bool:
    """Return whether the day is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY


# arXiv began in 1991. A year outside of this range is a typo, and date arithmetic overflows near datetime's limits.
YEARS = range(1990, 2101)


def parse_moment(text: str) -> dt.datetime | None:
    """Parse an ISO 8601 or RFC 5322 date and time; None if it is neither, or its year is not in `YEARS`.

    The result is aware, in the time zone that the text names; UTC if it names none.
    """
    for parse in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text.strip())
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if moment.year in YEARS:
            return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return None


def parse_day(text: str) -> dt.date | None:
    """Parse a date and time like `parse_moment` and return its calendar date in its own time zone."""
    moment = parse_moment(text)
    return moment.date() if moment else None
