"""Load the results of the last rebuild from the committed files, so that not every report is read again.

A row of `index.json` contains the SHA-256 of its report, so an edited report is detected.
The header of `seen.tsv` contains a seal: one hash over the cached files (`index.json`, the lines of `seen.tsv`,
the month pages and their bibliographies), the locale files and FORMAT. Files that were edited by hand, left by an interrupted rebuild, or
made with other locale files or by another version do not match the seal; every report is then read.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipeline.archive import history
from pipeline.archive.indexes import BIBLIOGRAPHY, Row
from pipeline.report import i18n

SEALED_FILE = "seen.tsv"  # written last
FORMAT = 5  # increase with every change that renders the same reports to different rows, lines or pages


@dataclass(frozen=True)
class Cache:
    """Rows of `index.json` by the name of their report, oldest first; lines of `seen.tsv`; files by month."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    lines: Sequence[str] = ()
    months: Mapping[str, "Month"] = field(default_factory=dict)

    @property
    def report_hashes(self) -> dict[str, str]:
        """The SHA-256 of each report that the cache was built from, as `history.report_hashes` returned them."""
        return {name: row["sha256"] for name, row in self.rows.items()}


class Month(NamedTuple):
    """The files of a month. `papers` is empty, and there is no such file, if the month has no picks."""

    page: str
    papers: str


def load(folder: Path) -> Cache:
    """Load the cache from a profile's folder; empty if a file is missing or damaged or the seal does not match."""
    try:
        header, _, body = (folder / SEALED_FILE).read_text("utf-8").partition("\n")
        index = (folder / "index.json").read_text("utf-8")
        rows = {row["data"]: row for row in reversed(json.loads(index)["digests"])}
        months = {name: _read_month(folder / name) for name in map(history.month, rows)}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return Cache()
    if f"seal={seal(index, body, months)}" not in header.split():
        return Cache()
    return Cache(rows, body.splitlines(), months)


def _read_month(folder: Path) -> Month:
    papers = folder / BIBLIOGRAPHY
    return Month(
        page=(folder / "README.md").read_text("utf-8"),
        papers=papers.read_text("utf-8") if papers.exists() else "",
    )


def seal(index: str, body: str, months: Mapping[str, Month]) -> str:
    """Hash `index.json`, the lines of `seen.tsv`, the files of the months, the locale files and FORMAT."""
    locales = (path.read_text("utf-8") for path in sorted(i18n.FOLDER.glob("*.toml")))
    texts = (
        str(FORMAT),
        *locales,
        index,
        body,
        *(text for month in sorted(months) for text in months[month]),
    )
    return hashlib.sha256(b"".join(hashlib.sha256(text.encode()).digest() for text in texts)).hexdigest()
