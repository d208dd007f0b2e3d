"""About how many tokens a text is. Few endpoints count for nothing, so that all room and all cost is estimated by this."""

from __future__ import annotations

import math

CHARACTERS_PER_TOKEN = 3.5  # English and LaTeX, with today's tokenizers


def length(text: str) -> float:
    """How long a text is, in characters of English: one that is not ASCII takes as much room as a token."""
    other = 0 if text.isascii() else sum(not letter.isascii() for letter in text)
    return len(text) - other + other * CHARACTERS_PER_TOKEN


def tokens(text: str) -> int:
    """About how many tokens a text is: ASCII characters / 3.5, any other character as one."""
    return math.ceil(length(text) / CHARACTERS_PER_TOKEN)
