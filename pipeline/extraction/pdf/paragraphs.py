"""The lines of a PDF as sentences under their headings, each with the page that it begins on. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from pipeline.extraction.pdf.headings import Outline, is_caption
from pipeline.extraction.pdf.reading_order import CELL, Line
from pipeline.extraction.sentences import UNSEEN, clean, split
from pipeline.extraction.tables import BETWEEN_CELLS
from pipeline.extraction.text import Block

HYPHENS = "-\x02\ufffe\xad"  # pdfium writes a hyphen at a line's end as \x02 or U+FFFE
STEM = 4  # letters
LONGEST_WORD = 100  # characters; what goes on longer is no word, and tells of none

_CUT = re.compile(rf"([^\W_]+(?:-[^\W_]+)*)[{HYPHENS}] *$")
_FIRST = re.compile(r"[^\W_]+")
# It begins where a word begins: tried at each letter of a word without end, it would read the rest each time.
_COMPOUND = re.compile(r"(?<![^\W_])[^\W_]++(?:-[^\W_]++)++")


class Words:
    """The words of a paper, with and without hyphens, that stand within its lines."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.compounds: Counter[str] = Counter()
        self.plain: Counter[str] = Counter()
        self.stems: set[tuple[str, str]] = set()
        for line in lines:
            inside = line.casefold().rstrip(HYPHENS + " ")
            found = _short(_COMPOUND.findall(inside))
            self.compounds.update(found)
            self.stems.update((head, tail[:STEM]) for head, _, tail in (one.rpartition("-") for one in found))
            self.plain.update(_short(_FIRST.findall(inside)))

    def keep_hyphen(self, head: str, tail: str) -> bool:
        """Whether the hyphen between two parts of a word is the word's own."""
        compound = self.compounds[f"{head}-{tail}".casefold()]
        plain = self.plain[f"{head}{tail}".casefold()]
        if compound or plain:
            return compound >= plain
        stem = (head.casefold(), tail[:STEM].casefold()) in self.stems  # `pre-trained` tells of `pre-train`
        return stem or "-" in head or not tail[0].islower() or head[-1].isdigit()

    def joined(self, lines: Iterable[str]) -> list[str]:
        """The lines as pieces of one text: put together without anything between them, they are the text."""
        pieces: list[str] = []
        for line in lines:
            cut = _CUT.search(pieces[-1][-80:]) if pieces else None
            first = _FIRST.match(line)
            if cut and first:
                whole = pieces[-1].rstrip(" ")[:-1]
                pieces[-1] = whole + "-" if self.keep_hyphen(cut[1], first.group()) else whole
            elif pieces:
                pieces[-1] += " "
            pieces.append(line)
        return pieces


def _short(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) <= LONGEST_WORD]


_ABSTRACT = re.compile(r"abstract\s*[.:—–-]+\s*(?=\S)", re.IGNORECASE)
_FIRST_SECTION = re.compile(r"(?:[1I]\.?\s+)?(?:abstract|introduction)\W*", re.IGNORECASE)
_BULLET = re.compile(r"[\x80-\x9f•∙◦‣▪●\ue000-\uf8ff]\s")
_MERE_NUMBER = re.compile(r"[\W\d_]{0,8}")


def blocks(lines: Sequence[Line]) -> tuple[list[Block], Counter[str]]:
    """Every sentence as a block of its own; and the lines left out: title and authors, references."""
    start = _start(lines)
    left_out = Counter(authors=start)
    words = Words(line.run.text for line in lines)
    outline = Outline(_body_size(lines))
    found: list[Block] = []
    open_lines: list[Line] = []
    for line in lines[start:]:
        said = clean(line.run.text)
        inline = _ABSTRACT.match(said) if not outline.titles else None
        level = 0 if inline else outline.level(line.run)
        if level or inline or (open_lines and _begins(open_lines[-1], line, said)):
            found += _sentences(outline.path, open_lines, words)
            open_lines = []
        if level:
            outline = outline.under(line.run, level)
        elif outline.references:
            left_out["references"] += 1
        elif inline:
            outline = Outline(outline.body, titles=("Abstract",))
            open_lines = [line.with_text(said[inline.end() :])]
        else:
            open_lines.append(line)
    found += _sentences(outline.path, open_lines, words)
    return found, left_out


def _start(lines: Sequence[Line]) -> int:
    """How many lines stand before the abstract, or the introduction, of the first two pages."""
    for index, line in enumerate(lines):
        if line.page > 2:
            break
        said = clean(line.run.text)
        if _ABSTRACT.match(said) or _FIRST_SECTION.fullmatch(said):
            return index
    return 0


def _body_size(lines: Sequence[Line]) -> float:
    """The font size that most of the text has."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.run.size, 1)] += len(line.run.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _begins(last: Line, line: Line, said: str) -> bool:
    """Whether a new paragraph begins: by a caption, a bullet, a row of a table, another size of type, a wide gap."""
    if is_caption(said) or _BULLET.match(line.run.text) or _is_row(line) or _is_row(last):
        return True
    larger = max(last.run.size, line.run.size)
    if abs(last.run.size - line.run.size) > 0.12 * larger:
        return True
    return last.page == line.page and last.run.bottom - line.run.top > larger


def _is_row(line: Line) -> bool:
    """Whether a line has at least three cells."""
    return line.run.text.count(CELL) > 1


def _sentences(path: tuple[str, ...], lines: Sequence[Line], words: Words) -> Iterator[Block]:
    """The sentences of one paragraph. Lone numbers, of equations or of axes, are passed over."""
    if len(lines) == 1 and _is_row(lines[0]):
        row = BETWEEN_CELLS.join(clean(cell) for cell in lines[0].run.text.split(CELL))
        yield Block(path, f"page={lines[0].page}", row, whole=True)
        return
    pieces = [UNSEEN.sub("", piece) for piece in words.joined(line.run.text for line in lines)]
    starts = [
        0,
        *accumulate(len("".join(piece.split())) for piece in pieces),
    ]  # without white space, as `split` keeps
    place = 0
    for sentence in split("".join(pieces)):
        page = lines[bisect_right(starts, place) - 1].page
        if not _MERE_NUMBER.fullmatch(sentence):
            yield Block(path, f"page={page}", sentence, whole=True)
        place += len("".join(sentence.split()))
