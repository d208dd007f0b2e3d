"""A table as lines of text, each with all the cells that a reader sees in its row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WIDEST = 60  # columns that a cell may span, or be repeated in
TALLEST = 30  # rows that a cell may span
LONGEST_REPEATED = 40  # characters; a longer cell is said once, not in each row and column that it spans
BETWEEN_CELLS = " | "


@dataclass(frozen=True)
class Cell:
    """A cell as the page has it, with the columns and rows that it spans."""

    text: str
    columns: int = 1
    rows: int = 1


def lines(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """One line a row, its cells divided by `|`. A spanning cell is repeated, so that heads stand above their columns."""
    below: dict[int, tuple[int, str]] = {}  # column: rows still covered from above, and the text
    for row in rows:
        line: dict[int, str] = {}
        hanging = below
        below = {}
        for column, (left, text) in hanging.items():
            line[column] = text
            if left > 1:
                below[column] = (left - 1, text)
        column = 0
        for cell in row:
            while column in line:
                column += 1
            _put(cell, column, line, below)
        yield BETWEEN_CELLS.join(line.get(column, "") for column in range(max(line, default=-1) + 1))


def _put(cell: Cell, first: int, line: dict[int, str], below: dict[int, tuple[int, str]]) -> None:
    """Lay a cell down from its first column, and into the rows that it spans."""
    again = cell.text if len(cell.text) <= LONGEST_REPEATED else ""
    rows = min(cell.rows, TALLEST)
    for offset in range(min(max(cell.columns, 1), WIDEST)):
        line.setdefault(first + offset, again if offset else cell.text)
        if rows > 1 and first + offset < WIDEST:
            below[first + offset] = (rows - 1, again)
