"""Stage 3, Scored → Texts: each pick as numbered sentences, and what arXiv's API adds to picks and shortlist.

    pick ─html─> Text | no ─pdf─> Text | no ─> the longest incomplete full text | none ─> abstract

Only texts of picks are fetched, at arXiv's request interval; a text once fetched is reused. While one is parsed, the
next is fetched, and so is the one answer on all picks and shortlisted papers, whose failure costs nothing but what it
would have added.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pipeline.config.settings import Settings
from pipeline.core.artifacts import Scored, Texts
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.models import Paper, Text
from pipeline.core.source import is_arxiv_id
from pipeline.extraction import worker
from pipeline.extraction.html import completeness
from pipeline.extraction.text import NotReadable, abstract_text
from pipeline.extraction.truncate import truncate_text
from pipeline.sources import arxiv_api
from pipeline.sources.base import LinkRules
from pipeline.sources.code_links import named_links
from pipeline.sources.http_client import Failure, Get

log = logging.getLogger(__name__)
API_ATTEMPTS = 2  # its answer is an extra
MAX_PARSERS = 2  # of one profile at once: each may take the memory that the settings allow a document
BUILD_LOG = "/__stdout.txt"  # below the address of arXiv's HTML page


async def texts(
    scored: Scored,
    *,
    get: Get,
    settings: Settings,
    known: Mapping[str, Text],
    known_papers: Mapping[str, Paper],
    today: dt.date,
) -> Texts:
    """Read the text of every pick that is not in `known`, and complete the metadata of picks and shortlisted papers.

    The abstract stands in where no full text can be had. `today` (UTC) becomes `Text.read_on`; a known text keeps its
    own day. Of `known_papers`, which an earlier run completed, arXiv's API is not asked again.
    """
    picks = [j.paper for j in scored.papers if j.outcome == "picked"]
    papers = [j.paper for j in scored.papers if j.outcome in {"picked", "shortlisted"}]
    parsers = asyncio.Semaphore(MAX_PARSERS)
    async with asyncio.TaskGroup() as group:
        reading = {
            paper.id: group.create_task(_read(paper, get, settings, today, parsers))
            for paper in picks
            if paper.id not in known
        }
        completing = group.create_task(_complete(papers, get, settings, known_papers))
    texts_by_id = {p.id: known[p.id] if p.id in known else reading[p.id].result() for p in picks}
    return Texts(**scored.shared_fields(), texts=texts_by_id, papers=completing.result())


async def _complete(
    papers: Sequence[Paper], get: Get, settings: Settings, known: Mapping[str, Paper]
) -> dict[str, Paper]:
    """The papers with what arXiv's API says of them, in one request, and the code that their abstracts name.

    Those of which neither says anything are left out.
    """
    links = LinkRules.from_settings(settings)
    ids = [paper.id for paper in papers if is_arxiv_id(paper.id) and paper.id not in known]
    asking = partial(get, attempts=API_ATTEMPTS)
    found = await arxiv_api.fetch_by_ids(
        asking, settings.endpoints.arxiv_api, ids[: arxiv_api.BATCH_SIZE], links
    )
    for missing in found.missing:
        log.info("%s: %s", missing.id, missing.reason)
    by_id = {**known, **{paper.id: paper for paper in found.papers}}
    complete = {p.id: _with_code(_with_metadata(p, by_id.get(p.id)), links) for p in papers}
    return {p.id: complete[p.id] for p in papers if p.id in by_id or complete[p.id] != p}


def _with_metadata(paper: Paper, other: Paper | None) -> Paper:
    """The paper with the fields that only arXiv's API has, and its lists, which no other source gives in full."""
    if other is None:
        return paper
    return paper.model_copy(
        update={
            "authors": other.authors or paper.authors,
            "categories": other.categories or paper.categories,
            "comment": other.comment,
            "journal_ref": other.journal_ref,
            "doi": other.doi,
        }
    )


def _with_code(paper: Paper, links: LinkRules) -> Paper:
    """The paper with the code and the project page that its abstract names, unless a source has told of others."""
    code, project = named_links(paper.abstract, links)
    found = {"code": paper.links.code or code, "project": paper.links.project or project}
    return paper.model_copy(update={"links": paper.links.model_copy(update=found)})


@dataclass(frozen=True)
class _Attempt:
    """One address of a full text, and the parser for what it serves."""

    url: str
    read: Callable[[bytes, str], Awaitable[Text | NotReadable]]


async def _read(
    paper: Paper, get: Get, settings: Settings, today: dt.date, parsers: asyncio.Semaphore
) -> Text:
    """The text to analyze: the first that is whole, else the longest full text, else the abstract; truncated."""
    incomplete: list[Text] = []
    unclear_styles = False
    for attempt in _attempts(paper, settings):
        text = await _try(attempt, get, parsers)
        if isinstance(text, NotReadable):
            log.info("%s: %s", paper.id, text.reason)
            unclear_styles |= text.kind == "unclear_styles"
        elif text.incomplete:
            log.info("%s: the text at %s is incomplete: %s", paper.id, text.url, text.incomplete)
            incomplete.append(text)
        else:
            break
    else:
        abstract = abstract_text(paper.abstract, paper.links.page)
        text = max(incomplete, key=_characters, default=abstract)
    text = text.model_copy(update={"unclear_styles": unclear_styles, "read_on": today})
    return truncate_text(text, settings.reading.text_tokens)


async def _try(attempt: _Attempt, get: Get, parsers: asyncio.Semaphore) -> Text | NotReadable:
    """Fetch and parse one address. A page that looks cut costs one more request, for the log of its conversion."""
    page = await get(attempt.url)
    if isinstance(page, Failure):
        return NotReadable(page.reason)
    if page.status != 200:
        return NotReadable(f"HTTP {page.status} from {attempt.url}")
    async with parsers:
        text = await attempt.read(page.body, attempt.url)
    if isinstance(text, NotReadable) or not text.looks_cut:
        return text
    build_log = await get(attempt.url + BUILD_LOG, attempts=1)
    if isinstance(build_log, Failure) or build_log.status != 200:
        return completeness.settle(text, None)
    return completeness.settle(text, build_log.body)


def _characters(text: Text) -> int:
    return sum(len(sentence.text) for sentence in text.sentences)


def _attempts(paper: Paper, settings: Settings) -> list[_Attempt]:
    """HTML, then PDF, each of a fixed version, so that citations point to the text that was read.

    Hugging Face gives no version; version 1 always exists.
    """
    if canonical_id(paper.id) != paper.id:
        return []
    base = settings.endpoints.arxiv
    html = paper.links.html or f"{base}/html/{paper.id}v1"
    pdf = paper.links.pdf or f"{base}/pdf/{paper.id}v1"
    limits = settings.reading
    reading = partial(asyncio.to_thread, seconds=limits.pdf_seconds, megabytes=limits.pdf_megabytes)
    return [
        _Attempt(html, partial(reading, worker.read_html)),
        _Attempt(pdf, partial(reading, worker.read_pdf)),
    ]
