"""Read the fields of the committed reports that the files spanning days need."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.upgrade import SCHEMA_VERSION, upgrade
from pipeline.report import labels
from pipeline.report.escape import clean
from pipeline.report.export import Mention, Reference
from pipeline.report.i18n import Catalog, load

REPORTS = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].json"
_REPOSITORY = re.compile(
    r"https://github\.com/([A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100})/actions/runs/[0-9]+"
)


class DamagedReportError(ValueError):
    """Reports cannot be read; the message names each with its error. Nothing was written."""


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
class CandidateRecord:
    """A candidate, with the values of its line in `seen.tsv`. `pending` is the next stage to run, or empty."""

    id: str
    score: int | None
    outcome: str
    pending: str
    judged_by: str


@dataclass(frozen=True)
class Day:
    """One digest. `generated_at` is in UTC; `repository` is the `owner/name` whose run made it, empty for other runs."""

    date: dt.date
    title: str
    language: str
    local: bool
    threshold: int
    generated_at: dt.datetime
    repository: str
    picks: tuple[PickRecord, ...]
    candidates: tuple[CandidateRecord, ...]
    references: tuple[Reference, ...]  # the picks, then the shortlisted papers

    @property
    def catalog(self) -> Catalog:
        """The messages in the language of this digest."""
        return load(self.language)

    @property
    def path(self) -> str:
        """The path of the page, relative to the profile's folder."""
        return f"{self.date:%Y/%m}/{self.date.isoformat()}.md"

    @property
    def scanned(self) -> int:
        """The number of candidates that no earlier digest has scored."""
        return len(self.candidates)

    @property
    def result(self) -> str:
        """The result of the day in a few words."""
        if self.picks:
            return self.catalog("index.picked", picked=len(self.picks), scanned=self.scanned)
        if self.candidates and all(c.outcome == "unscored" for c in self.candidates):
            return self.catalog("index.unscored")
        return self.catalog("index.none_local" if self.local else "index.none", threshold=self.threshold)


def report_hashes(folder: Path) -> dict[str, str]:
    """Map the path of each JSON report, relative to the profile's folder, to its SHA-256; oldest first.

    Modification times do not tell whether a report has changed: a clone sets all of them to the current time.
    """
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob(REPORTS))
    }


def month(name: str) -> str:
    """Return the month of a report's path, `YYYY/MM`: the folder of its page."""
    return name[:7]


def read(folder: Path, names: Iterable[str]) -> dict[str, Day]:
    """Read the reports with these names, the keys of `report_hashes`, from a profile's folder.

    Raises DamagedReportError if any of them is not a valid report: an index without its row would claim that the
    day had no digest.
    """
    days: dict[str, Day] = {}
    damaged: list[str] = []
    for name in names:
        path = folder / name
        try:
            days[name] = _parse_day(upgrade(json.loads(path.read_bytes())), path)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            damaged.append(
                f"{path.relative_to(folder.parent.parent).as_posix()} ({type(error).__name__}: {error})"
            )
    if damaged:
        raise DamagedReportError(f"not a report of schema version {SCHEMA_VERSION}: {'; '.join(damaged)}")
    return days


def _parse_day(raw: dict[str, Any], path: Path) -> Day:
    """Parse one report. Only the fields that are used are checked."""
    if raw["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {raw['schema_version']!r}")
    date = dt.date.fromisoformat(raw["date"])
    if (
        path.stem != raw["date"]
        or path.parent.name != f"{date:%m}"
        or path.parent.parent.name != f"{date:%Y}"
    ):
        raise ValueError(f"it is the report of {raw['date']}")
    local, t = raw["engine"] == "local", load(str(raw["language"]))
    repository = _REPOSITORY.fullmatch(raw["run_url"] or "")
    ranks = {candidate["id"]: candidate["rank"] for candidate in raw["candidates"]}
    page = _page_address(path, repository[1] if repository else "")
    return Day(
        date=date,
        title=clean(raw["title"]),
        language=str(raw["language"]),
        local=local,
        threshold=int(raw["threshold"]),
        generated_at=dt.datetime.fromisoformat(raw["generated_at"]).astimezone(dt.UTC),
        repository=repository[1] if repository else "",
        picks=tuple(_parse_pick(pick, ranks.get(pick["id"]), t, local=local) for pick in raw["picks"]),
        candidates=_parse_candidates(
            raw["candidates"], {entry["id"]: entry["stage"] for entry in raw["pending"]}
        ),
        references=_parse_references(raw, date, page),
    )


def _page_address(path: Path, repository: str) -> str:
    """Return the URL of a report's page on GitHub, or its path from the folder above all reports."""
    page = "/".join(path.with_suffix(".md").parts[-5:])
    return f"https://github.com/{repository}/blob/HEAD/{page}" if repository else page


def _parse_references(raw: dict[str, Any], date: dt.date, page: str) -> tuple[Reference, ...]:
    listed = {
        candidate["id"]: min((signal["day"] for signal in candidate["signals"].values()), default=raw["date"])
        for candidate in raw["candidates"]
    }
    shortlist = [candidate for candidate in raw["candidates"] if candidate["outcome"] == "shortlisted"]

    def reference(paper: dict[str, Any], *, picked: bool) -> Reference:
        address = f"{page}#{labels.anchor(paper['id'])}" if picked else page
        venue = paper.get("venue") or {"source": "", "text": ""}
        return Reference(
            id=paper["id"],
            title=paper["title"],
            url=paper["url"],
            authors=tuple(paper["authors"]),
            more_authors=int(paper["more_authors"]),
            listed=dt.date.fromisoformat(listed.get(paper["id"], raw["date"])),
            mentions=(Mention(date, address, paper["score"], picked),),
            doi=paper.get("doi", ""),
            categories=tuple(paper.get("categories", ())),
            publication=venue["text"] if venue["source"] == "journal_ref" else "",
            comment=venue["text"] if venue["source"] == "comments" else "",
        )

    return (
        *(reference(pick, picked=True) for pick in raw["picks"]),
        *(reference(candidate, picked=False) for candidate in shortlist),
    )


def _parse_pick(raw: dict[str, Any], rank: int | None, t: Catalog, *, local: bool) -> PickRecord:
    return PickRecord(
        id=clean(raw["id"]),
        title=labels.display_title(raw["title"]) or clean(raw["id"]),
        headline="" if local else clean(raw["headline"]),
        hook=clean(raw["hook"]),
        url=str(raw["url"]),
        score=None if raw["score"] is None else int(raw["score"]),
        score_label=labels.score_label(t, raw["score"], rank, local=local),
        anchor=labels.anchor(raw["id"]),
    )


def _parse_candidates(
    candidates: Sequence[dict[str, Any]], pending: dict[str, str]
) -> tuple[CandidateRecord, ...]:
    return tuple(
        CandidateRecord(
            id=clean(candidate["id"]),
            score=None if candidate["score"] is None else int(candidate["score"]),
            outcome=clean(candidate["outcome"]),
            pending=clean(pending.get(candidate["id"], "")),
            judged_by=str(candidate["judged_by"]),
        )
        for candidate in candidates
        if candidate["outcome"] != "seen"
    )
