"""Ledger of a profile's committed reports: which papers were judged, which are pending, how far sources were read.

The reports' JSON is authoritative; `seen.tsv` beside it is derived from it, as a fast index. Ids are canonical (no
version), so a paper is judged once per profile, however often and in whatever version sources list it again.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pipeline.core.artifacts import Artifact, Candidate, Digest, Retry
from pipeline.core.errors import DigestError
from pipeline.core.models import Outcome, Pending, Verdict
from pipeline.core.stage_names import Stage
from pipeline.core.store import parse_artifact, parse_json, read_bytes, report_path
from pipeline.core.upgrade import SCHEMA_VERSION, upgrade

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


class Feed(NamedTuple):
    """State of a feed in the newest report: the first digest's date that read it, and the ids of entries that wait."""

    first_read: dt.date | None  # None in a report of an older version of the program
    waiting: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """State of one profile, as its committed reports record it.

    `entries`: by paper id. `through`: by source, the watermark that the newest report carries; in reports of older
    versions the last day that was read without failure. `failing`: by source, the first report date since then on which
    it was not read in full. `read`: by source, the dates of recent reports that read their own day in full. `dates`: all
    report dates, oldest first. `feeds`: by source name, from the newest report.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
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
        settled = entry is not None and entry.pending is None and entry.outcome != "prefiltered"
        return entry if settled else None

    def pending(self) -> tuple[Pending, ...]:
        """Return all pending papers, oldest first."""
        papers = (entry.pending for entry in self.entries.values() if entry.pending is not None)
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

    `seen.tsv` replaces the older reports if it was made from as many reports as there are. Reports of the last eight
    days are read in any case, and older ones back to the newest that tells how far a source was read (that of a past
    date does not); so are those with pending papers. Raises DigestError if a report that is read is damaged.
    """
    files = {date: path for date, path in report_files(reports, profile) if date != exclude}
    count = len(files) + (exclude is not None and report_path(reports, profile, exclude).exists())
    entries: dict[str, Entry] = {}
    needed = set(files)
    if files and (listed := _seen_entries(reports / profile / "seen.tsv", count, exclude)):
        entries, pending_dates = listed
        recent = max(files) - dt.timedelta(days=RECENT_DAYS)
        needed = {date for date in files if date > recent or date in pending_dates}
    progress = _Progress()
    feeds: dict[str, Feed] = {}
    for date in sorted(needed):
        feeds = _add_report(files[date], date, entries, progress)
    for date in sorted(files.keys() - needed, reverse=True):
        if progress.through or progress.failing:
            break
        _add_report(files[date], date, {}, progress)
    read = {name: frozenset(days) for name, days in progress.read.items()}
    return Ledger(entries, progress.through, progress.failing, read, tuple(files), feeds)


def _seen_entries(
    tsv: Path, digests: int, exclude: dt.date | None
) -> tuple[dict[str, Entry], set[dt.date]] | None:
    """Read `seen.tsv` without the lines of one date: the newest entry of each paper, and all dates with a pending one.

    The entries have no pending stage: a line does not hold the reason. Returns None if the file is missing, was made
    from another number of digests, or was edited.
    """
    try:
        head, _, body = tsv.read_bytes().partition(b"\n")
        header = dict(pair.split("=", 1) for pair in head.decode().removeprefix("#").split())
        expected = {"seen": "1", "digests": str(digests), "sha256": hashlib.sha256(body).hexdigest()}
        if not expected.items() <= header.items():
            return None
        lines = (line.split("\t") for line in body.decode().splitlines())
        ordered = sorted(lines, key=lambda line: line[3] != "prefiltered")  # see `_replaces`; else by date
        newest = {line[0]: line for line in ordered if line[1] != str(exclude)}
        entries = {
            key: Entry(dt.date.fromisoformat(on), int(score) if score else None, OUTCOMES[outcome], None)
            for key, on, score, outcome, _, _ in newest.values()
        }
    except (OSError, ValueError, LookupError):
        return None
    return entries, {entries[key].on for key, line in newest.items() if line[4]}


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
    data = read_bytes(path, hint=hint)
    return None if data is None else parse_artifact(data, Digest, path=str(path), hint=hint)


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


@dataclass(frozen=True)
class _Progress:
    """How far the sources were read, as `Ledger` has it; reports are added oldest first."""

    through: dict[str, dt.date] = field(default_factory=dict)
    failing: dict[str, dt.date] = field(default_factory=dict)
    read: dict[str, set[dt.date]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)

    def add_candidate(self, candidate: Mapping[str, Any]) -> None:
        """Take back that a day was read in full if a paper announced on it is listed by a later report first.

        A feed can have repeated the list of a night without a run under the next day's date.
        """
        if candidate["outcome"] == "seen" or candidate["id"] in self.listed:
            return
        self.listed.add(candidate["id"])
        for name, signal in candidate.get("signals", {}).items():
            if name in self.read and signal.get(
                "announced_as"
            ):  # else looked up, which says nothing of a list
                self.read[name].discard(dt.date.fromisoformat(signal["day"]))

    def add(self, source: Mapping[str, Any], date: dt.date) -> None:
        """Add the status of a source in the report of a date. Raises what a malformed status raises."""
        name = source["name"]
        through = dt.date.fromisoformat(source["through"]) if source["through"] else None
        if through == date:
            self.read.setdefault(name, set()).add(date)
        if "watermark" in source or "first_failure" in source:
            for carried, key in ((self.through, "watermark"), (self.failing, "first_failure")):
                carried.pop(name, None)
                if key in source:
                    carried[name] = dt.date.fromisoformat(source[key])
        elif source["status"] == "failed":
            self.failing.setdefault(name, date)
        elif through:
            self.through[name] = max(through, self.through.get(name, through))


def _add_report(path: Path, date: dt.date, entries: dict[str, Entry], progress: _Progress) -> dict[str, Feed]:
    """Read one report and add it to the ledger's fields; its entries replace those of older reports.

    Returns the state of the feeds in it. Raises DigestError if it is damaged. It is not validated: a run may read a
    year of reports, and validation would take ten times as long.
    """
    hint = DAMAGED_HINT.format(path=path)
    raw = upgrade(parse_json(read_bytes(path, hint=hint) or b"", path=str(path), hint=hint))
    try:
        pending = {paper["id"]: Pending.model_validate(paper) for paper in raw["pending"]}
        of_past_date = raw.get("generated_at", "")[:10] > date.isoformat()
        for candidate in raw["candidates"]:
            if not of_past_date:
                progress.add_candidate(candidate)
            key = candidate["id"]
            new = Entry(date, candidate["score"], candidate["outcome"], pending.get(key))
            if new.outcome != "seen" and (key not in entries or _replaces(new, entries[key])):
                entries[key] = new
        feeds: dict[str, Feed] = {}
        for source in raw["sources"]:
            if "first_read" in source:
                # Two feeds may differ in their query alone, and then share a name.
                before = feeds.get(source["name"], Feed(None, ()))
                day = dt.date.fromisoformat(source["first_read"])
                feeds[source["name"]] = Feed(day, (*before.waiting, *source.get("waiting", ())))
            if not of_past_date:  # a run of a past date moves no watermark
                progress.add(source, date)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        message = f"is not a report of schema version {SCHEMA_VERSION} ({type(error).__name__}: {error})"
        raise DigestError(message, path=str(path), hint=hint) from None
    return feeds


def _replaces(new: Entry, old: Entry) -> bool:
    """Whether an entry replaces another: the newer one does, but `prefiltered` judges nothing and replaces no judgment."""
    return old.on <= new.on and (new.outcome != "prefiltered" or old.outcome == "prefiltered")
