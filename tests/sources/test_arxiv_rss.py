"""arXiv's feed of the day."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import pytest
from hypothesis import given

from pipeline.core.models import Skipped
from pipeline.sources import arxiv_rss
from pipeline.sources.http_client import Page
from pipeline.sources.sample import FOLDER
from tests.sources.mutating import damaged, reworded
from tests.sources.table import LINKS, Table, many, recorded

TODAY = dt.date(2026, 1, 31)
BASE = "https://rss.arxiv.org"
DAY = FOLDER / "arxiv_cs.CV_2026-01-30.xml"


def parse(name: str, **given) -> arxiv_rss.Feed:
    feed = arxiv_rss.parse(recorded(name), LINKS, today=TODAY, **given)
    assert isinstance(feed, arxiv_rss.Feed)
    return feed


def fetch(get: Table, **given):
    return asyncio.run(arxiv_rss.fetch(get, BASE, ("cs.CV", "eess.IV", "cs.CV"), LINKS, today=TODAY, **given))


def test_a_recorded_feed_read_by_eye():
    feed = parse("arxiv_rss_2026-01-30.xml")
    assert feed.day == dt.date(2026, 1, 30)
    assert feed.counts == {"new": 5, "cross": 2}
    assert feed.skipped == ()
    assert [paper.id for paper in feed.papers] == [
        "2601.20881",
        "2601.20911",
        "2601.21193",
        "2601.21291",
        "2601.21450",
        "2601.20913",
        "2601.21037",
    ]
    first, second, math, _, entity, crossed, _ = feed.papers
    assert first.title == "MA-LipNet: Multi-Dimensional Attention Networks for Robust Lipreading"
    assert first.abstract.startswith(
        "Lipreading, the technology of decoding spoken content from silent videos"
    )
    assert r"a \textit{Channel Attention (CA)} module" in first.abstract
    assert first.abstract.endswith("for robust visual speech recognition.")
    assert first.authors == ("Matteo Rossi",)
    assert first.categories == ("cs.CV",)
    assert first.announced == dt.date(2026, 1, 30)
    assert first.signals["arxiv"].announced_as == "new"
    assert first.links.page == "https://arxiv.org/abs/2601.20881"
    assert first.links.html == "https://arxiv.org/html/2601.20881v1"
    assert first.links.pdf == "https://arxiv.org/pdf/2601.20881v1"
    assert first.links.huggingface is first.links.code is first.links.project is None
    assert (len(second.authors), second.authors[0], second.authors[-1]) == (11, "Haochen Zhang", "Zecheng He")
    assert second.categories == ("cs.CV", "cs.AI")
    assert r"up to 300$\times$ in full-corpus retrieval." in math.abstract
    assert entity.title == "Variance & Greediness: A comparative study of metric-learning losses"
    assert (crossed.categories, crossed.signals["arxiv"].announced_as) == (
        ("cs.LG", "cs.AI", "cs.CV"),
        "cross",
    )


def test_a_whole_day_against_a_count_by_other_means():
    body = DAY.read_bytes()
    feed = arxiv_rss.parse(body, LINKS, today=TODAY)
    assert isinstance(feed, arxiv_rss.Feed)
    assert [p.id for p in feed.papers] == re.findall(r"oai:arXiv.org:(\d{4}\.\d{5})v1", body.decode())
    assert feed.counts == {"new": 92, "cross": 16}
    creators = re.findall("<dc:creator>(.*?)</dc:creator>", body.decode())
    assert [", ".join(p.authors) for p in feed.papers] == creators
    assert all(p.abstract and "Announce Type" not in p.abstract for p in feed.papers)


def test_shapes_that_nobody_recorded():
    feed = parse("arxiv_rss_replacements.xml", replacements=True)
    assert feed.day == dt.date(2026, 7, 15)
    assert feed.counts == {"new": 3, "cross": 1, "replace": 1, "replace-cross": 1}
    new, cross, replaced, elsewhere, bare, without = feed.papers
    assert (
        new.title
        == r"A title with <sub> written twice over, and a hard line break: $x < y$ and \textit{LaTeX}"
    )
    assert new.abstract == "We show that $p<0.05$ and $q>0.1$ hold for A<B>C, and for R&D."
    assert new.authors == ("First Author", "Second Author", "Third de la Author")
    assert new.categories == ("eess.IV", "cs.CV")
    assert new.announced == dt.date(2026, 7, 15)
    assert cross.signals["arxiv"].announced_as == "cross"
    assert (replaced.id, replaced.links.html) == ("2606.91111", "https://arxiv.org/html/2606.91111v3")
    assert elsewhere.signals["arxiv"].announced_as == "replace-cross"
    assert (bare.abstract, bare.authors, bare.categories) == ("Abstract: kept whole.", (), ())
    assert (bare.announced, bare.signals["arxiv"].announced_as) == (dt.date(2026, 7, 15), None)
    assert (without.id, without.abstract) == ("2607.99006", "")
    assert without.links.pdf == "https://arxiv.org/pdf/2607.99006v2"
    assert feed.skipped == (
        Skipped(id="news", stage="fetch", reason="has no arXiv id"),
        Skipped(id="2607.99007", stage="fetch", reason="has no title"),
    )


def test_replacements_are_left_out_unless_wanted():
    papers = parse("arxiv_rss_replacements.xml").papers
    assert [paper.id for paper in papers] == ["2607.99001", "2607.99002", "2607.99005", "2607.99006"]


def test_the_empty_feed_of_a_weekend():
    listing = fetch(Table(rss=[recorded("arxiv_rss_saturday.xml")]))
    assert listing.papers == ()
    assert listing.status.model_dump(mode="json") == {
        "name": "arxiv",
        "status": "empty",
        "count": 0,
        "through": "2026-01-31",
        "note": "",
    }


def test_one_request_for_all_categories():
    get = Table(rss=[recorded("arxiv_rss_replacements.xml")])
    listing = fetch(get)
    assert get.asked == ["https://rss.arxiv.org/rss/cs.CV+eess.IV"]
    assert "application/rss+xml" in get.accepts[0]
    assert (listing.status.status, listing.status.count) == ("ok", 4)
    assert listing.status.note.startswith("3 new, 1 cross-listed, 2 replacements left out")
    assert len(listing.skipped) == 2


def test_a_category_that_does_not_exist():
    class Refusing(Table):
        async def __call__(self, url, *, accept="*/*", attempts=None, fresh=False):
            await super().__call__(url, accept=accept, attempts=attempts, fresh=fresh)
            return Page(url, 400, recorded("arxiv_rss_error_400.xml"))

    get = Refusing(rss=[400])
    listing = fetch(get)
    assert listing.status.status == "failed"
    assert listing.status.note.startswith("HTTP 400: Bad subject class 'CVX'. Valid subject classes")
    assert len(get.asked) == 1


def test_a_cut_feed_is_asked_for_again():
    body = recorded("arxiv_rss_2026-01-30.xml")
    get = Table(rss=[body[:9000], b"<html>down</html>", body])
    assert fetch(get).status.count == 7
    assert len(get.asked) == 3


@pytest.mark.parametrize(
    ("answer", "note", "asked"),
    [
        (recorded("arxiv_rss_2026-01-30.xml")[:9000], "the answer is cut or damaged", 3),
        (b"<opml/>", "the answer is not RSS but <opml>", 3),
        (404, "HTTP 404", 1),
        ("HTTP 429 (4 tries)", "HTTP 429 (4 tries)", 1),
    ],
)
def test_a_feed_that_cannot_be_had(answer, note, asked):
    get = Table(rss=[answer])
    listing = fetch(get)
    assert (listing.status.status, listing.status.through, listing.papers) == ("failed", None, ())
    assert listing.status.note.startswith(note)
    assert len(get.asked) == asked


@pytest.mark.slow
def test_a_feed_at_its_limit_says_so_and_every_size_is_read():
    item = "<item><title>{}</title><guid>oai:arXiv.org:2607.{:05d}v1</guid><dc:creator>{}</dc:creator></item>"
    people = ", ".join(f"Author Number{n}" for n in range(300))
    items = "".join(item.format("Long " * 400, n, people if n == 7 else "One") for n in range(2000))
    body = f"<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>{items}</channel></rss>".encode()
    listing = fetch(Table(rss=[body]))
    assert listing.status.count == 2000
    assert "at its limit of 2000" in listing.status.note
    assert len(listing.papers[7].authors) == 300
    assert listing.papers[0].title == "Long " * 99 + "Long…"


def test_a_feed_is_full_with_what_could_not_be_read():
    item = "<item><title>A title</title><guid>oai:arXiv.org:2607.{:05d}v1</guid></item>"
    items = "".join(map(item.format, range(1999))) + "<item><title>Without an id</title></item>"
    body = f"<rss><channel><pubDate>Fri, 30 Jan 2026 00:00:00 -0500</pubDate>{items}</channel></rss>"
    listing = fetch(Table(rss=[body.encode()]))
    assert (listing.status.count, len(listing.skipped)) == (1999, 1)
    assert (listing.status.through, listing.days) == (None, frozenset())


FRIDAY = dt.date(2026, 1, 30)
DATE = "Fri, 30 Jan 2026 00:00:00 -0500"


def dated(feed: str, *items: str) -> bytes:
    """A feed of that date with an item of each date."""
    item = "<item><title>A title</title><guid>oai:arXiv.org:2601.{:05d}v1</guid><pubDate>{}</pubDate></item>"
    listed = "".join(item.format(n, date) for n, date in enumerate(items, 1))
    return f"<rss><channel><pubDate>{feed}</pubDate>{listed}</channel></rss>".encode()


THURSDAY = DATE.replace("Fri, 30", "Thu, 29")
TOMORROW = DATE.replace("Fri, 30", "Sat, 31")


@pytest.mark.parametrize(
    ("body", "doubt"),
    [
        pytest.param(dated(DATE, DATE, DATE), "", id="today's"),
        pytest.param(dated(THURSDAY, THURSDAY), "the feed is dated 2026-01-29", id="yesterday's"),
        pytest.param(
            dated(DATE, THURSDAY), "the feed has papers of 2026-01-29", id="yesterday's, dated today"
        ),
        pytest.param(dated(DATE, DATE, THURSDAY, DATE), "the feed has papers of 2026-01-29", id="in part"),
        pytest.param(dated(TOMORROW, TOMORROW), "the feed is dated 2026-01-31", id="a clock ahead"),
        pytest.param(dated("", DATE), "the feed has no date", id="no date"),
        pytest.param(dated(DATE), "the feed is empty on a working day", id="empty"),
    ],
)
def test_a_feed_has_read_its_day_only_if_all_of_it_is_of_that_day(body: bytes, doubt: str):
    """What it lists is taken in any case."""
    listing = asyncio.run(arxiv_rss.fetch(Table(rss=[body]), BASE, ("cs.CV",), LINKS, today=FRIDAY))
    assert listing.status.count == body.count(b"<item>")
    assert listing.status.through == (None if doubt else FRIDAY)
    assert listing.days == (frozenset() if doubt else {FRIDAY})
    assert listing.status.note.endswith(doubt)


@pytest.mark.parametrize(
    ("date", "today", "complete"),
    [
        ("Fri, 27 Nov 2026 00:00:00 -0500", "2026-11-27", True),  # after Thanksgiving
        ("Mon, 22 Jun 2026 00:00:00 -0400", "2026-06-22", True),  # after Juneteenth, a Friday
        ("Thu, 26 Nov 2026 00:00:00 -0500", "2026-11-26", False),
        ("Wed, 25 Nov 2026 00:00:00 -0500", "2026-11-27", False),  # empty, and of another day
    ],
)
def test_an_empty_feed_is_complete_only_where_the_calendar_expects_it(date: str, today: str, complete: bool):
    day = dt.date.fromisoformat(today)
    listing = asyncio.run(arxiv_rss.fetch(Table(rss=[dated(date)]), BASE, ("cs.CV",), LINKS, today=day))
    assert (listing.status.status, listing.status.through) == ("empty", day if complete else None)


ALL = [
    recorded("arxiv_rss_replacements.xml"),
    recorded("arxiv_rss_2026-01-30.xml"),
    recorded("arxiv_rss_error_400.xml"),
]


@many
@given(damaged(*ALL) | reworded(*ALL))
def test_no_damage_makes_it_raise(body):
    feed = arxiv_rss.parse(body, LINKS, today=TODAY, replacements=True)
    assert isinstance(feed, str) or all(paper.title and paper.model_dump_json() for paper in feed.papers)
    assert isinstance(arxiv_rss.error_message(body), str)
    if body in ALL:
        assert isinstance(feed, arxiv_rss.Feed)
        assert len(feed.papers) == (6, 7, 0)[ALL.index(body)]


def test_damage_to_one_item_loses_no_other():
    """Each damage is well-formed, and lies in the second of seven items."""
    ids = [paper.id for paper in parse("arxiv_rss_2026-01-30.xml").papers]
    body = recorded("arxiv_rss_2026-01-30.xml")
    for part in (
        rb"<guid.*?</guid>",
        rb"<title>.*?</title>",
        rb"<dc:creator>.*?</dc:creator>",
        rb"<pubDate>.*?</pubDate>",
    ):
        second = body.index(b"<item>", body.index(b"<item>") + 1)
        damaged_body = body[:second] + re.sub(part, b"<x>\xff</x>", body[second:], count=1, flags=re.DOTALL)
        feed = arxiv_rss.parse(damaged_body, LINKS, today=TODAY)
        assert isinstance(feed, arxiv_rss.Feed)
        found = [paper.id for paper in feed.papers]
        assert [one for one in found if one != ids[1]] == ids[:1] + ids[2:]
        assert len(found) + len(feed.skipped) == 7
