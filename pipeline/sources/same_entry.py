"""Recognize an entry of a feed that an earlier digest lists under another id: a new version, or a guid rewritten.

Two entries of one feed are the same if their titles are, but for small edits, and their links are: without scheme,
`www.`, tracking parameters and the version of a preprint. Where a report has the feed instead of the entry's link
(a host that `[links]` does not allow), the earlier entry has to be of the same day and gone from the feed.
"""

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from pipeline.core.models import Paper
from pipeline.core.source import FEED
from pipeline.core.unicode import fold
from pipeline.sources.base import Listing

# Parameters that say where a reader comes from, not what is read.
TRACKING = re.compile(r"utm_\w+|mc_[ce]id|fbclid|gclid|rss|af|source|dgcid|ref|from", re.IGNORECASE)
# The version behind a preprint's number, and the view of it: 2026.01.02.123456v2.full
PREPRINT_VERSION = re.compile(r"(\d{4}\.\d\d\.\d\d\.\d{6,8})v\d+(?:\.[a-z-]+)*$")
MIN_SIMILARITY = 0.75  # of two words: a typing error, not another word
MOST_COMPARED = 20  # of the newest entries with one link; of older ones, only an equal title counts
WORDS_PER_EDIT = 5  # of a title, one may be added or left out in so many


class Known(NamedTuple):
    """An entry as a report has it. `day`: the one of its listing in the feed."""

    id: str
    title: str
    url: str
    day: dt.date


def canonical_link(url: str) -> str:
    """Return what two links to one page have in common; only for comparison."""
    parts = urlsplit(url)
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not TRACKING.fullmatch(key)
    ]
    path = PREPRINT_VERSION.sub(r"\1", parts.path.rstrip("/"))
    return f"{parts.netloc.lower().removeprefix('www.')}{path}?{urlencode(query)}"


def same_title(one: str, other: str) -> bool:
    """Whether two titles differ at most in case, punctuation, typing errors, and one word in five. Numbers count."""
    first, second = _words(one), _words(other)
    extra = 0
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind in {"insert", "delete"}:
            changed = first[a:b] + second[c:d]
            extra += len(changed)
            if any(map(_has_digit, changed)):
                return False
        elif kind == "replace" and not (b - a == d - c and all(map(_similar, first[a:b], second[c:d]))):
            return False
    return extra <= min(len(first), len(second)) // WORDS_PER_EDIT


def with_known_ids(
    listing: Listing, known: Iterable[Known], settled: Collection[str], today: dt.date
) -> Listing:
    """Return a feed's listing, each entry that an earlier digest lists under another id with that id.

    `settled` are ids that stay, since reports have them. `today` is the day of entries without one.
    """
    feed = canonical_link(f"https://{listing.status.name}")
    listed = {paper.id for paper in listing.papers}
    by_link: dict[str, dict[str, Known]] = {}  # by id
    for entry in known:
        by_link.setdefault(canonical_link(entry.url), {}).setdefault(entry.id, entry)

    def earlier(paper: Paper) -> Known | None:
        link = canonical_link(paper.links.page)
        others = [
            entry
            for entry in by_link.get(link, {}).values()
            if link != feed or (entry.id not in listed and paper.announced in {entry.day, today})
        ]
        equal = (entry for entry in others if _words(entry.title) == _words(paper.title))
        similar = (entry for entry in others[:MOST_COMPARED] if same_title(entry.title, paper.title))
        return next(equal, None) or next(similar, None)

    def identified(paper: Paper) -> Paper:
        fixed = paper.id in settled or not paper.id.startswith(FEED.id_prefix)
        found = None if fixed else earlier(paper)
        return paper.model_copy(update={"id": found.id}) if found else paper

    return replace(listing, papers=tuple(map(identified, listing.papers)))


@functools.lru_cache(maxsize=10_000)
def _words(title: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", fold(title)))


def _similar(one: str, other: str) -> bool:
    if _has_digit(one) or _has_digit(other):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= MIN_SIMILARITY


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)
