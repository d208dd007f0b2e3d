"""Sources as values: which source an id is of, and what follows from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.core.source import FEED, SOURCES, TRUSTED_SOURCES, source_of_id
from pipeline.report.i18n import LANGUAGES, load
from pipeline.report.labels import anchor, source_name


@pytest.mark.parametrize(
    ("paper_id", "name", "its_anchor"),
    [
        ("2601.16914", "arxiv", "arxiv-2601-16914"),
        ("astro-ph/0601001", "arxiv", "arxiv-astro-ph-0601001"),
        ("feed-0123456789ab", "feed", "feed-0123456789ab"),
        ("biorxiv-10.1101-339747", "biorxiv", "biorxiv-10-1101-339747"),
        ("medrxiv-10.64898-2026.01.01.123456", "medrxiv", "medrxiv-10-64898-2026-01-01-123456"),
    ],
)
def test_an_id_says_which_source_gave_it(paper_id: str, name: str, its_anchor: str) -> None:
    source = source_of_id(paper_id)
    assert source is not None
    assert source.name == name
    assert anchor(paper_id) == its_anchor


@pytest.mark.parametrize(
    "paper_id",
    [
        "",
        "feed-",
        "feed-0123456789AB",
        "feed-2601.16914",
        "2601.16914v2",
        "arXiv:2601.16914",
        "../2601.16914",
        "biorxiv-10.1101/339747",
        "biorxiv-10.1101-",
        "biorxiv-10.1101-339747-2",
        "biorxiv-10.1101-A",
        "biorxiv-10.1101-" + "1" * 49,
        "10.1101-339747",
    ],
)
def test_no_source_gives_any_other_id(paper_id: str) -> None:
    assert source_of_id(paper_id) is None


def test_of_the_sources_only_lists_of_arxiv_speak_for_arxiv() -> None:
    assert sorted(TRUSTED_SOURCES) == ["arxiv", "huggingface"]
    assert FEED.name not in SOURCES, "a profile names feeds by their addresses"


def test_every_source_has_a_name_on_the_page_in_every_language() -> None:
    for language in sorted(LANGUAGES):
        shown = {name: source_name(load(language), name) for name in SOURCES}
        assert shown == {name: source.label for name, source in SOURCES.items()}


def test_no_other_file_of_the_program_lists_sources_by_name(root: Path) -> None:
    quoted = re.compile(rf'"({"|".join(SOURCES)})"')
    found = {
        str(path.relative_to(root / "pipeline"))
        for path in (root / "pipeline").rglob("*.py")
        if len(set(quoted.findall(path.read_text("utf-8")))) > 1
    }
    assert found == {"core/source.py", "config/profile.py"}, "a profile's keys are named after the sources"


def test_the_steps_to_add_a_source_name_every_file_that_bioRxiv_needed(root: Path) -> None:
    """docs/extend.md: a file that mentions bioRxiv and is no step would be forgotten with the next source."""
    text = (root / "docs/extend.md").read_text("utf-8")
    steps = [line for line in text.splitlines() if re.match(r"\| [0-9] \|", line)]
    named = {path for line in steps for path in re.findall(r"`([a-z_/]+\.(?:py|toml))`", line.split("|")[2])}
    program = [root / "digest.toml", *(root / "pipeline").rglob("*.py")]
    mentioning = {
        str(path.relative_to(root)) for path in program if "biorxiv" in path.read_text("utf-8").lower()
    }
    assert {path for path in named if not path.startswith("tests/")} == mentioning
    assert all((root / path).is_file() for path in named)
