"""What the search page of the site reads: `data/<profile>/months.json`, and one file per month, `YYYY-MM.json`.

A month's file holds its papers by column, newest day first, then by score:

    {"month": "2026-01", "ids": […], "titles": […], "authors": […], "author_counts": […], "days": [31, 31, 30, …],
     "scores": [91, null, …], "outcomes": {"values": ["picked", …], "places": [0, 2, …]},
     "sources": {"values": [["arxiv"], …], "places": [0, 0, 1, …]}, "reasons": […], "texts": […]}

Gzipped, a month of real titles by column is a tenth smaller than by row.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.core.month_index import MonthIndex, Row
from pipeline.report import i18n, labels
from pipeline.report.escape import clean

MONTHS_FILE = "months.json"
_DAY = re.compile(r"@[0-9]{4}-[0-9]{2}-[0-9]{2}$", re.ASCII)  # on which a source announced a paper


def write(out: Path, profile: str, months: Iterable[MonthIndex]) -> None:
    """Write the files of one profile. Its months may come in any order."""
    folder = out / "data" / profile
    folder.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, Any]] = []
    sources: set[str] = set()
    languages: dict[str, str] = {}
    for index in months:
        columns = _columns(index)
        data = _dumps(columns)
        (folder / f"{index.month}.json").write_bytes(data)
        # A browser that keeps the old file of a month asks for the new one, since its address has another version.
        version = hashlib.sha256(data).hexdigest()[:8]
        size = {"papers": len(index.lines), "bytes": len(data)}
        entries.append({"month": index.month, "version": version, **size})
        sources.update(name for names in columns["sources"]["values"] for name in names)
        if index.digests:
            languages[index.month] = index.digests[-1].language
    t = i18n.load(languages[max(languages)] if languages else i18n.FALLBACK)
    catalog = {
        "profile": profile,
        "months": sorted(entries, key=lambda entry: str(entry["month"]), reverse=True),
        "sources": [{"name": name, "label": labels.source_name(t, name)} for name in sorted(sources)],
    }
    (folder / MONTHS_FILE).write_bytes(_dumps(catalog))


def _columns(index: MonthIndex) -> dict[str, Any]:
    rows = sorted(index.rows(), key=_newest_first)
    return {
        "month": index.month,
        "ids": [row.id for row in rows],
        "titles": [row.title for row in rows],
        "authors": [clean(row.author) for row in rows],
        "author_counts": [row.authors for row in rows],
        "days": [_day(row) for row in rows],
        "scores": [row.score for row in rows],
        "outcomes": _numbered([row.outcome for row in rows]),
        "sources": _numbered([_sources(row) for row in rows]),
        "reasons": [clean(row.reason) for row in rows],
        "texts": [clean(row.text) for row in rows],
    }


def _newest_first(row: Row) -> tuple[int, int]:
    """Sort papers of a day by score; those without one come last, and equals stay in the order of the report."""
    return -_day(row), 1 if row.score is None else -row.score


def _day(row: Row) -> int:
    return int(row.date[8:])


def _sources(row: Row) -> tuple[str, ...]:
    return tuple(sorted(_DAY.sub("", name) for name in row.sources.split()))


def _numbered(column: Sequence[Any]) -> dict[str, Any]:
    """Return the different values of a column, and for each row the place of its value among them."""
    places: dict[Any, int] = {}
    numbers = [places.setdefault(value, len(places)) for value in column]
    return {"values": list(places), "places": numbers}


def _dumps(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
