"""Pages as LaTeXML writes them, small enough to be read, for the tests of this folder."""

import json
from pathlib import Path

from pipeline.core.models import Text
from pipeline.extraction.html.parse import parse_html

FEEDS = Path(__file__).parent.parent / "feeds"
RECORDED = FEEDS / "arxiv_html"
INJECTIONS = [
    string for strings in json.loads((FEEDS / "injections.json").read_text()).values() for string in strings
]
URL = "https://arxiv.org/html/2601.99999v1"
FILLER = "".join(
    f'<div id="S9.p{n}" class="ltx_para"><p class="ltx_p">{"Filler text follows here. " * 10}</p></div>'
    for n in range(5)
)


def page(body: str, head: str = "", after: str = "") -> bytes:
    """A page with this body in a section of its own, and enough other text to count as a paper."""
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>T</title>{head}</head><body>
<header class="arxiv-html-header"><p>arXiv is now an independent nonprofit!</p></header>
<article class="ltx_document ltx_authors_1line"><h1 class="ltx_title ltx_title_document">The title</h1>
<section id="S1" class="ltx_section"><h2 class="ltx_title ltx_title_section"><span class="ltx_tag ltx_tag_section">1 </span>First</h2>
{body}</section>
<section id="S9" class="ltx_section"><h2 class="ltx_title ltx_title_section">Filler</h2>{FILLER}</section>
{after}</article><footer>LaTeXML made this.</footer></body></html>""".encode()


def para(text: str, name: str = "S1.p1") -> str:
    return f'<div id="{name}" class="ltx_para"><p class="ltx_p">{text}</p></div>'


def read(body: str, head: str = "", after: str = "") -> Text:
    text = parse_html(page(body, head, after), URL)
    assert isinstance(text, Text), text
    return text


def said(text: Text) -> list[str]:
    """The sentences of the section under test."""
    return [one.text for one in text.sentences if not one.section.startswith("Filler")]


def everything(text: Text) -> str:
    return " ".join(f"{one.section} {one.anchor} {one.text}" for one in text.sentences)
