"""Month index of a profile, `YYYY/MM/index.json`: one entry per digest and one row per judged candidate of a month.

It is made from the reports of its month alone, and everything that spans days is made from the month indexes. The file
is JSON with one value per line, so that a new digest adds lines and git stores only these:

    {"format": 1, "profile": …, "month": "2026-01", "fields": […], "sha256": …, "digests": [
    {"date": "2026-01-30", …},
    …
    ], "candidates": [
    ["2601.20465", "Title", "First Author", 4, "2026-01-30", 72, 3, "shortlisted", …],
    …
    ]}

Rows are in order of date, then as in the report; candidates with the outcome `seen` have their row in an earlier digest.
`sha256` is that of the rows, so that an index which was edited or merged by hand is not used.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from pipeline.core.errors import DigestError
from pipeline.core.models import Count, Engine, Omitted, Pending, SourceStatus, Usd, Value
from pipeline.core.store import parse_json, read_bytes
from pipeline.core.upgrade import SCHEMA_VERSION, upgrade

FORMAT = 1  # increase with every change that makes other rows or entries of the same reports
FILE = "index.json"
REPORT_NAMES = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].json"
MONTHS = "[0-9][0-9][0-9][0-9]/[0-9][0-9]"
ARXIV_PAGE = "https://arxiv.org/abs/"  # a row omits the address of a paper that has its page here
DAMAGED_HINT = "restore it with `git checkout -- {path}`, or remove it to have that one day judged again"
_REPOSITORY = re.compile(
    r"https://github\.com/([A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100})/actions/runs/[0-9]+"
)
_BETWEEN, _END = b'\n], "candidates": [\n', b"\n]}\n"
_DATED = re.compile(r"(.+)@([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)


class Row(NamedTuple):
    """One candidate of a digest. A row of the file is this list, without empty values at its end."""

    id: str
    title: str  # as the page shows it
    author: str  # the first; empty if the source names none
    authors: int  # their number
    date: str  # of the digest, YYYY-MM-DD
    score: int | None  # 0-100; None without a model
    rank: int | None  # by BM25, from 1
    outcome: str
    reason: str = ""
    # Names of the sources that list it, parted by blanks; `arxiv@2026-01-29` if arXiv announced it before the digest's date.
    sources: str = ""
    flags: str = ""  # parted by blanks
    text: str = ""  # headline of a pick, brief of a shortlisted paper
    hook: str = ""  # of a pick
    url: str = ""  # of its page, if that is not `ARXIV_PAGE` and its id

    @property
    def page(self) -> str:
        """The address of the paper's page."""
        return self.url or ARXIV_PAGE + self.id

    @property
    def announced(self) -> dict[str, dt.date]:
        """By source, the day before the digest's date on which it announced the paper."""
        dated = (_DATED.fullmatch(name) for name in self.sources.split())
        return {found[1]: dt.date.fromisoformat(found[2]) for found in dated if found}


class DigestEntry(Value):
    """One digest of the month. `repository` is the `owner/name` whose run made it; empty for other runs."""

    date: dt.date
    title: str
    language: str
    engine: Engine
    threshold: int
    generated_at: dt.datetime
    repository: Omitted[str] = ""
    sha256: str  # of the report's bytes
    bytes: int  # of the report
    scanned: Count  # candidates without those that an earlier digest has judged: the number of rows
    picked: Count
    shortlisted: Count
    unscored: Count
    usd: Usd | None  # None if a model's price is not known
    sources: tuple[SourceStatus, ...]
    pending: tuple[Pending, ...]

    @property
    def of_past_date(self) -> bool:
        """Whether the digest was made after its date, and so moves no watermark."""
        return self.generated_at.date() > self.date


class _Header(Value):
    """The file without its rows."""

    format: Literal[1]
    profile: str
    month: str
    pages: str
    fields: tuple[str, ...]
    sha256: str
    digests: tuple[DigestEntry, ...]


@dataclass(frozen=True)
class MonthIndex:
    """The digests of a month, oldest first, and its rows as lines of JSON, which are parsed when they are needed.

    `pages` is the version of the program and its words that made the pages beside the index.
    """

    profile: str
    month: str  # YYYY-MM
    digests: tuple[DigestEntry, ...]
    lines: tuple[bytes, ...]
    pages: str = ""

    def rows(self) -> list[Row]:
        """Parse all rows."""
        return [parse_row(line) for line in self.lines]

    def ids(self) -> list[bytes]:
        """Return the ids of all rows, without parsing the rest of them: no id has characters that JSON escapes."""
        return [line.split(b'"', 2)[1] for line in self.lines]

    def picks(self) -> dict[dt.date, tuple[Row, ...]]:
        """Parse the rows of the picks, best first, by the date of their digest; every digest has its own."""
        likely = (parse_row(line) for line in self.lines if b'"picked"' in line)
        found: dict[str, list[Row]] = {}
        for row in likely:
            if row.outcome == "picked":
                found.setdefault(row.date, []).append(row)
        return {entry.date: tuple(found.get(entry.date.isoformat(), ())) for entry in self.digests}

    def dumps(self) -> bytes:
        """Serialize the index; equal indexes give equal bytes."""
        body = b",\n".join(self.lines)
        head = _Header(
            format=FORMAT,
            profile=self.profile,
            month=self.month,
            pages=self.pages,
            fields=Row._fields,
            sha256=hashlib.sha256(body).hexdigest(),
            digests=(),
        )
        digests = b",\n".join(entry.model_dump_json().encode() for entry in self.digests)
        return head.model_dump_json().encode().removesuffix(b"]}") + b"\n" + digests + _BETWEEN + body + _END


def parse_row(line: bytes) -> Row:
    """Parse one line of rows."""
    return Row(*json.loads(line))


def loads(data: bytes) -> MonthIndex | None:
    """Parse a month index; None if it is damaged, was edited, or is of another format."""
    head, between, body = data.partition(_BETWEEN)
    if not between or not body.endswith(_END):
        return None
    body = body.removesuffix(_END)
    try:
        header = _Header.model_validate_json(head + b"]}")
    except ValidationError:
        return None
    if header.fields != Row._fields or header.sha256 != hashlib.sha256(body).hexdigest():
        return None
    lines = tuple(body.split(b",\n")) if body else ()
    return MonthIndex(header.profile, header.month, header.digests, lines, header.pages)


def months(folder: Path) -> dict[str, list[Path]]:
    """Map each month with reports in a profile's folder, `YYYY/MM`, oldest first, to its reports, oldest first."""
    found = {
        path.relative_to(folder).as_posix(): sorted(path.glob(REPORT_NAMES))
        for path in sorted(folder.glob(MONTHS))
    }
    return {month: reports for month, reports in found.items() if reports}


def state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return names and, of the month indexes, size and time (ns): equal as long as no report was published in the meantime."""
    found = []
    for month, reports in months(folder).items():
        index = folder / month / FILE
        known = index.stat() if index.exists() else None
        found.append((index.as_posix(), known.st_size if known else 0, known.st_mtime_ns if known else 0))
        found += [(report.name, 0, 0) for report in reports]
    return tuple(found)


def stored(folder: Path, month: str, reports: Sequence[Path]) -> MonthIndex | None:
    """Return the index of a month that was made from these reports; None if there is none.

    A report that was added, removed or changed in size since is noticed; reading every report each night would not scale.
    """
    try:
        index = loads((folder / month / FILE).read_bytes())
    except OSError:
        return None
    if index is None or index.profile != folder.name:
        return None
    expected = [(path.stem, path.stat().st_size) for path in reports]
    return index if [(str(entry.date), entry.bytes) for entry in index.digests] == expected else None


def build(
    folder: Path, month: str, reports: Iterable[Path], *, shown: Callable[[str], str] = str, pages: str = ""
) -> MonthIndex:
    """Make the index of a month from its reports. `shown` turns titles and other texts into what a page shows.

    Raises DigestError if a report is damaged. It is not validated in full, which would take ten times as long.
    """
    digests: list[DigestEntry] = []
    lines: list[bytes] = []
    for path in reports:
        hint = DAMAGED_HINT.format(path=path)
        data = read_bytes(path, hint=hint) or b""
        raw = upgrade(parse_json(data, path=str(path), hint=hint))
        try:
            rows = _rows(raw, shown)
            digests.append(_entry(raw, data, rows, path.stem))
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            message = f"is not a report of schema version {SCHEMA_VERSION} ({type(error).__name__}: {error})"
            raise DigestError(message, path=str(path), hint=hint) from None
        lines += map(_line, rows)
    return MonthIndex(folder.name, month.replace("/", "-"), tuple(digests), tuple(lines), pages)


def load(folder: Path, month: str, reports: Sequence[Path]) -> MonthIndex:
    """Return the stored index of a month, or make it from the reports. Raises DigestError if one is damaged."""
    return stored(folder, month, reports) or build(folder, month, reports)


def repository_of(run_url: str | None) -> str:
    """Return the `owner/name` of the repository in the address of a run; empty for any other."""
    found = _REPOSITORY.fullmatch(run_url or "")
    return found[1] if found else ""


def _entry(raw: dict[str, Any], data: bytes, rows: Sequence[Row], date: str) -> DigestEntry:
    """Return the entry of a report. Raises ValueError if it is another date's, or of another schema version."""
    if raw["date"] != date or raw["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"it is the report of {raw['date']}, schema version {raw['schema_version']}")
    return DigestEntry(
        date=raw["date"],
        title=raw["title"],
        language=raw["language"],
        engine=raw["engine"],
        threshold=raw["threshold"],
        generated_at=raw["generated_at"],
        repository=repository_of(raw["run_url"]),
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        scanned=len(rows),
        picked=len(raw["picks"]),
        shortlisted=sum(row.outcome == "shortlisted" for row in rows),
        unscored=sum(row.outcome == "unscored" for row in rows),
        usd=raw["usage"]["usd"],
        sources=raw["sources"],
        pending=raw["pending"],
    )


def _rows(raw: dict[str, Any], shown: Callable[[str], str]) -> list[Row]:
    picks = {pick["id"]: pick for pick in raw["picks"]}
    return [
        _row(candidate, picks.get(candidate["id"]), raw["date"], shown)
        for candidate in raw["candidates"]
        if candidate["outcome"] != "seen"
    ]


def _row(
    candidate: dict[str, Any], pick: dict[str, Any] | None, date: str, shown: Callable[[str], str]
) -> Row:
    authors = candidate["authors"]
    page = candidate["url"]
    return Row(
        id=candidate["id"],
        title=shown(candidate["title"]),
        author=shown(authors[0]) if authors else "",
        authors=len(authors) + candidate["more_authors"],
        date=date,
        score=candidate["score"],
        rank=candidate["rank"],
        outcome=candidate["outcome"],
        reason=shown(candidate["reason"]),
        sources=" ".join(_signal(name, signal, date) for name, signal in candidate["signals"].items()),
        flags=" ".join([*candidate["flags"], *(["followed"] if candidate.get("followed") else [])]),
        text=shown(pick["headline"] if pick else (candidate.get("brief") or {}).get("text", "")),
        hook=shown(pick["hook"]) if pick else "",
        url="" if page == ARXIV_PAGE + candidate["id"] else page,
    )


def _signal(name: str, signal: dict[str, Any], date: str) -> str:
    """Write a source's name, with the day if it announced the paper earlier; one that was looked up says nothing of a list."""
    earlier = signal.get("announced_as") and signal["day"] != date
    return f"{name}@{signal['day']}" if earlier else name


def _line(row: Row) -> bytes:
    values = list(row)
    while values[-1] == "":
        values.pop()
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
