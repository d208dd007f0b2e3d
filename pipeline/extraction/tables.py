"""Convert a table to lines of text, each with all the cells that a reader sees in that row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_COLUMNS = 60  # limit of a cell's colspan, and of the columns in which a rowspan is repeated
MAX_ROWSPAN = 30
MAX_REPEATED_LENGTH = 40  # characters; a longer spanning cell is written once instead of repeated
CELL_SEPARATOR = " | "


@dataclass(frozen=True)
class Cell:
    """A table cell with its `colspan` and `rowspan`."""

    text: str
    colspan: int = 1
    rowspan: int = 1


def render_rows(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Render each row as one line, its cells separated by `|`.

    A spanning cell is repeated in every column and row that it covers, so that headers stand above their
    columns.
    """
    spanning: dict[int, tuple[int, str]] = {}  # column: rows that a cell from above still covers, its text
    for row in rows:
        line = {column: text for column, (_, text) in spanning.items()}
        spanning = {column: (left - 1, text) for column, (left, text) in spanning.items() if left > 1}
        column = 0
        for cell in row:
            while column in line:
                column += 1
            _place_cell(cell, column, line, spanning)
        yield CELL_SEPARATOR.join(line.get(column, "") for column in range(max(line, default=-1) + 1))


def _place_cell(
    cell: Cell, first_column: int, line: dict[int, str], spanning: dict[int, tuple[int, str]]
) -> None:
    """Write a cell into the line from its first column on, and into `spanning` for the rows below."""
    repeated = cell.text if len(cell.text) <= MAX_REPEATED_LENGTH else ""
    rowspan = min(cell.rowspan, MAX_ROWSPAN)
    for offset in range(min(max(cell.colspan, 1), MAX_COLUMNS)):
        line.setdefault(first_column + offset, repeated if offset else cell.text)
        if rowspan > 1 and first_column + offset < MAX_COLUMNS:
            spanning[first_column + offset] = (rowspan - 1, repeated)
