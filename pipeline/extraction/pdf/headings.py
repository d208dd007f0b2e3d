"""Detect the headings of a PDF and their levels from type size, weight, numbering and wording. No I/O.

A PDF does not mark its headings.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from pipeline.extraction.pdf.reading_order import Run
from pipeline.extraction.sentences import clean_text, ends_sentence

MAX_LENGTH = 90  # characters of a line
MAX_TITLE_LENGTH = 200  # of all its lines
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
    rf"(?:(?:\d{{1,2}}|[IVX]{{1,5}}|[A-Z])[.:]?\s+)?(?:{_SECTION_TITLES})\s*:?|abstract\s*\.", re.IGNORECASE
)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])\S.*")
_ROMAN = re.compile(r"([IVX]{1,5})\.\s+(?=[A-Z])\S.*")
_LETTERED = re.compile(r"([A-Z](?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z])\S.*")
_REFERENCES_TITLE = re.compile(
    r"(?:\W*\w{1,4}[.:]?\s+)?(?:references|bibliography|literature cited)\W*", re.IGNORECASE
)
_APPENDIX_TITLE = re.compile(r"(?:technical )?append|supplement", re.IGNORECASE)
_APPENDIX_LETTER = re.compile(r"[^\W\d_]{4,}\s+[A-Z](?:\s*[.:—–-]\s*\S.*)?")
_NUMBER = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}|[A-Z](?:\.\d{1,2}){0,3})\.?\s+")
# Scripts that write words without spaces, or vowels as signs that Python does not take for letters.
UNSPACED = re.compile("[\u0900-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORDS = {
    length: re.compile(rf"[^\W\d_\u0900-\u109f\u1780-\u17ff\u3040-\ud7af]{{{length},}}") for length in (2, 3)
}
_FULL_STOP = re.compile("[。！？]")
CAPTION = re.compile(r"(?:Figure|Fig\.|Table|Algorithm|Listing)\s+[A-Z]?\d+\s*[.:|]")


def heading_text(text: str) -> str:
    """Return the text of a line, with the spaces of letterspaced type (`A B S T R A C T`) removed."""
    letters = clean_text(text).split(" ")
    return (
        "".join(letters)
        if len(letters) > 4 and all(len(letter) == 1 for letter in letters)
        else " ".join(letters)
    )


def is_wording(text: str, shortest: int) -> bool:
    """Whether most characters after a number belong to words of letters, unlike those of an equation."""
    text = _NUMBER.sub("", text, count=1)
    words = _WORDS[shortest].findall(text) + UNSPACED.findall(text)
    return 2 * sum(map(len, words)) >= len(text) - text.count(" ")


def is_numbered(text: str) -> bool:
    """Whether a line begins with what may be the number of a section."""
    return any(pattern.fullmatch(text) for pattern in (_NUMBERED, _ROMAN, _LETTERED))


def is_title(text: str, *, bold: bool) -> bool:
    """Whether a text of several lines is as short as a title, and no sentence but a question.

    Bold titles may end with a stop, or hold a relation.
    """
    is_sentence = (ends_sentence(text) and not text.rstrip().endswith("?")) or has_relation(text)
    return len(text) <= MAX_TITLE_LENGTH and (bold or not is_sentence) and not _FULL_STOP.search(text)


def has_relation(text: str) -> bool:
    """Whether a line holds a mathematical sign that words do not need."""
    return any(unicodedata.category(character) == "Sm" and character not in "+|~" for character in set(text))


@dataclass(frozen=True)
class Outline:
    """The position in a paper's sections: the current titles, and whether references or an appendix have begun."""

    body_size: float  # font size of most of the text
    titles: tuple[str, ...] = ()
    section_size: float = 0.0  # font size of the last numbered heading of the first level
    section_number: int = 0  # first number of the last numbered heading
    last_number: tuple[int, ...] = ()  # all numbers of the last numbered heading
    in_appendix: bool = False
    in_references: bool = False

    @property
    def section_path(self) -> tuple[str, ...]:
        """The titles from the outermost in; in an appendix, the first is always an appendix title."""
        if self.in_appendix and not (self.titles and _APPENDIX_TITLE.match(self.titles[0])):
            return ("Appendix", *self.titles)
        return self.titles

    def heading_level(self, line: Run, *, alone: bool = False, list_number: int = 0) -> int:
        """Return the level of a heading, from 1; 0 if the line is not a heading.

        `alone`: a short line between the end of a sentence and the beginning of another, which may be a heading in
        the type of the body; `list_number`: of the last item of a list in this section.
        """
        text = heading_text(line.text)
        if len(text) > MAX_LENGTH or len(text.split()) > 14 or _FULL_STOP.search(text):
            return 0
        large = line.size > LARGE_FACTOR * self.body_size
        stands_out = line.bold or large or text.isupper()
        if _KNOWN_TITLE.fullmatch(text) and not text[0].islower():
            return 1 if stands_out or len(text.split()) < 3 else 0
        if text.endswith((",", ";")) or CAPTION.match(text) or not is_wording(text, 2 if line.bold else 3):
            return 0
        if stands_out and self._is_appendix_title(text):
            return 1
        for pattern in (_NUMBERED, _ROMAN, _LETTERED) if stands_out else (_NUMBERED,) if alone else ():
            match = pattern.fullmatch(text)
            if not match or not self._is_next_number(pattern, line, match[1]):
                continue
            weak = text.endswith(".") or not stands_out
            if pattern is _NUMBERED and weak and not self._continues_sections(match[1], list_number):
                continue
            return match[1].count(".") + 1
        return self._unnumbered_level(line, text, alone=alone)

    def _unnumbered_level(self, line: Run, text: str, *, alone: bool) -> int:
        """Return the level of a heading without a number; 0 if the line is not a heading."""
        capitals = line.bold and text.isupper() and (alone or line.size > LARGE_FACTOR * self.body_size)
        if not capitals and line.size <= 1.15 * self.body_size:
            return 0
        if len(text) <= 3 or self.in_references or has_relation(text):
            return 0
        return 1 if capitals and abs(line.size - self.section_size) < 0.06 * line.size else 2

    def _is_appendix_title(self, text: str) -> bool:
        """Whether a line that stands out reads as `Appendix A: …`, in any language after the references."""
        return _APPENDIX_LETTER.fullmatch(text) is not None and (
            self.in_appendix or self.in_references or _APPENDIX_TITLE.match(text) is not None
        )

    def _continues_sections(self, number: str, list_number: int) -> bool:
        """Whether a number is exactly the next one of sections, and not of a list."""
        parts = tuple(map(int, number.split(".")))
        if len(parts) == 1:
            return parts[0] == self.section_number + 1 and list_number + 1 != parts[0] and parts[0] > 1
        last = self.last_number
        parent, following = parts[:-1], last[len(parts) - 1] + 1 if len(last) >= len(parts) else 1
        return last[: len(parent)] == parent and parts[-1] == following

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

    def enter_references(self) -> Outline:
        """Return the outline in a list of references."""
        return replace(self, titles=(), in_references=True)

    def enter(self, line: Run, level: int) -> Outline:
        """Return the outline below a heading of this level."""
        text = heading_text(line.text)
        if _REFERENCES_TITLE.fullmatch(text):
            return self.enter_references()
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
            last_number=tuple(map(int, numbered[1].split("."))) if numbered else self.last_number,
            in_appendix=in_appendix,
        )
