"""RSS and Atom feeds by URL: journals, blogs, saved searches.

feedparser parses them in a child process with limited time and memory: see `feed_worker.py`.
"""

import contextlib
import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.core.arxiv_ids import Identifier, identify
from pipeline.core.dates import MAX_DAYS, YEARS
from pipeline.core.ledger import Feed
from pipeline.core.limits import run_child
from pipeline.core.models import Links, Paper, Signal, Skipped, SourceStatus
from pipeline.core.names import LINK, feed_link_hosts
from pipeline.core.source import FEED
from pipeline.sources import metadata_text
from pipeline.sources.base import (
    LinkRules,
    Listing,
    Parsed,
    PermanentReason,
    excerpt,
    failed_listing,
    fetch_page,
)
from pipeline.sources.http_client import Get, Page
from pipeline.sources.metadata_text import author_names, strip_announcement, strip_markup
from pipeline.sources.url_policy import is_fetchable, normalize
from pipeline.sources.xml import HTML_PAGE

ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
HTTP_SCHEME = re.compile(r"^http://", re.IGNORECASE)
WORKER = "pipeline.sources.feed_worker"
MAX_BYTES = 5_000_000  # a journal's feed has some 100,000
TIMEOUT_SECONDS, MEMORY_MEGABYTES = 10.0, 512
MOST_HOSTS_NAMED = 3
REFUSED = re.compile(r"links to ([a-z0-9.-]+(?:, [a-z0-9.-]+)*)(?: and others)? are not allowed")


def source_name(url: str) -> str:
    """Return a feed's name in reports: host and path. The query may contain an access token, so it is omitted."""
    return excerpt(re.split(r"[?#]", url.partition("://")[2])[0].rstrip("/"))


def parse(
    body: bytes, name: str, links: LinkRules, *, today: dt.date, url: str = "", charset: str = ""
) -> Parsed | str:
    """Parse a feed into papers; return a reason if it cannot be parsed.

    `today` is the date of entries without one. Relative links are relative to `url`, or to the address in `name`.
    `charset` is the encoding that the HTTP header names. Malformed XML is read as far as possible, unless the feed's
    end is missing.
    """
    if len(body) > MAX_BYTES:
        return PermanentReason(f"the feed is larger than {MAX_BYTES // 1_000_000} MB")
    if HTML_PAGE.match(body):
        return "the answer is a web page, not a feed"
    output = _run_worker(body, charset)
    return output if isinstance(output, str) else build_papers(output, name, links, today=today, url=url)


def build_papers(
    output: dict[str, Any], name: str, links: LinkRules, *, today: dt.date, url: str = ""
) -> Parsed | str:
    """Convert the worker's output to papers, newest first; return its reason if it reports an error."""
    if "error" in output:
        return str(output["error"])
    base = url or _feed_page(name)
    addresses = [_address(base, entry["link"]) for entry in output["entries"]]
    results = [
        _entry(entry, address, name, links, today)
        for entry, address in zip(output["entries"], addresses, strict=True)
    ]
    note = _refusals(addresses, results, name)
    if output["more"]:
        reason = f"{output['more']} entries besides the newest {len(results)}"
        results.append(Skipped(id=name, stage="fetch", reason=reason))
    return replace(Parsed.of(results), note=note)


def refused_hosts(note: str) -> tuple[str, ...]:
    """Return the hosts that a feed's note names because `[links]` in `digest.toml` does not allow links to them."""
    found = REFUSED.search(note)
    return tuple(found[1].split(", ")) if found else ()


def _run_worker(body: bytes, charset: str) -> dict[str, Any] | str:
    """Run the worker on a feed in a child process; return its output or a reason."""
    label = re.sub(r"[^\w.:-]", "", charset, flags=re.ASCII)
    try:
        answer = run_child(WORKER, label, data=body, seconds=TIMEOUT_SECONDS, megabytes=MEMORY_MEGABYTES)
    except TimeoutError:
        return PermanentReason(f"reading the feed took longer than {TIMEOUT_SECONDS:g} seconds")
    try:
        output: dict[str, Any] = json.loads(answer)
    except ValueError:
        return PermanentReason("the feed could not be read within its limits of time and memory")
    return output


async def fetch(get: Get, url: str, links: LinkRules, *, today: dt.date) -> Listing:
    """Fetch one feed, newest entry first. It may list entries for months; `limit_new` finds the new ones."""
    name = source_name(url)

    def parse_page(page: Page) -> Parsed | str:
        return parse(page.body, name, links, today=today, url=page.url, charset=page.charset)

    result = await fetch_page(get, url, parse_page, accept=ACCEPT)
    if isinstance(result, str):
        return failed_listing(name, result)
    count = len(result.papers)
    status = SourceStatus(
        name=name,
        status="ok" if count else "empty",
        count=count,
        through=today,
        note=result.note,
    )
    return Listing(status, result.papers, result.skipped)


def _refusals(addresses: Sequence[str], results: Sequence[Paper | Skipped], name: str) -> str:
    """Return a note that names the hosts of entries whose page is the feed instead of their own address."""
    hosts = Counter(
        link[1]
        for address, paper in zip(addresses, results, strict=True)
        if isinstance(paper, Paper) and paper.links.page == _feed_page(name) != address
        if (link := LINK.fullmatch(address))
    )
    if not hosts:
        return ""
    named = ", ".join(host for host, _ in hosts.most_common(MOST_HOSTS_NAMED))
    others = " and others" if len(hosts) > MOST_HOSTS_NAMED else ""
    return f"links to {named}{others} are not allowed by digest.toml [links] and lead to the feed instead"


def limit_new(
    listing: Listing,
    *,
    state: Feed,
    known: Collection[str],
    listed: Collection[str],
    most: int,
    date: dt.date,
) -> Listing:
    """Limit a feed's new entries to the newest `most`; the ids of the others are kept in the status as `waiting`.

    `state` is that of the newest report. `known` are ids that do not count as new. Entries that were published more
    than a week before the feed was first read are left out for good. Entries that waited and are not among the ids
    `listed` any more, in this or another source, are a gap. A feed that failed keeps its state.
    """
    if listing.status.status == "failed":
        kept = {"first_read": state.first_read, "waiting": state.waiting}
        return replace(listing, status=listing.status.model_copy(update=kept))
    first_read = state.first_read or date
    earliest = first_read - dt.timedelta(days=MAX_DAYS)
    fresh = [p for p in listing.papers if p.id not in known]
    old = {p.id for p in fresh if p.announced is not None and p.announced < earliest}
    new = [key for key in dict.fromkeys(p.id for p in fresh) if key not in old]
    left_out = {*old, *new[most:]}
    lost = sum(key not in known and key not in listed for key in state.waiting)
    note = f"{_entries(len(old))} from before {earliest} not judged" if old else ""
    status = listing.status.model_copy(
        update={
            "note": "; ".join(part for part in (listing.status.note, note) if part),
            "gaps": (f"{_entries(lost)} left the feed before being judged",) if lost else (),
            "first_read": first_read,
            "waiting": tuple(new[most:]),
        }
    )
    return Listing(status, tuple(p for p in listing.papers if p.id not in left_out), listing.skipped)


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def entry_id(name: str, guid: str, link: str, title: str) -> str:
    """Derive the id of an entry that is not an arXiv paper, by hashing the feed's name with the entry's guid.

    Including the name keeps one feed from claiming another's ids. Without a guid, link and title are hashed,
    since several entries may share a link.
    """
    text = "\n".join((name, guid) if guid else (name, link, title))
    return f"{FEED.id_prefix}{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _address(base: str, link: str) -> str:
    """Return an entry's absolute address; empty if it has none."""
    try:
        return normalize(urljoin(base, link.strip())) if link.strip() else ""
    except ValueError:  # brackets that hold no IPv6 address
        return ""


def _feed_page(name: str) -> str:
    return f"https://{name}"


def _entry(entry: dict[str, Any], link: str, name: str, links: LinkRules, today: dt.date) -> Paper | Skipped:
    guid, as_given = entry["guid"], HTTP_SCHEME.sub("https://", entry["link"])
    title = metadata_text.clean_title(strip_markup(entry["title"]))
    identifier = identify(guid) or identify(link)
    fallback = f"{name} item {entry['number']}"
    if not title:
        return Skipped(id=excerpt(guid or link) or fallback, stage="fetch", reason="has no title")
    if identifier is None and not is_fetchable(link):
        return Skipped(id=excerpt(guid) or fallback, stage="fetch", reason="has no https link")
    day = _publication_day(entry["moments"]) or today
    return Paper(
        id=identifier.id if identifier else entry_id(name, guid, as_given, title),
        title=title,
        abstract=metadata_text.clean_abstract(strip_markup(strip_announcement(entry["summary"]))),
        authors=author_names([strip_markup(text) for text in entry["authors"]]),
        categories=(),
        links=_links(identifier, link, name, links),
        signals={name: Signal(day=day)},
        announced=day,
    )


def _links(identifier: Identifier | None, link: str, name: str, links: LinkRules) -> Links:
    """Build an entry's links: its arXiv pages, or its own page.

    Its own page is linked only if the feed's host may link there (`feed_link_hosts`) or `[links] hosts` names its
    host; otherwise the link is the feed itself.
    """
    if identifier:
        return links.paper(identifier.id)  # unversioned: a feed is not authoritative about the version
    of_feed = LinkRules(hosts=feed_link_hosts(urlsplit(f"//{name}").hostname or ""))
    return Links(page=link if of_feed.allowed(link) or links.allowed(link) else _feed_page(name))


def _publication_day(moments: Sequence[Sequence[int]]) -> dt.date | None:
    """Return the day (UTC) of the first valid moment: publication, or else the last change."""
    for moment in moments:
        with contextlib.suppress(ValueError, OverflowError):
            day = dt.date(*moment[:3])
            if day.year in YEARS:
                return day
    return None
