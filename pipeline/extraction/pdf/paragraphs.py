"""Convert the lines of a PDF to sentences, each with its section and the page on which it begins. No I/O."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from pipeline.extraction.pdf.headings import CAPTION, Outline
from pipeline.extraction.pdf.reading_order import CELL_GAP, Line
from pipeline.extraction.sentences import INVISIBLE, clean_text, split_sentences
from pipeline.extraction.tables import CELL_SEPARATOR
from pipeline.extraction.text import Block

HYPHENS = "-\x02\ufffe\xad"  # pdfium writes a hyphen at a line's end as \x02 or U+FFFE
STEM_LENGTH = 4  # letters
MAX_WORD_LENGTH = 100  # characters; anything longer is not a word

_HYPHENATED_END = re.compile(rf"([^\W_]+(?:-[^\W_]+)*)[{HYPHENS}] *$")
_WORD = re.compile(r"[^\W_]+")
# The lookbehind lets a match start only at the start of a word: tried at every letter of an endless word, the
# pattern would take quadratic time.
_COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:-[^\W_]++)++")


class Vocabulary:
    """The words of a paper, with and without hyphens, to decide whether a hyphen at a line's end belongs to a word.

    Hyphens at line ends are not counted, since they are what is to be decided.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.compounds: Counter[str] = Counter()
        self.plain: Counter[str] = Counter()
        self.stems: set[tuple[str, str]] = set()
        for line in lines:
            inside = line.casefold().rstrip(HYPHENS + " ")
            compounds = _drop_overlong(_COMPOUND.findall(inside))
            self.compounds.update(compounds)
            self.stems.update(
                (head, tail[:STEM_LENGTH]) for head, _, tail in (word.rpartition("-") for word in compounds)
            )
            self.plain.update(_drop_overlong(_WORD.findall(inside)))

    def keep_hyphen(self, head: str, tail: str) -> bool:
        """Whether the hyphen between two parts of a word belongs to its spelling, not to the line break."""
        compound = self.compounds[f"{head}-{tail}".casefold()]
        plain = self.plain[f"{head}{tail}".casefold()]
        if compound or plain:
            return compound >= plain
        return (
            (head.casefold(), tail[:STEM_LENGTH].casefold())
            in self.stems  # `pre-trained` speaks for `pre-train`
            or "-" in head
            or not tail[0].islower()
            or head[-1].isdigit()
        )

    def join_lines(self, lines: Iterable[str]) -> list[str]:
        """Remove line-end hyphens and add spaces, so that the returned pieces, concatenated, are the running text."""
        pieces: list[str] = []
        for line in lines:
            hyphenated = _HYPHENATED_END.search(pieces[-1][-80:]) if pieces else None
            first = _WORD.match(line)
            if hyphenated and first:
                without_hyphen = pieces[-1].rstrip(" ")[:-1]
                pieces[-1] = (
                    without_hyphen + "-" if self.keep_hyphen(hyphenated[1], first.group()) else without_hyphen
                )
            elif pieces:
                pieces[-1] += " "
            pieces.append(line)
        return pieces


def _drop_overlong(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) <= MAX_WORD_LENGTH]


_ABSTRACT = re.compile(r"abstract\s*[.:—–-]+\s*(?=\S)", re.IGNORECASE)
_FIRST_SECTION = re.compile(r"(?:[1I]\.?\s+)?(?:abstract|introduction)\W*", re.IGNORECASE)
_BULLET = re.compile(r"[\x80-\x9f•∙◦‣▪●\ue000-\uf8ff]\s")
_NUMBER_ONLY = re.compile(r"[\W\d_]{0,8}")


def build_blocks(lines: Sequence[Line]) -> tuple[list[Block], Counter[str]]:
    """Convert lines to blocks of one sentence each.

    Also returns the numbers of omitted lines: `authors` (everything before the abstract) and `references`.
    """
    start = _front_matter_length(lines)
    omitted = Counter(authors=start)
    outline = Outline(_body_size(lines))
    paragraphs: list[tuple[tuple[str, ...], list[Line]]] = [((), [])]
    for line in lines[start:]:
        text = clean_text(line.run.text)
        label = None if outline.titles or outline.in_references else _ABSTRACT.match(text)
        level = 0 if label else outline.heading_level(line.run)
        paragraph = paragraphs[-1][1]
        starts = bool(paragraph) and _starts_paragraph(paragraph[-1], line, text)
        if level:
            outline = outline.enter(line.run, level)
        elif label:
            outline = Outline(outline.body_size, titles=("Abstract",))
        if level or label or starts:
            paragraphs.append((outline.section_path, []))
        if outline.in_references:
            omitted["references"] += level == 0
        elif not level:
            body = replace(line.run, text=text[label.end() :]) if label else line.run
            paragraphs[-1][1].append(Line(line.page, body))
    vocabulary = Vocabulary(line.run.text for line in lines)
    blocks = [
        block for path, paragraph in paragraphs for block in _split_paragraph(path, paragraph, vocabulary)
    ]
    return blocks, omitted


def _front_matter_length(lines: Sequence[Line]) -> int:
    """Return the number of lines before the abstract or introduction; 0 if neither begins on the first two pages."""
    titles = ((index, clean_text(line.run.text)) for index, line in enumerate(lines) if line.page <= 2)
    return next(
        (index for index, title in titles if _ABSTRACT.match(title) or _FIRST_SECTION.fullmatch(title)), 0
    )


def _body_size(lines: Sequence[Line]) -> float:
    """Return the font size of most of the text."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.run.size, 1)] += len(line.run.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _starts_paragraph(last: Line, line: Line, text: str) -> bool:
    """Whether a line starts a new paragraph: a caption, bullet or table row, another font size, or a wide gap."""
    size = max(last.run.size, line.run.size)
    return bool(
        CAPTION.match(text)
        or _BULLET.match(line.run.text)
        or _is_table_row(line)
        or _is_table_row(last)
        or abs(last.run.size - line.run.size) > 0.12 * size
        or (last.page == line.page and last.run.bottom - line.run.top > size)
    )


def _is_table_row(line: Line) -> bool:
    """Whether a line has at least three cells."""
    return line.run.text.count(CELL_GAP) > 1


def _split_paragraph(
    section_path: tuple[str, ...], lines: Sequence[Line], vocabulary: Vocabulary
) -> Iterator[Block]:
    """Yield the sentences of a paragraph as blocks; lone numbers, of equations or axes, are dropped."""
    if len(lines) == 1 and _is_table_row(lines[0]):
        row = CELL_SEPARATOR.join(clean_text(cell) for cell in lines[0].run.text.split(CELL_GAP))
        yield Block(section_path, f"page={lines[0].page}", row, is_sentence=True)
        return
    pieces = [INVISIBLE.sub("", piece) for piece in vocabulary.join_lines(line.run.text for line in lines)]
    # Offsets count no white space, the only characters that `split_sentences` may change.
    starts = [0, *accumulate(len("".join(piece.split())) for piece in pieces)]
    offset = 0
    for sentence in split_sentences("".join(pieces)):
        page = lines[bisect_right(starts, offset) - 1].page
        if not _NUMBER_ONLY.fullmatch(sentence):
            yield Block(section_path, f"page={page}", sentence, is_sentence=True)
        offset += len("".join(sentence.split()))
