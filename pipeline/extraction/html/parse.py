"""A paper's HTML page, as LaTeXML writes it and arXiv serves it, as numbered sentences.

One walk over `article.ltx_document`; the rest of the page is arXiv's own. Formulas stay LaTeX, table rows
and captions are sentences too; references, authors and what a reader cannot see are left out and counted.
"""

from __future__ import annotations

import re
from collections import Counter

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipeline.core.models import Text
from pipeline.extraction.html.sanitize import tidy
from pipeline.extraction.html.visibility import MOST_MATCHES, Declarations, rules
from pipeline.extraction.html.walk import Walk
from pipeline.extraction.text import SHORTEST, NotReadable, to_text

SHORTEST_BODY = 300  # characters outside the abstract

# First headings of arXiv's own pages, with our words for them.
_SAID = (
    (re.compile(r"No HTML for"), "arXiv has no HTML of this paper"),
    (re.compile(r"withdrawn"), "this version was withdrawn"),
    (re.compile(r"No (?:document|article) for"), "arXiv knows no such paper"),
    (re.compile(r"PDF Unavailable|file unavailable", re.IGNORECASE), "arXiv could not make this page"),
    (re.compile(r"No content available"), "the paper was never converted"),
)


def parse_html(page: bytes, url: str) -> Text | NotReadable:
    """The text of a paper's page. `url` is the page with its version, which the anchors belong to.

    `left_out` counts passages that nobody can see (`hidden`), text in pictures that could not be told from
    hidden text (`pictures`), `references`, `authors`, commands that the converter did not know
    (`unconverted`), and sentences past the limits (`cut`).
    """
    tidied = tidy(page)
    if isinstance(tidied, NotReadable):
        return tidied
    tree = LexborHTMLParser(tidied.page)
    article = tree.css_first("article.ltx_document")
    if article is None:
        return NotReadable(_why(tree))
    walk = Walk(_by_rule(article, tidied.styles))
    walk.over(article)
    text = to_text(walk.blocks, basis="html", url=url, left_out=Counter(walk.left_out))
    body = sum(len(one.text) for one in text.sentences if not one.section.endswith("Abstract"))
    found = sum(len(one.text) for one in text.sentences)
    if found < SHORTEST or body < SHORTEST_BODY:
        return NotReadable(f"the page holds hardly any text ({found} characters): the conversion failed")
    return text


def _why(tree: LexborHTMLParser) -> str:
    """What a page without a paper is: one that arXiv says something on, or something else."""
    for heading in tree.css("h1")[:5]:
        said = heading.text(deep=True)[:200]
        for pattern, reason in _SAID:
            if pattern.search(said):
                return reason
    return "the page holds no paper: the conversion failed, or it is another page"


def _by_rule(article: LexborNode, styles: str) -> dict[int, Declarations]:
    """What the page's own style sheet sets that can hide text, by element."""
    found: dict[int, Declarations] = {}
    elements = max(1, len(article.css("*")))
    for number, (selector, declared) in enumerate(rules(styles), start=1):
        if number * elements > MOST_MATCHES:
            break
        try:
            nodes = article.css(selector)
        except (SelectolaxError, ValueError):
            continue  # not a selector that this parser knows; a reader's browser may not know it either
        for node in nodes:
            found[node.mem_id] = {**found.get(node.mem_id, {}), **declared}
    return found


__all__ = ["NotReadable", "parse_html"]
