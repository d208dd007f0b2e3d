"""What the last rebuild left in the committed files, to be built on instead of every report. Standard library only.

A row of `index.json` carries the SHA-256 of its report, so a report that was edited is noticed. The head of
`seen.tsv` carries a seal: one hash of all that is built on (`index.json`, the list, the pages of the months), of
the words in them, and of FORMAT. So a file edited by hand, half a rebuild, or what other words or another
version made is never built on: unless the seal fits, every report is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.archive import history
from pipeline.archive.indexes import Row
from pipeline.report import i18n

SEALED = "seen.tsv"  # written last
FORMAT = 2  # one more for every change that makes other rows, lines or pages of the same reports


@dataclass(frozen=True)
class Cache:
    """Rows of `index.json` by the name of their report, oldest first; lines of `seen.tsv`; pages by their month."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    lines: Sequence[str] = ()
    pages: Mapping[str, str] = field(default_factory=dict)

    @property
    def found(self) -> dict[str, str]:
        """The reports that it was made from, as `history.find` found them."""
        return {name: row["sha256"] for name, row in self.rows.items()}


def load(folder: Path) -> Cache:
    """What can be built on in a profile's folder; nothing, unless the seal fits."""
    try:
        head, _, body = (folder / SEALED).read_text("utf-8").partition("\n")
        index = (folder / "index.json").read_text("utf-8")
        rows = {row["data"]: row for row in reversed(json.loads(index)["digests"])}
        months = dict.fromkeys(history.month(name) for name in rows)
        pages = {month: (folder / month / "README.md").read_text("utf-8") for month in months}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return Cache()
    if f"seal={seal(index, body, pages)}" not in head.split():
        return Cache()
    return Cache(rows, body.splitlines(), pages)


def seal(index: str, body: str, pages: Mapping[str, str]) -> str:
    """The hash of `index.json`, of the lines of `seen.tsv` and of the months' pages, and of what made them."""
    words = (path.read_text("utf-8") for path in sorted(i18n.FOLDER.glob("*.toml")))
    texts = (str(FORMAT), *words, index, body, *(pages[month] for month in sorted(pages)))
    return hashlib.sha256(b"".join(hashlib.sha256(text.encode()).digest() for text in texts)).hexdigest()
