"""Parse XML responses of arXiv's services strictly: a truncated document is rejected."""

import re
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
ILLEGAL = bytes(code for code in range(32) if code not in b"\t\n\r")
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
HTML_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)

Element = ET.Element


def parse(body: bytes) -> Element | str:
    """Parse a document and return its root; return a reason if it is not well-formed XML. Never raises.

    Documents with a DOCTYPE or an entity declaration are rejected before parsing: arXiv's services send none,
    and expanding entities could exhaust memory.
    """
    plain = body.removeprefix(b"\xef\xbb\xbf").translate(None, ILLEGAL)
    if HTML_PAGE.match(plain):
        return "the answer is a web page, not a feed"
    if DECLARATION.search(plain):
        return "the answer declares a type of its own"
    try:
        return ET.fromstring(plain.decode("utf-8", "replace"))  # noqa: S314 (no declarations, see above)
    except (ET.ParseError, ValueError) as error:
        return f"the answer is cut or damaged ({error})"


def text(element: Element | None) -> str:
    """Return all text inside an element; empty if there is no element."""
    return "".join(element.itertext()) if element is not None else ""


def child_text(element: Element, tag: str) -> str:
    """Return the text of the first child with that tag; empty if there is none."""
    return text(element.find(tag))


def text_at(body: bytes, path: str) -> str:
    """Return the text at a path of a document; empty if there is none, or the document cannot be parsed."""
    root = parse(body)
    return "" if isinstance(root, str) else text(root.find(path))
