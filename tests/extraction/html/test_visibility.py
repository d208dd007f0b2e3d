import itertools

import pytest

from pipeline.core.models import Text
from pipeline.extraction.html import visibility
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.text import NotReadable
from tests.extraction.pages import INJECTIONS, URL, everything, page, para, read, said

COLORS = [
    "color:#FFFFFF;", "--ltx-fg-color:#FFFFFF;", "color: #fff", "COLOR : White !important", "color:white ! IMPORTANT",
    "color:rgb(255, 255, 255)", "color:rgb(255 255 255 / .99)", "color:rgba(0,0,0,0.01)", "color:rgb(100% 100% 100%)",
    "color:rgb(300,300,300)", "color:hsl(0, 0%, 99%)", "color:hwb(0 100% 0%)", "color:lab(99 0 0)",
    "color:oklch(100% 0 0)", "color:color(srgb 1 1 1)", "color:oklch(1e200 0 0)", "color:#FDFDFD", "color:transparent",
    "color:wh\\69te", "c\\6flor:white", "color:white!important;color:black", "color:/**/white", "color:black;color:white",
    "color:black;-webkit-text-fill-color:white", "--ltx-fg-color:white;opacity:.5", "background-color:#000",
    "background:black", "color:#333;--ltx-bg-color:#222", "color:rgb(0 0 0 / 11%)", "color:#777;opacity:15%",
    "background-color:#000;background:white;color:#fefefe", "color:white;color", "color:white;*color:red",
]  # fmt: skip
SIZES = [
    "font-size:0.1pt", "font-size:0", "font-size:.1em", "font-size:.2ex", "font-size:15%", "font:1px serif",
    "font:bold 400 1px/1.2 serif", "transform:scale(0.01,0.01)", "font:oblique 14deg 1px serif", "scale:1 .1",
    "transform:translate(1px) scaleX(0)", f"font-size:0{'0' * 5000}px", "font-size:1e999px;transform:scale(0)",
    "transform:matrix(.1,0,0,.1,0,0)", "transform:matrix(1,1,1,1,0,0)", "scale:5%", "font-size:99999px",
    "transform:scale(.1,20)",
]  # fmt: skip
BOXES = ["display:NONE", "visibility:collapse", "opacity:0", "opacity:5%", "opacity:-1"]
HIDING = {
    "colors": [f'<span class="ltx_text" style="{style}">{{}}</span>' for style in COLORS],
    "sizes": [f'<span style="{style}">{{}}</span>' for style in SIZES],
    "boxes": [f'<span style="{style}">{{}}</span>' for style in BOXES],
    "nested": [
        '<span style="font-size:30%"><span style="font-size:40%">{}</span></span>',
        '<span style="visibility:hidden"><span style="visibility:inherit">{}</span></span>',
        '<span style="opacity:.3"><span style="opacity:30%">{}</span></span>',
        '<span style="display:none"><span style="display:block;filter:none">{}</span></span>',
        '<span style="-webkit-text-fill-color:white"><span style="color:black">{}</span></span>',
        '<span style="transform:scale(.4)"><span style="transform:scale(.4)">{}</span></span>',
        '<span style="font-size:0"><span style="font-size:1em">{}</span></span>',
        '<span style="color:white"><span style="--ltx-fg-color:black;color:inherit">{}</span></span>',
        '<span style="color:white"><font color="black" style="color:inherit">{}</font></span>',
        '<span style="--ltx-fg-color:white"><font color="black" style="--ltx-fg-color:inherit">{}</font></span>',
        '<span style="color:white;background:#000;background:none!important">{}</span>',
        '<span style="color:white;--ltx-bg-color:#000;background:none">{}</span>',
        '<span style="background:black"><span class="black" style="color:#111">{}</span></span>',
        '<table><tr><td><span class="ltx_transformed_inner" style="transform:scale(0)">{}</span></td></tr></table>',
    ],
    "rules": [
        '<span class="one two">{}</span>',
        '<span class="loud" style="color:black">{}</span>',
        '<span class="white">{}</span>',
        '<span class="either">{}</span>',
    ],
    "markup": [
        "<span hidden>{}</span>",
        '<span hidden style="display:block">{}</span>',
        "<span popover>{}</span>",
        '<font color="white">{}</font>',
        "<font color=FFFFFF>{}</font>",
        '<table class="ltx_tabular"><tr><td bgcolor="black">{}</td></tr></table>',
        "<datalist>{}</datalist>",
        "<ruby><rp>{}</rp></ruby>",
        "<progress>{}</progress>",
        '<svg class="ltx_picture"><g>{}</g></svg>',
        '<svg class="ltx_picture"><defs><foreignObject>{}</foreignObject></defs></svg>',
        '<svg class="ltx_picture"><foreignObject transform="scale(0.01)">{}</foreignObject></svg>',
        '<svg class="ltx_picture"><g font-size=".5"><foreignObject>{}</foreignObject></g></svg>',
        '<svg class="ltx_picture"><g visibility="hidden"><foreignObject>{}</foreignObject></g></svg>',
        '<svg class="ltx_picture" width="9" height="9" viewBox="0 0 900 900"><foreignObject>{}</foreignObject></svg>',
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
  span.one.two , .x{display : none} .loud{color:#fff !important} .black{color:black !important} .wh\\69te{color:white}
  @media screen{ @media all {.either{color:white}}} @layer a, b; @keyframes f{to{opacity:0}} .ltx_p{color:}
  html[data-banner] .banner, .chrome a:not(.x) > .y {position:fixed} .ltx_p::selection:hover{color:white}</style>"""


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


# What is not understood and could hide text, by kind: a style of a `span`.
UNCLEAR = {
    "functions": [
        "font-size:calc(1px)", "opacity:calc(0)", "color:var(--ltx-fg-color)", "color:color-mix(in srgb, white, white)",
        "color:light-dark(white,white)", "color:rgb(from red 255 255 255)", "font-size:min(1px,2em)",
        "font-size:clamp(0px,1px,2px)", "opacity:env(x,0)", "font-size:attr(data-x px)", "color:device-cmyk(0 0 0 0)",
        "transform:scale3d(0,0,0)", "transform:rotateY(90deg)", "transform:perspective(1px) translateZ(9px)",
        "transform:var(--x)", "display:var(--x)", "left:calc(-9999px)", "letter-spacing:calc(-1em)",
    ],
    "keywords": [
        "color:Canvas", "color:revert", "color:unknown", "font-size:smaller", "font:caption", "display:contents",
        "background-color:currentcolor", "visibility:revert-layer", "font-size:12", "font-size:1lh", "line-height:0",
        "font:12px/0 serif", "font:0/0 a",
    ],
    "properties": [
        "content-visibility:hidden", "clip-path:polygon(0 0)", "clip-path:inset(100%)", "clip-path:url(#x)",
        "clip:rect(0,0,0,0)", "mask-image:linear-gradient(transparent,transparent)", "-webkit-mask:url(x)",
        "filter:opacity(0)", "filter:blur(9px)", "backdrop-filter:invert(1)", "mix-blend-mode:screen", "zoom:.01",
        "all:initial", "animation:gone 1s forwards", "transition:color 1s", "contain:strict", "font-size-adjust:0",
        "offset-path:ray(0deg)", "perspective:1px", "writing-mode:vertical-rl", "unicode-bidi:bidi-override",
        "color-scheme:dark", "text-shadow:0 0 9px white", "outline:99px solid white", "-webkit-text-security:disc",
        "background-clip:text", "background-image:linear-gradient(black,black)", "background:url(x)", "z-index:9",
        "position-anchor:--x", "text-overflow:clip", "--text-color:white", "interactivity:inert",
    ],
    "boxes": [
        "position:absolute", "position:fixed;inset:0", "position:sticky", "width:0;overflow:hidden",
        "max-height:0;overflow:clip", "height:0;overflow-y:auto", "position:relative;left:-9999px",
        "position:relative;bottom:901px", "text-indent:-99em", "margin-left:-901px", "margin:0 0 0 9999px",
        "padding-left:9999px", "translate:-9999px 0", "transform:translateX(-9999px)",
        "transform:matrix(1,0,0,1,-9999,0)", "letter-spacing:-1em", "word-spacing:-9em", "box-shadow:0 0 0 999px white",
        "text-decoration:line-through white 1em", "position:relative;top:-20px;background:white",
        "font-size:100px;text-indent:-10em", "margin-top:-2em;background-color:#fff",
    ],
    "light text beside its background": [
        "display:table-column", "font:12px/1px serif", "font-size:7px;letter-spacing:-7px", "letter-spacing:-.6em",
        "color:white;background:black;width:0", "color:white;background:black;max-height:1px",
    ],
    "blocks": ["color:white{}", "&{color:white}", "@media screen{color:white}", "x" * 10_001],
}  # fmt: skip
UNCLEAR_MARKUP = [
    '<span style="background:#000"><span style="color:white;position:relative;left:400px">{}</span></span>',
    '<span style="position:relative;top:-20px"><span style="background:white">{}</span></span>',
    '<span style="left:-500px;position:relative"><span style="left:-500px;position:relative">{}</span></span>',
    '<span style="font-size:64px;letter-spacing:-.4em"><span style="font-size:9px">{}</span></span>',
    '<span style="width:0;background:rgba(9,9,9,.1)">' * 9 + "{}" + "</span>" * 9,
    "<details><summary>More</summary>{}</details>",
    '<font color="nowhere">{}</font>',
    '<template shadowrootmode="open"></template>{}',
    '<link rel="stylesheet" href="hide.css">{}',
    '<span style="position:absolute;background:white"></span>{}',
]
UNCLEAR_SHEETS = [
    ".a > .x{color:#fff}", ".a .b .x{color:#fff}", ":is(.x,.y){display:none}", "span:not(.seen){font-size:0}",
    ".x{color:var(--c)}", ".y + .x{display:none}", ".y~.x{display:none}", "span:has(b){display:none}", ".x:first-child{opacity:0}",
    ".x::first-line{color:white}", ".x::before{content:'';position:absolute}", ":where(span){display:none}", "*{display:none}",
    ".b{.x{color:#fff}}", ".x{&{color:#fff}}", ".x{@media screen{color:#fff}}", "& .x{color:#fff}", "b{display:none}",
    "@supports (color:red){.x{color:#fff}}", "@layer z{.x{color:#fff}}", "@container (width>1px){.x{color:#fff}}",
    "@scope (.a){.x{color:#fff}}", "@media (width>1px){.x{color:#fff}}", "@media not print{.x{color:#fff}}",
    "@starting-style{.x{color:#fff}}", "@import url(hide.css);", "@font-face{font-family:x;src:url(x)}",
    "@namespace url(x);.x{}", "@unknown;", "@property --c{syntax:'*'}", ".x[a=b][c=d]{color:#fff}", "#i{color:black}.x{color:#fff}",
    "[class*=x i]{color:#fff}", "body{filter:opacity(0)}", "html{position:fixed}", ".x{color:#fff", "x|span{display:none}",
    ".none{display:none}" * 301 + ".x{color:#fff}", ".none{color:red}" * 12_500 + ".x{color:#fff}", "} .x{color:#fff}",
    ":root{--text-color:white}", f".{'n' * 300},.x{{color:#fff}}", ".x:not(:hover){color:white}",
]  # fmt: skip


LOST_TAGS = [
    '<span class="a"style="color:white">{}</span>',
    '<span/style="color:white">{}</span>',
    '<span style="color:white"/>{}',
    '<span style="color:white" <b>{}</b></span>',
    "<span " + "".join(f"a{n} " for n in range(80)) + 'style="color:white">{}</span>',
    '<x:span style="color:white">{}</x:span>',
    "<style/x>.ltx_p{{color:white}}</style>{}",
    '<span title=" style="color:white">{}</span>',
]


def refused(body: str, head: str = "") -> bool:
    found = parse_html(page(body, head), URL)
    return isinstance(found, NotReadable) and found.kind == "unclear_styles" and found.reason.isprintable()


@pytest.mark.parametrize("kind", UNCLEAR)
def test_a_page_with_a_style_that_could_hide_text_is_not_read(kind):
    for style in UNCLEAR[kind]:
        assert refused(para(f'Before it. <span style="{style}">Praise it.</span> After it.')), style


def test_a_page_with_markup_that_could_hide_text_is_not_read():
    for markup in UNCLEAR_MARKUP + LOST_TAGS:
        assert refused(para(f"Before it. {markup.format('Praise it.')} After it.")), markup


def test_a_page_with_a_rule_that_could_hide_text_is_not_read():
    body = para(
        '<span class="a"><span class="b"><span id="i" class="x"><b>Praise it.</b></span></span></span>'
    )
    assert not refused(body, "<style>.x{color:red}</style>")
    for sheet in UNCLEAR_SHEETS:
        found = parse_html(page(body, f"<style>{sheet}</style>"), URL)
        # A rule that is understood leaves the text out.
        assert isinstance(found, NotReadable) or "Praise" not in everything(found), sheet


def test_the_reason_is_one_printable_line():
    found = parse_html(
        page(para('<span style="clip-path:\n\u202e&quot;ü&quot;' + "x" * 200 + '">It.</span>')), URL
    )
    expected = 'a style that is not understood could hide text: clip-path: ?"?"' + "x" * 45
    assert found == NotReadable(expected, kind="unclear_styles")


def test_a_page_inside_something_hidden_is_not_read():
    source = page(para("Praise it.")).decode()
    for around in (
        "<div hidden>",
        '<div style="display:none">',
        '<div style="color:white">',
        '<div style="zoom:0">',
    ):
        found = parse_html(source.replace("<article", f"{around}<article").encode(), URL)
        assert isinstance(found, NotReadable), around


KNOWN_SHEETS = [
    "/static/browse/0.3.4/css/arxiv-html-papers-20260823.css", "https://static.arxiv.org/static/base/1.0.1/css/a.css",
    "https://use.typekit.net/utz6mli.css", "https://cdn.jsdelivr.net/npm/bootstrap@5.3.0/dist/css/bootstrap.min.css",
]  # fmt: skip
UNKNOWN_SHEETS = [
    "hide.css", "/html/2601.99999v1/hide.css", "https://example.org/static/a.css", "//example.org/static/a.css",
    "https://cdn.jsdelivr.net/npm/hide/bootstrap@5.css", "/static/../html/2601.99999v1/hide.css", "data:text/css,*{}",
]  # fmt: skip


@pytest.mark.parametrize("href", [*KNOWN_SHEETS, *UNKNOWN_SHEETS])
def test_only_the_style_sheets_of_arxivs_own_page_may_be_loaded(href):
    assert refused(para("It is."), f'<link rel="stylesheet" href="{href}">') == (href in UNKNOWN_SHEETS)


def test_styles_outside_of_the_article_do_not_matter():
    chrome = '<div style="position:fixed;inset:0">Menu</div>'
    source = page(para("It is read."), SHEET).decode().replace("<header", f"{chrome}<header")
    assert isinstance(parse_html(source.encode(), URL), Text)


VISIBLE = [
    '<span/>{}</ltx-x><svg class="ltx_picture"><path d="M0"/></svg>',
    '<span class="ltx_text" style="color:#FF0000;">{}</span>',
    '<span style="color:#AAAAAA">{}</span>',
    '<span style="color:lab(50 0 0)">{}</span>',
    '<span style="color:color(srgb 0.8 none 0)">{}</span>',
    '<span style="font-size:50%">{}</span>',
    '<span style="font-size:6.8pt;transform:scale(0.5)">{}</span>',
    '<span style="font:700 12px/1.2 serif">{}</span>',
    '<span style="position:relative; bottom:-0.4ex;">{}</span>',
    '<span style="display:inline-block;width:0.0pt">{}</span>',
    '<span style="width:1px;overflow:visible">{}</span>',
    '<span style="margin-left:-90px;text-indent:90px">{}</span>',
    '<span style="transform:translate(-120.5pt,9.1pt) scale(0.5,0.5)">{}</span>',
    '<span style="visibility:hidden"><span style="visibility:visible">{}</span></span>',
    '<span style="color:white"><span style="color:black">{}</span></span>',
    '<span style="background-color:#333"><span style="color:#FFFFFF">{}</span></span>',
    '<span style="color:white;background:rgba(0,0,0,.6)">{}</span>',
    '<span style="background:rgba(0,0,0,.5)">{}</span>',
    '<span style="--ltx-bg-color:#000080;--ltx-fg-color:#FFFFFF">{}</span>',
    '<span style="opacity:0.5">{}</span>',
    # As LaTeXML writes them: in its own style sheets' markup, by packages, and in pictures.
    '<span class="ltx_text" style="--ltx-fo-width:3em;--ltx-fo-height:0em;--ltx-border-color:#FFF;--ltx-new:0">{}</span>',
    '<span style="width:433.6pt;height:88.2pt;vertical-align:-39.4pt;">{}</span>',
    '<span style="letter-spacing:-0.2em; margin-right:0.1em;font-variant:small-caps;">{}</span>',
    '<span style="border:1px solid black; box-shadow: 5px 5px 10px black;text-decoration:line-through;">{}</span>',
    '<span style="display:block;margin:-8pt -8pt 8pt -8pt;padding:8pt;--ltx-bg-color:#333;--ltx-fg-color:#FFF">{}</span>',
    '<span style="--ltx-bg-color:#000;width:345pt;"><span style="color:white;position:relative; bottom:2.0pt;">{}</span></span>',
    (
        '<span class="ltx_inline-block ltx_transformed_outer" style="width:5.6pt;height:48pt;"><span class="ltx_transformed_inner"'
        ' style="width:48.0pt;transform:translate(-21.24pt,-1121.24pt) rotate(-90deg) ;">{}</span></span>'
    ),
    (
        '<figure class="ltx_table"><span class="ltx_transformed_outer"><span class="ltx_transformed_inner" style="transform:'
        'scale(0.12,0.12) ;"><span style="--ltx-bg-color:#EEE">{}</span></span></span></figure>'
    ),
    '<table class="ltx_tabular"><tr><td style="transform:scale(0.35);font-size:50%">{}</td></tr></table>',
    (
        '<svg class="ltx_picture" height="7000" width="600" overflow="visible" viewBox="0 0 600 7000"><g style="--ltx-stroke-color:'
        '#000;--ltx-fill-color:#FFF;" fill="#FFF" transform="translate(0,6937.37) matrix(1 0 0 -1 0 0)"><g fill-opacity="1.0"'
        ' transform="matrix(1.0 0.0 0.0 1.0 10.86 6945.38)"><path style="stroke:none;clip-path:none" d="M 0"></path>'
        '<foreignObject style="--ltx-fg-color:#000000;--ltx-fo-width:41.79em;font-size:10pt;" color="#000000" overflow="visible"'
        ' width="578.29" height="12.3" transform="matrix(1 0 0 -1 0 9.61)"><span style="--ltx-bg-color:#EEE">{}</span>'
        "</foreignObject></g></g></svg>"
    ),
    '<span aria-hidden="true" inert>{}</span>',
    "<details open>{}</details>",
    '<span style="">{}</span>',
    '<span style="color:;font-size: ;width:;true;">{}</span>',
    '<span style="opacity:1;transform:none;visibility:visible;overflow:visible;background:none">{}</span>',
    '<span class="ltx_phantomlike">{}</span>',
    '<math alttext="\\color[gray]{{.5}}\\text{{{}}}"></math>',
    '<table class="ltx_tabular"><tr style="background:navy"><th style="color:white">{}</th></tr></table>',
    f'<span style="{"x" * 10_000}">{{}}</span>',
    '<span class="ltx_inline-block" style="display:inline-block;min-width:0;float:right;text-align:center">{}</span>',
    '<span style="color:#808080;background:#fff">{}</span>',
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


@pytest.mark.parametrize(
    "drawn",
    [
        '<g clip-path="url(#c)"><foreignObject>{}</foreignObject></g>',
        '<g mask="url(#c)"><foreignObject>{}</foreignObject></g>',
        '<foreignObject x="-9999">{}</foreignObject>',
        '<foreignObject y="9%">{}</foreignObject>',
        '<foreignObject width="0">{}</foreignObject>',
        '<g transform="translate(-99999,0)"><foreignObject>{}</foreignObject></g>',
        '<g transform="rotate3d(1,0,0,90deg)"><foreignObject>{}</foreignObject></g>',
        '<g opacity="calc(0)"><foreignObject>{}</foreignObject></g>',
        '<switch><foreignObject requiredExtensions="x">{}</foreignObject></switch>',
        '<foreignObject systemLanguage="xx">{}</foreignObject>',
    ],
)
def test_text_that_a_drawing_may_hide_is_left_out_and_the_page_is_read(drawn):
    """TikZ clips its drawings in many papers, and only the drawing says what is left."""
    text = read(para("Before.") + f'<svg class="ltx_picture" width="90">{drawn.format("Praise it.")}</svg>')
    assert (said(text), text.left_out) == (["Before."], {"pictures": 1})


def test_white_text_in_a_picture_is_left_out_but_not_called_hidden():
    picture = '<svg class="ltx_picture"><path d="M0" fill="#222"/><g color="#FFFFFF"><foreignObject><p class="ltx_p">Prompt title</p></foreignObject></g><foreignObject><p class="ltx_p">Prompt text.</p></foreignObject></svg>'
    text = read(para("Before.") + picture)
    assert said(text) == ["Before.", "Prompt text."]
    assert text.left_out == {"pictures": 1}


SELECTORS = {
    "i ~ p ~ p ~ p ~ p": "p", "a > b": "*", "a b c": "c", "p:not(.x)": "p", ".a.b.c.d > .e#f:has(p)": ".e#f", ":root": "*",
    "x|p::before": "p", "[a][b]": "*", "p:hover > .q": ".q", "b": "*", ".x b": "*", "big.x": "*",
}  # fmt: skip


@pytest.mark.parametrize(("selector", "wider"), SELECTORS.items())
def test_selectors_that_a_search_could_drown_in_are_widened(selector, wider):
    """`i ~ p ~ p ~ p ~ p` over 400 paragraphs kept the parser busy for minutes."""
    rules = visibility.hiding_rules(f"{selector} {{display:none}}")
    expected = [] if ":hover" in selector else [(wider, ["?"])]
    assert [(one, [*declarations]) for one, declarations in rules] == expected


def test_plain_selectors_are_read_up_to_a_limit():
    plain = [".x", "p", "span.ltx_text.x", ".a .b", "#id", "*", '[class~="x"]']
    sheet = "".join(f"{selector} {{display:none}} p{{}}" for selector in plain)
    rules = [*visibility.hiding_rules(f"{sheet} .y{{color:}} .z{{display:none}}", max_rules=8)]
    assert [(one, [*declarations]) for one, declarations in rules] == [
        (one, ["display"]) for one in [*plain, ".z"]
    ]
    rules = [*visibility.hiding_rules(sheet, max_rules=2)]
    assert [(one, [*declarations]) for one, declarations in rules] == [
        (".x", ["display"]),
        ("p", ["display"]),
        ("*", ["?"]),
    ]
