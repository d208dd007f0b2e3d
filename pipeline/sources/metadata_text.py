"""Normalize titles, abstracts and author names of sources: one line, no markup, no invisible characters.

Raw LaTeX is kept; the report renders it.
"""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser

# Control characters other than whitespace, and bidirectional and zero-width marks. U+200C and U+200D stay:
# Persian and the scripts of India need them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
SURROGATE = re.compile("[\ud800-\udfff]")  # unpaired: JSON can encode them, UTF-8 cannot
ENTITY = re.compile(r"&#?\w{1,32};")  # with its semicolon: html.unescape alone makes "®ion" of "&region"
ANNOUNCEMENT = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
DELIMITERS = (("<!--", "-->"), ("<![CDATA[", "]]>"))
# Characters. arXiv's longest abstract is 1,920; a name of 60,000 would leave other authors no space on the page.
MAX_TITLE_LENGTH, MAX_NAME_LENGTH, MAX_ABSTRACT_LENGTH = 500, 100, 10_000
AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def clean(text: str) -> str:
    """Normalize text to one line: resolve entities, collapse whitespace, remove invisible characters."""
    plain = SURROGATE.sub("\ufffd", ENTITY.sub(lambda match: html.unescape(match[0]), text))
    return " ".join(INVISIBLE.sub("", plain).split())


def clean_title(text: str) -> str:
    """Clean a title and truncate it to 500 characters."""
    return truncate(clean(text), MAX_TITLE_LENGTH)


def clean_abstract(text: str) -> str:
    """Clean an abstract and truncate it to 10,000 characters, which bounds the cost of a model call."""
    return truncate(clean(text), MAX_ABSTRACT_LENGTH)


def truncate(line: str, max_length: int) -> str:
    """Truncate a line to `max_length` characters, ending in "…"; at a space if the second half has one."""
    if len(line) <= max_length:
        return line
    space = line.rfind(" ", max_length // 2, max_length)
    return f"{line[: space if space > 0 else max_length - 1]}…"


def strip_announcement(text: str) -> str:
    """Remove the prefix "arXiv:… Announce Type: … Abstract:" that arXiv's feeds put before an abstract."""
    match = ANNOUNCEMENT.match(text)
    return text[match.end() :] if match else text


def strip_markup(text: str) -> str:
    """Extract the text of an HTML fragment. Text that merely contains a `<` is returned unchanged."""
    if not _has_markup(text):
        return text
    tree = LexborHTMLParser(SURROGATE.sub("\ufffd", text))
    tree.strip_tags(["script", "style", "template", "iframe", "object"], recursive=True)
    body = tree.body
    return body.text(separator=" ") if body else ""


def _has_markup(text: str) -> bool:
    """Whether the text contains a tag, a comment or a CDATA section. Linear time for any input."""
    if TAG.search(text):
        return True
    starts = ((text.find(start), start, end) for start, end in DELIMITERS)
    return any(at >= 0 and text.find(end, at + len(start)) >= 0 for at, start, end in starts)


def split_authors(text: str, *, joined_by_and: bool = False) -> tuple[str, ...]:
    """Split an author string at commas outside parentheses; affiliations in parentheses are dropped.

    With `joined_by_and`, the word "and" outside parentheses separates too, as in "A Name, B Name and C Name".
    """
    parts = _split_outside_parentheses(clean(text))
    split = [name for part in parts for name in (AND.split(part) if joined_by_and else (part,))]
    return tuple(name[:MAX_NAME_LENGTH] for name in (" ".join(name.split()) for name in split) if name)


def _split_outside_parentheses(text: str) -> list[str]:
    """Split at commas and drop text in parentheses. Unbalanced parentheses are kept as ordinary characters."""
    if not _is_balanced(text):
        return text.split(",")
    depth, parts, kept = 0, [], list[str]()
    for letter in text:
        depth += letter == "("
        if depth == 0 and letter == ",":
            parts.append("".join(kept))
            kept.clear()
        elif depth == 0:
            kept.append(letter)
        depth -= letter == ")"
    return [*parts, "".join(kept)]


def _is_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0
