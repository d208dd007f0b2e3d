"""On which day arXiv announced a paper, worked out from a harvest, since no record says it.

Three facts are enough:

1. Identifiers are given at the announcement, in order. So a smaller number was announced on the same day or
   earlier. (Measured on 60 listings of cs.CV, November 2025 to January 2026: of 8,169 papers, 14 stand in a
   later listing than a greater number, most of them old papers that were cross-listed.)
2. A record's datestamp is the day of its last change: the announcement or later.
3. A paper cannot be announced before the first listing after its submission.

Hence a paper's day is the earliest datestamp among the numbers from its own on, but not before the first
listing that its first version could come into. Neither a holiday nor a paper that moderators held for a
week needs a rule of its own.

Datestamps are days of UTC. An announcement at 20:00 Eastern falls on the listing's own day in winter, and on
the day before if it starts a little early in summer; `_listings` sees which by fact 3.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pipeline.days import DAY
from pipeline.sources.schedule import listing_day, next_weekday

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
