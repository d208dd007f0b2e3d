"""The polite client. The only file that speaks HTTP; a page that cannot be had is a value, not an exception.

    get ─> wait for arXiv's pace ─> request ─> Page
                 ^                     │
                 └── Retry-After, or three times longer ──┘ ─> Failure

All hosts of arXiv share one connection and one pace, as its terms ask
(https://info.arxiv.org/help/api/tou.html). The retries are a loop of our own: stamina sleeps by itself
and cannot be handed another clock.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import httpx

from pipeline.config.settings import Http
from pipeline.core import dates
from pipeline.sources.url_policy import host, joined, may_ask, site

TRY_LATER = frozenset({406, 408, 425, 429})  # and all from 500; 406 is what arXiv's edge says when it is busy
MOST_FAILURES = 3  # pages in a row, each with all its tries


def try_later(status: int) -> bool:
    """Whether an answer of this status may be another one a little later."""
    return status in TRY_LATER or status >= 500


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks to wait, or None.

    A date is read against the answer's own `Date`: the server's clock is the one that it was written by.
    """
    asked = headers.get("retry-after", "").strip()
    if not asked:
        return None
    if asked.isascii() and asked.isdigit():
        return float(asked) if len(asked) < 10 else float("inf")
    until, now = dates.moment(asked), dates.moment(headers.get("date", ""))
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def backoff(attempt: int, *, first: float, most: float) -> float:
    """Seconds after the attempt with this number, from 1: three times as long each time.

    Without chance in it: one request a night meets no crowd that would have to be spread.
    """
    return min(most, first * 3.0 ** (attempt - 1))


class Circuit:
    """Hosts that have failed again and again, and are asked no more on this run."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._open: dict[str, str] = {}

    def why_open(self, host: str) -> str:
        """Why this host is not asked, or an empty string."""
        return self._open.get(host, "")

    def answered(self, host: str) -> None:
        """The host gave an answer, if only "not found"."""
        self._failures.pop(host, None)

    def failed(self, host: str, reason: str, *, for_good: bool = False) -> None:
        """A page of this host was given up; `for_good` if the host itself asked for more time than there is."""
        count = self._failures[host] = self._failures.get(host, 0) + 1
        if for_good or count >= MOST_FAILURES:
            self._open.setdefault(host, reason)


REDIRECTS = 5
CONNECTIONS = 8  # to all hosts but arXiv's
FIRST_WAIT = 1.0  # seconds; for arXiv it is ARXIV_INTERVALS times its pace
ARXIV_INTERVALS = 3

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Page:
    """An answer, of whatever status; `url` is where it came from after redirects."""

    url: str
    status: int
    body: bytes


@dataclass(frozen=True)
class Failure:
    """Why a page could not be had; `status` is that of the last answer, None if there was none."""

    url: str
    reason: str
    status: int | None


class Get(Protocol):
    """Whatever answers a GET: the client, the recorded sample, a test's table."""

    async def __call__(
        self, url: str, *, accept: str = "*/*", attempts: int | None = None, fresh: bool = False
    ) -> Page | Failure:
        """One page; `fresh`: not the answer that was given before. Never raises for a page that cannot be had."""
        ...


@dataclass(frozen=True)
class _Setback:
    """One try that brought no page. `wait` is what the server asked for, in seconds.

    `final`: no use to try again. `too_long`: the server asked for more time than there is.
    `hosts_fault`: another page of the same host would fare no better.
    """

    reason: str
    status: int | None = None
    wait: float | None = None
    final: bool = False
    too_long: bool = False
    hosts_fault: bool = True


@dataclass(frozen=True)
class _Redirect:
    """An answer that sends elsewhere."""

    target: str


class Client:
    """An async context manager; `get` inside of it. `sleep` and `clock` (monotonic, seconds) can be replaced."""

    def __init__(
        self,
        settings: Http,
        *,
        arxiv_hosts: frozenset[str],
        version: str,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self._settings = settings
        self._arxiv_hosts = arxiv_hosts
        self._agent = f"nightly-paper-digest/{version} (+{settings.contact})"
        self._sleep = sleep
        self._clock = clock
        self._circuit = Circuit()
        self._turn = asyncio.Lock()
        self._last = -float("inf")  # when arXiv had the last request in hand, at the latest
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._arxiv = await self._stack.enter_async_context(self._session(1))
        self._others = await self._stack.enter_async_context(self._session(CONNECTIONS))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _session(self, connections: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={"User-Agent": self._agent},
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            timeout=httpx.Timeout(self._settings.timeout_seconds, pool=None),
            verify=_certificates(),
            auth=httpx.Auth(),  # sends nothing, and keeps httpx from looking into ~/.netrc
        )

    async def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        attempts: int | None = None,
        fresh: bool = False,  # noqa: ARG002 - every answer is
    ) -> Page | Failure:
        """One page, with up to `attempts` tries. A 404 is a page; 406, 408, 429 and 5xx are tried again."""
        if not may_ask(url):
            return Failure(url, "is not an https address", None)
        if host(url) not in self._arxiv_hosts:
            return await self._page(url, accept, attempts)
        async with self._turn:  # held until the page is there: whoever comes next waits out a Retry-After too
            return await self._page(url, accept, attempts)

    async def _page(self, url: str, accept: str, attempts: int | None) -> Page | Failure:
        """One page within the time for it, and what it says about the host."""
        if closed := self._circuit.why_open(host(url)):
            return Failure(url, f"{host(url)} is asked no more on this run: {closed}", None)
        total = self._settings.total_seconds
        outcome: Page | _Setback
        try:
            async with asyncio.timeout(total):
                outcome = await self._tries(url, accept, attempts or self._settings.attempts)
        except TimeoutError:
            outcome = _Setback(f"no whole answer within {total:g} seconds")
        if isinstance(outcome, Page):
            self._circuit.answered(host(url))
            return outcome
        if outcome.hosts_fault:
            self._circuit.failed(host(url), outcome.reason, for_good=outcome.too_long)
        return Failure(url, outcome.reason, outcome.status)

    async def _tries(self, url: str, accept: str, attempts: int) -> Page | _Setback:
        """Ask until there is a page, or no use in asking."""
        started, attempt = self._clock(), 1
        while True:
            outcome = await self._follow(url, accept)
            if isinstance(outcome, Page) or outcome.final:
                return outcome
            wait = self._wait(url, attempt, outcome)
            if wait > self._settings.max_wait_seconds:
                most = f"{self._settings.max_wait_seconds:g} are allowed"
                reason = f"{outcome.reason}, and asks to wait {wait:g} seconds; {most}"
                return _Setback(reason, outcome.status, wait, too_long=True)
            late = self._clock() - started + wait > self._settings.total_seconds
            if late or attempt >= attempts:
                tried = f"{attempt} tries" if attempt > 1 else "one try"
                return _Setback(f"{outcome.reason} ({tried})", outcome.status)
            await self._sleep(wait)
            attempt += 1

    def _wait(self, url: str, attempt: int, setback: _Setback) -> float:
        """Seconds until the next try: what the server asks for, else longer each time."""
        if setback.wait is not None:
            return setback.wait
        to_arxiv = host(url) in self._arxiv_hosts
        first = self._settings.arxiv_interval_seconds * ARXIV_INTERVALS if to_arxiv else FIRST_WAIT
        return backoff(attempt, first=first, most=self._settings.max_wait_seconds)

    async def _follow(self, url: str, accept: str) -> Page | _Setback:
        """One try: the request, and its redirects within the same site."""
        here = url
        for _ in range(REDIRECTS + 1):
            answer = await self._request(here, accept)
            if not isinstance(answer, _Redirect):
                return answer
            here = answer.target
            if not may_ask(here):
                return _final("leads to an address that is not https")
            if site(here) != site(url):
                return _final(f"leads to another site ({host(here)})")
        return _final(f"more than {REDIRECTS} redirects")

    async def _request(self, url: str, accept: str) -> Page | _Setback | _Redirect:
        """One request, at arXiv's pace if it goes there."""
        session = self._others
        if host(url) in self._arxiv_hosts:
            session = self._arxiv
            await self._keep_pace()
        try:
            async with session.stream("GET", url, headers={"Accept": accept}) as answer:
                self._note_arrival(session)
                return await self._read(answer)
        except httpx.InvalidURL:
            return _final("is not an address")
        except httpx.RequestError as error:
            self._note_arrival(session)
            return _Setback(self._words(error))

    async def _keep_pace(self) -> None:
        """Wait until arXiv may be asked again.

        Counted from when it surely had the last request (its answer began), not from when that left here:
        so requests arrive as far apart as they should, however long the way.
        """
        interval = self._settings.arxiv_interval_seconds
        while (wait := self._last + interval - self._clock()) > 0:
            await self._sleep(wait)
        self._last = self._clock()

    def _note_arrival(self, session: httpx.AsyncClient) -> None:
        if session is self._arxiv:
            self._last = self._clock()

    async def _read(self, answer: httpx.Response) -> Page | _Setback | _Redirect:
        """The body of an answer, up to the size limit."""
        status = answer.status_code
        if answer.has_redirect_location:
            return _Redirect(joined(str(answer.url), answer.headers["location"]))
        if try_later(status):
            return _Setback(f"HTTP {status}", status, retry_after(answer.headers))
        if "," in answer.headers.get("content-encoding", ""):
            return _final("is packed twice", status)  # a few kilobytes could become gigabytes before we count
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > self._settings.max_megabytes * 1_000_000:
                return _final(f"is larger than {self._settings.max_megabytes:g} MB", status)
        if status == httpx.codes.OK and not body.strip():
            return _Setback("the answer was empty", status)
        return Page(str(answer.url), status, bytes(body))

    def _words(self, error: httpx.RequestError) -> str:
        """What went wrong below HTTP, for a reader."""
        if isinstance(error, httpx.TimeoutException):
            return f"no answer within {self._settings.timeout_seconds:g} seconds"
        if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            return "the answer was cut"
        if isinstance(error, httpx.DecodingError):
            return "the answer is damaged"
        return f"no connection ({type(error).__name__})"


@functools.cache
def _certificates() -> ssl.SSLContext:
    """The certificates that servers are checked against. To load them takes longer than many a page."""
    return httpx.create_ssl_context()


def _final(reason: str, status: int | None = None) -> _Setback:
    """A setback that lies in this one address."""
    return _Setback(reason, status, final=True, hosts_fault=False)
