"""XML of arXiv's services, read strictly: half an answer is no answer."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
ILLEGAL = bytes(code for code in range(32) if code not in b"\t\n\r")
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)

Element = ET.Element


def parse(body: bytes) -> Element | str:
    """The root of a document, or why it is none. Never raises.

    None of these services declares a type or an entity, so an answer that does is refused before it can
    make its reader unfold it.
    """
    plain = body.removeprefix(b"\xef\xbb\xbf").translate(None, ILLEGAL)
    if PAGE.match(plain):
        return "the answer is a web page, not a feed"
    if DECLARATION.search(plain):
        return "the answer declares a type of its own"
    try:
        return ET.fromstring(plain.decode("utf-8", "replace"))  # noqa: S314 (no declarations, see above)
    except (ET.ParseError, ValueError) as error:
        return f"the answer is cut or damaged ({error})"


def text(element: Element | None) -> str:
    """All the text in an element; empty if there is none."""
    return "".join(element.itertext()) if element is not None else ""


def child(element: Element, tag: str) -> str:
    """The text of the first child with that tag."""
    return text(element.find(tag))
