"""The calendar keeps the real services' rules."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import quote

import pytest

from tests.sources.playing import FRIDAY, a_record, a_world, an_item
from tests.stubs.asking import daily, get, kinds
from tests.stubs.world import World, days_of

# -- Hugging Face ------------------------------------------------------------------------------------------


def test_what_the_daily_list_refuses():
    with a_world() as world:
        for query, status, answer in (
            ("date=2026-01-30&limit=101", 400, {"error": "limit must be less than or equal to 100"}),
            ("date=2026-02-02", 200, {"error": "date must be before 2026-01-30"}),
            ("date=30.01.2026", 400, {"error": "Invalid date"}),
            ("date=2026-01-30&sort=upvotes", 400, {"error": "Invalid sort"}),
            ("date=2026-01-24", 200, []),
        ):
            assert daily(world, query) == (status, answer)


# -- arXiv's feeds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ["rss", "atom"])
def test_a_feed_holds_one_day_in_order_and_only_the_categories_asked_for(route):
    versions = ["2026-01-05T15:00:00+00:00", "2026-01-29T15:00:00+00:00"]
    records = [
        a_record(1, primary="cs.LG", categories=["cs.LG", "cs.CV"]),
        a_record(2),
        a_record(3, versions=versions, listed_as="replace"),
        a_record(4, primary="cs.LG", categories=["cs.LG", "cs.CV"], versions=versions, listed_as="replace"),
        a_record(5, primary="cs.CL", categories=["cs.CL"]),
        a_record(6, announced="2026-01-29"),
        a_record(7, primary="eess.IV", categories=["eess.IV", "cs.CV"]),
    ]
    with a_world(days=days_of(records)) as world:
        alone = get(world, f"/{route}/cs.cv")[1]
        both = get(world, f"/{route}/cs.CV+eess.IV")[1]
    assert kinds(alone) == [
        ("2601.00002v1", "new"),
        ("2601.00001v1", "cross"),
        ("2601.00007v1", "cross"),
        ("2601.00003v2", "replace"),
        ("2601.00004v2", "replace-cross"),
    ]
    assert ("2601.00007v1", "new") in kinds(both)
    assert len(kinds(both)) == 5


def test_a_weekend_and_a_stale_feed():
    saturday = FRIDAY + dt.timedelta(days=1)
    records = [*(a_record(n) for n in (1, 2, 3)), a_record(4, saturday)]
    with a_world(days=days_of(records, {saturday: [an_item(1, 1)]})) as world:
        world.today = saturday
        assert daily(world, "date=2026-01-31") == (200, [])
        status, body, _ = get(world, "/rss/cs.CV")
        assert (status, kinds(body)) == (200, [])
        assert b"<pubDate>Sat, 31 Jan 2026 00:00:00 -0500</pubDate>" in body
        world.calendar.feed_day = FRIDAY
        assert len(kinds(get(world, "/rss/cs.CV")[1])) == 3


def test_an_unknown_category_is_400_with_a_feed():
    with a_world() as world:
        status, body, _ = get(world, "/rss/cs.CV+cs.CVX")
    assert status == 400
    assert b"<description>Bad subject class 'CVX'. Valid subject classes for the archive 'cs'" in body
    assert b"<item>" not in body


def test_a_feed_has_room_for_2000_and_replacements_come_first():
    old = "2026-01-05T15:00:00+00:00"
    replaced = [a_record(n, versions=[old, old], listed_as="replace") for n in range(1, 1501)]
    new = [a_record(n) for n in range(1501, 2201)]
    with a_world(days=days_of(new + replaced)) as world:
        listed = kinds(get(world, "/rss/cs.CV")[1])
    assert len(listed) == 2000
    assert sum(kind == "new" for _, kind in listed) == 500


# -- arXiv's query interface -------------------------------------------------------------------------------


def entries(body: bytes) -> list[str]:
    return re.findall(r"<id>http://arxiv.org/abs/([^<]+)</id>", body.decode())


def test_ids_that_are_known_are_found_and_the_others_left_out_in_silence():
    with a_world() as world:
        status, body, _ = get(world, "/api/query?id_list=2601.00002v1,2601.77777,2601.00001,2601.00001v9")
    assert status == 200
    assert entries(body) == ["2601.00002v1", "2601.00001v1"]


def test_ten_results_unless_more_are_asked_for():
    records = [a_record(n) for n in range(1, 31)]
    ids = ",".join(record.id for record in records)
    with a_world(days=days_of(records)) as world:
        assert len(entries(get(world, f"/api/query?id_list={ids}")[1])) == 10
        assert len(entries(get(world, f"/api/query?id_list={ids}&max_results=100&start=25")[1])) == 5
        assert get(world, f"/api/query?id_list={ids}&max_results=2001")[0] == 400


def test_a_malformed_id_spoils_the_call():
    with a_world() as world:
        status, body, _ = get(world, "/api/query?id_list=2601.00001,abc")
    assert status == 400
    assert b"<summary>incorrect id format for abc</summary>" in body


# -- OAI-PMH -----------------------------------------------------------------------------------------------


def harvest(world: World, query: str) -> str:
    status, body, _ = get(world, f"/oai?verb=ListRecords&{query}")
    assert status == 200
    return body.decode()


def test_records_by_set_and_datestamp_page_by_page():
    records = [a_record(n) for n in range(1, 8)]
    records.append(a_record(8, stamp="2026-01-28", announced="2026-01-28"))
    records.append(a_record(9, primary="eess.IV", categories=["eess.IV"]))
    records.append(a_record(10, announced="2026-02-02"))
    with a_world(days=days_of(records), oai_page=3) as world:
        query = "metadataPrefix=arXivRaw&set=cs:cs:CV&from=2026-01-29"
        found: list[str] = []
        for _ in range(5):
            page = harvest(world, query)
            found += re.findall(r"<identifier>oai:arXiv.org:([^<]+)<", page)
            token = re.search(r"<resumptionToken[^>]*>([^<]+)<", page)
            if token is None:
                break
            query = f"resumptionToken={quote(token[1], safe='')}"
        assert found == [f"2601.{n:05d}" for n in range(1, 8)]
        assert len(world.seen("oai")) == 3


def test_errors_of_the_protocol_have_status_200():
    with a_world() as world:
        for query, code in (
            ("metadataPrefix=arXivRaw&from=2026-02-01", "noRecordsMatch"),
            ("from=2026-01-01", "badArgument"),
            ("metadataPrefix=arXivRaw&limit=10", "badArgument"),
            ("metadataPrefix=marc", "cannotDisseminateFormat"),
            ("resumptionToken=rainbow", "badResumptionToken"),
            ("resumptionToken=skip%253D3&metadataPrefix=arXivRaw", "badArgument"),
        ):
            assert f'<error code="{code}">' in harvest(world, query).replace("'", '"')


def test_a_replaced_paper_bears_the_day_of_its_change():
    first = a_record(1, announced="2026-01-28")
    second = a_record(
        1,
        announced="2026-01-30",
        versions=["2026-01-27T15:00:00+00:00", "2026-01-29T15:00:00+00:00"],
        listed_as="replace",
    )
    with a_world(days=days_of([first, second])) as world:
        page = harvest(world, "metadataPrefix=arXivRaw")
        world.today = dt.date(2026, 1, 29)
        before = harvest(world, "metadataPrefix=arXivRaw")
    assert re.findall(r"<datestamp>([^<]+)<", page) == ["2026-01-30"]
    assert page.count("<version ") == 2
    assert re.findall(r"<datestamp>([^<]+)<", before) == ["2026-01-28"]


# -- pages -------------------------------------------------------------------------------------------------


def test_pages_that_are_not_there():
    with a_world() as world:
        for path, heading in (
            ("/html/2601.00002v1", "No HTML for '2601.00002v1'"),
            ("/html/2601.00002v2", "No document for '2601.00002v2'"),
            ("/abs/26011.1", "No article for '26011.1'"),
            ("/pdf/2601.00002v1", "PDF Unavailable"),
        ):
            status, body, _ = get(world, path)
            assert status == 404
            assert f"<h1>{heading}</h1>".encode() in body


def test_a_build_log_stands_beside_every_page_and_says_last_how_the_conversion_ended():
    with a_world(html={"2601.00001v1": b"<article/>"}) as world:
        log = "/html/2601.00001v1/__stdout.txt"
        assert get(world, log)[1].endswith(b"\nStatus:conversion:1\n")
        world.calendar.conversions["2601.00001v1"] = 3
        assert get(world, log)[1].endswith(b"\nStatus:conversion:3\n")
        assert get(world, "/html/2601.00002v1/__stdout.txt")[0] == 404
        world.calendar.html["default"] = b"<article/>"
        assert get(world, "/html/2601.00002v1/__stdout.txt")[0] == 200
        assert get(world, "/html/2601.00002/__stdout.txt")[0] == 404
