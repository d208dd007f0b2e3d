"""arXiv's OAI-PMH interface: papers announced on days that the RSS feed no longer serves, after a missed run.

OAI-PMH lists records by the day of their last change, so replacements and edits of old papers are included
(https://info.arxiv.org/help/oa/index.html). A paper counts as new if its announcement day is in the requested
range and its first version is not much older. The format is `arXivRaw`, the only one with the date of the first
version; `created` in the format `arXiv` is that of the newest.

Limitation: a paper that was cross-listed later than it was announced is not found.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pipeline.core import dates
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.dates import DAY
from pipeline.core.models import Paper, Signal, Skipped, SourceStatus
from pipeline.sources import metadata_text, xml
from pipeline.sources.arxiv_calendar import listing_day, next_weekday
from pipeline.sources.arxiv_rss import NAME as ARXIV
from pipeline.sources.base import LinkRules, Listing, excerpt, fetch_parsed
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import split_authors
from pipeline.sources.xml import Element

NAME = "arxiv-oai"
ACCEPT = "application/xml, text/xml;q=0.9, */*;q=0.1"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
HARVEST_LEAD = 3 * DAY  # harvest from this long before the requested days, to include one earlier listing
# From submission to announcement: the longest that moderators held a paper of the benchmark was 10 days.
MAX_HOLD = 14 * DAY
MAX_EARLY_FRACTION = 0.1  # of a datestamp's v1 records; if more predate their first listing, it is systematic
MAX_PAGES = 20  # of 2,000 records
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
    """One harvested paper. `stamp`: day (UTC) of its last change; `submitted`: time of its first version."""

    id: str
    stamp: dt.date
    submitted: dt.datetime
    versions: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class HarvestPage:
    """One page of records; `token` is the resumption token of the next page, empty on the last."""

    records: tuple[Record, ...]
    skipped: tuple[Skipped, ...]
    token: str


def set_spec(category: str) -> str:
    """Return the OAI set of a category: `cs:cs:CV`, `physics:astro-ph:GA`, `physics:quant-ph`."""
    archive, _, subject = category.partition(".")
    group = "physics" if archive in PHYSICS else archive
    # The feed accepts cs.cv as well; set names need arXiv's own spelling: CV, but mes-hall.
    subject = subject.upper() if len(subject) == len("CV") else subject.lower()
    return ":".join(part for part in (group, archive, subject) if part)


def url(base: str, category: str, since: dt.date) -> str:
    """Build the URL of the first page of a category's changes since a day. No `until`, as arXiv advises."""
    query = {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": set_spec(category)}
    return f"{base}/oai?{urlencode({**query, 'from': since.isoformat()}, safe=':')}"


def next_url(base: str, token: str) -> str:
    """Build the URL of the next page. OAI-PMH allows no other argument besides a resumption token."""
    return f"{base}/oai?verb=ListRecords&resumptionToken={quote(token, safe='')}"


def parse(body: bytes) -> HarvestPage | str:
    """Parse one page of a harvest; return a reason if it cannot be parsed. Never raises.

    The OAI error `noRecordsMatch` gives an empty page.
    """
    root = xml.parse(body)
    if isinstance(root, str):
        return root
    error = root.find(f"{OAI}error")
    if error is not None:
        if error.get("code") == "noRecordsMatch":
            return HarvestPage((), (), "")
        return f"it answered {excerpt(error.get('code', 'an error'))}: {excerpt(xml.text(error))}"
    listing = root.find(f"{OAI}ListRecords")
    if listing is None:
        return f"the answer is no list of records but <{excerpt(str(root.tag))}>"
    results = [
        _record(element)
        for element in listing.findall(f"{OAI}record")
        if element.find(f"{OAI}header[@status='deleted']") is None
    ]
    return HarvestPage(
        tuple(result for result in results if isinstance(result, Record)),
        tuple(result for result in results if isinstance(result, Skipped)),
        xml.child_text(listing, f"{OAI}resumptionToken").strip(),
    )


def select_papers(
    records: Sequence[Record],
    categories: Sequence[str],
    links: LinkRules,
    *,
    after: dt.date,
    before: dt.date,
) -> tuple[Paper, ...]:
    """Select the records in these categories announced between two days (both excluded), as papers.

    Sorted by announcement day and id.
    """
    by_id = {record.id: record for record in records}
    days = announcement_days(by_id.values())
    wanted = {category.lower() for category in categories}
    papers = []
    for record in by_id.values():
        day = days[record.id]
        if day >= before and record.versions > 1:
            # If the highest id of a missed day is replaced soon after, no higher id bounds its day, and the next
            # day's feed contains it only as a replacement.
            day = listing_day(record.submitted)
        old = day - record.submitted.date() > MAX_HOLD
        if after < day < before and not old and wanted & {category.lower() for category in record.categories}:
            papers.append(_paper(record, day, wanted, links))
    return tuple(sorted(papers, key=lambda paper: (paper.announced, paper.id)))


def announcement_days(records: Collection[Record]) -> dict[str, dt.date]:
    """Return the announcement day of each record, by id.

    Ids are assigned in order of submission, so a paper is announced no later than any paper with a higher id
    was last changed. Start the harvest some days before the days that matter: a paper older than the harvest
    is assigned the harvest's first day.
    """
    listings = _listing_by_stamp(records)
    days: dict[str, dt.date] = {}
    earliest = dt.date.max
    # By time of submission: modern ids sort by month and number; those from before 2007 have a slash.
    for record in sorted(records, key=lambda record: ("/" not in record.id, record.id), reverse=True):
        earliest = min(earliest, listings[record.stamp])
        days[record.id] = max(earliest, listing_day(record.submitted))
    return days


def _listing_by_stamp(records: Collection[Record]) -> dict[dt.date, dt.date]:
    """Map each datestamp to its listing: that of the same day or of the next one.

    It is the next one if more than MAX_EARLY_FRACTION of the records with a single version and this stamp
    could not have been announced so early.
    """
    too_early: dict[dt.date, list[bool]] = defaultdict(list)
    for record in records:
        if record.versions == 1:
            too_early[record.stamp].append(listing_day(record.submitted) > record.stamp)
    shifted = {stamp for stamp, flags in too_early.items() if sum(flags) > MAX_EARLY_FRACTION * len(flags)}
    return {
        record.stamp: next_weekday(record.stamp + DAY if record.stamp in shifted else record.stamp)
        for record in records
    }


async def fetch(
    get: Get,
    base: str,
    categories: Sequence[str],
    links: LinkRules,
    *,
    after: dt.date,
    before: dt.date,
) -> Listing:
    """Fetch the papers announced between `after` and `before` (both excluded).

    One harvest per category, page after page. If a harvest fails, the status is `failed`, but the papers
    found are kept. A harvest proves the days before the newest datestamp in it: the index may lag, and that day may be
    there in part.
    """
    records: list[Record] = []
    skipped: list[Skipped] = []
    failures = []
    for category in dict.fromkeys(categories):
        reason = await _harvest(get, base, url(base, category, after - HARVEST_LEAD), records, skipped)
        if reason:
            failures.append(f"{category}: {reason}")
    papers = select_papers(records, categories, links, after=after, before=before)
    newest = max(_listing_by_stamp(records).values(), default=after)
    last = min(newest, before) - DAY
    through = last if last > after and not failures else None
    note = f"announced {(after + DAY).isoformat()} to {(before - DAY).isoformat()}"
    if through != before - DAY:
        note += f"; the index ends with {newest}" if records else "; the index has nothing"
    status = SourceStatus(
        name=NAME,
        status="failed" if failures else "ok" if papers else "empty",
        count=len(papers),
        through=through,
        note=excerpt("; ".join(failures)) or note,
    )
    days = [after + n * DAY for n in range(1, (through - after).days + 1)] if through else []
    return Listing(status, papers, tuple(skipped), frozenset(days), overlaps=True)


async def _harvest(get: Get, base: str, address: str, records: list[Record], skipped: list[Skipped]) -> str:
    """Append all pages from this URL on to `records` and `skipped`.

    Returns the reason if it stopped before the last page, else an empty string.
    """
    for _ in range(MAX_PAGES):
        page = await fetch_parsed(get, address, parse, accept=ACCEPT)
        if isinstance(page, str):
            return page
        records += page.records
        skipped += page.skipped
        if not page.token:
            return ""
        address = next_url(base, page.token)
    return f"more than {MAX_PAGES} pages"


def _record(element: Element) -> Record | Skipped:
    name = xml.text(element.find(f"{OAI}header/{OAI}identifier"))
    raw = element.find(f"{OAI}metadata/{RAW}arXivRaw")
    paper_id = canonical_id(name)
    if paper_id is None or raw is None:
        return Skipped(id=excerpt(name) or "record", stage="fetch", reason="has no arXiv id or no metadata")
    submitted = dates.parse_moment(xml.text(raw.find(f"{RAW}version/{RAW}date")))
    stamp = dates.parse_day(xml.text(element.find(f"{OAI}header/{OAI}datestamp")))
    title = metadata_text.clean_title(xml.child_text(raw, f"{RAW}title"))
    if submitted is None or stamp is None or not title:
        return Skipped(id=paper_id, stage="fetch", reason="has no title or no dates")
    return Record(
        id=paper_id,
        stamp=stamp,
        submitted=submitted,
        versions=len(raw.findall(f"{RAW}version")),
        title=title,
        abstract=metadata_text.clean_abstract(xml.child_text(raw, f"{RAW}abstract")),
        authors=split_authors(xml.child_text(raw, f"{RAW}authors"), joined_by_and=True),
        categories=tuple(xml.child_text(raw, f"{RAW}categories").split()),
    )


def _paper(record: Record, day: dt.date, wanted: Container[str], links: LinkRules) -> Paper:
    """Convert a record to a paper: "new" if its first (primary) category is wanted, else "cross"."""
    primary = record.categories[0].lower() in wanted
    return Paper(
        id=record.id,
        title=record.title,
        abstract=record.abstract,
        authors=record.authors,
        categories=record.categories,
        links=links.paper(record.id, record.versions),
        signals={ARXIV: Signal(day=day, announced_as="new" if primary else "cross")},
        announced=day,
    )
