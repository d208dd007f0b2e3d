"""Days, as all parts of the program count them."""

from __future__ import annotations

import datetime as dt

DAY = dt.timedelta(days=1)
SATURDAY = 5
MOST_DAYS = 7  # that one digest covers, however long there was none


def is_weekend(day: dt.date) -> bool:
    """Whether that day is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY
