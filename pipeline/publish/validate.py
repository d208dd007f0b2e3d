"""Validation of the reports that a run hands over, before anything is published.

A report is accepted if it is a `Digest` and keeps the rules of ownership below: it speaks for its own profile and date,
links only to allowed hosts, and contains no number or size that a run could not have made. The page is rendered from it
afterwards, so no Markdown is handed over. No error message quotes the content of a file, because messages go to a log
in which the runner obeys workflow commands.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.config.profile import load_profile
from pipeline.config.settings import load_settings
from pipeline.core.artifacts import ALL_AUTHORS, Digest
from pipeline.core.arxiv_ids import MODERN
from pipeline.core.dates import DAY, YEARS
from pipeline.core.errors import DigestError, InputError
from pipeline.core.models import Value
from pipeline.core.names import LINK, feed_link_hosts
from pipeline.core.source import SOURCES, source_of_id
from pipeline.core.store import field_names, parse_artifact
from pipeline.report.i18n import LANGUAGES

HINT = "this report was not published; start the run again with `force`, and if it stays so, read SECURITY.md"

# A day of 3,000 papers has about 3 MB.
MAX_BYTES = 10_000_000
MAX_BRIEF_CHARACTERS = 1_000  # 30 words and a margin; a formula counts as a word
MAX_CHARACTERS = 5_000  # of one text; the longest that a run makes is a quoted sentence of 1,500
MAX_ITEMS = {
    "candidates": 10_000,
    "skipped": 10_000,
    "pending": 10_000,
    "sources": 200,
    "picks": 100,
    "waiting": 500,
    "authors": ALL_AUTHORS,
}
MAX_OTHER_ITEMS = (
    50  # of every other list or map: sections, claims of a section, evidence, categories, signals …
)

ARXIV_ID = re.compile(MODERN, re.ASCII)
FIELDS = field_names(Value)


@dataclass(frozen=True)
class AllowedLinks:
    """The URLs to which a report may link: https URLs on allowed hosts, and any URL below an allowed base URL."""

    hosts: frozenset[str]  # in lower case; `*.` in front means every subdomain
    bases: tuple[str, ...]  # without a trailing slash

    def permits(self, url: str) -> bool:
        """Return whether a report may link to this absolute URL."""
        if any(url == base or url.startswith(f"{base}/") for base in self.bases) and url.isprintable():
            return True
        link = LINK.fullmatch(url)
        return link is not None and any(fnmatchcase(link[1].lower(), host) for host in self.hosts)

    def with_hosts(self, urls: Iterable[str]) -> "AllowedLinks":
        """Return these allowed links and the hosts of the given URLs."""
        hosts = {link[1].lower() for link in map(LINK.fullmatch, urls) if link}
        return AllowedLinks(self.hosts | hosts, self.bases)


def allowed_links(repository: Path, profile: str) -> AllowedLinks:
    """Return the allowed links of a profile's reports: those of `digest.toml`, and those of the profile's feeds.

    Only the files count, no environment variable. A profile that cannot be read has no feeds. Raises InputError if
    `digest.toml` cannot be read.
    """
    settings = load_settings(repository / "digest.toml", {})
    try:
        feeds = load_profile(repository / "prompts", profile, languages=LANGUAGES).settings.feeds
    except InputError:
        feeds = ()
    bases = (settings.endpoints.arxiv, settings.endpoints.huggingface)
    hosts = {*settings.links.hosts, *(host for source in SOURCES.values() for host in source.hosts)}
    for link in filter(None, map(LINK.fullmatch, feeds)):
        hosts |= {*feed_link_hosts(link[1])}
    return AllowedLinks(frozenset(hosts), bases)


@dataclass(frozen=True)
class Expected:
    """What a report of this run has to be, and what it may contain."""

    profile: str
    date: dt.date
    today: dt.date  # UTC
    links: AllowedLinks
    runs: str  # base URL of this repository's runs, `https://github.com/owner/name/actions/runs/`; empty elsewhere
    committed: Digest | None  # the report of this date in the commit that the run started from
    votes: bool = False  # digest.toml asks for links to vote


def validate(data: bytes, expected: Expected) -> Digest:
    """Parse a report and check it against what this run may publish. Raises DigestError with the first reason."""
    where = f"{expected.profile}/{expected.date}.json"
    if not 0 < len(data) <= MAX_BYTES:
        message = f"has {len(data)} bytes; from 1 to {MAX_BYTES} are published"
        raise DigestError(message, path=where, hint=HINT)
    digest = parse_artifact(data, Digest, path=where, hint=HINT)
    if reason := next(_reasons(digest, expected), ""):
        raise DigestError(reason, path=where, hint=HINT)
    return digest


def _reasons(digest: Digest, expected: Expected) -> Iterator[str]:
    """Yield every reason why the report may not be published."""
    yield from _owner(digest, expected)
    yield from _times(digest, expected.today + DAY)  # the clocks of two machines differ
    yield from _papers(digest)
    yield from _links(digest, expected)
    yield from _too_large("", digest.model_dump())


def _owner(digest: Digest, expected: Expected) -> Iterator[str]:
    """It is the report of this profile and date, in a language of the program, made by this repository."""
    before = expected.committed
    if digest.profile != expected.profile:
        yield "is the report of another profile"
    if digest.date != expected.date:
        yield "is the report of another date"
    if digest.language not in LANGUAGES and not (before and before.language == digest.language):
        yield "is in a language that the program does not have"
    for run in (digest.run_url, digest.provenance.run_url):
        own = (
            run is not None
            and expected.runs
            and re.fullmatch(f"{re.escape(expected.runs)}[0-9]{{1,20}}", run)
        )
        if not (run is None or own or (before and run in {before.run_url, before.provenance.run_url})):
            yield "names a run that is none of this repository"
    if digest.vote_links and not (expected.votes or (before and before.vote_links)):
        yield "carries links to vote, which digest.toml does not ask for"
    if digest.vote_links and digest.run_url is None:
        yield "carries links to vote in no repository"


def _times(digest: Digest, tomorrow: dt.date) -> Iterator[str]:
    """Nothing in it is of a day to come: the next runs would wait for that day."""
    stamps = (digest.generated_at, digest.provenance.generated_at)
    if any(stamp.tzinfo is None or stamp.date() > tomorrow for stamp in stamps):
        yield "was made at a time to come, or in no time zone"
    if digest.date > tomorrow:
        yield "is of a day to come"
    if digest.previous is not None and digest.previous >= digest.date:
        yield "has a previous report that is not older"
    read = [
        day
        for source in digest.sources
        for day in (source.through, source.watermark, source.first_failure, source.first_read)
        if day is not None
    ]
    if any(day.year not in YEARS or day > digest.date for day in read):
        yield "a source has been read on a day to come, or before there were any"
    if any(pending.since > tomorrow for pending in digest.pending):
        yield "a paper is pending since a day to come"
    if any(
        c.seen_on is not None and (c.seen_on > tomorrow or c.seen_on == digest.date)
        for c in digest.candidates
    ):
        yield "a paper was seen on this day or on one to come"
    newest = f"{tomorrow:%y%m}"
    if any(ARXIV_ID.fullmatch(c.id) and c.id[:4] > newest for c in digest.candidates):
        yield "a paper has an id of a month to come"


def _papers(digest: Digest) -> Iterator[str]:
    """Every paper has an id that a source gives, once, and the lists agree with each other."""
    ids = [candidate.id for candidate in digest.candidates]
    picks = [pick.id for pick in digest.picks]
    pending = [paper.id for paper in digest.pending]
    waiting = [key for source in digest.sources for key in source.waiting]
    if not all(map(source_of_id, (*ids, *waiting))):
        yield "a paper has an id that is neither arXiv's, nor a feed's, nor of another source"
    if any(max(Counter(keys).values(), default=1) > 1 for keys in (ids, picks, pending)):
        yield "a paper is listed twice"
    if {c.id for c in digest.candidates if c.outcome == "picked"} != set(picks):
        yield "the picks are not the candidates that were picked"
    if not set(pending) <= set(ids):
        yield "a pending paper is no candidate"
    if any((c.seen_on is not None) != (c.outcome == "seen") for c in digest.candidates):
        yield "a paper was seen on no day, or on one without having been seen"
    if any(c.brief is not None and c.outcome != "shortlisted" for c in digest.candidates):
        yield "a paper has a brief without being shortlisted"
    if any(c.brief and len(c.brief.text) > MAX_BRIEF_CHARACTERS for c in digest.candidates):
        yield f"a brief has more than {MAX_BRIEF_CHARACTERS} characters"


def _links(digest: Digest, expected: Expected) -> Iterator[str]:
    """Every link leads to a host that the settings, the profile's feeds or the committed report name."""
    allowed = expected.links.with_hosts(urls(expected.committed) if expected.committed else ())
    for url in urls(digest):
        if not allowed.permits(url):
            host = LINK.fullmatch(url)
            destination = f"to {host[1][:100]}" if host else "to somewhere odd"
            yield f"a link {destination}; digest.toml [links] names the hosts that are allowed"


def urls(digest: Digest) -> Iterator[str]:
    """Yield every URL to which a page, an index or a feed of this report may link; those of the runs are apart."""
    for listed in (*digest.candidates, *digest.picks):
        yield listed.url
    for pick in digest.picks:
        yield from (url for _, url in pick.links if url is not None)
        yield from (place.url for place in (pick.code, pick.figure) if place is not None)
        for section in pick.sections:
            yield from (evidence.url for claim in section.claims for evidence in claim.evidence)


def _too_large(field: str, value: object) -> Iterator[str]:
    """Yield the fields whose text or list is longer than any that a run makes. Keys of maps count as texts."""
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        yield f"{field}: a text of {len(value)} characters, the most is {MAX_CHARACTERS}"
    elif isinstance(value, tuple | dict) and len(value) > (most := MAX_ITEMS.get(field, MAX_OTHER_ITEMS)):
        yield f"{field}: a list of {len(value)}, the most is {most}"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _too_large(field, key)
            yield from _too_large(key if key in FIELDS else field, inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _too_large(field, inner)
