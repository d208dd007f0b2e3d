"""Any RSS or Atom feed by its address: a journal's, a blog's, somebody's search.

feedparser reads them, in a process that is given little time and memory: see `feed_worker.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.core.arxiv_ids import Identifier, identify
from pipeline.core.dates import YEARS
from pipeline.core.models import Links, Paper, Signal, Skipped, SourceStatus
from pipeline.sources import metadata_text
from pipeline.sources.base import Hopeless, LinkRules, Listing, Parsed, ask, brief, failed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import names, without_announcement, without_markup
from pipeline.sources.url_policy import may_ask
from pipeline.sources.xml import PAGE

ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
HTTP = re.compile(r"^http://", re.IGNORECASE)
CHILD = Path(__file__).with_name("feed_worker.py")
LARGEST = 5_000_000  # bytes: a journal's feed has some 100,000
SECONDS, MEGABYTES = 10.0, 512


def name_of(url: str) -> str:
    """What a feed is called in a report: host and path. A query may hold somebody's token."""
    return brief(re.split(r"[?#]", url.partition("://")[2])[0].rstrip("/"))


def parse(body: bytes, name: str, links: LinkRules, *, today: dt.date) -> Parsed | str:
    """The entries of a feed, or the reason why it is none. `today` dates what bears no date.

    A feed with a slip in its XML is read as far as it goes, unless its end is missing.
    """
    if len(body) > LARGEST:
        return Hopeless(f"the feed is larger than {LARGEST // 1_000_000} MB")
    if PAGE.match(body):
        return "the answer is a web page, not a feed"
    found = _opened(body)
    return found if isinstance(found, str) else papers(found, name, links, today=today)


def papers(found: dict[str, Any], name: str, links: LinkRules, *, today: dt.date) -> Parsed | str:
    """The entries that the child found, or its reason why there are none."""
    if "error" in found:
        return str(found["error"])
    entries = [_entry(entry, name, links, today) for entry in found["entries"]]
    if found["more"]:
        reason = f"{found['more']} entries besides the newest {len(entries)}"
        entries.append(Skipped(id=name, stage="fetch", reason=reason))
    return Parsed(
        tuple(one for one in entries if isinstance(one, Paper)),
        tuple(one for one in entries if isinstance(one, Skipped)),
    )


def _opened(body: bytes) -> dict[str, Any] | str:
    """What the child writes of a feed. It starts with an empty environment, and ends at the time limit."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", "-B", str(CHILD), str(int(SECONDS) + 1), str(MEGABYTES)],
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Hopeless(f"reading the feed took longer than {SECONDS:g} seconds")
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return "the feed could not be read within its limits of time and memory"
    return found


async def fetch(get: Get, url: str, links: LinkRules, *, today: dt.date) -> Listing:
    """One feed. It holds what its owner wants, often for months: the seen-set sorts out what is new."""
    name = name_of(url)
    found = await ask(get, url, lambda body: parse(body, name, links, today=today), accept=ACCEPT)
    if isinstance(found, str):
        return failed(name, found)
    count = len(found.papers)
    status = SourceStatus(name=name, status="ok" if count else "empty", count=count, through=today)
    return Listing(status, found.papers, found.skipped)


def own_id(name: str, guid: str, link: str, title: str) -> str:
    """The id of an entry that is no arXiv paper: its feed's word for it, and no other feed's.

    Where a feed gives no guid, one link may stand for several entries, so the title belongs to the id.
    """
    text = "\n".join((name, guid) if guid else (name, link, title))
    return f"feed-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _entry(entry: dict[str, Any], name: str, links: LinkRules, today: dt.date) -> Paper | Skipped:
    guid, link = entry["guid"], HTTP.sub("https://", entry["link"])
    title = metadata_text.title(without_markup(entry["title"]))
    known = identify(guid) or identify(link)
    fallback = f"{name} item {entry['number']}"
    if not title:
        return Skipped(id=brief(guid or link) or fallback, stage="fetch", reason="has no title")
    if known is None and not may_ask(link):
        return Skipped(id=brief(guid) or fallback, stage="fetch", reason="has no https link")
    day = _day(entry["moments"]) or today
    return Paper(
        id=known.id if known else own_id(name, guid, link, title),
        title=title,
        abstract=metadata_text.abstract(without_markup(without_announcement(entry["summary"]))),
        authors=_authors(entry["authors"]),
        categories=(),
        links=_links(known, link, name, links),
        signals={name: Signal(day=day)},
        announced=day,
    )


def _links(known: Identifier | None, link: str, name: str, links: LinkRules) -> Links:
    """The pages of arXiv, or the entry's own: on the feed's host, or on one that `[links] hosts` names; else the feed."""
    if known:
        return links.paper(known.id)  # of the version, arXiv knows
    own = LinkRules(hosts=(urlsplit(f"//{name}").hostname or "",))
    return Links(page=link if own.allowed(link) or links.allowed(link) else f"https://{name}")


def _authors(texts: Sequence[str]) -> tuple[str, ...]:
    """All names, whether they stand in one element or in one each."""
    return tuple(dict.fromkeys(name for text in texts for name in names(without_markup(text))))


def _day(moments: Sequence[int | None]) -> dt.date | None:
    """The day of publication, UTC, or failing that of the last change."""
    for moment in moments:
        if moment is not None:
            try:
                found = dt.datetime.fromtimestamp(moment, dt.UTC).date()
            except (ValueError, OverflowError, OSError):
                continue
            if found.year in YEARS:
                return found
    return None
