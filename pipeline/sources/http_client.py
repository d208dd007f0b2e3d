"""Async HTTP client with rate limiting, retries and a circuit breaker; the only file that speaks HTTP.

    get ─> wait for arXiv's interval ─> request ─> Page
                 ^                         │
                 └── Retry-After, or backoff times three ──┘ ─> Failure

A page that cannot be fetched is a `Failure` value, not an exception. All arXiv hosts share one connection and
one request interval, as its terms require (https://info.arxiv.org/help/api/tou.html). Retries are a loop in this
file: stamina sleeps by itself, and no clock can be injected into it.
"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import httpx

from pipeline.config.settings import Http
from pipeline.core import dates
from pipeline.core.progress import Try, Waiting, silent
from pipeline.sources.url_policy import host, is_fetchable, site

# A request with one of these statuses may succeed a little later. arXiv's CDN answers 406 when it is busy, and GitHub
# 403 with a Retry-After header.
RETRY_STATUSES = frozenset({406, 408, 425, 429, *range(500, 600)})
MAX_FAILURES = 3  # consecutive failed pages, each after all its retries


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header asks to wait; None if it is missing or invalid.

    A date is compared with the response's own `Date` header, since both come from the server's clock.
    """
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    until, now = dates.parse_moment(value), dates.parse_moment(headers.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


class CircuitBreaker:
    """Tracks hosts that failed repeatedly; these are not requested again during the run."""

    def __init__(self) -> None:
        self._failures: dict[str, int] = {}
        self._open: dict[str, str] = {}

    def open_reason(self, host: str) -> str:
        """Return why this host is no longer requested; empty if it still is."""
        return self._open.get(host, "")

    def record_success(self, host: str) -> None:
        """Reset the failure count after a response with any status, including 404."""
        self._failures.pop(host, None)

    def record_failure(self, host: str, reason: str, *, open_now: bool = False) -> None:
        """Count a failed page, and open the circuit after MAX_FAILURES in a row.

        `open_now` opens it at once: the host itself asked for a longer wait than allowed.
        """
        count = self._failures[host] = self._failures.get(host, 0) + 1
        if open_now or count >= MAX_FAILURES:
            self._open.setdefault(host, reason)


MAX_REDIRECTS = 5
MAX_CONNECTIONS = 8  # to all hosts except arXiv's
FIRST_BACKOFF = 1.0  # seconds; for arXiv it is ARXIV_BACKOFF_INTERVALS times its request interval
ARXIV_BACKOFF_INTERVALS = 3

NO_HEADERS: Mapping[str, Mapping[str, str]] = {}

ssl_context = functools.cache(httpx.create_ssl_context)  # loading the CA certificates takes 0.1 to 0.5 s

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Page:
    """An HTTP response with any status; `url` is the final URL after redirects.

    `charset` is the encoding that the Content-Type header names, empty if it names none; `next_url` is the next page of a
    list, from the Link header, empty if there is none.
    """

    url: str
    status: int
    body: bytes
    charset: str = ""
    next_url: str = ""


@dataclass(frozen=True)
class Failure:
    """Why a page could not be fetched; `status` is that of the last response, None if there was none."""

    url: str
    reason: str
    status: int | None


class Get(Protocol):
    """The interface of an HTTP GET function: the client, the recorded sample, or a test double."""

    async def __call__(
        self, url: str, *, accept: str = "*/*", attempts: int | None = None, fresh: bool = False
    ) -> Page | Failure:
        """Fetch one page. `fresh` bypasses caches. Never raises for a page that cannot be fetched."""
        ...


@dataclass(frozen=True)
class _FailedAttempt:
    """One attempt without a page. `wait` is the Retry-After time in seconds.

    `final`: the failure concerns this URL alone, so that a retry would not help, and the circuit breaker does not
    count it. `wait_too_long`: the server asked for a longer wait than allowed.
    """

    reason: str
    status: int | None = None
    wait: float | None = None
    final: bool = False
    wait_too_long: bool = False


class Client:
    """The HTTP client, an async context manager; call `get` inside it.

    `headers` are sent to one host alone, by host: a token does not follow a redirect elsewhere. `waiting` is told of every
    attempt and every pause. `sleep` and `clock` (monotonic, seconds) can be replaced in tests.
    """

    def __init__(
        self,
        settings: Http,
        *,
        arxiv_hosts: frozenset[str],
        version: str,
        headers: Mapping[str, Mapping[str, str]] = NO_HEADERS,
        waiting: Waiting = silent,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self._settings = settings
        self._arxiv_hosts = arxiv_hosts
        self._user_agent = f"nightly-paper-digest/{version} (+{settings.contact})"
        self._headers = headers
        self._waiting = waiting
        self._sleep = sleep
        self._clock = clock
        self._circuit = CircuitBreaker()
        self._arxiv_lock = asyncio.Lock()
        self._last_arxiv_request = -float("inf")  # the latest time at which arXiv can have received it
        self._arxiv, self._others = self._session(1), self._session(MAX_CONNECTIONS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._arxiv.aclose()
        await self._others.aclose()

    def _session(self, connections: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={"User-Agent": self._user_agent},
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            timeout=httpx.Timeout(self._settings.timeout_seconds, pool=None),
            verify=ssl_context(),
            auth=httpx.Auth(),  # sends nothing, and keeps httpx from reading ~/.netrc
        )

    async def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        attempts: int | None = None,
        fresh: bool = False,  # noqa: ARG002 - the client has no cache
    ) -> Page | Failure:
        """Fetch one page, with up to `attempts` tries. Statuses 406, 408, 425, 429 and 5xx are retried.

        Any other status, such as 404, is returned as a page.
        """
        if not is_fetchable(url):
            return Failure(url, "is not an https address", None)
        if host(url) not in self._arxiv_hosts:
            return await self._get_page(url, accept, attempts)
        async with self._arxiv_lock:  # held during retries, so that other requests wait out a Retry-After too
            return await self._get_page(url, accept, attempts)

    async def _get_page(self, url: str, accept: str, attempts: int | None) -> Page | Failure:
        """Fetch one page within its total time budget, and record the outcome in the circuit breaker."""
        if closed := self._circuit.open_reason(host(url)):
            return Failure(url, f"{host(url)} is asked no more on this run: {closed}", None)
        outcome: Page | _FailedAttempt
        try:
            async with asyncio.timeout(self._settings.total_seconds):
                outcome = await self._retry(url, accept, attempts or self._settings.attempts)
        except TimeoutError:
            outcome = _FailedAttempt(f"no whole answer within {self._settings.total_seconds:g} seconds")
        if isinstance(outcome, Page):
            self._circuit.record_success(host(url))
            return outcome
        if not outcome.final:
            self._circuit.record_failure(host(url), outcome.reason, open_now=outcome.wait_too_long)
        return Failure(url, outcome.reason, outcome.status)

    async def _retry(self, url: str, accept: str, attempts: int) -> Page | _FailedAttempt:
        """Attempt a page until it is fetched, the failure is final, or attempts or time run out."""
        started, attempt = self._clock(), 1
        while True:
            with self._waiting(Try(host(url), attempt, attempts)):
                outcome = await self._follow_redirects(url, accept)
            if isinstance(outcome, Page) or outcome.final:
                return outcome
            wait = self._retry_delay(url, attempt, outcome)
            if wait > self._settings.max_wait_seconds:
                allowed = f"{self._settings.max_wait_seconds:g} are allowed"
                reason = f"{outcome.reason}, and asks to wait {wait:g} seconds; {allowed}"
                return _FailedAttempt(reason, outcome.status, wait_too_long=True)
            late = self._clock() - started + wait > self._settings.total_seconds
            if late or attempt >= attempts:
                tries = f"{attempt} tries" if attempt > 1 else "one try"
                return _FailedAttempt(f"{outcome.reason} ({tries})", outcome.status)
            with self._waiting(Try(host(url), attempt, attempts, failed=outcome.reason, pause=wait)):
                await self._sleep(wait)
            attempt += 1

    def _retry_delay(self, url: str, attempt: int, failure: _FailedAttempt) -> float:
        """Return the seconds until the next attempt: Retry-After if the server sent it, else backoff.

        The backoff triples with each attempt. No jitter: there is a single nightly client.
        """
        if failure.wait is not None:
            return failure.wait
        to_arxiv = host(url) in self._arxiv_hosts
        first = self._settings.arxiv_interval_seconds * ARXIV_BACKOFF_INTERVALS if to_arxiv else FIRST_BACKOFF
        return min(self._settings.max_wait_seconds, first * 3.0 ** (attempt - 1))

    async def _follow_redirects(self, url: str, accept: str) -> Page | _FailedAttempt:
        """Make one attempt: the request, and its redirects within the same site.

        A redirect to http of the host that was asked is followed by https, unless that has led back to http already.
        """
        current, asked = url, set[httpx.URL]()
        for _ in range(MAX_REDIRECTS + 1):
            outcome = await self._request(current, accept)
            if not isinstance(outcome, httpx.URL):
                return outcome
            asked.add(httpx.URL(current))
            by_https = _by_https(outcome, httpx.URL(current))
            current = str(outcome if by_https in asked else by_https)
            if not is_fetchable(current):
                return _final("leads to an address that is not https")
            if site(current) != site(url):
                return _final(f"leads to another site ({host(current)})")
        return _final(f"more than {MAX_REDIRECTS} redirects")

    async def _request(self, url: str, accept: str) -> Page | _FailedAttempt | httpx.URL:
        """Send one request, rate-limited if it goes to arXiv; a redirect's target is returned as a URL."""
        session = self._others
        if host(url) in self._arxiv_hosts:
            session = self._arxiv
            await self._wait_for_interval()
        headers = {"Accept": accept, **self._headers.get(host(url), {})}
        try:
            async with session.stream("GET", url, headers=headers) as response:
                self._record_arrival(session)
                return await self._handle_response(response)
        except httpx.InvalidURL:
            return _final("is not an address")
        except httpx.RequestError as error:
            self._record_arrival(session)
            return _FailedAttempt(self._describe_error(error))

    async def _wait_for_interval(self) -> None:
        """Wait until the next request to arXiv is allowed.

        The interval counts from the moment the previous request had certainly arrived (its response began),
        not from when it was sent, so that network latency cannot bring requests closer together.
        """
        interval = self._settings.arxiv_interval_seconds
        while (wait := self._last_arxiv_request + interval - self._clock()) > 0:
            await self._sleep(wait)
        self._last_arxiv_request = self._clock()

    def _record_arrival(self, session: httpx.AsyncClient) -> None:
        if session is self._arxiv:
            self._last_arxiv_request = self._clock()

    async def _handle_response(self, response: httpx.Response) -> Page | _FailedAttempt | httpx.URL:
        """Classify a response, and read its body up to the size limit."""
        status = response.status_code
        if response.next_request:
            return response.next_request.url
        limited = status == httpx.codes.FORBIDDEN and "retry-after" in response.headers
        if status in RETRY_STATUSES or limited:
            return _FailedAttempt(f"HTTP {status}", status, retry_after(response.headers))
        if "," in response.headers.get("content-encoding", ""):
            return _final("is packed twice", status)  # a few kilobytes could unpack to gigabytes in one chunk
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._settings.max_megabytes * 1_000_000:
                return _final(f"is larger than {self._settings.max_megabytes:g} MB", status)
        if status == httpx.codes.OK and not body.strip():
            return _FailedAttempt("the answer was empty", status)
        next_url = response.links.get("next", {}).get("url", "")
        return Page(str(response.url), status, bytes(body), response.charset_encoding or "", next_url)

    def _describe_error(self, error: httpx.RequestError) -> str:
        """Describe a transport error for readers."""
        if isinstance(error, httpx.TimeoutException):
            return f"no answer within {self._settings.timeout_seconds:g} seconds"
        if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            return "the answer was cut"
        if isinstance(error, httpx.DecodingError):
            return "the answer is damaged"
        return f"no connection ({type(error).__name__})"


def _by_https(target: httpx.URL, asked: httpx.URL) -> httpx.URL:
    """Return a redirect's target, by https if it is http of the host that was asked by https.

    Some servers behind a proxy believe that they were asked by http. The usual port of http counts as that of https.
    """
    same_host = target.host == asked.host and (target.port or 443) == (asked.port or 443)
    downgraded = (target.scheme, asked.scheme) == ("http", "https")
    return target.copy_with(scheme="https") if same_host and downgraded else target


def _final(reason: str, status: int | None = None) -> _FailedAttempt:
    """Build a failure that concerns this URL alone."""
    return _FailedAttempt(reason, status, final=True)
