"""Tokens; expected sums done by hand."""

from __future__ import annotations

import pytest

from pipeline.core.tokens import estimate_tokens, weighted_length


@pytest.mark.parametrize(("characters", "count"), [(0, 0), (3, 1), (4, 2), (7, 2), (1431, 409)])
def test_tokens(characters: int, count: int) -> None:
    assert estimate_tokens("x" * characters) == count


def test_what_is_not_ascii_takes_a_token_each() -> None:
    assert estimate_tokens("图像去雾") == 4
    assert estimate_tokens("图像去雾 dehazing") == 4 + 3  # 9 characters / 3.5 = 2.6
    assert weighted_length("é" * 2 + "x" * 7) == 14
