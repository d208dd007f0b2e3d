"""Convert the lines of a PDF to sentences, each with its section and the page on which it begins. No I/O."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from pipeline.core import unicode
from pipeline.extraction.pdf.front_matter import ABSTRACT_LABEL, author_notes, front_matter
from pipeline.extraction.pdf.headings import (
    CAPTION,
    LARGE_FACTOR,
    Outline,
    has_relation,
    is_numbered,
    is_title,
    is_wording,
)
from pipeline.extraction.pdf.reading_order import CELL_GAP, MIN_PROSE_LENGTH, Line, Run, is_table_row
from pipeline.extraction.pdf.references import reference_lists
from pipeline.extraction.sentences import clean_text, ends_sentence, split_sentences
from pipeline.extraction.tables import CELL_SEPARATOR
from pipeline.extraction.text import Block

HYPHENS = "-\x02\ufffe\xad"  # pdfium writes a hyphen at a line's end as \x02 or U+FFFE
STEM_LENGTH = 4  # letters
MAX_WORD_LENGTH = 100  # characters; anything longer is not a word

_HYPHENATED_END = re.compile(rf"([^\W_]+(?:-[^\W_]+)*)[{HYPHENS}] *$")
_WORD = re.compile(r"[^\W_]+")
# The lookbehind lets a match start only at the start of a word: tried at every letter of an endless word, the
# pattern would take quadratic time.
_COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:-[^\W_]++)++")


class Vocabulary:
    """The words of a paper, with and without hyphens, to decide whether a hyphen at a line's end belongs to a word.

    Hyphens at line ends are not counted, since they are what is to be decided.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.compounds: Counter[str] = Counter()
        self.plain: Counter[str] = Counter()
        self.stems: set[tuple[str, str]] = set()
        for line in lines:
            inside = line.casefold().rstrip(HYPHENS + " ")
            compounds = _drop_overlong(_COMPOUND.findall(inside))
            self.compounds.update(compounds)
            self.stems.update(
                (head, tail[:STEM_LENGTH]) for head, _, tail in (word.rpartition("-") for word in compounds)
            )
            self.plain.update(_drop_overlong(_WORD.findall(inside)))

    def keep_hyphen(self, head: str, tail: str) -> bool:
        """Whether the hyphen between two parts of a word belongs to its spelling, not to the line break."""
        compound = self.compounds[f"{head}-{tail}".casefold()]
        plain = self.plain[f"{head}{tail}".casefold()]
        if compound or plain:
            return compound >= plain
        return (
            (head.casefold(), tail[:STEM_LENGTH].casefold())
            in self.stems  # `pre-trained` speaks for `pre-train`
            or "-" in head
            or not tail[0].islower()
            or head[-1].isdigit()
        )

    def join_lines(self, lines: Iterable[str]) -> list[str]:
        """Remove line-end hyphens and add spaces, so that the returned pieces, concatenated, are the running text."""
        pieces: list[str] = []
        for line in lines:
            hyphenated = _HYPHENATED_END.search(pieces[-1][-80:]) if pieces else None
            first = _WORD.match(line)
            if hyphenated and first:
                without_hyphen = pieces[-1].rstrip(" ")[:-1]
                pieces[-1] = (
                    without_hyphen + "-" if self.keep_hyphen(hyphenated[1], first.group()) else without_hyphen
                )
            elif pieces:
                pieces[-1] += " "
            pieces.append(line)
        return pieces


def _drop_overlong(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) <= MAX_WORD_LENGTH]


_BULLET = re.compile(r"[\x80-\x9f•∙◦‣▪●\ue000-\uf8ff]\s")
_LIST_NUMBER = re.compile(r"\(?(\d{1,2})[.)]\s+\S")
_NUMBER_ONLY = re.compile(r"[\W\d_]{0,8}")
_EQUATION_NUMBER = re.compile(r"\([A-Z]?\d{1,3}(?:\.\d{1,3})?[a-z]?\)\s*$")


@dataclass
class Paragraph:
    """Lines that are read as one text, and the titles of their section."""

    section_path: tuple[str, ...]
    lines: list[Line]


def build_blocks(lines: Sequence[Line]) -> tuple[list[Block], Counter[str]]:
    """Convert lines to blocks of one sentence each.

    Also returns the numbers of omitted lines: `authors` (everything before the abstract, and notes on the authors at
    the foot of the first page) and `references`.
    """
    listed = {index for first, last in reference_lists(lines) for index in range(first, last)}
    shape = PageShape(lines, _body_size([line for index, line in enumerate(lines) if index not in listed]))
    vocabulary = Vocabulary(line.run.text for line in lines)
    reader = ParagraphReader(lines, shape, vocabulary, listed)
    reader.read()
    blocks = [
        block
        for paragraph in _join_interrupted(reader.paragraphs, shape)
        for block in _split_paragraph(paragraph.section_path, paragraph.lines, vocabulary)
    ]
    return blocks, reader.omitted


class ParagraphReader:
    """Part lines into paragraphs, each below its headings, and count what is omitted.

    `listed` are the indexes of the lines of references that `reference_lists` found.
    """

    def __init__(
        self, lines: Sequence[Line], shape: PageShape, vocabulary: Vocabulary, listed: set[int]
    ) -> None:
        self.lines = lines
        self.shape = shape
        self.vocabulary = vocabulary
        self.listed = listed
        self.front = front_matter(lines, shape.body_size)
        self.notes = author_notes(lines, shape.body_size) - set(range(self.front.length))
        self.omitted = Counter(authors=self.front.length + len(self.notes))
        self.outline = Outline(shape.body_size)
        self.paragraphs: list[Paragraph] = []
        self.last: Line | None = None  # the last line that was not omitted
        self.list_number = 0  # of the last item of a numbered list in this section
        self.heading_end = 0  # index after the last line of the last heading

    def read(self) -> None:
        """Read all lines into `paragraphs` and `omitted`."""
        if self.front.abstract_end > self.front.length:
            self.outline = replace(self.outline, titles=("Abstract",))
        for index in range(self.front.length, len(self.lines)):
            if self.front.length < index == self.front.abstract_end:
                self.outline, self.last = replace(self.outline, titles=()), None
            if index in self.listed:
                self.omitted["references"] += 1
                self.last = None
            elif index not in self.notes and index >= self.heading_end:
                self._read_line(index)

    def _read_line(self, index: int) -> None:
        line = self.lines[index]
        text = clean_text(line.run.text)
        label = (
            None if self.outline.section_path or self.outline.in_references else ABSTRACT_LABEL.match(text)
        )
        if label:
            self.outline = replace(self.outline, titles=("Abstract",))
            line = Line(line.page, replace(line.run, text=text[label.end() :]))
        elif self._enter_heading(index, text):
            self.last = None
            return
        if self.outline.in_references:
            self.omitted["references"] += 1
            return
        if self.last is None or label or self.shape.starts_paragraph(self.last, line, text):
            self.paragraphs.append(Paragraph(self.outline.section_path, []))
        if number := _LIST_NUMBER.match(text):
            self.list_number = int(number[1])
        self.paragraphs[-1].lines.append(line)
        self.last = line

    def _enter_heading(self, index: int, text: str) -> bool:
        """Enter the section of which this line is the heading; returns False if it is none."""
        line = self.lines[index]
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if index + 1 in self.listed and self.shape.may_title(line, text):
            self.outline = self.outline.enter_references()
            return True
        alone = self.shape.stands_alone(self.last, line, following)
        level = self.outline.heading_level(line.run, alone=alone, list_number=self.list_number)
        if not level or (level > 1 and self._in_paragraph(line, text)):
            return False
        end = index + 1
        while self._goes_on(end):
            end += 1
        title = "".join(self.vocabulary.join_lines(line.run.text for line in self.lines[index:end]))
        if end > index + 1 and not is_title(title, bold=line.run.bold):
            return False
        self.outline = self.outline.enter(replace(line.run, text=title), level)
        self.list_number, self.heading_end = 0, end
        return True

    def _in_paragraph(self, line: Line, text: str) -> bool:
        return self.last is not None and not is_numbered(text) and self.shape.wraps(self.last, line)

    def _goes_on(self, index: int) -> bool:
        """Whether the line at this index goes on with the heading on the line above it."""
        if index == len(self.lines) or index in self.listed:
            return False
        heading, line = self.lines[index - 1], self.lines[index]
        return not is_numbered(clean_text(line.run.text)) and self.shape.wraps(heading, line)


def _join_interrupted(paragraphs: Sequence[Paragraph], shape: PageShape) -> list[Paragraph]:
    """Join the halves of sentences that a footnote, a float, an equation or the end of a column parts.

    What stands between the halves follows them; only equations stay in the sentence. Halves are not joined over a line
    that may be a part of the sentence: its words would be missing.
    """
    joined: list[Paragraph] = []
    position = 0  # in `joined`, of the last paragraph of the text
    between: list[int] = []  # positions of equations since then
    for paragraph in paragraphs:
        before = joined[position] if joined else None
        same_section = before is not None and before.section_path == paragraph.section_path
        if (
            before is not None
            and same_section
            and not (
                position + 1 < len(joined) and shape.continues_below(before.lines, joined[position + 1].lines)
            )
            and shape.goes_on(before.lines, paragraph.lines, over_equation=bool(between))
        ):
            for equation in between:
                before.lines += joined[equation].lines
            for equation in reversed(between):
                del joined[equation]
            before.lines += paragraph.lines
            between = []
            continue
        joined.append(paragraph)
        if shape.is_text(paragraph.lines):
            position, between = len(joined) - 1, []
        elif same_section and shape.is_equation(paragraph.lines):
            between.append(len(joined) - 1)
    return joined


def _body_size(lines: Sequence[Line]) -> float:
    """Return the font size of most of the text."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.run.size, 1)] += len(line.run.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


class PageShape:
    """The measures of a paper's text: its size, the gaps between its lines, the right edges of its columns."""

    def __init__(self, lines: Sequence[Line], body_size: float) -> None:
        self.body_size = body_size
        self.line_gap = self._line_gap(lines)
        self.columns: dict[tuple[int, int, int], tuple[float, float]] = {}  # left and right edges of columns
        self.prose: dict[int, list[Run]] = defaultdict(list)  # lines of prose by page
        for line in lines:
            if len(line.run.text) >= MIN_PROSE_LENGTH and CELL_GAP not in line.run.text:
                self.prose[line.page].append(line.run)

    def _line_gap(self, lines: Sequence[Line]) -> float:
        """Return the most frequent gap between the lines of a sentence, in points; 0 for single line spacing."""
        gaps = Counter(
            round(above.run.bottom - below.run.top)
            for above, below in pairwise(lines)
            if above.page == below.page
            and self._is_body(above.run)
            and self._is_body(below.run)
            and len(above.run.text) >= MIN_PROSE_LENGTH
            and not ends_sentence(above.run.text)
            and above.run.bottom > below.run.top - below.run.size / 2
        )
        gap, count = gaps.most_common(1)[0] if gaps else (0, 0)
        return float(gap) if count > 2 else 0.0

    def _is_body(self, run: Run) -> bool:
        return abs(run.size - self.body_size) <= 0.06 * self.body_size

    def starts_paragraph(self, last: Line, line: Line, text: str) -> bool:
        """Whether a line starts a new paragraph: a caption, bullet or table row, another font size, or a wide gap."""
        size = max(last.run.size, line.run.size)
        gap = last.run.bottom - line.run.top
        change = abs(last.run.size - line.run.size)
        set_apart = last.page != line.page or not -0.5 * size < gap < 0.5 * size
        return bool(
            CAPTION.match(text)
            or _BULLET.match(line.run.text)
            or is_table_row(line)
            or is_table_row(last)
            or change > 0.12 * size
            or (change > 0.06 * size and set_apart)
            or (last.page == line.page and gap > max(size, self.line_gap + 0.5 * size))
        )

    def stands_alone(self, last: Line | None, line: Line, following: Line | None) -> bool:
        """Whether a line is shorter than its column and stands between two sentences."""
        if following is None or not self._is_body(line.run) or ends_sentence(line.run.text):
            return False
        text = clean_text(following.run.text)
        new_page = last is None or last.page != line.page
        return (
            (last is None or ends_sentence(last.run.text) or not self._is_body(last.run) or new_page)
            and text[:1].isalpha()
            and not text[:1].islower()
            and len(text) >= MIN_PROSE_LENGTH
            and line.run.right < self._column_right(line) - 4 * line.run.size
            and (last is None or new_page or last.run.bottom > line.run.top - line.run.size)
        )

    def may_title(self, line: Line, text: str) -> bool:
        """Whether the line before a list of references is its heading."""
        return (
            len(text) < 60
            and not ends_sentence(text)
            and any(map(str.isalpha, text))
            and (line.run.bold or line.run.size > LARGE_FACTOR * self.body_size or text.isupper())
        )

    def wraps(self, heading: Line, line: Line) -> bool:
        """Whether a line stands directly below a heading, in its type, and its first word has no room above."""
        above, below = heading.run, line.run
        first_word = below.text.split(maxsplit=1)[0] if below.text.strip() else below.text
        width = (above.right - above.left) * (1 + (len(first_word) + 1) / max(1, len(above.text)))
        left, right = self._column(heading)
        return (
            heading.page == line.page
            and above.bold == below.bold
            and (below.text.isupper() or not above.text.isupper())
            and abs(above.size - below.size) < 0.02 * above.size
            and -0.5 * above.size < above.bottom - below.top < 0.5 * above.size
            and below.left < above.right
            and above.left < below.right
            and not ends_sentence(above.text)
            and width > right - left - above.size
        )

    def _column_right(self, line: Line) -> float:
        """Return the right edge of the column in which a line stands."""
        return self._column(line)[1]

    def _column(self, line: Line) -> tuple[float, float]:
        """Return the left and right edges of the column in which a line stands."""
        key = (line.page, round(line.run.left / 10), round(line.run.right / 10))
        if key not in self.columns:
            column = [
                run
                for run in self.prose[line.page]
                if run.left < line.run.right and line.run.left < run.right
            ] or [line.run]
            lefts, rights = sorted(run.left for run in column), sorted(run.right for run in column)
            self.columns[key] = lefts[len(column) // 4], rights[len(column) * 3 // 4]
        return self.columns[key]

    def is_text(self, lines: Sequence[Line]) -> bool:
        """Whether lines are prose in the type of the body, no caption, list item, row or equation."""
        text = clean_text(" ".join(line.run.text for line in lines[:3]))
        return (
            self._is_body(lines[0].run)
            and self._is_body(lines[-1].run)
            and len(text) >= MIN_PROSE_LENGTH
            and not CAPTION.match(text)
            and not any(is_table_row(line) for line in lines)
            and is_wording(text, 3)
        )

    def is_equation(self, lines: Sequence[Line]) -> bool:
        """Whether lines are a displayed equation: a relation or a number in brackets, and few words."""
        text = clean_text(" ".join(line.run.text for line in lines))
        return (
            len(text) < 300
            and abs(lines[0].run.size - self.body_size) < 0.3 * self.body_size
            and (has_relation(text) or _EQUATION_NUMBER.search(text) is not None)
            and (_EQUATION_NUMBER.search(text) is not None or not any(map(is_table_row, lines)))
            and not CAPTION.match(text)
            and not is_wording(text, 3)
        )

    def continues_below(self, before: Sequence[Line], paragraph: Sequence[Line]) -> bool:
        """Whether the next line of a text looks like a row: a justified line whose words stand far apart."""
        last, row = before[-1], paragraph[0]
        return (
            is_table_row(row)
            and last.page == row.page
            and self._is_body(row.run)
            and abs(last.run.bottom - row.run.top - self.line_gap) < 0.5 * row.run.size
            and row.run.left < last.run.left + row.run.size
            and row.run.right > self._column_right(last) - row.run.size
        )

    def goes_on(self, before: Sequence[Line], after: Sequence[Line], *, over_equation: bool) -> bool:
        """Whether a paragraph is the second half of a sentence that begins in another."""
        if not self._is_body(after[0].run) or not self._is_body(before[-1].run):
            return False
        last, first = before[-1], after[0]
        head, tail = clean_text(last.run.text), clean_text(first.run.text)
        if (
            ends_sentence(head)
            or (head.endswith(":") and not over_equation)
            or not tail
            or _BULLET.match(first.run.text)
        ):
            return False
        if CAPTION.match(tail) or is_table_row(first) or not is_wording(tail, 2) or not self.is_text(before):
            return False
        if tail[0].islower() or last.run.text.rstrip(" ").endswith(tuple(HYPHENS)):
            return len(tail.split()) > 2 or ends_sentence(tail)
        # Before a capital letter, a number, or in a script without small letters, a full line tells that it goes on.
        full = last.run.right > self._column_right(last) - 1.5 * last.run.size
        moved = last.page != first.page or last.run.bottom < first.run.bottom
        return (
            full
            and moved
            and self.is_text(after)
            and len(after) > 1
            and after[0].run.left < after[1].run.left + 0.5 * first.run.size
        )


def _split_paragraph(
    section_path: tuple[str, ...], lines: Sequence[Line], vocabulary: Vocabulary
) -> Iterator[Block]:
    """Yield the sentences of a paragraph as blocks; lone numbers, of equations or axes, are dropped."""
    if len(lines) == 1 and is_table_row(lines[0]):
        row = CELL_SEPARATOR.join(clean_text(cell) for cell in lines[0].run.text.split(CELL_GAP))
        yield Block(section_path, f"page={lines[0].page}", row, is_sentence=True)
        return
    pieces = [
        unicode.remove_invisible(piece) for piece in vocabulary.join_lines(line.run.text for line in lines)
    ]
    # Offsets count no white space, the only characters that `split_sentences` may change.
    starts = [0, *accumulate(len("".join(piece.split())) for piece in pieces)]
    offset = 0
    for sentence in split_sentences("".join(pieces)):
        page = lines[bisect_right(starts, offset) - 1].page
        if not _NUMBER_ONLY.fullmatch(sentence):
            yield Block(section_path, f"page={page}", sentence, is_sentence=True)
        offset += len("".join(sentence.split()))
