"""Load the results of the last rebuild from the committed files, so that not every report is read again.

A row of `index.json` contains the SHA-256 of its report, so an edited report is detected.
The header of `seen.tsv` contains a seal: one hash over the cached files (`index.json`, the lines of `seen.tsv`,
the month pages), the locale files and FORMAT. Files that were edited by hand, left by an interrupted rebuild, or
made with other locale files or by another version do not match the seal; every report is then read.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.archive import history
from pipeline.archive.indexes import Row
from pipeline.report import i18n

SEALED_FILE = "seen.tsv"  # written last
FORMAT = 4  # increase with every change that renders the same reports to different rows, lines or pages


@dataclass(frozen=True)
class Cache:
    """Rows of `index.json` by the name of their report, oldest first; lines of `seen.tsv`; pages by month."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    lines: Sequence[str] = ()
    pages: Mapping[str, str] = field(default_factory=dict)

    @property
    def report_hashes(self) -> dict[str, str]:
        """The SHA-256 of each report that the cache was built from, as `history.report_hashes` returned them."""
        return {name: row["sha256"] for name, row in self.rows.items()}


def load(folder: Path) -> Cache:
    """Load the cache from a profile's folder; empty if a file is missing or damaged or the seal does not match."""
    try:
        header, _, body = (folder / SEALED_FILE).read_text("utf-8").partition("\n")
        index = (folder / "index.json").read_text("utf-8")
        rows = {row["data"]: row for row in reversed(json.loads(index)["digests"])}
        months = dict.fromkeys(history.month(name) for name in rows)
        pages = {month: (folder / month / "README.md").read_text("utf-8") for month in months}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return Cache()
    if f"seal={seal(index, body, pages)}" not in header.split():
        return Cache()
    return Cache(rows, body.splitlines(), pages)


def seal(index: str, body: str, pages: Mapping[str, str]) -> str:
    """Hash `index.json`, the lines of `seen.tsv`, the month pages, the locale files and FORMAT."""
    locales = (path.read_text("utf-8") for path in sorted(i18n.FOLDER.glob("*.toml")))
    texts = (str(FORMAT), *locales, index, body, *(pages[month] for month in sorted(pages)))
    return hashlib.sha256(b"".join(hashlib.sha256(text.encode()).digest() for text in texts)).hexdigest()
