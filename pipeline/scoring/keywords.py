"""Propose English keywords for a new profile: terms and phrases of its text, or what a model answers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from pydantic import BaseModel

from pipeline.core.stop_words import STOP_WORDS
from pipeline.llm.interface import Question

MAX_KEYWORDS = 12
MAX_WORDS = 4  # of a phrase
MAX_LENGTH = 60  # characters of a keyword
ENGLISH = 0.12  # of the words of an English text or list of titles, at least so many are stop words
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1fff\u3040-\ud7af\uf900-\ufaff]")
_BETWEEN = re.compile(r"[ \n]+")


class Keywords(BaseModel):
    """The answer of a model."""

    keywords: list[str]


def propose(prose: str, titles: Sequence[str], terms: Sequence[str]) -> tuple[str, ...]:
    """Return keywords, most certain first: known `terms`, phrases between stop words, word pairs that repeat.

    From an English text a pair is taken if it occurs twice, since the text itself is part of the query already; from
    titles if it occurs three times: a pair of two titles was measured to do harm. In a text of another script every
    English phrase without stop words is a term. A text in another language with Latin letters gives no phrases.
    """
    phrases: list[str] = []
    if _OTHER_SCRIPT.search(prose):
        phrases += (" ".join(words) for words in _segments(prose) if _is_term(words))
    elif is_english(prose):
        phrases += _repeated_pairs([prose], 2)
    if is_english("\n".join(titles)):
        phrases += _repeated_pairs(titles, 3)
    return tidy([*terms, *phrases])[:MAX_KEYWORDS]


def tidy(words: Sequence[str]) -> tuple[str, ...]:
    """Return the keywords that have a Latin word, each once whatever its capitals, none longer than MAX_LENGTH."""
    shown = [" ".join(word.split()) for word in words]
    fitting = {
        word.casefold(): word for word in reversed(shown) if _WORD.search(word) and len(word) <= MAX_LENGTH
    }
    return tuple(fitting[key] for key in dict.fromkeys(word.casefold() for word in shown) if key in fitting)


def is_english(text: str) -> bool:
    """Whether a text in Latin letters is English, by its share of English stop words."""
    words = [word.lower() for word in _WORD.findall(text)]
    return bool(words) and sum(word in STOP_WORDS for word in words) >= ENGLISH * len(words)


def question(prose: str, titles: Sequence[str], about: str) -> Question[Keywords]:
    """Build the question that asks a model for keywords."""
    listed = "\n".join(f"- {title}" for title in titles)
    return Question(
        stage="score",
        about=about,
        system=(
            "You help a researcher to set up a search among new papers on arXiv. You answer with 6 to 12 English "
            "keywords: phrases of one to four words, as titles and abstracts of the field use them, from narrow to "
            "wide. Nothing that the researcher does not want to read. No words that every paper has, such as "
            "deep learning or experiment."
        ),
        user=f"What the researcher works on:\n\n{prose}\n\nTitles of papers that the researcher has:\n\n{listed or '(none)'}",
        answer=Keywords,
        check=_check,
    )


def _check(answer: Keywords) -> str:
    return (
        ""
        if len(tidy(answer.keywords)) >= 3
        else "keywords: at least 3 in Latin letters, none above 60 characters"
    )


def _segments(text: str) -> Iterator[list[str]]:
    """Yield the words in Latin letters that neither a sign nor another script interrupts."""
    words: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        if words and not _BETWEEN.fullmatch(text, end, match.start()):
            yield words
            words = []
        words.append(match[0])
        end = match.end()
    if words:
        yield words


def _runs(text: str) -> Iterator[list[str]]:
    """Yield the segments, cut at stop words."""
    for segment in _segments(text):
        for is_stop_word, run in groupby(segment, lambda word: word.lower() in STOP_WORDS):
            if not is_stop_word:
                yield list(run)


def _repeated_pairs(texts: Sequence[str], least: int) -> list[str]:
    """Return the pairs of adjacent words that occur at least so often, the most frequent first."""
    pairs = Counter(" ".join(pair).lower() for text in texts for run in _runs(text) for pair in pairwise(run))
    return [
        pair for pair, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0])) if count >= least
    ]


def _is_term(words: Sequence[str]) -> bool:
    """Whether a segment in a text of another script is a term: an acronym, or a few words that form no sentence."""
    if len(words) == 1:
        return len(words[0]) > 2 and words[0].isupper()
    return len(words) <= MAX_WORDS and not any(word.lower() in STOP_WORDS for word in words)
