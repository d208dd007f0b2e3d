"""Shared by all sources: result types, fetching and parsing with retries, link rules, staleness checks."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar

from pipeline.config.settings import Settings
from pipeline.core.models import Links, Paper, Skipped, SourceState, SourceStatus
from pipeline.core.names import LINK
from pipeline.sources.arxiv_calendar import no_listing_reason
from pipeline.sources.http_client import Failure, Get, Page
from pipeline.sources.metadata_text import clean

T = TypeVar("T")
MAX_PARSE_ATTEMPTS = 3  # per page: a feed or a cached page is sometimes cut
MAX_NOTE_LENGTH = 200
MAX_LINK_LENGTH = 500
UNEXPLAINED = "today's was not up yet, or there is none"
UNSAFE = re.compile(r"[\"'<>\\^`{|}]")


class PermanentReason(str):
    """A reason why a response cannot be parsed that requesting it again would not change."""

    __slots__ = ()


@dataclass(frozen=True)
class Parsed:
    """The papers in one response, and the items that could not be used, each with its reason."""

    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]
    note: str = ""  # what a reader should know of the papers

    @classmethod
    def of(cls, results: Sequence[Paper | Skipped]) -> Parsed:
        """Separate the papers from the items that could not be used."""
        papers = tuple(result for result in results if isinstance(result, Paper))
        return cls(papers, tuple(result for result in results if isinstance(result, Skipped)))


@dataclass(frozen=True)
class Listing:
    """The result of fetching one source. `days` are those that it read in full, of sources that have days.

    `overlaps`: it goes over days again that earlier digests read, so that papers they had say nothing about the list.
    """

    status: SourceStatus
    papers: tuple[Paper, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    days: frozenset[dt.date] = frozenset()
    overlaps: bool = False


@dataclass(frozen=True)
class LinkRules:
    """Base URLs of paper pages, and the patterns of hosts that links in metadata may point to."""

    arxiv: str = "https://arxiv.org"
    huggingface: str = "https://huggingface.co"
    hosts: tuple[str, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> LinkRules:
        """Build the rules from `digest.toml`."""
        endpoints = settings.endpoints
        return cls(arxiv=endpoints.arxiv, huggingface=endpoints.huggingface, hosts=settings.links.hosts)

    def paper(self, paper_id: str, version: int | None = None) -> Links:
        """Build the links of an arXiv paper. HTML and PDF are linked only if the version is known."""
        pinned = f"{paper_id}v{version}" if version else None
        return Links(
            page=f"{self.arxiv}/abs/{paper_id}",
            html=f"{self.arxiv}/html/{pinned}" if pinned else None,
            pdf=f"{self.arxiv}/pdf/{pinned}" if pinned else None,
        )

    def allowed(self, address: object) -> str | None:
        """Return a link found in metadata if it is https, without port, to an allowed host; else None."""
        if not isinstance(address, str) or len(address) > MAX_LINK_LENGTH or UNSAFE.search(address):
            return None
        link = LINK.fullmatch(address)
        known = link and any(fnmatchcase(link[1].lower(), pattern.lower()) for pattern in self.hosts)
        return address if known else None


async def fetch_parsed(
    get: Get,
    url: str,
    parse: Callable[[bytes], T | str],
    *,
    accept: str,
    error_message: Callable[[bytes], str] = lambda _: "",
) -> T | str:
    """Fetch a page and parse its body, as `fetch_page` does. For services that send UTF-8 and no relative links."""
    return await fetch_page(
        get, url, lambda page: parse(page.body), accept=accept, error_message=error_message
    )


async def fetch_page(
    get: Get,
    url: str,
    parse: Callable[[Page], T | str],
    *,
    accept: str,
    error_message: Callable[[bytes], str] = lambda _: "",
) -> T | str:
    """Fetch a page and parse it with its charset and final URL; return a reason if either fails.

    `parse` returns a reason for a page that it cannot parse. Unless that is a `PermanentReason`, the page is
    requested again, since a cut feed is often complete a moment later. `error_message` extracts the server's
    message from the body of a response with another status than 200.
    """
    reason = ""
    for attempt in range(MAX_PARSE_ATTEMPTS):
        response = await get(url, accept=accept, fresh=attempt > 0)
        if isinstance(response, Failure):
            return response.reason
        if response.status != 200:
            message = excerpt(error_message(response.body))
            return f"HTTP {response.status}: {message}" if message else f"HTTP {response.status}"
        result = await asyncio.to_thread(parse, response)  # keeps the event loop free for other sources
        if not isinstance(result, str) or isinstance(result, PermanentReason):
            return result
        reason = result
    return reason


def excerpt(text: str) -> str:
    """Clean external text and truncate it to 200 characters, for use in a note or a reason."""
    line = clean(text)
    return line if len(line) <= MAX_NOTE_LENGTH else line[: MAX_NOTE_LENGTH - 1] + "…"


def failed_listing(name: str, reason: str) -> Listing:
    """Build the listing of a source that could not be read."""
    return Listing(SourceStatus(name=name, status="failed", count=0, through=None, note=excerpt(reason)))


def assess_freshness(
    status: SourceStatus, papers: Sequence[Paper], known_ids: Container[str], today: dt.date, *, daily: bool
) -> SourceStatus:
    """Set the status to `empty` if there are no papers, or `stale` if all are known from earlier digests.

    Adds a reason to the note; of a `daily` list, which follows arXiv's announcements, by arXiv's calendar. Compares
    ids, since dates inside a feed lag behind. A `failed` status is kept.
    """
    if status.status == "failed":
        return status
    why = no_listing_reason(today) if daily else ""
    if not papers:
        return _with_state(status, "empty", why)
    if any(paper.id not in known_ids for paper in papers):
        return status
    day = max(signal.day for paper in papers for signal in paper.signals.values())
    if day >= today or not daily:
        return _with_state(status, "stale", "every paper on the list is known")
    repeats = f"the list repeats what was announced on {day.isoformat()}"
    return _with_state(status, "stale", f"{repeats}: {why or UNEXPLAINED}")


def _with_state(status: SourceStatus, state: SourceState, note: str) -> SourceStatus:
    notes = "; ".join(part for part in (status.note, note) if part)
    return status.model_copy(update={"status": state, "note": notes})
