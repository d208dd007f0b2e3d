"""Extract the LaTeX source of a formula from its `math` element."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from pipeline.extraction.html.visibility import ComputedStyle, indistinguishable, parse_tex_color

MAX_LENGTH = (
    20_000  # characters of LaTeX; a longer formula is not checked for hidden parts and counts as hidden
)

_COLOR_COMMAND = re.compile(r"\\(?:text)?color\s*+(?:\[([A-Za-z]{3,5})\]\s*+)?\{([^{}]{1,60})\}")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_PHANTOM = re.compile(r"\\[hv]?phantom\s*+\{((?:[^{}]|\{[^{}]*\})*+)\}")


@dataclass(frozen=True)
class Formula:
    """A formula as `$…$`, and the part of its source that is not displayed."""

    text: str
    hidden: str = ""


def extract_formula(node: LexborNode, style: ComputedStyle) -> Formula:
    """Extract the LaTeX of a `math` element, from `alttext` or its TeX annotation; empty if it has neither.

    The MathML is never used, since its text runs together.
    """
    source = node.attributes.get("alttext") or ""
    if not source.strip():
        annotation = node.css_first('annotation[encoding="application/x-tex"]')
        source = annotation.text(deep=True) if annotation else ""
    # LaTeXML wraps long lines with `%` and a newline; the next line is not a comment.
    source = source.replace("%\n", "").replace("\n", " ").replace("\\displaystyle", "")
    if len(source) > MAX_LENGTH or any(
        indistinguishable(color, style.background)
        for model, value in _COLOR_COMMAND.findall(source)
        if (color := parse_tex_color(model, value))
    ):
        return Formula("", hidden=source)
    hidden = _COMMAND.sub("", " ".join(_PHANTOM.findall(source)))
    source = " ".join(_PHANTOM.sub("", source).split())
    return Formula(f"${source}$" if source else "", hidden=hidden)
