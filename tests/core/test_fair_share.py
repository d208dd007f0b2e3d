"""Places shared among sources."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.fair_share import fair_share, source_of
from pipeline.core.models import Paper, Signal
from tests.builders import DAY, paper
from tests.sources.table import many

ANNOUNCED = Signal(day=DAY, announced_as="new")
LISTED = Signal(day=DAY)
BLOG, JOURNAL = "blog.example.org/feed", "journal.example.org/feed"


def ranked(sources: str) -> list[Paper]:
    """Papers in order of rank, each from the feed that one letter names; their ids are their ranks."""
    return [paper(str(n), signals={f"{name}.example/feed": LISTED}) for n, name in enumerate(sources)]


def taken(sources: str, places: int) -> str:
    return "".join(sources[int(one.id)] for one in fair_share(ranked(sources), places))


@pytest.mark.parametrize(
    ("sources", "places", "expected"),
    [
        ("aaaab", 2, "ab"),
        ("aaaab", 3, "aab"),
        ("aaabbc", 4, "aabc"),  # in the second round a comes before b
        ("baaaa", 1, "b"),
        ("aabb", 9, "aabb"),
        ("ab", 0, ""),
        ("ab", -1, ""),
    ],
)
def test_sources_take_turns_and_those_taken_keep_their_order(
    sources: str, places: int, expected: str
) -> None:
    assert taken(sources, places) == expected


@many
@given(st.text("abc", max_size=30), st.integers(0, 30))
def test_no_source_has_more_than_its_share_while_another_has_something_left(
    sources: str, places: int
) -> None:
    chosen = [int(one.id) for one in fair_share(ranked(sources), places)]
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(places, len(sources))
    got = Counter(sources[index] for index in chosen)
    for name in set(sources):
        own = [index for index, one in enumerate(sources) if one == name]
        assert [index for index in chosen if sources[index] == name] == own[: got[name]], "not its best"
    for pair in combinations(sorted(set(sources), key=sources.index), 2):
        for one, other in (pair, pair[::-1]):
            if got[other] < sources.count(other):
                assert got[one] - got[other] <= (one == pair[0]), "one more for the source that begins"


@many
@given(st.integers(0, 30), st.integers(0, 30))
def test_with_one_source_nothing_changes(count: int, places: int) -> None:
    papers = [paper(f"2601.{n:05d}") for n in range(count)]
    assert fair_share(papers, places) == papers[:places]


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        ({"arxiv": ANNOUNCED}, "arxiv"),
        ({"huggingface": LISTED}, "arxiv"),
        ({"arxiv": ANNOUNCED, BLOG: LISTED}, "arxiv"),
        ({"arxiv": LISTED, "huggingface": LISTED, BLOG: LISTED}, "arxiv"),
        ({"arxiv": LISTED, BLOG: LISTED}, BLOG),  # an old paper that a feed lists, with arXiv's metadata
        ({JOURNAL: LISTED, BLOG: LISTED}, BLOG),
        ({"biorxiv": LISTED}, "biorxiv"),
        ({"arxiv": LISTED}, "arxiv"),  # looked up by its id
        ({}, "arxiv"),
    ],
)
def test_a_paper_counts_for_arxiv_if_a_list_of_arxivs_has_it_else_for_its_feed(
    signals: dict[str, Signal], expected: str
) -> None:
    assert source_of(paper(signals=signals)) == expected
