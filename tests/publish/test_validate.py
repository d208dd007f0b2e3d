"""Which files may be published: regular ones of a sane size, and not a byte of any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.publish import validate
from pipeline.publish.validate import LoadedReports, allowed_links
from tests.workflow import stand_in

ROOT = Path(__file__).parents[2]
DATE = "2026-01-30"
ALLOWED = allowed_links(ROOT / "digest.toml", "https://github.com")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What was handed over: a good report."""
    folder = tmp_path / "handed"
    stand_in.lay_down(folder, stand_in.report("cv", DATE), stand_in.escaped)
    return folder


def load(folder: Path) -> LoadedReports:
    return validate.load(folder, DATE, frozenset({"cv"}), ALLOWED)


def file(folder: Path, ending: str) -> Path:
    return folder / f"cv/2026/01/{DATE}{ending}"


def fill(path: Path, size: int) -> None:
    """Blanks to that size, which are read over on a page and in JSON."""
    path.write_bytes(path.read_bytes().ljust(size))
    assert path.stat().st_size == size


def empty(path: Path) -> None:
    path.write_bytes(b"")


def link(path: Path) -> None:
    path.symlink_to(path.rename(path.parents[4] / "elsewhere"))


def link_to_a_folder(path: Path) -> None:
    path.unlink()
    path.symlink_to("..")


@pytest.mark.parametrize(("ending", "size"), [(".md", 500_000), (".json", 5_000_000)])
def test_a_file_of_the_largest_size_passes(folder: Path, ending: str, size: int) -> None:
    fill(file(folder, ending), size)
    handed = load(folder)
    assert handed.refused == {}
    assert [len(handed.reports[0].files[f"cv/2026/01/{DATE}{ending}"])] == [size]


@pytest.mark.parametrize(
    ("ending", "damage", "says"),
    [
        (".md", empty, "has 0 bytes; from 1 to 500000 are published"),
        (".json", empty, "has 0 bytes; from 1 to 5000000 are published"),
        (".md", lambda path: fill(path, 500_001), "has 500001 bytes; from 1 to 500000 are published"),
        (".json", lambda path: fill(path, 5_000_001), "has 5000001 bytes; from 1 to 5000000 are published"),
        (".md", link, "is not a regular file"),
        (".json", link, "is not a regular file"),
        (".md", link_to_a_folder, "is not a regular file"),
        (".md", lambda path: path.write_bytes(b"# \xff\n"), "is not UTF-8 (byte 2)"),
    ],
)
def test_an_odd_file_is_refused(
    folder: Path, ending: str, damage: Callable[[Path], object], says: str
) -> None:
    damage(file(folder, ending))
    handed = load(folder)
    assert handed.reports == ()
    assert (handed.refused["cv"].path, handed.refused["cv"].message) == (f"cv/{DATE}{ending}", says)
