"""Detect the headings of a PDF and their levels from type size, weight, numbering and wording. No I/O.

A PDF does not mark its headings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.extraction.pdf.reading_order import Run
from pipeline.extraction.sentences import clean_text

MAX_LENGTH = 90  # characters
LARGE_FACTOR = 1.08  # times the size of the body text; larger type stands out

_SECTION_TITLES = (
    r"abstract|introduction|related works?|background|preliminaries|(?:proposed )?methods?|methodology|approach"
    r"|experiments?|experimental (?:results|setup)|evaluation|results|results and discussion|analysis|ablation stud(?:y|ies)"
    r"|discussions?|limitations?|limitations and future work|discussion and limitations|conclusions? and limitations"
    r"|conclusions?(?: and future works?)?|future works?|acknowledge?ments?|broader impacts?|ethics statement"
    r"|impact statement|reproducibility statement|references|bibliography|literature cited"
    r"|(?:technical )?append(?:ix|ices)|supplementary materials?|supplemental materials?"
)
_KNOWN_TITLE = re.compile(
    rf"(?:(?:\d{{1,2}}|[IVX]{{1,5}}|[A-Z])[.:]?\s+)?(?:{_SECTION_TITLES})\s*:?", re.IGNORECASE
)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])\S.*")
_ROMAN = re.compile(r"([IVX]{1,5})\.\s+(?=[A-Z])\S.*")
_LETTERED = re.compile(r"([A-Z](?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z])\S.*")
_REFERENCES_TITLE = re.compile(
    r"(?:\W*\w{1,4}[.:]?\s+)?(?:references|bibliography|literature cited)\W*", re.IGNORECASE
)
_APPENDIX_TITLE = re.compile(r"(?:technical )?append|supplement", re.IGNORECASE)
CAPTION = re.compile(r"(?:Figure|Fig\.|Table|Algorithm|Listing)\s+[A-Z]?\d+\s*[.:|]")


@dataclass(frozen=True)
class Outline:
    """The position in a paper's sections: the current titles, and whether references or an appendix have begun."""

    body_size: float  # font size of most of the text
    titles: tuple[str, ...] = ()
    section_size: float = 0.0  # font size of the last numbered heading of the first level
    section_number: int = 0  # first number of the last numbered heading
    in_appendix: bool = False
    in_references: bool = False

    @property
    def section_path(self) -> tuple[str, ...]:
        """The titles from the outermost in; in an appendix, the first is always an appendix title."""
        if self.in_appendix and not (self.titles and _APPENDIX_TITLE.match(self.titles[0])):
            return ("Appendix", *self.titles)
        return self.titles

    def heading_level(self, line: Run) -> int:
        """Return the level of a heading, from 1; 0 if the line is not a heading."""
        text = clean_text(line.text)
        if len(text) > MAX_LENGTH or len(text.split()) > 14:
            return 0
        stands_out = line.bold or line.size > LARGE_FACTOR * self.body_size or text.isupper()
        if _KNOWN_TITLE.fullmatch(text) and not text[0].islower():
            return 1 if stands_out or len(text.split()) < 3 else 0
        if not stands_out or text.endswith((",", ";")) or CAPTION.match(text):
            return 0
        for pattern in (_NUMBERED, _ROMAN, _LETTERED):
            match = pattern.fullmatch(text)
            if match and self._is_next_number(pattern, line, match[1]):
                return match[1].count(".") + 1
        large = line.size > 1.15 * self.body_size and len(text) > 3
        return 2 if large and not self.in_references and any(map(str.isalpha, text)) else 0

    def _is_next_number(self, pattern: re.Pattern[str], line: Run, number: str) -> bool:
        """Whether the number continues the numbering of sections, unlike the numbers that start rows of tables."""
        if pattern is _LETTERED:
            return self._is_lettered_heading(line, number)
        first = int(number.partition(".")[0]) if pattern is _NUMBERED else 0
        # A line that looks like a heading may also skip one number, since the heading before may be undetected.
        missed = line.bold or line.size > LARGE_FACTOR * self.body_size
        lowest, highest = self.section_number + ("." not in number), self.section_number + 1 + missed
        return not first or not self.section_number or lowest <= first <= highest

    def _is_lettered_heading(self, line: Run, number: str) -> bool:
        """Whether a letter can number this heading.

        It can in an appendix and after the references; before them only in a title `A …` as large as a section's.
        """
        return (
            self.in_appendix
            or self.in_references
            or (number == "A" and 0 < self.section_size <= line.size + 0.5)
        )

    def enter(self, line: Run, level: int) -> Outline:
        """Return the outline below a heading of this level."""
        text = clean_text(line.text)
        if _REFERENCES_TITLE.fullmatch(text):
            return replace(self, titles=(), in_references=True)
        lettered = _LETTERED.fullmatch(text) is not None and self._is_lettered_heading(line, text[0])
        after_references = self.in_references and not _KNOWN_TITLE.fullmatch(text)
        in_appendix = (
            self.in_appendix or after_references or lettered or _APPENDIX_TITLE.match(text) is not None
        )
        above = self.titles[: level - 1] if in_appendix == self.in_appendix else ()
        numbered = _NUMBERED.fullmatch(text)
        return Outline(
            self.body_size,
            titles=(*above, text.rstrip(".: ")),
            section_size=line.size if level == 1 and numbered else self.section_size,
            section_number=int(numbered[1].partition(".")[0]) if numbered else self.section_number,
            in_appendix=in_appendix,
        )
