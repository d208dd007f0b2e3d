"""arXiv's query interface, for the metadata of single papers: one call for all of them.

It is no source of lists: it knows no day of announcement, lags, and throttles early
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
from pipeline.sources.base import LinkRules, Parsed, ask, brief
from pipeline.sources.http_client import Get
from pipeline.sources.metadata_text import clean
from pipeline.sources.xml import ARXIV, ATOM, Element

ACCEPT = "application/atom+xml, application/xml;q=0.9, */*;q=0.1"
NAMED = re.compile(r"incorrect id format for (\S+)")
UNKNOWN = "arXiv knows no paper of this id"
AT_ONCE = 100  # ids in one call; its address stays below 2,000 letters


@dataclass(frozen=True)
class Found:
    """The papers that arXiv knows, in the order asked for, and why each of the others is missing."""

    papers: tuple[Paper, ...]
    missing: tuple[Skipped, ...]


def url(base: str, ids: Sequence[str]) -> str:
    """The address of the metadata of these papers. `max_results` is 10 unless set, for `id_list` too."""
    return f"{base}/api/query?id_list={','.join(ids)}&max_results={AT_ONCE}"


def parse(body: bytes, links: LinkRules) -> Parsed | str:
    """The papers of one answer, or the reason why it is none. Never raises."""
    root = xml.parse(body)
    if isinstance(root, str):
        return root
    if root.tag != f"{ATOM}feed":
        return f"the answer is not Atom but <{brief(str(root.tag))}>"
    found = [_paper(entry, links) for entry in root.findall(f"{ATOM}entry")]
    papers = tuple(one for one in found if isinstance(one, Paper))
    return Parsed(papers, tuple(one for one in found if isinstance(one, Skipped)))


def refusal(body: bytes) -> str:
    """What arXiv says in the entry that comes with HTTP 400, such as "incorrect id format for abc"."""
    root = xml.parse(body)
    return "" if isinstance(root, str) else xml.text(root.find(f"{ATOM}entry/{ATOM}summary"))


async def by_ids(get: Get, base: str, ids: Sequence[str], links: LinkRules) -> Found:
    """The metadata of these papers, with or without version.

    What is no id is not asked for: one of them would spoil the whole call. arXiv leaves unknown ids out
    without a word, so the ids are compared.
    """
    wanted = {text: identify(text) for text in dict.fromkeys(ids)}
    asked = list(dict.fromkeys(_written(one) for one in wanted.values() if one))
    papers: dict[str, Paper] = {}
    reasons: dict[str, str] = {}
    for start in range(0, len(asked), AT_ONCE):
        found, refused = await _call(get, base, asked[start : start + AT_ONCE], links)
        papers |= {paper.id: paper for paper in found}
        reasons |= refused
    missing = []
    for text, one in wanted.items():
        if one is None:
            missing.append(Skipped(id=brief(text), stage="fetch", reason="is not an arXiv id"))
        elif one.id not in papers:
            reason = reasons.get(_written(one), UNKNOWN)
            missing.append(Skipped(id=one.id, stage="fetch", reason=reason))
    known = dict.fromkeys(one.id for one in wanted.values() if one and one.id in papers)
    return Found(tuple(papers[paper_id] for paper_id in known), tuple(missing))


async def _call(
    get: Get, base: str, ids: Sequence[str], links: LinkRules
) -> tuple[tuple[Paper, ...], dict[str, str]]:
    """One call; once more without an id that arXiv refuses by name. Papers, and reasons by id as it was asked for."""
    left = list(ids)
    reasons: dict[str, str] = {}
    while left:
        found = await ask(
            get, url(base, left), lambda body: parse(body, links), accept=ACCEPT, refusal=refusal
        )
        if not isinstance(found, str):
            return found.papers, reasons
        named = set(NAMED.findall(found)) & set(left) or set(left)
        reasons |= dict.fromkeys(named, f"arXiv's API could not be read: {found}")
        left = [one for one in left if one not in named]
    return (), reasons


def _written(one: Identifier) -> str:
    return f"{one.id}v{one.version}" if one.version else one.id


def _paper(entry: Element, links: LinkRules) -> Paper | Skipped:
    """One entry; its `published` is the time of v1, from which the first possible listing follows."""
    address = xml.child(entry, f"{ATOM}id")
    known = identify(address)
    if known is None:
        words = xml.child(entry, f"{ATOM}summary")
        return Skipped(id=brief(address) or "entry", stage="fetch", reason=brief(words) or "has no arXiv id")
    title = metadata_text.title(xml.child(entry, f"{ATOM}title"))
    if not title:
        return Skipped(id=known.id, stage="fetch", reason="has no title")
    submitted = dates.moment(xml.child(entry, f"{ATOM}published"))
    day = listing_day(submitted) if submitted else None
    primary = entry.find(f"{ARXIV}primary_category")
    terms = [one.get("term", "") for one in entry.findall(f"{ATOM}category")]
    if primary is not None:
        terms.insert(0, primary.get("term", ""))
    people = [clean(xml.child(author, f"{ATOM}name")) for author in entry.findall(f"{ATOM}author")]
    return Paper(
        id=known.id,
        title=title,
        abstract=metadata_text.abstract(xml.child(entry, f"{ATOM}summary")),
        authors=tuple(name[: metadata_text.LONGEST_NAME] for name in people if name),
        categories=tuple(dict.fromkeys(term for term in map(clean, terms) if term)),
        links=links.paper(known.id, known.version),
        signals={NAME: Signal(day=day)} if day else {},
        announced=day,
    )
