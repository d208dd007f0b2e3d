"""Stage 3, Scored → Texts: each pick as numbered sentences, from HTML, else PDF, else the abstract.

    pick ─html─> Text | no ─pdf─> Text | no ─> the longest incomplete full text | none ─> abstract

Only picks are fetched, one after the other at arXiv's request interval; a text once fetched is reused.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pipeline.config.settings import Settings
from pipeline.core.artifacts import Scored, Texts
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.models import Paper, Text
from pipeline.extraction import worker
from pipeline.extraction.html import completeness
from pipeline.extraction.text import NotReadable, abstract_text
from pipeline.extraction.truncate import truncate_text
from pipeline.sources.http_client import Failure, Get

log = logging.getLogger(__name__)
BUILD_LOG = "/__stdout.txt"  # below the address of arXiv's HTML page


async def texts(
    scored: Scored, *, get: Get, settings: Settings, known: Mapping[str, Text], today: dt.date
) -> Texts:
    """Read the text of every pick that is not in `known`; the abstract stands in where no full text can be had.

    `today` (UTC) becomes `Text.read_on`; a known text keeps its own day.
    """
    texts_by_id: dict[str, Text] = {}
    for judged in scored.papers:
        if judged.outcome == "picked":
            paper = judged.paper
            texts_by_id[paper.id] = known.get(paper.id) or await _read(paper, get, settings, today)
    return Texts(**scored.shared_fields(), texts=texts_by_id)


@dataclass(frozen=True)
class _Attempt:
    """One address of a full text, and the parser for what it serves."""

    url: str
    read: Callable[[bytes, str], Awaitable[Text | NotReadable]]


async def _read(paper: Paper, get: Get, settings: Settings, today: dt.date) -> Text:
    """The text to analyze: the first that is whole, else the longest full text, else the abstract; truncated."""
    incomplete: list[Text] = []
    unclear_styles = False
    for attempt in _attempts(paper, settings):
        text = await _try(attempt, get)
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


async def _try(attempt: _Attempt, get: Get) -> Text | NotReadable:
    """Fetch and parse one address. A page that looks cut costs one more request, for the log of its conversion."""
    page = await get(attempt.url)
    if isinstance(page, Failure):
        return NotReadable(page.reason)
    if page.status != 200:
        return NotReadable(f"HTTP {page.status} from {attempt.url}")
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
