"""Compute the days that each source must cover, and how far it is read: the rule by which no day is lost silently.

1.  A day is read if its list proves it: arXiv's feed by its date and by papers that are all of that day and all new, a
    harvest by records of a later day, Hugging Face, bioRxiv and medRxiv by an answer that was asked for on a later
    day; a list of arXiv's or Hugging Face's without papers proves only a day on which the calendar expects none. A day
    of which a harvest has papers that its list lacked was not read, whatever the list said of itself.
2.  The watermark is the day before the first day of papers that is not read; it is carried in every report, and each night
    asks for all days after it, for at most a week.
3.  What is not read after a week is given up: the page names it once, the run ends with exit code 3, and the watermark
    goes on.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.core.dates import DAY, MAX_DAYS, is_weekend
from pipeline.core.source import SOURCES
from pipeline.sources import arxiv_rss, huggingface

# A watermark that is older was left by a repository that did not run, such as the shipped example: nothing is named.
MAX_PAUSE = dt.timedelta(days=60)


@dataclass(frozen=True)
class Window:
    """The days that a digest covers.

    `through` maps each source to its watermark, and `read` to days after it that earlier digests read. `past`: the
    digest is for an earlier day than today, and covers that day alone.
    """

    date: dt.date
    past: bool
    through: Mapping[str, dt.date]
    read: Mapping[str, Collection[dt.date]] = field(default_factory=dict)

    def huggingface_days(self) -> tuple[dt.date, ...]:
        """Return the days whose Hugging Face lists are to be fetched.

        Those after the watermark, but always D-1 (incomplete on its own day) and D, and none that is more than a week
        ago; for a past date, that date alone.
        """
        if self.past:
            return (self.date,)
        first = self.through.get(huggingface.NAME, self.date) + DAY
        return _days(max(min(first, self._days_ago(1)), self.oldest), self.date)

    def missed_range(self) -> tuple[dt.date, dt.date] | None:
        """Return the range (both ends excluded) of announcements that arXiv's feed no longer serves.

        From the working day before the first that is not read, which is harvested a second time, to D; for a past date
        the days before and after it. None if nothing was missed.
        """
        if self.past:
            return self._days_ago(1), self.date + DAY
        last = self.through.get(arxiv_rss.NAME)
        if last is None:
            return None
        start = max(last + DAY, self.oldest)
        missed = _unread(arxiv_rss.NAME, start, self._days_ago(1), self.read.get(arxiv_rss.NAME, ()))
        return (_working_day_before(missed[0]) - DAY, self.date) if missed else None

    @property
    def oldest(self) -> dt.date:
        """The first day that a source is still asked for."""
        return self._days_ago(MAX_DAYS)

    def last(self, name: str) -> dt.date:
        """Return the last day whose list can be complete on day D."""
        return self._days_ago(1) if SOURCES[name].complete_next_day else self.date

    def _days_ago(self, days: int) -> dt.date:
        return self.date - dt.timedelta(days=days)


@dataclass(frozen=True)
class Progress:
    """How far a source is read after a digest; fields as in `SourceStatus`. `lost` are the days that it gives up."""

    watermark: dt.date | None
    first_failure: dt.date | None
    lost: tuple[dt.date, ...]


def progress(
    window: Window,
    name: str,
    read: Collection[dt.date],
    watermark: dt.date | None,
    first_failure: dt.date | None,
) -> Progress:
    """Compute how far a source is read, given all days after its watermark that this and earlier digests read.

    `watermark` and `first_failure` are those of the newest report. A source that has neither begins with this digest.
    """
    last = window.last(name)
    start = window.through.get(name, window.date - DAY)
    unread = _unread(name, start + DAY, last, read)
    lost = [day for day in unread if day < window.oldest]
    waiting = [day for day in unread if day >= window.oldest]
    settled = waiting[0] - DAY if waiting else last
    if lost or any(start < day <= settled for day in read) or (not waiting and last in read):
        watermark = settled  # else only a weekend has passed, and a source that was never read is complete up to no day
    named = tuple(lost) if window.date - start <= MAX_PAUSE else ()
    behind = waiting or watermark is None
    return Progress(watermark, (first_failure or window.date) if behind else None, named)


def ranges(days: Collection[dt.date]) -> list[str]:
    """Name days in words, oldest first; working days in a row are one range."""
    ordered = sorted(days)
    starts = ordered[:1] + [b for a, b in pairwise(ordered) if _working_day_before(b) > a]
    ends = [a for a, b in pairwise(ordered) if _working_day_before(b) > a] + ordered[-1:]
    return [f"{a}" if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True)]


def _unread(name: str, first: dt.date, last: dt.date, read: Collection[dt.date]) -> list[dt.date]:
    on_weekends = SOURCES[name].on_weekends
    return [day for day in _days(first, last) if day not in read and (on_weekends or not is_weekend(day))]


def _working_day_before(day: dt.date) -> dt.date:
    day -= DAY
    while is_weekend(day):
        day -= DAY
    return day


def _days(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    return tuple(first + dt.timedelta(days=i) for i in range((last - first).days + 1))
