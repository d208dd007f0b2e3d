"""bioRxiv and medRxiv: the preprints posted on given days, and single ones by DOI, over the API that both share.

Documented (https://api.biorxiv.org/details/biorxiv/help): the paths, `category`, the fields of a record, and that
`messages` counts what was found. As others recorded its answers in 2026, and not documented: a page has 30 records
instead of 100, so the cursor advances by what came; `total` is a text; it counts every version; a range without
records is the status `no posts found`. Assumed: a day is complete a day later. Full texts are not fetched.
"""

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.core import dates
from pipeline.core.dates import DAY
from pipeline.core.models import Links, Paper, Signal, Skipped, SourceStatus
from pipeline.core.source import Source
from pipeline.sources import metadata_text
from pipeline.sources.arxiv_api import LookupResult
from pipeline.sources.base import Listing, excerpt, failed_listing, fetch_parsed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import MAX_NAME_LENGTH, clean, strip_markup
from pipeline.sources.window import Window

ACCEPT = "application/json"
MAX_PAGES = 100  # of one category; a week of all categories together has some 45
OK, NOTHING = "ok", "no posts found"
# Markup of the publisher's that the API leaves in titles and abstracts: small capitals within a word, and blocks.
SMALL_CAPITALS = re.compile(r"[OC]_SCP(?:LOW|CAP)")
BLOCK = re.compile(r"[OC]_(?:ST_ABS|LI)")


class Days(NamedTuple):
    """A range of days, both ends included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Record:
    """One version of a preprint."""

    paper: Paper
    version: int


@dataclass(frozen=True)
class Page:
    """One page of an answer. `length` counts its records, `total` those of the whole range, None if not given."""

    records: tuple[Record, ...]
    skipped: tuple[Skipped, ...]
    length: int
    total: int | None


def range_url(base: str, source: Source, days: Days, category: str, cursor: int) -> str:
    """Build the URL of the page of what was posted in a category that begins with the record `cursor`."""
    name = category.replace(" ", "_")
    return f"{base}/details/{source.name}/{days.first}/{days.last}/{cursor}/json?category={name}"


def paper_url(base: str, source: Source, paper_id: str) -> str:
    """Build the URL of all versions of one preprint."""
    return f"{base}/details/{source.name}/{doi_of(source, paper_id)}/na/json"


def doi_of(source: Source, paper_id: str) -> str:
    """Return the DOI of a preprint: the inverse of `id_of`."""
    return paper_id.removeprefix(source.id_prefix).replace("-", "/", 1)


def id_of(source: Source, doi: str) -> str | None:
    """Return the id of a preprint; None if its DOI is not in the form that ids are made of."""
    paper_id = source.id_prefix + doi.lower().replace("/", "-", 1)
    return paper_id if "/" in doi and source.has_id(paper_id) else None


def days_to_read(window: Window, source: Source) -> Days:
    """Return the days to ask for: from the watermark's day on, at least D-1 and D, none that is more than a week ago.

    The watermark's own day is read again, in case a preprint was entered late. A past date is read alone.
    """
    if window.past:
        return Days(window.date, window.date)
    yesterday = window.date - DAY
    since = min(window.through.get(source.name, yesterday), yesterday)
    return Days(max(since, window.oldest), window.date)


def parse(body: bytes, source: Source) -> Page | str:
    """Parse one answer; return a reason if it cannot be parsed. Never raises, and a bad record affects no other."""
    raw = _load(body)
    items, messages = (raw.get("collection"), raw.get("messages")) if isinstance(raw, dict) else (None, None)
    if not isinstance(items, list) or not isinstance(messages, list):
        return "the answer is cut, or not a list of preprints"
    about = messages[0] if messages and isinstance(messages[0], dict) else {}
    status = _text(about.get("status")).lower()
    if status != OK and not (status == NOTHING and not items):
        return f"it answered: {excerpt(status) or 'nothing'}"
    name = f"{source.name} record"
    results = [_record(item, source, f"{name} {n}") for n, item in enumerate(items, 1)]
    return Page(
        tuple(one for one in results if isinstance(one, Record)),
        tuple(one for one in results if isinstance(one, Skipped)),
        len(items),
        _whole(about.get("total")),
    )


async def fetch(
    get: Get,
    base: str,
    source: Source,
    categories: Sequence[str],
    window: Window,
    *,
    replacements: bool = False,
) -> Listing:
    """Fetch what was posted in these categories since the watermark; of new versions only their number, by default.

    No day counts as read unless every category was read to its end, so that the next run asks again.
    """
    first, last = days = days_to_read(window, source)
    newest: dict[str, Record] = {}
    skipped: dict[Skipped, None] = {}
    replaced: set[tuple[str, int]] = set()
    faults: dict[str, str] = {}
    read = 0
    for category in dict.fromkeys(categories):
        found = await _fetch_range(get, base, source, days, category)
        read += found.pages
        faults |= {category: found.fault} if found.fault else {}
        skipped |= dict.fromkeys(found.skipped)
        for record in found.records:
            if record.version > 1:
                replaced.add((record.paper.id, record.version))
            if record.version == 1 or replacements:
                before = newest.get(record.paper.id)
                newest[record.paper.id] = record if before is None else max(before, record, key=_version)
    if not read:
        return failed_listing(source.name, "; ".join(dict.fromkeys(faults.values())))
    papers = tuple(record.paper for record in newest.values())
    new = sum(record.version == 1 for record in newest.values())
    versions = f", {len(replaced)} new versions" + ("" if replacements else " left out") if replaced else ""
    incomplete = (f"{category} was not read to its end: {fault}" for category, fault in faults.items())
    whole = (first + n * DAY for n in range((last - first).days))  # the last is not over yet
    complete = frozenset(() if faults else whole)
    status = SourceStatus(
        name=source.name,
        status="ok" if papers else "empty",
        count=len(papers),
        through=max(complete, default=None),
        note=excerpt("; ".join((f"{first} to {last}: {new} new{versions}", *incomplete))),
    )
    return Listing(status, papers, tuple(skipped), complete, overlaps=True)


async def look_up(get: Get, base: str, source: Source, ids: Sequence[str]) -> LookupResult:
    """Fetch the newest version of these preprints, with one request each."""
    papers: list[Paper] = []
    missing: list[Skipped] = []
    for paper_id in ids:
        answer = await _ask(get, paper_url(base, source, paper_id), source)
        if isinstance(answer, str):
            reason = f"{source.label}'s API could not be read: {answer}"
            missing.append(Skipped(id=paper_id, stage="fetch", reason=reason))
            continue
        versions = [record for record in answer.records if record.paper.id == paper_id]
        if versions:
            papers.append(max(versions, key=_version).paper)
        else:
            missing.append(Skipped(id=paper_id, stage="fetch", reason=source.unknown_id))
    return LookupResult(tuple(papers), tuple(missing))


@dataclass
class _Range:
    """What was read of one category, and why it was not read to its end."""

    records: list[Record] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    pages: int = 0
    fault: str = ""


async def _fetch_range(get: Get, base: str, source: Source, days: Days, category: str) -> _Range:
    """Fetch a category page by page until as many records came as the first page announced, or a page is empty."""
    found = _Range()
    cursor, total = 0, None
    for _ in range(MAX_PAGES):
        page = await _ask(get, range_url(base, source, days, category, cursor), source)
        if isinstance(page, str):
            found.fault = page
            return found
        found.pages += 1
        if page.records and all(record in found.records for record in page.records):
            found.fault = "a page repeats what came before"
            break
        found.records += page.records
        found.skipped += page.skipped
        cursor += page.length
        total = page.total if total is None else total
        if not page.length or (total is not None and cursor >= total):
            break
    else:
        found.fault = f"more than {MAX_PAGES} pages"
    if total is not None and cursor < total:
        found.fault = found.fault or f"{cursor} of {total} records came"
    return found


async def _ask(get: Get, url: str, source: Source) -> Page | str:
    return await fetch_parsed(
        get, url, lambda body: parse(body, source), accept=ACCEPT, error_message=_error_message
    )


def _error_message(body: bytes) -> str:
    """Extract the server's message from the body of an HTTP error; empty if there is none."""
    raw = _load(body)
    messages = raw.get("messages") if isinstance(raw, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else None
    return _text(first.get("status")) if isinstance(first, dict) else ""


def _record(item: Any, source: Source, name: str) -> Record | Skipped:
    """Convert one record. Only the DOI, the title and the date are required."""
    if not isinstance(item, dict):
        return Skipped(id=name, stage="fetch", reason="is not a preprint")
    doi = _text(item.get("doi"))
    paper_id = id_of(source, doi)
    if paper_id is None:
        return Skipped(id=excerpt(doi) or name, stage="fetch", reason=f"has no DOI of {source.label}")
    title = metadata_text.clean_title(_plain(item.get("title")))
    if not title:
        return Skipped(id=paper_id, stage="fetch", reason="has no title")
    day = dates.parse_day(_text(item.get("date")))
    if day is None:
        return Skipped(id=paper_id, stage="fetch", reason="has no date")
    version = _whole(item.get("version")) or 1
    category = _text(item.get("category"))
    paper = Paper(
        id=paper_id,
        title=title,
        abstract=metadata_text.clean_abstract(_plain(item.get("abstract"))),
        authors=_authors(_text(item.get("authors"))),
        categories=(category,) if category else (),
        links=Links(page=f"https://{source.hosts[0]}/content/{doi_of(source, paper_id)}v{version}"),
        signals={source.name: Signal(day=day)},
        announced=day,
        doi=doi_of(source, paper_id),
    )
    return Record(paper, version)


def _version(record: Record) -> int:
    return record.version


def _authors(text: str) -> tuple[str, ...]:
    """Return the names in `Family, G. N.; Family, G.` in the order in which other sources write them."""
    names = []
    for name in filter(None, map(str.strip, text.split(";"))):
        family, comma, given = name.partition(",")
        plain = comma and given.strip() and "," not in given
        names.append(f"{given.strip()} {family}" if plain else name)
    return tuple(name[:MAX_NAME_LENGTH] for name in names)


def _plain(value: Any) -> str:
    """Return a title or an abstract without markup."""
    text = value if isinstance(value, str) else ""
    return strip_markup(BLOCK.sub(" ", SMALL_CAPITALS.sub("", text)))


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    """Return a count or a version, which the API writes as a number or as a text; None if it is neither."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else None


def _load(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
