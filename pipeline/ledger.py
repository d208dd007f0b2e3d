"""What the committed reports already know: who was judged, who is pending, how far each source was read.

The reports' JSON is the truth; `seen.tsv` beside them is made from it, for reading it fast. Ids are canonical (no version), so a paper is judged
once per profile, whatever lists it again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pipeline.artifacts import Candidate, Digest, parse, report_path
from pipeline.errors import DigestError
from pipeline.models import Outcome, Pending, Verdict

GIVE_UP_AFTER = dt.timedelta(days=7)
WEEK_AND_A_DAY = 8
OUTCOMES: Mapping[str, Outcome] = {one: one for one in get_args(Outcome)}
MENDING = "restore it with `git checkout -- {path}`, or remove it to have that day judged again"


class Entry(NamedTuple):
    """The last word on a paper: the digest that judged it, how, and whether something is still to be done."""

    on: dt.date
    score: int | None
    outcome: Outcome
    pending: Pending | None


@dataclass(frozen=True)
class Ledger:
    """One profile's past. `through` is, by source, the last day that was read without failure."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    through: Mapping[str, dt.date] = field(default_factory=dict)
    dates: tuple[dt.date, ...] = ()

    def before(self, date: dt.date) -> dt.date | None:
        """The newest report before that date."""
        return max((one for one in self.dates if one < date), default=None)

    def judged(self, paper_id: str) -> Entry | None:
        """The entry of a paper that needs no further work, or None."""
        entry = self.entries.get(paper_id)
        return entry if entry is not None and entry.pending is None else None

    def pending(self) -> tuple[Pending, ...]:
        """Everything that is still to be done, oldest first."""
        found = (entry.pending for entry in self.entries.values() if entry.pending is not None)
        return tuple(sorted(found, key=lambda one: (one.since, one.id)))


def load(reports: Path, profile: str, *, but: dt.date | None = None) -> Ledger:
    """The ledger of all committed reports of a profile, but for the one of the date `but`.

    `seen.tsv` is read in place of the older reports, if it was made from as many as there are.
    """
    files = {date: path for date, path in report_files(reports, profile) if date != but}
    entries, lately = _listed(reports / profile / "seen.tsv", files, but)
    through: dict[str, dt.date] = {}
    for date, path in files.items():
        if date in lately:
            _take(_load(path), date, path, entries, through)
    return Ledger(entries=entries, through=through, dates=tuple(files))


def _listed(
    tsv: Path, files: Mapping[dt.date, Path], but: dt.date | None
) -> tuple[dict[str, Entry], frozenset[dt.date]]:
    """What `seen.tsv` says, and the dates whose reports have to be read all the same.

    Those of the last week, for the sources' watermarks, of which none is of use once it is older; and those
    with something pending. If the list is missing or counts other reports than there are: all.
    """
    try:
        head, *lines = tsv.read_text("utf-8").splitlines()
        said = dict(pair.split("=", 1) for pair in head.removeprefix("#").split())
        count = len(files) + (
            but is not None and report_path(tsv.parent.parent, tsv.parent.name, but).exists()
        )
        if (
            said.get("seen") != "1"
            or said.get("digests") != str(count)
            or said.get("lines") != str(len(lines))
        ):
            return {}, frozenset(files)
        entries: dict[str, Entry] = {}
        owed: dict[str, dt.date | None] = {}  # by the newest line of each paper
        lately = {date for date in files if date > max(files) - dt.timedelta(days=WEEK_AND_A_DAY)}
        for line in lines:
            key, day, score, outcome, pending, _ = line.split("\t")
            date = dt.date.fromisoformat(day)
            if date != but:
                # Five years of days are 100,000 lines: they are ours, so they are not validated one by one.
                entries[key] = Entry(
                    on=date, score=int(score) if score else None, outcome=OUTCOMES[outcome], pending=None
                )
                owed[key] = date if pending else None
    except (OSError, ValueError, KeyError):
        return {}, frozenset(files)
    return entries, frozenset(lately | {date for date in owed.values() if date})


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
    if not path.exists():
        return None
    return parse(path.read_bytes(), Digest, path=str(path), hint=MENDING.format(path=path))


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
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise DigestError(f"is not JSON ({error})", path=str(path), hint=MENDING.format(path=path)) from None


def _take(
    raw: Any, date: dt.date, path: Path, entries: dict[str, Entry], through: dict[str, dt.date]
) -> None:
    """Enter one report over the older ones."""
    try:
        pending = {one["id"]: Pending.model_validate(one) for one in raw["pending"]}
        for one in raw["candidates"]:
            newer = entries.get(one["id"])
            if one["outcome"] != "seen" and (newer is None or newer.on <= date):
                entries[one["id"]] = Entry(
                    on=date, score=one["score"], outcome=one["outcome"], pending=pending.get(one["id"])
                )
        for source in raw["sources"]:
            if source["status"] != "failed" and source["through"]:
                day = dt.date.fromisoformat(source["through"])
                through[source["name"]] = max(day, through.get(source["name"], day))
    except (KeyError, TypeError, ValueError) as error:
        message = f"is not a report of schema version 1 ({type(error).__name__}: {error})"
        raise DigestError(message, path=str(path), hint=MENDING.format(path=path)) from None
