"""What the pages that span days know of a profile: its month indexes, and its digests with their picks."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from pipeline.archive import history
from pipeline.archive.history import Day
from pipeline.core import month_index
from pipeline.core.month_index import MonthIndex


@dataclass(frozen=True)
class Series:
    """All digests of a profile. `indexes` and `days` are oldest first, and there is at least one digest."""

    profile: str
    indexes: tuple[MonthIndex, ...]
    days: tuple[Day, ...]

    @property
    def newest(self) -> Day:
        """The newest digest, whose title and language are those of the profile's pages."""
        return self.days[-1]

    @property
    def title(self) -> str:
        """What the digest is called."""
        return self.newest.title or self.profile

    @cached_property
    def months(self) -> dict[str, list[Day]]:
        """The digests by month, `YYYY/MM`, oldest first."""
        return {month: list(days) for month, days in groupby(self.days, key=lambda day: day.month)}


def read(reports: Path, profile: str) -> Series | None:
    """Read a profile's digests; None if it has none. Raises DigestError if a report is damaged."""
    folder = reports / profile
    indexes = tuple(
        month_index.load(folder, month, files) for month, files in month_index.months(folder).items()
    )
    days = tuple(day for index in indexes for day in history.days(index))
    return Series(profile, indexes, days) if days else None
