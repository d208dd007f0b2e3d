"""arXiv query API: the metadata of papers given by id, up to 100 ids per request.

Not used to list new papers: it has no announcement dates, lags behind the listings, and throttles early
(https://info.arxiv.org/help/api/user-manual.html).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core import dates
from pipeline.core.arxiv_ids import Identifier, identify
from pipeline.core.models import Paper, Signal, Skipped
from pipeline.sources import metadata_text, xml
from pipeline.sources.arxiv_calendar import listing_day
from pipeline.sources.arxiv_rss import NAME
from pipeline.sources.base import LinkRules, Parsed, excerpt, fetch_parsed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import clean
from pipeline.sources.xml import ARXIV, ATOM, Element

ACCEPT = "application/atom+xml, application/xml;q=0.9, */*;q=0.1"
REJECTED_ID = re.compile(r"incorrect id format for (\S+)")
UNKNOWN_ID = "arXiv knows no paper of this id"
BATCH_SIZE = 100  # ids per request; keeps the URL below 2,000 characters


@dataclass(frozen=True)
class LookupResult:
    """The papers found, in request order, and one `Skipped` with a reason for every id not found."""

    papers: tuple[Paper, ...]
    missing: tuple[Skipped, ...]


def url(base: str, ids: Sequence[str]) -> str:
    """Build the query URL for these ids. `max_results` defaults to 10, also for `id_list`, so it is set."""
    return f"{base}/api/query?id_list={','.join(ids)}&max_results={BATCH_SIZE}"


def parse(body: bytes, links: LinkRules) -> Parsed | str:
    """Parse an Atom response into papers; return a reason if it cannot be parsed. Never raises."""
    root = xml.parse(body)
    if isinstance(root, str):
        return root
    if root.tag != f"{ATOM}feed":
        return f"the answer is not Atom but <{excerpt(str(root.tag))}>"
    results = [_paper(entry, links) for entry in root.findall(f"{ATOM}entry")]
    papers = tuple(result for result in results if isinstance(result, Paper))
    return Parsed(papers, tuple(result for result in results if isinstance(result, Skipped)))


def error_message(body: bytes) -> str:
    """Extract arXiv's message from an HTTP 400 body, such as "incorrect id format for abc"."""
    root = xml.parse(body)
    return "" if isinstance(root, str) else xml.text(root.find(f"{ATOM}entry/{ATOM}summary"))


async def fetch_by_ids(get: Get, base: str, ids: Sequence[str], links: LinkRules) -> LookupResult:
    """Fetch the metadata of these ids, each with or without a version.

    Malformed ids are not requested, since a single one makes the whole request fail. arXiv silently omits
    unknown ids, so the response is compared with the request.
    """
    wanted = {text: identify(text) for text in dict.fromkeys(ids)}
    requested = list(dict.fromkeys(_versioned_id(identifier) for identifier in wanted.values() if identifier))
    papers: dict[str, Paper] = {}
    reasons: dict[str, str] = {}
    for start in range(0, len(requested), BATCH_SIZE):
        batch, rejected = await _fetch_batch(get, base, requested[start : start + BATCH_SIZE], links)
        papers |= {paper.id: paper for paper in batch}
        reasons |= rejected
    missing = []
    for text, identifier in wanted.items():
        if identifier is None:
            missing.append(Skipped(id=excerpt(text), stage="fetch", reason="is not an arXiv id"))
        elif identifier.id not in papers:
            reason = reasons.get(_versioned_id(identifier), UNKNOWN_ID)
            missing.append(Skipped(id=identifier.id, stage="fetch", reason=reason))
    available = dict.fromkeys(
        identifier.id for identifier in wanted.values() if identifier and identifier.id in papers
    )
    return LookupResult(tuple(papers[paper_id] for paper_id in available), tuple(missing))


async def _fetch_batch(
    get: Get, base: str, ids: Sequence[str], links: LinkRules
) -> tuple[tuple[Paper, ...], dict[str, str]]:
    """Request one batch, repeating it without the ids that arXiv rejects by name.

    Returns the papers, and the reasons for rejected ids, keyed by the id as requested.
    """
    remaining = list(ids)
    reasons: dict[str, str] = {}
    while remaining:
        result = await fetch_parsed(
            get,
            url(base, remaining),
            lambda body: parse(body, links),
            accept=ACCEPT,
            error_message=error_message,
        )
        if not isinstance(result, str):
            return result.papers, reasons
        rejected = set(REJECTED_ID.findall(result)) & set(remaining) or set(remaining)
        reasons |= dict.fromkeys(rejected, f"arXiv's API could not be read: {result}")
        remaining = [paper_id for paper_id in remaining if paper_id not in rejected]
    return (), reasons


def _versioned_id(identifier: Identifier) -> str:
    return f"{identifier.id}v{identifier.version}" if identifier.version else identifier.id


def _paper(entry: Element, links: LinkRules) -> Paper | Skipped:
    """Convert one entry. `published` is the time of v1, which determines the earliest possible listing."""
    address = xml.child_text(entry, f"{ATOM}id")
    identifier = identify(address)
    if identifier is None:
        summary = xml.child_text(entry, f"{ATOM}summary")
        return Skipped(
            id=excerpt(address) or "entry", stage="fetch", reason=excerpt(summary) or "has no arXiv id"
        )
    title = metadata_text.clean_title(xml.child_text(entry, f"{ATOM}title"))
    if not title:
        return Skipped(id=identifier.id, stage="fetch", reason="has no title")
    submitted = dates.parse_moment(xml.child_text(entry, f"{ATOM}published"))
    day = listing_day(submitted) if submitted else None
    primary = entry.find(f"{ARXIV}primary_category")
    terms = [category.get("term", "") for category in entry.findall(f"{ATOM}category")]
    if primary is not None:
        terms.insert(0, primary.get("term", ""))
    authors = [clean(xml.child_text(author, f"{ATOM}name")) for author in entry.findall(f"{ATOM}author")]
    return Paper(
        id=identifier.id,
        title=title,
        abstract=metadata_text.clean_abstract(xml.child_text(entry, f"{ATOM}summary")),
        authors=tuple(name[: metadata_text.MAX_NAME_LENGTH] for name in authors if name),
        categories=tuple(dict.fromkeys(term for term in map(clean, terms) if term)),
        links=links.paper(identifier.id, identifier.version),
        signals={NAME: Signal(day=day)} if day else {},
        announced=day,
    )
