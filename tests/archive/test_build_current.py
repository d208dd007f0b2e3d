"""Whether the pages that span days are those of the reports: asked of every night before anything is made."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.archive import build
from tests.archive.folders import lay_down, year

DIGESTS = year("en", 4)
LAST = "2025/11/2025-11-05.json"


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


def edit(folder: Path) -> None:
    (folder / LAST).write_bytes((folder / LAST).read_bytes() + b"\n")


def add(folder: Path) -> None:
    lay_down(folder.parent, DIGESTS[3])


def replace(folder: Path) -> None:
    (folder / LAST).unlink()
    add(folder)


def end_a_rebuild_before_its_last_file(folder: Path) -> None:
    before = (folder / "seen.tsv").read_bytes()
    add(folder)
    build.rebuild(folder.parent, "made-up")
    (folder / "seen.tsv").write_bytes(before)


CURRENT: dict[str, Callable[[Path], object]] = {
    "as a rebuild left it": lambda folder: None,
    "there are no reports": shutil.rmtree,
}
LEFT: dict[str, Callable[[Path], object]] = {
    "a report was edited": edit,
    "a report was added": add,
    "a report was removed": lambda folder: (folder / LAST).unlink(),
    "a report was replaced": replace,
    "a rebuild was ended": end_a_rebuild_before_its_last_file,
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
