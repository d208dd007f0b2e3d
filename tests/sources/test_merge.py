"""One candidate out of many accounts, in whatever order they come."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import Links, Paper, Signal, SourceStatus
from pipeline.sources.base import Listing
from pipeline.sources.merge import merge
from tests.sources.table import LINKS, many

MONDAY, TUESDAY = dt.date(2026, 1, 26), dt.date(2026, 1, 27)


def listing(*papers: Paper) -> Listing:
    return Listing(SourceStatus(name="x", status="ok", count=len(papers), through=None), papers)


def from_arxiv(
    number: int = 1, version: int = 1, kind: str = "new", day: dt.date = TUESDAY, **given
) -> Paper:
    paper_id = f"2601.{number:05d}"
    values = {
        "title": f"A title of v{version}",
        "abstract": "From arXiv.",
        "authors": ("First Author", "Second Author"),
        "categories": ("cs.CV",),
        "links": LINKS.paper(paper_id, version),
        "signals": {"arxiv": Signal.model_validate({"day": day, "announced_as": kind})},
        "announced": day,
    }
    return Paper.model_validate({"id": paper_id, **values, **given})


def from_huggingface(number: int = 1, votes: int = 5, day: dt.date = TUESDAY, **given) -> Paper:
    paper_id = f"2601.{number:05d}"
    links = LINKS.paper(paper_id).model_copy(
        update={"huggingface": f"https://huggingface.co/papers/{paper_id}", "code": "https://github.com/a/b"}
    )
    values = {
        "title": "A Title, Differently",
        "abstract": "From Hugging Face, at greater length.",
        "authors": ("First Author", "Second Author", "Third Author"),
        "categories": (),
        "links": links,
        "signals": {"huggingface": Signal(day=day, upvotes=votes)},
        "announced": None,
    }
    return Paper.model_validate({"id": paper_id, **values, **given})


def test_one_entry_with_both_signals():
    (paper,) = merge([listing(from_huggingface()), listing(from_arxiv())])
    assert (paper.title, paper.abstract, paper.authors) == (
        "A title of v1",
        "From arXiv.",
        ("First Author", "Second Author"),
    )
    assert paper.links.html == "https://arxiv.org/html/2601.00001v1"
    assert paper.links.huggingface == "https://huggingface.co/papers/2601.00001"
    assert paper.links.code == "https://github.com/a/b"
    assert list(paper.signals) == ["arxiv", "huggingface"]
    assert paper.signals["huggingface"].upvotes == 5
    assert paper.announced == TUESDAY


def test_two_versions_are_one_paper_of_the_newer_text_and_the_older_day():
    replaced = from_arxiv(version=2, kind="replace", day=TUESDAY, title="A new title", abstract="Cut.")
    (paper,) = merge([listing(from_arxiv(day=MONDAY), replaced)])
    assert (paper.title, paper.links.pdf) == ("A new title", "https://arxiv.org/pdf/2601.00001v2")
    assert (paper.announced, paper.signals["arxiv"]) == (MONDAY, Signal(day=MONDAY, announced_as="new"))


def test_the_tenth_version_is_newer_than_the_ninth():
    (paper,) = merge([listing(from_arxiv(version=9)), listing(from_arxiv(version=10))])
    assert (paper.title, paper.links.pdf) == ("A title of v10", "https://arxiv.org/pdf/2601.00001v10")


def test_a_feed_that_tells_more_gives_way_to_a_list():
    authors = tuple(f"Author Number{n}" for n in range(8))
    signals = {"lab.example.org": Signal(day=MONDAY)}
    post = from_huggingface(title="A post", authors=authors, signals=signals)
    (paper,) = merge([listing(post), listing(from_huggingface())])
    assert paper.title == "A Title, Differently"


def test_new_says_more_than_cross():
    (paper,) = merge([listing(from_arxiv(kind="cross")), listing(from_arxiv(kind="new"))])
    assert paper.signals["arxiv"].announced_as == "new"


def test_a_list_that_names_a_paper_twice():
    (paper,) = merge([listing(from_huggingface(votes=5, day=TUESDAY), from_huggingface(votes=9, day=MONDAY))])
    assert paper.signals["huggingface"] == Signal(day=MONDAY, upvotes=9)


def test_three_sources():
    post = from_arxiv(
        version=9, signals={"lab.example.org": Signal(day=MONDAY)}, categories=(), title="A post"
    )
    (paper,) = merge([listing(post), listing(from_huggingface()), listing(from_arxiv())])
    assert paper.title == "A title of v1"
    assert list(paper.signals) == ["arxiv", "huggingface", "lab.example.org"]


def test_accounts_that_differ_in_the_least_thing_have_an_order_too():
    here, there = (
        from_arxiv(),
        from_arxiv(links=Links(page="https://example.org/", html=from_arxiv().links.html)),
    )
    assert merge([listing(here), listing(there)]) == merge([listing(there), listing(here)])


def test_an_account_without_an_abstract_gives_way():
    (paper,) = merge([listing(from_arxiv(abstract="")), listing(from_huggingface())])
    assert paper.abstract == "From Hugging Face, at greater length."


def test_others_stay_apart_and_the_order_is_by_id():
    feed = from_arxiv(id="feed-0123456789ab")
    papers = merge([listing(feed, from_arxiv(3)), listing(from_arxiv(2), from_huggingface(1))])
    assert [paper.id for paper in papers] == ["2601.00001", "2601.00002", "2601.00003", "feed-0123456789ab"]
    assert merge([]) == ()


# -- in any order, any grouping, any number of times ------------------------------------------------------

DAYS = st.sampled_from([MONDAY, TUESDAY, dt.date(2026, 1, 28)])
WORDS = st.sampled_from(["", "a", "b", "long words"])
ADDRESS = st.sampled_from([None, "https://github.com/a/b", "https://github.com/c"])
SIGNALS = st.dictionaries(
    st.sampled_from(["arxiv", "huggingface", "feed"]),
    st.builds(
        Signal,
        day=DAYS,
        announced_as=st.sampled_from([None, "new", "cross", "replace", "replace-cross"]),
        upvotes=st.none() | st.integers(0, 3),
    ),
    min_size=1,
)


@st.composite
def accounts(draw: st.DrawFn) -> Paper:
    number, version = draw(st.integers(1, 3)), draw(st.sampled_from([None, 1, 2, 10]))
    links = LINKS.paper(f"2601.{number:05d}", version)
    page = {"page": draw(st.sampled_from([links.page, "https://example.org/"]))}
    extra = {name: draw(ADDRESS) for name in ("huggingface", "code", "project")}
    return Paper(
        id=f"2601.{number:05d}",
        title=draw(WORDS.filter(bool)),
        abstract=draw(WORDS),
        authors=tuple(draw(st.lists(WORDS.filter(bool), max_size=2))),
        categories=tuple(draw(st.lists(st.sampled_from(["cs.CV", "cs.LG"]), max_size=2))),
        links=Links.model_validate({**links.model_dump(), **page, **extra}),
        signals=draw(SIGNALS),
        announced=draw(st.none() | DAYS),
        stars=draw(st.none() | st.integers(0, 2)),
        comment=draw(WORDS),
        journal_ref=draw(WORDS),
        doi=draw(st.sampled_from([None, "10.1000/a", "10.1000/b"])),
    )


LISTINGS = st.lists(accounts(), max_size=4).map(lambda papers: listing(*papers))


def as_bytes(papers) -> list[str]:
    return [paper.model_dump_json() for paper in papers]


@many
@given(LISTINGS, LISTINGS)
def test_commutative(one, other):
    assert as_bytes(merge([one, other])) == as_bytes(merge([other, one]))


@many
@given(LISTINGS, LISTINGS, LISTINGS)
def test_associative(one, two, three):
    left = merge([listing(*merge([one, two])), three])
    right = merge([one, listing(*merge([two, three]))])
    assert as_bytes(left) == as_bytes(right) == as_bytes(merge([one, two, three]))


@many
@given(LISTINGS)
def test_idempotent(one):
    once = merge([one])
    assert as_bytes(merge([one, one])) == as_bytes(merge([listing(*once)])) == as_bytes(once)


@many
@given(LISTINGS, LISTINGS)
def test_nothing_is_lost(one, other):
    merged = {paper.id: paper for paper in merge([one, other])}
    for paper in (*one.papers, *other.papers):
        assert set(paper.signals) <= set(merged[paper.id].signals)
    assert len(merged) == len({paper.id for paper in (*one.papers, *other.papers)})
