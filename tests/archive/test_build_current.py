"""Whether the pages that span days are those of the reports: asked of every night before anything is made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.archive import build
from tests.archive.folders import lay_down, year

DIGESTS = year("en", 4)
LAST = "2025/11/2025-11-05.json"
SECOND = 10**9


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of a profile, as a rebuild leaves them."""
    reports = tmp_path_factory.mktemp("made") / "reports"
    for digest in DIGESTS[:3]:
        lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    assert [path.name for path in sorted(reports.rglob("2025-*.json"))][-1] == Path(LAST).name
    return reports


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The profile's folder in a copy of it, to be changed."""
    return Path(shutil.copytree(made, tmp_path / "reports")) / "made-up"


def at(path: Path, after: int) -> None:
    """Give a file a time so many nanoseconds after the end of the rebuild."""
    time = (path.parents[2] / "seen.tsv").stat().st_mtime_ns + after
    os.utime(path, ns=(time, time))


def clone(folder: Path) -> None:
    for path in folder.glob("*/*/*.json"):
        at(path, 0)


def edit(path: Path, *, after: int) -> None:
    path.write_bytes(path.read_bytes() + b"\n")
    at(path, after)


def add(folder: Path) -> None:
    lay_down(folder.parent, DIGESTS[3])


def replace(folder: Path) -> None:
    (folder / LAST).unlink()
    add(folder)


def replace_by_an_older_one(folder: Path) -> None:
    replace(folder)
    for path in folder.glob("*/*/*.json"):
        at(path, -SECOND)


def end_a_rebuild_before_its_last_file(folder: Path, change: Callable[[Path], object]) -> None:
    last = folder / "seen.tsv"
    before, time = last.read_bytes(), last.stat().st_mtime_ns
    change(folder)
    build.rebuild(folder.parent, "made-up")
    last.write_bytes(before)
    os.utime(last, ns=(time, time))


def edit_last(folder: Path) -> None:
    edit(folder / LAST, after=SECOND)


CURRENT: dict[str, Callable[[Path], object]] = {
    "as a rebuild left it": lambda folder: None,
    "a report was touched": lambda folder: at(folder / LAST, SECOND),
    "cloned": clone,
    "there are no reports": lambda folder: shutil.rmtree(folder / "2025"),
    "there is no folder": shutil.rmtree,
}
LEFT: dict[str, Callable[[Path], object]] = {
    "a report was edited": edit_last,
    "a report was edited at once": lambda folder: edit(folder / LAST, after=0),
    "a report was added": add,
    "a report was removed": lambda folder: (folder / LAST).unlink(),
    "a report was replaced": replace,
    "a report was replaced by an older one": replace_by_an_older_one,
    "a rebuild with a new report was ended": lambda folder: end_a_rebuild_before_its_last_file(folder, add),
    "a rebuild with an edited report was ended": lambda folder: end_a_rebuild_before_its_last_file(
        folder, edit_last
    ),
    "the last file is gone": lambda folder: (folder / "seen.tsv").unlink(),
}


@pytest.mark.parametrize("change", CURRENT.values(), ids=CURRENT)
def test_nothing_is_left_to_be_made(folder: Path, change: Callable[[Path], object]) -> None:
    change(folder)
    assert build.is_current(folder.parent, "made-up")


@pytest.mark.parametrize("change", LEFT.values(), ids=LEFT)
def test_something_is_left_to_be_made_and_then_no_more(
    folder: Path, change: Callable[[Path], object]
) -> None:
    change(folder)
    assert not build.is_current(folder.parent, "made-up")
    build.rebuild(folder.parent, "made-up")
    assert build.is_current(folder.parent, "made-up")
