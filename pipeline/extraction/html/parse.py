"""Parse a paper's HTML page, as LaTeXML writes it and arXiv serves it, to numbered sentences.

Only `article.ltx_document` is read; the rest of the page is arXiv's own. Formulas stay LaTeX; table rows and
captions become sentences too; references, authors and invisible text are omitted and counted.
"""

import re
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from pipeline.core.models import Text
from pipeline.extraction.html import completeness
from pipeline.extraction.html.sanitize import sanitize
from pipeline.extraction.html.visibility import (
    MAX_RULES,
    MAX_SELECTOR_WORK,
    ComputedStyle,
    Declarations,
    element_style,
    hiding_rules,
    merge_rules,
    unclear_effect,
)
from pipeline.extraction.html.walk import ArticleWalk
from pipeline.extraction.text import MIN_CHARACTERS, NotReadable, main_figure, section_label, to_text
from pipeline.extraction.truncate import is_appendix

MIN_BODY_CHARACTERS = 300  # outside the abstract

# Headings of arXiv's error pages, and the reason that is reported for each.
_ERROR_HEADINGS = (
    (re.compile(r"No HTML for"), "arXiv has no HTML of this paper"),
    (re.compile(r"withdrawn"), "this version was withdrawn"),
    (re.compile(r"No (?:document|article) for"), "arXiv knows no such paper"),
    (re.compile(r"PDF Unavailable|file unavailable", re.IGNORECASE), "arXiv could not make this page"),
    (re.compile(r"No content available"), "the paper was never converted"),
)
# Hosts and folders of the style sheets that arXiv's own page around a paper loads.
_KNOWN_SHEETS = (
    ("arxiv.org", "/static/"),
    ("static.arxiv.org", "/static/"),
    ("use.typekit.net", "/"),
    ("cdn.jsdelivr.net", "/npm/bootstrap@"),
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
    sheet = _sheet_declarations(tree, sanitized.styles)
    walk = ArticleWalk(sheet, _style_around(article, sheet))
    walk.run(article)
    if unclear := _unknown_sheet(tree, url) or walk.unclear:
        reason = f"a style that is not understood could hide text: {unclear}"
        return NotReadable(reason, kind="unclear_styles")
    text = to_text(walk.blocks, basis="html", url=url, omitted=Counter(walk.omitted))
    body = sum(len(sentence.text) for sentence in text.sentences if not sentence.section.endswith("Abstract"))
    characters = sum(len(sentence.text) for sentence in text.sentences)
    if characters < MIN_CHARACTERS or body < MIN_BODY_CHARACTERS:
        return NotReadable(f"the page holds hardly any text ({characters} characters): the conversion failed")
    complete = completeness.judge(page, tree, article)
    main_text = (b for b in walk.blocks if not is_appendix(section_label(b.section_path)))
    return text.model_copy(
        update={
            "incomplete": complete.reason,
            "looks_cut": complete.looks_cut,
            "figure": main_figure(main_text, url),
        }
    )


def _failure_reason(tree: LexborHTMLParser) -> str:
    """Return why a page holds no paper: by its heading if it is an error page of arXiv, else in general."""
    titles = [heading.text(deep=True)[:200] for heading in tree.css("h1")[:5]]
    return next(
        (reason for title in titles for pattern, reason in _ERROR_HEADINGS if pattern.search(title)),
        "the page holds no paper: the conversion failed, or it is another page",
    )


def _sheet_declarations(tree: LexborHTMLParser, styles: str) -> dict[int, Declarations]:
    """Return the declarations of the page's style sheets that can hide text, by the `mem_id` of the element."""
    by_element: dict[int, Declarations] = {}
    max_rules = min(MAX_RULES, MAX_SELECTOR_WORK // max(1, len(tree.css("*"))))
    for selector, declarations in hiding_rules(styles, max_rules):
        effects: Declarations = declarations
        try:
            nodes = tree.css(selector)
        except (SelectolaxError, ValueError):  # a selector unknown to this parser
            nodes = tree.css("*")
            effects = {"?": unclear_effect(selector)}
        for node in nodes:
            by_element[node.mem_id] = merge_rules(by_element.get(node.mem_id, {}), effects)
    return by_element


def _style_around(article: LexborNode, sheet: Mapping[int, Declarations]) -> ComputedStyle:
    """Return the style inside the elements around the article."""
    ancestors = []
    node = article.parent
    while node is not None:
        ancestors.append(node)
        node = node.parent
    style = ComputedStyle()
    for node in reversed(ancestors):
        style = element_style(style, node.tag or "", node.attributes, sheet.get(node.mem_id, {}))
    return style


def _unknown_sheet(tree: LexborHTMLParser, url: str) -> str:
    """Return the address of a style sheet that is not arXiv's own, shortened, or another source of styles.

    Empty if there is none. What such a sheet hides cannot be known. A file that an author adds to a paper is below `/html/`.
    """
    if tree.css_first("template[shadowrootmode]"):
        return "a shadow tree"
    base = tree.css_first("base[href]")
    page = urljoin(url, base.attributes["href"] or "") if base else url
    for link in tree.css("link[href]"):
        address = urlsplit(urljoin(page, link.attributes["href"] or ""))
        host, path = address.hostname or "", address.path
        is_known = any(
            host in {known, urlsplit(url).hostname if known == "arxiv.org" else known}
            and path.startswith(folder)
            for known, folder in _KNOWN_SHEETS
        )
        if "stylesheet" in (link.attributes.get("rel") or "").lower() and not is_known:
            return f"{host}{path}"[:60]
    return ""
