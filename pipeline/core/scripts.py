"""Superscripts and subscripts in Unicode. A text is raised or lowered as a whole, or not at all."""

import re

_SUPERSCRIPTS = str.maketrans(
    "0123456789+-\u2212\u2013=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ∘",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡ°",
)
_SUBSCRIPTS = str.maketrans(
    "0123456789+-\u2212\u2013=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
)
_UNSEEN = re.compile(r"[\s\u2061-\u2064]")  # blanks, and operators of MathML that are not displayed
_RAISED_ALREADY = frozenset("*′″‴'°†‡⋆®™⊤")  # signs that stand high in any font


def superscript(text: str) -> str | None:
    """Return the text raised; None if Unicode lacks one of its characters."""
    compact = _UNSEEN.sub("", text)
    known = all(ord(char) in _SUPERSCRIPTS or char in _RAISED_ALREADY for char in compact)
    return compact.translate(_SUPERSCRIPTS) if known else None


def subscript(text: str) -> str | None:
    """Return the text lowered; None if Unicode lacks one of its characters."""
    compact = _UNSEEN.sub("", text)
    return compact.translate(_SUBSCRIPTS) if all(ord(char) in _SUBSCRIPTS for char in compact) else None
