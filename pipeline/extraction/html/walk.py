"""Walk over the elements of an article and collect its blocks of text.

The walk is iterative, since pages can be deeply nested.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborNode

from pipeline.extraction import tables
from pipeline.extraction.html import elements
from pipeline.extraction.html.elements import Role
from pipeline.extraction.html.math import extract_formula
from pipeline.extraction.html.visibility import ComputedStyle, Declarations, element_style
from pipeline.extraction.sentences import clean_text
from pipeline.extraction.text import Block

MAX_CHARACTERS = 4_000_000  # blocks past it are counted as cut

_ID = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,99}")
_WORD = re.compile(r"[^\W\d_]{3}")
_REFERENCES_TITLE = re.compile(r"(?:\d+\W+)?(?:references|bibliography|literature cited)\W*", re.IGNORECASE)


@dataclass
class _OpenElement:
    """An element that the walk is inside of. `parts` collects its text; it may be the list of an outer element."""

    role: Role = Role.INLINE
    style: ComputedStyle = field(default_factory=ComputedStyle)
    outer_path: tuple[str, ...] = ()  # section titles outside the element
    section_path: tuple[
        str, ...
    ] = ()  # the same, with the title of the element itself once its heading is read
    anchor: str | None = None
    parts: list[str] = field(default_factory=list)
    isolated: bool = False  # in a cell, heading, note or list marker: blocks inside do not end the text
    in_picture: bool = False
    hidden_root: int = 0  # `mem_id` of the nearest enclosing element that makes text invisible; 0 if none
    is_references: bool = False  # the rest of the element is the list of references
    colspan: int = 1
    rowspan: int = 1
    rows: list[list[tables.Cell]] | None = None  # of the innermost table


class ArticleWalk:
    """A walk that collects `blocks` in reading order and counts in `omitted` what is skipped.

    `sheet_declarations` are the declarations that style sheets set, by the `mem_id` of an element; `style` is the
    style around the article. `unclear` becomes a style that is not understood and could hide text; empty if none.
    """

    def __init__(self, sheet_declarations: Mapping[int, Declarations], style: ComputedStyle) -> None:
        self.unclear = ""
        self.blocks: list[Block] = []
        self.omitted: Counter[str] = Counter()
        self._sheet_declarations = sheet_declarations
        self._stack = [
            _OpenElement(style=style)
        ]  # around the article, so that every element has an outer one
        self._notes: list[Block] = []  # footnotes of the current block
        self._hidden: dict[tuple[str, int], str] = {}  # kind and element: the hidden text in it
        self._characters = 0

    def run(self, article: LexborNode) -> None:
        """Walk over the whole article."""
        pending: list[LexborNode | None] = [article]  # None closes the innermost open element
        while pending:
            node = pending.pop()
            if node is None:
                self._close_element()
            elif node.tag == "-text":
                self._add_text(node.text_content or "", self._stack[-1])
            elif self._open_element(node):
                pending.append(None)
                pending.extend(reversed(list(node.iter(include_text=True))))
        self._emit_notes()
        self.omitted.update(kind for (kind, _), text in self._hidden.items() if _WORD.search(text))

    def _open_element(self, node: LexborNode) -> bool:
        """Open an element; return False if its children are not to be visited."""
        classes = frozenset((node.attributes.get("class") or "").split())
        role = elements.role_of(node.tag or "", classes)
        outer = self._stack[-1]
        if role is Role.SKIP or outer.is_references:
            self._count_skipped(node, classes, references=outer.is_references)
            return False
        element = self._make_element(node, classes, role, outer)
        if role is Role.FORMULA:
            self._add_formula(node, element)
            return False
        if role in elements.BLOCK_LEVEL:
            self._flush(outer)
        if role is Role.BREAK:
            element.parts.append(" ")
        self._stack.append(element)
        return True

    def _make_element(
        self, node: LexborNode, classes: frozenset[str], role: Role, outer: _OpenElement
    ) -> _OpenElement:
        """Build an element with what it inherits from `outer`: section, anchor, style and list of parts."""
        attributes = node.attributes
        sheet = self._sheet_declarations.get(node.mem_id, {})
        style = element_style(outer.style, node.tag or "", attributes, sheet)
        if style.unclear and not style.gone:
            self.unclear = self.unclear or style.unclear
        isolates = role in elements.ISOLATED
        name = attributes.get("id") or ""
        is_anchor = elements.is_anchor(node.tag or "", classes) and _ID.fullmatch(name)
        return _OpenElement(
            role=role,
            style=style,
            outer_path=outer.section_path,
            section_path=outer.section_path,
            anchor=name if is_anchor else outer.anchor,
            parts=[] if isolates else outer.parts,
            isolated=isolates or outer.isolated,
            in_picture=node.tag == "svg" or outer.in_picture,
            hidden_root=outer.hidden_root if outer.style.hidden_by or not style.hidden_by else node.mem_id,
            colspan=_span_count(attributes.get("colspan")),
            rowspan=_span_count(attributes.get("rowspan")),
            rows=[[]] if role is Role.TABLE else outer.rows,
        )

    def _count_skipped(self, node: LexborNode, classes: frozenset[str], *, references: bool) -> None:
        """Count a skipped element in `omitted`; references by their number of entries."""
        kind = "references" if references else elements.omitted_kind(classes)
        entries = len(node.css(".ltx_bibitem")) or len(node.css("li")) or references
        if kind:
            self.omitted[kind] += entries if kind == "references" else 1

    def _add_text(self, text: str, element: _OpenElement) -> None:
        if element.is_references:
            return
        hidden_by = element.style.hidden_by
        if hidden_by:
            kind = "pictures" if hidden_by == "color" and element.in_picture else "hidden"
            passage = (kind, element.hidden_root)
            self._hidden[passage] = (self._hidden.get(passage, "") + text)[:200]
        else:
            element.parts.append(text)

    def _add_formula(self, node: LexborNode, element: _OpenElement) -> None:
        formula = extract_formula(node, element.style)
        if formula.hidden:
            self._hidden[("hidden", node.mem_id)] = formula.hidden
        self._add_text(formula.text, element)

    def _close_element(self) -> None:
        """Close the innermost open element and process its text according to its role."""
        element = self._stack.pop()
        outer = self._stack[-1]
        text = clean_text("".join(element.parts)) if element.role in elements.ISOLATED else ""
        match element.role:
            case Role.HEADING:
                self._apply_heading(outer, text)
            case Role.NOTE if text:
                self._notes.append(Block(element.section_path, element.anchor, text))
            case Role.LIST_MARKER if any(character.isalnum() for character in text):
                outer.parts.append(f" {text} ")
            case Role.TABLE:
                self._emit_table(element)
            case Role.CELL | Role.ROW:
                self._close_table_part(element, outer, text)
            case Role.EQUATION_ROW | Role.BLOCK:
                self._flush(element)

    def _apply_heading(self, outer: _OpenElement, title: str) -> None:
        """Make a heading the section title of the element around it; a title of references starts skipping.

        Directly below the article it does not: that would skip the rest of the paper.
        """
        if title:
            outer.section_path = (*outer.outer_path, title.rstrip(".: "))
        outer.is_references = len(self._stack) > 2 and _REFERENCES_TITLE.fullmatch(title) is not None
        self._notes = [replace(note, section_path=outer.section_path) for note in self._notes]
        if not outer.isolated:
            self._emit_notes()

    def _emit_table(self, table: _OpenElement) -> None:
        """Emit the lines of a table at its end, since cells can span rows."""
        for line in tables.render_rows(table.rows or []):
            self._emit(Block(table.section_path, table.anchor, line, is_sentence=True))
        self._emit_notes()

    def _close_table_part(self, element: _OpenElement, outer: _OpenElement, text: str) -> None:
        """Collect a cell or row in its table; outside of a table and in an isolated element it is only text."""
        if element.rows is None or outer.isolated:
            outer.parts.append(f" {text} ")
        elif element.role is Role.ROW:
            element.rows.append([])
        else:
            element.rows[-1].append(tables.Cell(text, element.colspan, element.rowspan))

    def _flush(self, element: _OpenElement) -> None:
        """Emit the text collected so far as a block; in an isolated element only separate it from what follows."""
        if element.isolated:
            element.parts.append(" ")
            return
        text = clean_text("".join(element.parts))
        element.parts.clear()
        if text:
            is_equation = element.role is Role.EQUATION_ROW
            text = text.replace("$ $", " ") if is_equation else text
            self._emit(Block(element.section_path, element.anchor, text, is_sentence=is_equation))
            self._emit_notes()

    def _emit_notes(self) -> None:
        """Emit pending footnotes, after the block that they belong to."""
        notes, self._notes = self._notes, []
        for note in notes:
            self._emit(note)

    def _emit(self, block: Block) -> None:
        remaining = MAX_CHARACTERS - self._characters
        self._characters += len(block.text)
        if remaining > 0:
            self.blocks.append(replace(block, text=block.text[:remaining]))
        else:
            self.omitted["cut"] += 1


def _span_count(value: str | None) -> int:
    return int(value) if value and re.fullmatch("[0-9]{1,3}", value) else 1
