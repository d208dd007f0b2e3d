"""Which lines of a PDF are headings, and how deep: a PDF does not say, its look and its words do. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipeline.extraction.pdf.reading_order import Run
from pipeline.extraction.sentences import clean

LONGEST = 90  # characters
LARGER = 1.08  # times the size of the text: type that stands out

_NAMES = (
    r"abstract|introduction|related works?|background|preliminaries|(?:proposed )?methods?|methodology|approach"
    r"|experiments?|experimental (?:results|setup)|evaluation|results|results and discussion|analysis|ablation stud(?:y|ies)"
    r"|discussions?|limitations?|limitations and future work|discussion and limitations|conclusions? and limitations"
    r"|conclusions?(?: and future works?)?|future works?|acknowledge?ments?|broader impacts?|ethics statement"
    r"|impact statement|reproducibility statement|references|bibliography|literature cited"
    r"|(?:technical )?append(?:ix|ices)|supplementary materials?|supplemental materials?"
)
_KNOWN = re.compile(rf"(?:(?:\d{{1,2}}|[IVX]{{1,5}}|[A-Z])[.:]?\s+)?(?:{_NAMES})\s*:?", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+(?=[^\W\d_])\S.*")
_ROMAN = re.compile(r"([IVX]{1,5})\.\s+(?=[A-Z])\S.*")
_LETTERED = re.compile(r"([A-Z](?:\.\d{1,2}){0,3})\.?\s+(?=[A-Z])\S.*")
_REFERENCES = re.compile(
    r"(?:\W*\w{1,4}[.:]?\s+)?(?:references|bibliography|literature cited)\W*", re.IGNORECASE
)
_APPENDIX = re.compile(r"(?:technical )?append|supplement", re.IGNORECASE)
_CAPTION = re.compile(r"(?:Figure|Fig\.|Table|Algorithm|Listing)\s+[A-Z]?\d+\s*[.:|]")


def is_caption(said: str) -> bool:
    """Whether a line begins the caption of a float."""
    return _CAPTION.match(said) is not None


@dataclass(frozen=True)
class Outline:
    """Where in a paper the reading is: the titles above it, and whether references or an appendix have begun."""

    body: float  # the font size of most of the text
    titles: tuple[str, ...] = ()
    top: float = 0.0  # the font size of the last numbered heading of the first level
    number: int = 0  # the first number of the last numbered heading
    appendix: bool = False
    references: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """The titles; those of an appendix always stand below that word."""
        if self.appendix and not (self.titles and _APPENDIX.match(self.titles[0])):
            return ("Appendix", *self.titles)
        return self.titles

    def level(self, line: Run) -> int:
        """How deep a heading this line is, from 1; 0 if it is none."""
        said = clean(line.text)
        if not said or len(said) > LONGEST or len(said.split()) > 14:
            return 0
        stands_out = line.bold or line.size > LARGER * self.body or said.isupper()
        if _KNOWN.fullmatch(said) and not said[0].islower():
            return 1 if stands_out or len(said.split()) < 3 else 0
        if not stands_out or said.endswith((",", ";")) or is_caption(said):
            return 0
        for pattern in (_NUMBERED, _ROMAN, _LETTERED):
            found = pattern.fullmatch(said)
            if found and self._next(pattern, line, found[1]):
                return found[1].count(".") + 1
        large = line.size > 1.15 * self.body and len(said) > 3
        return 2 if large and not self.references and any(map(str.isalpha, said)) else 0

    def _next(self, pattern: re.Pattern[str], line: Run, number: str) -> bool:
        """Whether a number can be the next one: rows of tables start with numbers too, but not with the next one."""
        if pattern is _LETTERED:
            return self._lettered(line, number)
        first = int(number.partition(".")[0]) if pattern is _NUMBERED else 0
        if not (first and self.number):
            return True
        missed = line.bold or line.size > LARGER * self.body  # a heading before it may have been overlooked
        return self.number + ("." not in number) <= first <= self.number + 1 + missed

    def _lettered(self, line: Run, number: str) -> bool:
        """Letters number appendices; before the references, only a title `A …` as large as the other sections'."""
        return self.appendix or self.references or (number == "A" and 0 < self.top <= line.size + 0.5)

    def under(self, line: Run, level: int) -> Outline:
        """The outline below a heading."""
        said = clean(line.text)
        if _REFERENCES.fullmatch(said):
            return replace(self, titles=(), references=True)
        lettered = _LETTERED.fullmatch(said) is not None and self._lettered(line, said[0])
        after = self.references and not _KNOWN.fullmatch(said)
        appendix = self.appendix or after or lettered or _APPENDIX.match(said) is not None
        above = self.titles[: level - 1] if appendix == self.appendix else ()
        numbered = _NUMBERED.fullmatch(said)
        return Outline(
            self.body,
            titles=(*above, said.rstrip(".: ")),
            top=line.size if level == 1 and numbered else self.top,
            number=int(numbered[1].partition(".")[0]) if numbered else self.number,
            appendix=appendix,
        )
