"""arXiv's identifiers, in every form that a source writes them."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

MODERN = r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}"
OLD = r"[a-z]{2,8}(?:-[a-z]{2,8}){0,2}(?:\.[a-z]{2})?/[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}"
VERSIONED = re.compile(
    rf"(?P<id>{MODERN}|{OLD})(?:v(?P<version>[1-9][0-9]{{0,3}}))?", re.IGNORECASE | re.ASCII
)
PREFIX = re.compile(
    r"(?:oai:arxiv\.org:|arxiv:|(?:doi:|https?://(?:dx\.)?doi\.org/)?10\.48550/arxiv\.)", re.IGNORECASE
)
PATH = re.compile(r"/(?:abs|pdf|html|format|papers|arxiv)/(?P<rest>.+?)(?:\.pdf|\.md)?/?", re.IGNORECASE)
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Identifier(NamedTuple):
    """A paper, and the version that was named, if one was."""

    id: str
    version: int | None


def identify(text: str) -> Identifier | None:
    """The paper that `text` names, or None. The whole of it has to be an id, in one of these forms:

    `2601.16914v1` · `math.GT/0309136` · `arXiv:2601.16914` · `oai:arXiv.org:2601.16914v1` ·
    `10.48550/arXiv.2601.16914` · the address of a page about it, such as `https://arxiv.org/pdf/2601.16914v1.pdf`
    or `https://huggingface.co/papers/2601.16914`.
    """
    bare = INVISIBLE.sub("", text).strip()
    prefix = PREFIX.match(bare)
    bare = bare[prefix.end() :] if prefix else _in_address(bare)
    found = VERSIONED.fullmatch(bare)
    if not found:
        return None
    archive, slash, number = found["id"].lower().partition("/")
    # An old id may carry a subject class (math.GT/0309136) that is no part of the paper's name.
    paper = f"{archive.partition('.')[0]}/{number}" if slash else archive
    return Identifier(paper, int(found["version"]) if found["version"] else None)


def canonical_id(text: str) -> str | None:
    """The arXiv id without a version, by which a paper is known everywhere in the pipeline; None if there is none."""
    found = identify(text)
    return found.id if found else None


def _in_address(text: str) -> str:
    """What an address of a paper's page names; any other text as it is."""
    if "://" not in text:
        return text
    try:
        path = PATH.fullmatch(unquote(urlsplit(text).path))
    except ValueError:
        return text
    return path["rest"] if path else text
