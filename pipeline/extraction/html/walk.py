"""One walk over an article, which collects its blocks of text. Iterative: a page may be nested deeply."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborNode

from pipeline.extraction import tables
from pipeline.extraction.html import elements
from pipeline.extraction.html.elements import Role
from pipeline.extraction.html.math import formula
from pipeline.extraction.html.visibility import Declarations, Look, classed, inline, styled
from pipeline.extraction.sentences import clean
from pipeline.extraction.text import Block

MOST_TEXT = 4_000_000  # characters; what comes after is counted as cut

_ID = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,99}")
_WORDS = re.compile(r"[^\W\d_]{3}")
_REFERENCES = re.compile(r"(?:\d+\W+)?(?:references|bibliography|literature cited)\W*", re.IGNORECASE)


@dataclass
class _Open:
    """An element that the walk is inside of. `parts` is where its text goes: its own list, or an outer one's."""

    role: Role
    look: Look
    base: tuple[str, ...]
    path: tuple[str, ...]
    anchor: str | None
    parts: list[str]
    boxed: bool  # a cell, heading or note: blocks inside do not end the text
    picture: bool
    hidden_in: int = 0
    skips: bool = False
    cell: tables.Cell = field(default_factory=lambda: tables.Cell(""))
    rows: list[list[tables.Cell]] = field(default_factory=list)


class Walk:
    """Collects `blocks` in reading order, and in `left_out` what was passed over."""

    def __init__(self, by_rule: Mapping[int, Declarations]) -> None:
        self.blocks: list[Block] = []
        self.left_out: Counter[str] = Counter()
        self._by_rule = by_rule
        self._open: list[_Open] = []
        self._notes: list[Block] = []
        self._hidden: dict[tuple[str, int], str] = {}
        self._size = 0

    def over(self, article: LexborNode) -> None:
        """Read the article from its first to its last child."""
        todo: list[LexborNode | None] = [article]  # None ends the innermost open element
        while todo:
            node = todo.pop()
            if node is None:
                self._leave()
            elif node.tag == "-text":
                self._text(node.text_content or "", self._open[-1])
            elif self._enter(node):
                todo.append(None)
                todo.extend(reversed(list(node.iter(include_text=True))))
        self._release()
        self.left_out.update(kind for (kind, _), said in self._hidden.items() if _WORDS.search(said))

    def _enter(self, node: LexborNode) -> bool:
        """Open an element; False if its inside is not to be read."""
        attributes = node.attributes
        classes = frozenset((attributes.get("class") or "").split())
        role = elements.role_of(node.tag or "", classes)
        outer = self._open[-1] if self._open else None
        if role is Role.SKIP or (outer and outer.skips):
            self._skip(node, classes, references=bool(outer and outer.skips))
            return False
        element = self._element(node, attributes, classes, role, outer)
        if role is Role.FORMULA:
            self._formula(node, element)
            return False
        if role in elements.FLOW and outer:
            self._flush(outer)
        if role is Role.BREAK:
            element.parts.append(" ")
        self._open.append(element)
        return True

    def _element(
        self,
        node: LexborNode,
        attributes: Mapping[str, str | None],
        classes: frozenset[str],
        role: Role,
        outer: _Open | None,
    ) -> _Open:
        """The element with what it inherits: place, look, and where its text goes."""
        before = outer.look if outer else Look()
        look = styled(before, self._by_rule.get(node.mem_id, {}))
        look = classed(styled(look, inline(attributes.get("style") or "")), classes)
        if "hidden" in attributes:
            look = styled(look, {"display": "none"})
        if color := attributes.get("color"):
            look = styled(look, {"color": color})
        hides = look.unseen and not before.unseen
        path = outer.path if outer else ()
        own = role in elements.BOXED
        name = attributes.get("id") or ""
        anchored = elements.is_place(node.tag or "", classes) and _ID.fullmatch(name)
        return _Open(
            role=role,
            look=look,
            base=path,
            path=path,
            anchor=name if anchored else outer.anchor if outer else None,
            parts=[] if own or not outer else outer.parts,
            boxed=own or bool(outer and outer.boxed),
            picture=node.tag == "svg" or bool(outer and outer.picture),
            hidden_in=node.mem_id if hides else outer.hidden_in if outer else 0,
            cell=tables.Cell("", _count(attributes.get("colspan")), _count(attributes.get("rowspan"))),
        )

    def _skip(self, node: LexborNode, classes: frozenset[str], *, references: bool) -> None:
        """Count what is passed over, where it is of interest."""
        kind = "references" if references else elements.left_out_as(classes)
        if kind == "references":
            self.left_out[kind] += len(node.css(".ltx_bibitem")) or len(node.css("li")) or bool(references)
        elif kind:
            self.left_out[kind] += 1

    def _text(self, text: str, element: _Open) -> None:
        if element.skips:
            return
        unseen = element.look.unseen
        if not unseen:
            element.parts.append(text)
            return
        kind = "pictures" if unseen == "color" and element.picture else "hidden"
        place = (kind, element.hidden_in)
        self._hidden[place] = (self._hidden.get(place, "") + text)[:200]

    def _formula(self, node: LexborNode, element: _Open) -> None:
        found = formula(node, element.look)
        if found.hidden:
            self._hidden[("hidden", node.mem_id)] = found.hidden
        if found.text:
            self._text(found.text, element)

    def _leave(self) -> None:
        """Close the innermost open element, and do with its text what its role asks for."""
        element = self._open.pop()
        outer = self._open[-1] if self._open else None
        said = clean("".join(element.parts)) if element.role in elements.BOXED else ""
        match element.role:
            case Role.HEADING if outer:
                self._title(outer, said)
            case Role.NOTE if said:
                self._notes.append(Block(element.path, element.anchor, said))
            case Role.MARK if outer and any(character.isalnum() for character in said):
                outer.parts.append(f" {said} ")
            case Role.CELL | Role.ROW | Role.TABLE:
                self._table_part(element, outer, said)
            case Role.EQUATION_ROW:
                self._flush(element, whole=True)
            case Role.BLOCK:
                self._flush(element)
            case _:
                pass

    def _title(self, outer: _Open, said: str) -> None:
        """A heading names the element that it stands in, for all that follows there. The article has a name."""
        outer.path = (*outer.base, said.rstrip(".: ")) if said else outer.path
        outer.skips = len(self._open) > 1 and _REFERENCES.fullmatch(said) is not None
        self._notes = [replace(note, path=outer.path) for note in self._notes]
        if not outer.boxed:
            self._release()

    def _table_part(self, element: _Open, outer: _Open | None, said: str) -> None:
        """Cells are gathered into rows, and rows into the table, which has to be whole before a line is known."""
        if element.role is Role.TABLE:
            for line in tables.lines(element.rows):
                self._emit(Block(element.path, element.anchor, line, whole=True))
            self._release()
            return
        table = next((one for one in reversed(self._open) if one.role is Role.TABLE), None)
        if table is None or (outer and outer.boxed):
            if said and outer:
                outer.parts.append(f" {said} ")
        elif element.role is Role.ROW:
            table.rows.append([])
        else:
            if not table.rows:
                table.rows.append([])
            table.rows[-1].append(tables.Cell(said, element.cell.columns, element.cell.rows))

    def _flush(self, element: _Open, *, whole: bool = False) -> None:
        """End a block of text here; inside a box, only see to it that words are not glued together."""
        if element.boxed:
            element.parts.append(" ")
            return
        said = clean("".join(element.parts))
        element.parts.clear()
        if said:
            said = said.replace("$ $", " ") if whole else said
            self._emit(Block(element.path, element.anchor, said, whole=whole))
            self._release()

    def _release(self) -> None:
        """Footnotes follow the block that they were set in."""
        notes, self._notes = self._notes, []
        for note in notes:
            self._emit(note)

    def _emit(self, block: Block) -> None:
        room = MOST_TEXT - self._size
        self._size += len(block.text)
        if room <= 0:
            self.left_out["cut"] += 1
        else:
            self.blocks.append(block if len(block.text) <= room else replace(block, text=block.text[:room]))


def _count(value: str | None) -> int:
    return int(value) if value and re.fullmatch("[0-9]{1,3}", value) else 1
