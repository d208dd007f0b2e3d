"""Replace small LaTeX formulas in titles with Unicode: `SR$^{2}$-Net` becomes SR²-Net.

Titles appear in lists, links and headings, where math is not typeset. A formula that Unicode cannot express
completely stays unchanged.
"""

import re

SUPERSCRIPTS = dict(zip("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ", strict=True))
SUBSCRIPTS = dict(zip("0123456789+-=()aehklmnopstx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕₖₗₘₙₒₚₛₜₓ", strict=True))
# Pairs of a LaTeX command and its symbol.
SYMBOL_TABLE = """
alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ
phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω ell ℓ infty ∞ times × cdot ·
pm ± leq ≤ geq ≥ approx ≈ sim ∼ to → rightarrow → dagger † ddagger ‡ star ⋆ circ °
"""
SYMBOLS = dict(re.findall(r"(\w+) (\S)", SYMBOL_TABLE))
# No blank after the opening or before the closing dollar, and no digit after it: two prices are not a formula.
_FORMULA = re.compile(r"(?<![\\$])\$([^$\s](?:[^$]{0,40}[^$\s])?)\$(?![$\d])")
_PART = re.compile(r"([\^_])(?:\{([^{}]+)\}|(\w))|\\([A-Za-z]+) ?|([A-Za-z0-9+\-=,.()]+)")
_SINGLE_LETTER = re.compile(r"(?<![\w$])\$([A-Za-z])\$(?![\w$])")


def formulas_to_unicode(title: str) -> str:
    """Replace each formula of superscripts, subscripts, plain text and known symbols with Unicode text."""
    return _FORMULA.sub(_replacement, _SINGLE_LETTER.sub(r"\1", title)) if "$" in title else title


def _replacement(match: re.Match[str]) -> str:
    formula, result, position = match[1], "", 0
    if not re.search(r"[\^_\\]", formula):
        return match[0]  # more likely two prices than a formula
    while position < len(formula):
        part = _PART.match(formula, position)
        if part is None:
            return match[0]
        script, group, letter, name, text = part.groups()
        table = {"^": SUPERSCRIPTS, "_": SUBSCRIPTS}.get(script or "", {})
        pieces = [table.get(character, "") for character in group or letter or ""] or [
            SYMBOLS.get(name, "") if name else text
        ]
        if not all(pieces):
            return match[0]
        result += "".join(pieces)
        position = part.end()
    return result
