"""The world keeps the real services' rules. Asked with the plainest of clients, so that manners can be bad."""

from __future__ import annotations

import datetime as dt
import gzip
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from urllib.parse import quote

import pytest

from tests.sources.playing import FRIDAY, a_record, a_world, an_item
from tests.stubs.world import Fault, World, days_of

GOOD = {"User-Agent": "nightly-paper-digest/0.1.0 (+https://github.com/OWNER/REPO)", "Accept": "*/*"}
MONDAY = FRIDAY + dt.timedelta(days=3)


def get(
    world: World | int, path: str, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """One request with exactly these headers, over a connection of its own."""
    port = world if isinstance(world, int) else world.port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in (GOOD if headers is None else headers).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.headers)
    finally:
        connection.close()


def daily(world: World | int, query: str):
    status, body, _ = get(world, f"/api/daily_papers?{query}")
    return status, json.loads(body)


# -- Hugging Face ------------------------------------------------------------------------------------------


def test_the_daily_list_by_votes_and_by_page():
    items = [an_item(n, votes=n % 7) for n in range(1, 121)]
    with a_world(days=days_of([], {FRIDAY: items})) as world:
        status, first = daily(world, "date=2026-01-30&limit=100&p=0")
        _, second = daily(world, "date=2026-01-30&limit=100&p=1")
        _, default = daily(world, "date=2026-01-30")
    votes = [item["paper"]["upvotes"] for item in first + second]
    assert status == 200
    assert votes == sorted(votes, reverse=True)
    assert (len(first), len(second), len(default)) == (100, 20, 50)


@pytest.mark.parametrize(
    ("query", "status", "answer"),
    [
        ("date=2026-01-30&limit=101", 400, {"error": "limit must be less than or equal to 100"}),
        ("date=2026-02-02", 200, {"error": "date must be before 2026-01-30"}),
        ("date=30.01.2026", 400, {"error": "Invalid date"}),
        ("date=2026-01-30&sort=upvotes", 400, {"error": "Invalid sort"}),
        ("date=2026-01-24", 200, []),
        ("date=2026-01-28", 200, []),
    ],
)
def test_what_the_daily_list_refuses(query, status, answer):
    with a_world() as world:
        assert daily(world, query) == (status, answer)


def test_nobody_minds_how_hugging_face_is_asked():
    with a_world(interval=60.0) as world:
        assert [get(world, "/api/daily_papers?date=2026-01-30", {})[0] for _ in range(3)] == [200] * 3


# -- arXiv's manners ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": GOOD["User-Agent"]},
        {"User-Agent": GOOD["User-Agent"], "Accept": " "},
        {"Accept": "*/*"},
        {"Accept": "*/*", "User-Agent": "python-httpx/0.28.1"},
        {"Accept": "*/*", "User-Agent": "Python-urllib/3.11"},
        {"Accept": "*/*", "User-Agent": "curl/8.5.0"},
    ],
)
@pytest.mark.parametrize("path", ["/rss/cs.CV", "/api/query?id_list=2601.00001", "/abs/2601.00001"])
def test_visitors_without_a_name_or_an_accept_header_are_406(headers, path):
    with a_world() as world:
        assert get(world, path, headers)[0] == 406
        assert world.complaints[0].startswith("406")


def test_a_visitor_in_a_hurry_is_429_on_whatever_route():
    with a_world(interval=30.0) as world:
        statuses = [get(world, path)[0] for path in ("/rss/cs.CV", "/oai?verb=Identify", "/abs/2601.00001")]
        assert statuses == [200, 429, 429]
        assert [one[:4] for one in world.complaints] == ["429:"] * 2


def test_two_at_a_time_are_one_too_many():
    with a_world() as world:
        world.fault("rss", Fault(delay=0.4))
        slow = threading.Thread(target=get, args=(world, "/rss/cs.CV"))
        slow.start()
        while not world.seen("rss"):
            time.sleep(0.01)
        assert get(world, "/abs/2601.00001")[0] == 429
        slow.join()
        assert get(world, "/abs/2601.00001")[0] == 200
        assert world.complaints == ["429: more than one request at a time"]
        assert world.manners.open_at_once == 2


# -- arXiv's feeds -----------------------------------------------------------------------------------------


def kinds(body: bytes) -> list[tuple[str, str]]:
    ids = re.findall(rb"oai:arXiv.org:([\d.]+v\d+)<", body)
    types = re.findall(rb"<arxiv:announce_type>([a-z-]+)<", body)
    return [(one.decode(), kind.decode()) for one, kind in zip(ids, types, strict=True)]


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


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("metadataPrefix=arXivRaw&from=2026-02-01", "noRecordsMatch"),
        ("metadataPrefix=arXivRaw&set=cs:cs:XX", "noRecordsMatch"),
        ("from=2026-01-01", "badArgument"),
        ("metadataPrefix=arXivRaw&limit=10", "badArgument"),
        ("metadataPrefix=marc", "cannotDisseminateFormat"),
        ("resumptionToken=rainbow", "badResumptionToken"),
        ("resumptionToken=skip%253D3&metadataPrefix=arXivRaw", "badArgument"),
    ],
)
def test_errors_of_the_protocol_have_status_200(query, code):
    with a_world() as world:
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


def test_pages_of_papers():
    texts = {"2601.00001v1": b"<article>one</article>"}
    with a_world(html=texts, pdf={"default": b"%PDF"}) as world:
        assert get(world, "/html/2601.00001v1")[:2] == (200, b"<article>one</article>")
        assert get(world, "/html/2601.00001")[:2] == (200, b"<article>one</article>")
        assert get(world, "/pdf/2601.00002v1")[:2] == (200, b"%PDF")
        status, _, headers = get(world, "/pdf/2601.00002v1.pdf")
        assert (status, headers["Location"]) == (301, "/pdf/2601.00002v1")
        assert b"<h1>Paper number 2</h1>" in get(world, "/abs/2601.00002")[1]


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/html/2601.00002v1", "No HTML for '2601.00002v1'"),
        ("/html/2699.99999", "No document for '2699.99999'"),
        ("/html/2601.00002v2", "No document for '2601.00002v2'"),
        ("/abs/26011.1", "No article for '26011.1'"),
        ("/pdf/2601.00002v1", "PDF Unavailable"),
    ],
)
def test_pages_that_are_not_there(path, heading):
    with a_world() as world:
        status, body, _ = get(world, path)
    assert status == 404
    assert f"<h1>{heading}</h1>".encode() in body


def test_feeds_of_others():
    with a_world(feeds={"blog.xml": b"<rss/>"}) as world:
        assert get(world, "/feeds/blog.xml", {})[:2] == (200, b"<rss/>")
        assert get(world, "/feeds/other.xml", {})[0] == 404


# -- faults ------------------------------------------------------------------------------------------------


def test_faults_come_in_order_and_go():
    with a_world() as world:
        world.fault("rss", Fault.busy(503, "7"), times=2)
        world.fault("rss", Fault.html())
        answers = [get(world, "/rss/cs.CV") for _ in range(4)]
        assert [answer[0] for answer in answers] == [503, 503, 200, 200]
        assert answers[0][2]["Retry-After"] == "7"
        assert answers[2][1].startswith(b"<!DOCTYPE html>")
        world.fault("rss", Fault(status=500), times=None)
        assert [get(world, "/rss/cs.CV")[0] for _ in range(3)] == [500] * 3
        world.mend()
        assert get(world, "/rss/cs.CV")[0] == 200


def test_a_cut_answer_and_one_that_only_looks_whole():
    with a_world() as world:
        whole = get(world, "/rss/cs.CV")[1]
        world.fault("rss", Fault(short=0.5))
        assert get(world, "/rss/cs.CV")[1] == whole[: len(whole) // 2]
        world.fault("rss", Fault(cut=0.5))
        with pytest.raises(http.client.IncompleteRead):
            get(world, "/rss/cs.CV")
        world.fault("rss", Fault(drop=True))
        with pytest.raises(http.client.RemoteDisconnected):
            get(world, "/rss/cs.CV")


# -- by itself ---------------------------------------------------------------------------------------------


def test_a_world_out_of_a_folder(tmp_path, root):
    line = {
        "id": "2601.00001",
        "announced": "2026-01-30",
        "primary": "cs.CV",
        "categories": ["cs.CV"],
        "title": "A paper",
        "abstract": "An abstract.",
        "authors": ["First Author"],
    }
    (tmp_path / "papers.jsonl.gz").write_bytes(gzip.compress(json.dumps(line).encode() + b"\n"))
    (tmp_path / "huggingface").mkdir()
    (tmp_path / "huggingface" / "2026-01-30.json").write_text(json.dumps([an_item(1, 5)]))
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "default.html").write_text("<article/>")
    log = tmp_path / "log.jsonl"
    order = [sys.executable, "-m", "tests.stubs.world", "--root", str(tmp_path), "--log", str(log)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(order, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(6)]
            settings = dict(line.split("=", 1) for line in lines)
            port = int(settings["DIGEST_ENDPOINTS__ARXIV"].rpartition(":")[2])

            assert kinds(get(port, "/rss/cs.CV")[1]) == [("2601.00001v1", "new")]
            assert get(port, "/html/2601.00001v1")[1] == b"<article/>"
            assert len(daily(port, "date=2026-01-30")[1]) == 1
            get(port, "/_world/today?date=2026-01-31")
            get(port, "/_world/fault?route=api&status=503&retry_after=9&times=1")
            assert kinds(get(port, "/rss/cs.CV")[1]) == []
            assert get(port, "/api/query?id_list=2601.00001")[0] == 503
            seen = json.loads(get(port, "/_world/log")[1])
        finally:
            process.terminate()
    assert [one["route"] for one in seen] == ["rss", "html", "huggingface", "rss", "api"]
    assert [json.loads(line)["route"] for line in log.read_text().splitlines()] == [
        one["route"] for one in seen
    ]
    assert settings["DIGEST_ENDPOINTS__HUGGINGFACE"] == f"http://localhost:{port}"
    assert settings["DIGEST_HTTP__ARXIV_INTERVAL_SECONDS"] == "0.0"
