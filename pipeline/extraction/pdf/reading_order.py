"""Join the runs of text of a PDF's pages to lines, in reading order. No I/O.

Coordinates are in points from the lower left corner of the page. The order in which a page paints its text is
nearly always the reading order (LaTeX and word processors write it so), and it keeps the rows of a table together.
Text is reordered only where that order jumps between two columns or paints the right column first.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Literal

MARGIN = 0.125  # share of the page's height, at top and bottom, in which running heads and page numbers stand
CELL_GAP = "\t"  # marks a gap in a line that is wider than its font size, as between cells
MIN_PROSE_LENGTH = 25  # characters of a run of prose; a cell or label is shorter

_PAGE_NUMBER = re.compile(
    r"(?:page\s*+)?[-–—(\[]?\s*+(?:\d{1,4}|[ivxlc]{1,6})\s*+[-–—)\]]?(?:\s*+(?:of|/)\s*+\d{1,4})?",
    re.IGNORECASE,
)
_EXPONENT = re.compile(r"[\d+\-‐–−�]")  # a digit or sign, or the mark of a character that was lost
_IN_EXPONENT = re.compile(r"\^[\d+\-‐–−�]*\Z")
_ARXIV_STAMP = re.compile(r"arXiv:\d{4}\.\d{4,5}v\d+ ")

Side = Literal["left", "right", "across"]


@dataclass(frozen=True)
class Run:
    """Adjacent characters of the same style on a page, or a line joined from such runs."""

    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool
    text: str


@dataclass(frozen=True)
class Page:
    """A page with its runs in painting order; pages are numbered from 1."""

    number: int
    width: float
    height: float
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Line:
    """A line of text and the number of its page."""

    page: int
    run: Run


def reading_order(pages: Sequence[Page]) -> tuple[list[Line], int]:
    """Join the runs of all pages to lines in reading order.

    Running heads, page numbers and arXiv's stamp are dropped; the second value is their number.
    """
    lines = [(page, [Line(page.number, run) for run in _join_runs(_ordered_runs(page))]) for page in pages]
    repeated = _repeated_in_margin(lines)
    kept: list[Line] = []
    for page, on_page in lines:
        top = max((line.run.top for line in on_page), default=0.0)
        bottom = min((line.run.bottom for line in on_page), default=0.0)
        kept += (line for line in on_page if not _is_furniture(line, page, top, bottom, repeated))
    return kept, sum(len(on_page) for _, on_page in lines) - len(kept)


def _ordered_runs(page: Page) -> Sequence[Run]:
    """Return the runs in reading order: as painted, or column by column if the painting order mixes the columns."""
    prose = [run for run in page.runs if len(run.text) >= MIN_PROSE_LENGTH]
    gutter = _gutter(page.width, prose)
    if gutter is None:
        return page.runs
    columns = [side for run in prose if (side := _side(run, gutter)) != "across"]
    jumps = sum(side != following for side, following in pairwise(columns))
    left_position = fmean(index for index, side in enumerate(columns) if side == "left")
    right_position = fmean(index for index, side in enumerate(columns) if side == "right")
    if jumps <= len(columns) / 2 and left_position < right_position:
        return page.runs
    return list(_by_column(page.runs, gutter))


def _gutter(width: float, prose: Sequence[Run]) -> float | None:
    """Return the x coordinate of the gap between two columns of prose; None if there are no two columns."""
    sides = {
        x: Counter(_side(run, x) for run in prose)
        for x in (width * percent / 100 for percent in range(40, 61))
    }
    best = min(sides, key=lambda x: (sides[x]["across"], abs(x - width / 2)))
    narrower = min(sides[best]["left"], sides[best]["right"])
    has_columns = (
        len(prose) >= 8 and narrower >= max(3, 0.2 * len(prose)) and sides[best]["across"] <= 0.4 * len(prose)
    )
    return best if has_columns else None


def _side(run: Run, gutter: float) -> Side:
    if run.right <= gutter + 1:
        return "left"
    return "right" if run.left >= gutter - 1 else "across"


def _by_column(runs: Sequence[Run], gutter: float) -> Iterator[Run]:
    """Yield runs from the top down; between two lines across the page, the left column before the right."""
    columns: dict[Side, list[Run]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: (-round(run.bottom), run.left)):
        side = _side(run, gutter)
        if side == "across":
            yield from (*columns.pop("left", ()), *columns.pop("right", ()), run)
        else:
            columns[side].append(run)
    yield from (*columns["left"], *columns["right"])


def _join_runs(runs: Iterable[Run]) -> list[Run]:
    """Join consecutive runs that stand on one line: exponents, cells of a row, words with wide gaps."""
    lines: list[Run] = []
    for run in runs:
        if lines and _same_line(lines[-1], run):
            lines[-1] = _join(lines[-1], run)
        else:
            lines.append(run)
    return lines


def _same_line(line: Run, run: Run) -> bool:
    """Whether a run continues a line: to the right of it, with enough vertical overlap."""
    overlap = min(line.top, run.top) - max(line.bottom, run.bottom)
    height = min(line.top - line.bottom, run.top - run.bottom)
    hyphenated = line.text.endswith(("\x02", "\ufffe"))
    return not hyphenated and overlap > 0.4 * height and run.left > line.right - line.size


def _join(line: Run, run: Run) -> Run:
    """Join a run to a line; size and weight are those of the longer text."""
    gap = run.left - line.right
    separator = CELL_GAP if gap > line.size else " " if gap > 0.15 * line.size else ""
    raised = run.size < 0.85 * line.size and run.bottom > line.bottom + 0.3 * line.size
    starts_exponent = raised and not separator and _EXPONENT.match(run.text)
    caret = "^" if starts_exponent and not _IN_EXPONENT.search(line.text[-20:]) else ""
    longer = max(line, run, key=lambda part: len(part.text))
    return Run(
        left=min(line.left, run.left),
        bottom=min(line.bottom, run.bottom),
        right=max(line.right, run.right),
        top=max(line.top, run.top),
        size=longer.size,
        bold=longer.bold,
        text=(line.text.rstrip() if separator else line.text) + separator + caret + run.text,
    )


def _text_without_numbers(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.run.text.split())).casefold()


def _in_margin(line: Line, page: Page) -> bool:
    return line.run.bottom > page.height * (1 - MARGIN) or line.run.top < page.height * MARGIN


def _repeated_in_margin(lines: Iterable[tuple[Page, Sequence[Line]]]) -> set[tuple[str, int]]:
    """Return texts, without their numbers, and heights that recur in the margin of at least two pages."""
    seen: Counter[tuple[str, int]] = Counter()
    for page, on_page in lines:
        margin = [line for line in on_page if _in_margin(line, page)]
        seen.update({(_text_without_numbers(line), round(line.run.bottom / 4)) for line in margin})
    return {key for key, count in seen.items() if count > 1}


def _is_furniture(line: Line, page: Page, top: float, bottom: float, repeated: set[tuple[str, int]]) -> bool:
    """Whether a line is a running head, a page number or arXiv's stamp; `top` and `bottom` are those of the text."""
    text, height = _text_without_numbers(line), round(line.run.bottom / 4)
    is_head = any((text, near) in repeated for near in (height - 1, height, height + 1))
    outermost = line.run.top >= top or line.run.bottom <= bottom
    is_number = outermost and _PAGE_NUMBER.fullmatch(line.run.text.strip()) is not None
    return _ARXIV_STAMP.match(line.run.text) is not None or (
        _in_margin(line, page) and (is_head or is_number)
    )
