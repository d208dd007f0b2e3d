"""Walk over the elements of an article and collect its blocks of text.

The walk is iterative, since pages can be deeply nested.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborNode

from pipeline.extraction import tables
from pipeline.extraction.html import elements
from pipeline.extraction.html.elements import Role
from pipeline.extraction.html.math import extract_formula
from pipeline.extraction.html.visibility import (
    ComputedStyle,
    Declarations,
    apply_classes,
    apply_declarations,
    parse_style_attribute,
)
from pipeline.extraction.sentences import clean_text
from pipeline.extraction.text import Block

MAX_CHARACTERS = 4_000_000  # blocks past it are counted as cut

_ID = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,99}")
_WORD = re.compile(r"[^\W\d_]{3}")
_REFERENCES_TITLE = re.compile(r"(?:\d+\W+)?(?:references|bibliography|literature cited)\W*", re.IGNORECASE)


@dataclass
class _OpenElement:
    """An element that the walk is inside of. `parts` collects its text; it may be the list of an outer element."""

    role: Role
    style: ComputedStyle
    outer_path: tuple[str, ...]  # section titles outside the element
    section_path: tuple[str, ...]  # the same, with the title of the element itself once its heading is read
    anchor: str | None
    parts: list[str]
    isolated: bool  # in a cell, heading, note or list marker: blocks inside do not end the text
    in_picture: bool
    hidden_root: int = 0  # `mem_id` of the nearest enclosing element that makes text invisible; 0 if none
    is_references: bool = False  # the rest of the element is the list of references
    cell: tables.Cell = field(default_factory=lambda: tables.Cell(""))
    rows: list[list[tables.Cell]] = field(default_factory=list)


class ArticleWalk:
    """A walk that collects `blocks` in reading order and counts in `omitted` what is skipped.

    `sheet_declarations` are the declarations that style sheets set, by the `mem_id` of an element.
    """

    def __init__(self, sheet_declarations: Mapping[int, Declarations]) -> None:
        self.blocks: list[Block] = []
        self.omitted: Counter[str] = Counter()
        self._sheet_declarations = sheet_declarations
        self._stack: list[_OpenElement] = []
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
        attributes = node.attributes
        classes = frozenset((attributes.get("class") or "").split())
        role = elements.role_of(node.tag or "", classes)
        outer = self._stack[-1] if self._stack else None
        if role is Role.SKIP or (outer and outer.is_references):
            self._count_skipped(node, classes, references=bool(outer and outer.is_references))
            return False
        element = self._make_element(node, attributes, classes, role, outer)
        if role is Role.FORMULA:
            self._add_formula(node, element)
            return False
        if role in elements.BLOCK_LEVEL and outer:
            self._flush(outer)
        if role is Role.BREAK:
            element.parts.append(" ")
        self._stack.append(element)
        return True

    def _make_element(
        self,
        node: LexborNode,
        attributes: Mapping[str, str | None],
        classes: frozenset[str],
        role: Role,
        outer: _OpenElement | None,
    ) -> _OpenElement:
        """Build an element with what it inherits from `outer`: section, anchor, style and list of parts."""
        inherited = outer.style if outer else ComputedStyle()
        style = apply_declarations(inherited, self._sheet_declarations.get(node.mem_id, {}))
        style = apply_classes(
            apply_declarations(style, parse_style_attribute(attributes.get("style") or "")), classes
        )
        if "hidden" in attributes:
            style = apply_declarations(style, {"display": "none"})
        if color := attributes.get("color"):
            style = apply_declarations(style, {"color": color})
        hides = style.hidden_by and not inherited.hidden_by
        section_path = outer.section_path if outer else ()
        isolates = role in elements.ISOLATED
        name = attributes.get("id") or ""
        is_anchor = elements.is_anchor(node.tag or "", classes) and _ID.fullmatch(name)
        return _OpenElement(
            role=role,
            style=style,
            outer_path=section_path,
            section_path=section_path,
            anchor=name if is_anchor else outer.anchor if outer else None,
            parts=[] if isolates or not outer else outer.parts,
            isolated=isolates or bool(outer and outer.isolated),
            in_picture=node.tag == "svg" or bool(outer and outer.in_picture),
            hidden_root=node.mem_id if hides else outer.hidden_root if outer else 0,
            cell=tables.Cell(
                "", _span_count(attributes.get("colspan")), _span_count(attributes.get("rowspan"))
            ),
        )

    def _count_skipped(self, node: LexborNode, classes: frozenset[str], *, references: bool) -> None:
        """Count a skipped element in `omitted`; references by their number of entries."""
        kind = "references" if references else elements.omitted_kind(classes)
        if kind == "references":
            self.omitted[kind] += len(node.css(".ltx_bibitem")) or len(node.css("li")) or bool(references)
        elif kind:
            self.omitted[kind] += 1

    def _add_text(self, text: str, element: _OpenElement) -> None:
        if element.is_references:
            return
        hidden_by = element.style.hidden_by
        if not hidden_by:
            element.parts.append(text)
            return
        kind = "pictures" if hidden_by == "color" and element.in_picture else "hidden"
        passage = (kind, element.hidden_root)
        self._hidden[passage] = (self._hidden.get(passage, "") + text)[:200]

    def _add_formula(self, node: LexborNode, element: _OpenElement) -> None:
        formula = extract_formula(node, element.style)
        if formula.hidden:
            self._hidden[("hidden", node.mem_id)] = formula.hidden
        if formula.text:
            self._add_text(formula.text, element)

    def _close_element(self) -> None:
        """Close the innermost open element and process its text according to its role."""
        element = self._stack.pop()
        outer = self._stack[-1] if self._stack else None
        text = clean_text("".join(element.parts)) if element.role in elements.ISOLATED else ""
        match element.role:
            case Role.HEADING if outer:
                self._apply_heading(outer, text)
            case Role.NOTE if text:
                self._notes.append(Block(element.section_path, element.anchor, text))
            case Role.LIST_MARKER if outer and any(character.isalnum() for character in text):
                outer.parts.append(f" {text} ")
            case Role.CELL | Role.ROW | Role.TABLE:
                self._close_table_part(element, outer, text)
            case Role.EQUATION_ROW:
                self._flush(element, is_sentence=True)
            case Role.BLOCK:
                self._flush(element)
            case _:
                pass

    def _apply_heading(self, outer: _OpenElement, title: str) -> None:
        """Make a heading the section title of the element around it; a title of references starts skipping.

        Directly below the article it does not: that would skip the rest of the paper.
        """
        outer.section_path = (*outer.outer_path, title.rstrip(".: ")) if title else outer.section_path
        outer.is_references = len(self._stack) > 1 and _REFERENCES_TITLE.fullmatch(title) is not None
        self._notes = [replace(note, section_path=outer.section_path) for note in self._notes]
        if not outer.isolated:
            self._emit_notes()

    def _close_table_part(self, element: _OpenElement, outer: _OpenElement | None, text: str) -> None:
        """Collect a cell or row in its table; emit the lines of the table when it ends, since cells can span rows."""
        if element.role is Role.TABLE:
            for line in tables.render_rows(element.rows):
                self._emit(Block(element.section_path, element.anchor, line, is_sentence=True))
            self._emit_notes()
            return
        table = next((ancestor for ancestor in reversed(self._stack) if ancestor.role is Role.TABLE), None)
        if table is None or (outer and outer.isolated):
            if text and outer:
                outer.parts.append(f" {text} ")
        elif element.role is Role.ROW:
            table.rows.append([])
        else:
            if not table.rows:
                table.rows.append([])
            table.rows[-1].append(tables.Cell(text, element.cell.colspan, element.cell.rowspan))

    def _flush(self, element: _OpenElement, *, is_sentence: bool = False) -> None:
        """Emit the text collected so far as a block; in an isolated element only separate it from what follows."""
        if element.isolated:
            element.parts.append(" ")
            return
        text = clean_text("".join(element.parts))
        element.parts.clear()
        if text:
            text = text.replace("$ $", " ") if is_sentence else text
            self._emit(Block(element.section_path, element.anchor, text, is_sentence=is_sentence))
            self._emit_notes()

    def _emit_notes(self) -> None:
        """Emit pending footnotes, after the block that they belong to."""
        notes, self._notes = self._notes, []
        for note in notes:
            self._emit(note)

    def _emit(self, block: Block) -> None:
        remaining = MAX_CHARACTERS - self._characters
        self._characters += len(block.text)
        if remaining <= 0:
            self.omitted["cut"] += 1
        else:
            self.blocks.append(
                block if len(block.text) <= remaining else replace(block, text=block.text[:remaining])
            )


def _span_count(value: str | None) -> int:
    return int(value) if value and re.fullmatch("[0-9]{1,3}", value) else 1
