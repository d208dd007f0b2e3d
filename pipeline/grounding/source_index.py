"""A paper as claims are held against it: its sentences with their numbers and words, each taken apart once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.core.models import Text
from pipeline.grounding.entities import Words
from pipeline.grounding.numbers import Number, licensed, of_source, places

# Characters that are looked at. What stands behind them licenses nothing.
LONGEST_TITLE = 1_000
LONGEST_ABSTRACT = 20_000


@dataclass(frozen=True)
class Line:
    """A sentence or other piece of text, taken apart once, when first asked."""

    id: int
    section: str
    text: str

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Its numbers, with their readings and units."""
        return of_source(self.text)

    @cached_property
    def words(self) -> Words:
        """Its words, for terms and names to be looked up in."""
        return Words.of(self.text)

    def licenses(self, number: Number, *, strictly: bool = False) -> bool:
        """True if one of its numbers licenses that of a claim; strictly: and says as well what it measures."""
        return any(
            licensed(number, mine) and not (strictly and number.unit and not mine.unit)
            for mine in self.numbers
        )


@dataclass(frozen=True)
class Source:
    """A paper and its reader's profile, as far as claims are held against them. Built once for a paper."""

    lines: Mapping[int, Line]
    title: Line
    abstract: Line
    profile: Line

    @classmethod
    def of(cls, text: Text, *, title: str, abstract: str, profile: str) -> Source:
        """A text with what stands around it; nothing is taken apart yet."""
        title, abstract = title[:LONGEST_TITLE], abstract[:LONGEST_ABSTRACT]
        lines = {one.id: Line(one.id, one.section, one.text) for one in text.sentences}
        return cls(lines, Line(0, "", title), Line(0, "", abstract), Line(0, "", profile))

    @cached_property
    def words(self) -> Words:
        """All words of the paper; a bar keeps a figure from growing together with that of the next sentence."""
        return Words.of(" | ".join(line.text for line in self.everything))

    @cached_property
    def places(self) -> frozenset[int]:
        """The figures of the paper's tables, figures and sections."""
        return places(" | ".join(line.text for line in self.everything))

    @property
    def everything(self) -> tuple[Line, ...]:
        """All pieces of the paper: title, abstract, sentences. The profile is none of it."""
        return (self.title, self.abstract, *self.lines.values())
