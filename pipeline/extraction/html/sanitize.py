"""A stranger's page made safe for a parser: linear to parse, and not nested without end.

An HTML parser takes time with the square of a page's depth and of a tag's attributes (100,000 nested `div`
took 14 s here). So one pass over the tags comes first. It lets through only well-formed ones, which makes
sure that the parser sees the same tags as this pass; it drops what no reader sees or needs (comments,
scripts, the inside of formulas that carry their LaTeX); and it gives up on a page that is too deep.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.extraction.text import NotReadable

LARGEST = 25_000_000  # bytes; arXiv's biggest pages have some ten million
DEEPEST = 250  # open elements; LaTeXML's own pages stay below 40
MOST_WORK = 30_000_000  # sum of the depths at which elements are opened
MOST_TAGS = 800_000  # start and end tags, formulas not counted; a paper has some 20,000 a megabyte
MOST_STYLES = 200_000  # bytes

_ATTRIBUTE = rb"\s+[^\s\"'<>/=]++(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=`]++))?+"
_TAG = re.compile(rb"<([a-z][a-z0-9-]*+)((?:" + _ATTRIBUTE + rb"){0,80}+)\s*(/?)>")
_CLOSE = re.compile(rb"</([a-z][a-z0-9-]*+)\s*>")
_BROKEN = re.compile(rb"<[^<>]*+>?")
_LATEX = re.compile(rb"\salttext\s*=\s*[\"']\s*[^\"'\s]")

_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
_RAW = frozenset(b"script style textarea title xmp iframe noembed noframes plaintext".split())
# HTML opens these again where they were closed out of order, without limit. A span is not.
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_IMPLIED = frozenset(b"p li dt dd option".split())  # may be closed by their parent's end


@dataclass(frozen=True)
class Tidied:
    """The page without what was dropped, and the text of its style sheets."""

    page: bytes
    styles: str


def tidy(page: bytes) -> Tidied | NotReadable:
    """Make a page safe to parse. It is taken as UTF-8 (or UTF-16 with a mark); other bytes are replaced."""
    if len(page) > LARGEST:
        return NotReadable(f"the page is larger than {LARGEST // 1_000_000} MB")
    scan = _Scan(_utf8(page))
    return scan.run()


def _utf8(page: bytes) -> bytes:
    coding = "utf-16" if page[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return page.decode(coding, "replace").replace("\0", "").encode()


class _Scan:
    """One pass over a page. `kept` are the slices that the parser gets to see."""

    def __init__(self, page: bytes) -> None:
        self.page = page
        self.lower = page.lower()
        self.kept: list[bytes] = []
        self.done = 0  # the page is dealt with up to here
        self.open: list[bytes] = []
        self.work = 0
        self.styles: list[bytes] = []
        self.ahead: dict[bytes, int] = {}

    def run(self) -> Tidied | NotReadable:
        tags = 0
        at = self.lower.find(b"<")
        while at >= 0:
            at = self.lower.find(b"<", self.token(at))
            tags += 1
            if tags > MOST_TAGS:
                return NotReadable("the page has too many parts to be a paper")
            if len(self.open) > DEEPEST or self.work > MOST_WORK:
                return NotReadable("the page is nested too deeply to be a paper")
        self.kept.append(self.page[self.done :])
        styles = b"\n".join(self.styles)[:MOST_STYLES].decode("utf-8", "replace")
        return Tidied(page=b"".join(self.kept), styles=styles)

    def token(self, at: int) -> int:
        """Deal with what starts with the `<` at this place. Returns where the search goes on."""
        if found := _TAG.match(self.lower, at):
            return self.tag(found)
        if found := _CLOSE.match(self.lower, at):
            return self.close(found)
        if self.lower.startswith(b"<!--", at):
            end = min(self.find(b"-->", at + 2) + 3, self.find(b"--!>", at + 4) + 4)
            return self.drop(at, end)
        if self.lower.startswith(b"<!doctype html>", at):
            return at + 1
        following = self.lower[at + 1 : at + 2]
        if following in b"!?/" or following.isalpha():
            broken = _BROKEN.match(self.lower, at)
            return self.drop(at, broken.end() if broken else at + 1)
        return at + 1

    def tag(self, found: re.Match[bytes]) -> int:
        """A well-formed start tag."""
        name, at, end = found[1], found.start(), found.end()
        if found[3] and name not in _VOID:
            return self.drop(at, end)  # an empty element says nothing
        if name in _RAW:
            return self.raw(name, at, end)
        if name == b"math" and _LATEX.search(found[2]):
            return self.math(end)
        if name in _FORMATTING:
            self.replace(at + 1, at + 1 + len(name), b"span")
        if name not in _VOID:
            self.open.append(name)
            self.work += len(self.open)
        return end

    def close(self, found: re.Match[bytes]) -> int:
        """An end tag. It closes the innermost element, or one whose inner ones need no end tag of their own."""
        name = found[1]
        at = len(self.open) - 1
        while at >= 0 and self.open[at] != name and self.open[at] in _IMPLIED:
            at -= 1
        if at >= 0 and self.open[at] == name:
            del self.open[at:]
        if name in _FORMATTING:
            self.replace(found.start() + 2, found.end() - 1, b"span")
        return found.end()

    def raw(self, name: bytes, at: int, end: int) -> int:
        """An element whose inside is no markup."""
        close = self.find(b"</" + name, end)
        if name == b"style":
            self.styles.append(self.page[end:close])
        return self.drop(at, self.find(b">", close) + 1)

    def math(self, end: int) -> int:
        """A formula that carries its LaTeX: the tag is enough. One inside another is read as it stands."""
        close = self.find(b"</math>", end)
        inner = self.find(b"<math", end)
        if inner < close or close == len(self.page):
            self.open.append(b"math")
            self.work += len(self.open)
            return end
        self.drop(end, close)
        return close + len(b"</math>")

    def find(self, what: bytes, at: int) -> int:
        """The next place of `what`, or the page's end. Remembered, so that a page is searched only once."""
        known = self.ahead.get(what, -1)
        if known < at:
            found = self.lower.find(what, at)
            known = self.ahead[what] = found if found >= 0 else len(self.page)
        return known

    def drop(self, start: int, end: int) -> int:
        return self.replace(start, min(end, len(self.page)), b"")

    def replace(self, start: int, end: int, by: bytes) -> int:
        self.kept += (self.page[self.done : start], by)
        self.done = end
        return end
