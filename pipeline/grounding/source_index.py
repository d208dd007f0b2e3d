"""Index of a paper for claim checking: its sentences, with their numbers and words parsed on first use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pipeline.core.models import Claim, Text
from pipeline.grounding.entities import WordIndex
from pipeline.grounding.languages import FALLBACK
from pipeline.grounding.numbers import Number, cross_references, is_supported, profile_numbers, source_numbers
from pipeline.grounding.quotations import contains_quotation, simplify

MAX_ABSTRACT_LENGTH = 20_000  # characters; what exceeds them supports no claim


@dataclass(frozen=True)
class Passage:
    """A sentence, title, abstract or profile; its numbers and words are parsed once, on first use.

    `language` is the digest's. Papers are in English; a profile (`is_own`) may be in either.
    """

    id: int
    section: str
    text: str
    language: str = FALLBACK
    is_own: bool = False

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers of the passage, with their readings and units."""
        return (profile_numbers if self.is_own else source_numbers)(self.text, self.language)

    @cached_property
    def words(self) -> WordIndex:
        """The words of the passage, for looking up terms and names."""
        return WordIndex.of(self.text)

    @cached_property
    def simplified(self) -> str:
        """The text of the passage, for looking up quotations."""
        return simplify(self.text)

    def quotes(self, simplified: str) -> bool:
        """Return True if the passage contains a simplified quotation."""
        return contains_quotation(self.simplified, simplified)

    def supports(self, number: Number, *, strictly: bool = False) -> bool:
        """Return True if a number of the passage supports a claim's number.

        With `strictly`, the supporting number must have a unit if the claim's number has one.
        """
        return any(
            is_supported(number, own) and not (strictly and number.unit and not own.unit)
            for own in self.numbers
        )


@dataclass(frozen=True)
class SourceIndex:
    """The texts that the claims about one paper are checked against; built once per paper.

    `sentences` maps sentence ids to passages; `language` is the one that the claims are written in.
    """

    sentences: Mapping[int, Passage]
    title: Passage
    abstract: Passage
    profile: Passage
    language: str

    @classmethod
    def of(
        cls, text: Text, *, title: str, abstract: str, profile: str, language: str = FALLBACK
    ) -> SourceIndex:
        """Build the index from a paper's text and metadata and the reader's profile; nothing is parsed yet."""
        sentences = {s.id: Passage(s.id, s.section, s.text, language) for s in text.sentences}
        return cls(
            sentences,
            title=Passage(0, "", title, language),
            abstract=Passage(0, "", abstract[:MAX_ABSTRACT_LENGTH], language),
            profile=Passage(0, "", profile, language, is_own=True),
            language=language,
        )

    def cited(self, claim: Claim) -> list[Passage]:
        """The sentences that a claim cites; they must exist."""
        return [self.sentences[sentence_id] for sentence_id in claim.evidence]

    @cached_property
    def words(self) -> WordIndex:
        """All words of the paper. The separator keeps digits of adjacent passages from merging."""
        return WordIndex.of(" | ".join(passage.text for passage in self.passages))

    @cached_property
    def cross_references(self) -> frozenset[int]:
        """The numbers by which the paper refers to its tables, figures, sections and the like."""
        return cross_references(" | ".join(passage.text for passage in self.passages))

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All passages of the paper: title, abstract and sentences, but not the profile."""
        return (self.title, self.abstract, *self.sentences.values())
