"""Which entry of a feed is one that an earlier digest has."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.core.models import Links
from pipeline.sources.base import Listing
from pipeline.sources.same_entry import Known, canonical_link, same_title, with_known_ids
from tests.builders import paper, source

TODAY = dt.date(2026, 2, 5)
BEFORE = dt.date(2026, 2, 4)
TITLE = "Learned restoration of noisy images"
PAGE = "https://j.example/a/1"
FEED = "https://j.example/feed.xml"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.j.example/a/1/", "https://j.example/a/1#comments", True),
        ("https://j.example/a?utm_source=rss&utm_medium=feed&id=7", "https://j.example/a?id=7", True),
        ("https://j.example/a?af=R", "https://j.example/a", True),
        (
            "https://www.biorxiv.org/content/10.1101/2026.01.02.123456v1?rss=1",
            "https://www.biorxiv.org/content/10.1101/2026.01.02.123456v12.full",
            True,
        ),
        (
            "http://b.example/cgi/content/short/2026.01.02.123456v1?rss=1",
            "http://b.example/cgi/content/short/2026.01.02.123456v2?rss=1",
            True,
        ),
        ("https://j.example/?p=1", "https://j.example/?p=77", False),
        ("https://j.example/api/v1", "https://j.example/api/v2", False),
        ("https://j.example/a/1", "https://j.example/a/10", False),
        ("https://j.example/a/1", "https://k.example/a/1", False),
        (
            "https://www.biorxiv.org/content/10.1101/2026.01.02.123456v1",
            "https://www.biorxiv.org/content/10.1101/2026.01.02.123457v1",
            False,
        ),
    ],
)
def test_links_to_one_page(one, other, same):
    assert (canonical_link(one) == canonical_link(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (TITLE, "LEARNED Restoration of Noisy Images.", True),
        (TITLE, "Learned restoraton of noisy image", True),
        (TITLE, "Learned restoration of very noisy images", True),
        (TITLE, "Learned restoration of damaged documents", False),
        ("Monday's news", "Tuesday's news", False),
        ("Lecture notes on image restoration, week 1", "Lecture notes on image restoration, week 2", False),
        ("Image restoration by diffusion, part one", "Image restoration by diffusion, part two", False),
        ("Editorial", "Editorial: February", False),
        (
            "A survey of restoration in ten years of work",
            "A survey of restoration in ten years of work 2026",
            False,
        ),
        ("图像复原", "图像复原。", True),
        ("图像复原", "图像去噪", False),
    ],
)
def test_titles_but_for_small_edits(one, other, same):
    assert same_title(one, other) is same_title(other, one) is same


def identified(
    *entries: tuple[str, str, str], known: list[Known], settled: tuple[str, ...] = (), day: dt.date = TODAY
) -> list[str]:
    papers = tuple(
        paper(key, title=title, links=Links(page=url), announced=day) for key, title, url in entries
    )
    found = with_known_ids(Listing(source("j.example/feed.xml"), papers), known, settled, TODAY)
    assert [one.title for one in found.papers] == [title for _, title, _ in entries]
    return [one.id for one in found.papers]


def test_a_rewritten_guid_and_a_new_version_keep_the_id():
    known = [Known("feed-1", TITLE, PAGE, BEFORE)]
    assert identified(("feed-2", TITLE, PAGE), known=known) == ["feed-1"]
    assert identified(("feed-2", TITLE, f"{PAGE}?utm_source=x"), known=known) == ["feed-1"]
    assert identified(("feed-2", TITLE + "!", PAGE), known=known, day=dt.date(2026, 1, 1)) == ["feed-1"]


def test_one_link_under_two_titles_is_two_and_one_title_under_two_links_too():
    known = [Known("feed-1", "Monday's news", PAGE, BEFORE)]
    assert identified(("feed-2", "Tuesday's news", PAGE), known=known) == ["feed-2"]
    assert identified(("feed-2", "Monday's news", "https://j.example/a/2"), known=known) == ["feed-2"]


def test_ids_of_reports_and_of_other_sources_stay():
    known = [Known("feed-1", TITLE, PAGE, BEFORE)]
    assert identified(("feed-2", TITLE, PAGE), known=known, settled=("feed-2",)) == ["feed-2"]
    assert identified(("2601.00001", TITLE, PAGE), known=known) == ["2601.00001"]


def test_where_the_link_is_the_feed_the_earlier_entry_has_to_be_gone_and_of_the_same_day():
    known = [Known("feed-1", TITLE, FEED, BEFORE)]
    assert identified(("feed-2", TITLE, FEED), known=known) == ["feed-1"]  # without a date
    assert identified(("feed-2", TITLE, FEED), known=known, day=BEFORE) == ["feed-1"]
    assert identified(("feed-2", TITLE, FEED), known=known, day=dt.date(2026, 1, 1)) == ["feed-2"]
    assert identified(("feed-1", TITLE, FEED), ("feed-2", TITLE, FEED), known=known, settled=("feed-1",)) == [
        "feed-1",
        "feed-2",
    ]
    assert identified(("feed-2", f"The {TITLE.lower()}", FEED), known=known) == ["feed-1"]
    assert identified(("feed-2", "Learned restoration of documents", FEED), known=known) == ["feed-2"]


def test_where_many_share_a_link_only_an_equal_title_counts():
    """Comparing each with each would take minutes: 500 entries with thousands of earlier ones."""
    known = [
        Known(f"feed-{n}", f"{TITLE} of {word}", PAGE, BEFORE)
        for n, word in enumerate("abcdefghijklmnopqrstu")
    ]
    typo = f"Lerned{TITLE[7:]} of a"
    assert identified(("feed-x", typo, PAGE), known=known) == ["feed-0"]
    assert identified(("feed-x", typo, PAGE), known=known[::-1]) == ["feed-x"]
    assert identified(("feed-x", f"{TITLE} of B", PAGE), known=known) == ["feed-1"]
