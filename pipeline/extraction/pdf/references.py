"""Find the lists of references of a PDF by their entries, whatever their heading. No I/O.

An entry holds a year, and its names are set apart by commas and initials. Entries are numbered from 1, or each begins
at the edge of its column and goes on further in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

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
_NAME_FIRST = re.compile(r"[^\W\d_][^\d]{1,60}?(?:,|\.|\s\()|[^\W\d_]{2,}\s[^\W\d_]{1,2},")

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
    """Whether an entry holds a year, and initials or a number of commas; in brackets its number tells it already."""
    separated = len(_INITIAL.findall(entry)) + entry.count(",") + entry.count("，")
    return _YEAR.search(entry) is not None and (bracketed or separated >= 2)


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
    """Yield the lists whose entries have no numbers: names first, then a year, each begun further out."""
    starts: list[int] = []
    for index, line in enumerate(lines):
        if starts and index - starts[-1] > MAX_ENTRY_LINES:
            yield from _checked_hanging(lines, starts)
            starts = []
        following = lines[index + 1] if index + 1 < len(lines) else line
        hangs = (
            following.page == line.page
            and 0.5 * line.run.size < following.run.left - line.run.left < 4 * line.run.size
            and 0 < line.run.bottom - following.run.bottom < 3 * line.run.size
            and abs(following.run.size - line.run.size) < 0.1 * line.run.size
        )
        if hangs and _NAME_FIRST.match(clean_text(line.run.text)):
            starts.append(index)
    yield from _checked_hanging(lines, starts)


def _checked_hanging(lines: Sequence[Line], starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    if len(starts) < MIN_UNNUMBERED_ENTRIES:
        return
    end = _entry_end(lines, starts[-1])
    entries = [
        " ".join(clean_text(line.run.text) for line in lines[first:last])
        for first, last in pairwise([*starts, end])
    ]
    if sum(_is_reference(entry, bracketed=False) for entry in entries) >= MIN_SHARE * len(entries):
        yield starts[0], end
