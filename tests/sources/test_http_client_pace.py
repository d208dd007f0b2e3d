"""The polite client's pace: one request at a time, over one connection, so many seconds apart."""

from __future__ import annotations

import asyncio

from pipeline.config.settings import Http
from pipeline.sources.http_client import Client
from tests.sources.playing import Time, a_world, visit
from tests.stubs.world import ARXIV_ROUTES, Fault

RSS = "/rss/cs.CV"
DAILY = "/api/daily_papers?date=2026-01-30&limit=100&p=0"


def test_arxiv_sees_one_request_at_a_time_over_one_connection_at_its_pace():
    interval = 0.05
    with a_world(interval=interval, html={"default": b"<article/>"}) as world:
        paths = [
            RSS,
            "/abs/2601.00001",
            "/html/2601.00002v1",
            "/pdf/2601.00003v1",
            "/api/query?id_list=2601.00001",
        ]

        async def all_at_once(client: Client):
            tasks = [client.get(world.arxiv + path) for path in (*paths, *paths)]
            return await asyncio.gather(*tasks, *(client.get(world.huggingface + DAILY) for _ in range(3)))

        pages = visit(world, all_at_once, arxiv_interval_seconds=interval)
        arxiv = world.seen(*ARXIV_ROUTES)
        assert world.complaints == []
        assert [page.status for page in pages] == [200, 200, 200, 404, 200] * 2 + [200] * 3
        assert len(arxiv) == 10
        assert min(world.gaps()) >= interval
        assert len({one.connection for one in arxiv}) == 1
        assert world.manners.open_at_once == 1


def test_all_hosts_of_arxiv_share_the_one_connection():
    with a_world() as world:
        hosts = frozenset(f"{name}:{world.port}" for name in ("127.0.0.1", "localhost"))

        async def main():
            async with Client(Http(arxiv_interval_seconds=0), arxiv_hosts=hosts, version="0") as client:
                for base in (world.arxiv, world.huggingface, world.arxiv):
                    await client.get(base + RSS)

        asyncio.run(main())
        assert (len(world.requests), world.complaints, world.manners.open_at_once) == (3, [], 1)


def test_arxivs_pace_counts_from_the_arrival_of_a_slow_request():
    with a_world(interval=0.05) as world:
        world.fault("rss", Fault(delay=0.1))

        async def two(client: Client):
            return await asyncio.gather(client.get(world.arxiv + RSS), client.get(world.arxiv + RSS))

        visit(world, two, arxiv_interval_seconds=0.05)
        assert world.complaints == []
        assert min(world.gaps()) >= 0.15


def test_arxivs_pace_counts_from_the_end_of_a_wait_in_vain():
    time = Time()
    with a_world() as world:
        world.fault("rss", Fault(delay=2.0), times=None)

        async def two(client: Client):
            first = asyncio.create_task(client.get(world.arxiv + RSS, attempts=1))
            await asyncio.sleep(0)
            time.now += 10.0
            return await first, await client.get(world.arxiv + RSS, attempts=1)

        first, _ = visit(world, two, time, timeout_seconds=0.1)
    assert first.reason == "no answer within 0.1 seconds (one try)"
    assert time.slept == [3.0]


def test_the_others_wait_out_a_retry_after_too():
    time = Time()
    with a_world() as world:
        world.fault("rss", Fault.busy(429, "30"))

        async def two(client: Client):
            first = asyncio.create_task(client.get(world.arxiv + RSS))
            await asyncio.sleep(0)
            return await asyncio.gather(first, client.get(world.arxiv + "/abs/2601.00001"))

        visit(world, two, time)
        assert [one.route for one in world.requests] == ["rss", "rss", "abs"]
    assert time.slept == [30.0, 3.0]
