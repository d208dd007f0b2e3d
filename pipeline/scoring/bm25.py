"""The local ranking: BM25 over words and word pairs, with the statistics of the day's own listing.

It orders every candidate. Without a model it is the whole judgment; with one it breaks ties and says
what is left out past `max_scored`. Only Latin letters and digits make words: a profile or a paper in
another script has none, which `shared_with_day` tells.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.core.models import Paper
from pipeline.scoring import query as prose_of_profile

K1 = 1.2  # how fast repeats of a word stop adding to the score
FEWEST_TERMS = 5  # of the profile, in its text or on a day: with fewer, ranking is guesswork
B = 0.75  # how much a long abstract is held against a paper
TITLE = 2  # a term of the title counts this many extra times
SEED_TERMS = 40  # terms taken over from the liked papers
SEED_WEIGHT = 1.0

WORD = re.compile(r"[a-z0-9]+")

# The second group is what every abstract says of itself. Known cost: "all-in-one" vanishes.
STOP_WORDS = frozenset(
    WORD.findall("""
    a an the of for and or to in on with by from at as is are was were be been being this that these those
    it its we our i my me am you your they their he she his her not no nor do does did done can could may
    might will would shall should must have has had which who whom whose what when where why how than then
    so such but if while also more most less least very into over under between within without via per both
    each any all some other others one ones two only just about such etc out off up against among them us see
    instead rather something anything even still already here there

    using use used based work working interested interest study studies papers paper approach method methods
    propose proposed novel new results show
    """)
)
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i"})


@dataclass(frozen=True)
class Query:
    """What is looked for: term → how often the profile says it."""

    weights: Mapping[str, float]


@dataclass(frozen=True)
class Ranked:
    """A paper's place (from 1) and score; `shared` are the query's terms it contains, the strongest first."""

    id: str
    score: float
    rank: int
    shared: tuple[str, ...]


@dataclass(frozen=True)
class _Counts:
    """One paper as counted terms; `length` is their sum."""

    id: str
    terms: Mapping[str, int]
    length: int


@dataclass(frozen=True)
class _Day:
    """The day's own statistics: how many papers, in how many of them a term occurs, how long they are."""

    papers: int
    containing: Mapping[str, int]
    mean_length: float

    def idf(self, term: str) -> float:
        """ln(1 + (n - df + 0.5) / (df + 0.5)): never negative, even for a word that every paper uses."""
        df = self.containing.get(term, 0)
        return math.log(1 + (self.papers - df + 0.5) / (df + 0.5))


def query(prose: str, keywords: Sequence[str], avoid: Sequence[str]) -> Query:
    """A profile's wishes as weighted terms.

    What the prose says under a heading such as "Not wanted", or in a sentence such as "I am not
    interested in …", is left out (`prose.wanted`), and so is every occurrence of an avoided phrase.
    Keywords count as prose: a word said three times weighs three.
    """
    phrases = sorted({tuple(_tokens(phrase)) for phrase in avoid} - {()}, key=len, reverse=True)
    weights: Counter[str] = Counter()
    for text in (prose_of_profile.wanted(prose), *keywords):
        for run in _without(_tokens(text), phrases):
            weights.update(_terms(run))
    return Query({term: float(count) for term, count in weights.items()})


def rank(papers: Sequence[Paper], query: Query, liked: Sequence[Paper] = ()) -> tuple[Ranked, ...]:
    """Every paper, best first, ties by id; the order that papers come in changes nothing.

    BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the
    1 + in the idf is Lucene's) with query term frequency, over n papers:

        score(d) = Σ_t w(t) · idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · L/avgL))
        idf(t)   = ln(1 + (n - df + 0.5) / (df + 0.5))
        tf       = times t stands in the abstract + 2 · times it stands in the title
        L        = Σ tf over all terms of d; avgL its mean over the day

    Terms are words and pairs of adjacent words, without stop words. `liked` papers add to w (Rocchio,
    1971, positive part): of their terms the 40 with the highest r · idf, each with r / len(liked), r
    being the number of liked papers that contain it. They raise scores, but are not named in `shared`.
    """
    counted = [_counts(paper) for paper in papers]
    day = _day(counted)
    weights = dict(query.weights)
    for term, weight in _seeds(liked, day).items():
        weights[term] = weights.get(term, 0.0) + weight
    strength = {term: weight * day.idf(term) for term, weight in weights.items()}
    scored = []
    for document in counted:
        parts = _parts(document, strength, day)
        shared = sorted(parts.keys() & query.weights.keys(), key=lambda term: (-parts[term], term))
        scored.append((-sum(parts.values()), document.id, tuple(shared)))
    scored.sort()
    return tuple(
        Ranked(name, -negated, place, shared) for place, (negated, name, shared) in enumerate(scored, 1)
    )


def shared_with_day(papers: Sequence[Paper], query: Query) -> int:
    """How many different terms of the profile occur in the day's listing."""
    wanted = set(query.weights)
    found: set[str] = set()
    for paper in papers:
        found |= wanted & _counts(paper).terms.keys()
    return len(found)


def _parts(document: _Counts, strength: Mapping[str, float], day: _Day) -> dict[str, float]:
    """What each term contributes to a document's score; terms that it lacks are not in there."""
    relative = document.length / day.mean_length if day.mean_length else 0.0
    damping = K1 * (1 - B + B * relative)
    parts = {}
    for term, weight in strength.items():
        tf = document.terms.get(term, 0)
        if tf:
            parts[term] = weight * tf * (K1 + 1) / (tf + damping)
    return parts


def _seeds(liked: Sequence[Paper], day: _Day) -> dict[str, float]:
    """Term → weight, out of the liked papers; only terms that the day has, the others could find nothing."""
    containing: Counter[str] = Counter()
    for paper in liked:
        containing.update(_counts(paper).terms.keys())
    present = [term for term in containing if day.containing.get(term)]
    present.sort(key=lambda term: (-containing[term] * day.idf(term), term))
    return {term: SEED_WEIGHT * containing[term] / len(liked) for term in present[:SEED_TERMS]}


def _day(counted: Sequence[_Counts]) -> _Day:
    containing: Counter[str] = Counter()
    for document in counted:
        containing.update(document.terms.keys())
    total = sum(document.length for document in counted)
    return _Day(len(counted), containing, total / len(counted) if counted else 0.0)


def _counts(paper: Paper) -> _Counts:
    terms = Counter(_terms(_tokens(paper.abstract)))
    for term in _terms(_tokens(paper.title)):
        terms[term] += TITLE
    return _Counts(paper.id, terms, sum(terms.values()))


def _terms(tokens: Sequence[str]) -> list[str]:
    """The words, and each pair of neighbors: pairs are formed after the stop words are gone."""
    return [*tokens, *(f"{left} {right}" for left, right in pairwise(tokens))]


def _tokens(text: str) -> list[str]:
    """Words of two or more letters or digits, lower case, accents folded ("Schrödinger" is one word)."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text.lower().translate(LETTERS))
        text = "".join(char for char in folded if not unicodedata.combining(char))
    return [word for word in WORD.findall(text.lower()) if len(word) > 1 and word not in STOP_WORDS]


def _without(tokens: Sequence[str], phrases: Iterable[tuple[str, ...]]) -> list[list[str]]:
    """The tokens cut where an avoided phrase stood, so that no pair is formed across the gap."""
    phrases = list(phrases)
    runs: list[list[str]] = [[]]
    at = 0
    while at < len(tokens):
        found = next((phrase for phrase in phrases if tuple(tokens[at : at + len(phrase)]) == phrase), None)
        if found:
            runs.append([])
        else:
            runs[-1].append(tokens[at])
        at += len(found) if found else 1
    return runs
