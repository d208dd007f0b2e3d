import itertools

import pytest

from pipeline.extraction.html import visibility
from tests.extraction.pages import INJECTIONS, para, read, said

COLORS = [
    "color:#FFFFFF;", "--ltx-fg-color:#FFFFFF;", "color: #fff", "COLOR : White !important", "color:white ! IMPORTANT",
    "color:rgb(255, 255, 255)", "color:rgb(255 255 255 / .99)", "color:rgba(0,0,0,0.01)", "color:rgb(100% 100% 100%)",
    "color:rgb(300,300,300)", "color:hsl(0, 0%, 99%)", "color:hwb(0 100% 0%)", "color:lab(99 0 0)",
    "color:oklch(100% 0 0)", "color:color(srgb 1 1 1)", "color:oklch(1e200 0 0)", "color:#FDFDFD", "color:transparent",
    "color:wh\\69te", "c\\6flor:white", "color:white;color:unknown", "color:white!important;color:black",
    "color:black;-webkit-text-fill-color:white", "--ltx-fg-color:white;opacity:.5", "background-color:#000",
    "background:black", "color:#333;--ltx-bg-color:#222",
]  # fmt: skip
SIZES = [
    "font-size:0.1pt", "font-size:0", "font-size:.1em", "font-size:.2ex", "font-size:15%", "font:1px serif",
    "font:bold 400 1px/1.2 serif", "font:0/0 a", "font-size:1px;font-size:unknown", "transform:scale(0.01,0.01)",
    "transform:translate(1px) scaleX(0)", "transform:scale3d(0,0,0)", f"font-size:0{'0' * 5000}px",
    "font-size:1e999px;transform:scale(0)",
]  # fmt: skip
BOXES = [
    "display:NONE", "visibility:collapse", "opacity:0", "opacity:5%", "opacity:.05;opacity:unknown",
    "display:inline-block;width:0pt;overflow:hidden", "max-height:0;overflow-y:clip", "height:.5px;overflow-x:hidden",
    "position:absolute;left:-9999px", "position:fixed;bottom:901px", "text-indent:-99em", "margin-left:-901px",
    "clip-path:inset(100%)", "clip-path:inset(50%)", "clip-path:circle(0)", "clip:rect(0, 0px, 0, 0)",
    "filter:opacity(0)", "filter:opacity(9%)", "x" * 10_001,
]  # fmt: skip
HIDING = {
    "colors": [f'<span class="ltx_text" style="{style}">{{}}</span>' for style in COLORS],
    "sizes": [f'<span style="{style}">{{}}</span>' for style in SIZES],
    "boxes": [f'<span style="{style}">{{}}</span>' for style in BOXES],
    "nested": [
        '<span style="font-size:30%"><span style="font-size:40%">{}</span></span>',
        '<span style="visibility:hidden"><span style="visibility:inherit">{}</span></span>',
        '<span style="opacity:.3"><span style="opacity:30%">{}</span></span>',
        '<span style="display:none"><span style="display:block">{}</span></span>',
    ],
    "rules": [
        '<span class="quiet">{}</span>',
        '<span class="one two">{}</span>',
        '<span class="loud" style="color:black">{}</span>',
        '<span class="white">{}</span>',
        '<span class="inner">{}</span>',
        '<span class="either">{}</span>',
    ],
    "markup": [
        "<span hidden>{}</span>",
        '<span hidden style="display:block">{}</span>',
        '<font color="white">{}</font>',
        '<span class="ltx_text ltx_phantom">{}</span>',
        '<span class="ltx_note ltx_nodisplay">{}</span>',
        '<math alttext="{{\\color[rgb]{{1,1,1}}\\text{{{}}}}}"></math>',
        '<math alttext="{{\\color[RGB]{{255,255,255}}\\text{{{}}}}}"></math>',
        '<math alttext="{{\\color[HTML]{{FFFFFF}}\\text{{{}}}}}"></math>',
        '<math alttext="{{\\color[gray]{{.95}}\\text{{{}}}}}"></math>',
        '<math alttext="{{\\color[cmyk]{{0,0,0,0.1}}\\text{{{}}}}}"></math>',
        '<math alttext="{{\\textcolor{{white}}{{\\text{{{}}}}}"></math>',
        '<math alttext="x\\phantom{{\\text{{{}}}}}"></math>',
        '<span style="color:#FFFFFF"><math alttext="\\text{{{}}}"></math></span>',
        '<table class="ltx_tabular"><tr><td style="color:white">{}</td></tr></table>',
    ],
    "never displayed": ["<!-- {} -->", "<script>{}</script>", "<template>{}</template>"],
}
SHEET = """<style>/* .ltx_p{display:none} */ .dark .ltx_p, .ltx_p:hover{color:#fff} @media print{.ltx_p{display:none}}
  @media screen{@supports (color:red){.quiet{color:#FFF}}} span.one.two , .x{display : none}
  .loud{color:#fff !important} .wh\\69te{color:white} .outer{color:red; .inner{color:white}}
  @media screen, print{.either{color:white}}</style>"""


@pytest.mark.parametrize("group", HIDING)
def test_hidden_text_is_not_read(group):
    strings = itertools.cycle(INJECTIONS)
    passages = [f"Before it. {way.format(next(strings))} After it." for way in HIDING[group]]
    text = read("".join(para(one, f"S1.p{number}") for number, one in enumerate(passages)), SHEET)
    shown = [
        (one.anchor, one.text.removeprefix("$x$ ")) for one in text.sentences if one.section == "1 First"
    ]
    expected = ("Before it.", "After it.")
    assert shown == [(f"S1.p{number}", one) for number in range(len(passages)) for one in expected]
    assert text.left_out == ({} if group == "never displayed" else {"hidden": len(passages)})


VISIBLE = [
    '<span class="ltx_text" style="color:#FF0000;">{}</span>',
    '<span style="color:#AAAAAA">{}</span>',
    '<span style="color:lab(50 0 0)">{}</span>',
    '<span style="color:color(srgb 0.8 none 0)">{}</span>',
    '<span style="font-size:50%">{}</span>',
    '<span style="font-size:6.8pt;transform:scale(0.5)">{}</span>',
    '<span style="font:700 12px/1.2 serif">{}</span>',
    '<span style="position:relative; bottom:-0.4ex;">{}</span>',
    '<span style="position:static; left:-9999px">{}</span>',
    '<span style="display:inline-block;width:0.0pt">{}</span>',
    '<span style="width:1px;overflow:hidden">{}</span>',
    '<span style="margin-left:-900px;text-indent:901px">{}</span>',
    '<span style="transform:translate(-120.5pt,9.1pt) scale(0.5,0.5)">{}</span>',
    '<span style="visibility:hidden"><span style="visibility:visible">{}</span></span>',
    '<span style="color:white"><span style="color:black">{}</span></span>',
    '<span style="background-color:#333"><span style="color:#FFFFFF">{}</span></span>',
    '<span style="color:white;background:rgba(0,0,0,.6)">{}</span>',
    '<span style="background:rgba(0,0,0,.5)">{}</span>',
    '<span style="--ltx-bg-color:#000080;--ltx-fg-color:#FFFFFF">{}</span>',
    '<span style="color:var(--unknown)">{}</span>',
    '<span style="opacity:0.5">{}</span>',
    '<span style="filter:opacity(0.5)">{}</span>',
    '<span style="clip-path:inset(49%)">{}</span>',
    '<span style="clip-path:circle(1px)">{}</span>',
    '<span style="clip:rect(0,9px,9px,0)">{}</span>',
    '<span class="ltx_phantomlike">{}</span>',
    '<math alttext="\\color[gray]{{.5}}\\text{{{}}}"></math>',
    '<table class="ltx_tabular"><tr style="background:navy"><th style="color:white">{}</th></tr></table>',
    f'<span style="{"x" * 10_000}">{{}}</span>',
]


def test_visible_text_is_read():
    for way in VISIBLE:
        text = read(para(f"Before it. {way.format('A quoted attack is read.')} After it."), SHEET)
        assert "A quoted attack is read." in " ".join(said(text)), way
        assert text.left_out == {}, way


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
    "selector", ["i ~ p ~ p ~ p ~ p", "a > b", "a b c", "p:not(.x)", ".a" + ", .a" * 100]
)
def test_selectors_that_a_search_could_drown_in_are_passed_over(selector):
    """`i ~ p ~ p ~ p ~ p` over 400 paragraphs kept the parser busy for minutes."""
    assert list(visibility.hiding_rules(f"{selector} {{display:none}}")) == []


def test_plain_selectors_are_read_up_to_a_limit():
    plain = [".x", "p", "span.ltx_text.x", ".a .b", "#id", "*", '[class~="x"]', ".a, .b"]
    sheet = "".join(f"{selector} {{display:none}} p{{color:red}}" for selector in plain)
    hides = visibility.hiding_rules(sheet.replace("p{color:red}", "") + ".y{}" + ".z{display:none}" * 400)
    assert [one for one, _ in hides] == [*plain, *[".z"] * (300 - len(plain))]
