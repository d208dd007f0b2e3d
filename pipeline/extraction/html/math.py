"""A formula of a page as the LaTeX that it was written in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from pipeline.extraction.html.visibility import Look, alike, tex

LONGEST = 20_000  # characters; no formula that is read has as many

_COLORED = re.compile(r"\\(?:text)?color\s*+(?:\[([A-Za-z]{3,5})\]\s*+)?\{([^{}]{1,60})\}")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_PHANTOM = re.compile(r"\\[hv]?phantom\s*+\{((?:[^{}]|\{[^{}]*\})*+)\}")


@dataclass(frozen=True)
class Formula:
    """`$…$`, and the part of it that no reader sees."""

    text: str
    hidden: str = ""


def formula(node: LexborNode, look: Look) -> Formula:
    """The LaTeX of a `math` element; never its MathML, which runs together. Empty if it has none."""
    source = node.attributes.get("alttext") or ""
    if not source.strip():
        annotation = node.css_first('annotation[encoding="application/x-tex"]')
        source = annotation.text(deep=True) if annotation else ""
    if len(source) > LONGEST:
        return Formula("", hidden=source)  # nobody has looked whether it can be seen
    # LaTeXML breaks a long line with a comment sign; what follows is not a comment.
    source = source.replace("%\n", "").replace("\n", " ").replace("\\displaystyle", "")
    for model, value in _COLORED.findall(source):
        color = tex(model, value)
        if color and alike(color, look.background):
            return Formula("", hidden=source)
    unseen = _COMMAND.sub("", " ".join(_PHANTOM.findall(source)))
    source = " ".join(_PHANTOM.sub("", source).split())
    return Formula(f"${source}$" if source else "", hidden=unseen)
