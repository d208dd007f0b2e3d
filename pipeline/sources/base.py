"""Shared by all sources: result types, fetching and parsing with retries, link rules, staleness checks."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar
from urllib.parse import urlsplit

from pipeline.config.settings import Settings
from pipeline.core.models import Links, Paper, Skipped, SourceState, SourceStatus
from pipeline.sources.arxiv_calendar import no_listing_reason
from pipeline.sources.http_client import Failure, Get, Page
from pipeline.sources.metadata_text import clean

T = TypeVar("T")
MAX_PARSE_ATTEMPTS = 3  # per page: a feed or a cached page is sometimes cut
MAX_NOTE_LENGTH = 200
UNSAFE_CHARACTERS = frozenset("\"'<>\\^`{|}")
# The publishing job uses the same pattern, and refuses the whole report for one link that does not match.
HOST = re.compile("[a-z0-9.-]+")


class PermanentReason(str):
    """A reason why a response cannot be parsed that requesting it again would not change."""

    __slots__ = ()


@dataclass(frozen=True)
class Parsed:
    """The papers in one response, and the items that could not be used, each with its reason."""

    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class Listing:
    """The result of fetching one source."""

    status: SourceStatus
    papers: tuple[Paper, ...] = ()
    skipped: tuple[Skipped, ...] = ()


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
        if not isinstance(address, str) or not _is_plain(address):
            return None
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            return None
        host = parts.hostname or ""
        if parts.scheme != "https" or port is not None or "@" in parts.netloc or not HOST.fullmatch(host):
            return None
        return address if any(fnmatchcase(host, pattern.lower()) for pattern in self.hosts) else None


def _is_plain(address: str) -> bool:
    return len(address) <= 500 and all(
        "!" <= letter <= "~" and letter not in UNSAFE_CHARACTERS for letter in address
    )


async def fetch_parsed(
    get: Get,
    url: str,
    parse: Callable[[bytes], T | str],
    *,
    accept: str,
    error_message: Callable[[bytes], str] = lambda _: "",
) -> T | str:
    """Fetch a page and parse it; return a reason if either fails.

    `parse` returns a reason for a body that it cannot parse. Unless that is a `PermanentReason`, the page is
    requested again, since a cut feed is often complete a moment later. `error_message` extracts the server's
    message from the body of a response with another status than 200.
    """
    reason = ""
    for attempt in range(MAX_PARSE_ATTEMPTS):
        response = await get(url, accept=accept, fresh=attempt > 0)
        if isinstance(response, Failure):
            return response.reason
        if response.status != 200:
            return _http_reason(response, error_message(response.body))
        result = await asyncio.to_thread(parse, response.body)  # keeps the event loop free for other sources
        if not isinstance(result, str) or isinstance(result, PermanentReason):
            return result
        reason = result
    return reason


def _http_reason(page: Page, message: str) -> str:
    return f"HTTP {page.status}: {excerpt(message)}" if message else f"HTTP {page.status}"


def excerpt(text: str) -> str:
    """Clean external text and truncate it to 200 characters, for use in a note or a reason."""
    line = clean(text)
    return line if len(line) <= MAX_NOTE_LENGTH else line[: MAX_NOTE_LENGTH - 1] + "…"


def failed_listing(name: str, reason: str, *, skipped: Sequence[Skipped] = ()) -> Listing:
    """Build the listing of a source that could not be read."""
    status = SourceStatus(name=name, status="failed", count=0, through=None, note=excerpt(reason))
    return Listing(status, skipped=tuple(skipped))


def assess_freshness(
    status: SourceStatus, papers: Sequence[Paper], known_ids: Container[str], today: dt.date
) -> SourceStatus:
    """Set the status to `empty` if there are no papers, or `stale` if all are known from earlier digests.

    Adds a reason to the note. Compares ids, since dates inside a feed lag behind. A `failed` status is kept.
    """
    if status.status == "failed":
        return status
    if not papers:
        return _with_state(status, "empty", no_listing_reason(today))
    if any(paper.id not in known_ids for paper in papers):
        return status
    announced = max((paper.announced for paper in papers if paper.announced), default=None)
    listed = max((signal.day for paper in papers for signal in paper.signals.values()), default=None)
    day = announced or listed
    if day is None or day >= today:
        return _with_state(status, "stale", "every paper on the list is known")
    repeats = f"the list repeats what was announced on {day.isoformat()}"
    why = no_listing_reason(today) or "today's was not up yet, or there is none"
    return _with_state(status, "stale", f"{repeats}: {why}")


def _with_state(status: SourceStatus, state: SourceState, note: str) -> SourceStatus:
    notes = "; ".join(part for part in (status.note, note) if part)
    return status.model_copy(update={"status": state, "note": notes})
