"""What the committed reports already know: who was judged, who is pending, how far each source was read.

The reports' JSON is the truth; `seen.tsv` beside them is made from it, for reading it fast. Ids are canonical (no
version), so a paper is judged once per profile, whatever lists it again.
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
from pipeline.core.store import parse, report_path

GIVE_UP_AFTER = dt.timedelta(days=7)
WEEK_AND_A_DAY = 8
OUTCOMES: Mapping[str, Outcome] = {one: one for one in get_args(Outcome)}
MENDING = "restore it with `git checkout -- {path}`, or remove it to have that one day judged again"


class Entry(NamedTuple):
    """The last word on a paper: the digest that judged it, how, and whether something is still to be done."""

    on: dt.date
    score: int | None
    outcome: Outcome
    pending: Pending | None


@dataclass(frozen=True)
class Ledger:
    """One profile's past.

    By source, `through` is the last day that was read without failure, `failing` the first on which it failed, of
    those days that were looked at. `unsettled` are the ids among which those that are pending are; None stands for all.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    through: Mapping[str, dt.date] = field(default_factory=dict)
    failing: Mapping[str, dt.date] = field(default_factory=dict)
    dates: tuple[dt.date, ...] = ()
    unsettled: Collection[str] | None = field(default=None, compare=False)

    def before(self, date: dt.date) -> dt.date | None:
        """The newest report before that date."""
        return max((one for one in self.dates if one < date), default=None)

    def read_up_to(self) -> dict[str, dt.date]:
        """By source, the last day that is covered; for one that was never read, the day before its first failure."""
        before = {name: day - dt.timedelta(days=1) for name, day in self.failing.items()}
        return {**before, **self.through}

    def judged(self, paper_id: str) -> Entry | None:
        """The entry of a paper that needs no further work, or None."""
        entry = self.entries.get(paper_id)
        return entry if entry is not None and entry.pending is None else None

    def pending(self) -> tuple[Pending, ...]:
        """Everything that is still to be done, oldest first."""
        among = self.entries if self.unsettled is None else self.unsettled
        found = (pending for key in among if (pending := self.entries[key].pending) is not None)
        return tuple(sorted(found, key=lambda one: (one.since, one.id)))

    def left_by(self, date: dt.date) -> tuple[Pending, ...]:
        """What the report of that date left to be done, and no later one has settled."""
        return tuple(one for one in self.pending() if self.entries[one.id].on == date)

    def due(self, date: dt.date) -> tuple[Pending, ...]:
        """What reports before that date left to be done, and has not been tried for more than a week."""
        return tuple(
            one
            for one in self.pending()
            if self.entries[one.id].on < date and date - one.since <= GIVE_UP_AFTER
        )

    def given_up(self, date: dt.date) -> tuple[Pending, ...]:
        """What has passed the seven days since the report before that date."""
        before = self.before(date)
        return tuple(
            one
            for one in self.pending()
            if self.entries[one.id].on < date and date - one.since > GIVE_UP_AFTER
            if before is None or before - one.since <= GIVE_UP_AFTER
        )


class Entries(Mapping[str, Entry]):
    """What reports say of their papers; of all others, the newest line of each in `seen.tsv`.

    Five years of days are 100,000 lines, of which a night asks for a hundred: a line is taken apart when it
    is asked for. Whatever is pending must be in `read`, since a line does not say why.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.read: dict[str, Entry] = {}
        self._lines = {line.partition("\t")[0]: line for line in lines}

    def __getitem__(self, key: str) -> Entry:
        if key in self.read:
            return self.read[key]
        _, day, score, outcome, _, _ = self._lines[key].split("\t")
        on = dt.date.fromisoformat(day)
        return Entry(on=on, score=int(score) if score else None, outcome=OUTCOMES[outcome], pending=None)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._lines, **self.read})

    def __len__(self) -> int:
        return len(self._lines.keys() | self.read.keys())

    def owing(self) -> set[dt.date]:
        """The dates of the lines with something pending."""
        owed = (line for line in self._lines.values() if line.rsplit("\t", 2)[1])
        return {dt.date.fromisoformat(line.split("\t", 2)[1]) for line in owed}


def load(reports: Path, profile: str, *, but: dt.date | None = None) -> Ledger:
    """The ledger of all committed reports of a profile, but for the one of the date `but`.

    `seen.tsv` is read in place of the older reports, if it was made from as many as there are. Read all the
    same are those of the last week, for how far the sources were read, and those with something pending.
    """
    files = {date: path for date, path in report_files(reports, profile) if date != but}
    count = len(files) + (but is not None and report_path(reports, profile, but).exists())
    lines = _lines(reports / profile / "seen.tsv", count)
    left_out = f"\t{but}\t"
    entries = Entries(line for line in lines or () if left_out not in line)
    needed = set(files)
    if lines is not None and files:
        week = max(files) - dt.timedelta(days=WEEK_AND_A_DAY)
        needed = {date for date in files if date > week} | entries.owing()
    read = _Read(entries)
    for date, path in files.items():
        if date in needed:
            _take(_load(path), date, path, read)
    return Ledger(entries, read.through, read.failing, tuple(files), unsettled=entries.read)


def _lines(tsv: Path, digests: int) -> list[str] | None:
    """The lines of `seen.tsv`; None if it is missing, was made from more or fewer digests, or changed since."""
    try:
        head, _, body = tsv.read_bytes().partition(b"\n")
        said = dict(pair.split("=", 1) for pair in head.decode().removeprefix("#").split())
    except (OSError, ValueError):
        return None
    right = {"seen": "1", "digests": str(digests), "sha256": hashlib.sha256(body).hexdigest()}
    return body.decode().splitlines() if right.items() <= said.items() else None


def report_files(reports: Path, profile: str) -> Iterator[tuple[dt.date, Path]]:
    """Every report's JSON of a profile with its date, oldest first."""
    pattern = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].json"
    for path in sorted((reports / profile).glob(pattern), key=lambda path: path.stem):
        try:
            date = dt.date.fromisoformat(path.stem)
        except ValueError:
            raise DigestError("is not named by a date", path=str(path), hint="remove it") from None
        yield date, path


def read_report(reports: Path, profile: str, date: dt.date) -> Digest | None:
    """The committed digest of one date, or None. Raises DigestError if it is damaged."""
    path = report_path(reports, profile, date)
    hint = MENDING.format(path=path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DigestError(f"cannot be read: {error.strerror}", path=str(path), hint=hint) from None
    return parse(data, Digest, path=str(path), hint=hint)


def still_owed(
    stage: Stage, failed: Mapping[str, str], retried: Collection[Retry], made: Artifact
) -> tuple[Pending, ...]:
    """What a run could not do, by id with the reason, since it was first tried; not what has been tried for a week.

    A digest of a past date tries on the day that it is made: the week of what it leaves begins there.
    """
    today = max(made.date, made.generated_at.date())
    since = {one.paper.id: one.since for one in retried}
    return tuple(
        Pending(id=key, stage=stage, reason=reason, since=since.get(key, today))
        for key, reason in failed.items()
        if today - since.get(key, today) < GIVE_UP_AFTER
    )


def verdict_of(candidate: Candidate) -> Verdict:
    """The verdict that a report kept of a candidate."""
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


def _load(path: Path) -> Any:
    # Plain JSON: a year of reports is read on every run, and validation would cost ten times as much.
    hint = MENDING.format(path=path)
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DigestError(f"is not JSON ({error})", path=str(path), hint=hint) from None
    except OSError as error:
        raise DigestError(f"cannot be read: {error.strerror}", path=str(path), hint=hint) from None


@dataclass(frozen=True)
class _Read:
    """What the reports read so far say, oldest first; filled in report by report."""

    entries: Entries
    through: dict[str, dt.date] = field(default_factory=dict)
    failing: dict[str, dt.date] = field(default_factory=dict)


def _take(raw: Any, date: dt.date, path: Path, read: _Read) -> None:
    """Enter one report over the older ones."""
    try:
        pending = {one["id"]: Pending.model_validate(one) for one in raw["pending"]}
        for one in raw["candidates"]:
            newer = read.entries.get(one["id"])
            if one["outcome"] != "seen" and (newer is None or newer.on <= date):
                read.entries.read[one["id"]] = Entry(
                    on=date, score=one["score"], outcome=one["outcome"], pending=pending.get(one["id"])
                )
        for source in raw["sources"]:
            if source["status"] == "failed":
                read.failing.setdefault(source["name"], date)
            elif source["through"]:
                day = dt.date.fromisoformat(source["through"])
                read.through[source["name"]] = max(day, read.through.get(source["name"], day))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        message = f"is not a report of schema version 1 ({type(error).__name__}: {error})"
        raise DigestError(message, path=str(path), hint=MENDING.format(path=path)) from None
