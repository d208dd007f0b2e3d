"""Lines of a PDF joined to one text: what a line end had cut becomes one word again. Pure.

Of the hyphens at line ends, about one in fifteen belongs to its word (`pre-trained`, `GPT-4o`). The rest of
the paper tells which: a form that stands within a line elsewhere is the right one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

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
