"""What the committed reports say, as far as the pages that span days need it. Standard library only."""

from __future__ import annotations

import datetime as dt
import glob
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.report import labels
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog, load

SCHEMA_VERSION = 1
REPORTS = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].json"
_REPOSITORY = re.compile(
    r"https://github\.com/([A-Za-z0-9-]{1,39})/([A-Za-z0-9._-]{1,100})/actions/runs/[0-9]+"
)


class DamagedReportError(ValueError):
    """Reports that cannot be read, each named with what is wrong. Nothing was written."""


@dataclass(frozen=True)
class Picked:
    """A pick, as an index shows it."""

    id: str
    title: str
    headline: str
    hook: str
    url: str
    score: int | None
    rank: int | None
    mark: str
    anchor: str

    @property
    def name(self) -> str:
        """The headline, or the title while there is none."""
        return self.headline or self.title


@dataclass(frozen=True)
class Judged:
    """A candidate's line in `seen.tsv`. `pending` is the stage that is still to be done, or empty."""

    id: str
    score: int | None
    outcome: str
    pending: str
    judged_by: str


@dataclass(frozen=True)
class Day:
    """One digest. `generated_at` is the text of the JSON, an ISO time in UTC."""

    date: dt.date
    title: str
    language: str
    local: bool
    threshold: int
    generated_at: str
    run_url: str
    picks: tuple[Picked, ...]
    candidates: tuple[Judged, ...]

    @property
    def words(self) -> Catalog:
        """The words of the digest's own language."""
        return load(self.language)

    @property
    def path(self) -> str:
        """The page, from the profile's folder."""
        return f"{self.date:%Y/%m}/{self.date.isoformat()}.md"

    @property
    def scanned(self) -> int:
        """How many candidates were looked at for the first time."""
        return len(self.candidates)

    @property
    def unscored(self) -> bool:
        """Whether nothing at all could be judged."""
        return bool(self.candidates) and all(c.outcome == "unscored" for c in self.candidates)

    @property
    def repository(self) -> tuple[str, str] | None:
        """Owner and name of the repository whose run made the digest, if a run on GitHub did."""
        match = _REPOSITORY.fullmatch(self.run_url)
        return (match[1], match[2]) if match else None


def find(folder: Path) -> dict[str, str]:
    """Every report's JSON by its path from the profile's folder, oldest first, with the SHA-256 of its bytes.

    A clone gives every file the time of the cloning, so only the bytes can tell whether a report has changed.
    """
    return {name: sha256(folder / name) for name in names(folder)}


def names(folder: Path) -> list[str]:
    """Every report's JSON by its path from the profile's folder, oldest first."""
    found = glob.glob(REPORTS, root_dir=folder)  # noqa: PTH207 - a third of the time, and every run does it
    return sorted(found, key=lambda name: name.rpartition("/")[2])


def sha256(path: Path) -> str:
    """The hash by which a report is known."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def month(name: str) -> str:
    """The month of a report's name, `YYYY/MM`: the folder of its page."""
    return name[:7]


def read(folder: Path, names: Iterable[str]) -> dict[str, Day]:
    """These digests of a profile's folder, by their names in `find`.

    Raises DamagedReportError when any of them is not a report: an index without that day's row would say that
    there never was one.
    """
    days: dict[str, Day] = {}
    damaged: list[str] = []
    for name in names:
        path = folder / name
        try:
            days[name] = _day(json.loads(path.read_bytes()), path)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            damaged.append(
                f"{path.relative_to(folder.parent.parent).as_posix()} ({type(error).__name__}: {error})"
            )
    if damaged:
        raise DamagedReportError(f"not a report of schema version {SCHEMA_VERSION}: {'; '.join(damaged)}")
    return days


def _day(raw: dict[str, Any], path: Path) -> Day:
    """One report, checked as far as it is used."""
    if raw["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {raw['schema_version']!r}")
    date = dt.date.fromisoformat(raw["date"])
    if (
        path.stem != raw["date"]
        or path.parent.name != f"{date:%m}"
        or path.parent.parent.name != f"{date:%Y}"
    ):
        raise ValueError(f"it is the report of {raw['date']}")
    dt.datetime.fromisoformat(raw["generated_at"])
    local, t = raw["engine"] == "local", load(str(raw["language"]))
    ranks = {one["id"]: one["rank"] for one in raw["candidates"]}
    return Day(
        date=date,
        title=clean(raw["title"]),
        language=str(raw["language"]),
        local=local,
        threshold=int(raw["threshold"]),
        generated_at=raw["generated_at"],
        run_url=raw["run_url"] or "",
        picks=tuple(_picked(one, ranks.get(one["id"]), t, local=local) for one in raw["picks"]),
        candidates=_judged(raw["candidates"], {one["id"]: one["stage"] for one in raw["pending"]}),
    )


def _picked(raw: dict[str, Any], rank: int | None, t: Catalog, *, local: bool) -> Picked:
    title = labels.shown_title(raw["title"]) or clean(raw["id"])
    return Picked(
        id=clean(raw["id"]),
        title=title,
        headline="" if local else clean(raw["headline"]),
        hook=clean(raw["hook"]),
        url=str(raw["url"]),
        score=None if raw["score"] is None else int(raw["score"]),
        rank=rank,
        mark=labels.mark(t, raw["score"], rank, local=local),
        anchor=labels.anchor(raw["id"]),
    )


def _judged(candidates: Sequence[dict[str, Any]], pending: dict[str, str]) -> tuple[Judged, ...]:
    return tuple(
        Judged(
            id=clean(one["id"]),
            score=None if one["score"] is None else int(one["score"]),
            outcome=clean(one["outcome"]),
            pending=clean(pending.get(one["id"], "")),
            judged_by=str(one["judged_by"]),
        )
        for one in candidates
        if one["outcome"] != "seen"
    )
