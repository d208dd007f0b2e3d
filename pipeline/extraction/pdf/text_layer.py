"""Decide whether the text layer of a PDF can be read at all. No I/O.

A font without a right table of its characters gives other characters than the page shows: shifted letters, control
characters, rare ideographs. This is recognized by how often characters occur, which needs no list of words and is
alike in all languages of a script.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final

MIN_LETTERS = 200  # of one script on a page, to judge by
MAX_UNREADABLE = 1 / 3  # share of a paper's characters on pages that are garbled, or from right to left

# The letters that are most frequent in the languages of a script, and their share in running text: of Latin script at
# least .53 (Welsh; English .63) in 97 languages, of Cyrillic .46 (Belarusian; Russian .60) in 13. The same texts shifted
# by any number of letters have at most .51 and .41 in the languages in which papers are written.
_FREQUENT: Final = {"LATIN": (frozenset("eainrtos"), 0.5), "CYRILLIC": (frozenset("оаеинтрс"), 0.43)}
_MAX_ACCENTED = 0.5  # of Latin letters: Vietnamese has .25, Yoruba .34, Cyrillic read as Latin-1 nearly 1
_MAX_UNMAPPED = 0.3  # of all characters
_WORD = re.compile(r"[^\W\d_]{3,}")  # a shorter one may be of a formula
# The halves of national character sets that hold the frequent ideographs and syllables, by first bytes. Real text has
# at least .99 of its ideographs there, ideographs by chance .34 (Hangul .21).
_FREQUENT_IDEOGRAPHS = {
    "gb2312": range(0xB0, 0xD8),
    "big5": range(0xA4, 0xC7),
    "shift_jis": range(0x88, 0x99),
    "euc_kr": range(0xB0, 0xC9),
}
_MIN_FREQUENT_IDEOGRAPHS = 0.7


def unreadable(pages: Iterable[str]) -> str:
    """Return why the text of these pages cannot be read; empty if it can."""
    total = garbled = right_to_left = 0
    for page in pages:
        counts = Counter(page)
        size = sum(count for character, count in counts.items() if not character.isspace())
        total += size
        garbled += size * _is_garbled(page, counts, size)
        right_to_left += sum(count for character, count in counts.items() if _is_right_to_left(character))
    if garbled > MAX_UNREADABLE * total:
        return "the letters of the PDF's text layer are not those that its pages show"
    if right_to_left > MAX_UNREADABLE * total:
        return "the PDF's text runs from right to left, and its words would be broken"
    return ""


def _is_garbled(page: str, counts: Counter[str], size: int) -> bool:
    """Whether a page's characters, of which `size` are no spaces, cannot be those of a text in any language."""
    unmapped = sum(count for character, count in counts.items() if _is_unmapped(character))
    if size >= MIN_LETTERS and unmapped > _MAX_UNMAPPED * size:
        return True
    letters: dict[str, Counter[str]] = {}
    for letter, count in Counter("".join(_WORD.findall(page))).items():
        letters.setdefault(_script(letter), Counter())[letter] = count
    return any(
        _is_improbable(script, found) for script, found in letters.items() if found.total() >= MIN_LETTERS
    )


def _is_improbable(script: str, letters: Counter[str]) -> bool:
    """Whether letters of one script do not occur as often as in its languages."""
    total = letters.total()
    if script == "CJK":
        return (
            sum(letters[one] for one in letters if _is_frequent_ideograph(one))
            < _MIN_FREQUENT_IDEOGRAPHS * total
        )
    if script not in _FREQUENT:
        return False
    frequent, share = _FREQUENT[script]
    plain = Counter[str]()
    for letter, count in letters.items():
        plain[unicodedata.normalize("NFD", letter.casefold())[0]] += count
    accented = sum(count for letter, count in letters.items() if letter > "\x7f")
    return sum(plain[letter] for letter in frequent) < share * total or (
        script == "LATIN" and accented > _MAX_ACCENTED * total
    )


@cache
def _script(letter: str) -> str:
    """Return the script of a letter as its name in Unicode begins, but CJK for Hangul too."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if script == "HANGUL" else script


@cache
def _is_unmapped(character: str) -> bool:
    """Whether a character is a control character, for private use or not assigned."""
    category = unicodedata.category(character)
    return character == "�" or (category in {"Cc", "Co", "Cn"} and not character.isspace())


@cache
def _is_frequent_ideograph(character: str) -> bool:
    for encoding, first_bytes in _FREQUENT_IDEOGRAPHS.items():
        encoded = character.encode(encoding, errors="ignore")
        if len(encoded) == 2 and encoded[0] in first_bytes:
            return True
    return False


@cache
def _is_right_to_left(character: str) -> bool:
    return unicodedata.bidirectional(character) in {"R", "AL"}
