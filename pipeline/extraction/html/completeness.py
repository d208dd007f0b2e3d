"""Judge whether a paper's HTML page holds the whole paper: a failed conversion is served like any other page.

    article ─walk─> headings, runs of text, other content ─> Completeness

What is said outright (a notice of a fatal error, a missing title, pages of a PDF that are only pointed to) is final.
Headings without text and an end in mid-word can also be the author's own: `looks_cut` tells the caller to ask the
converter's build log, see `settle`.
"""

import re
from dataclasses import dataclass, field
from itertools import zip_longest

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.core.models import Text

FATAL = 3  # in a build log; 0: no problems, 1: warnings, 2: errors
MAX_NOTICE_LENGTH = 200  # characters; a longer paragraph that begins so is prose about such a notice
BROKE_OFF = "the converter says on the page that it broke off"
MIN_EMPTY_SHARE = 0.25  # of the sections; fewer are dividers, such as the heading of all appendices

_UNTITLED_PAGE = re.compile(rb"<title[^<>]{0,200}>\s{0,200}untitled document\b", re.IGNORECASE)
# The notice of arXiv and ar5iv: `Conversion to HTML had a Fatal error and exited abruptly. This document may be
# truncated or damaged.` In the paper's own text it has to begin or to end a paragraph, elsewhere one of its two
# sentences is enough.
_NOTICE = re.compile(
    r"\bconversion to html\b[^.]{0,60}\bfatal error\b|\bth(?:is|e) document may be (?:truncated|damaged)\b",
    re.IGNORECASE,
)
_NOTICE_AT_END = re.compile(
    r"conversion to html had a fatal error and exited abruptly\.? th(?:is|e) document may be truncated or damaged\.?$",
    re.IGNORECASE,
)
# LaTeXML's words for \includepdf: `See pages 1-last of main.pdf`, and `See main.pdf` if all pages are meant.
_INCLUDED_PDF = re.compile(
    r"(?:See (?:pages? [^.;:]{1,60} of [^\s()\[\]]*[^\s()\[\].]|[^\s()\[\]:]+\.pdf)(?=\s|See |$)\s*)+"
)
_STATUS = re.compile(rb"^Status:conversion:([0-3])\s*$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")
_NO_STOPS = ",;:(-\u2010"  # marks after which a sentence goes on
_NUMBERED = re.compile(r"\d+(?:\.\d+)*\.?\s")

_LEVELS = {
    name: level
    for level, names in enumerate((
        ("part",),
        ("chapter",),
        ("section", "appendix"),
        ("subsection",),
        ("subsubsection",),
        ("paragraph",),
        ("subparagraph",),
    ))
    for name in names
}  # fmt: skip
_HEADING_TAGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_INLINE_TAGS = frozenset(
    {
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "em",
        "i",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
        "wbr",
    }
)
_OBJECT_TAGS = frozenset(
    {
        "audio",
        "canvas",
        "embed",
        "figure",
        "iframe",
        "img",
        "math",
        "object",
        "picture",
        "svg",
        "table",
        "video",
    }
)
_NOT_PROSE_TAGS = frozenset({"blockquote", "figcaption", "figure", "pre", "table"})
_NOT_PROSE_CLASSES = frozenset({
    "ltx_caption", "ltx_listing", "ltx_float", "ltx_figure", "ltx_table", "ltx_tabular", "ltx_quote", "ltx_verbatim",
})  # fmt: skip
_NOTE_CLASSES = frozenset(("ltx_authors", "ltx_dates", "ltx_note", "ltx_pubnotes"))
_SKIPPED_CLASSES = frozenset(("ltx_page_navbar", "ltx_TOC"))
_SKIPPED_TAGS = frozenset(("nav", "button", "template", "noscript", "dialog", "form", "annotation"))
_REFERENCES_CLASSES = frozenset(("ltx_bibliography", "ltx_biblist"))


@dataclass(frozen=True)
class Completeness:
    """`reason`: why the page is taken for incomplete, empty if it is not. `looks_cut`: a build log may say otherwise."""

    reason: str = ""
    looks_cut: bool = False


@dataclass
class _Heading:
    """The heading of a section. `is_empty`: nothing follows before the next heading, or the end."""

    level: int
    numbered: bool
    is_empty: bool = True


@dataclass
class _Outline:
    """What the walk saw of an article, in reading order."""

    headings: list[_Heading] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    said: str = ""  # the first notice of the converter, or reference to a PDF: why the page is incomplete
    end: str = ""  # the last run of prose, if nothing but notes follows
    ends_in_list: bool = False
    ends_with_heading: bool = False
    has_references: bool = False

    def add_heading(self, heading: _Heading) -> None:
        self.headings.append(heading)
        self.end, self.ends_with_heading = "", True

    def add_content(self) -> None:
        if self.headings:
            self.headings[-1].is_empty = False
        self.end, self.ends_with_heading = "", False

    def add_references(self) -> None:
        self.end, self.ends_with_heading, self.has_references = "", False, True

    def add_text(self, text: str, kind: str) -> None:
        """Add a run of text: `prose`, of a `list`, a `note` or an `error` beside the text, or `other`."""
        text = " ".join(text.split())
        if not self.said and _is_notice(text, kind):
            self.said = BROKE_OFF
        elif not self.said and _INCLUDED_PDF.fullmatch(text):
            self.said = "a part of the paper is a PDF that the page only points to"
        elif kind not in {"note", "error"} and any(character.isalnum() for character in text):
            self.words.append(text)
            self.add_content()
            self.end = text if kind in {"prose", "list"} else ""
            self.ends_in_list = kind == "list"


def judge(page: bytes, tree: LexborHTMLParser, article: LexborNode) -> Completeness:
    """Judge a page. `page`: as it was served; `tree`: sanitized, with its `article`."""
    outline = _Walk().over(article)
    title = article.css_first("h1.ltx_title_document, h1")
    untitled = title is None and _UNTITLED_PAGE.search(page)
    if outline.said:
        return Completeness(outline.said)
    if _NOTICE.search(_text_around(tree, article)):
        return Completeness(BROKE_OFF)
    if b"</article" not in page.lower() and page[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return Completeness("the page breaks off before its end")
    if untitled or (title is not None and title.text().strip().casefold() == "untitled document"):
        return Completeness("the page is an untitled document: only a part of the paper was converted")
    sections = _judge_sections(outline)
    return sections if sections.reason else _judge_end(outline, sections)


def _is_notice(text: str, kind: str) -> bool:
    if kind == "error":
        return _NOTICE.search(text) is not None
    is_alone = len(text) <= MAX_NOTICE_LENGTH and _NOTICE.match(text) is not None
    return is_alone or _NOTICE_AT_END.search(text) is not None


def settle(text: Text, build_log: bytes | None) -> Text:
    """Decide about a page that looks cut, by the status at the end of its build log; None or no status: by the page."""
    found = _STATUS.findall(build_log or b"")
    status = int(found[-1]) if found else None
    reason = text.incomplete
    if status == FATAL:
        reason = reason or "its build log ends with a fatal error"
    elif status in {0, 1}:
        reason = ""
    return text.model_copy(update={"incomplete": reason, "looks_cut": False})


class _Walk:
    """One walk over an article, iterative since pages can be deeply nested, that fills the `outline`.

    A run of text ends where a block, or an element of another kind, begins or ends.
    """

    def __init__(self) -> None:
        self.outline = _Outline()
        self._run: list[str] = []
        self._run_kind = "prose"
        self._pending: list[
            tuple[LexborNode | None, str]
        ] = []  # None: the end of an element; kind of its text

    def over(self, article: LexborNode) -> _Outline:
        self._pending.append((article, "prose"))
        while self._pending:
            node, kind = self._pending.pop()
            if node is None:
                self._end_run()
            elif node.tag == "-text":
                self._run_kind = kind
                self._run.append(node.text_content or "")
            else:
                self._open(node, kind)
        return self.outline

    def _end_run(self) -> None:
        self.outline.add_text("".join(self._run), self._run_kind)
        self._run.clear()

    def _open(self, node: LexborNode, outer: str) -> None:
        classes = _classes(node)
        kind = _kind(node.tag, classes, outer)
        ends_run = node.tag not in _INLINE_TAGS or kind != outer
        if ends_run:
            self._end_run()
        if _is_skipped(node, classes):
            return
        if level := _heading_level(node, classes):
            self._add_heading(node, level)
        elif classes & _REFERENCES_CLASSES:
            self.outline.add_references()
        else:
            if node.tag in _OBJECT_TAGS and kind not in {"note", "error"}:
                self.outline.add_content()
            if node.tag not in {"math", "svg"}:
                self._pending.extend([(None, kind)] if ends_run else [])
                self._pending.extend((child, kind) for child in reversed(list(node.iter(include_text=True))))

    def _add_heading(self, node: LexborNode, level: int) -> None:
        title = " ".join(node.text().split())
        self.outline.add_text(title, "note")
        if level > 0 and title:
            numbered = node.css_first(".ltx_tag") is not None or _NUMBERED.match(title) is not None
            self.outline.add_heading(_Heading(level, numbered))


def _classes(node: LexborNode) -> frozenset[str]:
    return frozenset((node.attributes.get("class") or "").split())


def _kind(tag: str | None, classes: frozenset[str], outer: str) -> str:
    """The kind of the text in an element, see `_Outline.add_text`; what is no prose holds none."""
    if "ltx_ERROR" in classes:
        return "error"
    if outer in {"error", "note", "other"}:
        return outer
    if classes & _NOTE_CLASSES:
        return "note"
    if tag in _NOT_PROSE_TAGS or classes & _NOT_PROSE_CLASSES:
        return "other"
    return "list" if tag in {"li", "dd"} or "ltx_item" in classes else outer


def _is_skipped(node: LexborNode, classes: frozenset[str]) -> bool:
    attributes = node.attributes
    return bool(
        node.tag in _SKIPPED_TAGS
        or classes & _SKIPPED_CLASSES
        or "hidden" in attributes
        or "display:none" in (attributes.get("style") or "").replace(" ", "").lower()
    )


def _heading_level(node: LexborNode, classes: frozenset[str]) -> int:
    """The level of a section's heading, from 2; -1 for any other heading, which names no section; else 0."""
    for name in classes:
        kind = name.removeprefix("ltx_title_")
        if kind != name and kind in _LEVELS:
            return _LEVELS[kind] + 2
    if "ltx_title" in classes or node.tag in _HEADING_TAGS:
        is_section = node.parent is not None and node.parent.tag == "section" and "ltx_title" not in classes
        return _HEADING_TAGS.get(node.tag or "", 0) + 2 if is_section else -1
    return 0


def _text_around(tree: LexborHTMLParser, article: LexborNode) -> str:
    """The text of the page outside of the article, in reading order."""
    parts: list[str] = []
    pending = [tree.body] if tree.body is not None else []
    while pending:
        node = pending.pop()
        if node.tag == "-text":
            parts.append(node.text_content or "")
        elif node.mem_id != article.mem_id and not _is_skipped(node, _classes(node)):
            pending.extend(reversed(list(node.iter(include_text=True))))
    return " ".join(" ".join(parts).split())


def _judge_sections(outline: _Outline) -> Completeness:
    """Judge the headings without text. In a paper that numbers its sections, those without a number do not count."""
    leaves = [
        heading
        for heading, following in zip_longest(outline.headings, outline.headings[1:])
        if following is None or following.level <= heading.level
    ]
    numbers = any(heading.numbered for heading in outline.headings)
    counted = [heading for heading in leaves if heading.numbered or not numbers]
    empty = [heading for heading in counted if heading.is_empty]
    at_end = bool(empty) and outline.ends_with_heading and leaves[-1] is empty[-1]
    if at_end and numbers and len(empty) == 1 and len(counted) > 1:
        return Completeness("the page ends with the heading of a section", looks_cut=True)
    if len(empty) > 1 and (at_end or len(empty) >= MIN_EMPTY_SHARE * len(counted)):
        return Completeness(f"{len(empty)} of its sections have a heading and no text", looks_cut=True)
    return Completeness(looks_cut=len(empty) > 1 or outline.ends_with_heading)


def _judge_end(outline: _Outline, sections: Completeness) -> Completeness:
    """Judge the last words: without a stop they look cut, and are if the last word is none of the paper's words."""
    end = outline.end
    if not end or not (end[-1].isalpha() or end[-1] in _NO_STOPS):
        return sections
    if end[-1] in _NO_STOPS:
        reason = "" if outline.ends_in_list or end[-1] == ":" else "its text ends in mid-sentence"
        return Completeness(reason, looks_cut=True)
    *before, last = _WORD.findall(end)
    others = {word.lower() for text in outline.words[:-1] for word in _WORD.findall(text)}
    others.update(word.lower() for word in before)
    is_plain = end.split()[-1] == last and last.islower()  # not a name, an address or a code
    is_begun = any(word.startswith(last) for word in others - {last})
    is_unlikely_end = not outline.has_references and not outline.ends_in_list
    if is_plain and last not in others and (is_begun or is_unlikely_end):
        return Completeness("its text ends in mid-word", looks_cut=True)
    return Completeness(looks_cut=True)
