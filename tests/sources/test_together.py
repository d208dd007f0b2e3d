"""All sources through the real client, against the world: what a night asks for, and what comes of it."""

from __future__ import annotations

import datetime as dt

from pipeline.sources import arxiv_api, arxiv_oai, arxiv_rss, feeds, huggingface
from pipeline.sources.base import LinkRules, assess_freshness
from pipeline.sources.http_client import Client
from pipeline.sources.merge import merge
from tests.sources.playing import Time, a_record, an_item, visit
from tests.stubs.world import Fault, World, days_of

DAY = dt.timedelta(days=1)
TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2026, 1, day) for day in (27, 28, 29))
CATEGORIES = ("cs.CV", "eess.IV")


def a_week() -> World:
    """Twelve papers each on Tuesday, Wednesday and Thursday; some crossed, some replaced later."""
    records = []
    for number in range(1, 37):
        day = TUESDAY + DAY * ((number - 1) // 12)
        came = f"{day - DAY * 3 if day.weekday() == 0 else day - DAY}T15:00:00+00:00"
        given = {}
        if number % 4 == 0:
            given = {"primary": "eess.IV", "categories": ["eess.IV", "cs.CV"]}
        if number % 6 == 0:
            given |= {"primary": "cs.LG", "categories": ["cs.LG", "cs.CV"]}
        records.append(a_record(number, day, versions=[came], **given))
    replaced = a_record(
        14, THURSDAY, versions=["2026-01-27T15:00:00+00:00", "2026-01-28T15:00:00+00:00"], listed_as="replace"
    )
    old = ["2025-12-01T15:00:00+00:00", "2026-01-27T15:00:00+00:00"]
    ancient = a_record(1, WEDNESDAY, id="2512.00001", versions=old, listed_as="replace")
    lists = {WEDNESDAY: [an_item(14, 3)], THURSDAY: [an_item(30, 9), an_item(77, 40)]}
    return World(days_of([*records, replaced, ancient], lists), today=THURSDAY, oai_page=10)


def rules(world: World) -> LinkRules:
    return LinkRules(arxiv=world.arxiv, huggingface=world.huggingface)


def test_a_night_after_a_missed_one():
    """The last report is Tuesday's; it is Thursday. Wednesday's papers and Thursday's, each once."""
    with a_week() as world:

        async def night(client: Client):
            links = rules(world)
            return [
                await huggingface.fetch(client.get, world.huggingface, [WEDNESDAY, THURSDAY], links),
                await arxiv_rss.fetch(client.get, world.arxiv, CATEGORIES, links, today=THURSDAY),
                await arxiv_oai.fetch(
                    client.get, world.arxiv, CATEGORIES, links, after=TUESDAY, before=THURSDAY
                ),
            ]

        listings = visit(world, night, Time())
        assert world.complaints == []
    assert [one.status.status for one in listings] == ["ok"] * 3
    assert [one.status.count for one in listings] == [3, 12, 12]
    papers = {paper.id: paper for paper in merge(listings)}
    assert set(papers) == {f"2601.{n:05d}" for n in (*range(13, 37), 77)}
    by_day = [sum(p.announced == day for p in papers.values()) for day in (WEDNESDAY, THURSDAY, None)]
    assert by_day == [12, 12, 1]
    twice = papers["2601.00014"]
    assert (twice.announced, twice.links.html) == (WEDNESDAY, f"{world.arxiv}/html/2601.00014v2")
    assert twice.signals["huggingface"].upvotes == 3
    assert papers["2601.00030"].signals["arxiv"].announced_as == "cross"


def test_the_night_is_the_same_whatever_fails_once():
    def night(world: World):
        async def both(client: Client):
            links = rules(world)
            feed = await arxiv_rss.fetch(client.get, world.arxiv, CATEGORIES, links, today=THURSDAY)
            lists = await huggingface.fetch(client.get, world.huggingface, [WEDNESDAY, THURSDAY], links)
            found = await arxiv_api.fetch_by_ids(client.get, world.arxiv, ["2601.00001"], links)
            return merge([feed, lists]), found

        return visit(world, both, Time())

    faults = [Fault(short=0.4), Fault.html(), Fault.busy(429), Fault.busy(406), Fault.empty(), Fault(cut=0.7)]
    with a_week() as world:
        well = night(world)
        for fault in faults:
            for route in ("rss", "huggingface", "api"):
                world.fault(route, fault)
            assert night(world) == well
    assert len(well[0]) == 14  # 12 of arXiv's, and two that only Hugging Face has


def test_a_stale_feed_is_known_by_its_papers():
    with a_week() as world:
        world.calendar.feed_day = WEDNESDAY

        def night(client: Client):
            return arxiv_rss.fetch(client.get, world.arxiv, CATEGORIES, rules(world), today=THURSDAY)

        listing = visit(world, night, Time())
    known = {f"2601.{n:05d}" for n in range(13, 25)}
    status = assess_freshness(listing.status, listing.papers, known, THURSDAY, daily=True)
    assert (status.status, status.through, listing.days) == ("stale", None, frozenset())
    assert "the list repeats what was announced on 2026-01-28" in status.note


def test_a_blog_at_its_own_address():
    body = b"<rss version='2.0'><channel><item><title>A post</title><link>https://a.example/1</link></item></channel></rss>"
    world = a_week()
    world.calendar.feeds["blog.xml"] = body
    with world:
        address = f"{world.huggingface}/feeds/blog.xml"
        listing = visit(
            world, lambda client: feeds.fetch(client.get, address, rules(world), today=THURSDAY), Time()
        )
    assert [paper.title for paper in listing.papers] == ["A post"]
