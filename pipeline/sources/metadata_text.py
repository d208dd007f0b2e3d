"""Normalize titles, abstracts and author names of sources: one line, no markup, no invisible characters.

Raw LaTeX is kept; the report renders it.
"""

import html
import re

from selectolax.lexbor import LexborHTMLParser

from pipeline.core import unicode

# Tag characters stay, so that `scoring/injection.py` finds what they spell; prompts and pages are without them.
INVISIBLE = re.compile(f"[{unicode.CONTROLS}{unicode.FORMATTING}]")
SURROGATE = re.compile(f"[{unicode.SURROGATES}]")  # unpaired: JSON can encode them, UTF-8 cannot
ENTITY = re.compile(r"&#?\w{1,32};")  # with its semicolon: html.unescape alone makes "®ion" of "&region"
ANNOUNCEMENT = re.compile(r"\A\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*")
MARKUP = re.compile(r"<(?:/?[A-Za-z]|!--)[^<>]*>")  # a tag, or the beginning of a comment
# Characters. arXiv's longest abstract is 1,920; a name of 60,000 would leave other authors no space on the page.
MAX_TITLE_LENGTH, MAX_NAME_LENGTH, MAX_ABSTRACT_LENGTH = 500, 100, 10_000
PARENTHESES = re.compile(r"\([^()]*\)")  # the innermost
MAX_NESTING = 3


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
    return ANNOUNCEMENT.sub("", text)


def strip_markup(text: str) -> str:
    """Extract the text of an HTML fragment. Text that merely contains a `<` is returned unchanged."""
    if not MARKUP.search(text):
        return text
    tree = LexborHTMLParser(SURROGATE.sub("\ufffd", text))
    tree.strip_tags(["script", "style", "template", "iframe", "object"], recursive=True)
    body = tree.body
    return body.text(separator=" ") if body else ""


def split_authors(text: str, *, joined_by_and: bool = False) -> tuple[str, ...]:
    """Split an author string at commas outside parentheses; affiliations in parentheses are dropped.

    With `joined_by_and`, the word "and" outside parentheses separates too, as in "A Name, B Name and C Name".
    Unbalanced parentheses are kept as ordinary characters.
    """
    line = clean(text)
    for _ in range(MAX_NESTING):
        line = PARENTHESES.sub("", line)
    separator = "(?i:,| and )" if joined_by_and else ","
    names = (name.strip() for name in re.split(separator, " ".join(line.split())))
    return tuple(name[:MAX_NAME_LENGTH] for name in names if name)
