"""Token estimates for prompt sizes and costs.

Few endpoints offer token counting without charge, so every limit and every cost estimate uses this formula instead.
"""

import math

CHARACTERS_PER_TOKEN = 3.5  # English and LaTeX, with current tokenizers


def weighted_length(text: str) -> float:
    """Return the length in ASCII characters; every other character counts 3.5, as much as one token."""
    ascii_length = len(text.encode("ascii", "ignore"))
    return ascii_length + (len(text) - ascii_length) * CHARACTERS_PER_TOKEN


def estimate_tokens(text: str) -> int:
    """Estimate the number of tokens: ASCII characters / 3.5, plus one per other character, rounded up."""
    return math.ceil(weighted_length(text) / CHARACTERS_PER_TOKEN)
