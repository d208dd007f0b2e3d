"""What the repository says of itself is true: the map, the commands in the README, what is shipped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pipeline
from pipeline.cli import main
from tests import generated

FOLDERS = ("sources", "reading", "engines", "writing")


def test_the_map_names_every_file_and_no_other(root: Path) -> None:
    """In the map, the words after a colon are file names, up to a semicolon or the next column."""
    text = pipeline.__doc__ or ""
    assert len(text.strip().splitlines()) <= 20
    there = {
        path.relative_to(root / "pipeline").as_posix().removesuffix(".py")
        for path in (root / "pipeline").rglob("*.py")
        if path.name != "__init__.py"
    }
    named: list[str] = []
    folder = ""
    for line in text.splitlines()[2:]:
        if not line.startswith(" "):
            start = re.match(r"(\w+/)", line)
            folder = start[1] if start else ""
        for words in re.findall(r": ([a-z0-9_ ]+?)(?=;|  |$)", line):
            named += [f"{folder}{word}" for word in words.split()]
    assert sorted(named) == sorted(there)


def test_modules_stay_small(root: Path) -> None:
    """300 lines are where a module is split by noun; code that is one table may go on a little."""
    long = {
        path.name: count
        for path in (root / "pipeline").rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 330
    }
    assert long == {}


def test_the_readme_names_every_command(root: Path) -> None:
    text = (root / "README.md").read_text() + "".join(p.read_text() for p in (root / "docs").glob("*.md"))
    assert [name for name in main.commands if f"digest {name}" not in text] == []


def test_no_path_of_a_machine_and_no_registry_is_committed(root: Path) -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml", "Makefile", "README.md"):
        text = (root / name).read_text()
        assert not re.search(
            r"pypi\.org|files\.pythonhosted|index-url|find-links|/home/|/root/",
            text.replace("--no-emit-index-url", "").replace("--no-emit-find-links", ""),
        )


@pytest.mark.parametrize("path", generated.PAGES)
def test_generated_pages_are_current(root: Path, path: str) -> None:
    """`python -m tests.generated` writes them anew."""
    assert (root / path).read_text() == generated.PAGES[path]()


def test_links_in_the_docs_lead_somewhere(root: Path) -> None:
    for page in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_shows_a_piece_of_a_committed_page(root: Path) -> None:
    """Every line between the marks stands in the page, but for where its links begin."""
    page = "reports/cv-restoration/2026/01/2026-01-30.md"
    text = (root / "README.md").read_text()
    shown = text.split("<!-- sample:begin -->")[1].split("<!-- sample:end -->")[0]
    lines = [line.removeprefix(">").strip().replace(f"({page}#", "(#") for line in shown.strip().splitlines()]
    committed = {line.strip() for line in (root / page).read_text().splitlines()}
    assert len(lines) > 5
    assert [line for line in lines if line and line not in committed] == []
