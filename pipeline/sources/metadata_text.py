"""Text as sources write it, into text as the pipeline keeps it: one line, no markup, no invisible characters.

Raw LaTeX stays as it is; what a page makes of it is the page's business.
"""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser

# Controls that are no whitespace, marks that turn the direction of writing or take no room at all, and
# halves of surrogate pairs, which JSON can smuggle in and UTF-8 cannot write. U+200C and U+200D stay:
# Persian and the scripts of India need them.
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
SURROGATE = re.compile("[\ud800-\udfff]")
ENTITY = re.compile(r"&#?\w{1,32};")  # with its semicolon: html.unescape alone makes "®ion" of "&region"
ANNOUNCEMENT = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
SPANS = (("<!--", "-->"), ("<![CDATA[", "]]>"))
# Characters; arXiv's own longest abstract is 1,920, and a name of 60,000 would cost the others their place on the page.
LONGEST_TITLE, LONGEST_NAME, LONGEST_ABSTRACT = 500, 100, 10_000
AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def clean(text: str) -> str:
    """One line: entities resolved, whitespace collapsed, invisible characters removed."""
    plain = SURROGATE.sub("\ufffd", ENTITY.sub(lambda found: html.unescape(found[0]), text))
    return " ".join(UNWANTED.sub("", plain).split())


def title(text: str) -> str:
    """A paper's title as one clean line, short enough for a page whatever a source sends."""
    return shortened(clean(text), LONGEST_TITLE)


def abstract(text: str) -> str:
    """A paper's abstract as one clean line, no longer than a model should be paid to read."""
    return shortened(clean(text), LONGEST_ABSTRACT)


def shortened(line: str, most: int) -> str:
    """At most so many characters of a line: cut at a blank if there is one in the second half, with "…"."""
    if len(line) <= most:
        return line
    blank = line.rfind(" ", most // 2, most)
    return f"{line[: blank if blank > 0 else most - 1]}…"


def without_announcement(text: str) -> str:
    """An abstract without the line that arXiv's feeds put before it; kept whole if it does not stand there."""
    match = ANNOUNCEMENT.match(text)
    return text[match.end() :] if match else text


def without_markup(text: str) -> str:
    """The text of a piece of HTML. Text that merely holds a `<` stays as it is."""
    if not _has_markup(text):
        return text
    tree = LexborHTMLParser(SURROGATE.sub("\ufffd", text))
    tree.strip_tags(["script", "style", "template", "iframe", "object"], recursive=True)
    body = tree.body
    return body.text(separator=" ") if body else ""


def _has_markup(text: str) -> bool:
    """Whether there is a tag, a comment or a marked section. Each letter is looked at once, whatever stands there."""
    if TAG.search(text):
        return True
    opened = ((text.find(start), start, end) for start, end in SPANS)
    return any(at >= 0 and text.find(end, at + len(start)) >= 0 for at, start, end in opened)


def names(text: str, *, joined_by_and: bool = False) -> tuple[str, ...]:
    """The authors in one string, split at commas outside brackets; affiliations in brackets are dropped.

    With `joined_by_and`, a free " and " separates too, as in "A Name, B Name and C Name".
    """
    parts = _outside_brackets(clean(text))
    split = [name for part in parts for name in (AND.split(part) if joined_by_and else (part,))]
    return tuple(name[:LONGEST_NAME] for name in (" ".join(one.split()) for one in split) if name)


def _outside_brackets(text: str) -> list[str]:
    """Split at commas; leave out what stands in round brackets. Unbalanced brackets are ordinary letters."""
    if not _balanced(text):
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


def _balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0
