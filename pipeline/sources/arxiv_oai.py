"""What arXiv announced on days that its feed serves no more: the catch-up after a missed run.

OAI-PMH lists records by the day of their last change, so replacements and edits of old papers come along
(https://info.arxiv.org/help/oa/index.html). New is a paper whose day of announcement (see `announced.py`)
lies in the wanted days and whose first version is not much older. The format is `arXivRaw`: the only one
that has the dates of all versions, while `created` of the format `arXiv` is that of the newest.
A paper that was only cross-listed later than it was announced is not found this way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pipeline.core import dates
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.dates import DAY, MOST_DAYS
from pipeline.core.models import Paper, Signal, Skipped, SourceStatus
from pipeline.sources import arxiv_calendar, metadata_text, xml
from pipeline.sources.arxiv_calendar import listing_day
from pipeline.sources.arxiv_rss import NAME as ARXIV
from pipeline.sources.base import LinkRules, Listing, ask, brief
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import names
from pipeline.sources.xml import Element

NAME = "arxiv-oai"
ACCEPT = "application/xml, text/xml;q=0.9, */*;q=0.1"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
LEAD = 3 * DAY  # the harvest starts earlier than the days wanted, so that one listing before them is in it
HELD = 14 * DAY  # the longest that moderators held a paper of the benchmark was 10 days
MOST_PAGES = 20  # of 2,000 records
PHYSICS = frozenset(
    [
        "astro-ph",
        "cond-mat",
        "gr-qc",
        "hep-ex",
        "hep-lat",
        "hep-ph",
        "hep-th",
        "math-ph",
        "nlin",
        "nucl-ex",
        "nucl-th",
        "physics",
        "quant-ph",
    ]
)


@dataclass(frozen=True)
class Record:
    """One paper of a harvest. `stamp` is the day of its last change; `versions` are dates of submission."""

    id: str
    stamp: dt.date
    versions: tuple[dt.datetime, ...]
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Harvest:
    """One page of records; `token` asks for the next, and is empty on the last."""

    records: tuple[Record, ...]
    skipped: tuple[Skipped, ...]
    token: str


def set_of(category: str) -> str:
    """The OAI set of a category: `cs:cs:CV`, `physics:astro-ph:GA`, `physics:quant-ph`."""
    archive, _, subject = category.partition(".")
    group = "physics" if archive in PHYSICS else archive
    # The feed takes cs.cv as well; sets are spelled as arXiv does: CV, but mes-hall.
    subject = subject.upper() if len(subject) == len("CV") else subject.lower()
    return ":".join(part for part in (group, archive, subject) if part)


def url(base: str, category: str, since: dt.date) -> str:
    """The address of the first page of all changes in a category since a day. Without `until`, as arXiv advises."""
    query = {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": set_of(category)}
    return f"{base}/oai?{urlencode({**query, 'from': since.isoformat()}, safe=':')}"


def next_url(base: str, token: str) -> str:
    """The address of a further page. A token tolerates no other argument beside it."""
    return f"{base}/oai?verb=ListRecords&resumptionToken={quote(token, safe='')}"


def parse(body: bytes) -> Harvest | str:
    """One page of a harvest, or the reason why it is none. Never raises. No match is an empty page."""
    root = xml.parse(body)
    if isinstance(root, str):
        return root
    error = root.find(f"{OAI}error")
    if error is not None and error.get("code") == "noRecordsMatch":
        return Harvest((), (), "")
    if error is not None:
        return f"it answered {brief(error.get('code', 'an error'))}: {brief(xml.text(error))}"
    listed = root.find(f"{OAI}ListRecords")
    if listed is None:
        return f"the answer is no list of records but <{brief(str(root.tag))}>"
    found = [_record(one) for one in listed.findall(f"{OAI}record") if not _deleted(one)]
    return Harvest(
        tuple(one for one in found if isinstance(one, Record)),
        tuple(one for one in found if isinstance(one, Skipped)),
        xml.child(listed, f"{OAI}resumptionToken").strip(),
    )


def papers(
    records: Sequence[Record],
    categories: Sequence[str],
    links: LinkRules,
    *,
    after: dt.date,
    before: dt.date,
) -> tuple[Paper, ...]:
    """The papers among the records that were announced after one day and before another, with that day."""
    once = {record.id: record for record in records}
    days = arxiv_calendar.days(list(once.values()))
    wanted = {category.lower() for category in categories}
    found = []
    for record in once.values():
        day = _missed(record, days[record.id], before)
        old = day - record.versions[0].date() > HELD
        if after < day < before and not old and wanted & {one.lower() for one in record.categories}:
            found.append(_paper(record, day, wanted, links))
    return tuple(sorted(found, key=lambda paper: (paper.announced, paper.id)))


def _missed(record: Record, day: dt.date, before: dt.date) -> dt.date:
    """The day of a record; of one that was replaced since, the first that it could have been announced on.

    If the greatest number of a missed day is replaced at once, no later number tells when it was announced,
    and the feed of the day after has it as a replacement only.
    """
    return listing_day(record.versions[0]) if day >= before and len(record.versions) > 1 else day


async def fetch(
    get: Get,
    base: str,
    categories: Sequence[str],
    links: LinkRules,
    *,
    after: dt.date,
    before: dt.date,
) -> Listing:
    """What was announced after the day `after` and before the day `before`, of at most the last seven days.

    One harvest a category, page after page. If one fails the source failed, but what was found is kept.
    """
    after = max(after, before - (MOST_DAYS + 1) * DAY)
    records: list[Record] = []
    skipped: list[Skipped] = []
    broken = []
    for category in dict.fromkeys(categories):
        reason = await _harvest(get, base, url(base, category, after - LEAD), records, skipped)
        if reason:
            broken.append(f"{category}: {reason}")
    found = papers(records, categories, links, after=after, before=before)
    note = f"announced {(after + DAY).isoformat()} to {(before - DAY).isoformat()}"
    status = SourceStatus(
        name=NAME,
        status="failed" if broken else "ok" if found else "empty",
        count=len(found),
        through=None if broken else before - DAY,
        note=brief("; ".join(broken)) or note,
    )
    return Listing(status, found, tuple(skipped))


async def _harvest(get: Get, base: str, address: str, records: list[Record], skipped: list[Skipped]) -> str:
    """Add all pages from this address on. Returns why it stopped too early, or an empty string."""
    for _ in range(MOST_PAGES):
        page = await ask(get, address, parse, accept=ACCEPT)
        if isinstance(page, str):
            return page
        records += page.records
        skipped += page.skipped
        if not page.token:
            return ""
        address = next_url(base, page.token)
    return f"more than {MOST_PAGES} pages"


def _deleted(record: Element) -> bool:
    header = record.find(f"{OAI}header")
    return header is not None and header.get("status") == "deleted"


def _record(element: Element) -> Record | Skipped:
    """One record with its header."""
    name = xml.text(element.find(f"{OAI}header/{OAI}identifier"))
    raw = element.find(f"{OAI}metadata/{RAW}arXivRaw")
    paper_id = canonical_id(name)
    if paper_id is None or raw is None:
        return Skipped(id=brief(name) or "record", stage="fetch", reason="has no arXiv id or no metadata")
    submitted = [xml.child(version, f"{RAW}date") for version in raw.findall(f"{RAW}version")]
    versions = _moments(submitted)
    stamp = dates.day(xml.text(element.find(f"{OAI}header/{OAI}datestamp")))
    title = metadata_text.title(xml.child(raw, f"{RAW}title"))
    if not versions or stamp is None or not title:
        return Skipped(id=paper_id, stage="fetch", reason="has no title or no dates")
    return Record(
        id=paper_id,
        stamp=stamp,
        versions=versions,
        title=title,
        abstract=metadata_text.abstract(xml.child(raw, f"{RAW}abstract")),
        authors=names(xml.child(raw, f"{RAW}authors"), joined_by_and=True),
        categories=tuple(xml.child(raw, f"{RAW}categories").split()),
    )


def _moments(submitted: Sequence[str]) -> tuple[dt.datetime, ...]:
    """When each version was submitted, empty if the first has no date. A later one without a date counts all the same:

    the links are pinned to the number of versions, so it has that of the one before.
    """
    found: list[dt.datetime] = []
    for text in submitted:
        moment = dates.moment(text)
        if moment is None and not found:
            return ()
        found.append(moment or found[-1])
    return tuple(found)


def _paper(record: Record, day: dt.date, wanted: Container[str], links: LinkRules) -> Paper:
    """A record as a candidate. The first of its categories is the primary one."""
    primary = record.categories[0].lower() in wanted
    return Paper(
        id=record.id,
        title=record.title,
        abstract=record.abstract,
        authors=record.authors,
        categories=record.categories,
        links=links.paper(record.id, len(record.versions)),
        signals={ARXIV: Signal(day=day, announced_as="new" if primary else "cross")},
        announced=day,
    )
