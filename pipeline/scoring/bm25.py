"""Local ranking: BM25 over words and word pairs, with the term statistics of the day's own listing.

It ranks every candidate. Without a model the rank is the only judgment; with a model it breaks ties and
decides which papers beyond `max_scored` are not marked. Only Latin letters and digits form words: a profile
or paper in another script has none, which `count_shared_terms` reveals.
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
from pipeline.scoring.query import wanted_prose

K1 = 1.2  # term frequency saturation: how fast repeats of a term stop adding to the score
MIN_TERMS = 5  # of a profile, or shared with a day's papers: with fewer, the ranking is guesswork
B = 0.75  # length normalization: how much a long abstract lowers the score
TITLE_WEIGHT = 2  # a term of the title counts as this many occurrences
MAX_SEED_TERMS = 40  # terms taken from the liked papers
SEED_WEIGHT = 1.0

WORD = re.compile(r"[a-z0-9]+")

# The second group are words that every abstract uses about itself. Known cost: "all-in-one" vanishes.
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
# Letters that NFKD does not decompose.
LETTER_REPLACEMENTS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i"}
)


@dataclass(frozen=True)
class Query:
    """The terms to search for, each with its number of occurrences in the profile."""

    weights: Mapping[str, float]


@dataclass(frozen=True)
class Ranked:
    """A paper's rank (from 1) and score; `shared` are the query terms it contains, highest contribution first."""

    id: str
    score: float
    rank: int
    shared: tuple[str, ...]


@dataclass(frozen=True)
class _Document:
    """The term counts of one paper; `length` is their sum."""

    id: str
    terms: Mapping[str, int]
    length: int


@dataclass(frozen=True)
class _Corpus:
    """Statistics of the day's listing: number of papers, document frequencies, mean length."""

    papers: int
    document_frequency: Mapping[str, int]
    mean_length: float

    def idf(self, term: str) -> float:
        """Compute ln(1 + (n - df + 0.5) / (df + 0.5)): never negative, even for a term that every paper contains."""
        df = self.document_frequency.get(term, 0)
        return math.log(1 + (self.papers - df + 0.5) / (df + 0.5))


def build_query(prose: str, keywords: Sequence[str], avoid: Sequence[str]) -> Query:
    """Build the query from a profile: its prose and keywords as weighted terms.

    Text under a heading such as "Not wanted", sentences such as "I am not interested in …" (see
    `query.wanted_prose`) and all occurrences of an avoided phrase are omitted. Keywords count as prose: a
    word that occurs three times has weight three.
    """
    phrases = sorted({tuple(_tokens(phrase)) for phrase in avoid} - {()}, key=len, reverse=True)
    weights: Counter[str] = Counter()
    for text in (wanted_prose(prose), *keywords):
        for run in _split_at_phrases(_tokens(text), phrases):
            weights.update(_terms(run))
    return Query({term: float(count) for term, count in weights.items()})


def rank(papers: Sequence[Paper], query: Query, liked: Sequence[Paper] = ()) -> tuple[Ranked, ...]:
    """Rank all papers, best first, ties by id; the order of the input has no effect.

    BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the
    1 + in the idf is Lucene's) with query term frequency, over n papers:

        score(d) = Σ_t w(t) · idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · L/avgL))
        idf(t)   = ln(1 + (n - df + 0.5) / (df + 0.5))
        tf       = occurrences of t in the abstract + 2 · occurrences in the title
        L        = Σ tf over all terms of d; avgL its mean over the day

    Terms are words and pairs of adjacent words, without stop words. `liked` papers add to w (Rocchio,
    1971, positive part): of their terms the 40 with the highest r · idf, each with r / len(liked), r
    being the number of liked papers that contain it. They raise scores, but are not listed in `shared`.
    """
    documents = [_document(paper) for paper in papers]
    corpus = _corpus(documents)
    weights = dict(query.weights)
    for term, weight in _seed_weights(liked, corpus).items():
        weights[term] = weights.get(term, 0.0) + weight
    term_weights = {term: weight * corpus.idf(term) for term, weight in weights.items()}
    scored = []
    for document in documents:
        contributions = _contributions(document, term_weights, corpus)
        shared = sorted(
            contributions.keys() & query.weights.keys(), key=lambda term: (-contributions[term], term)
        )
        scored.append((-sum(contributions.values()), document.id, tuple(shared)))
    scored.sort()
    return tuple(
        Ranked(paper_id, -negated, rank, shared) for rank, (negated, paper_id, shared) in enumerate(scored, 1)
    )


def count_shared_terms(papers: Sequence[Paper], query: Query) -> int:
    """Count the distinct query terms that occur in the day's papers."""
    terms = set(query.weights)
    shared: set[str] = set()
    for paper in papers:
        shared |= terms & _document(paper).terms.keys()
    return len(shared)


def _contributions(
    document: _Document, term_weights: Mapping[str, float], corpus: _Corpus
) -> dict[str, float]:
    """The contribution of each term to a document's score; terms that it does not contain are absent."""
    relative = document.length / corpus.mean_length if corpus.mean_length else 0.0
    damping = K1 * (1 - B + B * relative)
    contributions = {}
    for term, weight in term_weights.items():
        tf = document.terms.get(term, 0)
        if tf:
            contributions[term] = weight * tf * (K1 + 1) / (tf + damping)
    return contributions


def _seed_weights(liked: Sequence[Paper], corpus: _Corpus) -> dict[str, float]:
    """Weights of terms from the liked papers; only terms of the day's papers, since others match nothing."""
    containing: Counter[str] = Counter()
    for paper in liked:
        containing.update(_document(paper).terms.keys())
    present = [term for term in containing if corpus.document_frequency.get(term)]
    present.sort(key=lambda term: (-containing[term] * corpus.idf(term), term))
    return {term: SEED_WEIGHT * containing[term] / len(liked) for term in present[:MAX_SEED_TERMS]}


def _corpus(documents: Sequence[_Document]) -> _Corpus:
    document_frequency: Counter[str] = Counter()
    for document in documents:
        document_frequency.update(document.terms.keys())
    total = sum(document.length for document in documents)
    return _Corpus(len(documents), document_frequency, total / len(documents) if documents else 0.0)


def _document(paper: Paper) -> _Document:
    terms = Counter(_terms(_tokens(paper.abstract)))
    for term in _terms(_tokens(paper.title)):
        terms[term] += TITLE_WEIGHT
    return _Document(paper.id, terms, sum(terms.values()))


def _terms(tokens: Sequence[str]) -> list[str]:
    """The words and each pair of adjacent words; stop words are removed before pairs are formed."""
    return [*tokens, *(f"{left} {right}" for left, right in pairwise(tokens))]


def _tokens(text: str) -> list[str]:
    """Words of two or more letters or digits, lowercase, accents removed ("Schrödinger" is one word)."""
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text.lower().translate(LETTER_REPLACEMENTS))
        text = "".join(char for char in folded if not unicodedata.combining(char))
    return [word for word in WORD.findall(text.lower()) if len(word) > 1 and word not in STOP_WORDS]


def _split_at_phrases(tokens: Sequence[str], phrases: Iterable[tuple[str, ...]]) -> list[list[str]]:
    """Remove the phrases and split the tokens there, so that no pair is formed across the gap."""
    phrases = list(phrases)
    runs: list[list[str]] = [[]]
    index = 0
    while index < len(tokens):
        match = next(
            (phrase for phrase in phrases if tuple(tokens[index : index + len(phrase)]) == phrase), None
        )
        if match:
            runs.append([])
        else:
            runs[-1].append(tokens[index])
        index += len(match) if match else 1
    return runs
