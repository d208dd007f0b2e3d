"""The blocks of a page, of whatever kind, as numbered sentences; or why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.core.models import Basis, Sentence, Text
from pipeline.extraction.sentences import clean, cut_up, split

SHORTEST = 1000  # characters of text that make a paper; what failed leaves less
MOST_SENTENCES = 8000  # a book of 400 pages; what comes after is counted as cut
LONGEST_TITLE = 120
BETWEEN_TITLES = " › "


@dataclass(frozen=True)
class NotReadable:
    """Why a page gave no text, in words for a reader."""

    reason: str


@dataclass(frozen=True)
class Block:
    """A paragraph, caption or row: its section's titles from the outermost in, where it stands, what it says.

    `whole` says that the text is one sentence already.
    """

    path: tuple[str, ...]
    anchor: str | None
    text: str
    whole: bool = False


def to_text(blocks: Iterable[Block], *, basis: Basis, url: str, left_out: Mapping[str, int]) -> Text:
    """Number the sentences of all blocks from 1. Counts of zero are not kept in `left_out`."""
    sentences: list[Sentence] = []
    cut = 0
    for block in blocks:
        section = section_of(block.path)
        for piece in _pieces(block):
            if len(sentences) < MOST_SENTENCES:
                number = len(sentences) + 1
                sentences.append(Sentence(id=number, section=section, anchor=block.anchor, text=piece))
            else:
                cut += 1
    all_left_out = {**left_out, "cut": left_out.get("cut", 0) + cut}
    counts = {key: count for key, count in sorted(all_left_out.items()) if count}
    return Text(basis=basis, url=url, sentences=tuple(sentences), left_out=counts)


def section_of(path: tuple[str, ...]) -> str:
    """Titles on one line, such as `3 Method › 3.2 Training`; of a deep path the first and the last two."""
    titles = [title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…" for title in path]
    return BETWEEN_TITLES.join(titles if len(titles) <= 3 else [titles[0], *titles[-2:]])


def _pieces(block: Block) -> Iterator[str]:
    """The block's sentences; what has no letter, digit or formula says nothing, an endless one is cut up."""
    text = clean(block.text)
    for sentence in [text] if block.whole else split(text):
        if any(character.isalnum() for character in sentence):
            yield from cut_up(sentence)
