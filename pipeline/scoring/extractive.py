"""Judge and analyze papers without a model: the BM25 rank as the verdict, quoted sentences as the analysis.

No sentence is generated and no paper gets a score of 0-100; the page tells its readers so.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from pipeline.core.models import MAX_BRIEF_WORDS, Analysis, Claim, Section, Sentence, Text, Verdict
from pipeline.core.tokens import count_words
from pipeline.llm.prompts import DeclaredSection
from pipeline.scoring import bm25
from pipeline.scoring.bm25 import Ranked
from pipeline.scoring.injection import addresses_a_model

JUDGED_BY = "local"
MAX_TERMS = 4
QUOTES_PER_SECTION = 2
MAX_QUOTE_LENGTH = 400  # characters; a longer "sentence" is a list or debris
SentenceFilter = Callable[
    [DeclaredSection, Sentence], bool
]  # (section, sentence) -> whether it may be quoted there


def verdict(ranked: Ranked, telling: Sequence[str] = ()) -> Verdict:
    """Build a verdict without marks and score: the rank, and as the reason what tells of the terms shared with the profile.

    Where nothing tells, terms are named that many papers share.
    """
    reason = ", ".join((telling or _without_repeats(ranked.shared))[:MAX_TERMS])
    return Verdict.without_marks(rank=ranked.rank, reason=reason, judged_by=JUDGED_BY)


def telling_terms(
    shared: Sequence[str], keywords: Sequence[str], common: Collection[str], least: int
) -> list[str]:
    """The shared terms that tell a paper from the day's others: keywords as written, their parts, pairs of words of the prose.

    Within each, the highest contribution comes first. `common` terms are left out. Single words of the prose say little
    without their sentence, and follow only where the others have fewer than `least` words.
    """
    of_keywords = {keyword: bm25.terms(keyword) for keyword in keywords}
    place = {term: index for index, term in enumerate(shared)}
    whole = [k for k, found in of_keywords.items() if all(term in place for term in found)]
    whole = [keyword for keyword in whole if not set(common).issuperset(of_keywords[keyword])]
    whole.sort(key=lambda keyword: min(place[term] for term in of_keywords[keyword]))
    known = {term for found in of_keywords.values() for term in found}
    pairs_first = [term for term in sorted(shared, key=lambda term: " " not in term) if term not in common]
    parts = [term for term in pairs_first if term in known]
    pairs = [term for term in pairs_first if " " in term and term not in known]
    telling = _without_repeats([*whole, *parts, *pairs])
    return telling if count_words_of(telling) >= least else _without_repeats([*telling, *pairs_first])


def count_words_of(terms: Iterable[str]) -> int:
    """Count the distinct words of terms, plural or not: `vision language` and `vision` have two."""
    return len({word for term in terms for word in _stems(term)})


def _without_repeats(terms: Iterable[str]) -> list[str]:
    """The terms without those whose words all stand in an earlier one."""
    named: list[str] = []
    for term in terms:
        if not any(_stems(term) <= _stems(other) for other in named):
            named.append(term)
    return named


def _stems(term: str) -> set[str]:
    """The words of a term, plural or not."""
    return {word.removesuffix("s") for word in bm25.terms(term) if " " not in word}


def quote(
    text: Text,
    title: str,
    sections: Iterable[DeclaredSection],
    language: str,
    *,
    fits: SentenceFilter = lambda _section, _sentence: True,
) -> Analysis:
    """Build an analysis of quotations: per section, up to QUOTES_PER_SECTION sentences with the most cues.

    A sentence is quoted once, and only in a section that it `fits`. Sections of inferences stay empty, as
    they need a model. If no sentence contains a cue, the first section of claims quotes the first sentences.
    """
    remaining = [sentence for sentence in text.sentences if len(sentence.text) <= MAX_QUOTE_LENGTH]
    declared = tuple(sections)
    chosen: dict[str, list[Sentence]] = {}
    for section in (candidate for candidate in declared if candidate.kind != "inference"):
        fitting = [sentence for sentence in remaining if fits(section, sentence)]
        chosen[section.id] = _by_cues(fitting, section.cues)[:QUOTES_PER_SECTION]
        remaining = [sentence for sentence in remaining if sentence not in chosen[section.id]]
    if chosen and not any(chosen.values()):
        first = next(section for section in declared if section.id in chosen)
        chosen[first.id] = [s for s in text.sentences if fits(first, s)][:QUOTES_PER_SECTION]
    quoted = (_section(section, chosen.get(section.id, ()), language) for section in declared)
    return Analysis(headline=title, hook="", sections=tuple(quoted))


def quote_in_short(text: Text, sections: Iterable[DeclaredSection]) -> str:
    """Choose the one sentence that says most about a paper: with the most cues of the first section of which any has one.

    If no sentence has a cue, the first one. Sentences above MAX_BRIEF_WORDS are never chosen, nor is one that addresses a
    model; empty if none is left.
    """
    short = [
        sentence
        for sentence in text.sentences
        if len(sentence.text) <= MAX_QUOTE_LENGTH
        and count_words(sentence.text) <= MAX_BRIEF_WORDS
        and not addresses_a_model(sentence.text)
    ]
    stating = (one for one in sections if one.kind != "inference" and not one.is_limitations)
    by_section = (_by_cues(short, section.cues) for section in stating)
    chosen = next((found for found in by_section if found), short)
    return chosen[0].text if chosen else ""


def _by_cues(sentences: Sequence[Sentence], cues: Sequence[str]) -> list[Sentence]:
    """Sentences with cues, most cues first, then in text order; a cue matches at the start of a word."""
    patterns = [re.compile(rf"(?<!\w){re.escape(cue)}", re.IGNORECASE) for cue in cues]
    counted = [(sum(bool(pattern.search(s.text)) for pattern in patterns), s) for s in sentences]
    ordered = sorted((match for match in counted if match[0]), key=lambda match: (-match[0], match[1].id))
    return [sentence for _, sentence in ordered]


def _section(declared: DeclaredSection, sentences: Sequence[Sentence], language: str) -> Section:
    claims = tuple(
        Claim(
            text=s.text, terms=(), kind="admitted" if declared.is_limitations else "stated", evidence=(s.id,)
        )
        for s in sorted(sentences, key=lambda s: s.id)
    )
    return Section(
        id=declared.id, title=declared.title_in(language), kind=declared.reported_kind, claims=claims
    )
