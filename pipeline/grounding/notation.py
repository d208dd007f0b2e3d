"""Compile what a language's file says of its numbers into the patterns that read them.

Claims are read in their own language and in English, since terms are copied from papers. Papers are read in English and
in the language of the digest, which some feeds and profiles are written in. Where both have the same word (a German
`Billion` is an English trillion) the first one counts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from pydantic import ValidationError

from pipeline.config.validation_errors import did_you_mean, explain
from pipeline.core.errors import InputError
from pipeline.core.language import Language, Numbers, Numerals
from pipeline.grounding import languages
from pipeline.grounding.languages import FALLBACK
from pipeline.grounding.units import SYMBOLS, UNITS, Unit, spelled, word_key
from pipeline.report import i18n
from pipeline.report.i18n import RULES

WORD_MARK = "\x01"  # precedes digits that replace a number word; a paper's text has no control characters

V = TypeVar("V")
_LATIN = "A-Za-zÀ-ɏ"
_SUFFIXES = {"k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9, "t": 10**12}


@dataclass(frozen=True)
class WordRule:
    """A pattern for the number words of a language, and their values."""

    pattern: re.Pattern[str]
    values: Mapping[str, Decimal]  # by casefolded word
    after: str = ""

    def replace(self, text: str) -> str:
        """Replace the number words of a text by WORD_MARK and digits."""
        return self.pattern.sub(self._digits, text)

    def _digits(self, match: re.Match[str]) -> str:
        return (
            f"{WORD_MARK}{sum(self.values[word.casefold()] for word in match.groups() if word)}{self.after}"
        )


@dataclass(frozen=True)
class JoinedRule:
    """A pattern for words that join numbers and multipliers: zweihundertfünfzig."""

    pattern: re.Pattern[str]
    part: re.Pattern[str]
    values: Mapping[str, int]
    multipliers: Mapping[str, int]

    def replace(self, text: str) -> str:
        """Replace the number words of a text by WORD_MARK and digits."""
        return self.pattern.sub(lambda match: f"{WORD_MARK}{self._value(match[1])}", text)

    def _value(self, word: str) -> int:
        total = below = 0
        for part in self.part.findall(word.casefold()):
            if (multiplier := self.multipliers.get(part)) is None:
                below += self.values.get(part, 0)
            elif multiplier < 1000:
                below = (below or 1) * multiplier
            else:
                total, below = total + (below or 1) * multiplier, 0
        return total + below


@dataclass(frozen=True)
class NumeralRule:
    """Patterns for numbers written in signs that are numerals: 三百二十, 이백."""

    numerals: Numerals
    number: re.Pattern[str]  # a percentage in group 1, or a number in group 2
    counter: re.Pattern[str]


@dataclass(frozen=True)
class Notation:
    """The patterns by which numbers are read."""

    localized: re.Pattern[str] | None  # a number with the language's own decimal and grouping signs
    decimal: str
    plus_before_scale: re.Pattern[str]
    hyphen_before_scale: re.Pattern[str]
    rewrites: tuple[tuple[re.Pattern[str], str], ...]
    article: re.Pattern[str]
    words: tuple[WordRule | JoinedRule, ...]
    months: tuple[WordRule, ...]
    numerals: tuple[NumeralRule, ...]
    adjacent: re.Pattern[str] | None  # figures and scales in turn: 3亿5000万
    scale_values: Mapping[str, int]
    scale: re.Pattern[str]
    number: re.Pattern[str]
    between_range: re.Pattern[str]
    between_list: re.Pattern[str]
    reference: re.Pattern[str]
    decrease: re.Pattern[str]
    clause_end: re.Pattern[str]
    units: Mapping[str, Unit]

    def unit_of(self, word: str) -> Unit | None:
        """Return the unit that a word spells, or None."""
        return self.units.get(word_key(word), self.units.get(word))

    def localize(self, text: str) -> str:
        """Write the numbers of a claim with the decimal point of papers, and without grouping signs."""
        return self.localized.sub(self._plain, text) if self.localized else text

    def _plain(self, match: re.Match[str]) -> str:
        whole, _, decimals = match[0].partition(self.decimal)
        return re.sub(r"\D", "", whole) + (f".{decimals}" if decimals else "")


@functools.cache
def claim_notation(language: str) -> Notation:
    """Return how numbers are read in claims of a language, and in its reader's own words."""
    own, english = languages.language(language).numbers, _english()
    return _compiled([english] if own is None or own == english else [own, english], english, marks=own)


@functools.cache
def paper_notation(language: str) -> Notation:
    """Return how numbers are read in papers, for a digest in a language."""
    own, english = languages.language(language).numbers, _english()
    return _compiled([english] if own is None or own == english else [english, own], english, marks=None)


def rule_errors(code: str) -> list[str]:
    """Return what is wrong in the part `[language]` of a language's file, one sentence per error."""
    try:
        rules = languages.language(code)
        claim_notation(code)
    except ValidationError as error:
        fault = explain(error, Language, examples={})
        message = fault.message.replace("a setting", "a key")
        return ["; ".join(part for part in (f"[{RULES}] {message}", fault.hint) if part)]
    except re.error as error:
        return [f"[{RULES}.numbers] makes no regular expression: {error}"]
    unknown = sorted(set(rules.numbers.units if rules.numbers else ()) - UNITS.keys())
    return [
        f"[{RULES}.numbers.units] there is no unit {name!r}; {did_you_mean(name, UNITS) or ', '.join(UNITS)}"
        for name in unknown
    ]


def language_errors(code: str) -> list[InputError]:
    """Return what is wrong in a language's file, in its rules or else in its texts, one error each."""
    try:
        mistakes = rule_errors(code) or i18n.locale_errors(code)
    except InputError as error:  # the file cannot be read
        return [error]
    hint = "en.toml beside it is the model"
    return [InputError(mistake, path=i18n.file_shown(code), hint=hint) for mistake in mistakes]


def has_own_marks(language: str) -> bool:
    """Return True if a language writes decimals or groups of digits in another way than papers do."""
    return claim_notation(language).localized is not None


def _english() -> Numbers:
    return languages.language(FALLBACK).numbers or Numbers()


def _compiled(read: Sequence[Numbers], english: Numbers, *, marks: Numbers | None) -> Notation:
    """Compile the notations that are read, the one that counts first; `marks` has decimal sign and grouping of a claim."""
    scales = _by_word(one.scales for one in read)
    signs = "".join(word for word in scales if not _is_latin(word))
    words = _longest_first(word for word in scales if _is_latin(word))
    latin_scales = _any(map(re.escape, words))
    units = {**SYMBOLS, **_by_word(spelled(one.units) for one in read)}
    other_units = _longest_first(word for word in units if re.fullmatch(rf"[{_LATIN}μ%]+", word) is None)
    scale = "|".join(
        [
            *([f"(?i:{latin_scales})"] if words else []),
            "bn(?![A-Za-z])|[kKMBT](?![A-Za-z])",
            *(_sign_pattern(sign, read) for sign in signs),
        ]
    )
    prefix = _optional("".join(one.unit_prefix for one in read))
    no_unit = "".join(one.unit_not_before for one in read)
    own = marks if marks and (marks.decimal, marks.grouping) != (english.decimal, english.grouping) else None
    return Notation(
        localized=_localized(own) if own else None,
        decimal=own.decimal if own else ".",
        plus_before_scale=re.compile(rf"(?<=\d)\s*\+\s*(?={latin_scales}|[{signs}kKMBT])"),
        hyphen_before_scale=re.compile(rf"(?<=[\dA-Za-z])-(?=(?:{latin_scales})s?\b)"),
        rewrites=tuple((re.compile(p), new) for one in reversed(read) for p, new in one.rewrite.items()),
        article=re.compile(
            rf"(?i)\b(?:{_any(w for one in read for w in one.articles)}) (?=(?:{latin_scales})\b)"
        ),
        words=tuple(rule for one in reversed(read) for rule in _word_rules(one, other_units)),
        months=(_months(marks.months),) if marks and marks.months else (),
        numerals=tuple(_numeral_rule(one, one.numerals, other_units) for one in read if one.numerals),
        adjacent=_adjacent(signs, blank=any(one.scale_blank for one in read)) if signs else None,
        scale_values={**_SUFFIXES, **{word.casefold(): value for word, value in scales.items()}},
        scale=re.compile(scale),
        number=re.compile(
            rf"(?<![\d.])(\d+(?:\.\d+)?(?:[eE][-+]?\d{{1,3}}(?![\dA-Za-z]))?)((?:\s*+(?:{scale})){{0,3}})"
            rf"(?:\s*+-?\s*+{prefix}({_any(re.escape(word) for word in other_units if word[0].isascii())}|%|[{_LATIN}μ]+"
            rf"|{_any(re.escape(word) for word in other_units if not word[0].isascii())})"
            rf"{f'(?![{no_unit}])' if no_unit else ''})?"
        ),
        between_range=re.compile(rf"\s*(?:-|~|±|{_any(p for one in read for p in one.ranges)})\s*"),
        between_list=re.compile(
            rf"\s*(?:-|~|、|/|{_any(p for one in read for p in (*one.ranges, *one.lists))})\s*"
        ),
        reference=re.compile(rf"(?:{_any(_words(one.references, one, '[.]?') for one in read)})\s*\(?$"),
        decrease=re.compile(_any(_words(one.decreases, one, r"\w*", "(?i:", ")") for one in read)),
        clause_end=re.compile(
            rf"[,;:、。!?()]|\.(?=\s|$)|{_any(_words(one.clause_ends, one, chr(92) + 'b') for one in read)}"
        ),
        units=units,
    )


def _localized(own: Numbers) -> re.Pattern[str]:
    """A number with grouping signs or decimals; none within names (`GPT-4,5`), and no `0.125` if the dot groups."""
    decimal, grouping = re.escape(own.decimal), "".join(map(re.escape, own.grouping))
    groups = rf"[1-9]\d{{0,2}}(?:[{grouping}]\d{{3}})+(?!\d)(?:{decimal}\d+)?|" if grouping else ""
    return re.compile(rf"(?<![\d.,{_LATIN}_])(?<![A-Za-z]-)(?:{groups}\d+{decimal}\d+)")


def _word_rules(one: Numbers, units: Iterable[str]) -> Iterator[WordRule | JoinedRule]:
    ones = {word.casefold(): n for n, word in enumerate(one.ones, 1)}
    tens = {word.casefold(): 10 * n for n, words in enumerate(one.tens, 2) for word in words.split()}
    single = {word.casefold(): n for n, words in enumerate(one.words) for word in words.split()}
    values = {word.casefold(): Decimal(str(value)) for word, value in one.values.items()}
    if not single and not values:
        return
    latin = all(map(_is_latin, single))
    letter = f"{_LATIN}0-9" if latin else r"^\W_"
    start = rf"(?<![{letter}])"
    end = rf"(?={_any(one.endings)}|(?![{letter}]))"
    if one.need_counter:
        end = rf"(?=\s?(?:{_any([*one.counters, *map(re.escape, units)])}))"
    before, _, rest = one.compound.partition("}")
    joiner = rest.partition("{")[0]
    both = {**single, **ones}
    if one.joined:
        parts = {**both, **tens}
        part = _any(map(re.escape, _longest_first([*parts, *one.joined, joiner])))
        multiplier = _any(map(re.escape, one.joined))
        yield JoinedRule(
            re.compile(rf"(?i){start}(?<!\d[ -])(?=[{_LATIN}]*(?:{multiplier}))((?:{part})++){end}"),
            re.compile(part),
            parts,
            {word.casefold(): value for word, value in one.joined.items()},
        )
    not_after = "".join(f"(?<!{re.escape(word)} )" for word in one.not_after)
    one_of = {
        name: f"({_any(map(re.escape, _longest_first(found)))})"
        for name, found in (("ones", ones), ("tens", tens))
    }
    if not one.compound:
        compound = ""
    elif "tens" in before:
        compound = f"{one_of['tens']}(?:{joiner}{one_of['ones']})?|"
    else:
        compound = f"(?:{one_of['ones']}{joiner})?{one_of['tens']}|"
    alone = _any(map(re.escape, _longest_first([*single, *values, *([] if compound else tens)])))
    pattern = rf"(?i){start}(?:{compound}{not_after}(?<!\d[ -])({alone})){end}"
    whole = {word: Decimal(value) for word, value in {**both, **tens}.items()}
    yield WordRule(re.compile(pattern), whole | values)


def _months(months: Sequence[str]) -> WordRule:
    """A month beside a figure. What follows it is not counted in months."""
    values = {word.casefold(): Decimal(n) for n, words in enumerate(months, 1) for word in words.split()}
    names = _any(map(re.escape, _longest_first(word for words in months for word in words.split())))
    pattern = rf"(?<![{_LATIN}])({names})\.?(?=,? \d)|(?:(?<=\d )|(?<=\d\. ))({names})(?![{_LATIN}])"
    return WordRule(re.compile(pattern), values, " ; ")


def _numeral_rule(one: Numbers, numerals: Numerals, units: Iterable[str]) -> NumeralRule:
    signs = "".join(dict.fromkeys("".join([*numerals.digits, *numerals.multipliers])))
    decimals = f"(?:{numerals.point}[{''.join(numerals.digits)}]{{1,9}})?" if numerals.point else ""
    percent = f"{numerals.percent}([{signs}]{{1,16}}{decimals})" if numerals.percent else "((?!))"
    not_before = f"(?![{numerals.not_before}])" if numerals.not_before else ""
    counted = _any([*one.counters, "pp", "fps", "oom", *map(re.escape, units)])
    return NumeralRule(
        numerals,
        re.compile(
            rf"{percent}|(?<![\d{numerals.not_after}{signs}])([{numerals.first}][{signs}]{{0,30}}{decimals}){not_before}"
        ),
        re.compile(rf"\s*{_optional(numerals.vague)}\s*{_optional(one.unit_prefix)}(?:{counted})"),
    )


def _adjacent(signs: str, *, blank: bool) -> re.Pattern[str]:
    term = rf"(\d{{1,12}}(?:\.\d{{1,9}})?)\s?([{signs}]{{1,2}})"
    return re.compile(rf"(?<![\d.]){term}(?:\s?{term}|{' ?' if blank else ''}(\d{{2,4}})(?!\d|\.\d))")


def _sign_pattern(sign: str, read: Iterable[Numbers]) -> str:
    other = "".join(one.scale_not_before.get(sign, "") for one in read)
    return f"{sign}(?![{other}])" if other else sign


def _words(patterns: Sequence[str], one: Numbers, end: str, lead: str = "(?:", close: str = ")") -> str:
    """Join patterns; where blanks part words, each begins at the start of a word and is followed by `end`."""
    joined = _any(patterns)
    return rf"{lead}\b(?:{joined}){end}{close}" if one.boundaries and patterns else joined


def _by_word(tables: Iterable[Mapping[str, V]]) -> dict[str, V]:
    """Merge tables; of words that differ in case alone the first table's count."""
    merged: dict[str, V] = {}
    known: set[str] = set()
    for table in tables:
        merged |= {word: value for word, value in table.items() if word.casefold() not in known}
        known |= {word.casefold() for word in table}
    return merged


def _is_latin(word: str) -> bool:
    return re.match(f"[{_LATIN}]", word) is not None


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(word for word in words if word), key=lambda word: -len(word))


def _optional(signs: str) -> str:
    return f"[{signs}]?" if signs else ""


def _any(patterns: Iterable[str]) -> str:
    """Join patterns as alternatives; without any, match nothing."""
    return "|".join(pattern for pattern in patterns if pattern) or "(?!)"
