"""Find the lists of references of a PDF by their entries, whatever their heading. No I/O.

An entry holds a year, and its names are set apart by commas and initials. Entries are numbered from 1, or each begins
at the edge of its column and goes on further in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.extraction.pdf.headings import UNSPACED
from pipeline.extraction.pdf.reading_order import Line
from pipeline.extraction.sentences import clean_text

MAX_ENTRY_LINES = 12
MIN_ENTRIES = 3
MIN_UNNUMBERED_ENTRIES = 4
SKIPPED_NUMBERS = 2  # of entries whose first line is not recognized
MIN_SHARE = 0.7  # of entries that look like references

_BRACKETED = re.compile(r"\[(\d{1,3})\]")
_NUMBERED = re.compile(r"(?:\((\d{1,3})\)|(\d{1,3})[.)]?)\s+(?=\S)")
_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")
_INITIAL = re.compile(r"(?<![^\W\d_])[^\W\d_a-z](?:\.|(?=,))")
# A name as `Smith, J.`, `J. Smith`, `Smith J,` or `Mary-Ann van Smith,` begins an entry.
_NAME_FIRST = re.compile(
    r"(?:[^\W\d_]{1,3}\.[\s-]?){1,4}\s*[^\W\d_]|(?:[^\W\d_][\w’'´`-]*\s){0,3}[^\W\d_][\w’'´`-]*,\s*[^\W\d_]"
    r"|[^\W\d_][\w’'-]+\s[^\W\d_a-z]{1,3}[,.]"
)
_CITATION = re.compile(r"\([^()]*[^\W\d_][^()]*\)")

Entry = tuple[int, int]  # indexes of its first line and of the line after its last


def reference_lists(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return the ranges of lines, without headings, that are entries of lists of references."""
    found = [*_numbered_lists(lines), *_hanging_lists(lines)]
    ranges: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if ranges and first <= ranges[-1][1]:
            ranges[-1] = ranges[-1][0], max(last, ranges[-1][1])
        else:
            ranges.append((first, last))
    return ranges


def _numbered_lists(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield the lists whose entries are numbered from 1 by `[1]`, or by `1.`, `(1)` or `1`."""
    texts = [clean_text(line.run.text) for line in lines]
    for pattern in (_BRACKETED, _NUMBERED):
        starts: list[int] = []
        number = 0
        for index, text in enumerate(texts):
            match = pattern.match(text)
            value = int(next(filter(None, match.groups()))) if match else 0
            near = starts and index - starts[-1] <= MAX_ENTRY_LINES
            if near and number < value <= number + 1 + SKIPPED_NUMBERS:
                starts.append(index)
                number = value
            elif not near or (value == 1 and number < MIN_ENTRIES):
                if starts:
                    yield from _checked(lines, texts, starts, bracketed=pattern is _BRACKETED)
                starts, number = ([index], 1) if value == 1 else ([], 0)
        yield from _checked(lines, texts, starts, bracketed=pattern is _BRACKETED)


def _checked(
    lines: Sequence[Line], texts: Sequence[str], starts: Sequence[int], *, bracketed: bool
) -> Iterator[tuple[int, int]]:
    """Yield the list of the entries that start at these lines, if most of them look like references."""
    if len(starts) < MIN_ENTRIES:
        return
    end = _entry_end(lines, starts[-1])
    entries = [" ".join(texts[first:last]) for first, last in pairwise([*starts, end])]
    alike = sum(_is_reference(entry, bracketed=bracketed) for entry in entries)
    if alike >= MIN_SHARE * len(entries):
        yield starts[0], end


def _is_reference(entry: str, *, bracketed: bool) -> bool:
    """Whether an entry holds a year, names at its beginning, and commas; in brackets its number tells it already."""
    if bracketed:
        return _YEAR.search(entry) is not None
    number = _NUMBERED.match(entry)
    names = entry[number.end() :] if number else entry
    name = _NAME_FIRST.match(names)
    separated = len(_INITIAL.findall(names)) + names.count(",") + names.count("，")
    return (
        separated >= (1 if number else 2)
        and _YEAR.search(_CITATION.sub("", names)) is not None
        and (UNSPACED.match(names) is not None or (name is not None and not name.group()[-1].islower()))
    )


def _entry_end(lines: Sequence[Line], first: int) -> int:
    """Return the index after the last line of an entry: the next line that is set off or of another size."""
    for index in range(first + 1, min(len(lines), first + MAX_ENTRY_LINES)):
        last, line = lines[index - 1], lines[index]
        gap = last.run.bottom - line.run.top
        if (
            last.page != line.page
            or gap > 0.5 * line.run.size
            or gap < -2 * line.run.size
            or line.run.bold > last.run.bold
            or abs(last.run.size - line.run.size) > 0.1 * line.run.size
        ):
            return index
    return min(len(lines), first + MAX_ENTRY_LINES)


def _hanging_lists(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield the lists whose entries have no numbers, but each begins further out than it goes on."""
    run: list[tuple[int, int]] = []  # entries that look like references
    others = 0  # entries since then that do not
    for first, last in (entry for column in _columns(lines) for entry in _hanging_entries(lines, column)):
        text = " ".join(clean_text(line.run.text) for line in lines[first:last])
        if _is_reference(text, bracketed=False):
            run.append((first, last))
            others = 0
            continue
        others += 1
        if others > 1 and run:
            yield from _long_enough(run)
            run = []
    yield from _long_enough(run)


def _long_enough(entries: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    if sum(last - first > 1 for first, last in entries) >= MIN_UNNUMBERED_ENTRIES:
        yield entries[0][0], entries[-1][1]


def _columns(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of lines of one size that stand below each other."""
    first = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines):
            above, line = lines[index - 1], lines[index]
            below = above.page == line.page and line.run.bottom < above.run.bottom
            beside = line.run.left > above.run.right or above.run.left > line.run.right
            if below and not beside and abs(above.run.size - line.run.size) < 0.1 * line.run.size:
                continue
        yield first, index
        first = index


def _hanging_entries(lines: Sequence[Line], column: tuple[int, int]) -> Iterator[Entry]:
    """Yield the entries of a column: from each line at its left edge to the next."""
    first, end = column
    lefts = Counter(round(line.run.left) for line in lines[first:end])
    edge = min((left for left, count in lefts.items() if count > 1), default=min(lefts))
    starts = [index for index in range(first, end) if lines[index].run.left < edge + 2]
    # The column may begin within an entry of the one before.
    yield from pairwise([*starts, end])
