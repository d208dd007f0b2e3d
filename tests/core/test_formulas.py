"""Formulas between dollar signs, and dollar signs of prices; marked by hand with ‹ ›."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.formulas import MAX_LENGTH, formula_spans

MARKED = [
    # A closing dollar before a digit or a letter
    r"We keep ‹$\sim$›3 frames, named ‹$a$›.",
    r"From 2D‹$\to$›4D‹$\to$›2D, up to 72‹$\times$›16.",
    r"It takes ‹$<$›4 ms on ‹$>$›90% of ‹$N=$›5 runs, ‹$p<$›0.05.",
    r"A 45‹$\pm$›15 year old ‹$μ$›Net with ‹$A$›symmetric ‹$k$›NN",
    r"‹$2$›-‹$3\times$› as fast, ‹$512^2$› wide, ‹$12MP$›, ‹$94{,}285$› groups, ‹$4.4$› points",
    # Prices
    "It costs $5 and $6, or $10-$20, or $.50/$1, then ‹$x$›.",
    "They ask for US$5–US$10 (A$7,A$8), 10$-20$ or 5$ to 6$ a day.",
    "One pays $250) for it, then $127 in fees, where ‹$a$› is less.",
    "从$5到$10，再到‹$x$›",
    "Set $HOME/$USER and $PATH:$HOME",
    # Blanks inside
    r"Let ‹$ x_1 $› and ‹$ \alpha $› be, but $ y $ not.",
    "It is 5 $ for item_1 and 6 $ for item_2.",
    # Other delimiters
    r"By ‹\(x. Y\)› and ‹\[a = b\]›, and ‹$$L = a. B! C? D$$› too",
    "‹$a$›‹$b$› and ‹$$c$$›‹$$d$$›",
    r"\$5, \$6 and ‹$n$›; \\(not this\\)",
    r"It is open: \(x, $$y and $z",
    "$",
    "",
]


@pytest.mark.parametrize("marked", MARKED, ids=lambda text: text[:30])
def test_formulas_are_told_from_prices(marked: str) -> None:
    line = marked.replace("‹", "").replace("›", "")
    found = line
    for start, end in reversed(formula_spans(line)):
        found = f"{found[:start]}‹{found[start:end]}›{found[end:]}"
    assert found == marked


def test_a_formula_has_an_end() -> None:
    for length, found in ((MAX_LENGTH, 1), (MAX_LENGTH + 1, 0)):
        assert len(formula_spans(f"\\({'x' * (length - 4)}\\)")) == found
        assert len(formula_spans(f"${'x' * (length - 2)}$")) == found


@given(st.text(alphabet="$\\()[]^_{}a1 .€中", max_size=40))
def test_spans_are_in_order_and_delimited(line: str) -> None:
    spans = formula_spans(line)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    for start, end in spans:
        assert (line[start], line[end - 1]) in {("$", "$"), ("\\", ")"), ("\\", "]")}
        assert end - start > 2
