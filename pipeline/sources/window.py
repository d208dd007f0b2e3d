"""Compute the days that each source must cover from the digest's date and earlier reports' watermarks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.dates import DAY, MAX_DAYS, is_weekend
from pipeline.sources import arxiv_rss, huggingface


@dataclass(frozen=True)
class Window:
    """The days that a digest covers.

    `through` maps each source to its watermark, the last day that earlier reports have read. `past`: the
    digest is for an earlier day than today, and covers that day alone.
    """

    date: dt.date
    past: bool
    through: Mapping[str, dt.date]

    def huggingface_days(self) -> tuple[dt.date, ...]:
        """Return the days whose Hugging Face lists are to be fetched.

        Those after the watermark, but always D-1 (incomplete on its own day) and D, and at most a week; for a
        past date, that date alone.
        """
        if self.past:
            return (self.date,)
        first = self.through.get(huggingface.NAME, self.date) + DAY
        return _days(max(min(first, self._days_ago(1)), self._days_ago(MAX_DAYS - 1)), self.date)

    def missed_range(self) -> tuple[dt.date, dt.date] | None:
        """Return the range (both ends excluded) of announcements that arXiv's feed no longer serves.

        The watermark and D, or for a past date the days before and after it; None if nothing was missed.
        """
        if self.past:
            return self._days_ago(1), self.date + DAY
        last = self.through.get(arxiv_rss.NAME)
        if last is None:
            return None
        days = _days(max(last + DAY, self._days_ago(MAX_DAYS)), self._days_ago(1))
        return None if all(map(is_weekend, days)) else (last, self.date)

    def _days_ago(self, days: int) -> dt.date:
        return self.date - dt.timedelta(days=days)


def _days(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    return tuple(first + dt.timedelta(days=i) for i in range((last - first).days + 1))
