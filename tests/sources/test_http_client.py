"""The polite client, against a server that insists on manners."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime

import httpx
import pytest

from pipeline.config.settings import Http
from pipeline.core.progress import Try
from pipeline.sources.http_client import Client, Failure, Page
from tests.sources.playing import Time, a_world, visit
from tests.stubs.world import Fault, World

RSS = "/rss/cs.CV"
DAILY = "/api/daily_papers?date=2026-01-30&limit=100&p=0"


def ask(world: World, path: str = RSS, time: Time | None = None, **settings):
    """One page of the world, by a client that lives for it alone."""

    async def one(client: Client) -> Page | Failure:
        base = world.huggingface if path == DAILY else world.arxiv
        return await client.get(base + path)

    return visit(world, one, time or Time(), **settings)


def test_it_says_who_it_is_and_what_it_takes():
    with a_world() as world:

        async def two(client: Client) -> None:
            await client.get(world.arxiv + RSS, accept="application/rss+xml")
            await client.get(world.huggingface + DAILY)

        visit(world, two, Time())
        arxiv, huggingface = world.requests
    agent = "nightly-paper-digest/0.1.0 (+https://github.com/OWNER/REPO)"
    assert (arxiv.headers["user-agent"], arxiv.headers["accept"]) == (agent, "application/rss+xml")
    assert (huggingface.headers["user-agent"], huggingface.headers["accept"]) == (agent, "*/*")


@pytest.mark.parametrize(
    ("fault", "times", "slept"),
    [
        pytest.param(Fault.busy(429), 2, [9.0, 27.0], id="429"),
        pytest.param(Fault.busy(429, "20"), 1, [20.0], id="429 with Retry-After"),
        pytest.param(Fault.busy(503, "60"), 3, [60.0] * 3, id="503 with Retry-After"),
        pytest.param(Fault.busy(403, "20"), 1, [20.0], id="403 with Retry-After"),
        pytest.param(Fault.busy(406), 3, [9.0, 27.0, 60.0], id="406"),
        pytest.param(Fault(status=408), 1, [9.0], id="408"),
        pytest.param(Fault(status=425), 1, [9.0], id="425"),
        pytest.param(Fault(status=599, body=b"oops"), 1, [9.0], id="599"),
        pytest.param(Fault(status=200, body=b" \n"), 1, [9.0], id="blank"),
        pytest.param(Fault(cut=0.5), 2, [9.0, 27.0], id="cut"),
    ],
)
def test_what_is_tried_again(fault, times, slept):
    time = Time()
    with a_world() as world:
        world.fault("rss", fault, times=times)
        page = ask(world, time=time)
        assert isinstance(page, Page)
        assert (page.status, len(world.requests)) == (200, times + 1)
    assert time.slept == slept


def test_every_attempt_and_every_pause_is_told_for_as_long_as_it_lasts():
    time, told = Time(), []

    @contextmanager
    def waiting(attempt: Try) -> Iterator[None]:
        began = time.now
        yield
        told.append((attempt, time.now - began))

    with a_world() as world:
        world.fault("rss", Fault.busy(503), times=2)
        host = world.arxiv.removeprefix("http://")

        async def one(client: Client) -> None:
            client._waiting = waiting
            await client.get(world.arxiv + RSS)

        visit(world, one, time)
    assert told == [
        (Try(host, 1, 4), 0.0),
        (Try(host, 1, 4, failed="HTTP 503", pause=9.0), 9.0),
        (Try(host, 2, 4), 0.0),
        (Try(host, 2, 4, failed="HTTP 503", pause=27.0), 27.0),
        (Try(host, 3, 4), 0.0),
    ]


def test_a_date_to_wait_for():
    time = Time()
    with a_world() as world:
        later = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=40), usegmt=True)
        world.fault("rss", Fault.busy(503, later))
        assert isinstance(ask(world, time=time), Page)
    assert len(time.slept) == 1
    assert 30 <= time.slept[0] <= 41


@pytest.mark.parametrize(
    ("fault", "reason", "status"),
    [
        pytest.param(Fault.busy(503), "HTTP 503 (4 tries)", 503, id="503"),
        pytest.param(Fault.empty(), "the answer was empty (4 tries)", 200, id="empty"),
        pytest.param(
            Fault(200, b"no gzip", {"Content-Encoding": "gzip"}),
            "the answer is damaged (4 tries)",
            None,
            id="damaged",
        ),
        pytest.param(Fault(drop=True), "the answer was cut (4 tries)", None, id="dropped"),
    ],
)
def test_when_it_gives_up(fault, reason, status):
    time = Time()
    with a_world() as world:
        world.fault("rss", fault, times=None)
        found = ask(world, time=time)
        assert found == Failure(world.arxiv + RSS, reason, status)
        assert len(world.requests) == 4
    assert time.slept == [9.0, 27.0, 60.0]


@pytest.mark.parametrize("status", [400, 404])
def test_a_refusal_is_a_page_and_is_not_repeated(status):
    with a_world() as world:
        world.fault("rss", Fault(status=status, body=b"no"))
        page = ask(world)
        assert page == Page(world.arxiv + RSS, status, b"no")
        assert len(world.requests) == 1


def test_a_server_that_wants_too_much_time_is_given_up_and_left_alone():
    time = Time()
    with a_world() as world:
        world.fault("rss", Fault.busy(429, "600"))

        async def three(client: Client):
            return [await client.get(world.arxiv + path) for path in (RSS, RSS, "/abs/2601.00001")]

        first, second, third = visit(world, three, time)
        assert len(world.requests) == 1
    assert first.reason == "HTTP 429, and asks to wait 600 seconds; 60 are allowed"
    assert second.reason.endswith(f"is asked no more on this run: {first.reason}")
    assert third.reason == second.reason
    assert time.slept == []


def test_the_time_for_one_page_is_limited():
    time = Time()
    with a_world() as world:
        world.fault("rss", Fault.busy(503, "60"), times=None)
        found = ask(world, time=time, attempts=10, total_seconds=200.0)
        assert found.reason == "HTTP 503 (4 tries)"
    assert time.slept == [60.0] * 3


def test_a_host_that_fails_three_pages_is_asked_no_more_and_the_others_are():
    with a_world() as world:
        world.fault("rss", Fault.busy(503), times=None)

        async def visitor(client: Client):
            failures = [await client.get(world.arxiv + RSS, attempts=1) for _ in range(5)]
            return failures, await client.get(world.huggingface + DAILY)

        failures, other = visit(world, visitor, Time())
        assert len(world.seen("rss")) == 3
    assert [one.reason for one in failures[:3]] == ["HTTP 503 (one try)"] * 3
    assert all("is asked no more on this run: HTTP 503 (one try)" in one.reason for one in failures[3:])
    assert other.status == 200


def test_redirects_to_another_site_say_nothing_against_a_host():
    with a_world() as world:
        world.fault("rss", Fault(302, b"", {"Location": "https://example.org/"}), times=3)

        async def four(client: Client):
            return [await client.get(world.arxiv + RSS) for _ in range(4)]

        *failures, page = visit(world, four, Time())
    assert [one.reason for one in failures] == ["leads to another site (example.org)"] * 3
    assert isinstance(page, Page)


def test_a_host_without_a_whole_answer_three_times_is_asked_no_more():
    with a_world() as world:
        world.fault("huggingface", Fault(delay=2.0), times=None)

        async def four(client: Client):
            return [await client.get(world.huggingface + DAILY) for _ in range(4)]

        *failures, last = visit(world, four, Time(), total_seconds=0.2)
    reason = "no whole answer within 0.2 seconds"
    assert [one.reason for one in failures] == [reason] * 3
    assert last.reason.endswith(f"is asked no more on this run: {reason}")


def test_not_found_says_nothing_against_a_host():
    with a_world() as world:

        async def visitor(client: Client):
            return [await client.get(f"{world.arxiv}/html/2601.0000{n}v1") for n in range(1, 7)]

        pages = visit(world, visitor, Time())
    assert [page.status for page in pages] == [404] * 6


def test_a_server_that_hangs():
    with a_world() as world:
        world.fault("rss", Fault(delay=0.5), times=None)
        found = ask(world, timeout_seconds=0.1, attempts=2)
        assert found.reason == "no answer within 0.1 seconds (2 tries)"
        assert len(world.requests) == 2


def test_a_server_that_drips():
    with a_world() as world:
        world.fault("rss", Fault(stall=0.6))
        found = ask(world, timeout_seconds=5.0, total_seconds=0.2)
        assert found.reason == "no whole answer within 0.2 seconds"


def test_what_is_too_large_is_not_read_to_its_end_nor_asked_for_again():
    with a_world() as world:
        world.fault("rss", Fault(200, b"x" * 2_000_000))
        assert ask(world, max_megabytes=1.0).reason == "is larger than 1 MB"
        bomb = gzip.compress(b"x" * 20_000_000)
        assert len(bomb) < 100_000
        world.fault("rss", Fault(200, bomb, {"Content-Encoding": "gzip"}))
        assert ask(world, max_megabytes=1.0).reason == "is larger than 1 MB"
        assert len(world.requests) == 2


def test_what_is_packed_twice_is_not_unpacked():
    with a_world() as world:
        twice = gzip.compress(gzip.compress(b"<rss/>"))
        world.fault("rss", Fault(200, twice, {"Content-Encoding": "gzip, gzip"}))
        assert ask(world) == Failure(world.arxiv + RSS, "is packed twice", 200)
        assert len(world.requests) == 1


def test_compressed_pages_are_unpacked():
    with a_world() as world:
        world.fault("rss", Fault(200, gzip.compress(b"<rss/>"), {"Content-Encoding": "gzip"}))
        assert ask(world).body == b"<rss/>"


def test_a_redirect_within_the_site_is_followed_at_the_sites_pace():
    time = Time()
    with a_world(pdf={"default": b"%PDF-1.7"}) as world:
        page = ask(world, "/pdf/2601.00001v1.pdf", time)
        assert page == Page(f"{world.arxiv}/pdf/2601.00001v1", 200, b"%PDF-1.7")
        assert [one.status for one in world.requests] == [301, 200]
    assert time.slept == [3.0]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://example.org/", "leads to another site (example.org)"),
        ("http://localhost:1/", "leads to another site (localhost:1)"),
        ("http://example.org/", "leads to an address that is not https"),
        ("https://[broken/", "leads to another site (%5bbroken)"),
    ],
)
def test_a_redirect_elsewhere_is_not(location, reason):
    with a_world() as world:
        world.fault("rss", Fault(302, b"", {"Location": location}), times=None)
        assert ask(world) == Failure(world.arxiv + RSS, reason, None)
        assert len(world.requests) == 1


def follow(redirects: dict[str, str], url: str = "https://j.example/feed"):
    """A feed by https, and every request for it, where `redirects` lead from address to address; other pages exist."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        target = redirects.get(str(request.url))
        return (
            httpx.Response(301, headers={"location": target})
            if target
            else httpx.Response(200, text="<rss/>")
        )

    async def main() -> Page | Failure:
        async with Client(Http(), arxiv_hosts=frozenset(), version="0") as client:
            client._others._transport, client._others._mounts = httpx.MockTransport(answer), {}
            return await client.get(url)

    return asyncio.run(main()), requests


@pytest.mark.parametrize(
    ("redirects", "read"),
    [
        pytest.param(
            {
                "https://j.example/feed": "http://j.example/feed/",
                "https://j.example/feed/": "https://j.example/rss",
            },
            "https://j.example/rss",
            id="slash",
        ),
        pytest.param(
            {"https://j.example/feed": "http://j.example:80/a?q=1"}, "https://j.example/a?q=1", id="port 80"
        ),
        pytest.param(
            {"https://j.example/feed": "HTTP://J.Example:443/a"}, "https://j.example/a", id="port 443"
        ),
        pytest.param(
            {
                "https://j.example/feed": "https://www.j.example/feed",
                "https://www.j.example/feed": "http://www.j.example/feed.xml",
                "https://www.j.example/feed.xml": "/rss.xml",
            },
            "https://www.j.example/rss.xml",
            id="after another host",
        ),
        pytest.param({"https://j.example/feed": "//j.example/rss"}, "https://j.example/rss", id="no scheme"),
    ],
)
def test_a_redirect_to_http_of_the_same_host_is_followed_by_https(redirects, read):
    page, requests = follow(redirects)
    assert page == Page(read, 200, b"<rss/>", "utf-8")
    assert {request.url.scheme for request in requests} == {"https"}
    assert not {"authorization", "cookie", "referer"} & {name for one in requests for name in one.headers}
    assert all(request.headers["host"] == request.url.host for request in requests)


@pytest.mark.parametrize(
    "target",
    [
        "http://www.j.example/feed",
        "http://other.example/feed",
        "http://j.example.other.example/feed",
        "http://j.example:8080/feed",
        "http://user:secret@j.example/feed",
        "http://j.example@other.example/feed",
        "ftp://j.example/feed",
        "http://127.0.0.1.example/feed",
        "http://j.example/feed",  # the very page that was asked by https
    ],
)
def test_a_redirect_to_http_elsewhere_or_back_and_forth_is_refused(target):
    failure, requests = follow({"https://j.example/feed": target})
    assert failure == Failure("https://j.example/feed", "leads to an address that is not https", None)
    assert len(requests) == 1


def test_a_loop_through_http_ends():
    pages = [f"https://j.example/{n}" for n in range(3)]
    downgraded = [page.replace("https", "http") for page in (*pages[1:], pages[0])]
    failure, requests = follow(dict(zip(pages, downgraded, strict=True)), pages[0])
    assert failure == Failure(pages[0], "leads to an address that is not https", None)
    assert [str(request.url) for request in requests] == pages


def test_five_redirects_and_no_more():
    with a_world() as world:
        world.fault("rss", Fault(302, b"", {"Location": RSS}), times=None)
        assert ask(world).reason == "more than 5 redirects"
        assert len(world.requests) == 6


@pytest.mark.parametrize("url", ["http://arxiv.org/", "https://u:p@arxiv.org/"])
def test_an_address_that_is_not_https_is_not_asked(url):
    with a_world() as world:
        found = visit(world, lambda client: client.get(url), Time())
    assert found == Failure(url, "is not an https address", None)


def test_a_broken_address_is_a_failure():
    with a_world() as world:
        found = visit(world, lambda client: client.get("https://\u0000.org/"), Time())
    assert found == Failure("https://\u0000.org/", "is not an address", None)


def test_nobody_at_home():
    with a_world() as world:
        gone = world.arxiv
    found = visit(world, lambda client: client.get(gone + RSS), Time(), attempts=2)
    assert found == Failure(gone + RSS, "no connection (ConnectError) (2 tries)", None)


def test_a_client_can_be_stopped():
    with a_world() as world:
        world.fault("rss", Fault(delay=0.3))

        async def stopped(client: Client):
            task = asyncio.create_task(client.get(world.arxiv + RSS))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.wait([task])
            return task.cancelled(), await client.get(world.arxiv + "/abs/2601.00001")

        cancelled, page = visit(world, stopped, Time())
    assert cancelled
    assert page.status == 200
