"""Join the runs of text of a PDF's pages to lines, in reading order. No I/O.

Coordinates are in points from the lower left corner of the page. The order in which a page paints its text is
nearly always the reading order (LaTeX and word processors write it so), and it keeps the rows of a table together.
Text is reordered only where that order jumps between two columns or paints the right column first.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean
from typing import Literal

MARGIN = 0.125  # share of the page's height, at top and bottom, in which running heads and page numbers stand
EDGE = 0.2  # the same for a running head that is the outermost line of its page
CELL_GAP = "\t"  # marks a gap in a line that is wider than its font size, as between cells
MIN_PROSE_LENGTH = 25  # characters of a run of prose; a cell or label is shorter

_PAGE_NUMBER = re.compile(
    r"(?:page\s*+)?[-–—(\[]?\s*+(?:\d{1,4}|[ivxlc]{1,6})\s*+[-–—)\]]?(?:\s*+(?:of|/)\s*+\d{1,4})?",
    re.IGNORECASE,
)
_LINE_NUMBER = re.compile(r"\d{1,4}")
_OUTER_NUMBER = re.compile(
    r"\s*(\d{1,4})\s+\D.*|.*\D\s(\d{1,4})\s*|\s*[-–—]?\s*(\d{1,4})\s*[-–—]?\s*", re.DOTALL
)
_RUN_IN_HEADING = re.compile(
    r"(?:(?:\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5}|[A-Z])\.?\s+\S.*\.|abstract|acknowledge?ments?)\s*",
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


def is_table_row(line: Line) -> bool:
    """Return whether a line has at least three cells."""
    return line.run.text.count(CELL_GAP) > 1


def reading_order(pages: Sequence[Page]) -> tuple[list[Line], int]:
    """Join the runs of all pages to lines in reading order.

    Running heads, page and line numbers and arXiv's stamp are dropped; the second value is their number.
    """
    text_pages = _without_line_numbers(pages)
    numbers = sum(len(page.runs) - len(text.runs) for page, text in zip(pages, text_pages, strict=True))
    lines = [
        (page, [Line(page.number, run) for run in _join_runs(_ordered_runs(page))]) for page in text_pages
    ]
    inner = _without_furniture(lines)
    kept = [line for _, on_page in _without_outermost_heads(inner) for line in on_page]
    return kept, numbers + sum(len(on_page) for _, on_page in lines) - len(kept)


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
    base: Run | None = None  # the last run of the line that is no exponent or index
    for run in runs:
        if base and _same_line(lines[-1], run):
            raised = run.size < 0.85 * base.size and run.bottom > base.bottom + 0.2 * base.size
            lines[-1] = _join(lines[-1], run, raised=raised)
            base = base if run.size < 0.85 * base.size else run
        else:
            lines.append(run)
            base = run
    return lines


def _same_line(line: Run, run: Run) -> bool:
    """Whether a run continues a line: to the right of it, with enough vertical overlap."""
    overlap = min(line.top, run.top) - max(line.bottom, run.bottom)
    height = min(line.top - line.bottom, run.top - run.bottom)
    hyphenated = line.text.endswith(("\x02", "\ufffe"))
    if _is_run_in_heading(line, run):
        return False
    return not hyphenated and overlap > 0.4 * height and run.left > line.right - line.size


def _is_run_in_heading(line: Run, run: Run) -> bool:
    """Whether a line is a bold heading and the run the text that begins on the same line."""
    return (
        line.bold
        and not run.bold
        and len(run.text) >= MIN_PROSE_LENGTH
        and run.left - line.right < 2 * line.size
        and _RUN_IN_HEADING.fullmatch(line.text) is not None
    )


def _join(line: Run, run: Run, *, raised: bool) -> Run:
    """Join a run, which may be `raised` above the one before it, to a line; the longer text gives size and weight."""
    gap = run.left - line.right
    separator = CELL_GAP if gap > line.size else " " if gap > 0.15 * line.size else ""
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


PageLines = tuple[Page, list[Line]]


def _without_furniture(lines: Sequence[PageLines]) -> list[PageLines]:
    """Drop the running heads and page numbers in the margins, and arXiv's stamp."""
    repeated = _repeated_in_margin(lines)
    inner: list[PageLines] = []
    for page, on_page in lines:
        top = max((line.run.top for line in on_page), default=0.0)
        bottom = min((line.run.bottom for line in on_page), default=0.0)
        inner.append(
            (page, [line for line in on_page if not _is_furniture(line, page, top, bottom, repeated)])
        )
    return inner


def _is_furniture(line: Line, page: Page, top: float, bottom: float, repeated: set[tuple[str, int]]) -> bool:
    """Whether a line is a running head, a page number or arXiv's stamp; `top` and `bottom` are those of the text."""
    text, height = _text_without_numbers(line), round(line.run.bottom / 4)
    is_head = any((text, near) in repeated for near in (height - 1, height, height + 1))
    outermost = line.run.top >= top or line.run.bottom <= bottom
    is_number = outermost and _PAGE_NUMBER.fullmatch(line.run.text.strip()) is not None
    return _ARXIV_STAMP.match(line.run.text) is not None or (
        _in_margin(line, page) and (is_head or is_number)
    )


def _without_outermost_heads(lines: Sequence[PageLines]) -> list[PageLines]:
    """Drop the outermost lines of pages that recur at their height, or count the pages.

    They may stand further in than the margin, where a line that recurs on the page's inside is text.
    """
    outermost = {page.number: _outermost(page, on_page) for page, on_page in lines}
    texts: Counter[tuple[str, int]] = Counter()
    counts: Counter[tuple[int, int]] = Counter()
    for number, heads in outermost.items():
        texts.update({(_text_without_numbers(head), near) for head in heads for near in _heights(head)})
        counts.update(
            {
                (offset, near)
                for head in heads
                for offset in _page_offsets(head, number)
                for near in _heights(head)
            }
        )

    def is_head(line: Line, page: Page, on_page: Sequence[Line]) -> bool:
        height = round(line.run.bottom / 4)
        counted = max((counts[offset, height] for offset in _page_offsets(line, line.page)), default=0)
        recurs = texts[_text_without_numbers(line), height] > 1
        return counted > 2 or (recurs and (_in_margin(line, page) or _is_set_off(line, on_page)))

    return [
        (
            page,
            [
                line
                for line in on_page
                if line not in outermost[page.number] or not is_head(line, page, on_page)
            ],
        )
        for page, on_page in lines
    ]


def _outermost(page: Page, on_page: Sequence[Line]) -> list[Line]:
    """Return the lines above or below which nothing stands, if they are near the page's edge."""
    top = max((line.run.top for line in on_page), default=0.0)
    bottom = min((line.run.bottom for line in on_page), default=0.0)
    return [
        line
        for line in on_page
        if (line.run.bottom > page.height * (1 - EDGE) and line.run.top > top - line.run.size / 2)
        or (line.run.top < page.height * EDGE and line.run.bottom < bottom + line.run.size / 2)
    ]


def _is_set_off(line: Line, on_page: Sequence[Line]) -> bool:
    """Whether a gap wider than between lines parts a line from those above and below it."""
    gap = 0.3 * line.run.size
    return not any(
        line.run.bottom - gap < other.run.top and other.run.bottom < line.run.top + gap
        for other in on_page
        if other is not line
        and not (other.run.top > line.run.bottom + 0.5 * line.run.size and other.run.bottom < line.run.top)
    )


def _heights(line: Line) -> tuple[int, int, int]:
    height = round(line.run.bottom / 4)
    return height - 1, height, height + 1


def _page_offsets(line: Line, page: int) -> set[int]:
    """Return by how much the numbers at a line's ends differ from the number of its page."""
    match = _OUTER_NUMBER.fullmatch(line.run.text)
    return {int(number) - page for number in match.groups() if number} if match else set()


def _without_line_numbers(pages: Sequence[Page]) -> list[Page]:
    """Drop the numbers that count the lines of a manuscript beside its text."""
    found = {page.number: _line_number_places(page) for page in pages}
    common = Counter(place for places in found.values() for place in places)
    numbered: list[Page] = []
    for page in pages:
        # A page with few lines does not show a sequence; its numbers stand where those of other pages do.
        places = found[page.number] | {place for place, count in common.items() if count > 1}
        runs = [
            run
            for run in page.runs
            if not (_LINE_NUMBER.fullmatch(run.text.strip()) and _places(run) & places)
        ]
        numbered.append(replace(page, runs=tuple(runs)) if places else page)
    return numbered


Place = tuple[Literal["left", "right"], int]


def _places(run: Run) -> set[Place]:
    """Return the edges of a run, in steps of two points and the nearest others, as keys of a column of numbers."""
    return {("left", round(run.left / 2)), ("right", round(run.right / 2))}


def _line_number_places(page: Page) -> set[Place]:
    """Return the edges by which numbers beside the text are aligned that count up from line to line."""
    numbers = [run for run in page.runs if _LINE_NUMBER.fullmatch(run.text.strip())]
    prose = [run for run in page.runs if len(run.text) >= MIN_PROSE_LENGTH]
    if len(numbers) < 4 or not prose:
        return set()
    columns: dict[Place, list[Run]] = defaultdict(list)
    for run in numbers:
        for place in _places(run):
            columns[place].append(run)
    return {place for place, column in columns.items() if _counts_lines(column, prose)}


def _counts_lines(column: Sequence[Run], prose: Sequence[Run]) -> bool:
    """Whether a column of numbers stands beside all prose and counts its lines, one by one or every few lines."""
    left, right = min(run.left for run in column), max(run.right for run in column)
    beside = all(right <= run.left or run.right <= left for run in prose)
    outside = right <= min(run.left for run in prose) or left >= max(run.right for run in prose)
    if len(column) < 4 or not beside or not outside:
        return False
    downward = sorted(column, key=lambda run: -run.bottom)
    steps = Counter(int(below.text) - int(above.text) for above, below in pairwise(downward))
    step, count = steps.most_common(1)[0]
    if step < 1 or count < 0.8 * (len(column) - 1):
        return False
    # Numbers of references also stand beside the text, and count up by one; but most lines have none.
    inside = [run for run in prose if downward[-1].bottom - 2 <= run.bottom <= downward[0].top]
    return step > 1 or len({round(run.bottom / 4) for run in inside}) < 1.4 * len(column)
