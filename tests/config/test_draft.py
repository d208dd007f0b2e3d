"""The file that a draft becomes, and `liked` in files that people wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import front_matter
from pipeline.config.draft import Draft, Words, liked_lines, lines, markdown, one_line, with_liked
from pipeline.config.profile import Profile, parse_profile
from tests.conftest import ROOT

WORDS = Words(wanted="W", wanted_text="w", unwanted="U", unwanted_text="u", style="S", style_text="s")


def parsed(text: str) -> Profile:
    document = front_matter.parse(Path("mine.md"), text.encode(), text)
    return parse_profile(ROOT / "prompts", document, "mine", languages=frozenset({"en"}))


def draft(**given: object) -> Draft:
    values = {"title": "T", "language": "en", "prose": "P", "categories": ("cs.CV",), "keywords": ()}
    return Draft.model_validate({**values, **given})


signs = st.text(st.characters(codec=None, categories=["L", "M", "N", "P", "S", "Z", "C"]), max_size=40)
typed = st.one_of(
    signs, st.text(st.sampled_from("---\n# :'\"[]{}&*!|>%@`,\t\x00\u2028\ufeff\ud800yesnul1~"), max_size=20)
)


@given(title=typed, prose=typed, points=st.lists(typed, max_size=3), keywords=st.lists(typed, max_size=3))
def test_whatever_is_typed_is_read_back_as_it_was_meant(
    title: str, prose: str, points: list[str], keywords: list[str]
) -> None:
    if not one_line(title) or not lines(prose):
        return
    meant = [one_line(word) for word in keywords]
    profile = parsed(
        markdown(draft(title=title, prose=prose, wanted=points, unwanted=points, keywords=keywords), WORDS)
    )
    assert profile.settings.title == one_line(title)
    assert list(profile.settings.keywords) == meant
    assert profile.settings.arxiv == ("cs.CV",)
    assert profile.prose.startswith(lines(prose))


def test_prose_with_headings_of_its_own_gets_no_others() -> None:
    assert (
        parsed(markdown(draft(prose="I do this.\n\n## No\n\nThat."), WORDS)).prose
        == "I do this.\n\n## No\n\nThat."
    )


def test_hugging_face_is_read_where_it_lists_such_papers() -> None:
    assert parsed(markdown(draft(), WORDS)).settings.sources == ("huggingface", "arxiv")
    assert parsed(markdown(draft(categories=("quant-ph", "math.NT")), WORDS)).settings.sources == ("arxiv",)


HEAD = "---\ntitle: T # mine\nlanguage: en\narxiv: [cs.CV]\n{liked}picks: 2\n---\nText\n---\nliked: [no]\n"
OLD = '2401.00009v2, "hep-th/9711200"'


@pytest.mark.parametrize(
    ("liked", "old"),
    [
        ("", ()),
        ("liked: []\n", ()),
        (f"liked: [{OLD}] # by hand\n", ("2401.00009", "hep-th/9711200")),
        ('liked:\n  - "2401.00009"\n  - hep-th/9711200\n', ("2401.00009", "hep-th/9711200")),
    ],
)
def test_liked_is_added_and_all_else_stays(liked: str, old: tuple[str, ...]) -> None:
    text = HEAD.format(liked=liked)
    changed, added = with_liked(text, old, ["2601.00001", "2401.00009", "2501.00001"])
    new = [paper_id for paper_id in ("2601.00001", "2501.00001", "2401.00009") if paper_id not in old]
    assert list(added) == new
    profile = parsed(changed)
    assert list(profile.settings.liked) == ["2601.00001", "2501.00001", "2401.00009"] + [
        "hep-th/9711200"
    ] * bool(old)
    assert profile.settings.picks == 2
    assert "title: T # mine\n" in changed
    assert changed.endswith("---\nText\n---\nliked: [no]\n")
    assert with_liked(changed, profile.settings.liked, new) == (changed, ())


def test_no_more_than_fifty_and_those_of_the_reader_first() -> None:
    old = [f"2001.{n:05}" for n in range(48)]
    changed, added = with_liked(
        HEAD.format(liked=liked_lines(old) + "\n"), old, [f"2601.{n:05}" for n in range(5)]
    )
    assert added == ("2601.00004", "2601.00003")
    assert {*old} < {*parsed(changed).settings.liked}
    assert len(parsed(changed).settings.liked) == 50
