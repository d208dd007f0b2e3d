"""Does a title or an abstract speak to a model? Then the paper is marked in a call of its own, and flagged.

Nothing else follows from it: no mark, no rank, no exclusion. A paper that studies or quotes such sentences
is flagged too, and loses nothing by it. This is no defense: whoever words it differently passes, and a
paper that passes can sway the marks of its batch, not the text of another paper.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline.core import unicode
from pipeline.scoring.injection_patterns import CLOSED_UP, ENGLISH, EUROPEAN, NOT_LATIN, Rules


@lru_cache(maxsize=4096)  # asked again when a paper's flags are set
def addresses_a_model(text: str) -> bool:
    """Whether a title or an abstract seems to give a model orders, in any of six languages or in disguise."""
    plain = unicode.plain(text)
    apart = unicode.closed_up(plain)
    unleeted = unicode.unleeted(plain)
    return (
        _matches(plain, ENGLISH)
        or _matches(plain, EUROPEAN)
        or (not plain.isascii() and _matches(plain, NOT_LATIN))
        or (bool(apart) and _matches(apart, CLOSED_UP))
        or (bool(unleeted) and _matches(unleeted, ENGLISH))
    )


def _matches(text: str, rules: Rules) -> bool:
    for rule in rules:
        pieces, others = _listed(rule.pieces), _listed(rule.others)
        if _has_one(text, pieces) and _has_one(text, others) and _compiled(rule.pattern).search(text):
            return True
    return False


def _has_one(text: str, pieces: tuple[str, ...]) -> bool:
    return any(piece in text for piece in pieces)


@cache
def _listed(pieces: str) -> tuple[str, ...]:
    return tuple(pieces.split("|"))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
