"""arXiv query API: the metadata of papers given by id, up to 100 ids per request.

Not used to list new papers: it has no announcement dates, lags behind the listings, and throttles early
(https://info.arxiv.org/help/api/user-manual.html).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core import dates
from pipeline.core.arxiv_ids import identify
from pipeline.core.models import DOI_PATTERN, Paper, Signal, Skipped
from pipeline.core.source import ARXIV as ARXIV_SOURCE
from pipeline.sources import metadata_text, xml
from pipeline.sources.arxiv_calendar import listing_day
from pipeline.sources.arxiv_rss import NAME
from pipeline.sources.base import LinkRules, excerpt, fetch_parsed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import clean
from pipeline.sources.xml import ARXIV, ATOM, Element

ACCEPT = "application/atom+xml, application/xml;q=0.9, */*;q=0.1"
DOI = re.compile(rf"(?<!\S){DOI_PATTERN}(?!\S)", re.ASCII)  # some entries name several
REJECTED_ID = re.compile(r"incorrect id format for (\S+)")
BATCH_SIZE = 100  # ids per request; keeps the URL below 2,000 characters


@dataclass(frozen=True)
class LookupResult:
    """The papers found, in request order, and one `Skipped` with a reason for every id not found."""

    papers: tuple[Paper, ...]
    missing: tuple[Skipped, ...]


def url(base: str, ids: Sequence[str]) -> str:
    """Build the query URL for these ids. `max_results` defaults to 10, also for `id_list`, so it is set."""
    return f"{base}/api/query?id_list={','.join(ids)}&max_results={BATCH_SIZE}"


def parse(body: bytes, links: LinkRules) -> tuple[Paper, ...] | str:
    """Parse an Atom response into papers; return a reason if it cannot be parsed. Never raises."""
    root = xml.parse(body)
    if isinstance(root, str):
        return root
    if root.tag != f"{ATOM}feed":
        return f"the answer is not Atom but <{excerpt(str(root.tag))}>"
    papers = (_paper(entry, links) for entry in root.findall(f"{ATOM}entry"))
    return tuple(paper for paper in papers if paper)


def error_message(body: bytes) -> str:
    """Extract arXiv's message from an HTTP 400 body, such as "incorrect id format for abc"."""
    return xml.text_at(body, f"{ATOM}entry/{ATOM}summary")


async def fetch_by_ids(get: Get, base: str, ids: Sequence[str], links: LinkRules) -> LookupResult:
    """Fetch the metadata of these canonical ids, each given once.

    arXiv silently omits unknown ids, so the response is compared with the request.
    """
    papers: dict[str, Paper] = {}
    reasons: dict[str, str] = {}
    for start in range(0, len(ids), BATCH_SIZE):
        batch, rejected = await _fetch_batch(get, base, ids[start : start + BATCH_SIZE], links)
        papers |= {paper.id: paper for paper in batch}
        reasons |= rejected
    return LookupResult(
        tuple(papers[key] for key in ids if key in papers),
        tuple(
            Skipped(id=key, stage="fetch", reason=reasons.get(key, ARXIV_SOURCE.unknown_id))
            for key in ids
            if key not in papers
        ),
    )


async def _fetch_batch(
    get: Get, base: str, ids: Sequence[str], links: LinkRules
) -> tuple[tuple[Paper, ...], dict[str, str]]:
    """Request one batch, repeating it without the ids that arXiv rejects by name.

    Returns the papers, and the reasons for rejected ids.
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
            return result, reasons
        rejected = set(REJECTED_ID.findall(result)) & set(remaining) or set(remaining)
        reasons |= dict.fromkeys(rejected, f"arXiv's API could not be read: {result}")
        remaining = [paper_id for paper_id in remaining if paper_id not in rejected]
    return (), reasons


def _paper(entry: Element, links: LinkRules) -> Paper | None:
    """Convert one entry; None if it is no paper but an error or has no title.

    `published` is the time of v1, which determines the earliest possible listing.
    """
    identifier = identify(xml.child_text(entry, f"{ATOM}id"))
    title = metadata_text.clean_title(xml.child_text(entry, f"{ATOM}title"))
    if identifier is None or not title:
        return None
    submitted = dates.parse_moment(xml.child_text(entry, f"{ATOM}published"))
    day = listing_day(submitted) if submitted else None
    tags = (f"{ARXIV}primary_category", f"{ATOM}category")
    terms = [clean(category.get("term", "")) for tag in tags for category in entry.findall(tag)]
    authors = [
        metadata_text.clean_name(xml.child_text(author, f"{ATOM}name"))
        for author in entry.findall(f"{ATOM}author")
    ]
    return Paper(
        id=identifier.id,
        title=title,
        abstract=metadata_text.clean_abstract(xml.child_text(entry, f"{ATOM}summary")),
        authors=tuple(name[: metadata_text.MAX_NAME_LENGTH] for name in authors if name),
        categories=tuple(dict.fromkeys(filter(None, terms))),
        links=links.paper(identifier.id, identifier.version),
        signals={NAME: Signal(day=day)} if day else {},
        announced=day,
        comment=metadata_text.clean_note(xml.child_text(entry, f"{ARXIV}comment")),
        journal_ref=metadata_text.clean_note(xml.child_text(entry, f"{ARXIV}journal_ref")),
        doi=next(iter(DOI.findall(xml.child_text(entry, f"{ARXIV}doi"))), None),
    )
