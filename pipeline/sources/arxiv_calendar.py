"""arXiv's announcement calendar: the listing date of a submission, and reasons for days without a listing.

Announcements are at 20:00 US Eastern, Sunday to Thursday, of what was submitted until 14:00 of the last
working day before; the feeds carry the date of the following day
(https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pipeline.core.dates import DAY, SATURDAY, is_weekend

MAX_EARLY_FRACTION = 0.1  # of a datestamp's v1 records; if more predate their first listing, it is systematic


class DatedRecord(Protocol):
    """The fields of a harvested record that its announcement day is computed from."""

    @property
    def id(self) -> str:
        """The arXiv id without a version."""
        ...

    @property
    def stamp(self) -> dt.date:
        """The day of the last change (OAI datestamp), UTC."""
        ...

    @property
    def versions(self) -> tuple[dt.datetime, ...]:
        """The submission time of each version, oldest first."""
        ...


def announcement_days(records: Sequence[DatedRecord]) -> dict[str, dt.date]:
    """Return the announcement day of each record, by id.

    Ids are assigned in order of submission, so a paper is announced no later than any paper with a higher id
    was last changed. Start the harvest some days before the days that matter: a paper older than the harvest
    is assigned the harvest's first day.
    """
    listings = _listing_by_stamp(records)
    days: dict[str, dt.date] = {}
    earliest = dt.date.max
    for record in sorted(records, key=lambda record: _id_order(record.id), reverse=True):
        earliest = min(earliest, listings[record.stamp])
        days[record.id] = max(earliest, listing_day(record.versions[0]))
    return days


def _listing_by_stamp(records: Iterable[DatedRecord]) -> Mapping[dt.date, dt.date]:
    """Map each datestamp to its listing: that of the same day or of the next one.

    It is the next one if more than MAX_EARLY_FRACTION of the records with a single version and this stamp
    could not have been announced so early.
    """
    too_early: dict[dt.date, list[bool]] = defaultdict(list)
    stamps = set()
    for record in records:
        stamps.add(record.stamp)
        if len(record.versions) == 1:
            too_early[record.stamp].append(listing_day(record.versions[0]) > record.stamp)
    shifted = {stamp for stamp, flags in too_early.items() if sum(flags) > MAX_EARLY_FRACTION * len(flags)}
    return {stamp: next_weekday(stamp + DAY if stamp in shifted else stamp) for stamp in stamps}


def _id_order(paper_id: str) -> tuple[int, int]:
    """Sort key of a modern id by submission; ids from before 2007 sort first."""
    month, dot, number = paper_id.partition(".")
    return (int(month), int(number)) if dot and month.isdigit() and number.isdigit() else (0, 0)


DEADLINE_HOUR = 14  # US Eastern


def to_eastern(moment: dt.datetime) -> dt.datetime:
    """Convert an aware datetime to naive US Eastern time.

    Implements the US daylight saving rule of 2007, since a small container has no time zone database.
    """
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    march, november = dt.date(utc.year, 3, 8), dt.date(utc.year, 11, 1)
    spring = dt.datetime.combine(_on_or_after(march, 6), dt.time(7))
    autumn = dt.datetime.combine(_on_or_after(november, 6), dt.time(6))
    return utc - dt.timedelta(hours=4 if spring <= utc < autumn else 5)


def listing_day(submitted: dt.datetime) -> dt.date:
    """Return the date of the first listing that can contain a paper submitted at this time.

    Never too late, but sometimes too early: a US holiday moves a listing by a day, and moderators hold
    some papers for days.
    """
    local = to_eastern(submitted)
    closed = local.date() + DAY if local.hour >= DEADLINE_HOUR else local.date()
    return next_weekday(next_weekday(closed) + DAY)


def next_weekday(day: dt.date) -> dt.date:
    """Return the day itself, or the following Monday if it is on a weekend."""
    return day + dt.timedelta(days=7 - day.weekday()) if is_weekend(day) else day


def no_listing_reason(day: dt.date) -> str:
    """Explain why sources may list nothing on that day; empty if the calendar gives no reason.

    A hint for readers: only the text of notes depends on it.
    """
    if is_weekend(day):
        return "nothing is announced on a weekend"
    if us_holiday(day - DAY):
        return "arXiv announces nothing on the day after a US holiday"
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
    return day in fixed | moving | {_observed(dt.date(day.year + 1, 1, 1))}


def _observed(day: dt.date) -> dt.date:
    return day + {SATURDAY: -DAY, SATURDAY + 1: DAY}.get(day.weekday(), 0 * DAY)


def _on_or_after(day: dt.date, weekday: int) -> dt.date:
    return day + dt.timedelta(days=(weekday - day.weekday()) % 7)
