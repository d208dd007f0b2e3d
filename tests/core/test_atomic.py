"""Files are written whole or not at all, and what a killed process leaves is hidden from git and removed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest

from pipeline.core.atomic import remove_partial, write_atomic, write_files
from tests.disk import Disk, KilledError, changed, litter, repository

PAGE, DATA = Path("one.md"), Path("one.json")


def test_folders_are_created_and_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.json"
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("end", ["killed", "full"])
def test_files_that_belong_together_are_whole_and_nothing_else_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: Literal["killed", "full"]
) -> None:
    monkeypatch.chdir(tmp_path)
    old, new = {PAGE: b"old page", DATA: b"old data"}, {PAGE: b"new page", DATA: b"new data"}
    write_files(old)
    repository()
    disk = Disk(monkeypatch, end)
    write_files(new)
    steps = len(disk.steps)
    assert steps >= 8
    for step in range(steps):
        write_files(old)
        disk.ends_before(step)
        with suppress(KilledError, OSError):
            write_files(new)
        disk.ends_before(-1)
        seen = {str(path): path.read_bytes() for path in new if path.read_bytes() != old[path]}
        assert changed() == seen, step
        assert set(seen.values()) in ({b"new page", b"new data"}, {b"new page"}, set()), step
        assert bool(litter()) == (end == "killed" and step > 0), step
        remove_partial(Path())
        assert litter() == []


def test_only_what_this_program_has_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = (".notes/x", ".digest-partial-notes/x", ".digest-partial/x", "a/.digest-partial-12345678")
    for name in (*mine, "a/b/.digest-partial-abcdefgh/x", "elsewhere/x"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x")
    Path("a/.digest-partial-a_link_x").symlink_to(tmp_path / "elsewhere")
    remove_partial(Path("a"))
    remove_partial(Path())
    assert not Path("a/b/.digest-partial-abcdefgh").exists()
    kept = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {*mine, "elsewhere/x"}
    assert Path("a/.digest-partial-a_link_x").is_symlink()
