"""Convert the blocks of a page, whether from HTML or PDF, to a `Text` of numbered sentences."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from pipeline.core.models import Basis, Figure, Sentence, Text
from pipeline.extraction.sentences import clean_text, split_overlong, split_sentences
from pipeline.extraction.tables import CELL_SEPARATOR

MIN_CHARACTERS = 1000  # of text; a page with less is a failed conversion, not a paper
MAX_SENTENCES = 8000  # a book of 400 pages; sentences past it are counted as cut
MAX_TITLE_LENGTH = 120
MAX_CAPTION = 400  # characters of a caption that are quoted
CAPTION_NUMBER = 2  # words of "Figure 1:"
TITLE_SEPARATOR = " › "
EMPTY_FIRST_CELL = (
    CELL_SEPARATOR.lstrip()
)  # starts a row whose first cell is empty; the blank before it is kept

NotReadableKind = Literal["unclear_styles"]


@dataclass(frozen=True)
class NotReadable:
    """The human-readable reason why no text could be extracted, and its kind if the page reports it in words of its own.

    `unclear_styles`: a style on the page is not understood and could hide text.
    """

    reason: str
    kind: NotReadableKind | None = None


@dataclass(frozen=True)
class Block:
    """A paragraph, caption or table row, with the titles of its sections (outermost first) and its anchor.

    `is_sentence` marks a block that is a single sentence and must not be split. `label` is the number or term of a
    list item, which belongs to its first sentence. `is_caption`: of a whole figure, not of a part of one or a table.
    """

    section_path: tuple[str, ...]
    anchor: str | None
    text: str
    is_sentence: bool = False
    label: str = ""
    is_caption: bool = False


def to_text(blocks: Iterable[Block], *, basis: Basis, url: str, omitted: Mapping[str, int]) -> Text:
    """Build a `Text` from blocks, numbering its sentences from 1.

    `omitted` becomes `Text.left_out`, without counts of zero and with the sentences past `MAX_SENTENCES`
    added to `cut`.
    """
    split = [(block, sentence) for block in blocks for sentence in _split_block(block)]
    sentences = tuple(
        Sentence(id=number, section=section_label(block.section_path), anchor=block.anchor, text=sentence)
        for number, (block, sentence) in enumerate(split[:MAX_SENTENCES], start=1)
    )
    counts = {**omitted, "cut": omitted.get("cut", 0) + len(split) - len(sentences)}
    return Text(
        basis=basis,
        url=url,
        sentences=sentences,
        left_out={key: count for key, count in sorted(counts.items()) if count},
    )


def main_figure(blocks: Iterable[Block], url: str) -> Figure | None:
    """Return the first figure that has a caption and an anchor, with the whole sentences that fit in MAX_CAPTION.

    None if there is none, or if its first sentence, without its number, does not fit.
    """
    block = next(
        (b for b in blocks if b.is_caption and b.anchor and len(b.text.split()) > CAPTION_NUMBER), None
    )
    if block is None:
        return None
    sentences = [*_split_block(block)]
    lengths = accumulate(len(sentence) + 1 for sentence in sentences)
    caption = " ".join(
        sentence for sentence, length in zip(sentences, lengths, strict=True) if length <= MAX_CAPTION
    )
    if len(caption.split()) <= CAPTION_NUMBER:
        return None
    return Figure(caption=caption, url=f"{url}#{block.anchor}")


def abstract_text(abstract: str, url: str) -> Text:
    """Build the `Text` of an abstract. `url` is the page that shows it; its sentences have no anchors."""
    return to_text([Block(("Abstract",), None, abstract)], basis="abstract", url=url, omitted={})


def section_label(section_path: tuple[str, ...]) -> str:
    """Join section titles into one line, such as `3 Method › 3.2 Training`.

    A path of more than three titles is reduced to the first and the last two.
    """
    titles = [
        title if len(title) <= MAX_TITLE_LENGTH else title[: MAX_TITLE_LENGTH - 1] + "…"
        for title in section_path
    ]
    return TITLE_SEPARATOR.join(titles if len(titles) <= 3 else [titles[0], *titles[-2:]])


def _split_block(block: Block) -> Iterator[str]:
    """Yield the sentences of a block; those without a letter or digit are dropped, overlong ones are split."""
    text = clean_text(block.text)
    first, *others = [text] if block.is_sentence else split_sentences(text) or [""]
    labeled = f"{block.label} {first}" if block.label else first
    for sentence in (labeled, *others):
        if any(character.isalnum() for character in sentence):
            pieces = split_overlong(sentence)
            if sentence.startswith(EMPTY_FIRST_CELL):
                pieces[0] = f" {pieces[0]}"
            yield from pieces
