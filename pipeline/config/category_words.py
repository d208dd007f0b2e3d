"""Propose arXiv categories, and English terms, for a text, by the table `category_words.toml`. Pure.

The table has English terms of each category with their words in a few other languages; a text in a language that it does
not know is served by the English terms that it uses.
"""

import functools
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("category_words.toml")
MAX_CATEGORIES = 3
NEAR = 0.18  # of the best category's weight: one with less is not proposed
ENOUGH = 1.0  # the least weight of a proposal: one word that belongs to one category alone
FEWEST_WORDS = 2  # of one category, before any is proposed: one may be of another language ("sensores")
MAX_TEXT = 100_000  # characters that are looked at: a thousand titles
MIN_PREFIX = 5  # letters from which on a word also matches longer ones


class Term(NamedTuple):
    """A term of the table: its category, its English form, and the form that is searched for."""

    category: str
    english: str
    form: str


def propose_categories(text: str) -> tuple[str, ...]:
    """Return the categories whose terms a text uses most, best first; none if it uses hardly any.

    A term counts as many words as it has, divided among the categories that share it. Where single words alone speak for
    categories (`single_words`), none is proposed.
    """
    found = _matches(text)
    if not any(sum(words.values()) >= FEWEST_WORDS for words in _words_of_categories(found).values()):
        return ()
    sharing = Counter(term.form for term in {(term.form, term.category): term for term in found}.values())
    weights: defaultdict[str, float] = defaultdict(float)
    for term in found:
        weights[term.category] += _length(term.form) / sharing[term.form]
    best = max(weights.values(), default=0)
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return tuple(name for name, weight in ordered if weight >= max(ENOUGH, NEAR * best))[:MAX_CATEGORIES]


def single_words(text: str) -> dict[str, str]:
    """Return the categories for which one word of a text alone speaks, each with that word in English."""
    words = _words_of_categories(_matches(text))
    return {
        category: next(iter(counts))
        for category, counts in words.items()
        if sum(counts.values()) < FEWEST_WORDS
    }


def english_terms(text: str, categories: tuple[str, ...]) -> tuple[str, ...]:
    """Return the English terms of these categories that a text uses in another language, in the order of the text.

    What it uses in English is part of the ranking's query already; twice the weight was measured to do harm.
    """
    folded = _fold(text)
    first: dict[str, int] = {}
    for term in _matches(text):
        if term.category in categories and term.form != term.english:
            match = _pattern(term.form).search(folded)
            first[term.english] = min(first.get(term.english, len(folded)), match.start() if match else 0)
    return tuple(sorted(first, key=lambda english: (first[english], english)))


def terms() -> Iterator[Term]:
    """Yield every term of the table in each of its forms."""
    for category, line in tomllib.loads(TABLE.read_text("utf-8")).items():
        for entry in line.split(";"):
            english, _, others = (part.strip() for part in entry.partition("="))
            for form in dict.fromkeys((english, *filter(None, map(str.strip, others.split("/"))))):
                yield Term(category, english, form)


@functools.cache
def _terms() -> tuple[Term, ...]:
    return tuple(terms())


def _matches(text: str) -> list[Term]:
    folded = _fold(text)
    # Most terms do not occur at all, and looking for a plain string is a hundred times as fast.
    return [
        term
        for term in _terms()
        if _stem(term.form).split()[0] in folded and _pattern(term.form).search(folded)
    ]


def _words_of_categories(found: Sequence[Term]) -> dict[str, dict[str, int]]:
    """Count the words of each term that was found, by category. A term in several forms counts once, by the longest.

    `drug discovery` is two words, and so is its Japanese form of two signs.
    """
    words: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for term in found:
        length = max(_length(term.form), len(_fold(term.english).split()))
        words[term.category][term.english] = max(length, words[term.category].get(term.english, 0))
    return words


def _fold(text: str) -> str:
    """Fold to small letters without a difference of width; line breaks and hyphens between words are blanks."""
    return re.sub(r"[\s\-‐‑]+", " ", unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold())


@functools.cache
def _stem(form: str) -> str:
    """Return a form, folded and without the `s` of a plural."""
    return re.sub(r"(?:ies|(?<!s)s)$", "", _fold(form))


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    stem = _stem(form)
    if not _is_alphabetic(stem):
        return re.compile(re.escape(stem).replace(r"\ ", " ?"))  # no blanks between words, or free ones
    end = "" if len(stem.split()[-1]) >= MIN_PREFIX else r"(?:s|es|ies)?(?!\w)"
    return re.compile(rf"(?<!\w){re.escape(stem)}{end}")


def _is_alphabetic(form: str) -> bool:
    """Whether a form is written in letters with blanks between words, unlike Chinese, Japanese and Korean ones."""
    return all(ord(sign) < 0x3000 for sign in form)


def _length(form: str) -> int:
    """Count the words of a form; those of other scripts, and compounds, by their length."""
    if " " not in form and (not _is_alphabetic(form) or len(form) > 12):
        return 2 if len(form) > 3 else 1
    return len(form.split())
