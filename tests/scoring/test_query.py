from __future__ import annotations

import pytest

from pipeline.scoring.query import headings, omitted_sections, wanted_prose

PROFILE = """\
I work on image restoration. I am not interested in medical imaging. Blind deblurring counts.
<!-- write below; remote sensing -->

## 想看
- flow matching for restoration, see https://example.org/segmentation

### in video
- temporal consistency

## 不想看
- detection and segmentation

### nor
- tracking

## Also
- RAW images

## 怎么写
Short sentences, no marketing.
"""


def test_a_profile_is_read_for_what_it_wants():
    text = wanted_prose(PROFILE)
    for kept in (
        "image restoration",
        "Blind deblurring",
        "flow matching",
        "temporal consistency",
        "RAW images",
    ):
        assert kept in text
    for left_out in ("medical", "sensing", "segmentation", "tracking", "marketing", "example.org"):
        assert left_out not in text


def test_what_is_left_out_can_be_named_with_its_lines():
    assert omitted_sections(PROFILE) == {"不想看": 2, "怎么写": 1}
    assert omitted_sections("I restore.\n\nAvoid: radar\nand sonar\n\nMore.") == {"Avoid": 2}
    portuguese = "## O que quero\n- mãos\n\n## O que não quero\n- carros\n"
    assert (omitted_sections(portuguese), headings(portuguese), headings(PROFILE)) == ({}, 2, 6)


@pytest.mark.parametrize(
    "heading",
    [
        "Not wanted", "What I don't want", "Don’t want", "Avoid", "Things to avoid", "Not interested", "Exclude",
        "Out of scope", "Unwanted", "Not for me", "Off-topic", "What I do not want to see:", "Skip",
        "不想看", "不感兴趣的方向", "排除", "読みたくない", "興味がない", "対象外", "Kein Interesse", "À éviter", "No me interesa",
        "How to write", "Style", "怎么写", "書き方",
    ],
)  # fmt: skip
def test_sections_under_such_a_heading_are_left_out(heading: str):
    text = wanted_prose(f"# Mine\ndeblurring\n\n## {heading}\n- tracking\n\n## Next\n- dehazing")
    assert "tracking" not in text
    assert "deblurring" in text
    assert "dehazing" in text


@pytest.mark.parametrize(
    "heading",
    [
        "Want",
        "想看",
        "No-reference quality assessment",
        "Style transfer",
        "不想错过的",
        "Notes",
        "読みたい",
        "Avoidance maps",
    ],
)
def test_other_headings_are_kept_with_their_sections(heading: str):
    assert "tracking" in wanted_prose(f"## {heading}\n- tracking")


@pytest.mark.parametrize(
    "prose",
    [
        "deblurring\n\n**Not wanted**\n\n- tracking\n\n**Wanted**\n\n- dehazing",
        "deblurring\n\nNot wanted:\n- tracking\n\nWanted:\n- dehazing",
        "deblurring\n\nAvoid: tracking and\nall that\n\ndehazing",
        "- deblurring\n- Avoid: tracking\n- dehazing",
        "deblurring\n\n不想看：tracking\n\ndehazing",
        "deblurring. I'm not interested in tracking. dehazing",
        "deblurring. I don't care about tracking! dehazing",
        "deblurring. Tracking, tracking, is out of scope.\n- dehazing",
    ],
)
def test_labels_and_sentences_of_refusal(prose: str):
    text = wanted_prose(prose).lower()
    assert "tracking" not in text
    assert "deblurring" in text
    assert "dehazing" in text


@pytest.mark.parametrize(
    "prose",
    [
        "I am not only interested in tracking.",
        "I do not want to miss papers on tracking.",
        "I work on two things: tracking and more.",
        "Pure tracking, ordinary tracking.",
    ],
)
def test_sentences_that_only_sound_like_refusal_stay(prose: str):
    assert "tracking" in wanted_prose(prose)


def test_nothing_is_invented():
    words = wanted_prose(PROFILE).split()
    assert words
    assert all(word in PROFILE for word in words)
    assert wanted_prose("") == ""
