"""Scored → Texts: the full text of each pick as numbered sentences; else the PDF's; else the abstract.

    pick ─html─> Text | no ─pdf─> Text | no ─abstract─> Text

Only picks are fetched, one after the other at the source's pace, and a text once fetched is kept.
"""

from __future__ import annotations

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
from pipeline.extraction.sentences import abstract_text
from pipeline.extraction.text import NotReadable
from pipeline.extraction.truncate import fit
from pipeline.sources.http_client import Failure, Get

log = logging.getLogger(__name__)


async def texts(scored: Scored, *, get: Get, settings: Settings, known: Mapping[str, Text]) -> Texts:
    """Fetch what is not in `known`. A paper whose text cannot be had is read from its abstract."""
    found: dict[str, Text] = {}
    for judged in scored.papers:
        if judged.outcome == "picked":
            paper = judged.paper
            found[paper.id] = known.get(paper.id) or await _text(paper, get, settings)
    return Texts(**scored.carried(), texts=found)


@dataclass(frozen=True)
class _Try:
    """One way to a text."""

    url: str
    read: Callable[[bytes, str], Awaitable[Text | NotReadable]]


async def _text(paper: Paper, get: Get, settings: Settings) -> Text:
    """The best text there is, cut to what a prompt may hold."""
    for way in _ways(paper, settings):
        page = await get(way.url)
        if isinstance(page, Failure):
            log.info("%s: %s", paper.id, page.reason)
            continue
        if page.status != 200:
            log.info("%s: HTTP %d from %s", paper.id, page.status, way.url)
            continue
        text = await way.read(page.body, way.url)
        if isinstance(text, Text):
            return fit(text, settings.reading.text_tokens)
        log.info("%s: %s", paper.id, text.reason)
    return fit(abstract_text(paper.abstract, paper.links.page), settings.reading.text_tokens)


def _ways(paper: Paper, settings: Settings) -> list[_Try]:
    """HTML, then PDF, each of a fixed version, so that what was read stays what was cited.

    Where no listing said the version (Hugging Face does not), it is the first: that one always exists.
    """
    if canonical_id(paper.id) != paper.id:
        return []
    base = settings.endpoints.arxiv
    html = paper.links.html or f"{base}/html/{paper.id}v1"
    pdf = paper.links.pdf or f"{base}/pdf/{paper.id}v1"
    limits = settings.reading
    reading = partial(asyncio.to_thread, seconds=limits.pdf_seconds, megabytes=limits.pdf_megabytes)
    return [_Try(html, partial(reading, worker.read_html)), _Try(pdf, partial(reading, worker.read_pdf))]
