"""What reading a source comes to: papers, drop-outs, and one line about how it went."""

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
from pipeline.sources.arxiv_calendar import why_no_listing
from pipeline.sources.http_client import Failure, Get, Page
from pipeline.sources.metadata_text import clean

T = TypeVar("T")
ASKS = 3  # of a page whose answer cannot be read: a feed is sometimes cut, or a page of the cache
LONGEST_NOTE = 200
UNSAFE = frozenset("\"'<>\\^`{|}")
HOST = re.compile("[a-z0-9.-]+")  # what the publishing job takes; it refuses the whole report for a link


class Hopeless(str):
    """A reason why an answer cannot be read, which asking again would not change."""

    __slots__ = ()


@dataclass(frozen=True)
class Parsed:
    """The papers in one answer, and the items that are none, each with its reason."""

    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class Listing:
    """What a source had, once fetched."""

    status: SourceStatus
    papers: tuple[Paper, ...] = ()
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class LinkRules:
    """Base addresses of a paper's pages, and the hosts that a link out of metadata may lead to."""

    arxiv: str = "https://arxiv.org"
    huggingface: str = "https://huggingface.co"
    hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> LinkRules:
        """The rules that `digest.toml` sets."""
        ends = settings.endpoints
        return cls(arxiv=ends.arxiv, huggingface=ends.huggingface, hosts=settings.links.hosts)

    def paper(self, paper_id: str, version: int | None = None) -> Links:
        """The pages of a paper. HTML and PDF are known only with the version that was announced."""
        pinned = f"{paper_id}v{version}" if version else None
        return Links(
            page=f"{self.arxiv}/abs/{paper_id}",
            html=f"{self.arxiv}/html/{pinned}" if pinned else None,
            pdf=f"{self.arxiv}/pdf/{pinned}" if pinned else None,
        )

    def allowed(self, address: object) -> str | None:
        """A link out of a source's metadata, if it is https and leads to a host on the list; else None."""
        if not isinstance(address, str) or not _plain(address):
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


def _plain(address: str) -> bool:
    return len(address) <= 500 and all("!" <= letter <= "~" and letter not in UNSAFE for letter in address)


async def ask(
    get: Get,
    url: str,
    read: Callable[[bytes], T | str],
    *,
    accept: str,
    refusal: Callable[[bytes], str] = lambda _: "",
) -> T | str:
    """Fetch a page and read it; the reason, if either fails.

    `read` returns a reason for bytes that it cannot read: unless it is `Hopeless`, they are asked
    for again, since a cut feed is whole a moment later. `refusal` finds words in the body of an answer that is not 200.
    """
    reason = ""
    for number in range(ASKS):
        answer = await get(url, accept=accept, fresh=number > 0)
        if isinstance(answer, Failure):
            return answer.reason
        if answer.status != 200:
            return _refused(answer, refusal(answer.body))
        found = await asyncio.to_thread(read, answer.body)  # meanwhile the other sources' clocks go on
        if not isinstance(found, str) or isinstance(found, Hopeless):
            return found
        reason = found
    return reason


def _refused(page: Page, words: str) -> str:
    return f"HTTP {page.status}: {brief(words)}" if words else f"HTTP {page.status}"


def brief(text: str) -> str:
    """A stranger's words in one of our lines: cleaned and cut."""
    line = clean(text)
    return line if len(line) <= LONGEST_NOTE else line[: LONGEST_NOTE - 1] + "…"


def failed(name: str, reason: str, *, skipped: Sequence[Skipped] = ()) -> Listing:
    """A source that could not be read."""
    status = SourceStatus(name=name, status="failed", count=0, through=None, note=brief(reason))
    return Listing(status, skipped=tuple(skipped))


def freshness(
    status: SourceStatus, papers: Sequence[Paper], known_ids: Container[str], today: dt.date
) -> SourceStatus:
    """`stale` if a source lists nothing but what earlier digests knew, `empty` if it lists nothing; with a reason.

    Judged by the ids, since dates inside a feed lag behind. A source that failed stays failed.
    """
    if status.status == "failed":
        return status
    if not papers:
        return _with(status, "empty", why_no_listing(today))
    if any(paper.id not in known_ids for paper in papers):
        return status
    announced = max((paper.announced for paper in papers if paper.announced), default=None)
    listed = max((signal.day for paper in papers for signal in paper.signals.values()), default=None)
    day = announced or listed
    if day is None or day >= today:
        return _with(status, "stale", "every paper on the list is known")
    repeats = f"the list repeats what was announced on {day.isoformat()}"
    why = why_no_listing(today) or "today's was not up yet, or there is none"
    return _with(status, "stale", f"{repeats}: {why}")


def _with(status: SourceStatus, state: SourceState, note: str) -> SourceStatus:
    notes = "; ".join(part for part in (status.note, note) if part)
    return status.model_copy(update={"status": state, "note": notes})
