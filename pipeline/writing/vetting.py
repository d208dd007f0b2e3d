"""What may be published: which files, of what size and names; the page and its JSON have rules of their own.

Standard library only, since the publishing job installs nothing. The page is the template's work and every
foreign word in it was escaped; this is the second lock, and it knows nothing of the first. No message in
here repeats what a file says: these messages end up in a log that obeys commands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import DigestError
from pipeline.writing.vetting_data import check_data
from pipeline.writing.vetting_links import Allowed, refuse
from pipeline.writing.vetting_page import check_page

PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
MOST_PAGE_BYTES = 500_000  # GitHub shows no more than 512,000 of a page
MOST_DATA_BYTES = 5_000_000


@dataclass(frozen=True)
class Report:
    """One day of one profile, checked: the bytes of its page and of its JSON, and three counts from it."""

    profile: str
    date: str
    page: bytes
    data: bytes
    picks: int
    judged: int
    pending: int

    @property
    def files(self) -> dict[str, bytes]:
        """Path below the reports folder → content."""
        stem = f"{self.profile}/{self.date[:4]}/{self.date[5:7]}/{self.date}"
        return {f"{stem}.md": self.page, f"{stem}.json": self.data}


@dataclass(frozen=True)
class Handed:
    """What was handed over: the reports that hold, by profile what was wrong with the others, and odd files."""

    reports: tuple[Report, ...]
    refused: dict[str, DigestError]
    ignored: int


def load(folder: Path, date: str, profiles: frozenset[str], allowed: Allowed) -> Handed:
    """The reports of that date below `folder`, each checked: one that is off does not keep the others back.

    Only `<profile>/YYYY/MM/YYYY-MM-DD.{md,json}` of the asked date and profiles is ever opened.
    """
    found: dict[str, dict[str, Path]] = {}
    ignored = 0
    for path in sorted(_walk(folder)):
        profile = path.relative_to(folder).parts[0]
        wanted = f"{profile}/{date[:4]}/{date[5:7]}/{date}"
        name = path.relative_to(folder).as_posix()
        if profile in profiles and name in {f"{wanted}.md", f"{wanted}.json"}:
            found.setdefault(profile, {})[path.suffix] = path
        else:
            ignored += 1
    reports: list[Report] = []
    refused: dict[str, DigestError] = {}
    for profile, files in sorted(found.items()):
        try:
            reports.append(_report(profile, date, files, allowed))
        except DigestError as error:
            refused[profile] = error
    return Handed(tuple(reports), refused, ignored)


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below; links to folders are not followed, and count as files."""
    for place, folders, files in os.walk(folder, followlinks=False):
        yield from (Path(place, name) for name in files)
        yield from (Path(place, name) for name in folders if Path(place, name).is_symlink())


def _report(profile: str, date: str, files: dict[str, Path], allowed: Allowed) -> Report:
    where = f"{profile}/{date}"
    if set(files) != {".md", ".json"}:
        refuse("the page and its JSON have to come together", where)
    page = _bytes(files[".md"], MOST_PAGE_BYTES, f"{where}.md")
    data = _bytes(files[".json"], MOST_DATA_BYTES, f"{where}.json")
    check_page(_text(page, f"{where}.md"), f"{where}.md", allowed)
    counts = check_data(_text(data, f"{where}.json"), profile, date, allowed)
    return Report(profile, date, page, data, *counts)


def _bytes(path: Path, most: int, where: str) -> bytes:
    """The content of a regular file of a sane size; a link is refused, wherever it leads."""
    if path.is_symlink() or not path.is_file():
        refuse("is not a regular file", where)
    size = path.stat().st_size
    if not 0 < size <= most:
        refuse(f"has {size} bytes; from 1 to {most} are published", where)
    return path.read_bytes()


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse(f"is not UTF-8 (byte {error.start})", where)
