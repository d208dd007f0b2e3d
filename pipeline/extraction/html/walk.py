"""Walk over the elements of an article and collect its blocks of text.

The walk is iterative, since pages can be deeply nested.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborNode

from pipeline.extraction import tables
from pipeline.extraction.html import elements
from pipeline.extraction.html.elements import Role
from pipeline.extraction.html.math import extract_formula
from pipeline.extraction.html.visibility import ComputedStyle, Declarations, element_style
from pipeline.extraction.html.whitespace import join_text
from pipeline.extraction.text import Block

MAX_CHARACTERS = 4_000_000  # blocks past it are counted as cut
MAX_SEARCHED_NODES = 1000  # for the text of a line around a picture or box; keeps the walk linear

_ID = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,99}")
_WORD = re.compile(r"[^\W\d_]{3}")
# What LaTeXML makes of paragraphs, boxes with a width and lists; a mere label is none of these.
_BOXED_PARAGRAPHS = ".ltx_para, .ltx_minipage, .ltx_item, .ltx_listing, p, pre"
_PARAGRAPHS = f".ltx_p, .ltx_verbatim, {_BOXED_PARAGRAPHS}"
_SIGN = re.compile(r"\\([A-Za-z]+)")
_REFERENCES_TITLE = re.compile(r"(?:\d+\W+)?(?:references|bibliography|literature cited)\W*", re.IGNORECASE)


@dataclass
class _Picture:
    """A drawing. Its labels are parts of a line of text if it is `inline`, else blocks."""

    inline: bool
    labels: int = 0  # opened so far


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
    picture: _Picture | None = None  # the outermost one around the element
    in_float: bool = False
    is_figure: bool = False  # and no part of one
    in_caption: bool = False  # of such a figure
    running_text: LexborNode | None = None  # the innermost element around it that holds a line of text
    in_tag: bool = False  # in the number of an equation
    equation_row: "_OpenElement | None" = None  # around the element
    is_prose: bool = False  # of an equation row: words outside its formulas, such as LaTeX's `\\intertext`
    hidden_root: int = 0  # `mem_id` of the nearest enclosing element that makes text invisible; 0 if none
    is_references: bool = False  # the rest of the element is the list of references
    spans: tuple[int, int] = (1, 1)  # columns and rows that a cell covers
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
        # Labels of list items that no text has followed yet, the outermost first, each with the depth of its item.
        self._labels: list[tuple[int, Block]] = []
        self._has_text: dict[int, bool] = {}  # by element of running text: the answer of `_is_line`
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
                pending.extend(reversed(_children(node)))
        self._emit_notes()
        self.omitted.update(kind for (kind, _), text in self._hidden.items() if _WORD.search(text))

    def _open_element(self, node: LexborNode) -> bool:
        """Open an element; return False if its children are not to be visited."""
        classes = frozenset((node.attributes.get("class") or "").split())
        outer = self._stack[-1]
        role = self._role(node, classes, outer)
        if role is Role.SKIP or outer.is_references:
            self._count_skipped(node, classes, references=outer.is_references)
            return False
        element = self._make_element(node, classes, role, outer)
        if role is Role.FORMULA:
            self._add_formula(node, element)
            return False
        if role in elements.BLOCK_LEVEL:
            self._flush(outer)
        if role is Role.HEADING and not outer.isolated:
            self._emit_notes()  # those of the text before it
        if role is Role.BREAK:
            element.parts.append(" ")
        self._stack.append(element)
        return True

    def _role(self, node: LexborNode, classes: frozenset[str], outer: _OpenElement) -> Role:
        """Return the role of an element where it stands."""
        tag = (node.tag or "").lower()
        role = elements.role_of(tag, classes)
        if role is Role.NOTE and len(self._stack) == 2 and elements.is_publication_note(classes):
            return Role.SKIP
        if tag == "svg" and not outer.picture and outer.in_float and self._is_drawing(node, outer):
            return Role.SKIP
        if role is Role.LABEL:
            return self._label_role(outer)
        is_boxed = role is Role.BLOCK and "ltx_p" in classes and _is_only_child(node)
        return Role.INLINE if is_boxed and self._is_line(outer.running_text) else role

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
        tag = (node.tag or "").lower()
        is_anchor = elements.is_anchor(
            tag, classes, in_float=outer.in_float, has_anchor=outer.anchor is not None
        ) and _ID.fullmatch(name)
        if isolates or (role is not Role.INLINE and elements.is_running_text(tag, classes)):
            running_text: LexborNode | None = node
        else:
            running_text = None if role in elements.BLOCK_LEVEL else outer.running_text
        element = _OpenElement(
            role=role,
            style=style,
            outer_path=outer.section_path,
            section_path=outer.section_path,
            anchor=name if is_anchor else outer.anchor,
            parts=[] if isolates else outer.parts,
            isolated=isolates or outer.isolated,
            picture=outer.picture or (_Picture(self._is_inline(node, outer)) if tag == "svg" else None),
            in_float=outer.in_float or elements.is_float(tag, classes),
            is_figure="ltx_figure" in classes and not outer.in_float,
            in_caption=outer.in_caption or (outer.is_figure and "ltx_caption" in classes),
            running_text=running_text,
            in_tag=outer.in_tag or "ltx_tag" in classes,
            equation_row=outer.equation_row,
            hidden_root=outer.hidden_root if outer.style.hidden_by or not style.hidden_by else node.mem_id,
            spans=elements.cell_spans(attributes, classes) if role is Role.CELL else (1, 1),
            rows=[[]] if role is Role.TABLE else outer.rows,
        )
        if role is Role.EQUATION_ROW:
            element.equation_row = element
        return element

    def _is_inline(self, picture: LexborNode, outer: _OpenElement) -> bool:
        """Whether a picture is a part of a line of text, such as a circled number, and holds no box of paragraphs."""
        return self._is_line(outer.running_text) and not picture.css_first(_BOXED_PARAGRAPHS)

    def _is_line(self, node: LexborNode | None) -> bool:
        """Whether running text is more than pictures and boxes, so that these are parts of a line."""
        if node is None:
            return False
        if node.mem_id not in self._has_text:
            self._has_text[node.mem_id] = _has_own_text(node)
        return self._has_text[node.mem_id]

    def _is_drawing(self, picture: LexborNode, outer: _OpenElement) -> bool:
        """Whether a picture in a float is a plot or diagram: no label is a paragraph, and it is in no line of text."""
        return not (outer.isolated or picture.css_first(_PARAGRAPHS) or self._is_inline(picture, outer))

    @staticmethod
    def _label_role(outer: _OpenElement) -> Role:
        """Return the role of a label in a picture; in a line of text, a blank parts it from the label before it."""
        if not outer.picture or not outer.picture.inline:
            return Role.BLOCK
        outer.picture.labels += 1
        return Role.INLINE if outer.picture.labels == 1 else Role.BREAK

    def _count_skipped(self, node: LexborNode, classes: frozenset[str], *, references: bool) -> None:
        """Count a skipped element in `omitted`; references by their number of entries."""
        kind = "references" if references else elements.omitted_kind(node.tag or "", classes)
        entries = len(node.css(".ltx_bibitem")) or len(node.css("li")) or references
        if kind:
            self.omitted[kind] += entries if kind == "references" else 1

    def _add_text(self, text: str, element: _OpenElement, *, is_formula: bool = False) -> None:
        if element.is_references:
            return
        hidden_by = element.style.hidden_by
        if hidden_by:
            kind = "pictures" if hidden_by == "color" and element.picture else "hidden"
            passage = (kind, element.hidden_root)
            self._hidden[passage] = (self._hidden.get(passage, "") + text)[:200]
        else:
            element.parts.append(text)
            if element.equation_row and not element.in_tag and not is_formula and _WORD.search(text):
                element.equation_row.is_prose = True

    def _add_formula(self, node: LexborNode, element: _OpenElement) -> None:
        formula = extract_formula(node, element.style)
        if formula.hidden:
            self._hidden[("hidden", node.mem_id)] = formula.hidden
        self._add_text(formula.text, element, is_formula=True)

    def _close_element(self) -> None:
        """Close the innermost open element and process its text according to its role."""
        element = self._stack.pop()
        outer = self._stack[-1]
        text = join_text(element.parts) if element.role in elements.ISOLATED else ""
        match element.role:
            case Role.HEADING:
                self._apply_heading(outer, text)
            case Role.NOTE if text:
                self._notes.append(Block(element.section_path, element.anchor, text))
            case Role.LIST_MARKER if any(map(str.isalnum, _SIGN.sub(_greek_letter, text))):
                self._add_label(element, outer, text)
            case Role.TABLE:
                self._emit_table(element)
            case Role.CELL | Role.ROW:
                self._close_table_part(element, outer, text)
            case Role.EQUATION_ROW | Role.BLOCK:
                self._flush(element)
        self._drop_labels(len(self._stack) + 2)

    def _add_label(self, element: _OpenElement, outer: _OpenElement, text: str) -> None:
        """Keep the label of a list item for the text that follows it, in whatever element that is."""
        if outer.isolated:
            outer.parts.append(f" {text} ")
        else:
            depth = len(self._stack)
            self._drop_labels(depth)
            self._labels.append((depth, Block(element.section_path, element.anchor, text)))

    def _drop_labels(self, depth: int) -> None:
        """End the items from this depth on: a label that no text followed is a block if it is more than a number."""
        while self._labels and self._labels[-1][0] >= depth:
            _, label = self._labels.pop()
            if _WORD.search(label.text):
                self._emit(label)

    def _take_labels(self) -> str:
        labels, self._labels = self._labels, []
        return " ".join(label.text for _, label in labels)

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
        lines = [*tables.render_rows(table.rows or [])]
        if lines:
            self._drop_labels(0)
        for line in lines:
            self._emit(Block(table.section_path, table.anchor, line, is_sentence=True))
        self._emit_notes()

    def _close_table_part(self, element: _OpenElement, outer: _OpenElement, text: str) -> None:
        """Collect a cell or row in its table; outside of a table and in an isolated element it is only text."""
        if element.rows is None or outer.isolated:
            outer.parts.append(f" {text} ")
        elif element.role is Role.ROW:
            element.rows.append([])
        else:
            element.rows[-1].append(tables.Cell(text, *element.spans))

    def _flush(self, element: _OpenElement) -> None:
        """Emit the text collected so far as a block; in an isolated element only separate it from what follows."""
        if element.isolated:
            element.parts.append(" ")
            return
        text = join_text(element.parts)
        element.parts.clear()
        if text:
            is_equation = element.role is Role.EQUATION_ROW and not element.is_prose
            text = text.replace("$ $", " ") if is_equation else text
            label = self._take_labels()
            self._emit(
                Block(
                    element.section_path,
                    element.anchor,
                    text,
                    is_sentence=is_equation,
                    label=label,
                    is_caption=element.in_caption,
                )
            )
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


def _greek_letter(command: re.Match[str]) -> str:
    r"""Return the letter that a LaTeX command stands for if it is a Greek one (`\alpha`); else nothing (`\bullet`)."""
    name = command[1].lower().removeprefix("var").replace("lambda", "lamda")  # as Unicode spells it
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {name}")
    except KeyError:
        return ""


def _children(node: LexborNode) -> list[LexborNode]:
    """Return the child nodes; of a box in a line without the white space at its edges, which is not displayed."""
    children = list(node.iter(include_text=True))
    classes = (node.attributes.get("class") or "").split()
    if "ltx_inline-block" in classes or "ltx_transformed_inner" in classes:
        solid = [at for at, child in enumerate(children) if not _is_blank(child)]
        return children[solid[0] : solid[-1] + 1] if solid else children  # an empty box is a gap
    return children


def _is_blank(node: LexborNode) -> bool:
    return node.tag == "-text" and not (node.text_content or "").strip()


def _is_only_child(node: LexborNode) -> bool:
    """Whether an element has no sibling but white space."""
    before, after = node.prev, node.next
    while before and _is_blank(before):
        before = before.prev
    while after and _is_blank(after):
        after = after.next
    return not before and not after


def _has_own_text(line: LexborNode) -> bool:
    """Whether an element holds text outside of its pictures and boxes, or has too many nodes to be searched."""
    pending = [line]
    for _ in range(MAX_SEARCHED_NODES):
        if not pending:
            return False
        node = pending.pop()
        if node.tag == "-text" and (node.text_content or "").strip():
            return True
        if node.tag == "math":
            return True
        if node.tag != "svg" and "ltx_inline-block" not in (node.attributes.get("class") or ""):
            pending.extend(node.iter(include_text=True))
    return True
