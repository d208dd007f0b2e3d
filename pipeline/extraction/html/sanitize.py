"""Sanitize an untrusted HTML page before parsing, so that parsing is linear in its size.

An HTML parser takes time quadratic in the depth of a page and in the number of a tag's attributes (100,000
nested `div` took 14 s). One pass over the tags therefore comes first. It keeps only well-formed tags, so that
the parser sees the same tags as this pass; it drops what is not displayed or not needed (comments, scripts, the
inside of formulas that carry their LaTeX); and it rejects a page that is nested too deeply.
"""

import re
from dataclasses import dataclass

from pipeline.extraction.text import NotReadable

MAX_BYTES = 25_000_000  # arXiv's largest pages have about ten million
MAX_DEPTH = 250  # open elements; LaTeXML's own pages stay below 40
MAX_TAGS = 800_000  # start and end tags outside formulas; a paper has about 20,000 per megabyte

_ATTRIBUTE = rb"\s+[^\s\"'<>/=]++(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=`]++))?+"
_START_TAG = re.compile(rb"<([a-z][a-z0-9-]*+)((?:" + _ATTRIBUTE + rb"){0,80}+)\s*(/?)>")
_END_TAG = re.compile(rb"</([a-z][a-z0-9-]*+)\s*>")
_MALFORMED_TAG = re.compile(rb"<[a-z!?/][^<>]*+>?")
_ALTTEXT = re.compile(rb"\salttext\s*=\s*[\"']\s*[^\"'\s]")

_VOID_TAGS = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
_RAW_TEXT_TAGS = frozenset(b"script style textarea title xmp iframe noembed noframes plaintext".split())
# A parser reopens formatting elements that were closed out of order, without limit; they become `span`, which it
# does not reopen.
_FORMATTING_TAGS = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_OPTIONAL_END_TAGS = frozenset(b"p li dt dd option".split())  # their parent's end tag closes them


@dataclass(frozen=True)
class SanitizedPage:
    """A page that is safe to parse, and the text of its style sheets."""

    page: bytes
    styles: str


def sanitize(page: bytes) -> SanitizedPage | NotReadable:
    """Sanitize a page, decoded as UTF-8, or as UTF-16 if it has a byte order mark; undecodable bytes are replaced."""
    if len(page) > MAX_BYTES:
        return NotReadable(f"the page is larger than {MAX_BYTES // 1_000_000} MB")
    encoding = "utf-16" if page[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return _Scanner(page.decode(encoding, "replace").replace("\0", "").encode()).run()


class _Scanner:
    """One pass over the tags of a page. `output` collects the slices that go to the parser."""

    def __init__(self, page: bytes) -> None:
        self.page = page
        self.lower = page.lower()
        self.output = [b"<!DOCTYPE html>"]  # the page's own is dropped as malformed
        self.position = 0  # up to here the page is copied to `output` or dropped
        self.open_tags: list[bytes] = []
        self.styles: list[bytes] = []
        self.next_match: dict[bytes, int] = {}  # cache of `find`
        self.lost_tag = False  # a tag of the paper is dropped that a browser knows, with what it may hide

    def run(self) -> SanitizedPage | NotReadable:
        tags = 0
        at = self.lower.find(b"<")
        while at >= 0:
            at = self.lower.find(b"<", self.handle_token(at))
            tags += 1
            if tags > MAX_TAGS:
                return NotReadable("the page has too many parts to be a paper")
            if len(self.open_tags) > MAX_DEPTH:
                return NotReadable("the page is nested too deeply to be a paper")
        if self.lost_tag:
            reason = "a tag of the paper is not well-formed, and a style in it could hide text"
            return NotReadable(reason, kind="unclear_styles")
        self.output.append(self.page[self.position :])
        styles = b"\n".join(self.styles)
        return SanitizedPage(page=b"".join(self.output), styles=styles.decode("utf-8", "replace"))

    def handle_token(self, at: int) -> int:
        """Handle the tag or comment that starts with the `<` at this offset; return where to search next."""
        if match := _START_TAG.match(self.lower, at):
            return self.handle_start_tag(match)
        if match := _END_TAG.match(self.lower, at):
            return self.handle_end_tag(match)
        if self.lower.startswith(b"<!--", at):
            return self.drop(at, min(self.find(b"-->", at + 2) + 3, self.find(b"--!>", at + 4) + 4))
        if match := _MALFORMED_TAG.match(self.lower, at):
            is_start_tag = self.lower[at + 1 : at + 2].isalpha() and match.end() < len(self.page)
            self.lost_tag = self.lost_tag or (is_start_tag and b"article" in self.open_tags)
            return self.drop(at, match.end())
        return at + 1

    def handle_start_tag(self, match: re.Match[bytes]) -> int:
        name, at, end = match[1], match.start(), match.end()
        if match[3] and name not in _VOID_TAGS:
            # In a picture or formula it is an empty element without text; elsewhere a browser opens it.
            is_empty = not match[2] or not {b"svg", b"math"}.isdisjoint(self.open_tags)
            self.lost_tag = self.lost_tag or (not is_empty and b"article" in self.open_tags)
            return self.drop(at, end)
        if name in _RAW_TEXT_TAGS:  # its content is not markup
            close = self.find(b"</" + name, end)
            if name == b"style":
                self.styles.append(self.page[end:close])
            return self.drop(at, self.find(b">", close) + 1)
        if name == b"math" and _ALTTEXT.search(match[2]):
            close = self.find(b"</math>", end)
            # Unless another formula is nested in it, its content is dropped.
            if close < min(self.find(b"<math", end), len(self.page)):
                self.drop(end, close)
                return close + len(b"</math>")
        if name in _FORMATTING_TAGS:
            self.replace(at + 1, at + 1 + len(name), b"span")
        if name not in _VOID_TAGS:
            self.open_tags.append(name)
        return end

    def handle_end_tag(self, match: re.Match[bytes]) -> int:
        """Close the innermost element of that name, if all elements inside it have optional end tags."""
        name = match[1]
        at = len(self.open_tags) - 1
        while at >= 0 and self.open_tags[at] != name and self.open_tags[at] in _OPTIONAL_END_TAGS:
            at -= 1
        if at >= 0 and self.open_tags[at] == name:
            del self.open_tags[at:]
        if name in _FORMATTING_TAGS:
            self.replace(match.start() + 2, match.end() - 1, b"span")
        return match.end()

    def find(self, pattern: bytes, at: int) -> int:
        """Return the next offset of `pattern`, or the length of the page; cached, so a page is searched only once."""
        cached = self.next_match.get(pattern, -1)
        if cached < at:
            offset = self.lower.find(pattern, at)
            cached = self.next_match[pattern] = offset if offset >= 0 else len(self.page)
        return cached

    def drop(self, start: int, end: int) -> int:
        return self.replace(start, min(end, len(self.page)), b"")

    def replace(self, start: int, end: int, replacement: bytes) -> int:
        self.output += (self.page[self.position : start], replacement)
        self.position = end
        return end
