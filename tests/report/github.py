"""Markdown as GitHub shows it: its C library, then the published allow-list of its sanitizer, as a tree.

The list is that of html-pipeline 2.14.3, the last one that GitHub published.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options

_ELEMENTS = """
h1 h2 h3 h4 h5 h6 h7 h8 br b i strong em a pre code img tt div ins del sup sub p ol ul table thead tbody tfoot
blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure figcaption
abbr bdo cite dfn mark small span time wbr picture source section input
"""
_EVERYWHERE = """
abbr accept accept-charset accesskey action align alt aria-describedby aria-hidden aria-label aria-labeledby
axis border cellpadding cellspacing char charoff charset checked clear cols colspan color compact coords datetime
dir disabled enctype for frame headers height hreflang hspace ismap label lang maxlength media method multiple
name nohref noshade nowrap open progress prompt readonly rev role rows rowspan rules scope selected shape size
span start summary tabindex target title type usemap valign value vspace width itemprop id class
"""
ELEMENTS = set(_ELEMENTS.split())
EVERYWHERE = set(_EVERYWHERE.split())
ATTRIBUTES = {
    "*": EVERYWHERE,
    "a": {"href"},
    "img": {"src", "longdesc"},
    "div": {"itemscope", "itemtype"},
    "blockquote": {"cite"},
    "del": {"cite"},
    "ins": {"cite"},
    "q": {"cite"},
    "source": {"srcset"},
    "input": {"type", "checked", "disabled"},
}
SCHEMES = {"http", "https", "mailto", "xmpp", "irc", "ircs", "github-windows", "github-mac"}
VOID = {"br", "hr", "img", "input", "source", "wbr"}
PREFIX = "user-content-"


def render(markdown: str) -> str:
    """HTML as GitHub sends it, without what it does afterwards: anchors of headings, mentions, math, emoji."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_GITHUB_PRE_LANG
    extensions = ["table", "strikethrough", "autolink", "tagfilter", "tasklist"]
    html = cmarkgfm.markdown_to_html_with_extensions(markdown, options=options, extensions=extensions)
    return nh3.clean(
        html,
        tags=ELEMENTS,
        clean_content_tags={"script", "style"},
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name in {"id", "name"}:
        return value if value.startswith(PREFIX) else PREFIX + value
    return None if name == "class" else value


@dataclass
class Node:
    """An element; its children are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This element and all below, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def find(self, *tags: str) -> list[Node]:
        """All elements below of these kinds."""
        return [node for node in self.walk() if node.tag in tags]

    def texts(self) -> Iterator[str]:
        """The text nodes: what GitHub searches for mentions, math and emoji."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child.texts()

    @property
    def text(self) -> str:
        """What is read: a line break is a blank, blanks are one."""
        parts = (
            child if isinstance(child, str) else f" {child.text} " if child.tag in BLOCKS else child.text
            for child in self.children
        )
        return "".join(parts) if self.tag != "br" else " "

    @property
    def line(self) -> str:
        """The text on one line."""
        return " ".join(self.text.split())


BLOCKS = {"p", "li", "ul", "ol", "details", "summary", "h1", "h2", "h3", "blockquote", "td", "th", "tr"}


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(markdown: str) -> Node:
    """The page as a tree; nh3 has closed every element that the Markdown left open."""
    builder = _Builder()
    builder.feed(render(markdown))
    builder.close()
    assert builder.open == [builder.root]
    return builder.root


def slug(text: str) -> str:
    """The anchor that GitHub gives a heading, before it numbers equal ones."""
    kept = (c for c in text.lower() if c in "-_ " or unicodedata.category(c)[0] in "LMN")
    return "".join("-" if c == " " else c for c in kept)


def document(markdown: str, css: str) -> str:
    """The page in a frame like GitHub's. There a script adds the prefix of the anchors to `#…`; here it goes."""
    body = render(markdown).replace(f'id="{PREFIX}', 'id="')
    frame = "body{margin:0 auto;padding:32px;max-width:980px;box-sizing:border-box}"
    narrow = "@media (max-width:767px){body{padding:16px}}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>page</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{css}\n{frame}{narrow}</style></head><body class="markdown-body">{body}</body></html>'
    )
