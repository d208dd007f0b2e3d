"""`digest seed`, as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_app import digest
from tests.config.test_seeds import ZOTERO_BIBTEX, ZOTERO_CSL

PROFILE = Path("prompts/profiles/cv-restoration.md")


@pytest.fixture
def library(project: Path) -> str:
    (project / "mine.bib").write_text(ZOTERO_BIBTEX, "utf-8")
    return "mine.bib"


def test_it_prints_liked_and_says_what_it_could_not_place(library: str) -> None:
    before = PROFILE.read_bytes()
    result = digest("seed", library)
    assert result.stdout == 'liked: ["2401.00001"]\n'
    assert result.stderr.splitlines() == [
        "not placed: Deep Residual Learning: no arXiv id; its DOI is 10.1109/CVPR.2016.90",
        "1 paper of arXiv, 1 not placed, read as bibtex",
    ]
    assert PROFILE.read_bytes() == before


def test_authors_of_several_entries_are_suggested_beside_them(project: Path) -> None:
    entries = "\n".join(f"%0 Generic\n%T {n}\n%A Müller, Jürgen\n%U arXiv:2401.0000{n}" for n in range(3))
    Path("mine.enw").write_text(entries, "utf-8")
    said = digest("seed", "mine.enw").stderr
    assert 'authors of 3 or more, if you follow them: authors: ["Müller, Jürgen"]\n' in said


def test_write_puts_them_into_the_profile_which_still_passes_check(library: str) -> None:
    before = PROFILE.read_text("utf-8")
    assert digest("seed", library, "--write").stdout.endswith(f"; 1 added to {PROFILE}\n")
    assert PROFILE.read_text("utf-8") == before.replace("\n---\n", '\nliked: ["2401.00001"]\n---\n', 1)
    digest("check")
    assert "has all of them" in digest("seed", library, "--write", "--profile", "cv-restoration").stdout


def test_write_needs_one_profile(library: str) -> None:
    said = digest("seed", "my own.bib", "--profile", "llm-agents", code=2).stderr
    assert "goes with --write" in said
    assert "Try: digest seed 'my own.bib' --write" in said  # as a shell takes it
    two = ("--profile", "cv-restoration", "--profile", "llm-agents")
    assert "--profile cv-restoration" in digest("seed", library, "--write", *two, code=2).stderr


def test_more_than_fifty_are_cut_and_that_is_said(project: Path) -> None:
    Path("ids.txt").write_text("\n".join(f"2401.{n:05}" for n in range(60)))
    result = digest("seed", "ids.txt", "--json")
    assert json.loads(result.stdout)["liked"] == [f"2401.{n:05}" for n in range(59, 9, -1)]
    assert "60 papers of arXiv, 0 not placed, read as text; the newest 50 are shown" in result.stderr


def test_files_that_are_no_library(project: Path) -> None:
    Path("empty.txt").write_text("nothing here")
    for name, reason in (("empty.txt", "0 papers"), ("missing.bib", "No such file"), ("prompts", "")):
        assert reason in digest("seed", name, code=2).stderr
    Path("books.json").write_text(ZOTERO_CSL.replace("arXiv", "x"))
    assert "not placed: A book: no arXiv id, no DOI" in digest("seed", "books.json", code=2).stderr
