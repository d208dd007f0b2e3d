"""The runs of text of a PDF's pages as lines, in the order in which a reader reads them. Pure.

Lengths are in points from the lower left corner of the page. A page's own order of painting is nearly always
the order of reading (LaTeX and word processors write so), and keeps the rows of a table together. It is given
up only where it jumps between two columns, or paints the right one first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean
from typing import Literal

MARGIN = 0.125  # of a page's height, at its top and bottom: where heads and numbers stand
CELL = "\t"  # stands in a line's text where it has a gap as wide as its type is high
LONG = 25  # characters that make a run a line of prose, rather than a cell or a label

_NUMBER = re.compile(
    r"(?:page\s*+)?[-–—(\[]?\s*+(?:\d{1,4}|[ivxlc]{1,6})\s*+[-–—)\]]?(?:\s*+(?:of|/)\s*+\d{1,4})?",
    re.IGNORECASE,
)
_STAMP = re.compile(r"arXiv:\d{4}\.\d{4,5}v\d+ ")

Side = Literal["left", "right", "across"]


@dataclass(frozen=True)
class Run:
    """Characters beside each other on a page, or a line put together from such runs."""

    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    text: str


@dataclass(frozen=True)
class Page:
    """A page with its runs in the order in which it paints them."""

    number: int
    width: float
    height: float
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Line:
    """A line of text and the page it stands on."""

    page: int
    run: Run

    def with_text(self, text: str) -> Line:
        """The line saying something else."""
        return Line(self.page, replace(self.run, text=text))


def reading_order(pages: Sequence[Page]) -> tuple[list[Line], int]:
    """All lines of a paper, without running heads, page numbers and arXiv's stamp; and how many of those there were."""
    lines = [[Line(page.number, line) for line in _lines(_ordered(page))] for page in pages]
    repeated = _repeated(pages, lines)
    kept: list[Line] = []
    for page, on_page in zip(pages, lines, strict=True):
        kept += (line for line in on_page if not _is_furniture(line, page, on_page, repeated))
    return kept, sum(map(len, lines)) - len(kept)


def _ordered(page: Page) -> Sequence[Run]:
    """The page's runs in reading order: as painted, or column by column if that order is of no use."""
    gutter = _gutter(page)
    if gutter is None:
        return page.runs
    sides = [_side(run, gutter) for run in page.runs if len(run.text) >= LONG]
    columns = [side for side in sides if side != "across"]
    jumps = sum(one != other for one, other in pairwise(columns))
    lefts = fmean(index for index, side in enumerate(columns) if side == "left")
    rights = fmean(index for index, side in enumerate(columns) if side == "right")
    if jumps <= len(columns) / 2 and lefts < rights:
        return page.runs
    return list(_by_column(page.runs, gutter))


def _gutter(page: Page) -> float | None:
    """Where the gap between two columns of prose stands, if the page has them."""
    prose = [run for run in page.runs if len(run.text) >= LONG]
    places = [page.width * percent / 100 for percent in range(40, 61)]
    if len(prose) < 8:
        return None
    crossing = {place: sum(_side(run, place) == "across" for run in prose) for place in places}
    best = min(places, key=lambda place: (crossing[place], abs(place - page.width / 2)))
    sides = Counter(_side(run, best) for run in prose)
    two = min(sides["left"], sides["right"]) >= max(3, 0.2 * len(prose)) and sides["across"] <= 0.4 * len(
        prose
    )
    return best if two else None


def _side(run: Run, gutter: float) -> Side:
    if run.right <= gutter + 1:
        return "left"
    return "right" if run.left >= gutter - 1 else "across"


def _by_column(runs: Sequence[Run], gutter: float) -> Iterator[Run]:
    """From the top down; between two lines that go across, first the left column and then the right."""
    columns: dict[Side, list[Run]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: (-round(run.bottom), run.left)):
        side = _side(run, gutter)
        if side == "across":
            yield from (*columns.pop("left", ()), *columns.pop("right", ()), run)
        else:
            columns[side].append(run)
    yield from (*columns["left"], *columns["right"])


def _lines(runs: Iterable[Run]) -> Iterator[Run]:
    """Runs that follow each other on one line, put together: exponents, cells of a row, words far apart."""
    line: Run | None = None
    for run in runs:
        if line and _same_line(line, run):
            line = _joined(line, run)
            continue
        if line:
            yield line
        line = run
    if line:
        yield line


def _same_line(line: Run, run: Run) -> bool:
    """Whether a run stands to the right of the line and mostly beside it."""
    shared = min(line.top, run.top) - max(line.bottom, run.bottom)
    lower = min(line.top - line.bottom, run.top - run.bottom)
    ended = line.text.endswith(("\x02", "\ufffe"))
    return not ended and shared > 0.4 * lower and run.left > line.right - line.size


def _joined(line: Run, run: Run) -> Run:
    """One run of both; it looks like the longer one."""
    gap = run.left - line.right
    between = CELL if gap > line.size else " " if gap > 0.15 * line.size else ""
    raised = run.size < 0.85 * line.size and run.bottom > line.bottom + 0.3 * line.size
    mark = "^" if raised and not between and run.text[:1].isdigit() else ""
    look = line if len(line.text) >= len(run.text) else run
    return Run(
        left=min(line.left, run.left),
        bottom=min(line.bottom, run.bottom),
        right=max(line.right, run.right),
        top=max(line.top, run.top),
        size=look.size,
        bold=look.bold,
        text=line.text.rstrip() + between + mark + run.text if between else line.text + mark + run.text,
    )


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.run.text.split())).casefold()


def _in_margin(line: Line, page: Page) -> bool:
    return line.run.bottom > page.height * (1 - MARGIN) or line.run.top < page.height * MARGIN


def _repeated(pages: Sequence[Page], lines: Sequence[Sequence[Line]]) -> set[tuple[str, int]]:
    """What stands in the margin of at least two pages at the same height, but for its numbers."""
    seen: Counter[tuple[str, int]] = Counter()
    for page, on_page in zip(pages, lines, strict=True):
        seen.update({(_key(line), round(line.run.bottom / 4)) for line in on_page if _in_margin(line, page)})
    return {place for place, count in seen.items() if count > 1}


def _is_furniture(line: Line, page: Page, on_page: Sequence[Line], repeated: set[tuple[str, int]]) -> bool:
    if _STAMP.match(line.run.text):
        return True
    if not _in_margin(line, page):
        return False
    height = round(line.run.bottom / 4)
    if any((_key(line), near) in repeated for near in (height - 1, height, height + 1)):
        return True
    outermost = line.run.top >= max(one.run.top for one in on_page) or line.run.bottom <= min(
        one.run.bottom for one in on_page
    )
    return outermost and _NUMBER.fullmatch(line.run.text.strip()) is not None
