"""Artifacts: whole or not at all, and a clear word about what cannot be read."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from pathlib import Path
from threading import Thread

import pytest

from pipeline.core.artifacts import Fetched
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import DigestError
from pipeline.core.store import artifact_path, dumps, locked, read_artifact, report_path
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


def broken(change: str) -> bytes:
    raw = json.loads(dumps(fetched([paper()])))
    match change:
        case "cut":
            return dumps(fetched([paper()]))[:-40]
        case "schema":
            raw["schema_version"] = 1
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
        ("schema", "schema_version 1, expected 2"),
        ("list", "schema_version None, expected 2"),
        ("extra", "…: Extra inputs are not permitted"),
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


def test_what_a_killed_run_has_left_is_removed_by_who_holds_the_lock(tmp_path: Path) -> None:
    left = tmp_path / "2026-01-30" / ".digest-partial-abcdefgh"
    left.mkdir(parents=True)
    with locked(tmp_path):
        assert not left.exists()
        left.mkdir()
        with pytest.raises(DigestError, match="another run is at work here"), locked(tmp_path):
            pass
        assert left.exists()


def test_without_locks_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(_handle: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    left = tmp_path / ".digest-partial-abcdefgh"
    left.mkdir()
    with locked(tmp_path):
        assert left.exists()


def test_who_waits_for_a_lock_gets_it_at_its_end(tmp_path: Path) -> None:
    order = []

    def second() -> None:
        with locked(tmp_path, wait=True):
            order.append("second")

    with locked(tmp_path):
        thread = Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
