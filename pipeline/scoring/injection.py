"""Detect titles and abstracts that address a model; such papers are marked in a separate call and flagged.

Nothing else depends on it: no mark, no rank, no exclusion. A paper that studies or quotes such sentences is
flagged too, without disadvantage. This is not a defense: other wordings are not detected, and an undetected
paper can influence the marks of its batch, but not the text of another paper.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline.core import unicode
from pipeline.scoring.injection_patterns import ENGLISH, EUROPEAN, JOINED_LETTERS, NOT_LATIN, Rules


@lru_cache(maxsize=4096)  # called again when a paper's flags are set
def addresses_a_model(text: str) -> bool:
    """Return True if a title or abstract seems to give instructions to a model, in six languages or obfuscated."""
    folded = unicode.fold(text)
    joined = unicode.join_spaced_letters(folded)
    decoded = unicode.decode_leet(folded)
    return (
        _matches(folded, ENGLISH)
        or _matches(folded, EUROPEAN)
        or (not folded.isascii() and _matches(folded, NOT_LATIN))
        or (bool(joined) and _matches(joined, JOINED_LETTERS))
        or (bool(decoded) and _matches(decoded, ENGLISH))
    )


def _matches(text: str, rules: Rules) -> bool:
    for rule in rules:
        substrings, more_substrings = _split(rule.any_of), _split(rule.and_any_of)
        if (
            _contains_any(text, substrings)
            and _contains_any(text, more_substrings)
            and _compile(rule.pattern).search(text)
        ):
            return True
    return False


def _contains_any(text: str, substrings: tuple[str, ...]) -> bool:
    return any(substring in text for substring in substrings)


@cache
def _split(substrings: str) -> tuple[str, ...]:
    return tuple(substrings.split("|"))


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
