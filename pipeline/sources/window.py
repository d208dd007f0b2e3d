"""Which days a digest covers, source by source: what its date and the watermarks of the reports come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.dates import DAY, MOST_DAYS, is_weekend
from pipeline.sources import arxiv_rss, huggingface


@dataclass(frozen=True)
class Window:
    """The days that a digest covers, source by source."""

    date: dt.date
    past: bool
    through: Mapping[str, dt.date]

    def huggingface_days(self) -> tuple[dt.date, ...]:
        """The lists since the last one that was read when complete: always D-1 and D, at most a week."""
        if self.past:
            return (self.date,)
        first = self.through.get(huggingface.NAME, self.date) + DAY
        return _days(max(min(first, self._ago(1)), self._ago(MOST_DAYS - 1)), self.date)

    def missed(self) -> tuple[dt.date, dt.date] | None:
        """Between which days arXiv announced what its feed no longer serves: the watermark and D; None if nothing."""
        if self.past:
            return self._ago(1), self.date + DAY
        last = self.through.get(arxiv_rss.NAME)
        if last is None:
            return None
        days = _days(max(last + DAY, self._ago(MOST_DAYS)), self._ago(1))
        return None if all(map(is_weekend, days)) else (last, self.date)

    def _ago(self, days: int) -> dt.date:
        return self.date - dt.timedelta(days=days)


def _days(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    return tuple(first + dt.timedelta(days=i) for i in range((last - first).days + 1))
