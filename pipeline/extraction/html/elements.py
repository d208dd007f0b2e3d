"""Classify the elements of a LaTeXML page by their tags and classes.

Class names are compared as a whole: `article` itself has the class `ltx_authors_1line`, which is not
`ltx_authors`.
"""

from enum import Enum, auto


class Role(Enum):
    """How the walk treats an element."""

    SKIP = auto()  # not read
    FORMULA = auto()  # its LaTeX is read
    HEADING = auto()  # names the section around it
    NOTE = auto()  # a block of its own, after the one it is set in
    LIST_MARKER = auto()  # the number of a list item; a bullet is dropped
    TABLE = auto()  # lines of cells
    ROW = auto()  # one line
    CELL = auto()  # a part of a line
    EQUATION_ROW = auto()  # a block that is one sentence
    BLOCK = auto()  # begins and ends a block of text
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
    "ltx_ERROR": "unconverted",
}
_SKIPPED_CLASSES = frozenset(_OMITTED_KINDS) | frozenset({
    "ltx_page_header", "ltx_page_footer", "ltx_page_navbar", "ltx_TOC", "ltx_pagination", "ltx_dates",
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
    "ltx_tag_item": Role.LIST_MARKER,
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
            "foreignobject",
        },
        Role.BLOCK,
    ),
}
_ANCHOR_TAGS = frozenset(("section", "figure", "tbody"))
_ANCHOR_CLASSES = frozenset({
    "ltx_para", "ltx_figure", "ltx_table", "ltx_float", "ltx_equation", "ltx_equationgroup",
    "ltx_section", "ltx_appendix", "ltx_theorem", "ltx_proof", "ltx_abstract", "ltx_note", "ltx_item",
    "ltx_paragraph", "ltx_tabular", "ltx_listing",
})  # fmt: skip


def role_of(tag: str, classes: frozenset[str]) -> Role:
    """Return the role of an element. LaTeXML's classes take precedence over tags."""
    if tag in _SKIPPED_TAGS or classes & _SKIPPED_CLASSES:
        return Role.SKIP
    by_class = (role for name, role in _CLASS_ROLES.items() if name in classes)
    return next(by_class, _TAG_ROLES.get(tag, Role.INLINE))


def omitted_kind(classes: frozenset[str]) -> str:
    """Return the key under which a skipped element is counted in `Text.left_out`; empty if it is not counted."""
    return next((kind for name, kind in _OMITTED_KINDS.items() if name in classes), "")


def is_anchor(tag: str, classes: frozenset[str]) -> bool:
    """Whether the element's id is used as the anchor of the text inside it."""
    return tag in _ANCHOR_TAGS or bool(classes & _ANCHOR_CLASSES)
