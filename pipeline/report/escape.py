"""Text from papers, models and sources, made safe to stand in a page: what is shown is the text, and nothing else.

Standard library only: the publishing job imports it too. Nothing that passes here becomes an element, a
link, a mention, a formula, an emoji or an image on GitHub, nor a Liquid tag on GitHub Pages, wherever in a
line it is put. The rules were found by rendering with GitHub's own Markdown library (cmark-gfm).
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "escape", "html_text", "url"]

# Invisible characters that are no format characters by category, and can still carry a hidden message:
# fillers and variation selectors (Unicode: Default_Ignorable_Code_Point).
_IGNORABLE = frozenset(
    (
        0x034F,
        *range(0x115F, 0x1161),
        *range(0x17B4, 0x17B6),
        *range(0x180B, 0x1810),
        0x3164,
        *range(0xFE00, 0xFE10),
        0xFFA0,
        *range(0xE0100, 0xE01F0),
    )
)
_REMOVED = frozenset({"Cf", "Co", "Cs"})
_BLANK = frozenset({"Cc", "Zl", "Zp", "Zs"})
_MARKS = frozenset({"Mn", "Me"})
_MOST_MARKS = 4  # on one letter; a tower of them would cover the lines around it

_BACKSLASHED = frozenset("\\`*_[]|~^")
_ENTITY = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "{": "&#123;", "}": "&#125;"}
# What begins a block when it stands first: a list, a quotation, a heading's underline, a table's rule.
_FIRST = re.compile(r"[-=]|\+(?= |$)|[0-9]{1,10}(?=[.)](?: |$))")
_HTML = {**_ENTITY, '"': "&quot;", "'": "&#39;", "|": "&#124;"}

_WWW = re.compile(r"www\.", re.IGNORECASE)
_COLON = re.compile(r":(?:/|[\w+-]+:)")  # an address or an emoji; most colons are neither
_SCHEME = re.compile(r"https://|http://(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/])", re.IGNORECASE)
_PLAIN_IN_URL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#=+,;%")


def clean(text: str) -> str:
    """The text on one line, without what cannot be seen: this is what a page shows.

    Format, private-use and surrogate characters, noncharacters, fillers and variation selectors go;
    controls and separators become one blank; NFC; at most four marks on a letter, none on a blank.
    """
    if text.isascii() and text.isprintable():  # nothing to take out, as in most texts of most reports
        return re.sub("  +", " ", text).strip(" ")
    kept = (" " if unicodedata.category(c) in _BLANK else c for c in text if not _is_hidden(c))
    composed = unicodedata.normalize("NFC", "".join(kept))
    shown: list[str] = []
    marks = _MOST_MARKS
    for character in composed:
        if unicodedata.category(character) in _MARKS:
            marks += 1
        else:
            # A blank carries no mark, nor does the page's own text that stands before the first letter.
            marks = _MOST_MARKS if character == " " else 0
        if marks <= _MOST_MARKS or character == " ":
            shown.append(character)
    return re.sub(" +", " ", "".join(shown)).strip()


def escape(text: str) -> str:
    """Markdown that GitHub shows as exactly `clean(text)`, at the start of a line or within it."""
    text = clean(text)
    escaped = "".join(_markdown(text, index) for index in range(len(text)))
    first = _FIRST.match(text)
    if first is None:
        return escaped
    head = first.group()
    return f"{head}\\{escaped[len(head) :]}" if head.isdigit() else f"\\{escaped}"


def html_text(text: str) -> str:
    """The same for where Markdown is not read: within `<summary>` and in a feed."""
    text = clean(text)
    return "".join(_broken(text, index) or _HTML.get(c, c) for index, c in enumerate(text))


def url(address: str) -> str:
    """A link's target in Markdown, or "" if it is no https address (http only to this machine).

    Everything that could end the target, or be read as something else, is percent-encoded.
    """
    if not _SCHEME.match(address):
        return ""
    return "".join(_in_url(address, index) for index in range(len(address)))


def _is_hidden(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in _REMOVED
        or code in _IGNORABLE
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
    )


def _markdown(text: str, index: int) -> str:
    """One character of a cleaned text as Markdown."""
    character = text[index]
    if broken := _broken(text, index):
        return broken
    if character in _BACKSLASHED or (character == "(" and text[index - 1 : index] == "]"):
        return "\\" + character
    return _ENTITY.get(character, character)


def _broken(text: str, index: int) -> str:
    """The character in a span of its own, if the text around it could be read as a mention, math, emoji or link.

    GitHub looks for those in text nodes; the span splits the node, and cannot be seen.
    """
    character = text[index]
    spans = character in "@$#" or _COLON.match(text, index) or _WWW.match(text, index)
    return f"<span>{character}</span>" if spans else ""


def _in_url(address: str, index: int) -> str:
    character = address[index]
    if character == "&":
        return "&amp;"  # a target's `&copy=1` would otherwise be read as an entity
    if character == "%" and not re.match(r"%[0-9A-Fa-f]{2}", address[index : index + 3]):
        return "%25"
    if character in _PLAIN_IN_URL:
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
