"""Artifacts: whole or not at all, and a clear word about what cannot be read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline.core.artifacts import Fetched
from pipeline.core.errors import DigestError
from pipeline.core.store import artifact_path, dumps, read_artifact, report_path, write_atomic, write_files
from tests.builders import DAY, fetched, paper


def test_round_trip_gives_equal_values_and_equal_bytes(tmp_path: Path) -> None:
    artifact = fetched([paper(title="Größe $x$ \u202e ‘日本’", authors=tuple(f"A{i}" for i in range(300)))])
    path = artifact_path(tmp_path, "mine", DAY, Fetched)
    write_atomic(path, dumps(artifact))
    assert path == tmp_path / "mine" / "2026-01-30" / "fetched.json"
    assert read_artifact(path, Fetched) == artifact
    assert dumps(read_artifact(path, Fetched)) == path.read_bytes()


def test_report_path() -> None:
    assert report_path(Path("reports"), "mine", DAY) == Path("reports/mine/2026/01/2026-01-30.json")


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_atomic(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_belong_together_come_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, data = tmp_path / "one.md", tmp_path / "one.json"
    write_files({page: b"old", data: b"old"})
    left = [0, 28]  # the disk is full at the second file

    def full(_: int) -> None:
        if error := left.pop(0):
            raise OSError(error, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_files({page: b"new", data: b"new"})
    assert left == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "one.md": b"old",
        "one.json": b"old",
    }


def broken(change: str) -> bytes:
    raw = json.loads(dumps(fetched([paper()])))
    match change:
        case "cut":
            return dumps(fetched([paper()]))[:-40]
        case "schema":
            raw["schema_version"] = 2
        case "no schema":
            del raw["schema_version"]
        case "list":
            raw = [raw]
        case "extra":
            raw["surprise"] = 1
        case "type":
            raw["papers"][0]["title"] = 7
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("cut", "not JSON"),
        ("schema", "schema_version 2, expected 1"),
        ("no schema", "schema_version None, expected 1"),
        ("list", "schema_version None, expected 1"),
        ("extra", "surprise"),
        ("type", "papers.0.title"),
    ],
)
def test_a_damaged_artifact_says_what_is_off_and_what_to_do(tmp_path: Path, change: str, words: str) -> None:
    path = tmp_path / "fetched.json"
    path.write_bytes(broken(change))
    with pytest.raises(DigestError) as caught:
        read_artifact(path, Fetched)
    assert words in caught.value.message
    assert caught.value.path == str(path)
    assert caught.value.hint == "run `digest fetch` for this profile and date again"
    assert caught.value.exit_code == 1


def test_a_missing_artifact_names_the_stage_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(DigestError) as caught:
        read_artifact(tmp_path / "fetched.json", Fetched)
    assert caught.value.hint == "run `digest fetch` first"
