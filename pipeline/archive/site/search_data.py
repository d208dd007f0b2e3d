"""The data of the search page: not written yet."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.core.month_index import MonthIndex


def write(out: Path, months: Iterable[MonthIndex]) -> None:
    """Write the data of one profile's months, oldest first, below `out`."""
