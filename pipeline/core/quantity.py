"""Numbers with their nouns, and lists that are cut, in the program's own messages. Words of the pages are in `report/locales`."""

from collections.abc import Sequence


def quantity(number: int, one: str, many: str = "") -> str:
    """Return `1 paper` or `2 papers`. `many` is what follows any number but 1, where that is not `one` with an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def first_of(names: Sequence[str], most: int = 5) -> str:
    """Return at most so many names, separated by commas, and … for the others."""
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
