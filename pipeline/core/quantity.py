"""Numbers with their nouns, in the program's own messages. Words of the pages are in `report/locales`."""


def quantity(number: int, one: str, many: str = "") -> str:
    """Return `1 paper` or `2 papers`. `many` is what follows any number but 1, where that is not `one` with an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
