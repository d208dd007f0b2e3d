"""Classify the elements of a LaTeXML page by their tags and classes.

Class names are compared as a whole: `article` itself has the class `ltx_authors_1line`, which is not
`ltx_authors`.
"""

import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache


class Role(Enum):
    """How the walk treats an element."""

    SKIP = auto()  # not read
    FORMULA = auto()  # its LaTeX is read
    HEADING = auto()  # names the section around it
    NOTE = auto()  # a block of its own, after the one it is set in
    LIST_MARKER = auto()  # the number or term of a list item; a bullet is dropped
    TABLE = auto()  # lines of cells
    ROW = auto()  # one line
    CELL = auto()  # a part of a line
    EQUATION_ROW = auto()  # a block that is one sentence
    BLOCK = auto()  # begins and ends a block of text
    LABEL = auto()  # text in a picture: a block, or a part of the line that the picture is set in
    BREAK = auto()  # parts words
    INLINE = auto()  # a part of the text around it


# Roles that end the block of text before them.
BLOCK_LEVEL = frozenset((Role.BLOCK, Role.TABLE, Role.EQUATION_ROW, Role.HEADING))
# Roles whose text is collected apart from their parent's.
ISOLATED = frozenset((Role.HEADING, Role.NOTE, Role.LIST_MARKER, Role.CELL))

_OMITTED_KINDS = {
    "ltx_bibliography": "references",
    "ltx_biblist": "references",
    "ltx_authors": "authors",
    "ltx_author_notes": "authors",
    "ltx_role_email": "authors",
    "ltx_role_institutetext": "authors",
    "ltx_role_affiliation": "authors",
    "ltx_role_address": "authors",
    "ltx_role_orcid": "authors",
    "ltx_role_thanks": "authors",
    "ltx_creator": "authors",
    "ltx_personname": "authors",
    "ltx_annotated_personname": "authors",
    "ltx_contact": "authors",
    "ltx_pubnotes": "publication",
    "ltx_pubnote": "publication",
    "ltx_note_frontmatter": "publication",
    "ltx_ERROR": "unconverted",
}
_SKIPPED_CLASSES = frozenset({
    "ltx_author_before", "ltx_author_after", "ltx_page_header", "ltx_page_footer", "ltx_page_navbar", "ltx_TOC", "ltx_pagination", "ltx_dates",
    "ltx_title_document", "ltx_note_mark", "ltx_tag_note", "ltx_note_type", "ltx_role_footnotemark",
    "ltx_listing_data", "ltx_tag_listingline", "ltx_rule", "ltx_missing_image",
})  # fmt: skip
_SKIPPED_TAGS = frozenset({
    "script", "style", "noscript", "template", "nav", "button", "form", "dialog", "input", "select",
    "object", "embed", "iframe", "audio", "video", "canvas", "img", "annotation", "text", "desc",
    "title", "metadata",
})  # fmt: skip
_CLASS_ROLES = {
    "ltx_note": Role.NOTE,
    "ltx_title": Role.HEADING,
    **dict.fromkeys(
        ("ltx_tag_item", "ltx_tag_enumerate", "ltx_tag_itemize", "ltx_tag_description"), Role.LIST_MARKER
    ),
    "ltx_eqn_row": Role.EQUATION_ROW,
    "ltx_eqn_cell": Role.BREAK,
    "ltx_equation": Role.BLOCK,
    "ltx_equationgroup": Role.BLOCK,
    "ltx_tabular": Role.TABLE,
    "ltx_tr": Role.ROW,
    "ltx_td": Role.CELL,
    "ltx_p": Role.BLOCK,
    "ltx_para": Role.BLOCK,
    "ltx_item": Role.BLOCK,
    "ltx_caption": Role.BLOCK,
    "ltx_listingline": Role.BLOCK,
    "ltx_minipage": Role.BLOCK,
}
_TAG_ROLES = {
    "math": Role.FORMULA,
    "br": Role.BREAK,
    "foreignobject": Role.LABEL,
    "table": Role.TABLE,
    "tr": Role.ROW,
    "td": Role.CELL,
    "th": Role.CELL,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Role.HEADING),
    **dict.fromkeys(
        {
            "address",
            "article",
            "aside",
            "blockquote",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "header",
            "hr",
            "li",
            "main",
            "ol",
            "p",
            "pre",
            "section",
            "ul",
        },
        Role.BLOCK,
    ),
}
# Elements that hold a line or paragraph of running text, which a box set in it does not end.
_RUNNING_TEXT_TAGS = frozenset(("p", "figcaption"))
_RUNNING_TEXT_CLASSES = frozenset(("ltx_p", "ltx_caption", "ltx_listingline"))
_FLOAT_CLASSES = frozenset(("ltx_figure", "ltx_table", "ltx_float"))
_FOOTNOTE_ROLES = frozenset(
    ("ltx_role_footnote", "ltx_role_footnotetext", "ltx_role_footnotemark", "ltx_role_endnote")
)
_SPAN_CLASS = re.compile(r"ltx_(colspan|rowspan)_([0-9]{1,3})")
_SPAN_VALUE = re.compile(r"[0-9]{1,3}")
_ANCHOR_TAGS = frozenset(("section", "figure", "tbody"))
_ANCHOR_CLASSES = frozenset({
    "ltx_para", "ltx_figure", "ltx_table", "ltx_float", "ltx_equation", "ltx_equationgroup",
    "ltx_section", "ltx_appendix", "ltx_theorem", "ltx_proof", "ltx_abstract", "ltx_note", "ltx_item",
    "ltx_paragraph", "ltx_tabular", "ltx_listing",
})  # fmt: skip


@lru_cache(maxsize=4000)  # a page repeats a few dozen kinds of elements
def role_of(tag: str, classes: frozenset[str]) -> Role:
    """Return the role of an element. LaTeXML's classes take precedence over tags."""
    if tag in _SKIPPED_TAGS or _skipped_kind(classes) or classes & _SKIPPED_CLASSES:
        return Role.SKIP
    by_class = (role for name, role in _CLASS_ROLES.items() if name in classes)
    return next(by_class, _TAG_ROLES.get(tag, Role.INLINE))


def omitted_kind(tag: str, classes: frozenset[str]) -> str:
    """Return the key under which a skipped element is counted in `Text.left_out`; empty if it is not counted."""
    if tag == "svg":
        return "pictures"
    return _skipped_kind(classes) or ("publication" if is_publication_note(classes) else "")


def _skipped_kind(classes: frozenset[str]) -> str:
    """Return what an element holds that is skipped wherever it stands; empty if it has no class of `_OMITTED_KINDS`."""
    if any(name.startswith("ltx_thanks_") for name in classes):  # the rest of the name says what for
        return "authors"
    return next((kind for name, kind in _OMITTED_KINDS.items() if name in classes), "")


def is_publication_note(classes: frozenset[str]) -> bool:
    """Whether a note directly below the article is about the publication (`ltx_role_journal`), not a footnote."""
    roles = {name for name in classes if name.startswith("ltx_role_")}
    return "ltx_note" in classes and bool(roles) and not roles & _FOOTNOTE_ROLES


def is_running_text(tag: str, classes: frozenset[str]) -> bool:
    """Whether the element holds a line or paragraph of running text."""
    return tag in _RUNNING_TEXT_TAGS or bool(classes & _RUNNING_TEXT_CLASSES)


def is_float(tag: str, classes: frozenset[str]) -> bool:
    """Whether the element is a figure, a table with its caption, or another float."""
    return tag == "figure" or bool(classes & _FLOAT_CLASSES)


def is_anchor(tag: str, classes: frozenset[str], *, in_float: bool, has_anchor: bool) -> bool:
    """Whether the element's id is used as the anchor of the text inside it.

    A listing in a float has the float's, and acknowledgements in a section the section's.
    """
    if "ltx_listing" in classes and in_float:
        return False
    if "ltx_acknowledgements" in classes and not has_anchor:
        return True
    return tag in _ANCHOR_TAGS or bool(classes & _ANCHOR_CLASSES)


def cell_spans(attributes: Mapping[str, str | None], classes: frozenset[str]) -> tuple[int, int]:
    """Return the columns and rows that a cell covers, from its attributes; in a table of `span`, from its classes."""
    by_class = {match[1]: match[2] for name in classes if (match := _SPAN_CLASS.fullmatch(name))}

    def count(name: str) -> int:
        value = attributes.get(name) or by_class.get(name, "")
        return int(value) if _SPAN_VALUE.fullmatch(value) else 1

    return count("colspan"), count("rowspan")
