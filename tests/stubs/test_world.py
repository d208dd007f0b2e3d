"""The world: how arXiv wants to be asked, what can go wrong, and a world by itself."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import subprocess
import sys
import threading
import time

import pytest

from tests.sources.playing import a_world, an_item
from tests.stubs.asking import GOOD, daily, get, kinds
from tests.stubs.world import Fault

# -- arXiv's manners ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/rss/cs.CV", "/api/query?id_list=2601.00001", "/abs/2601.00001"])
def test_visitors_without_a_name_or_an_accept_header_are_406(path):
    with a_world() as world:
        for headers in (
            {"User-Agent": GOOD["User-Agent"]},
            {"User-Agent": GOOD["User-Agent"], "Accept": " "},
            {"Accept": "*/*"},
            {"Accept": "*/*", "User-Agent": "python-httpx/0.28.1"},
        ):
            assert get(world, path, headers)[0] == 406, headers
        assert [one[:4] for one in world.complaints] == ["406:"] * 4


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
            lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(7)]
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
