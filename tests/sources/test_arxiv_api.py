"""Single papers by id."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import pytest
from hypothesis import given

from pipeline.core.models import Paper, Skipped
from pipeline.sources import arxiv_api
from pipeline.sources.http_client import Page
from tests.sources.mutating import damaged, reworded
from tests.sources.playing import Time, a_record, a_world, visit
from tests.sources.table import LINKS, Table, many, recorded
from tests.stubs.world import days_of

BASE = "https://export.arxiv.org"


def by_ids(get, *ids: str) -> arxiv_api.LookupResult:
    return asyncio.run(arxiv_api.fetch_by_ids(get, BASE, ids, LINKS))


def test_a_recorded_answer_read_by_eye():
    found = arxiv_api.parse(recorded("arxiv_api_one.xml"), LINKS)
    assert not isinstance(found, str)
    (paper,) = found
    assert (paper.id, paper.title) == ("1605.08386", "Heat-bath random walks with Markov bases")
    assert paper.abstract.startswith("Graphs on lattice points are studied")
    assert paper.authors == ("Caprice Stanley", "Tobias Windisch")
    assert paper.categories == ("math.CO", "math.ST")
    assert paper.links.pdf == "https://arxiv.org/pdf/1605.08386v1"
    # Thursday 2016-05-26, 13:59 Eastern: in time for that evening's announcement, dated Friday
    assert paper.announced == dt.date(2016, 5, 27)


def test_ids_of_the_old_style():
    (paper,) = by_ids(Table(id_list=[recorded("arxiv_api_old_style_v1.xml")]), "quant-ph/0201082").papers
    assert (paper.id, paper.links.page) == ("quant-ph/0201082", "https://arxiv.org/abs/quant-ph/0201082")
    assert paper.links.html == "https://arxiv.org/html/quant-ph/0201082v1"


def test_affiliations_are_no_names():
    (paper,) = by_ids(Table(id_list=[recorded("arxiv_api_old_style.xml")]), "astro-ph/0601001").papers
    assert paper.authors[:2] == ("Andrew Gould", "Susan Dorsher")


def test_one_call_for_all_and_what_is_missing_is_named():
    get = Table(id_list=[recorded("arxiv_api_one_of_two.xml")])
    found = by_ids(get, "1707.08567", "0808.05394")
    assert get.asked == [f"{BASE}/api/query?id_list=1707.08567,0808.05394&max_results=100"]
    assert [paper.id for paper in found.papers] == ["1707.08567"]
    assert found.missing == (
        Skipped(id="0808.05394", stage="fetch", reason="arXiv knows no paper of this id"),
    )


def test_an_answer_without_papers():
    found = by_ids(Table(id_list=[recorded("arxiv_api_unknown.xml")]), "2601.00001")
    assert (found.papers, len(found.missing)) == ((), 1)


def test_nothing_is_asked_for_nothing():
    get = Table()
    assert by_ids(get).missing == ()
    assert get.asked == []


def test_an_id_that_arxiv_refuses_costs_only_itself():
    refused = recorded("arxiv_api_malformed_400.xml").replace(b"abc", b"2601.00001")

    class Picky(Table):
        async def __call__(self, url, *, accept="*/*", attempts=None, fresh=False):
            page = await super().__call__(url, accept=accept, attempts=attempts, fresh=fresh)
            return Page(url, 400, refused) if "2601.00001" in url else page

    get = Picky(id_list=[recorded("arxiv_api_one.xml")])
    found = by_ids(get, "2601.00001", "1605.08386")
    assert [paper.id for paper in found.papers] == ["1605.08386"]
    assert [one.id for one in found.missing] == ["2601.00001"]
    assert "incorrect id format for 2601.00001" in found.missing[0].reason
    assert len(get.asked) == 2


def test_an_error_entry_is_not_a_paper():
    assert arxiv_api.parse(recorded("arxiv_api_malformed_400.xml"), LINKS) == ()
    untitled = recorded("arxiv_api_one.xml").replace(b"Heat-bath random walks with Markov bases", b" ")
    assert arxiv_api.parse(untitled, LINKS) == ()


@pytest.mark.parametrize(
    "answer", ["HTTP 429 (4 tries)", 400, b"<rss/>", recorded("arxiv_api_one.xml")[:900]]
)
def test_a_call_that_fails_leaves_everything_missing_with_the_reason(answer):
    found = by_ids(Table(id_list=[answer]), "2601.00001", "2601.00002")
    assert found.papers == ()
    assert [one.id for one in found.missing] == ["2601.00001", "2601.00002"]
    assert all(one.reason.startswith("arXiv's API could not be read: ") for one in found.missing)


def test_hundreds_of_ids_are_asked_for_by_the_hundred():
    records = [a_record(n) for n in range(1, 251)]
    with a_world(days=days_of(records), interval=0.0) as world:
        ids = [record.id for record in reversed(records)]
        found = visit(
            world, lambda client: arxiv_api.fetch_by_ids(client.get, world.arxiv, ids, LINKS), Time()
        )
        assert [paper.id for paper in found.papers] == ids
        assert len(world.seen("api")) == 3


ALL = [recorded(f"arxiv_api_{name}.xml") for name in ("one", "one_of_two", "malformed_400", "old_style")]


@many
@given(damaged(*ALL) | reworded(*ALL))
def test_no_damage_makes_it_raise(body):
    assert isinstance(arxiv_api.parse(body, LINKS), str | tuple)
    assert isinstance(arxiv_api.error_message(body), str)


def test_what_only_the_api_knows_of_a_publication():
    """Ten recorded entries, read by eye."""
    found = arxiv_api.parse(recorded("arxiv_api_search.xml"), LINKS)
    assert not isinstance(found, str)
    by_id = {paper.id: paper for paper in found}
    assert by_id["1202.4527"].comment == "GUI Testing, Test case generation"
    assert by_id["1202.4527"].journal_ref == (
        "International Journal of Software Engineering & Applications (IJSEA), Vol.3, No.1, January 2012"
    )
    assert [key for key, paper in by_id.items() if not paper.doi] == [
        "1202.4527",
        "2503.05378",
        "2502.07719",
        "1812.11470",
    ]
    assert by_id["2005.14124"].doi == "10.1145/3395363.3397376"
    assert sum(bool(paper.journal_ref) for paper in found) == 6


def published(comment: str = "", doi: str = "") -> Paper:
    entry = recorded("arxiv_api_one.xml")
    inner = f"<arxiv:doi>{doi}</arxiv:doi><arxiv:comment>{comment}</arxiv:comment>".encode()
    entry = re.sub(rb"<arxiv:comment>.*?</arxiv:comment>", inner, entry)
    found = arxiv_api.parse(entry, LINKS)
    assert not isinstance(found, str)
    return found[0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("10.1000/a.b-(c):1", "10.1000/a.b-(c):1"),
        ("10.1000/a 10.1000/b", "10.1000/a"),  # some entries name several
        (" 10.1000/a&#10;", "10.1000/a"),
        ("https://doi.org/10.1000/a", None),
        ("10.1000/a)](https://evil.example)", None),
        ('10.1000/a"onclick="x', None),
        (f"10.1000/{'a' * 201}", None),
        ("10.1000/", None),
        ("", None),
    ],
)
def test_a_doi_is_one_or_there_is_none(given, expected):
    assert published(doi=given).doi == expected


def test_a_comment_is_a_strangers_text():
    said = published(comment="Accepted\n at&#x202e; A&amp;amp;B " + "x" * 400).comment
    assert said.startswith("Accepted at A&B x")
    assert len(said) == 300
