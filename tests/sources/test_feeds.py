"""Anybody's feed."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import json
import re
import sys
import time
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import limits
from pipeline.core.ledger import Feed
from pipeline.core.models import Skipped, SourceStatus
from pipeline.sources import feed_worker, feeds
from pipeline.sources.base import LinkRules, Listing, Parsed
from pipeline.sources.http_client import Page
from pipeline.sources.merge import merge
from tests.builders import paper, source
from tests.growing import LINEAR, growth
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
    # As `printf 'lab.example.org/feed.xml\ntag:lab.example.org,2026:blur' | sha256sum | cut -c1-12` has it
    assert post.id == "feed-caf541f721af"
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


def linked(address: str, url: str = "https://j.example/a/feed.xml", *hosts: str, base: str = "") -> Parsed:
    """A feed at `url` with one entry that links to `address`."""
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry {base}><title>x</title><link href=\"{address}\"/></entry></feed>"
    output = feed_worker.parse_feed(body.encode())
    rules = LinkRules(hosts=hosts)
    found = feeds.build_papers(output, feeds.source_name(url), rules, today=TODAY, url=url)
    assert isinstance(found, Parsed)
    return found


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/posts/1", "https://j.example/posts/1"),
        ("posts/1", "https://j.example/a/posts/1"),
        ("../x", "https://j.example/x"),
        ("//j.example/p", "https://j.example/p"),
        ("#x", "https://j.example/a/feed.xml#x"),
        ("https://www.j.example/a/1", "https://www.j.example/a/1"),
        ("https://journals.j.example/2", "https://journals.j.example/2"),
        ("http://J.example:80/\u8ad6 \u6587", "https://j.example/%E8%AB%96%20%E6%96%87"),
        ("https://doi.org/10.1/x", "https://doi.org/10.1/x"),
    ],
)
def test_an_entry_links_to_its_article(address, page):
    (paper,) = linked(address).papers
    assert paper.links.page == page
    assert linked(address).note == ""


def test_a_relative_link_is_relative_to_the_entrys_base():
    (paper,) = linked("1.html", base="xml:base='https://j.example/blog/2026/'").papers
    assert paper.links.page == "https://j.example/blog/2026/1.html"
    (paper,) = linked("1.html", base="xml:base='/blog/'").papers
    assert paper.links.page == "https://j.example/blog/1.html"


def test_a_guid_that_is_no_address_is_no_link():
    body = rss(
        "<item><title>x</title><guid>42</guid></item>", "<item><title>y</title><guid>/p/1</guid></item>"
    )
    found = parse(body)
    assert [paper.links.page for paper in found.papers] == ["https://lab.example.org/p/1"]
    assert [one.id for one in found.skipped] == ["42"]


def test_a_link_to_a_stranger_leads_to_the_feed_and_the_note_names_the_host():
    """The publishing job refuses links to strangers, and would refuse the whole report with them."""
    for stranger in (
        "https://other.example/1",
        "https://evilj.example/1",
        "https://j.example.evil.example/1",
    ):
        found = linked(stranger)
        assert found.papers[0].links.page == "https://j.example/a/feed.xml"
        assert feeds.refused_hosts(found.note) == (stranger.split("/")[2],)
        assert linked(stranger, "https://j.example/a/feed.xml", stranger.split("/")[2]).note == ""
    assert linked("https://j.example:8443/1").papers[0].links.page == "https://j.example/a/feed.xml"
    entries = "".join(item("x", guid=f"{n}", link=f"https://h{n % 5}.example/{n}") for n in range(12))
    note = parse(rss(entries)).note
    assert note.startswith(
        "links to h0.example, h1.example, h2.example and others are not allowed by digest.toml"
    )
    assert feeds.refused_hosts(f"something before; {note}; 3 entries") == (
        "h0.example",
        "h1.example",
        "h2.example",
    )
    assert feeds.refused_hosts("3 entries") == ()


@pytest.mark.parametrize(
    ("feed", "page"),
    [
        ("https://connect.biorxiv.org/biorxiv_xml.php", "https://www.biorxiv.org/content/1v1"),
        ("https://connect.medrxiv.org/medrxiv_xml.php", "https://www.medrxiv.org/content/1v1"),
        ("https://feeds.aps.org/rss/recent/prl.xml", "https://link.aps.org/doi/1"),
        (
            "https://rss.sciencedirect.com/publication/1",
            "https://www.sciencedirect.com/science/article/pii/1",
        ),
        ("https://www.jmlr.org/jmlr.xml", "https://jmlr.org/papers/1"),
        ("https://www.jmlr.org/tmlr/feed.xml", "https://openreview.net/forum?id=1"),
        ("https://feeds.nature.com/nature/rss/current", "https://www.nature.com/articles/1"),
        ("https://feeds.rsc.org/rss/sc", "https://pubs.rsc.org/en/1"),
    ],
)
def test_feeds_of_publishers_whose_papers_lie_on_another_host(feed, page):
    assert linked(page, feed).papers[0].links.page == page
    assert linked("https://other.example/1", feed).note


def test_the_charset_of_the_header_and_the_address_after_redirects_count():
    body = "<rss version='2.0'><channel><item><title>图像复原</title><link>p/1</link></item></channel></rss>"

    async def get(url: str, **_: object) -> Page:
        return Page("https://lab.example.org/blog/feed.xml", 200, body.encode("gb2312"), "gb2312")

    listing = asyncio.run(feeds.fetch(get, URL, LINKS, today=TODAY))
    (paper,) = listing.papers
    assert (paper.title, paper.links.page) == ("图像复原", "https://lab.example.org/blog/p/1")


@pytest.mark.parametrize(
    ("elements", "people"),
    [
        ("<author>jane@lab.science (Jane Doe)</author>", ("Jane Doe",)),
        ("<author>jane@lab.org (Doe, Jane)</author>", ("Jane Doe",)),
        ("<author>Jane Doe &lt;jane@lab.institute&gt;</author>", ("Jane Doe",)),
        ("<author>jane@lab.science</author>", ()),
        (
            "<author>jane@lab.science (Jane Doe), rick@lab.science (Rick Roe)</author>",
            ("Jane Doe", "Rick Roe"),
        ),
        (
            "<author>jane@lab.science (Jane Doe)</author><author>rick@lab.museum (Rick Roe)</author>",
            ("Jane Doe", "Rick Roe"),
        ),
        ("<author>jane@lab.org (Jane Doe)</author><author>Jane Doe</author>", ("Jane Doe",)),
        ("<author>Jane Doe (Lab, Town)</author>", ("Jane Doe",)),
    ],
)
def test_mail_addresses_are_no_part_of_a_name(elements, people):
    body = rss(f"<item><title>x</title><link>https://lab.example.org/x</link>{elements}</item>")
    assert parse(body).papers[0].authors == people


@pytest.mark.parametrize("date", ["2026", "2026-01"])
def test_a_year_or_a_month_is_no_day(date):
    """As the first of January it would be left out as published before the feed was first read."""
    assert parse(rss(item("x", date=date))).papers[0].announced == TODAY


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
        (b"<opml/>", "the answer is no feed"),
        (404, "HTTP 404"),
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


@pytest.mark.long
def test_two_thousand_entries():
    item = "<item><title>Post {0}</title><link>https://lab.example.org/{0}</link></item>"
    body = f"<rss version='2.0'><channel>{''.join(item.format(n) for n in range(2000))}</channel></rss>"
    found = parse(body.encode())
    assert len({paper.id for paper in found.papers}) == 500
    assert found.skipped[-1].reason == "1500 entries besides the newest 500"


def test_an_empty_description_gives_way_to_the_content_and_unknown_elements_do_no_harm():
    body = rss(
        "<item><title>x</title><link>https://lab.example.org/x</link><description></description>"
        "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>All of it.</content:encoded>"
        "<authors>Jane Doe;Rick Roe</authors><published_parsed>today</published_parsed></item>"
    )
    (paper,) = parse(body).papers
    assert (paper.abstract, paper.authors, paper.announced) == ("All of it.", ("Jane Doe", "Rick Roe"), TODAY)


def test_a_reference_out_of_range_is_no_end_of_the_run():
    body = b"<rss version='2.0'><channel><item><title>a & &#99999999999999;</title></item></channel></rss>"
    assert isinstance(feeds.parse(body, "x", LINKS, today=TODAY), str | Parsed)


def test_a_token_in_a_feeds_address_is_not_its_name():
    assert (
        feeds.source_name("https://lab.example.org/private.xml?token=SECRET#x")
        == "lab.example.org/private.xml"
    )


@many
@given(damaged(RSS, ATOM) | reworded(RSS, ATOM) | st.binary(max_size=200))
def test_no_damage_makes_it_raise(body):
    """Without the child's process, which would take most of the time; what it writes is JSON."""
    written = json.loads(json.dumps(feed_worker.parse_feed(body)))
    found = feeds.build_papers(written, "x", LINKS, today=TODAY)
    assert isinstance(found, str) or all(paper.title and paper.model_dump_json() for paper in found.papers)
    if body in (RSS, ATOM):
        assert isinstance(found, Parsed)
        assert len(found.papers) == {RSS: 3, ATOM: 2}[body]


def test_damage_to_one_entry_loses_no_other():
    """Each damage is well-formed, and lies in the first entry."""
    others = [paper.id for paper in parse(RSS).papers[1:]]
    for part in (b"guid", b"title", b"link", b"pubDate", b"description"):
        first = RSS.index(b"<item>")
        broken = re.sub(
            rb"<%s.*?</%s>" % (part, part), b"<x>\xff&#9;</x>", RSS[first:], count=1, flags=re.DOTALL
        )
        assert [paper.id for paper in parse(RSS[:first] + broken).papers][-2:] == others


def item(title: str, *, guid: str = "", link: str = "https://lab.example.org/x", date: str = "") -> str:
    parts = {"title": title, "guid": guid, "link": link, "pubDate": date}
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
    return f"<item>{inner}</item>".replace("<guid>", "<guid isPermaLink='false'>")


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>x</title>{''.join(items)}</channel></rss>".encode()


def test_two_feeds_with_one_guid_are_two_papers():
    """Anybody's feed can write another's guid, to have its own title shown in that entry's place, or to hide it."""
    ours = feeds.parse(rss(item("Ours", guid="42")), "lab.example.org/feed", LINKS, today=TODAY)
    theirs = feeds.parse(rss(item("Theirs", guid="42")), "evil.example/feed", LINKS, today=TODAY)
    listings = [Listing(source(), one.papers) for one in (ours, theirs) if isinstance(one, Parsed)]
    assert sorted(paper.title for paper in merge(listings)) == ["Ours", "Theirs"]


def test_a_guid_keeps_its_id_under_a_new_title_and_link():
    body = rss(item("Before", guid="42")), rss(item("After", guid="42", link="https://lab.example.org/y"))
    assert parse(body[0]).papers[0].id == parse(body[1]).papers[0].id


def test_entries_without_guid_and_with_one_link_are_two_papers():
    first, second = parse(rss(item("Monday's news"), item("Tuesday's news"))).papers
    assert first.id != second.id


def test_a_paper_of_arxiv_has_one_id_in_all_feeds():
    body = rss(item("Somebody's title", guid="7", link="https://arxiv.org/abs/2601.00007"))
    found = [feeds.parse(body, name, LINKS, today=TODAY) for name in ("a.example/feed", "b.example/feed")]
    assert [one.papers[0].id for one in found if isinstance(one, Parsed)] == ["2601.00007", "2601.00007"]


def test_a_feed_that_begins_with_its_oldest_entry_shows_the_newest():
    """600 days of 2024 and 2025, the oldest first; of the ten without a date, none has its place before them."""
    first = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    dated = [
        item(f"Day {n}", guid=f"{n}", date=format_datetime(first + dt.timedelta(days=n))) for n in range(600)
    ]
    undated = [item(f"Undated {n}", guid=f"u{n}") for n in range(10)]
    found = parse(rss(*undated, *dated))
    assert [paper.title for paper in found.papers] == [f"Day {n}" for n in range(599, 99, -1)]
    assert found.skipped[-1].reason == "110 entries besides the newest 500"


# By whichever comes first: the clock of the parent, or the child's limit of CPU time, which is as long.
TOO_LONG = {
    "reading the feed took longer than 1 seconds",
    "the feed could not be read within its limits of time and memory",
}


def test_a_feed_that_takes_too_long_is_a_failed_source(monkeypatch):
    """300 kB of one word keep feedparser busy for minutes: four times as long for twice as much."""
    body = f"<rss version='2.0'><channel><item><title>x</title><author>{'a' * 300_000}</author></item></channel></rss>"
    monkeypatch.setattr(feeds, "TIMEOUT_SECONDS", 1.0)
    started = time.monotonic()
    found = feeds.parse(body.encode(), "x", LINKS, today=TODAY)
    assert found in TOO_LONG
    assert time.monotonic() - started < 10, "the child outlived its time"


def test_a_feed_that_takes_too_long_holds_up_nobody_and_is_asked_for_once(monkeypatch):
    """The other sources' clocks go on meanwhile: ten ticks of 50 ms fit into the second that the feed is given."""
    monkeypatch.setattr(feeds, "TIMEOUT_SECONDS", 1.0)
    get = Table(feed=[rss(f"<item><title>x</title><author>{'a' * 300_000}</author></item>")])
    ticks = []

    async def both():
        reading = asyncio.create_task(feeds.fetch(get, URL, LINKS, today=TODAY))
        while not reading.done():
            await asyncio.sleep(0.05)
            ticks.append(1)
        return reading.result()

    listing = asyncio.run(both())
    assert listing.status.status == "failed"
    assert listing.status.note in TOO_LONG
    assert len(get.asked) == 1
    assert len(ticks) > 10


@pytest.mark.long
@pytest.mark.parametrize("piece", ["<i><div></i>", "<!--", "a, "])
def test_what_a_feed_says_of_one_entry_takes_no_longer_for_being_longer(piece):
    """Deep markup would keep the parser of HTML busy in our own process."""
    words = [html.escape(piece * (size // len(piece))) for size in (100_000, 400_000)]
    found = [
        feed_worker.parse_feed(rss(item(one, guid="1"), f"<item><description>{one}</description></item>"))
        for one in words
    ]
    assert growth(lambda one: feeds.build_papers(one, "x", LINKS, today=TODAY), *found) < LINEAR
    assert max(len(one["entries"][1]["summary"]) for one in found) == 20_000


def test_a_feed_of_more_than_five_megabytes_is_a_failed_source():
    ordinary = rss(item("x", guid="1"))
    just = ordinary.replace(b"<title>x</title>", b"<title>x</title><!--%s-->" % (b" " * 4_999_000), 1)
    assert len(parse(just).papers) == 1
    get = Table(feed=[just + b" " * 2_000])
    listing = fetch(get)
    assert (listing.status.status, listing.status.note) == ("failed", "the feed is larger than 5 MB")
    assert len(get.asked) == 1


def test_a_child_that_dies_is_a_reason(monkeypatch):
    dying = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    monkeypatch.setattr(limits, "child_command", lambda *_: dying)
    found = feeds.parse(RSS, "x", LINKS, today=TODAY)
    assert found == "the feed could not be read within its limits of time and memory"


def limited(days: dict[str, int], state: Feed, *, known: tuple[str, ...] = (), listed: tuple[str, ...] = ()):
    """Papers kept and status of a feed whose entries were published so many days before today; two are new at most."""
    papers = tuple(paper(key, announced=TODAY - dt.timedelta(days=ago)) for key, ago in days.items())
    found = feeds.limit_new(
        Listing(source("x", note="said before"), papers),
        state=state,
        known=known,
        listed=(*days, *listed),
        most=2,
        date=TODAY,
    )
    return [one.id for one in found.papers], found.status


def test_the_newest_new_entries_go_on_and_the_others_wait_in_their_order():
    kept, status = limited({"a": 0, "known": 0, "b": 1, "c": 2, "d": 3}, Feed(None, ()), known=("known",))
    assert kept == ["a", "known", "b"]
    assert status.waiting == ("c", "d")
    assert (status.first_read, status.gaps, status.note) == (TODAY, (), "said before")


@pytest.mark.parametrize(("since", "kept", "left_out"), [(0, ["a"], "2 entries"), (4, ["a", "b"], "1 entry")])
def test_entries_from_more_than_a_week_before_the_first_reading_are_left_out(since, kept, left_out):
    """Seven days before today are still a day of the week; read first four days ago, eleven are."""
    first = TODAY - dt.timedelta(days=since)
    found, status = limited({"a": 7, "b": 8, "c": 12}, Feed(first, ()))
    assert found == kept
    assert status.note == f"said before; {left_out} from before {first - dt.timedelta(days=7)} not judged"
    assert status.first_read == first
    assert status.waiting == ()


@pytest.mark.parametrize(
    ("known", "listed", "gaps"),
    [
        ((), (), ("2 entries left the feed before being judged",)),
        (("gone",), (), ("1 entry left the feed before being judged",)),
        (("gone",), ("elsewhere",), ()),
    ],
)
def test_what_waited_and_is_neither_listed_nor_judged_is_a_gap(known, listed, gaps):
    state = Feed(TODAY, ("a", "gone", "elsewhere"))
    assert limited({"a": 0}, state, known=known, listed=listed)[1].gaps == gaps


def test_a_feed_that_failed_keeps_what_waits():
    failed = Listing(SourceStatus(name="x", status="failed", count=0, through=None, note="HTTP 503"))
    state = Feed(TODAY, ("a", "b"))
    found = feeds.limit_new(failed, state=state, known=(), listed=(), most=2, date=TODAY).status
    assert (found.first_read, found.waiting, found.gaps, found.note) == (TODAY, ("a", "b"), (), "HTTP 503")
