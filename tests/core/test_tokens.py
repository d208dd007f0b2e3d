"""Tokens; expected sums done by hand."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.tokens import count_words, estimate_tokens, max_tokens_of, weighted_length


@pytest.mark.parametrize(("characters", "count"), [(0, 0), (3, 1), (4, 2), (7, 2), (1431, 409)])
def test_tokens(characters: int, count: int) -> None:
    assert estimate_tokens("x" * characters) == count


def test_what_is_not_ascii_takes_a_token_each() -> None:
    assert estimate_tokens("图像去雾") == 4
    assert estimate_tokens("图像去雾 dehazing") == 4 + 3  # 9 characters / 3.5 = 2.6
    assert weighted_length("é" * 2 + "x" * 7) == 14


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("", 0),
        ("a b", 3),
        ("图", 3),
        ("ก", 3),
        ("😀", 4),
        ("\ud800", 3),  # half of a character, as broken JSON can hold it
        ("ﷺ", 33),  # NFKC: 15 Arabic letters of two bytes, and three spaces
    ],
)
def test_the_most_tokens(text: str, most: int) -> None:
    assert max_tokens_of(text) == most


def characters(first: int, last: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=first, max_codepoint=last), max_size=60)


SCRIPTS = st.one_of(
    characters(0x1F300, 0x1FAFF),  # emoji
    characters(0x4E00, 0x9FFF),  # Chinese
    characters(0x0E00, 0x0E7F),  # Thai
    characters(0xFB50, 0xFDFF),  # Arabic in presentation forms
    st.binary(max_size=80).map(lambda data: base64.b64encode(data).decode()),
    st.text(max_size=60),
)


def utf8_length(text: str) -> int:
    """Bytes by the definition of UTF-8."""
    return sum(1 + (c > 0x7F) + (c > 0x7FF) + (c > 0xFFFF) for c in map(ord, text))


@given(st.lists(SCRIPTS, max_size=6).map("".join))
def test_no_text_has_more_tokens_than_the_most(text: str) -> None:
    """A tokenizer that knows no pair of bytes makes one of each; no estimate may be above that either."""
    assert utf8_length(text) <= max_tokens_of(text)
    assert estimate_tokens(text) <= max_tokens_of(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("One step is enough.", 4),
        ("state-of-the-art – it's 3.5 dB", 4),
        ("一步修复", 2),
        ("用 SwinIR 修复，快3倍", 5 / 2 + 2),
    ],
)
def test_words(text: str, words: float) -> None:
    assert count_words(text) == words
