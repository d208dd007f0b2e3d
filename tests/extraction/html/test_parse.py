from html.parser import HTMLParser

import pytest

from pipeline.core.models import Text
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.sentences import split_sentences
from pipeline.extraction.text import NotReadable
from tests.extraction.pages import FILLER, RECORDED, URL, everything, page, para, read, said

SYNTHETIC = RECORDED / "synthetic"


class Ids(HTMLParser):
    def __init__(self, source: bytes):
        super().__init__()
        self.ids: set[str] = set()
        self.feed(source.decode())

    def handle_starttag(self, tag, attrs):
        self.ids.update(value for name, value in attrs if name == "id" and value)


# The recorded paper


@pytest.mark.parametrize("name", ["arxiv2026", "arxiv2026.newcolor", "latexml_raw"])
def test_the_recorded_paper_reads_as_written_down(name):
    text = parse_html((SYNTHETIC / f"2601.99999v1.{name}.html").read_bytes(), URL)
    assert isinstance(text, Text)
    lines = [f"[{one.id}] <{one.section}> #{one.anchor}: {one.text}" for one in text.sentences]
    expected = (SYNTHETIC / "2601.99999v1.sentences.txt").read_text().splitlines()
    assert lines == expected
    # Counted in main.tex: one \author block, one white text, two \bibitem; six commands in the converter's log.
    assert text.left_out == {"authors": 1, "hidden": 1, "references": 2, "unconverted": 6}
    assert (text.basis, text.url) == ("html", URL)


@pytest.mark.parametrize("name", ["arxiv2026", "arxiv2026.newcolor", "latexml_raw"])
def test_every_anchor_is_an_id_of_the_page(name):
    source = (SYNTHETIC / f"2601.99999v1.{name}.html").read_bytes()
    text = parse_html(source, URL)
    assert isinstance(text, Text)
    anchors = {one.anchor for one in text.sentences if one.section != "Abstract"}
    assert len(anchors) > 15
    assert anchors <= Ids(source).ids


def test_nothing_of_the_page_around_the_paper_is_read():
    text = parse_html((SYNTHETIC / "2601.99999v1.arxiv2026.html").read_bytes(), URL)
    assert isinstance(text, Text)
    for furniture in (
        "nonprofit",
        "GitHub",
        "License",
        "LaTeXML",
        "References",
        "Journal of Examples",
        "ada@example",
    ):
        assert furniture not in everything(text)


ERRORS = {
    "404_bad_id": "arXiv knows no such paper",
    "404_cannot_build_pdf": "arXiv could not make this page",
    "404_no_html": "arXiv has no HTML of this paper",
    "404_not_found": "arXiv knows no such paper",
    "404_withdrawn": "this version was withdrawn",
    "500_pdf_unavailable": "arXiv could not make this page",
}


def test_all_error_pages_are_tried():
    assert {path.stem for path in (RECORDED / "error_pages").iterdir()} == set(ERRORS)


@pytest.mark.parametrize(("name", "reason"), ERRORS.items())
def test_an_error_page_is_no_paper(name, reason):
    source = (RECORDED / "error_pages" / f"{name}.html").read_bytes()
    assert parse_html(source, URL) == NotReadable(reason)


FATAL = '<!DOCTYPE html><html lang="en"><head><title>Untitled Document</title></head><body><div class="ltx_page_main"></div></body></html>'


@pytest.mark.parametrize(
    "source", [FATAL, "", "<", "plain text", page("x").decode().replace("ltx_document", "ltx_other")]
)
def test_a_page_without_an_article_is_no_paper(source):
    found = parse_html(source.encode(), URL)
    assert isinstance(found, NotReadable)
    assert "holds no paper" in found.reason


@pytest.mark.parametrize(
    "body",
    [
        '<div class="ltx_abstract"><h6 class="ltx_title">Abstract</h6><p class="ltx_p">'
        + "Word. " * 500
        + "</p></div>",
        "Short.",
    ],
)
def test_an_article_that_is_only_an_abstract_is_no_paper(body):
    found = parse_html(page(body).decode().replace(FILLER, "").encode(), URL)
    assert isinstance(found, NotReadable)
    assert "hardly any text" in found.reason


# What is read, and as what


def test_a_footnote_follows_its_paragraph_as_a_sentence_of_its_own():
    note = (
        '<span id="fn1" class="ltx_note ltx_role_footnote"><sup class="ltx_note_mark">1</sup><span class="ltx_note_outer">'
        '<span class="ltx_note_content"><sup class="ltx_note_mark">1</sup><span class="ltx_tag ltx_tag_note">1</span>'
        '<span class="ltx_note_type">footnote: </span>One <math alttext="n"></math> call.</span></span></span>'
    )
    text = read(para(f"It needs steps.{note} We count."))
    assert said(text) == ["It needs steps.", "We count.", "One $n$ call."]
    assert [one.anchor for one in text.sentences[:3]] == ["S1.p1", "S1.p1", "fn1"]


@pytest.mark.parametrize("role", ["footnotemark", "email", "institutetext"])
def test_notes_about_authors_and_mere_marks_are_not_read(role):
    note = f'<span class="ltx_note ltx_role_{role}">drop me</span>'
    assert said(read(para(f"It is{note} one."))) == ["It is one."]


def test_formulas_stay_latex():
    formulas = (
        '<math alttext="a%\n+b\n-\\displaystyle c"><mi>GARBLE</mi></math> and <math><semantics><mi>GARBLE</mi>'
        '<annotation encoding="application/x-tex">x^{2}</annotation></semantics></math> and <math><mi>GARBLE</mi></math>'
    )
    assert said(read(para(f"See {formulas}."))) == ["See $a+b - c$ and $x^{2}$ and ."]


def test_each_line_of_an_equation_is_one_sentence():
    row = (
        '<tbody id="S1.E{n}"><tr class="ltx_equation ltx_eqn_row"><td class="ltx_eqn_cell"></td>'
        '<td class="ltx_td ltx_eqn_cell"><math alttext="\\displaystyle x_{n}"></math></td>'
        '<td class="ltx_td ltx_eqn_cell"><math alttext="\\displaystyle =1. Y"></math></td>'
        '<td class="ltx_eqn_cell ltx_eqn_eqno"><span class="ltx_tag">({n})</span></td></tr></tbody>'
    )
    rows = "".join(row.replace("{n}", str(n)) for n in (1, 2))
    text = read(
        f'<div id="S1.p1" class="ltx_para"><p class="ltx_p">Let</p><table class="ltx_equationgroup">{rows}</table></div>'
    )
    assert [(one.anchor, one.text) for one in text.sentences[:3]] == [
        ("S1.p1", "Let"),
        ("S1.E1", "$x_1 =1. Y$ (1)"),
        ("S1.E2", "$x_2 =1. Y$ (2)"),
    ]


def test_a_table_is_one_sentence_a_row_and_its_heads_stand_above_their_columns():
    table = """<figure id="S1.T1" class="ltx_table"><figcaption class="ltx_caption"><span class="ltx_tag">Table 1: </span>Results. Best is bold.</figcaption>
      <table class="ltx_tabular"><tr class="ltx_tr"><th class="ltx_td" rowspan="2">Method</th><th class="ltx_td" colspan="2">Set. A</th><th class="ltx_td">B</th></tr>
      <tr class="ltx_tr"><th class="ltx_td">P</th><th class="ltx_td">S</th><th class="ltx_td">L</th></tr>
      <tr class="ltx_tr"><td class="ltx_td">Ours</td><td class="ltx_td">1.5</td><td class="ltx_td"></td><td class="ltx_td">
        <table class="ltx_tabular"><tr class="ltx_tr"><td class="ltx_td">2</td><td class="ltx_td">3</td></tr></table></td></tr></table></figure>"""
    text = read(table)
    assert said(text) == [
        "Table 1: Results.",
        "Best is bold.",
        "Method | Set. A | Set. A | B",
        "Method | P | S | L",
        "Ours | 1.5 | | 2 3",
    ]
    assert {one.anchor for one in text.sentences[:5]} == {"S1.T1"}


def test_tables_of_spans_and_plain_tables_are_tables_too():
    spans = '<span class="ltx_tabular"><span class="ltx_tr"><span class="ltx_td">a</span><span class="ltx_td">b</span></span></span>'
    plain = "<table><tbody><tr><td>c</td><td>d</td></tr></tbody></table>"
    assert said(read(para(f"One.{spans} Two.") + plain)) == ["One.", "a | b", "Two.", "c | d"]


def test_list_items_are_sentences_and_only_their_numbers_are_kept():
    items = (
        '<ul id="S1.I1" class="ltx_itemize"><li id="S1.I1.i1" class="ltx_item"><span class="ltx_tag ltx_tag_item">•</span>'
        '<p class="ltx_p">first thing;</p></li><li class="ltx_item"><span class="ltx_tag ltx_tag_item">2.</span>Second thing.</li></ul>'
    )
    text = read(items)
    assert said(text) == ["first thing;", "2. Second thing."]
    assert text.sentences[0].anchor == "S1.I1.i1"


def test_titles_make_a_path():
    body = """<section id="S1.SS2" class="ltx_subsection"><h3 class="ltx_title"><span class="ltx_tag">1.2 </span>Training<span
      class="ltx_note ltx_role_footnote">A note.</span></h3>
      <div id="T1" class="ltx_theorem"><h6 class="ltx_title ltx_runin"><span class="ltx_tag">Theorem 1</span>.</h6>
      <div id="T1.p1" class="ltx_para"><p class="ltx_p">It holds.</p></div></div><div id="S1.SS2.p2" class="ltx_para"><p class="ltx_p">Next.</p></div></section>
      <div id="S1.p9" class="ltx_para"><p class="ltx_p">Back.</p></div>"""
    assert [(one.section, one.anchor, one.text) for one in read(body).sentences[:4]] == [
        ("1 First › 1.2 Training", "S1.SS2", "A note."),
        ("1 First › 1.2 Training › Theorem 1", "T1.p1", "It holds."),
        ("1 First › 1.2 Training", "S1.SS2.p2", "Next."),
        ("1 First", "S1.p9", "Back."),
    ]


def test_a_deep_path_is_shortened():
    body = "".join(f'<section id="X{n}"><h3 class="ltx_title">Level {n}</h3>' for n in range(40)) + para(
        "Deep."
    )
    assert read(body).sentences[0].section == "1 First › Level 38 › Level 39"


@pytest.mark.parametrize("name", ['a"b', "a)b", "1a", "", "x" * 101, "ä"])
def test_an_id_that_could_break_a_link_is_not_used(name):
    body = f"<div id='{name}' class='ltx_para'><p class='ltx_p'>It is said.</p></div>"
    assert read(body).sentences[0].anchor == "S1"


def test_references_are_left_out_wherever_they_stand_and_counted():
    entries = "".join(f'<li id="bib{n}" class="ltx_bibitem">B. Sample. LEAKED {n}.</li>' for n in range(7))
    after = f"""<section id="bib" class="ltx_bibliography"><h2 class="ltx_title">References</h2><ul class="ltx_biblist">{entries}</ul></section>
      <section id="S7"><h2 class="ltx_title">7. References</h2><ul><li>LEAKED one</li><li>LEAKED two</li></ul></section>
      <section id="A1" class="ltx_appendix"><h2 class="ltx_title">Appendix A Proofs</h2>{para("It is proven.", "A1.p1")}</section>"""
    text = read(para("It cites [1]."), after=after)
    assert text.left_out["references"] == 9
    assert "LEAKED" not in everything(text)
    assert text.sentences[-1].section == "Appendix A Proofs"


def test_the_class_of_a_paper_with_one_line_of_authors_is_not_taken_for_its_authors():
    assert said(read(para("It is read."))) == ["It is read."]
    text = read('<div class="ltx_authors"><span class="ltx_personname">LEAKED</span></div>')
    assert "LEAKED" not in everything(text)
    assert text.left_out == {"authors": 1}


def test_unknown_commands_are_dropped_and_counted():
    text = read(para('Use <span class="ltx_ERROR undefined">\\foo</span>it.'))
    assert said(text) == ["Use it."]
    assert text.left_out == {"unconverted": 1}


def test_unseen_characters_are_dropped():
    assert said(read(para("A\u200bB\u00ad \U000e0049C &#8203;D&nbsp;E."))) == ["AB C D E."]


# The main figure


def figure(caption: str, name: str = "S1.F1", *, kind: str = "figure", inner: str = "") -> str:
    tag = f'<span class="ltx_tag ltx_tag_{kind}">{caption.split(": ")[0]}: </span>'
    words = caption.partition(": ")[2]
    return (
        f'<figure id="{name}" class="ltx_{kind}">{inner}'
        f'<figcaption class="ltx_caption ltx_centering">{tag}{words}</figcaption></figure>'
    )


PANEL = (
    '<figure id="S1.F1.sf1" class="ltx_figure ltx_figure_panel"><figcaption class="ltx_caption">'
    '<span class="ltx_tag ltx_tag_figure">(a) </span>A part of it.</figcaption></figure>'
)


@pytest.mark.parametrize(
    ("body", "caption", "anchor"),
    [
        (figure("Figure 1: The whole of it. In two parts."), "Figure 1: The whole of it. In two parts.", "S1.F1"),
        (figure("Figure 1: It is so.").replace(' id="S1.F1"', ""), "Figure 1: It is so.", "S1"),
        (figure("Figure 1: All of it.", inner=PANEL), "Figure 1: All of it.", "S1.F1"),
        (figure("Table 1: Numbers of it.", kind="table") + figure("Figure 1: It is so."), "Figure 1: It is so.", "S1.F1"),
        (figure("Figure 1: ") + figure("Figure 2: It is so.", "S1.F2"), "Figure 2: It is so.", "S1.F2"),
        (figure('Figure 1: It <i>is</i> <math alttext="x"></math> so.'), "Figure 1: It is $x$ so.", "S1.F1"),
        (figure(f"Figure 1: It is so. {'And so on. ' * 50}"), f"Figure 1: It is so. {'And so on. ' * 34}".strip(), "S1.F1"),
    ],
    ids=["first", "in its section", "not a part of it", "no table", "no bare number", "as it is read", "whole sentences"],
)  # fmt: skip
def test_the_first_captioned_figure_is_the_main_one(body: str, caption: str, anchor: str) -> None:
    found = read(body).figure
    assert found is not None
    assert (found.caption, found.url) == (caption, f"{URL}#{anchor}")
    assert all(sentence in said(read(body)) for sentence in split_sentences(caption))


@pytest.mark.parametrize(
    "body",
    [
        para("It has none."),
        f'<figure id="S1.F1" class="ltx_figure">{PANEL}</figure>',
        figure("Table 1: Numbers of it.", kind="table"),
        figure(f"Figure 1: {'It goes on and ' * 40} ends."),
        figure("Figure 1: It is so.").replace("<figcaption", '<figcaption style="display:none"'),
        f'<section class="ltx_appendix" id="A1"><h2 class="ltx_title">Appendix A More</h2>{figure("Figure 1: It is so.")}</section>',
    ],
    ids=["none", "a part", "a table", "no end", "hidden", "an appendix"],
)
def test_other_pages_have_no_main_figure(body: str) -> None:
    assert read(body).figure is None
