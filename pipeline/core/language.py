"""What the gates have to know of a language: the part `[language]` of its file in `report/locales/`.

A language without `numbers` or without `names` has no such gate: the gate finds nothing to check in its claims.
Where a field says "pattern", plain words are the usual case and a regular expression is allowed.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.core.models import Value


def _valid(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_valid)]
Sign = Annotated[str, Field(min_length=1, max_length=1)]


class Numerals(Value):
    """Signs that write a number by themselves, such as 三百二十 and 이백; a number of several signs needs a multiplier."""

    digits: dict[Sign, int]
    multipliers: dict[str, int]  # the largest first: 万亿 before 亿
    first: str  # the signs that a number may begin with
    point: str = ""  # before decimals: 点
    percent: str = ""  # before a percentage: 百分之
    vague: str = ""  # signs for "more than", between a number and its counter: 多
    need_counter: bool = (
        False  # longer ones too, and a single digit is none, since they are syllables of other words
    )
    not_after: str = (
        ""  # signs after which a numeral is an ordinal, vague, or part of another word; ranges as in 가-힣
    )
    not_before: str = ""
    not_in: tuple[str, ...] = ()  # words that begin or end with a numeral, but are no numbers: 数十


class Numbers(Value):
    """How a language writes numbers."""

    decimal: Sign = "."
    grouping: tuple[Sign, ...] = (",",)  # between groups of three digits
    boundaries: bool = True  # words are parted by blanks, so that a word's beginning can be told
    words: tuple[str, ...] = ()  # the words for 0, 1, 2, …, each with its forms, parted by blanks
    tens: tuple[str, ...] = ()  # the words for 20, 30, …, 90
    ones: tuple[str, ...] = ()  # the words for 1, …, 9 as they stand beside a ten
    compound: str = ""  # how they are combined: `{tens}[- ]{ones}`, `{ones}und{tens}`
    joined: dict[str, int] = {}  # multipliers that are written in one word with a number: zweihundert
    values: dict[str, float] = {}  # other words: anderthalb = 1.5
    endings: tuple[Pattern, ...] = ()  # what may follow a number word without a blank
    need_counter: bool = False  # a number word is one only before a unit or counter
    counters: tuple[
        Pattern, ...
    ] = ()  # what is counted: a single numeral is a number only before these, or before a unit
    articles: tuple[str, ...] = ()  # words that stand for 1 before a scale: a million
    not_after: tuple[str, ...] = ()  # words after which a number word is none: per second
    numerals: Numerals | None = None
    scales: dict[str, int] = {}
    scale_blank: bool = False  # a blank may follow a scale within a number: 1만 2480
    scale_not_before: dict[str, str] = {}  # by scale: signs with which it begins another word
    units: dict[str, tuple[str, ...]] = {}  # by the sign of a unit (units.py): its words
    unit_prefix: str = ""  # a sign between number and unit: 个
    unit_not_before: str = ""  # signs with which a unit begins another word
    rewrite: dict[Pattern, str] = {}  # patterns that are replaced before numbers are looked for
    months: tuple[str, ...] = ()  # with their forms; a month beside a figure is the number of the month
    ranges: tuple[Pattern, ...] = ()  # between the two numbers of a range
    lists: tuple[Pattern, ...] = ()  # between numbers of a list
    references: tuple[Pattern, ...] = ()  # before the number of a table, figure or section
    decreases: tuple[Pattern, ...] = ()  # beginnings of words that stand for a minus sign
    clause_ends: tuple[Pattern, ...] = ()  # words at which a clause ends, for `decreases`


class Names(Value):
    """What a capital letter means: a name anywhere, a name within a sentence, or possibly just a noun."""

    capitals: Literal["names", "sentences", "nouns"] = "sentences"
    ordinary: tuple[str, ...] = ()  # capitalized words and abbreviations that are no names
    starters: frozenset[str] = (
        frozenset()
    )  # if given, only these words may begin a sentence without being a name,
    suffixes: tuple[str, ...] = ()  # and those that end like this
    expansions: dict[str, tuple[str, ...]] = {}  # abbreviations, by what papers write for them


class Plural(Value):
    """The whole numbers that take one form: exactly these, or those that end in these digits, with exceptions."""

    exactly: tuple[int, ...] = ()
    last_digit: tuple[int, ...] = ()
    except_last_two: tuple[int, ...] = ()


class Dates(Value):
    """How the pages write dates; the placeholders are `year`, `month`, `day`, and `name`, the month in words."""

    day: str = "{year}-{month:02}-{day:02}"
    short: str = "{month:02}-{day:02}"  # without the year
    moment: str = "{date} {time}"
    months: tuple[str, ...] = ("",) * 12

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Self:
        if len(self.months) != 12:
            raise ValueError("months: there are twelve")
        for pattern in (self.day, self.short):
            try:
                pattern.format(year=2026, month=1, day=30, name="")
            except (IndexError, KeyError, ValueError) as error:
                raise ValueError(f"{pattern!r} cannot be filled in: {error}") from None
        try:
            self.moment.format(date="", time="")
        except (IndexError, KeyError, ValueError) as error:
            raise ValueError(f"{self.moment!r} cannot be filled in: {error}") from None
        return self


class Language(Value):
    """A language: its name for prompts, in English, its plurals and dates, and what the gates have to know."""

    name: str = ""
    plural: dict[Literal["zero", "one", "two", "few", "many"], Plural] = {"one": Plural(exactly=(1,))}
    dates: Dates = Dates()
    numbers: Numbers | None = None
    names: Names | None = None
