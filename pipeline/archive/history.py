"""The digests of a profile, as the files that span days and the pages of the site show them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.month_index import DigestEntry, MonthIndex, Row
from pipeline.report import labels
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog, load


@dataclass(frozen=True)
class PickRecord:
    """A pick, with the texts that an index shows."""

    id: str
    title: str
    headline: str
    hook: str
    url: str
    score: int | None
    score_label: str
    anchor: str

    @property
    def name(self) -> str:
        """The headline, or the title if there is no headline."""
        return self.headline or self.title


@dataclass(frozen=True)
class Day:
    """One digest: its profile, its entry in the index of its month, and its picks, best first."""

    profile: str
    entry: DigestEntry
    picks: tuple[PickRecord, ...]

    @property
    def date(self) -> dt.date:
        """The digest's date."""
        return self.entry.date

    @property
    def title(self) -> str:
        """The title of the digest, cleaned."""
        return clean(self.entry.title)

    @property
    def local(self) -> bool:
        """Whether no model judged it."""
        return self.entry.engine == "local"

    @property
    def catalog(self) -> Catalog:
        """The messages in the language of this digest."""
        return load(self.entry.language)

    @property
    def month(self) -> str:
        """The folder of its page in that of the profile, `YYYY/MM`."""
        return f"{self.date:%Y/%m}"

    @property
    def path(self) -> str:
        """The path of the page, relative to the profile's folder."""
        return f"{self.month}/{self.date.isoformat()}.md"

    @property
    def site_path(self) -> str:
        """The path of its page of the site, from the site's root."""
        return f"{self.profile}/{self.month}/{self.date}.html"

    @property
    def result(self) -> str:
        """How many were picked of how many, or why there is no pick, in a few words."""
        t, entry = self.catalog, self.entry
        if self.picks:
            return t("index.picked", picked=len(self.picks), scanned=entry.scanned)
        if entry.scanned and entry.unscored == entry.scanned:
            return t("index.unscored")
        return t("index.none_local" if self.local else "index.none", threshold=entry.threshold)


def days(index: MonthIndex) -> list[Day]:
    """Return the digests of a month, oldest first."""
    picks = index.picks()
    return [
        Day(index.profile, entry, tuple(_pick(row, entry) for row in picks[entry.date]))
        for entry in index.digests
    ]


def newest(months: Sequence[MonthIndex], count: int) -> list[Day]:
    """Return at least the newest `count` digests of months, which are in order; oldest first."""
    found: list[Day] = []
    for index in reversed(months):
        if len(found) >= count:
            break
        found = [*days(index), *found]
    return found


def _pick(row: Row, entry: DigestEntry) -> PickRecord:
    local = entry.engine == "local"
    return PickRecord(
        id=row.id,
        title=labels.display_title(row.title) or row.id,
        headline="" if local else clean(row.text),  # an index that the site makes itself is not cleaned
        hook=row.hook,
        url=row.page,
        score=row.score,
        score_label=labels.score_label(load(entry.language), row.score, row.rank, local=local),
        anchor=labels.anchor(row.id),
    )
