"""XML as sources send it: decoded, mended where single characters are wrong, and parsed. A cut document is rejected."""

import codecs
import html
import re
from html.entities import html5
from xml.etree import ElementTree as ET

from pipeline.core import unicode

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
HTML_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
DECLARED_ENCODING = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})["']""")
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),  # no mark, but the first letters of a declaration
    (b"\x00<\x00?", "utf-16-be"),
)
# Names that stand for a larger encoding, as in browsers (https://encoding.spec.whatwg.org/#names-and-labels).
SUPERSETS = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
}
UTF_8 = frozenset({"utf-8", "utf8"})
WIDE = re.compile(r"(?:utf|ucs|iso-10646-ucs)[-_]?(?:16|32|2|4)(?:[-_]?[lb]e)?")
FALLBACK = "windows-1252"
NO_CHARSETS = frozenset(
    {"punycode", "unicode-escape", "raw-unicode-escape"}
)  # Python's own; no document is in one

# What no XML document may contain, also not as a reference.
ILLEGAL = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff{unicode.SURROGATES}]")
# An emoji written as two references, as programs with strings of 16-bit units do; also in escaped HTML.
PAIR = re.compile(
    r"&(?:amp;)?#(?:(x)(d[89ab][0-9a-f]{2})|(5[56]\d{3}));&(?:amp;)?#(?:x(d[c-f][0-9a-f]{2})|(5[67]\d{3}));",
    re.IGNORECASE,
)
PROLOG = re.compile(r"<\?xml\b|<!DOCTYPE\b", re.IGNORECASE)
FEED_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|oai-pmh)(?=[\s/>])", re.ASCII | re.IGNORECASE)
# What is literal: its `&` and `<` are not looked at. An unclosed one takes the rest, which keeps the search linear.
LITERAL = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?(?=[^\W\d]).*?(?:\?>|\Z)"
NO_MARKUP = r"<(?!/?[^\W\d][^<>]*>|!--|![\[A-Za-z]|\?[^\W\d])|]]>"  # a `<` that begins no tag, as in "n<p"
REFERENCE = re.compile(
    rf"{LITERAL}|&(?:(#[0-9]{{1,9}}|#[xX][0-9A-Fa-f]{{1,8}}|\w{{1,32}});)?|{NO_MARKUP}", re.DOTALL
)
FIRST_TAG = re.compile(rf"{LITERAL}|<([A-Za-z_][\w.:-]*)(?=[\s/>])", re.DOTALL | re.ASCII)
PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})

Element = ET.Element


def decode(body: bytes, charset: str = "") -> str:
    """Decode a document by its byte-order mark, the header's `charset`, or its own declaration. Never raises.

    UTF-8 goes first where either names it, or neither names any: text in another encoding is hardly ever valid UTF-8.
    Each broken byte costs one U+FFFD. The document counts as one of the other encoding if more letters are broken than
    whole; as one of Windows-1252, if no other is named, several letters are broken and none is whole.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace").removeprefix("\ufeff")
    declared = DECLARED_ENCODING.match(body)
    labels = (label.strip().lower() for label in (charset, declared[1].decode() if declared else ""))
    # Without a mark it is no text of 16 or 32 bits, whatever it says.
    named = ["utf-8" if WIDE.fullmatch(label) else SUPERSETS.get(label, label) for label in labels]
    names = [name for name in named if _is_encoding(name)]
    others = [name for name in names if name not in UTF_8]
    if not names or len(others) < len(names):
        text = body.decode("utf-8", "replace")
        broken = text.count("\ufffd") - body.count("\ufffd".encode())
        if broken <= 1:
            return text
        whole = sum(not char.isascii() for char in text) - broken
        if broken <= whole or (whole and not others):
            return text
    return body.decode(others[0] if others else FALLBACK, "replace")


def _is_encoding(name: str) -> bool:
    """Whether text can be decoded by this name, whatever the bytes are."""
    try:
        b"\xff".decode(name, "replace")
    except (LookupError, ValueError):  # no such encoding, or one of other things than text
        return False
    # By the name that Python has for it, since it takes `UNICODE:ESCAPE` too.
    return codecs.lookup(name).name not in NO_CHARSETS


def mend(text: str) -> tuple[str, bool]:
    """Correct what single characters of a document break; also return whether the document's end is there.

    Illegal characters and references to them are removed, HTML's entities become their character, an `&`, `<` or
    `]]>` that begins or ends nothing becomes text, and what stands before the document or after its end is cut.
    """
    text = PAIR.sub(_join_pair, ILLEGAL.sub("", text))
    if found := FEED_ROOT.search(text):
        prolog = PROLOG.search(text, 0, found.start())
        text = text[prolog.start() if prolog else found.start() :]
    text = REFERENCE.sub(_mend_reference, text)
    end = _end(text)
    return (text[:end], True) if end else (text, False)


def parse(body: bytes, charset: str = "") -> Element | str:
    """Parse a document and return its root; return a reason if it is not well-formed, once mended. Never raises.

    Documents with a DOCTYPE or an entity declaration are rejected before parsing: arXiv's services send none,
    and expanding entities could exhaust memory.
    """
    if HTML_PAGE.match(body.removeprefix(b"\xef\xbb\xbf")):
        return "the answer is a web page, not a feed"
    text, _ = mend(decode(body, charset))
    if DECLARATION.search(text):
        return "the answer declares a type of its own"
    try:
        return ET.fromstring(text)  # noqa: S314 (no declarations, see above)
    except (ET.ParseError, ValueError) as error:
        return f"the answer is cut or damaged ({error})"


def _end(text: str) -> int | None:
    """Return where the closing tag of the first element ends; None if there is none outside of literal text."""
    root = next((found[1] for found in FIRST_TAG.finditer(text) if found[1]), None)
    if root is None:
        return None
    closing = re.compile(rf"{LITERAL}|(</{re.escape(root)}\s*>)", re.DOTALL)
    return next((found.end() for found in closing.finditer(text) if found[1]), None)


def _join_pair(match: re.Match[str]) -> str:
    high = int(match[2], 16) if match[1] else int(match[3])
    low = int(match[4], 16) if match[4] else int(match[5])
    pair = high in range(0xD800, 0xDC00) and low in range(0xDC00, 0xE000)
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00) if pair else match[0]


def _mend_reference(match: re.Match[str]) -> str:
    """Return a reference that XML allows, the character that HTML means, or the escaped text."""
    whole, name = match[0], match[1]
    if whole in {"<", "]]>"}:
        return html.escape(whole)
    if not whole.startswith("&") or name in PREDEFINED:
        return whole
    if name is None:
        return "&amp;"
    char = html.unescape(whole) if name.startswith("#") else html5.get(f"{name};")
    return f"&amp;{name};" if char is None else html.escape(ILLEGAL.sub("", char))


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
