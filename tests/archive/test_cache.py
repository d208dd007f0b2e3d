from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.archive import build, cache, history
from pipeline.archive.cache import Cache, Month
from pipeline.report import i18n
from tests.archive.folders import lay_down, year

MONTHS = ("2025/11", "2025/12")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months of a profile, as a rebuild leaves them."""
    reports = tmp_path_factory.mktemp("made") / "reports"
    for digest in year("en", 25):
        lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    return reports / "made-up"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(made, tmp_path / "made-up"))


def test_a_rebuild_leaves_all_that_the_next_one_builds_on(folder: Path) -> None:
    kept = cache.load(folder)
    assert kept.report_hashes == history.report_hashes(folder)
    assert list(kept.report_hashes) == sorted(kept.report_hashes)
    assert tuple(kept.months) == MONTHS
    for month in MONTHS:
        assert kept.months[month].page == (folder / month / "README.md").read_text("utf-8")
        assert kept.months[month].papers == (folder / month / "papers.bib").read_text("utf-8")
    assert list(kept.lines) == (folder / "seen.tsv").read_text("utf-8").splitlines()[1:]


def test_no_folder_nothing_to_build_on(tmp_path: Path) -> None:
    assert cache.load(tmp_path) == Cache()


def one_digit(path: Path) -> None:
    path.write_bytes(b"2".join(path.read_bytes().rsplit(b"1", 1)))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def not_utf_8(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\xff")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("index.json", one_digit),
        ("seen.tsv", cut),
        ("2025/11/README.md", one_digit),
        ("2025/12/README.md", not_utf_8),
        ("2025/12/README.md", Path.unlink),
        ("2025/11/papers.bib", one_digit),
        ("2025/12/papers.bib", Path.unlink),
    ],
)
def test_an_edited_file_is_not_built_on(folder: Path, name: str, damage: Callable[[Path], object]) -> None:
    damage(folder / name)
    assert cache.load(folder) == Cache()


@pytest.mark.parametrize("index", ["[]", "{}", "[" * 100_000])
def test_an_index_of_another_kind_is_not_built_on(folder: Path, index: str) -> None:
    (folder / "index.json").write_text(index)
    assert cache.load(folder) == Cache()


def test_what_another_format_made_is_not_built_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert cache.load(folder) == Cache()


def test_what_other_words_made_is_not_built_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Path(shutil.copytree(i18n.FOLDER, tmp_path / "locales"))
    monkeypatch.setattr(i18n, "FOLDER", words)
    assert cache.load(folder) != Cache()
    with (words / "en.toml").open("a") as file:
        file.write("# other\n")
    assert cache.load(folder) == Cache()


ODD = "A *b* [c](d) @me $x$ <i> a|b {{ x }} www.x.org \u202e 中文 e\u0301 #1 :+1: " + "long " * 60
REPORT: dict[str, Any] = {
    "schema_version": 1,
    "title": ODD,
    "language": "en",
    "engine": "claude",
    "threshold": 60,
    "generated_at": "2026-01-30T05:52:07Z",
    "run_url": None,
    "candidates": [],
    "picks": [],
    "pending": [],
}
JUDGED: dict[str, Any] = {
    "id": "2601.00001",
    "score": 71,
    "rank": 3,
    "outcome": "picked",
    "judged_by": "somebody",
    "signals": {},
}
UNSCORED: dict[str, Any] = {
    "id": "a b",
    "score": None,
    "rank": 4,
    "outcome": "unscored",
    "judged_by": "",
    "signals": {},
}
PICK = {"id": "2601.00001", "score": 71, "title": ODD, "headline": ODD, "hook": ODD, "url": "https://example.org/?a=1", "authors": [ODD, "Ana Lima"], "more_authors": 2, "doi": "10.1000/a", "categories": ["cs.CV"], "venue": {"text": ODD, "source": "comments"}}  # fmt: skip
OWED = {"id": "a b", "stage": "score"}
REPORTS: dict[str, dict[str, Any]] = {
    "2025-11-28": {"candidates": [JUDGED], "picks": [PICK]},
    "2025-12-01": {"candidates": [UNSCORED], "pending": [OWED]},
    "2025-12-02": {"candidates": [{**JUDGED, "outcome": "below_threshold"}], "language": "ja"},
    "2025-12-05": {
        "candidates": [{**JUDGED, "score": None}],
        "picks": [{**PICK, "score": None}],
        "engine": "local",
        "language": "zh-CN",
    },
    "2025-12-06": {"engine": "local"},
}


def test_other_bytes_of_the_same_reports_need_another_format(tmp_path: Path) -> None:
    """Else new rows and pages would stand beside old ones. Raise FORMAT, then write down the hash that it makes.

    Where only the words of a language have changed, the hash alone is to be renewed.
    """
    for date, given in REPORTS.items():
        path = tmp_path / "one" / date[:4] / date[5:7] / f"{date}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**REPORT, "date": date, **given}))
    build.rebuild(tmp_path, "one")
    kept = cache.load(tmp_path / "one")
    made = json.dumps([list(kept.rows.values()), kept.lines, kept.months])
    assert (cache.FORMAT, hashlib.sha256(made.encode()).hexdigest()[:16]) == (5, "9dff9ee369cefdcf")


def test_texts_that_join_to_the_same_have_other_seals() -> None:
    assert len({cache.seal("ab", "c", {}), cache.seal("a", "bc", {}), cache.seal("abc", "", {})}) == 3
    assert cache.seal("a", "b", {"1": Month("x", "y")}) != cache.seal("a", "b", {"1": Month("xy", "")})
    assert cache.seal("a", "b", {"1": Month("x", ""), "2": Month("y", "")}) == cache.seal(
        "a", "b", {"2": Month("y", ""), "1": Month("x", "")}
    )
    assert cache.seal("a", "b", {"1": Month("x", ""), "2": Month("y", "")}) != cache.seal(
        "a", "b", {"1": Month("y", ""), "2": Month("x", "")}
    )
