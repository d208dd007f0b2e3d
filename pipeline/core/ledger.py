"""Ledger of a profile's committed reports: which papers were judged, which are pending, how far sources were read.

It is made from the month indexes, and from the reports of months whose index is missing or damaged. Ids are canonical
(no version), so a paper is judged once per profile, however often and in whatever version sources list it again.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, get_args

from pipeline.core import month_index
from pipeline.core.artifacts import Artifact, Candidate, Digest, Retry
from pipeline.core.errors import DigestError
from pipeline.core.models import Outcome, Pending, SourceStatus, Verdict
from pipeline.core.month_index import DAMAGED_HINT, DigestEntry, MonthIndex, Row, parse_row
from pipeline.core.stage_names import Stage
from pipeline.core.store import parse_artifact, read_bytes, report_path

RETRY_PERIOD = dt.timedelta(days=7)  # a pending paper is dropped after this
RECENT_DAYS = 8  # digests of the last so many days tell how far the sources were read
OUTCOMES: Mapping[str, Outcome] = {outcome: outcome for outcome in get_args(Outcome)}


class Entry(NamedTuple):
    """The newest state of a paper: the date of the last digest that judged it, and the result."""

    on: dt.date
    score: int | None  # 0-100; None if no model scored it
    outcome: Outcome


class Feed(NamedTuple):
    """State of a feed in the newest report: the first digest's date that read it, and the ids of entries that wait."""

    first_read: dt.date | None  # None in a report of an older version of the program
    waiting: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """State of one profile, as its committed reports record it.

    `entries`: by paper id. `owed`: the pending papers, by id. `through`: by source, the watermark that the newest report carries; in reports of older
    versions the last day that was read without failure. `failing`: by source, the first report date since then on which
    it was not read in full. `read`: by source, the dates of recent reports that read their own day in full. `dates`: all
    report dates, oldest first. `feeds`: by source name, from the newest report.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    owed: Mapping[str, Pending] = field(default_factory=dict)
    through: Mapping[str, dt.date] = field(default_factory=dict)
    failing: Mapping[str, dt.date] = field(default_factory=dict)
    read: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    dates: tuple[dt.date, ...] = ()
    feeds: Mapping[str, Feed] = field(default_factory=dict)

    def newest_before(self, date: dt.date) -> dt.date | None:
        """Return the date of the newest report before `date`; None if there is none."""
        return max((day for day in self.dates if day < date), default=None)

    def watermarks(self) -> dict[str, dt.date]:
        """Return by source the last day that is covered; for a source never read, the day before its first failure."""
        before = {name: day - dt.timedelta(days=1) for name, day in self.failing.items()}
        return {**before, **self.through}

    def judged(self, paper_id: str) -> Entry | None:
        """Return the entry of a paper that is judged; None if it is pending, or was listed without being judged.

        A `prefiltered` paper is a candidate again whenever a source lists it again.
        """
        entry = self.entries.get(paper_id)
        settled = entry is not None and paper_id not in self.owed and entry.outcome != "prefiltered"
        return entry if settled else None

    def pending(self) -> tuple[Pending, ...]:
        """Return all pending papers, oldest first."""
        return tuple(sorted(self.owed.values(), key=lambda paper: (paper.since, paper.id)))

    def pending_from(self, date: dt.date) -> tuple[Pending, ...]:
        """Return the papers that the report of `date` left pending and no later report has settled."""
        return tuple(paper for paper in self.pending() if self.entries[paper.id].on == date)

    def due(self, date: dt.date) -> tuple[Pending, ...]:
        """Return the papers that a run of `date` retries: pending from earlier reports, for seven days at most."""
        return tuple(
            paper
            for paper in self.pending()
            if self.entries[paper.id].on < date and date - paper.since <= RETRY_PERIOD
        )

    def given_up(self, date: dt.date) -> frozenset[str]:
        """Return the ids of papers that a run of `date` does not retry any more, also where a source lists them again."""
        pending = (paper for paper in self.pending() if self.entries[paper.id].on < date)
        return frozenset(paper.id for paper in pending if date - paper.since > RETRY_PERIOD)

    def expired(self, date: dt.date) -> tuple[Pending, ...]:
        """Return the papers whose seven days of retries ended after the report before `date`: each is reported once."""
        before, given_up = self.newest_before(date), self.given_up(date)
        return tuple(
            paper
            for paper in self.pending()
            if paper.id in given_up and (before is None or before - paper.since <= RETRY_PERIOD)
        )


def load(reports: Path, profile: str, *, exclude: dt.date | None = None) -> Ledger:
    """Load the ledger of all committed reports of a profile, without the report of the date `exclude`.

    How far the sources were read is told by the digests of the last eight days, by those with pending papers, and, if
    none of these tells it, by the newest that does (that of a past date does not). Raises DigestError if a report of a
    month without an index is damaged.
    """
    folder = reports / profile
    found = month_index.months(folder)
    _check_names(path for files in found.values() for path in files)
    months = [_month(folder, month, files, exclude) for month, files in found.items()]
    digests = {entry.date: entry for month in months for entry in month.digests}
    if not digests:
        return Ledger()
    entries = _Entries(months)
    owed = {
        paper.id: paper
        for entry in digests.values()
        for paper in entry.pending
        if paper.id in entries and entries[paper.id].on == entry.date
    }
    since = max(digests) - dt.timedelta(days=RECENT_DAYS)
    owing = {entries[key].on for key in owed}
    telling = {date: entry for date, entry in digests.items() if date > since or date in owing}
    progress = _Progress()
    announced = _announced(months, telling)
    for date, entry in telling.items():
        progress.add(entry, announced.get(date, ()))
    for date in sorted(digests.keys() - telling.keys(), reverse=True):
        if progress.through or progress.failing:
            break
        progress.add(digests[date], ())
    read = {name: frozenset(days) for name, days in progress.read.items()}
    feeds = _feeds(digests[max(digests)])
    return Ledger(entries, owed, progress.through, progress.failing, read, tuple(digests), feeds)


class _Entries(Mapping[str, Entry]):
    """The newest state of each paper: its row, which is parsed when it is asked for."""

    def __init__(self, months: Iterable[MonthIndex]) -> None:
        self._lines: dict[bytes, bytes] = {}
        for month in months:
            ids = month.ids()
            if len({*ids}) == len(ids) and self._lines.keys().isdisjoint(ids):
                self._lines.update(zip(ids, month.lines, strict=True))
                continue
            for key, line in zip(ids, month.lines, strict=True):
                if key not in self._lines or _replaces(parse_row(line), parse_row(self._lines[key])):
                    self._lines[key] = line

    def __getitem__(self, key: str) -> Entry:
        row = parse_row(self._lines[key.encode()])
        return Entry(dt.date.fromisoformat(row.date), row.score, OUTCOMES[row.outcome])

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.encode() in self._lines

    def __iter__(self) -> Iterator[str]:
        return (key.decode() for key in self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _replaces(new: Row, old: Row) -> bool:
    """Whether a later row replaces an earlier one: `prefiltered` judges nothing and replaces no judgment."""
    return new.outcome != "prefiltered" or old.outcome == "prefiltered"


def _month(folder: Path, month: str, reports: Sequence[Path], exclude: dt.date | None) -> MonthIndex:
    """Return the index of a month without the digest of the date `exclude`, whose report may be damaged."""
    index = month_index.stored(folder, month, reports)
    if index is None:
        return month_index.build(folder, month, [path for path in reports if path.stem != str(exclude)])
    if exclude not in {entry.date for entry in index.digests}:
        return index
    return replace(
        index,
        digests=tuple(entry for entry in index.digests if entry.date != exclude),
        lines=tuple(line for line in index.lines if parse_row(line).date != str(exclude)),
    )


def _announced(
    months: Sequence[MonthIndex], digests: Mapping[dt.date, DigestEntry]
) -> dict[dt.date, list[tuple[str, dt.date]]]:
    """By date of the digests, the sources that had announced papers which it lists first, and when they did."""
    found: dict[dt.date, list[tuple[str, dt.date]]] = {}
    listed: set[str] = set()
    for month in months:
        if digests.keys().isdisjoint(entry.date for entry in month.digests):
            continue
        for row in month.rows():
            date = dt.date.fromisoformat(row.date)
            if date in digests and not digests[date].of_past_date and row.id not in listed:
                listed.add(row.id)
                found.setdefault(date, []).extend(row.announced.items())
    return found


def _check_names(reports: Iterable[Path]) -> None:
    """Raise DigestError if the name of a report is not a date."""
    for path in reports:
        try:
            dt.date.fromisoformat(path.stem)
        except ValueError:
            raise DigestError("is not named by a date", path=str(path), hint="remove it") from None


def read_report(reports: Path, profile: str, date: dt.date) -> Digest | None:
    """Read the committed digest of one date; None if there is none. Raises DigestError if it is damaged."""
    path = report_path(reports, profile, date)
    hint = DAMAGED_HINT.format(path=path)
    data = read_bytes(path, hint=hint)
    return None if data is None else parse_artifact(data, Digest, path=str(path), hint=hint)


def still_pending(
    stage: Stage,
    failed: Mapping[str, str],
    retried: Collection[Retry],
    artifact: Artifact,
    *,
    unasked: Collection[str] = (),
) -> tuple[Pending, ...]:
    """Return the failed papers that stay pending: those whose first failure is less than seven days ago.

    `failed`: reasons by paper id. `retried`: the papers that this run retried, which keep their first date. `unasked`: those
    that no call was made for, as while an account has no money; their seven days begin anew, however long that lasts. The
    seven days count from the day of the run, also for a digest of a past date.
    """
    today = max(artifact.date, artifact.generated_at.date())
    since = {retry.paper.id: retry.since for retry in retried if retry.paper.id not in unasked}
    return tuple(
        Pending(id=key, stage=stage, reason=reason, since=since.get(key, today))
        for key, reason in failed.items()
        if today - since.get(key, today) < RETRY_PERIOD
    )


def verdict_of(candidate: Candidate) -> Verdict:
    """Rebuild a candidate's verdict from its line in a report."""
    return Verdict(
        topic=candidate.topic,
        transfer=candidate.transfer,
        substance=candidate.substance,
        excluded=candidate.outcome == "excluded",
        spread=candidate.spread,
        score=candidate.score,
        rank=candidate.rank or 0,
        reason=candidate.reason,
        judged_by=candidate.judged_by,
    )


@dataclass(frozen=True)
class _Progress:
    """How far the sources were read, as `Ledger` has it; digests are added oldest first."""

    through: dict[str, dt.date] = field(default_factory=dict)
    failing: dict[str, dt.date] = field(default_factory=dict)
    read: dict[str, set[dt.date]] = field(default_factory=dict)

    def add(self, digest: DigestEntry, announced: Iterable[tuple[str, dt.date]]) -> None:
        """Add what a digest tells of its sources; one of a past date moves no watermark.

        `announced`: sources and earlier days of papers that it lists first. Such a day was not read in full after all: a
        feed can have repeated the list of a night without a run under the next day's date.
        """
        if digest.of_past_date:
            return
        for name, day in announced:
            self.read.get(name, set()).discard(day)
        for source in digest.sources:
            self._add_source(source, digest.date)

    def _add_source(self, source: SourceStatus, date: dt.date) -> None:
        if source.through == date:
            self.read.setdefault(source.name, set()).add(date)
        if source.watermark or source.first_failure:
            for carried, day in ((self.through, source.watermark), (self.failing, source.first_failure)):
                carried.pop(source.name, None)
                if day:
                    carried[source.name] = day
        elif source.status == "failed":
            self.failing.setdefault(source.name, date)
        elif source.through:
            self.through[source.name] = max(source.through, self.through.get(source.name, source.through))


def _feeds(newest: DigestEntry) -> dict[str, Feed]:
    """Return the state of the feeds in the newest digest."""
    feeds: dict[str, Feed] = {}
    for source in newest.sources:
        if source.first_read:
            # Two feeds may differ in their query alone, and then share a name.
            before = feeds.get(source.name, Feed(None, ()))
            feeds[source.name] = Feed(source.first_read, (*before.waiting, *source.waiting))
    return feeds
