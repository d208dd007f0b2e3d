"""Ledger of a profile's committed reports: which papers were judged, which are pending, how far sources were read.

The reports' JSON is authoritative; `seen.tsv` beside it is derived from it, as a fast index. Ids are canonical (no
version), so a paper is judged once per profile, however often and in whatever version sources list it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pipeline.core.artifacts import Artifact, Candidate, Digest, Retry
from pipeline.core.errors import DigestError
from pipeline.core.models import Outcome, Pending, Verdict
from pipeline.core.stage_names import Stage
from pipeline.core.store import parse_artifact, report_path

RETRY_PERIOD = dt.timedelta(days=7)  # a pending paper is dropped after this
RECENT_DAYS = 8  # reports of the last so many days are always read, for the watermarks of the sources
OUTCOMES: Mapping[str, Outcome] = {outcome: outcome for outcome in get_args(Outcome)}
DAMAGED_HINT = "restore it with `git checkout -- {path}`, or remove it to have that one day judged again"


class Entry(NamedTuple):
    """The newest state of a paper: the date of the last digest that judged it, the result, and any pending stage."""

    on: dt.date
    score: int | None  # 0-100; None if no model scored it
    outcome: Outcome
    pending: Pending | None  # None if nothing is left to do


@dataclass(frozen=True)
class Ledger:
    """State of one profile, as its committed reports record it.

    `entries`: by paper id. `through`: by source, the last day that was read without failure. `failing`: by source, the
    first report date on which it failed; both from the reports that were read. `dates`: all report dates, oldest
    first. `unsettled`: ids of candidates that may be pending; None means all.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    through: Mapping[str, dt.date] = field(default_factory=dict)
    failing: Mapping[str, dt.date] = field(default_factory=dict)
    dates: tuple[dt.date, ...] = ()
    unsettled: Collection[str] | None = field(default=None, compare=False)

    def newest_before(self, date: dt.date) -> dt.date | None:
        """Return the date of the newest report before `date`; None if there is none."""
        return max((day for day in self.dates if day < date), default=None)

    def watermarks(self) -> dict[str, dt.date]:
        """Return by source the last day that is covered; for a source never read, the day before its first failure."""
        before = {name: day - dt.timedelta(days=1) for name, day in self.failing.items()}
        return {**before, **self.through}

    def judged(self, paper_id: str) -> Entry | None:
        """Return the entry of a paper that is judged and not pending; else None."""
        entry = self.entries.get(paper_id)
        return entry if entry is not None and entry.pending is None else None

    def pending(self) -> tuple[Pending, ...]:
        """Return all pending papers, oldest first."""
        ids = self.entries if self.unsettled is None else self.unsettled
        papers = (pending for key in ids if (pending := self.entries[key].pending) is not None)
        return tuple(sorted(papers, key=lambda paper: (paper.since, paper.id)))

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

    def expired(self, date: dt.date) -> tuple[Pending, ...]:
        """Return the papers whose seven days of retries ended after the report before `date`: each is reported once."""
        before = self.newest_before(date)
        return tuple(
            paper
            for paper in self.pending()
            if self.entries[paper.id].on < date and date - paper.since > RETRY_PERIOD
            if before is None or before - paper.since <= RETRY_PERIOD
        )


class Entries(Mapping[str, Entry]):
    """Entries by paper id: from the reports that were read, else from the paper's newest line in `seen.tsv`.

    Five years of days are 100,000 lines, of which a nightly run looks up a hundred: a line is parsed on access.
    Every pending paper must be in `from_reports`, since a line does not hold the reason.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.from_reports: dict[str, Entry] = {}
        self._lines = {line.partition("\t")[0]: line for line in lines}

    def __getitem__(self, key: str) -> Entry:
        if key in self.from_reports:
            return self.from_reports[key]
        _, day, score, outcome, _, _ = self._lines[key].split("\t")
        on = dt.date.fromisoformat(day)
        return Entry(on=on, score=int(score) if score else None, outcome=OUTCOMES[outcome], pending=None)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._lines, **self.from_reports})

    def __len__(self) -> int:
        return len(self._lines.keys() | self.from_reports.keys())

    def pending_dates(self) -> set[dt.date]:
        """Return the dates of the lines with a pending stage."""
        pending = (line for line in self._lines.values() if line.rsplit("\t", 2)[1])
        return {dt.date.fromisoformat(line.split("\t", 2)[1]) for line in pending}


def load(reports: Path, profile: str, *, exclude: dt.date | None = None) -> Ledger:
    """Load the ledger of all committed reports of a profile, without the report of the date `exclude`.

    `seen.tsv` replaces the older reports if it was made from as many reports as there are. Reports of the last eight
    days are read in any case, for the sources' watermarks, and so are those with pending papers. Raises DigestError
    if a report that is read is damaged.
    """
    files = {date: path for date, path in report_files(reports, profile) if date != exclude}
    count = len(files) + (exclude is not None and report_path(reports, profile, exclude).exists())
    lines = _seen_lines(reports / profile / "seen.tsv", count)
    excluded = f"\t{exclude}\t"
    entries = Entries(line for line in lines or () if excluded not in line)
    needed = set(files)
    if lines is not None and files:
        recent = max(files) - dt.timedelta(days=RECENT_DAYS)
        needed = {date for date in files if date > recent} | entries.pending_dates()
    state = _State(entries)
    for date, path in files.items():
        if date in needed:
            _add_report(_load_json(path), date, path, state)
    return Ledger(entries, state.through, state.failing, tuple(files), unsettled=entries.from_reports)


def _seen_lines(tsv: Path, digests: int) -> list[str] | None:
    """Read the lines of `seen.tsv`; None if it is missing, was made from another number of digests, or was edited."""
    try:
        head, _, body = tsv.read_bytes().partition(b"\n")
        header = dict(pair.split("=", 1) for pair in head.decode().removeprefix("#").split())
    except (OSError, ValueError):
        return None
    expected = {"seen": "1", "digests": str(digests), "sha256": hashlib.sha256(body).hexdigest()}
    return body.decode().splitlines() if expected.items() <= header.items() else None


def report_files(reports: Path, profile: str) -> Iterator[tuple[dt.date, Path]]:
    """Yield the date and the path of every report's JSON of a profile, oldest first.

    Raises DigestError if a file name is not a date.
    """
    pattern = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].json"
    for path in sorted((reports / profile).glob(pattern), key=lambda path: path.stem):
        try:
            date = dt.date.fromisoformat(path.stem)
        except ValueError:
            raise DigestError("is not named by a date", path=str(path), hint="remove it") from None
        yield date, path


def read_report(reports: Path, profile: str, date: dt.date) -> Digest | None:
    """Read the committed digest of one date; None if there is none. Raises DigestError if it is damaged."""
    path = report_path(reports, profile, date)
    hint = DAMAGED_HINT.format(path=path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DigestError(f"cannot be read: {error.strerror}", path=str(path), hint=hint) from None
    return parse_artifact(data, Digest, path=str(path), hint=hint)


def still_pending(
    stage: Stage, failed: Mapping[str, str], retried: Collection[Retry], artifact: Artifact
) -> tuple[Pending, ...]:
    """Return the failed papers that stay pending: those whose first failure is less than seven days ago.

    `failed`: reasons by paper id. `retried`: the papers that this run retried, which keep their first date. The seven
    days count from the day of the run, also for a digest of a past date.
    """
    today = max(artifact.date, artifact.generated_at.date())
    since = {retry.paper.id: retry.since for retry in retried}
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


def _load_json(path: Path) -> Any:
    # Not validated: a run may read a year of reports, and validation would take ten times as long.
    hint = DAMAGED_HINT.format(path=path)
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DigestError(f"is not JSON ({error})", path=str(path), hint=hint) from None
    except OSError as error:
        raise DigestError(f"cannot be read: {error.strerror}", path=str(path), hint=hint) from None


@dataclass(frozen=True)
class _State:
    """The ledger while reports are added to it, oldest first."""

    entries: Entries
    through: dict[str, dt.date] = field(default_factory=dict)
    failing: dict[str, dt.date] = field(default_factory=dict)


def _add_report(raw: Any, date: dt.date, path: Path, state: _State) -> None:
    """Add one report; its entries replace those of older reports. Raises DigestError if it has another structure."""
    try:
        pending = {paper["id"]: Pending.model_validate(paper) for paper in raw["pending"]}
        for candidate in raw["candidates"]:
            entry = state.entries.get(candidate["id"])
            if candidate["outcome"] != "seen" and (entry is None or entry.on <= date):
                state.entries.from_reports[candidate["id"]] = Entry(
                    on=date,
                    score=candidate["score"],
                    outcome=candidate["outcome"],
                    pending=pending.get(candidate["id"]),
                )
        for source in raw["sources"]:
            if source["status"] == "failed":
                state.failing.setdefault(source["name"], date)
            elif source["through"]:
                day = dt.date.fromisoformat(source["through"])
                state.through[source["name"]] = max(day, state.through.get(source["name"], day))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        message = f"is not a report of schema version 1 ({type(error).__name__}: {error})"
        raise DigestError(message, path=str(path), hint=DAMAGED_HINT.format(path=path)) from None
