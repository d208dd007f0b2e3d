"""Small formulas of titles as plain letters: `SR$^{2}$-Net` is SR²-Net. Standard library only.

A title stands in lists, links and headings, where nothing is typeset. What cannot be written whole stays as it is.
"""

from __future__ import annotations

import re

RAISED = dict(zip("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ", strict=True))
LOWERED = dict(zip("0123456789+-=()aehklmnopstx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕₖₗₘₙₒₚₛₜₓ", strict=True))
# A command and its sign, in turn.
TABLE = """
alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ
phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω ell ℓ infty ∞ times × cdot ·
pm ± leq ≤ geq ≥ approx ≈ sim ∼ to → rightarrow → dagger † ddagger ‡ star ⋆ circ °
"""
SIGNS = dict(re.findall(r"(\w+) (\S)", TABLE))
# As elsewhere: no blank inside at either end, and no figure behind, or two prices would be one formula.
_FORMULA = re.compile(r"(?<![\\$])\$([^$\s](?:[^$]{0,40}[^$\s])?)\$(?![$\d])")
_PART = re.compile(r"([\^_])(?:\{([^{}]+)\}|(\w))|\\([A-Za-z]+) ?|([A-Za-z0-9+\-=,.()]+)")
_LETTER = re.compile(r"(?<![\w$])\$([A-Za-z])\$(?![\w$])")


def plain(title: str) -> str:
    """The title with its raised, lowered and Greek letters in place of the formulas that are made of nothing else."""
    return _FORMULA.sub(_written, _LETTER.sub(r"\1", title)) if "$" in title else title


def _written(found: re.Match[str]) -> str:
    formula, written, at = found[1], "", 0
    if not re.search(r"[\^_\\]", formula):
        return found[0]  # two prices rather than a formula
    while at < len(formula):
        part = _PART.match(formula, at)
        if part is None:
            return found[0]
        script, group, letter, name, text = part.groups()
        letters = {"^": RAISED, "_": LOWERED}.get(script or "", {})
        shown = [letters.get(one, "") for one in group or letter or ""] or [
            SIGNS.get(name, "") if name else text
        ]
        if not all(shown):
            return found[0]
        written += "".join(shown)
        at = part.end()
    return written
