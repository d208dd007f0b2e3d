"""Reports laid down in a folder as a run leaves them, and what is then in it."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps, report_path
from pipeline.report.page import page
from tests.report import days

START = dt.date(2025, 11, 3)


def lay_down(reports: Path, digest: Digest) -> None:
    path = report_path(reports, digest.profile, digest.date)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dumps(digest))
    path.with_suffix(".md").write_text(page(digest), "utf-8")


def on(digest: Digest, date: dt.date) -> Digest:
    """The same digest on another date, with ids of that month."""
    renamed = digest.model_dump_json().replace('"2601.9', f'"{date:%y%m}.9')
    return Digest.model_validate_json(renamed).model_copy(update={"date": date})


def year(language: str, count: int) -> list[Digest]:
    """Weekdays from November on, of changing kinds, with ids of their month."""
    dates = (START + dt.timedelta(days=n) for n in itertools.count())
    weekdays = itertools.islice((date for date in dates if date.weekday() < 5), count)
    kinds = [days.full, days.quiet, days.full, days.failed, days.full, days.unscored, days.local]
    return [on(kinds[number % len(kinds)](language), date) for number, date in enumerate(weekdays)]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
