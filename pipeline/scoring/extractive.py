"""Judging and reading without a model: the rank by BM25, and the paper's own sentences, quoted.

What it does is simple and said on the page: no sentence is written here, none is scored 0-100.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from pipeline.core.models import Analysis, Claim, Section, Sentence, Text, Verdict
from pipeline.llm.prompts import DeclaredSection
from pipeline.scoring.bm25 import Ranked

JUDGED_BY = "local"
MOST_TERMS = 4
QUOTES_A_SECTION = 2
LONGEST_QUOTE = 400  # characters; a longer "sentence" is a list or debris
Fits = Callable[[str, Sentence], bool]  # whether a sentence may stand in the section of that id


def verdict(ranked: Ranked) -> Verdict:
    """No score, no marks: the rank, and as the reason the terms that the paper shares with the profile."""
    return Verdict(
        topic=None,
        transfer=None,
        substance=None,
        excluded=False,
        spread=None,
        score=None,
        rank=ranked.rank,
        reason=", ".join(_telling(ranked.shared)[:MOST_TERMS]),
        judged_by=JUDGED_BY,
    )


def _telling(shared: Sequence[str]) -> list[str]:
    """The terms, strongest first, without a word or pair that a term before or after it holds."""
    return [
        one
        for one in shared
        if not any(one != other and set(one.split()) < set(other.split()) for other in shared)
    ]


def quote(
    text: Text,
    title: str,
    sections: Iterable[DeclaredSection],
    language: str,
    *,
    fits: Fits = lambda _section, _sentence: True,
) -> Analysis:
    """An analysis made of quotations: in each section the first sentences that hold one of its cues.

    A sentence is quoted once, and only where it `fits`. A section of inferences stays empty: without a model
    nobody infers. If no cue is found anywhere, the first declared section quotes the beginning of the text.
    """
    left = [sentence for sentence in text.sentences if len(sentence.text) <= LONGEST_QUOTE]
    declared = tuple(sections)
    chosen: dict[str, list[Sentence]] = {}
    for section in (one for one in declared if one.kind == "claims"):
        fitting = [sentence for sentence in left if fits(section.id, sentence)]
        chosen[section.id] = _cued(fitting, section.cues)[:QUOTES_A_SECTION]
        left = [sentence for sentence in left if sentence not in chosen[section.id]]
    if chosen and not any(chosen.values()):
        first = next(iter(chosen))
        chosen[first] = [one for one in text.sentences if fits(first, one)][:QUOTES_A_SECTION]
    quoted = (_section(section, chosen.get(section.id, ()), language) for section in declared)
    return Analysis(headline=title, hook="", sections=tuple(quoted))


def _cued(sentences: Sequence[Sentence], cues: Sequence[str]) -> list[Sentence]:
    """Sentences by how many cues they hold, most first, then in the order of the text. A cue begins a word."""
    wanted = [re.compile(rf"(?<!\w){re.escape(cue)}", re.IGNORECASE) for cue in cues]
    found = [(sum(bool(cue.search(s.text)) for cue in wanted), s) for s in sentences]
    ordered = sorted((hit for hit in found if hit[0]), key=lambda hit: (-hit[0], hit[1].id))
    return [sentence for _, sentence in ordered]


def _section(declared: DeclaredSection, sentences: Sequence[Sentence], language: str) -> Section:
    claims = tuple(
        Claim(text=s.text, terms=(), kind="stated", evidence=(s.id,))
        for s in sorted(sentences, key=lambda s: s.id)
    )
    return Section(id=declared.id, title=declared.title_in(language), kind=declared.kind, claims=claims)
