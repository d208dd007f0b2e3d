"""Stage 3, Scored → Texts: each pick as numbered sentences, from HTML, else PDF, else the abstract.

    pick ─html─> Text | no ─pdf─> Text | no ─abstract─> Text

Only picks are fetched, one after the other at arXiv's request interval; a text once fetched is reused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pipeline.config.settings import Settings
from pipeline.core.artifacts import Scored, Texts
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.models import Paper, Text
from pipeline.extraction import worker
from pipeline.extraction.text import NotReadable, abstract_text
from pipeline.extraction.truncate import truncate_text
from pipeline.sources.http_client import Failure, Get

log = logging.getLogger(__name__)


async def texts(scored: Scored, *, get: Get, settings: Settings, known: Mapping[str, Text]) -> Texts:
    """Read the text of every pick that is not in `known`; the abstract stands in where no full text can be had."""
    texts_by_id: dict[str, Text] = {}
    for judged in scored.papers:
        if judged.outcome == "picked":
            paper = judged.paper
            texts_by_id[paper.id] = known.get(paper.id) or await _text(paper, get, settings)
    return Texts(**scored.shared_fields(), texts=texts_by_id)


@dataclass(frozen=True)
class _Attempt:
    """One address of a full text, and the parser for what it serves."""

    url: str
    read: Callable[[bytes, str], Awaitable[Text | NotReadable]]


async def _text(paper: Paper, get: Get, settings: Settings) -> Text:
    """The first full text that can be read, else the abstract; truncated to `reading.text_tokens`."""
    for attempt in _attempts(paper, settings):
        page = await get(attempt.url)
        if isinstance(page, Failure):
            log.info("%s: %s", paper.id, page.reason)
            continue
        if page.status != 200:
            log.info("%s: HTTP %d from %s", paper.id, page.status, attempt.url)
            continue
        text = await attempt.read(page.body, attempt.url)
        if isinstance(text, Text):
            return truncate_text(text, settings.reading.text_tokens)
        log.info("%s: %s", paper.id, text.reason)
    return truncate_text(abstract_text(paper.abstract, paper.links.page), settings.reading.text_tokens)


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
