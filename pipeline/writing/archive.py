"""What spans days, made anew from the committed JSON: indexes, month pages, feed, picture, list of the judged.

Standard library only: the publishing job, which can write to the repository, installs nothing. Whatever is
made depends on the set of reports alone, so two runs that add a day each end in the same bytes, in
whichever order they come.

`seen.tsv` is for reading fast who was judged: UTF-8, one line a candidate and digest, tabs between the
columns `id, date, score, outcome, pending, judged`. `score` is empty where there is none; `pending` is the
stage that is still to be done, or empty; `judged` is the first 12 hex digits of the SHA-256 of the
candidate's `judged_by`. Candidates with the outcome `seen` are left out: an earlier digest has their line.
Lines are sorted by id, then date; the last line of an id is the newest word on it. The first line is
`#` and `key=value` pairs: `seen=1` (the version of this format), `digests`, `lines`, `newest`; whoever
counts other reports than it says reads the reports instead.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.writing import chart, feed, history, indexes
from pipeline.writing.history import Day

SEEN_VERSION = 1


def rebuild(reports: Path, profile: str) -> list[Path]:
    """Make every page that spans days, and return the files whose bytes changed.

    Raises DamagedReportError, a ValueError, naming every report that cannot be read; then nothing is
    written: to publish without a day would take its row from everybody.
    """
    folder = reports / profile
    days = history.read(folder)
    if not days:
        return []
    return [path for path, text in _files(reports, profile, days).items() if _write(path, text.encode())]


def _files(reports: Path, profile: str, days: Sequence[Day]) -> dict[Path, str]:
    """Every file with its text."""
    folder = reports / profile
    files: dict[Path, str] = {}
    before = ""
    for month, group in indexes.by_month(days):
        files[folder / month.replace("-", "/") / "README.md"] = indexes.month_page(group, before)
        before = month
    label = chart.label(days)
    if label:
        files[folder / "scores.svg"] = chart.svg(days)
    files[folder / "README.md"] = indexes.front_page(days, chart=label)
    files[folder / "index.json"] = indexes.index_json(profile, days)
    files[folder / "feed.xml"] = feed.atom(reports.name, profile, days)
    files[folder / "seen.tsv"] = seen_tsv(days)
    return files


def seen_tsv(days: Sequence[Day]) -> str:
    """The list of all judged candidates; the module says how it is laid out."""
    rows = sorted(
        (c.id, day.date.isoformat(), _number(c.score), c.outcome, c.pending, _short_hash(c.judged_by))
        for day in days
        for c in day.candidates
    )
    newest = days[-1].date.isoformat()
    head = f"# seen={SEEN_VERSION} digests={len(days)} lines={len(rows)} newest={newest}"
    return "\n".join([head, *("\t".join(row) for row in rows)]) + "\n"


def _number(score: int | None) -> str:
    return "" if score is None else str(score)


@functools.cache
def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _write(path: Path, data: bytes) -> bool:
    """Put the bytes there, whole or not at all, and only if they differ. Returns whether they did."""
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True
