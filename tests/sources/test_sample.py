"""The recorded day."""

from __future__ import annotations

import asyncio
import datetime as dt
import json

from pipeline.core.dates import SAMPLE_DATE
from pipeline.core.source import BIORXIV
from pipeline.sources import arxiv_api, arxiv_rss, biorxiv, feeds, huggingface, sample
from pipeline.sources.http_client import Page
from pipeline.sources.merge import merge
from pipeline.sources.window import Window
from tests.sources.table import LINKS

LISTS = [dt.date(2026, 1, 29), dt.date(2026, 1, 30)]


def get(url: str) -> Page:
    page = asyncio.run(sample.get(url))
    assert isinstance(page, Page)
    return page


def test_a_whole_day_without_a_network():
    async def both():
        feed = await arxiv_rss.fetch(
            sample.get, "https://rss.arxiv.org", ("cs.CV", "eess.IV"), LINKS, today=SAMPLE_DATE
        )
        lists = await huggingface.fetch(sample.get, "https://huggingface.co", LISTS, LINKS)
        return feed, lists

    feed, lists = asyncio.run(both())
    assert (feed.status.status, feed.status.count, feed.status.note) == ("ok", 108, "92 new, 16 cross-listed")
    assert (lists.status.status, lists.status.count) == ("ok", 12 + 27)
    assert feed.skipped == lists.skipped == ()
    assert len(merge([feed, lists])) == 108 + 39 - 7  # 7 papers stand in both, counted by their ids


def test_of_the_feed_there_is_what_stands_in_a_category_asked_for():
    """34 of the 108 items have cs.CL, cs.AI, cs.LG or cs.SE, counted with grep; all have cs.CV."""
    asked = get("https://rss.arxiv.org/rss/cs.CL+cs.AI+cs.LG+cs.SE").body
    assert asked.count(b"<item>") == 34
    assert get("https://rss.arxiv.org/rss/cs.CV+eess.IV").body.count(b"<item>") == 108
    assert get("https://rss.arxiv.org/rss/q-fin.TR").body.count(b"<item>") == 0
    assert asked.startswith(b"<?xml")
    assert asked.rstrip().endswith(b"</rss>")


def test_a_feed_of_ones_own_is_empty_and_not_failed():
    found = asyncio.run(feeds.fetch(sample.get, "https://example.org/feed.xml", LINKS, today=SAMPLE_DATE))
    assert (found.status.status, found.status.count, found.papers) == ("empty", 0, ())


def test_the_rest_is_not_found():
    for url in (
        "https://arxiv.org/html/2601.20881v1",
        "https://huggingface.co/api/daily_papers?date=2026-01-28&limit=100&p=0",
        "https://huggingface.co/api/daily_papers?date=../README&limit=100&p=0",
        "https://oaipmh.arxiv.org/oai?verb=ListRecords",
    ):
        assert get(url) == Page(url, 404, b"")


def test_a_look_up_by_id_says_that_this_is_the_recorded_day():
    found = asyncio.run(arxiv_api.fetch_by_ids(sample.get, "https://export.arxiv.org", ["2601.20881"], LINKS))
    assert [(one.id, one.reason) for one in found.missing] == [
        ("2601.20881", "arXiv's API could not be read: papers cannot be looked up in the recorded day")
    ]


def test_a_second_page_is_empty():
    assert get("https://huggingface.co/api/daily_papers?date=2026-01-30&limit=100&p=1").body == b"[]"


def test_no_more_about_people_and_pictures_than_is_needed():
    allowed = {"id", "publishedAt", "title", "summary", "upvotes", "githubRepo", "projectPage", "authors"}
    for day in LISTS:
        for item in json.loads((sample.FOLDER / f"huggingface_{day}.json").read_bytes()):
            assert set(item) == {"paper", "numComments"}
            assert set(item["paper"]) <= allowed
            assert all(set(author) == {"name", "hidden"} for author in item["paper"]["authors"])


def test_it_stays_small():
    assert sum(path.stat().st_size for path in sample.FOLDER.iterdir()) < 500_000


def test_bioRxiv_has_nothing_on_the_recorded_day():
    window = Window(date=SAMPLE_DATE, past=False, through={})
    listing = asyncio.run(
        biorxiv.fetch(sample.get, "https://api.biorxiv.org", BIORXIV, ("neuroscience",), window)
    )
    assert (listing.status.status, listing.status.count) == ("empty", 0)
