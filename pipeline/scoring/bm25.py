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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.core.models import Paper
from pipeline.core.stop_words import STOP_WORDS
from pipeline.scoring.query import wanted_prose, without_addresses

K1 = 1.2  # term frequency saturation: how fast repeats of a term stop adding to the score
MIN_TERMS = 5  # of a profile, or shared with a day's papers: with fewer, the ranking is guesswork
B = 0.75  # length normalization: how much a long abstract lowers the score
TITLE_WEIGHT = 2  # a term of the title counts as this many occurrences
MEDIANS = 3  # a paper with so many times the median score of its day stands out
COMMON_SHARE = 0.2  # of the day's papers; a term that more of them contain is common
MAX_SEED_TERMS = 40  # terms taken from the liked papers; and as many from those that were voted on
LESS_WEIGHT = 0.5  # what a term of unwanted papers takes away, beside what one of wanted papers adds
FEW_VOTES = 5  # so many votes of a kind weigh half of what any number can

WORD = re.compile(r"[a-z0-9]+")
IGNORED = STOP_WORDS | {"interest", "interested"}  # the last two: words of a profile about itself

# Letters that NFKD does not decompose.
LETTER_REPLACEMENTS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i"}
)


Query = Mapping[str, float]  # the terms to search for, each with its number of occurrences in the profile


@dataclass(frozen=True)
class Votes:
    """Papers that the reader wants more or less of. `cap`: how far they move a score, as a share of the day's best one."""

    more: Sequence[Paper] = ()
    less: Sequence[Paper] = ()
    cap: float = 0.0


NO_VOTES = Votes()


@dataclass(frozen=True)
class Ranked:
    """A paper's rank (from 1) and score; `shared` are the query terms it contains, highest contribution first."""

    id: str
    score: float
    rank: int
    shared: tuple[str, ...]


@dataclass(frozen=True)
class _Corpus:
    """Statistics of the day's listing: number of papers, document frequencies, mean length."""

    papers: int
    document_frequency: Mapping[str, int]
    mean_length: float

    @classmethod
    def of(cls, documents: Sequence[Counter[str]]) -> _Corpus:
        """Count a day's documents; a mean length of 0 becomes 1, since nothing is ranked by it then."""
        document_frequency = Counter(term for document in documents for term in document)
        total = sum(document.total() for document in documents)
        return cls(len(documents), document_frequency, total / len(documents) if total else 1.0)

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
    return weights


def rank(
    papers: Sequence[Paper], query: Query, liked: Sequence[Paper] = (), votes: Votes = NO_VOTES
) -> tuple[Ranked, ...]:
    """Rank all papers, best first, ties by id; the order of the input has no effect.

    BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; the
    1 + in the idf is Lucene's) with query term frequency, over n papers:

        score(d) = Σ_t w(t) · idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · L/avgL))
        idf(t)   = ln(1 + (n - df + 0.5) / (df + 0.5))
        tf       = occurrences of t in the abstract + 2 · occurrences in the title
        L        = Σ tf over all terms of d; avgL its mean over the day

    Terms are words and pairs of adjacent words, without stop words. `liked` papers add to w (Rocchio,
    1971, positive part): of their terms the 40 with the highest r · idf, each with r / len(liked), r
    being the number of liked papers that contain it. They raise scores, but are not listed in `shared`. `votes` raise and
    lower scores likewise, see `_vote_scores`.
    """
    documents = [(paper.id, _document(paper)) for paper in papers]
    corpus = _Corpus.of([document for _, document in documents])
    weights = dict(query)
    for term, weight in _seed_weights(liked, corpus).items():
        weights[term] = weights.get(term, 0.0) + weight
    term_weights = {term: weight * corpus.idf(term) for term, weight in weights.items()}
    scores: dict[str, float] = {}
    shared: dict[str, tuple[str, ...]] = {}
    for paper_id, document in documents:
        contributions = _contributions(document, term_weights, corpus)
        scores[paper_id] = sum(contributions.values())
        own = contributions.keys() & query.keys()
        shared[paper_id] = tuple(sorted(own, key=lambda term: (-contributions[term], term)))
    if votes.more or votes.less:
        moved = _vote_scores(documents, votes, corpus, most=votes.cap * max(scores.values(), default=0.0))
        scores = {paper_id: score + moved[paper_id] for paper_id, score in scores.items()}
    ordered = sorted((-score, paper_id) for paper_id, score in scores.items())
    return tuple(
        Ranked(paper_id, -negated, rank, shared[paper_id])
        for rank, (negated, paper_id) in enumerate(ordered, start=1)
    )


def terms(text: str) -> list[str]:
    """The terms of a text: its words, and pairs of adjacent words, without stop words."""
    return _terms(_tokens(text))


def stands_out(ranked: Sequence[Ranked]) -> frozenset[str]:
    """Ids of papers with at least MEDIANS times the median score of the day.

    BM25 has no scale of its own: what a score is worth depends on the length of the profile and on the day's papers.
    """
    if not ranked:
        return frozenset()
    least = MEDIANS * max(0.0, median(paper.score for paper in ranked))  # votes may take more than there is
    return frozenset(paper.id for paper in ranked if paper.score >= least)


def common_terms(ranked: Collection[Ranked]) -> frozenset[str]:
    """The query terms of more than COMMON_SHARE of the papers: they do not tell one paper from another."""
    counts = Counter(term for paper in ranked for term in paper.shared)
    return frozenset(term for term, count in counts.items() if count > COMMON_SHARE * len(ranked))


def count_shared_terms(papers: Sequence[Paper], query: Query) -> int:
    """Count the distinct query terms that occur in the day's papers."""
    return len(query.keys() & {term for paper in papers for term in _document(paper)})


def _contributions(
    document: Counter[str], term_weights: Mapping[str, float], corpus: _Corpus
) -> dict[str, float]:
    """The contribution of each term to a document's score; terms that it does not contain are absent."""
    relative_length = document.total() / corpus.mean_length
    damping = K1 * (1 - B + B * relative_length)
    return {
        term: weight * document[term] * (K1 + 1) / (document[term] + damping)
        for term, weight in term_weights.items()
        if term in document
    }


def _seed_weights(liked: Sequence[Paper], corpus: _Corpus) -> dict[str, float]:
    """Weights of terms from the liked papers; only terms of the day's papers, since others match nothing."""
    containing = Counter(term for paper in liked for term in _document(paper))
    present = [term for term in containing if term in corpus.document_frequency]
    present.sort(key=lambda term: (-containing[term] * corpus.idf(term), term))
    return {term: containing[term] / len(liked) for term in present[:MAX_SEED_TERMS]}


def _vote_scores(
    documents: Sequence[tuple[str, Counter[str]]], votes: Votes, corpus: _Corpus, *, most: float
) -> dict[str, float]:
    """What votes add to each document's score, or take away; all are scaled down together if one exceeds `most`.

    A term weighs r+ / (n+ + 5) - 0.5 · r- / (n- + 5), r+ and r- being the numbers of wanted and unwanted papers that
    contain it, of n+ and n-; the 40 terms of the day with the highest weight · idf, either way, count (Rocchio, 1971).
    What both kinds of papers contain weighs little, so that what tells them apart decides.
    """
    more, less = (
        Counter(term for p in papers for term in _document(p)) for papers in (votes.more, votes.less)
    )
    weights = {
        term: more[term] / (len(votes.more) + FEW_VOTES)
        - LESS_WEIGHT * less[term] / (len(votes.less) + FEW_VOTES)
        for term in more.keys() | less.keys()
        if term in corpus.document_frequency
    }
    term_weights = {term: weight * corpus.idf(term) for term, weight in weights.items()}
    strongest = sorted(term_weights, key=lambda term: (-abs(term_weights[term]), term))[:MAX_SEED_TERMS]
    chosen = {term: term_weights[term] for term in strongest}
    moved = {key: sum(_contributions(document, chosen, corpus).values()) for key, document in documents}
    largest = max(map(abs, moved.values()), default=0.0)
    scale = min(1.0, most / largest) if largest else 1.0
    return {key: scale * value for key, value in moved.items()}


def _document(paper: Paper) -> Counter[str]:
    """The terms of a paper; those of the title count TITLE_WEIGHT times.

    Addresses are no terms: the "com" of github.com would match a profile in a language that has the word.
    """
    title, abstract = without_addresses(paper.title), without_addresses(paper.abstract)
    return Counter([*terms(abstract), *TITLE_WEIGHT * terms(title)])


def _terms(tokens: Sequence[str]) -> list[str]:
    """The words and each pair of adjacent words; stop words are removed before pairs are formed."""
    return [*tokens, *(f"{left} {right}" for left, right in pairwise(tokens))]


def _tokens(text: str) -> list[str]:
    """Words of two or more letters or digits, lowercase, accents removed ("Schrödinger" is one word)."""
    if not text.isascii():  # most texts are, and a look at every character is half of the ranking's time
        folded = unicodedata.normalize("NFKD", text.lower().translate(LETTER_REPLACEMENTS))
        text = "".join(char for char in folded if not unicodedata.combining(char))
    return [word for word in WORD.findall(text.lower()) if len(word) > 1 and word not in IGNORED]


def _split_at_phrases(tokens: Sequence[str], phrases: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Remove the phrases and split the tokens there, so that no pair is formed across the gap."""
    runs: list[list[str]] = [[]]
    index = 0
    while index < len(tokens):
        match = next(
            (phrase for phrase in phrases if tuple(tokens[index : index + len(phrase)]) == phrase), None
        )
        if match:
            runs.append([])
            index += len(match)
        else:
            runs[-1].append(tokens[index])
            index += 1
    return runs
