"""What the pages that span days know of a profile: its month indexes, and of every digest the entry and the picks."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from pipeline.archive import history
from pipeline.core import month_index
from pipeline.core.month_index import DigestEntry, MonthIndex, Row
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog, load


@dataclass(frozen=True)
class Day:
    """One digest: its entry in the month index and the rows of its picks, best first."""

    profile: str
    entry: DigestEntry
    picks: tuple[Row, ...]

    @property
    def month(self) -> str:
        """The folder of its page, `YYYY/MM`."""
        return f"{self.entry.date:%Y/%m}"

    @property
    def path(self) -> str:
        """The path of its page from the site's root."""
        return f"{self.profile}/{self.month}/{self.entry.date}.html"

    @property
    def catalog(self) -> Catalog:
        """The words of its language."""
        return load(self.entry.language)

    @property
    def result(self) -> str:
        """How many were picked of how many, or why there is no pick, in a few words."""
        return history.result(self.entry, len(self.picks))


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
        return clean(self.newest.entry.title) or self.profile

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
    days = tuple(
        Day(profile, entry, picks[entry.date])
        for index in indexes
        for picks in [index.picks()]
        for entry in index.digests
    )
    return Series(profile, indexes, days) if days else None
