"""arXiv's clock: which listing a submission comes into, and why some days have none.

Announcements are at 20:00 Eastern, Sunday to Thursday, of what was submitted until 14:00 of the last working
day before; the feeds are dated with the day after (https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pipeline.core.dates import DAY, SATURDAY, is_weekend

A_FEW = 0.1  # of a day's records: this many stamped before their first possible listing are no accident


class Dated(Protocol):
    """What has to be known of a record."""

    @property
    def id(self) -> str:
        """The identifier, without version."""
        ...

    @property
    def stamp(self) -> dt.date:
        """The day of the last change, UTC."""
        ...

    @property
    def versions(self) -> tuple[dt.datetime, ...]:
        """When each version was submitted."""
        ...


def days(records: Sequence[Dated]) -> dict[str, dt.date]:
    """The listing day of each paper, by id. Best if the harvest starts some days before those that matter:

    a paper older than the harvest is given its first day.
    """
    listings = _listings(records)
    found: dict[str, dt.date] = {}
    earliest = dt.date.max
    for record in sorted(records, key=lambda one: _number(one.id), reverse=True):
        earliest = min(earliest, listings[record.stamp])
        found[record.id] = max(earliest, listing_day(record.versions[0]))
    return found


def _listings(records: Iterable[Dated]) -> Mapping[dt.date, dt.date]:
    """The listing that a datestamp belongs to: of its own day, or of the next.

    The next if some records of one version bear it that could not be announced so early.
    """
    firsts: dict[dt.date, list[bool]] = defaultdict(list)
    stamps = set()
    for record in records:
        stamps.add(record.stamp)
        if len(record.versions) == 1:
            firsts[record.stamp].append(listing_day(record.versions[0]) > record.stamp)
    early = {stamp for stamp, before in firsts.items() if sum(before) > A_FEW * len(before)}
    return {stamp: next_weekday(stamp + DAY if stamp in early else stamp) for stamp in stamps}


def _number(paper_id: str) -> tuple[int, int]:
    """The place of a modern id in time; ids of before 2007 come first of all."""
    month, dot, number = paper_id.partition(".")
    return (int(month), int(number)) if dot and month.isdigit() and number.isdigit() else (0, 0)


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
