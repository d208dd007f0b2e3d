"""Compare the names of authors as papers and sources write them: order, initials, accents, particles, suffixes. Pure.

A name is not an identity: `same` says that two names may be written for one person, not that they are. Comparing is
symmetric. Names in Chinese characters, kana and Hangul are compared exactly, and with no romanization.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pipeline.core.tex_letters import tex_letters
from pipeline.core.unicode import INVISIBLE, JOINERS

# perhaps: the given name is an initial in one of them, or the surnames agree in part.
Match = Literal["same", "perhaps", "different"]
_RESULTS: tuple[Match, ...] = ("different", "perhaps", "same")

PARTICLES = frozenset(
    "af al av bin da de del della den der di do dos du el ibn la le ten ter van von zu zum zur".split()  # noqa: SIM905
)
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
MAX_LENGTH = 200  # characters of a name that are read
_LONGEST_ABBREVIATION = 3  # letters before a point, as in `Chr. Huygens`

_NATIVE = re.compile(
    r"[\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_DROPPED = re.compile(rf"[{INVISIBLE}{JOINERS}{{}}'’‘ʼ`´]|\([^()]*\)")
_DASHES = re.compile(r"[‐‑‒–—−]")
_LIST = re.compile(r"[;&|/、]|\band\b", re.IGNORECASE)
_TOKEN = re.compile(r"[^\s.]+\.?")
_CAPITALS = re.compile(r"[A-Z]{2,3}")  # initials without points, as in `Smith JA`
# Letters that Unicode does not decompose, as they are written without their sign.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "ng"}
)
# What else is written for a letter with a sign. `lü` is `lyu` or `lv` in Chinese documents.
_ALSO = tuple(
    str.maketrans(table)
    for table in ({"ü": "ue", "ö": "oe", "ä": "ae", "å": "aa", "ø": "oe"}, {"ü": "v"}, {"ü": "yu"})
)
_SIGNED = frozenset("üöäåø")


class _Reading(NamedTuple):
    """One way to part a name. Units are words in small letters without accents; a short one ends with a point."""

    given: tuple[str, ...]
    # order: the surname stands first, without a comma. two: it is taken for the last two words.
    kind: Literal["plain", "order", "two"]
    joined: str  # the letters of the surname
    parts: tuple[str, ...]  # its words without particles

    @classmethod
    def of(
        cls, given: tuple[str, ...], surname: tuple[str, ...], kind: Literal["plain", "order", "two"]
    ) -> "_Reading":
        words = [part for unit in surname for part in unit.split("-") if part not in PARTICLES]
        return cls(given, kind, _letters("".join(surname)), tuple(map(_letters, words)))

    @property
    def core(self) -> str:
        return "".join(self.parts)


class Name(NamedTuple):
    """A parsed name. `keys` are its native form and spellings of its surname: names that share none are different."""

    native: str  # in characters of East Asia, without blanks; empty in other scripts
    readings: tuple[_Reading, ...]
    suffix: str
    keys: frozenset[str]
    form: str  # its letters in the alphabet's order: of two names that are the same, whether they are written alike

    @property
    def in_full(self) -> bool:
        """Whether the given name is no initial in any reading."""
        return bool(self.native) or (
            any(r.given for r in self.readings)
            and not any(_is_short(r.given[0]) for r in self.readings if r.given)
        )


@functools.lru_cache(maxsize=20_000)
def parse(text: str) -> Name:
    """Parse a name. One without any whole word, such as `J. S.`, has neither readings nor a native form."""
    text = _DASHES.sub("-", _DROPPED.sub("", tex_letters(text[:MAX_LENGTH])))
    text = unicodedata.normalize("NFKC", text).replace("·", " ").replace("・", " ")
    native = "".join(_NATIVE.findall(text))
    parts, suffix = _without_suffix([part.split() for part in _NATIVE.sub(" ", text).split(",")])
    written = [" ".join(part) for part in parts if part]
    spellings = list(dict.fromkeys(tuple(map(_tokens, one)) for one in _spellings(written)))
    readings = tuple(dict.fromkeys(r for spelling in spellings for r in _readings(spelling)))
    keys = frozenset(key for r in readings for key in (r.joined, r.core, *r.parts)) | {native}
    form = "".join(sorted(native or _letters("".join(unit for part in spellings[0] for unit in part))))
    return Name(native, readings, suffix, keys - {""}, form)


def compare(first: Name, second: Name) -> Match:
    """Tell if two names may be of the same person."""
    if first.native and second.native:
        return "same" if first.native == second.native else "different"
    if (first.suffix and second.suffix and first.suffix != second.suffix) or not first.keys & second.keys:
        return "different"
    best = 0
    for a in first.readings:
        for b in second.readings:
            if (agreement := _compare_surnames(a, b)) > best:
                best = max(best, min(agreement, _compare_given(a, b)))
    return _RESULTS[best]


def is_several(text: str) -> bool:
    """Return whether a text is a list of names: parted by `;`, `&`, `and`, or by commas that no single name has."""
    text = unicodedata.normalize("NFKC", text)
    if _LIST.search(text):
        return True
    parts, _ = _without_suffix([part.split() for part in text.split(",")])
    words = [[word for word in part if word.lower() not in PARTICLES] for part in parts if part]
    return len(words) > 2 or (
        len(words) == 2 and all(len(part) > 1 and all(map(_is_full, part)) for part in words)
    )


def _is_full(word: str) -> bool:
    return len(word.strip(".")) > 1 and not word.endswith(".")


# --- parsing -------------------------------------------------------------------------------------------------------


def _without_suffix(parts: list[list[str]]) -> tuple[list[list[str]], str]:
    """Take `Jr.` and the like from the end of a part, or as a part of its own; a name's first word never is one."""
    suffix, kept = "", []
    for number, part in enumerate(parts):
        last = part[-1].strip(".").lower() if part and (number or len(part) > 1) else ""
        kept.append(part[:-1] if last in SUFFIXES else part)
        suffix = last if last in SUFFIXES else suffix
    return kept, suffix


def _spellings(written: list[str]) -> Iterator[list[str]]:
    """Yield the parts of a name as they are, with initials apart, and with other spellings of letters with signs."""
    variants = [written]
    if not all(part.isupper() for part in written):  # else no capitals tell initials from a name
        apart = [" ".join(map(_initials_apart, part.split())) for part in written]
        variants += [apart] if apart != written else []
    for variant in variants:
        small = [unicodedata.normalize("NFC", part.casefold()) for part in variant]
        yield [_plain(part) for part in small]
        if _SIGNED & {*"".join(small)}:
            yield from ([_plain(part.translate(table)) for part in small] for table in _ALSO)


def _initials_apart(word: str) -> str:
    return " ".join(f"{letter}." for letter in word) if _CAPITALS.fullmatch(word) else word


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _base_letter(char) for char in text.translate(_PLAIN))


@functools.lru_cache(maxsize=2_000)
def _base_letter(char: str) -> str:
    """Return a letter without its accent, if its script has accents that are left out."""
    if "\u0300" <= char <= "\u036f":
        return ""
    base = unicodedata.normalize("NFD", char)[0]
    return base if unicodedata.name(base, "").startswith(("LATIN", "GREEK")) or char == "ё" else char


def _tokens(part: str) -> tuple[str, ...]:
    return tuple(filter(None, map(_unit, _TOKEN.findall(part.replace(".-", "-")))))


def _unit(token: str) -> str:
    """Return a word with a point behind each of its hyphenated parts that is an initial or an abbreviation."""
    parts = [part for part in token.split("-") if part.strip(".")]
    return "-".join(map(_part, parts))


def _part(part: str) -> str:
    letters = part.rstrip(".")
    short = len(letters) == 1 or (part.endswith(".") and len(letters) <= _LONGEST_ABBREVIATION)
    return f"{letters}." if short else letters


def _letters(text: str) -> str:
    return text if text.isalpha() else text.replace("-", "").replace(".", "")


def _readings(parts: tuple[tuple[str, ...], ...]) -> Iterator[_Reading]:
    """Yield the ways to part a name. With a comma there is one: the surname stands before it."""
    if len(parts) > 1:
        surname, given = parts[0], tuple(unit for part in parts[1:] for unit in part)
        start = _with_particles(given, len(given))  # `Berg, Jan van der`
        if given and _is_whole(surname):
            yield _Reading.of(given[:start], (*given[start:], *surname), "plain")
        return
    words = parts[0] if parts else ()
    if _is_whole(words[-1:]):  # in `Smith J.` the surname stands in front
        start = _with_particles(words, len(words) - 1)
        yield _Reading.of(words[:start], words[start:], "plain")
        if start == len(words) - 1 > 1 and _is_whole(words[-2:]):
            yield _Reading.of(words[:-2], words[-2:], "two")
    end = next((n for n, word in enumerate(words[:-1], start=1) if word not in PARTICLES), 1)
    if len(words) > 1 and _is_whole(words[:end]):
        yield _Reading.of(words[end:], words[:end], "order")


def _with_particles(words: tuple[str, ...], start: int) -> int:
    """Return where a surname begins that has its last words from `start` on; the first word never is a particle."""
    while start > 1 and words[start - 1] in PARTICLES:
        start -= 1
    return start


def _is_whole(surname: tuple[str, ...]) -> bool:
    """Return whether there is a surname, and no word of it is an initial."""
    return bool(surname) and all(len(_letters(unit)) > 1 for unit in surname)


# --- comparing: 0 different, 1 perhaps, 2 same ---------------------------------------------------------------------


def _compare_surnames(a: _Reading, b: _Reading) -> int:
    if a.joined == b.joined:
        return 2
    if a.kind != "plain" or b.kind != "plain":
        return 0
    # `van der Berg` and `Berg`, `Smith-Jones` and `Smith`
    one_of_two = min(len(a.parts), len(b.parts)) == 1 and (a.parts[0] in b.parts or b.parts[0] in a.parts)
    return int(one_of_two or (a.core != "" and a.core == b.core))


def _compare_given(a: _Reading, b: _Reading) -> int:
    first, second = a.given, b.given
    if not first or not second:
        return 2 if first == second else 0
    if not any(map(_is_short, (*first, *second))) and _letters("".join(first)) == _letters("".join(second)):
        return 2
    # With the surname in front, nothing tells a word of the given name from a surname: none is left out.
    may_drop = "order" not in {a.kind, b.kind}
    found = _compare_aligned(first, second, may_drop=may_drop)
    if not found:
        split, other = _split(first), _split(second)
        found = _compare_aligned(split, other, may_drop=False) if len(split) == len(other) else 0
    if not found and may_drop:  # `X. Peter Zhao` and `Peter Zhao`
        for longer, shorter in ((first, second), (second, first)):
            if len(longer) > 1 and _is_short(longer[0]) and not _is_short(shorter[0]):
                found = max(found, min(1, _compare_aligned(longer[1:], shorter, may_drop=True)))
    return found


def _compare_aligned(first: tuple[str, ...], second: tuple[str, ...], *, may_drop: bool) -> int:
    """Compare word by word. Words behind the end of the shorter may be left out, behind an initial in any order."""
    may_drop = may_drop or _is_short(first[0]) or _is_short(second[0])
    if len(first) != len(second) and not may_drop:
        return 0
    agreement = [_compare_units(one, other) for one, other in zip(first, second, strict=False)]
    return agreement[0] if all(agreement) else 0


def _compare_units(one: str, other: str) -> int:
    if not _is_short(one) and not _is_short(other):
        return 2 if _letters(one) == _letters(other) else 0
    ones, others = one.split("-"), other.split("-")
    if len(ones) == len(others):
        return int(all(map(_begins_alike, ones, others)))
    if len(ones) > 1 and len(others) > 1:
        return 0
    (single,), many = (ones, others) if len(ones) == 1 else (others, ones)
    if _is_short(single) or not _begins_alike(single, many[0]):
        return int(_begins_alike(single, many[0]))
    rest = iter(single[1:])  # `X.-M.` and `Xiaoming`: the other initials occur in the word, in their order
    return int(all(_letters(part)[0] in rest for part in many[1:]))


def _begins_alike(one: str, other: str) -> bool:
    if not _is_short(one) and not _is_short(other):
        return one == other
    a, b = _letters(one), _letters(other)
    return (_is_short(one) and b.startswith(a)) or (_is_short(other) and a.startswith(b))


def _is_short(unit: str) -> bool:
    return "." in unit


def _split(units: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for unit in units for part in unit.split("-"))
