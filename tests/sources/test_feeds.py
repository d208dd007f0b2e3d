"""Anybody's feed."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Skipped
from pipeline.sources import feeds
from pipeline.sources.listing import LinkRules, Parsed
from tests.sources.mutating import damaged, reworded
from tests.sources.table import LINKS, Table, many, recorded

TODAY = dt.date(2026, 1, 31)
URL = "https://lab.example.org/feed.xml"
RSS, ATOM = recorded("blog_rss.xml"), recorded("blog_atom.xml")


def parse(body: bytes) -> Parsed:
    found = feeds.parse(body, "lab.example.org/feed.xml", LINKS, today=TODAY)
    assert isinstance(found, Parsed)
    return found


def fetch(get: Table):
    return asyncio.run(feeds.fetch(get, URL, LINKS, today=TODAY))


def test_a_blog_read_by_eye():
    found = parse(RSS)
    post, paper, content = found.papers
    # sha256 of tag:lab.example.org,2026:blur, as `printf … | sha256sum | cut -c1-12` has it
    assert post.id == "feed-46693a793af9"
    assert post.title == "Why blur matters & noise does not"
    assert post.abstract == "A first paragraph. And p < 0.05."
    assert post.authors == ("First Author",)
    assert post.links.page == "https://lab.example.org/blur"
    assert post.links.html is post.links.pdf is None
    assert post.announced == dt.date(2026, 1, 30)  # 23:30 in New York
    assert post.signals["lab.example.org/feed.xml"].day == dt.date(2026, 1, 30)
    assert paper.id == "2601.99914"
    assert paper.links.html is None, "of which version there is, a feed is no witness"
    assert paper.abstract == "With x < y and no markup."
    assert paper.announced == TODAY
    assert content.links.page == "https://lab.example.org/content"
    assert content.abstract == "All of it."
    assert found.skipped == (
        Skipped(id="mail", stage="fetch", reason="has no https link"),
        Skipped(id="https://lab.example.org/untitled", stage="fetch", reason="has no title"),
    )


def test_an_atom_feed_read_by_eye():
    first, second = parse(ATOM).papers
    assert (first.id, first.title) == ("2601.99005", "An article on restoration")
    assert first.authors == second.authors == ("First Author", "Second Author")
    assert first.links.page == "https://arxiv.org/abs/2601.99005"
    assert (str(first.announced), str(second.announced)) == ("2026-01-28", "2026-01-27")
    assert second.id.startswith("feed-")
    assert second.abstract == "Long."


def test_an_entry_links_to_its_feeds_own_host_or_a_listed_one_else_to_the_feed():
    """The publishing job refuses links to strangers, and would refuse the whole report with them."""

    def page(name: str, *hosts: str) -> str:
        found = feeds.parse(ATOM, name, LinkRules(hosts=hosts), today=TODAY)
        assert isinstance(found, Parsed)
        return found.papers[1].links.page

    assert page("journal.example.org/feed.xml") == "https://journal.example.org/2"
    assert page("lab.example.org/feed.xml", "*.example.org") == "https://journal.example.org/2"
    assert page("lab.example.org/feed.xml") == "https://lab.example.org/feed.xml"


def test_arxivs_own_feeds_can_be_read_this_way_too():
    for name in ("arxiv_rss_2026-01-30.xml", "arxiv_atom_2026-01-30.xml"):
        papers = parse(recorded(name)).papers
        assert len(papers) == 7
        assert papers[0].abstract.startswith("Lipreading")
        assert papers[4].authors == ("Donghuo Zeng", "Hao Niu", "Zhi Li", "Masato Taya")


def test_a_slip_in_the_xml_is_forgiven_and_a_missing_end_is_not():
    slip = RSS.replace(b"A laboratory's blog", b"Q & A")
    assert len(parse(slip).papers) == 3
    get = Table(feed=[RSS[:900], RSS])
    assert fetch(get).status.count == 3
    assert len(get.asked) == 2


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (b"<!DOCTYPE html><html><body>A page</body></html>", "the answer is a web page, not a feed"),
        (b"", "the answer is no feed"),
        (b"just text", "cut or damaged"),
        (b"/etc/passwd", "cut or damaged"),
        (b"https://example.org/feed.xml", "cut or damaged"),
        (b"{}", "cut or damaged"),
        (b"<opml/>", "the answer is no feed"),
        (404, "HTTP 404"),
        ("HTTP 503 (4 tries)", "HTTP 503"),
    ],
)
def test_what_is_no_feed(answer, note):
    listing = fetch(Table(feed=[answer]))
    assert listing.status.status == "failed"
    assert note in listing.status.note


def test_a_feed_without_entries_is_empty():
    listing = fetch(Table(feed=[b"<rss version='2.0'><channel><title>x</title></channel></rss>"]))
    assert (listing.status.name, listing.status.status, listing.status.through) == (
        "lab.example.org/feed.xml",
        "empty",
        TODAY,
    )


def test_two_thousand_entries():
    item = "<item><title>Post {0}</title><link>https://lab.example.org/{0}</link></item>"
    body = f"<rss version='2.0'><channel>{''.join(item.format(n) for n in range(2000))}</channel></rss>"
    found = parse(body.encode())
    assert len({paper.id for paper in found.papers}) == 500
    assert found.skipped[-1].reason == "1500 entries past the first 500"


def test_a_reference_out_of_range_is_no_end_of_the_run():
    body = b"<rss version='2.0'><channel><item><title>a & &#99999999999999;</title></item></channel></rss>"
    assert isinstance(feeds.parse(body, "x", LINKS, today=TODAY), str | Parsed)


def test_a_token_in_a_feeds_address_is_not_its_name():
    assert (
        feeds.name_of("https://lab.example.org/private.xml?token=SECRET#x") == "lab.example.org/private.xml"
    )


@many
@given(damaged(RSS, ATOM) | reworded(RSS, ATOM) | st.binary(max_size=200))
def test_no_damage_makes_it_raise(body):
    found = feeds.parse(body, "x", LINKS, today=TODAY)
    assert isinstance(found, str) or all(paper.title and paper.model_dump_json() for paper in found.papers)
