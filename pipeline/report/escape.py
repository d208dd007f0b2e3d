"""Escape untrusted text from papers, models and sources for Markdown and HTML, so that a page shows it literally.

Standard library only: the publishing job imports this module too. At any position in a line, escaped text
becomes no element, link, mention, formula, emoji or image on GitHub, and no Liquid tag on GitHub Pages. The
rules were derived by rendering with GitHub's own Markdown library (cmark-gfm).
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "escape", "escape_html", "escape_url"]

# Invisible characters outside of the removed categories that can still carry a hidden message: fillers and
# variation selectors (Unicode: Default_Ignorable_Code_Point).
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
_MAX_MARKS = 4  # combining marks per letter; a taller stack would cover the lines around it

_BACKSLASH_ESCAPED = frozenset("\\`*_[]|~^")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "{": "&#123;", "}": "&#125;"}
# What starts a block at the beginning of a line: list item, thematic break, setext underline, table delimiter row.
_BLOCK_START = re.compile(r"[-=]|\+(?= |$)|[0-9]{1,10}(?=[.)](?: |$))")
_HTML_ENTITIES = {**_ENTITIES, '"': "&quot;", "'": "&#39;", "|": "&#124;"}

_WWW = re.compile(r"www\.", re.IGNORECASE)
_COLON = re.compile(r":(?:/|[\w+-]+:)")  # in a URL or an emoji code; most colons are in neither
_SCHEME = re.compile(r"https://|http://(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/])", re.IGNORECASE)
_UNESCAPED_IN_URL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#=+,;%")


def clean(text: str) -> str:
    """Return the text on one line and without invisible characters, as a page shows it.

    Removes format, private-use and surrogate characters, noncharacters, fillers and variation selectors;
    replaces control characters and separators with a space, and collapses spaces; normalizes to NFC; keeps at
    most four combining marks on a letter and none on a space.
    """
    if text.isascii() and text.isprintable():  # fast path: most texts have nothing to remove
        return re.sub("  +", " ", text).strip(" ")
    kept = (" " if unicodedata.category(c) in _BLANK else c for c in text if not _is_hidden(c))
    composed = unicodedata.normalize("NFC", "".join(kept))
    shown: list[str] = []
    marks = _MAX_MARKS
    for character in composed:
        if unicodedata.category(character) in _MARKS:
            marks += 1
        else:
            # No marks on a space, nor at the start, where they would combine with the page's own text.
            marks = _MAX_MARKS if character == " " else 0
        if marks <= _MAX_MARKS or character == " ":
            shown.append(character)
    return re.sub(" +", " ", "".join(shown)).strip()


def escape(text: str) -> str:
    """Escape a text to Markdown that GitHub shows as exactly `clean(text)`, anywhere in a line."""
    text = clean(text)
    escaped = "".join(_escape_character(text, index) for index in range(len(text)))
    match = _BLOCK_START.match(text)
    if match is None:
        return escaped
    start = match.group()
    return f"{start}\\{escaped[len(start) :]}" if start.isdigit() else f"\\{escaped}"


def escape_html(text: str) -> str:
    """Escape a text to HTML for places where Markdown is not parsed: `<summary>` elements and the Atom feed."""
    text = clean(text)
    return "".join(_in_span(text, index) or _HTML_ENTITIES.get(c, c) for index, c in enumerate(text))


def escape_url(address: str) -> str:
    """Escape a URL to a Markdown link target; empty if it is not https (http is allowed for this machine only).

    Percent-encodes every character that could end the target or be parsed as something else.
    """
    if not _SCHEME.match(address):
        return ""
    return "".join(_escape_url_character(address, index) for index in range(len(address)))


def _is_hidden(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in _REMOVED
        or code in _IGNORABLE
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
    )


def _escape_character(text: str, index: int) -> str:
    """Escape one character of a cleaned text for Markdown."""
    character = text[index]
    if span := _in_span(text, index):
        return span
    if character in _BACKSLASH_ESCAPED or (character == "(" and text[index - 1 : index] == "]"):
        return "\\" + character
    return _ENTITIES.get(character, character)


def _in_span(text: str, index: int) -> str:
    """Wrap the character in a span if the text around it could be a mention, math, emoji or link; else "".

    GitHub searches text nodes for those; the invisible span splits the node.
    """
    character = text[index]
    needs_span = character in "@$#" or _COLON.match(text, index) or _WWW.match(text, index)
    return f"<span>{character}</span>" if needs_span else ""


def _escape_url_character(address: str, index: int) -> str:
    character = address[index]
    if character == "&":
        return "&amp;"  # otherwise `&copy=1` in a target would be parsed as an entity
    if character == "%" and not re.match(r"%[0-9A-Fa-f]{2}", address[index : index + 3]):
        return "%25"
    if character in _UNESCAPED_IN_URL:
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
