"""Lengths of texts: token estimates for prompt sizes and costs, the upper bound by which the budget reserves, and words.

Few endpoints offer token counting without charge, so every limit and every cost estimate uses these formulas instead.
"""

import math
import re
import unicodedata

CHARACTERS_PER_TOKEN = 3.5  # English and LaTeX, with current tokenizers
_UNSPACED = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff]"
)  # Chinese and Japanese, which put no blanks between words


def weighted_length(text: str) -> float:
    """Return the length in ASCII characters; every other character counts 3.5, as much as one token."""
    ascii_length = len(text.encode("ascii", "ignore"))
    return ascii_length + (len(text) - ascii_length) * CHARACTERS_PER_TOKEN


def estimate_tokens(text: str) -> int:
    """Estimate the number of tokens: ASCII characters / 3.5, plus one per other character, rounded up."""
    return math.ceil(weighted_length(text) / CHARACTERS_PER_TOKEN)


def max_tokens_of(text: str) -> int:
    """Return the most tokens that a tokenizer can make of a text: one for each byte of its UTF-8.

    An estimate is no limit: base64 takes twice as many tokens as estimated, an emoji up to four. Some tokenizers
    normalize to NFKC first, which makes up to 18 characters of one (U+FDFA), so the longer of both forms counts.
    """
    forms = (text, unicodedata.normalize("NFKC", text))
    return max(len(form.encode("utf-8", "surrogatepass")) for form in forms)


def count_words(text: str) -> float:
    """Return the number of words; a Chinese or Japanese character counts as half a word."""
    words = _UNSPACED.sub(" ", text).split()
    return sum(any(map(str.isalnum, word)) for word in words) + len(_UNSPACED.findall(text)) / 2
