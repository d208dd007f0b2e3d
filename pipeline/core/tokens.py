"""Token estimates for prompt sizes and costs.

Few endpoints offer token counting without charge, so every limit and every cost estimate uses this formula instead.
"""

from __future__ import annotations

import math

CHARACTERS_PER_TOKEN = 3.5  # English and LaTeX, with current tokenizers


def weighted_length(text: str) -> float:
    """Return the length in ASCII characters; every other character counts 3.5, as much as one token."""
    non_ascii = 0 if text.isascii() else sum(not letter.isascii() for letter in text)
    return len(text) - non_ascii + non_ascii * CHARACTERS_PER_TOKEN


def estimate_tokens(text: str) -> int:
    """Estimate the number of tokens: ASCII characters / 3.5, plus one per other character, rounded up."""
    return math.ceil(weighted_length(text) / CHARACTERS_PER_TOKEN)
