import re

import pytest

from pipeline.extraction.html import visibility
from tests.extraction.pages import INJECTIONS, everything, para, read, said

HIDING = {
    "color": '<span class="ltx_text" style="color:#FFFFFF;">{}</span>',
    "ltx-fg-color": '<span class="ltx_text" style="--ltx-fg-color:#FFFFFF;">{}</span>',
    "a class of the page's": '<span class="quiet">{}</span>',
    "font size": '<span style="font-size:0.1pt">{}</span>',
    "short color": '<span style="color: #fff">{}</span>',
    "named color": '<span style="COLOR : White !important">{}</span>',
    "rgb color": '<span style="color:rgb(255, 255, 255)">{}</span>',
    "rgba color": '<span style="color:rgba(0,0,0,0.01)">{}</span>',
    "percent color": '<span style="color:rgb(100% 100% 100%)">{}</span>',
    "hsl color": '<span style="color:hsl(0, 0%, 99%)">{}</span>',
    "near white": '<span style="color:#FDFDFD">{}</span>',
    "transparent": '<span style="color:transparent">{}</span>',
    "black on black": '<span style="background-color:#000">{}</span>',
    "nested tiny percents": '<span style="font-size:30%"><span style="font-size:40%">{}</span></span>',
    "no font size": '<span style="font-size:0">{}</span>',
    "scaled away": '<span style="transform:scale(0.01,0.01)">{}</span>',
    "display": '<span style="display:none">{}</span>',
    "visibility": '<span style="visibility:hidden"><span>{}</span></span>',
    "opacity": '<span style="opacity:0">{}</span>',
    "opacity by halves": '<span style="opacity:.3"><span style="opacity:30%">{}</span></span>',
    "no width": '<span style="display:inline-block;width:0pt;overflow:hidden">{}</span>',
    "no height": '<span style="max-height:0;overflow-y:clip">{}</span>',
    "off the page": '<span style="position:absolute;left:-9999px">{}</span>',
    "pushed off": '<span style="text-indent:-99em">{}</span>',
    "clipped": '<span style="clip-path:inset(100%)">{}</span>',
    "attribute": "<span hidden>{}</span>",
    "font tag": '<font color="white">{}</font>',
    "phantom": '<span class="ltx_text ltx_phantom">{}</span>',
    "no display": '<span class="ltx_note ltx_nodisplay">{}</span>',
    "a rule with two classes": '<span class="one two">{}</span>',
    "formula": '<math alttext="{{\\color[rgb]{{1,1,1}}\\text{{{}}}}}"></math>',
    "formula phantom": '<math alttext="x\\phantom{{\\text{{{}}}}}"></math>',
    "white formula": '<span style="color:#FFFFFF"><math alttext="\\text{{{}}}"></math></span>',
    "white cell": '<table class="ltx_tabular"><tr><td style="color:white">{}</td></tr></table>',
    "comment": "<!-- {} -->",
    "script": "<script>{}</script>",
    "template": "<template>{}</template>",
}
SHEET = """<style>/* .ltx_p{display:none} */ .dark .ltx_p, .ltx_p:hover{color:#fff} @media print{.ltx_p{display:none}}
  @media screen{.quiet{color:#FFF}} span.one.two , .x{display : none}</style>"""


@pytest.mark.parametrize("way", HIDING)
def test_hidden_text_is_not_read(way):
    passages = [f"Before it. {HIDING[way].format(string)} After it." for string in INJECTIONS]
    text = read("".join(para(one, f"S1.p{number}") for number, one in enumerate(passages)), SHEET)
    for string in INJECTIONS:
        assert string not in everything(text)
    assert not {"IGNORE", "reviewers", "REVIEW", "LLM", "submission"} & set(
        re.findall(r"\w+", everything(text))
    )
    assert [one.removeprefix("$x$ ") for one in said(text)] == ["Before it.", "After it."] * len(INJECTIONS)
    counted = way not in {"comment", "script", "template"}
    assert text.left_out == ({"hidden": len(INJECTIONS)} if counted else {})


VISIBLE = [
    '<span class="ltx_text" style="color:#FF0000;">{}</span>',
    '<span style="color:#AAAAAA">{}</span>',
    '<span style="font-size:50%">{}</span>',
    '<span style="position:relative; bottom:-0.4ex;">{}</span>',
    '<span style="display:inline-block;width:0.0pt">{}</span>',
    '<span style="transform:translate(-120.5pt,9.1pt) scale(0.5,0.5)">{}</span>',
    '<span style="visibility:hidden"><span style="visibility:visible">{}</span></span>',
    '<span style="color:white"><span style="color:black">{}</span></span>',
    '<span style="background-color:#333"><span style="color:#FFFFFF">{}</span></span>',
    '<span style="--ltx-bg-color:#000080;--ltx-fg-color:#FFFFFF">{}</span>',
    '<span style="color:var(--unknown)">{}</span>',
    '<span style="opacity:0.5">{}</span>',
    '<span class="ltx_phantomlike">{}</span>',
    '<table class="ltx_tabular"><tr style="background:navy"><th style="color:white">{}</th></tr></table>',
]


@pytest.mark.parametrize("way", VISIBLE)
def test_visible_text_is_read(way):
    text = read(para(f"Before it. {way.format('A quoted attack is read.')} After it."), SHEET)
    assert "A quoted attack is read." in " ".join(said(text))
    assert text.left_out == {}


def test_a_paper_that_quotes_an_attack_in_plain_sight_is_read_in_full():
    quoted = [f"“{string}”" for string in INJECTIONS]
    text = read("".join(para(one, f"S1.p{number}") for number, one in enumerate(quoted)))
    for one in quoted:
        assert one in " ".join(said(text))
    assert text.left_out == {}


def test_hidden_passages_are_counted_and_blanks_for_alignment_are_not():
    ghost = '<span style="color:white">{}</span>'
    body = para(
        ghost.format("All of <b>this</b> is <i>one</i> passage") + " and " + ghost.format("another one")
    )
    body += para('1<span class="ltx_phantom">0</span> <span style="visibility:hidden">(a)</span>')
    assert read(body).left_out == {"hidden": 2}


def test_white_text_in_a_picture_is_left_out_but_not_called_hidden():
    picture = '<svg class="ltx_picture"><path d="M0" fill="#222"/><g color="#FFFFFF"><foreignObject><p class="ltx_p">Prompt title</p></foreignObject></g><foreignObject><p class="ltx_p">Prompt text.</p></foreignObject></svg>'
    text = read(para("Before.") + picture)
    assert said(text) == ["Before.", "Prompt text."]
    assert text.left_out == {"pictures": 1}


@pytest.mark.parametrize(
    "selector", ["i ~ p ~ p ~ p ~ p", "a > b > c", "p + p", "a b c", "p:not(.x)", "*|*" * 9]
)
def test_selectors_that_a_search_could_drown_in_are_passed_over(selector):
    """`i ~ p ~ p ~ p ~ p` over 400 paragraphs kept the parser busy for minutes."""
    assert list(visibility.hiding_rules(f"{selector} {{display:none}}")) == []


@pytest.mark.parametrize(
    "selector", [".x", "p", "p.x", "span.ltx_text.x", ".a .b", "#id", "*", "[hidden]", ".a, .b"]
)
def test_plain_selectors_are_read(selector):
    assert [one for one, _ in visibility.hiding_rules(f"{selector} {{display:none}}")] == [selector]
