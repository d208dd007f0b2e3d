"""Parsing of arXiv identifiers, in every form that a source writes them."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from pipeline.core import unicode

MODERN = r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}"
OLD = r"[a-z]{2,8}(?:-[a-z]{2,8}){0,2}(?:\.[a-z]{2})?/[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}"
PREFIX = r"(?:oai:arxiv\.org:|arxiv:|(?:doi:|https?://(?:dx\.)?doi\.org/)?10\.48550/arxiv\.)"
VERSIONED = re.compile(
    rf"{PREFIX}?(?P<id>{MODERN}|{OLD})(?:v(?P<version>[1-9][0-9]{{0,3}}))?", re.IGNORECASE | re.ASCII
)
PATH = re.compile(r"/(?:abs|pdf|html|format|papers|arxiv)/(?P<rest>.+?)(?:\.pdf|\.md)?/?", re.IGNORECASE)
INVISIBLE = re.compile(f"[{unicode.FORMATTING}{unicode.JOINERS}]")


class Identifier(NamedTuple):
    """A paper's canonical id, and the version that was named with it, or None."""

    id: str
    version: int | None


def identify(text: str) -> Identifier | None:
    """Parse an arXiv id, or return None if the whole text is not an id in one of these forms:

    `2601.16914v1` · `math.GT/0309136` · `arXiv:2601.16914` · `oai:arXiv.org:2601.16914v1` ·
    `10.48550/arXiv.2601.16914` · the URL of a paper's page, such as `https://arxiv.org/pdf/2601.16914v1.pdf`
    or `https://huggingface.co/papers/2601.16914`.
    """
    match = VERSIONED.fullmatch(_id_in_url(INVISIBLE.sub("", text).strip()))
    if not match:
        return None
    archive, slash, number = match["id"].lower().partition("/")
    # An old id may carry a subject class (math.GT/0309136), which is not part of the canonical id.
    paper_id = f"{archive.partition('.')[0]}/{number}" if slash else archive
    return Identifier(paper_id, int(match["version"]) if match["version"] else None)


def canonical_id(text: str) -> str | None:
    """Parse an arXiv id and return it without its version, as the whole pipeline names papers; None if it is none."""
    identifier = identify(text)
    return identifier.id if identifier else None


def _id_in_url(text: str) -> str:
    """Return the part of a paper page's URL that should be an id; any other text is returned unchanged."""
    try:
        path = PATH.fullmatch(unquote(urlsplit(text).path))
    except ValueError:
        return text
    return path["rest"] if path else text
