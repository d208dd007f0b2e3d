"""Find where the abstract of a PDF begins, also one without a heading, and the notes of its authors. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extraction.pdf.headings import CAPTION, LARGE_FACTOR, UNSPACED, heading_text
from pipeline.extraction.pdf.reading_order import Line, is_table_row
from pipeline.extraction.sentences import clean_text, ends_sentence

ABSTRACT_LABEL = re.compile(r"abstract\s*[.:—–-]+\s*(?=\S)", re.IGNORECASE)
MIN_PROSE_LENGTH = 100  # characters of a paragraph
MIN_LOWER_SHARE = 0.4  # of the words of prose; names and addresses are capitalized
MAX_COMMA_SHARE = 0.2  # of the words

_ABSTRACT_TITLE = re.compile(r"abstract\W*", re.IGNORECASE)
_MARK = re.compile(r"\s*[\d*†‡§¶∥⋆♯#∗]")
_INTRODUCTION = re.compile(r"(?:[1I]\.?\s+)?introduction\W*", re.IGNORECASE)
_FIRST_NUMBER = re.compile(r"[1I]\.?\s+[^\W\d_]\S.*")


@dataclass(frozen=True)
class FrontMatter:
    """The lines before the abstract or first section, and those of an abstract without a heading."""

    length: int
    abstract_end: int  # index after its last line; equals `length` where the abstract has a heading


def front_matter(lines: Sequence[Line], body_size: float) -> FrontMatter:
    """Find the end of the title and authors: at the abstract or, failing that, at the first section."""
    first_pages = [line for line in lines if line.page <= 2]
    titles = [clean_text(line.run.text) for line in first_pages]
    for index, title in enumerate(titles):
        if ABSTRACT_LABEL.match(title) or _ABSTRACT_TITLE.fullmatch(heading_text(title)):
            return FrontMatter(_other_abstract(first_pages, titles, index), index)
    section = next((i for i, title in enumerate(titles) if _INTRODUCTION.fullmatch(title)), None)
    if section is None:
        section = next(
            (
                i
                for i, (line, title) in enumerate(zip(first_pages, titles, strict=True))
                if _FIRST_NUMBER.fullmatch(title)
                and (line.run.bold or line.run.size > LARGE_FACTOR * body_size)
            ),
            None,
        )
    before = first_pages[:section]
    for first, last in _paragraphs(before):
        if _is_prose(" ".join(titles[first:last])) and (
            section is not None or _is_set_apart(before, first, body_size)
        ):
            return FrontMatter(first, len(before) if section is not None else last)
    return FrontMatter(section or 0, section or 0)


def _other_abstract(lines: Sequence[Line], titles: Sequence[str], heading: int) -> int:
    """Return where an abstract in another language begins that stands above this heading, in the type of the first."""
    below = [line.run for line in lines[heading + 1 : heading + 4]]
    for first, last in _paragraphs(lines[:heading]):
        run = lines[first].run
        alike = [other for other in below if abs(other.size - run.size) < 0.06 * run.size]
        if any(abs(other.left - run.left) < 1 for other in alike) and _is_prose(" ".join(titles[first:last])):
            return first
    return heading


def _paragraphs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return the ranges of lines that follow each other in one size from one left edge, but for an indent.

    A sentence may go on at the top of the next column.
    """
    ranges: list[tuple[int, int]] = []
    for index in range(len(lines)):
        if ranges and _goes_on(lines, ranges[-1][0], index):
            ranges[-1] = ranges[-1][0], index + 1
        else:
            ranges.append((index, index + 1))
    return ranges


def _goes_on(lines: Sequence[Line], first: int, index: int) -> bool:
    """Whether the paragraph that begins at the first of these indexes goes on at the second."""
    last, line = lines[index - 1], lines[index]
    if not _is_alike(last, line):
        return False
    size = line.run.size
    is_second = index == first + 1
    if line.run.left > last.run.right and line.run.bottom > last.run.bottom:
        return not is_second and not ends_sentence(last.run.text)
    indent = last.run.left - line.run.left
    return -0.5 * size < _gap(last, line) < _usual_gap(lines, first, index) + 0.25 * size and (
        abs(indent) < 0.6 * size or (is_second and 0 < indent < 4 * size)
    )


def _usual_gap(lines: Sequence[Line], first: int, index: int) -> float:
    """Return the gap between the first two lines of a paragraph or, before its second line, at most the next gap."""
    if index > first + 1:
        return _gap(lines[first], lines[first + 1])
    line, largest = lines[index], 1.25 * lines[index].run.size
    if index + 1 == len(lines) or not _is_alike(line, lines[index + 1]):
        return largest
    following = lines[index + 1]
    is_below = abs(line.run.left - following.run.left) < 0.6 * line.run.size and _gap(line, following) > -3
    return min(largest, _gap(line, following)) if is_below else largest


def _is_alike(line: Line, other: Line) -> bool:
    return line.page == other.page and abs(line.run.size - other.run.size) < 0.06 * other.run.size


def _gap(above: Line, below: Line) -> float:
    return above.run.bottom - below.run.top


def _is_prose(text: str) -> bool:
    """Whether a paragraph is sentences, not names, addresses or dates."""
    if not ends_sentence(text):
        return False
    if len(UNSPACED.findall(text)) > len(text) / 2:
        return len(text) >= MIN_PROSE_LENGTH / 2
    words = [word for word in text.split() if word[0].isalpha()]
    return (
        len(text) >= MIN_PROSE_LENGTH
        and len(words) > 0
        and _capitalized(words) <= 1 - MIN_LOWER_SHARE
        and text.count(",") <= MAX_COMMA_SHARE * len(words)
    )


def _capitalized(words: Sequence[str]) -> float:
    """Return the share of words with a capital letter."""
    return sum(word[0].isupper() for word in words) / len(words)


def _is_set_apart(lines: Sequence[Line], first: int, body_size: float) -> bool:
    """Whether a paragraph below a title is set in another size than the text, as an abstract is."""
    return (
        abs(lines[first].run.size - body_size) > 0.04 * body_size
        and any(line.run.size > 1.15 * body_size for line in lines[:first])
        and not any(CAPTION.match(line.run.text) or is_table_row(line) for line in lines[:first])
    )


def author_notes(lines: Sequence[Line], body_size: float) -> set[int]:
    """Return the indexes of the small lines at the foot of a column of the first page that are no footnotes.

    There stand affiliations, thanks, dates and the notice of copyright.
    """
    page = [index for index, line in enumerate(lines) if line.page == lines[0].page] if lines else []
    notes: set[int] = set()
    block: list[int] = []
    for position, index in enumerate([*page, -1]):
        line = lines[index].run if index >= 0 else None
        small = line is not None and line.size < 0.93 * body_size
        follows = bool(block) and line is not None and 0 < lines[block[-1]].run.bottom - line.bottom < 40
        if small and (follows or not block):
            block.append(index)
            continue
        if block and position > len(block) and _is_foot(lines, page, block, body_size):
            for note in _notes(lines, block):
                if _is_on_authors(" ".join(clean_text(lines[line].run.text) for line in note)):
                    notes.update(note)
        block = [index] if small else []
    return notes


def _notes(lines: Sequence[Line], block: Sequence[int]) -> list[list[int]]:
    """Part a block of notes before each line that begins with a mark, such as `1` or `*`."""
    notes: list[list[int]] = []
    for index in block:
        if not notes or _MARK.match(lines[index].run.text):
            notes.append([])
        notes[-1].append(index)
    return notes


def _is_on_authors(note: str) -> bool:
    """Whether a note explains no word of the text: it has no mark, or names and addresses follow the mark."""
    words = [word for word in _MARK.sub("", note).split() if word[0].isalpha()]
    return not _MARK.match(note) or "@" in note or not words or _capitalized(words) > 1 - MIN_LOWER_SHARE


def _is_foot(lines: Sequence[Line], page: Sequence[int], block: Sequence[int], body_size: float) -> bool:
    """Whether a block of small lines is the last of its column, below text in the type of the body."""
    first, last = lines[block[0]].run, lines[block[-1]].run
    others = [lines[index].run for index in page if index not in block]
    below = any(
        run.bottom < last.bottom and run.left < first.right and first.left < run.right for run in others
    )
    body_above = any(
        run.bottom > first.top
        and run.left < first.right
        and first.left < run.right
        and abs(run.size - body_size) < 0.05 * body_size
        and len(run.text) > 25
        for run in others
    )
    texts = [clean_text(lines[index].run.text) for index in block]
    low = first.top < 0.4 * max(run.top for run in others) if others else False
    return not below and body_above and low and not any(CAPTION.match(text) for text in texts)
