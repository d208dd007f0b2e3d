"""Parse a paper's HTML page, as LaTeXML writes it and arXiv serves it, to numbered sentences.

Only `article.ltx_document` is read; the rest of the page is arXiv's own. Formulas stay LaTeX; table rows and
captions become sentences too; references, authors and invisible text are omitted and counted.
"""

import contextlib
import re
from collections import Counter
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipeline.core.models import Text
from pipeline.extraction.html.sanitize import sanitize
from pipeline.extraction.html.visibility import MAX_SELECTOR_WORK, Declarations, hiding_rules
from pipeline.extraction.html.walk import ArticleWalk
from pipeline.extraction.text import MIN_CHARACTERS, NotReadable, to_text

MIN_BODY_CHARACTERS = 300  # outside the abstract

# Headings of arXiv's error pages, and the reason that is reported for each.
_ERROR_HEADINGS = (
    (re.compile(r"No HTML for"), "arXiv has no HTML of this paper"),
    (re.compile(r"withdrawn"), "this version was withdrawn"),
    (re.compile(r"No (?:document|article) for"), "arXiv knows no such paper"),
    (re.compile(r"PDF Unavailable|file unavailable", re.IGNORECASE), "arXiv could not make this page"),
    (re.compile(r"No content available"), "the paper was never converted"),
)


def parse_html(page: bytes, url: str) -> Text | NotReadable:
    """Parse a paper's page. `url` is the page with its version, to which the anchors belong.

    `left_out` counts invisible passages (`hidden`), plots and diagrams, and text in pictures that cannot be
    distinguished from hidden text (`pictures`), `references`, `authors`, notes on the publication such as
    its DOI (`publication`), commands unknown to the converter (`unconverted`), and sentences past the
    limits (`cut`).
    """
    sanitized = sanitize(page)
    if isinstance(sanitized, NotReadable):
        return sanitized
    tree = LexborHTMLParser(sanitized.page)
    article = tree.css_first("article.ltx_document")
    if article is None:
        return NotReadable(_failure_reason(tree))
    walk = ArticleWalk(_sheet_declarations(article, sanitized.styles))
    walk.run(article)
    text = to_text(walk.blocks, basis="html", url=url, omitted=Counter(walk.omitted))
    body = sum(len(sentence.text) for sentence in text.sentences if not sentence.section.endswith("Abstract"))
    characters = sum(len(sentence.text) for sentence in text.sentences)
    if characters < MIN_CHARACTERS or body < MIN_BODY_CHARACTERS:
        return NotReadable(f"the page holds hardly any text ({characters} characters): the conversion failed")
    return text


def _failure_reason(tree: LexborHTMLParser) -> str:
    """Return why a page holds no paper: by its heading if it is an error page of arXiv, else in general."""
    titles = [heading.text(deep=True)[:200] for heading in tree.css("h1")[:5]]
    return next(
        (reason for title in titles for pattern, reason in _ERROR_HEADINGS if pattern.search(title)),
        "the page holds no paper: the conversion failed, or it is another page",
    )


def _sheet_declarations(article: LexborNode, styles: str) -> dict[int, Declarations]:
    """Return the declarations of the page's style sheets that can hide text, by the `mem_id` of the element."""
    by_element: dict[int, Declarations] = {}
    max_rules = MAX_SELECTOR_WORK // max(1, len(article.css("*")))
    for selector, declarations in islice(hiding_rules(styles), max_rules):
        # A selector unknown to this parser: a browser may not know it either.
        with contextlib.suppress(SelectolaxError, ValueError):
            for node in article.css(selector):
                by_element[node.mem_id] = {**by_element.get(node.mem_id, {}), **declarations}
    return by_element
