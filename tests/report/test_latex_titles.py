"""Formulas of titles in plain letters; the titles are arXiv's, or what else stands between two dollars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.latex_titles import formulas_to_unicode


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("SR$^{2}$-Net: A Plug-and-Play Model", "SR²-Net: A Plug-and-Play Model"),
        ("Compositional $k$-Cell Particles", "Compositional k-Cell Particles"),
        ("$\\pi_0$: A Flow Model", "π₀: A Flow Model"),
        ("$\\alpha$-Flow and $\\ell_1$ with $10^{-3}$", "α-Flow and ℓ₁ with 10⁻³"),
        ("R$^2$D$^2$", "R²D²"),
        ("A $x_n$ B", "A xₙ B"),
    ],
)
def test_small_formulas_are_written_in_plain_letters(title: str, shown: str) -> None:
    assert formulas_to_unicode(title) == shown


@pytest.mark.parametrize(
    "title",
    [
        "Agents for $5 and $6",
        "From $5-$10 a Day",
        "$O(n \\log n)$ Attention",
        "$\\mathcal{X}$-Net",
        "x$^{abc}$",
        "$$y$$ and $`x`$",
        "a$b$c",
        "$",
        "\\$^2$",
    ],
)
def test_what_cannot_be_written_whole_stays_as_it_is(title: str) -> None:
    assert formulas_to_unicode(title) == title


@given(st.text(alphabet="$^_{}\\ab1 p", max_size=30))
def test_it_never_takes_away_anything_but_formulas(title: str) -> None:
    found = formulas_to_unicode(title)
    assert formulas_to_unicode(found.replace("$", "")) == found.replace("$", "")
    assert title.count("$") - found.count("$") in range(0, title.count("$") + 1, 2)
