"""Escape untrusted text from papers, models and sources for Markdown and HTML, so that a page shows it literally.

At any position in a line, escaped text
becomes no element, link, mention, formula, emoji or image on GitHub, and no Liquid tag on GitHub Pages. The
rules were derived by rendering with GitHub's own Markdown library (cmark-gfm).
"""

import re
import unicodedata
from urllib.parse import quote

from pipeline.core import unicode
from pipeline.report.latex import to_unicode

# Invisible characters outside of the removed categories. Text can be encoded in them.
_IGNORABLE = re.compile(f"[{unicode.FILLERS}{unicode.VARIATION_SELECTORS}{unicode.TAGS}{unicode.UNASSIGNED}]")
_REMOVED = frozenset({"Cf", "Co", "Cs"})
_BLANK = frozenset({"Cc", "Zl", "Zp", "Zs"})
_MARKS = frozenset({"Mn", "Me"})
_MAX_MARKS = 4  # combining marks per letter; a taller stack would cover the lines around it

# Text of these characters alone has nothing to remove, replace or compose: ASCII, Latin-1, dashes and quotation marks,
# kana, Chinese characters, Korean syllables, and full-width forms.
_PLAIN = re.compile("[ -~¡-¬®-ÿ‐-‧、-〟ぁ-ゖァ-ヺー一-鿿가-힣！-～]*")

# What could be part of a mention, formula, emoji or link. GitHub searches text nodes for those: an invisible span
# around the character splits the node. Most colons are in neither a URL nor an emoji code, and stay.
_SPLIT = r"(?P<split>[@$#]|:(?=/|[\w+-]+:)|[wW](?=[wW]{2}\.))"
_MARKDOWN = re.compile(_SPLIT + r"|(?P<backslash>[\\`*_\[\]|~^]|(?<=\])\()|(?P<entity>[<>&{}])")
_HTML = re.compile(_SPLIT + r"|(?P<entity>[<>&{}\"'|])")
# What starts a block at the beginning of a line: list item, thematic break, setext underline, table delimiter row. A
# backslash belongs after the number of a list item, and before any other sign.
_BLOCK_START = re.compile(r"^([0-9]{1,10}(?=[.)](?: |$))|(?=[-=]|\+(?: |$)))")
_ENTITIES = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    '"': "&quot;",
    "'": "&#39;",
    "{": "&#123;",
    "|": "&#124;",
    "}": "&#125;",
}

# What GitHub links in issues and comments, but not in files: GH-1, advisories, and commits by 7 or more digits of a hash.
_REFERENCE = re.compile(r"(?P<prefix>GH(?=-[0-9])|GHSA(?=-)|CVE(?=-))|[0-9a-f]{7,}", re.ASCII | re.IGNORECASE)
_HASH_PART = re.compile(r"(.{5})(.)")

# Chat programs link, mention or format by these signs, each in a way of its own, and have no escape in common. The
# full-width forms read alike and mean nothing to any of them.
_FULL_WIDTH = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "@#<>*_`~|[]{}\\$&^"})
_ADDRESS = re.compile(
    r"(?P<colon>:(?=//|[\w+-]+:)|(?<=mailto):|(?<=tel):)"  # a URL or an emoji code
    r"|(?P<dot>(?<=\w)\.(?=[^\W\d_])|(?<=[0-9])\.(?=[0-9]+\.[0-9]+))"  # a host name, or a number with three dots
    r"|(?P<slash>(?<![^\s(])/(?=\w))"  # a command to a bot
)
_LOOK_ALIKE = {"colon": "：", "dot": "․", "slash": "∕"}

_SCHEME = re.compile(r"https://|http://(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/])", re.IGNORECASE)
_INCOMPLETE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def clean(text: str) -> str:
    """Return the text on one line, without invisible characters and LaTeX, as a page shows it.

    LaTeX becomes Unicode text (see `latex.py`). Removes format, private-use and surrogate characters, noncharacters, fillers and variation selectors;
    replaces control characters and separators with a space, and collapses spaces; normalizes to NFC; keeps at
    most four combining marks on a letter and none on a space.
    """
    line = _clean(text)
    written = to_unicode(line)
    return line if written == line else _clean(written)


def _clean(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return re.sub(" +", " ", text).strip()
    categories = ((c, unicodedata.category(c)) for c in _IGNORABLE.sub("", text))
    kept = (" " if category in _BLANK else c for c, category in categories if category not in _REMOVED)
    composed = unicodedata.normalize("NFC", "".join(kept))
    shown: list[str] = []
    marks = _MAX_MARKS
    for character in composed:
        if unicodedata.category(character) in _MARKS:
            marks += 1
        else:
            # No marks on a space, nor at the start, where they would combine with the page's own text.
            marks = _MAX_MARKS if character == " " else 0
        if marks <= _MAX_MARKS:
            shown.append(character)
    return re.sub(" +", " ", "".join(shown)).strip()


def escape(text: str) -> str:
    """Escape a text to Markdown that GitHub shows as exactly `clean(text)`, anywhere in a line."""
    return _BLOCK_START.sub(r"\1\\", _MARKDOWN.sub(_replacement, clean(text)))


def escape_comment(text: str) -> str:
    """Escape a text to Markdown for issues and comments, where GitHub links references that it leaves alone in files."""
    return _REFERENCE.sub(_split_reference, escape(text))


def escape_plain(text: str) -> str:
    """Return a cleaned text for chat and mail in which no program finds a link, a mention, markup, an emoji or a command.

    Signs that could be one are replaced by look-alikes, so a copy of the text differs from the original.
    """
    line = _ADDRESS.sub(lambda match: _LOOK_ALIKE[match.lastgroup or ""], clean(text))
    return line.translate(_FULL_WIDTH)


def escape_html(text: str) -> str:
    """Escape a text to HTML for places where Markdown is not parsed: `<summary>` elements and the Atom feed."""
    return _HTML.sub(_replacement, clean(text))


def escape_url(address: str) -> str:
    """Escape a URL to a Markdown link target; empty if it is not https (http is allowed for this machine only).

    Percent-encodes every character that could end the target or be parsed as something else.
    """
    if not _SCHEME.match(address):
        return ""
    encoded = quote(_INCOMPLETE_PERCENT.sub("%25", address), safe=":/?#=+,;%&", errors="replace")
    return encoded.replace("&", "&amp;")  # otherwise `&copy=1` in a target would be parsed as an entity


def _split_reference(match: re.Match[str]) -> str:
    """Break a reference into text nodes in which GitHub finds none."""
    if match["prefix"]:
        return f"<span>{match[0]}</span>"
    return _HASH_PART.sub(r"\1<span>\2</span>", match[0])


def _replacement(match: re.Match[str]) -> str:
    """Return what is written for a special character, by the group of the pattern that matched it."""
    character = match[0]
    if match.lastgroup == "split":
        return f"<span>{character}</span>"
    return "\\" + character if match.lastgroup == "backslash" else _ENTITIES[character]
