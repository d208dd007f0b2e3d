"""What a profile's settings come to, once they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.profile import ProfileSettings, load_profile
from pipeline.core.errors import InputError

LANGUAGES = frozenset({"en"})


def liked(project: Path, written: str) -> tuple[str, ...]:
    path = project / "prompts/profiles/mine.md"
    path.write_text(f"---\ntitle: Mine\narxiv: [cs.CV]\nliked: {written}\n---\nI restore pictures.\n")
    return load_profile(project / "prompts", "mine", languages=LANGUAGES).settings.liked


@pytest.mark.parametrize(
    ("written", "papers"),
    [
        ('["2601.16914v2"]', ("2601.16914",)),
        ('["math.GT/0309136"]', ("math/0309136",)),
        ('["https://arxiv.org/abs/2601.16914v3", "arXiv:2601.16914"]', ("2601.16914",)),
        (
            "[https://huggingface.co/papers/2601.16914, astro-ph/0601001v1]",
            ("2601.16914", "astro-ph/0601001"),
        ),
    ],
)
def test_liked_papers_are_known_by_the_name_that_sources_give_them(
    project: Path, written: str, papers: tuple[str, ...]
) -> None:
    assert liked(project, written) == papers


def written(project: Path, *lines: str) -> ProfileSettings:
    path = project / "prompts/profiles/mine.md"
    path.write_text("\n".join(("---", "title: Mine", *lines, "---", "I record neurons.")))
    return load_profile(project / "prompts", "mine", languages=LANGUAGES).settings


def test_subject_areas_may_be_written_as_their_site_or_their_api_writes_them(project: Path) -> None:
    settings = written(
        project,
        "sources: [biorxiv, medrxiv]",
        "biorxiv: [Cell Biology, systems_biology]",
        "medrxiv: [hiv-aids]",
    )
    assert settings.biorxiv == ("cell biology", "systems biology")
    assert settings.medrxiv == ("hiv aids",)


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        (["biorxiv: [neurosience]"], 'biorxiv.0: "neurosience" is not a subject area of bioRxiv. Did you mean `neuroscience`?', ""),
        (["medrxiv: [quantum gravity]"], "is not a subject area of medRxiv. There are: addiction medicine, ", ""),
        (["sources: [biorxiv]"], "biorxiv is among the sources, but `biorxiv:` names no category", "Try: biorxiv: [neuroscience, cell biology]"),
        (["sources: [arxiv]", "arxiv: [cs.CV]", "medrxiv: [nursing]"], "`medrxiv:` names categories, but medrxiv is not among the sources", "Try: sources: [arxiv, medrxiv]"),
        (["sources: [bioarxiv]"], "medrxiv. Did you mean `biorxiv`?", "Try: sources: [huggingface, arxiv]"),
    ],
)  # fmt: skip
def test_a_source_that_would_not_be_read_as_meant_is_an_error(
    project: Path, lines: list[str], message: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        written(project, *lines)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.line


@pytest.mark.parametrize(
    ("authors", "message"),
    [
        ('[""]', 'authors.0: "" is empty'),
        ('["J."]', 'authors.0: "J." is no name: it needs a whole word'),
        ("[王]", 'authors.0: "王" is no name'),
        ("[Jane Smith, J. S.]", 'authors.1: "J. S." is no name'),
        ('["Jane Smith, Wei Wang"]', "is a list of names in one text"),
        ("Jane Smith, Wei Wang", 'authors: "Jane Smith, Wei Wang" is not a list in [ ]'),
        (f"[{', '.join(f'Jane Smith{n}' for n in range(101))}]", "has more than 100 entries"),
        (f"[{'x' * 201}]", "has 201 characters, and a name has at most 200"),
    ],
)
def test_what_cannot_be_an_author_is_an_error(project: Path, authors: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        written(project, "arxiv: [cs.CV]", f"authors: {authors}")
    assert message in caught.value.message
    assert caught.value.hint == 'Try: authors: [Jane Smith, "Wang, Xiaoming"]'
    assert caught.value.line == 4


def test_authors_are_kept_as_they_are_written_and_once(project: Path) -> None:
    names = '[Jane  Smith, "Wang, Xiaoming", 王小明, Jane Smith, "Smith, Jane, Jr."]'
    assert written(project, "arxiv: [cs.CV]", f"authors: {names}").authors == (
        "Jane Smith", "Wang, Xiaoming", "王小明", "Smith, Jane, Jr."
    )  # fmt: skip


def test_categories_of_arxiv_may_stay_while_it_is_not_read(project: Path) -> None:
    assert written(project, "sources: [huggingface]", "arxiv: [cs.CV]").arxiv == ("cs.CV",)
