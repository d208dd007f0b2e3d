"""Pages in the markup of LaTeXML's Rust port, which arXiv serves since August 2026, and what they share with older ones."""

import pytest

from pipeline.core.models import Text
from pipeline.extraction.html.parse import parse_html
from tests.extraction.pages import URL, page, para, read, said


def lines(text: Text) -> list[str]:
    return [
        f"<{one.section}> #{one.anchor}: {one.text}"
        for one in text.sentences
        if not one.section.startswith("Filler")
    ]


def with_front_matter(front: str, body: str = para("It is read.")) -> Text:
    source = page(body).decode().replace("The title</h1>", f"The title</h1>{front}", 1)
    text = parse_html(source.encode(), URL)
    assert isinstance(text, Text)
    return text


# Front matter


@pytest.mark.parametrize(
    "note",
    [
        '<span class="ltx_pubnotes ltx_pubnotes_meta"><span class="ltx_pubnote ltx_role_doi">DOI: 1</span>2</span>',
        '<span class="ltx_pubnote ltx_role_conference">Baking ’26</span>',
        '<span class="ltx_note ltx_note_frontmatter ltx_role_slugcomment">To appear in Dough.</span>',
        '<div><span class="ltx_note ltx_note_frontmatter ltx_role_pubyear">2026</span></div>',
        '<div class="ltx_note ltx_role_shortheadings">Loaves 3, pages 1–9</div>',
    ],
)
def test_notes_on_the_publication_are_skipped_and_counted(note):
    text = with_front_matter(note)
    assert lines(text) == ["<1 First> #S1.p1: It is read."]
    assert text.left_out == {"publication": 1}


@pytest.mark.parametrize(
    "note",
    [
        '<span class="ltx_note ltx_note_frontmatter ltx_thanks_address ltx_role_thanks">Present address: Oven 3</span>',
        '<span class="ltx_note ltx_thanks_corresponding">Write to Ann.</span>',
        '<span class="ltx_annotated_personname"><span class="ltx_personname">Ann</span></span>',
        '<span class="ltx_creator ltx_role_author"><span class="ltx_personname">Ann</span></span>',
        '<span class="ltx_contact ltx_role_affiliation"><span class="ltx_contact_name">At: </span>Oven 3</span>',
    ],
)
def test_authors_and_thanks_outside_of_the_list_of_authors_are_counted_as_authors(note):
    text = with_front_matter(note)
    assert lines(text) == ["<1 First> #S1.p1: It is read."]
    assert text.left_out == {"authors": 1}


@pytest.mark.parametrize("role", ["footnote", "footnotetext", "endnote"])
def test_a_note_before_the_first_section_is_in_no_section(role):
    note = f'<span id="f1" class="ltx_note ltx_role_{role}"><span class="ltx_note_content">Both kneaded.</span></span>'
    assert lines(with_front_matter(note)) == ["<> #f1: Both kneaded.", "<1 First> #S1.p1: It is read."]


def test_a_note_stays_in_the_section_it_stands_in():
    note = '<span id="f2" class="ltx_note ltx_role_footnotetext">A note.</span>'
    body = (
        f'{para("One.")}{note}<section id="S1.SS1"><h3 class="ltx_title">1.1 Sub</h3>{para("Two.")}</section>'
    )
    assert lines(read(body)) == [
        "<1 First> #S1.p1: One.",
        "<1 First> #f2: A note.",
        "<1 First › 1.1 Sub> #S1.p1: Two.",
    ]


def test_the_abstract_and_acknowledgments_are_linked_by_their_ids():
    front = (
        '<div id="abstract1" class="ltx_abstract"><h6 class="ltx_title">Abstract.</h6><p id="abstract1.1" class="ltx_p">We bake.</p>'
        '</div><div id="acknowledgements1" class="ltx_acknowledgements"><h6 class="ltx_title">Acknowledgements.</h6>We thank.</div>'
    )
    assert lines(with_front_matter(front))[:2] == [
        "<Abstract> #abstract1: We bake.",
        "<Acknowledgements> #acknowledgements1: We thank.",
    ]


# Pictures


def label(content: str) -> str:
    return (
        '<g transform="matrix(1 0 0 -1 0 0)"><foreignObject height="12" width="49"><span class="ltx_foreignobject_container">'
        f'<span class="ltx_foreignobject_content">{content}</span></span></foreignObject></g>'
    )


def picture(*labels: str) -> str:
    return f'<svg class="ltx_picture"><g>{"".join(label(one) for one in labels)}</g></svg>'


def minipage(text: str) -> str:
    return f'<span class="ltx_inline-block ltx_minipage"><span class="ltx_p">{text}</span></span>'


FORMULA = '<math alttext="x"></math>'
PARAGRAPH = '<span class="ltx_p">2</span>'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"Press {picture('A', 'B')}, then wait.", "Press A B, then wait."),
        (f"{picture('1')} Mix it.", "1 Mix it."),
        (f"Let {picture(FORMULA)}<span> be</span> {picture('y')}.", "Let $x$ be y."),
        (f"In {picture(PARAGRAPH)} steps.", "In 2 steps."),
    ],
)
def test_a_picture_in_a_line_is_a_part_of_it(line, expected):
    assert said(read(para(line))) == [expected]


@pytest.mark.parametrize("body", [para(picture("Encoder", "12", "Loss")), picture("Encoder", "12", "Loss")])
def test_labels_of_a_picture_that_is_in_no_line_are_parted(body):
    assert said(read(body)) == ["Encoder", "12", "Loss"]


@pytest.mark.parametrize(
    "inside",
    [
        picture("0", "20", "epochs"),
        f'<p class="ltx_p">{picture("0", "20")}</p>',
        f"<span>{picture('Oven')}</span>",
    ],
)
def test_labels_of_plots_and_diagrams_in_figures_are_no_sentences(inside):
    text = read(
        f'<figure id="F1" class="ltx_figure">{inside}<figcaption class="ltx_caption">Figure 1: Ovens {picture("3")} here.'
        "</figcaption></figure>"
    )
    assert lines(text) == ["<1 First> #F1: Figure 1: Ovens 3 here."]
    assert text.left_out == {"pictures": 1}


def test_paragraphs_in_a_box_are_read_in_a_figure_too():
    box = picture(
        "Prompt", minipage("Bake it.") + minipage("Then wait"), '<pre class="ltx_verbatim">Answer.</pre>'
    )
    assert said(read(f'<figure class="ltx_figure">{box}</figure>')) == [
        "Prompt",
        "Bake it.",
        "Then wait",
        "Answer.",
    ]


# Boxes in a line


def box(inner: str) -> str:
    return f'<span class="ltx_inline-block ltx_transformed_outer"><span class="ltx_transformed_inner">{inner}</span></span>'


@pytest.mark.parametrize(
    "line",
    [
        '<p class="ltx_p">{}</p>',
        '<figure class="ltx_figure"><figcaption class="ltx_caption">{}</figcaption></figure>',
        '<p class="ltx_p"><span class="ltx_note ltx_role_footnote"><span class="ltx_note_content">{}</span></span></p>',
        '<table class="ltx_tabular"><tr class="ltx_tr"><td class="ltx_td">{}</td></tr></table>',
    ],
)
def test_a_paragraph_boxed_into_a_line_does_not_end_it(line):
    super_, small = box('<span class="ltx_p">super</span>'), box('\n<span class="ltx_p">small</span>\n')
    assert said(read(line.format(f"A {super_}set, {small}."))) == ["A superset, small."]


@pytest.mark.parametrize(
    "line", ['<p class="ltx_p">{}</p>', '<figure class="ltx_figure"><p class="ltx_p">{}</p></figure>']
)
def test_boxes_side_by_side_without_a_line_of_text_stay_apart(line):
    boxes = box('<span class="ltx_p">Left text</span>') + " " + box('<span class="ltx_p">Right text</span>')
    assert said(read(line.format(boxes))) == ["Left text", "Right text"]


def test_paragraphs_in_a_box_of_several_stay_apart():
    boxed = box('<span class="ltx_p">First point</span>\n<span class="ltx_p">Second point</span>')
    assert said(read(para(boxed))) == ["First point", "Second point"]


# Tables of spans


def cell(text: str, columns: int = 1, rows: int = 1) -> str:
    spans = f" ltx_colspan ltx_colspan_{columns}" * (columns > 1) + f" ltx_rowspan ltx_rowspan_{rows}" * (
        rows > 1
    )
    return f'<span class="ltx_td ltx_align_center{spans}">{text}</span>'


def table(*rows: str, wrap: str = "{}") -> str:
    body = "".join(f'<span class="ltx_tr">{row}</span>\n' for row in rows)
    return wrap.format(f'<span id="T1.1" class="ltx_tabular"><span class="ltx_tbody">{body}</span></span>')


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        '<p class="ltx_p"><span class="ltx_text" style="font-size:80%;">{}</span></p>',
        box('<span class="ltx_p">{}</span>'),
    ],
)
def test_numbers_stand_under_their_heads_in_three_rows_of_heads(wrap):
    rows = (
        cell("Oven", rows=3) + cell("Loss", columns=4),
        cell("rye", columns=2) + cell("oat", columns=2),
        cell("day") + cell("night") + cell("day") + cell("night"),
        cell("stone") + cell("1.5") + cell("2.5") + cell("3.5") + cell("4.5"),
    )
    assert said(read(f'<figure class="ltx_table">{table(*rows, wrap=wrap)}</figure>')) == [
        "Oven | Loss | Loss | Loss | Loss",
        "Oven | rye | rye | oat | oat",
        "Oven | day | night | day | night",
        "stone | 1.5 | 2.5 | 3.5 | 4.5",
    ]


def test_rows_that_share_a_cell_or_begin_with_an_empty_one_keep_their_columns():
    rows = (
        cell("") + cell("kg", columns=2),
        cell("rye", rows=2) + cell("1") + cell("2"),
        cell("3") + cell("4"),
        cell("both", columns=3),
    )
    assert said(read(table(*rows))) == [" | kg | kg", "rye | 1 | 2", "rye | 3 | 4", "both | both | both"]


def test_an_attribute_decides_over_a_class_and_what_is_no_number_counts_as_one():
    row = '<td class="ltx_td ltx_colspan_3" colspan="2">a</td><td class="ltx_td ltx_colspan_x ltx_rowspan_9999">b</td><td>c</td>'
    assert said(read(f'<table class="ltx_tabular"><tr class="ltx_tr">{row}</tr></table>')) == [
        "a | a | b | c"
    ]


# Equations


def row(*cells: str, name: str = "") -> str:
    return f'<tr id="{name}" class="{"ltx_equation " * bool(name)}ltx_eqn_row">{"".join(cells)}</tr>'


def eqn_cell(content: str, kind: str = "ltx_align_left") -> str:
    return f'<td class="ltx_eqn_cell {kind}" colspan="3">{content}</td>'


TAG = eqn_cell('<span class="ltx_tag ltx_tag_equation">(Primal 1.)</span>', "ltx_eqn_eqno")


def formula(tex: str) -> str:
    return f'<math alttext="{tex}" intent=":literal"></math>'


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("Here it rises. Then it falls.", ["Here it rises.", "Then it falls."]),
        (f"The {formula('h. T')} is heat. So", ["The $h. T$ is heat.", "So"]),
        ("热量在上升。然后下降。", ["热量在上升。", "然后下降。"]),
    ],
)
def test_prose_between_equations_is_split_into_sentences(prose, expected):
    table = (
        f'<table id="E1" class="ltx_equationgroup">{row(eqn_cell(formula("a. B")), eqn_cell(formula("=c")), TAG, name="E1.1")}'
        f"{row(eqn_cell(prose))}{row(eqn_cell(formula('c')), eqn_cell(formula('=d. E')), name='E1.2')}</table>"
    )
    text = read(f'<div id="S1.p1" class="ltx_para">{table}</div>')
    assert said(text) == ["$a. B =c$ (Primal 1.)", *expected, "$c =d. E$"]
    assert [one.anchor for one in text.sentences[: len(expected) + 2]] == [
        "E1.1",
        *["E1"] * len(expected),
        "E1.2",
    ]


@pytest.mark.parametrize(
    "inside",
    [
        '<span class="ltx_ERROR undefined">\\oven</span>\n<p class="ltx_p">It is hot.</p>',
        '<p class="ltx_p">It is <span class="ltx_ERROR undefined">{oven}</span>hot.</p>',
        'It is <span class="ltx_ERROR undefined">\\oven</span>hot.',
    ],
)
def test_errors_of_the_converter_are_dropped_wherever_they_stand(inside):
    text = read(f'<div id="S1.p1" class="ltx_para">{inside}</div>')
    assert lines(text) == ["<1 First> #S1.p1: It is hot."]
    assert text.left_out == {"unconverted": 1}


# Lists


def item(tag: str, content: str, element: str = "li") -> str:
    return (
        f'<{element} class="ltx_item"><span class="ltx_tag ltx_tag_item">{tag}</span> {content}</{element}>'
    )


@pytest.mark.parametrize("tag", ["1.", "(b)", "iv)", "Step 2.", "<span class='ltx_text'>RQ1.</span>", "[A3]"])
@pytest.mark.parametrize(
    "nest", ["{}", '<p class="ltx_p">{}</p>', '<div id="p" class="ltx_para"><p class="ltx_p">{}</p></div>']
)
def test_the_label_of_an_item_belongs_to_its_first_sentence(tag, nest):
    listed = f'<ol class="ltx_enumerate">{item(tag, nest.format("Weigh it. Then wait."))}</ol>'
    plain = tag.split(">")[-2].removesuffix("</span") if "<" in tag else tag
    assert said(read(listed)) == [f"{plain} Weigh it.", "Then wait."]


@pytest.mark.parametrize("kind", ["item", "enumerate", "itemize", "description"])
def test_labels_of_older_lists_are_labels(kind):
    listed = item("(1)", para("Mix it.")).replace("ltx_tag_item", f"ltx_tag_{kind}")
    assert said(read(f'<ol class="ltx_enumerate">{listed}</ol>')) == ["(1) Mix it."]


def test_labels_of_a_picture_in_a_cell_are_parted():
    assert said(read(table(cell("Oven") + cell(picture("A", "2"))))) == ["Oven | A 2"]


@pytest.mark.parametrize("sign", ["\\bullet", "\\star", "\\blacktriangleright", "-", "{\\bf\\cdot}"])
def test_a_bullet_that_is_a_formula_is_dropped(sign):
    assert said(read(f'<ul class="ltx_itemize">{item(formula(sign), para("Mix."))}</ul>')) == ["Mix."]


@pytest.mark.parametrize("sign", ["\\alpha", "\\Lambda", "\\varepsilon", "\\mathcal{A}", "k_{1}"])
def test_a_letter_that_is_a_formula_is_a_label(sign):
    assert said(read(f'<ul class="ltx_itemize">{item(formula(sign), para("heat."))}</ul>')) == [
        f"${sign}$ heat."
    ]


def test_labels_of_nested_lists_stand_before_the_first_text():
    inner = f'<ol class="ltx_enumerate">{item("(a)", para("Rye."))}{item("(b)", para("Oat."))}</ol>'
    outer = item("1.", inner) + item("2.", para("Wait.") + inner) + item("•", para("Eat."))
    assert said(read(f'<ol class="ltx_enumerate">{outer}</ol>{para("After.")}')) == [
        *("1. (a) Rye.", "(b) Oat.", "2. Wait.", "(a) Rye.", "(b) Oat.", "Eat.", "After."),
    ]


def test_the_terms_of_a_description_stand_before_what_they_describe():
    def term(name):
        return f'<dt class="ltx_item"><span class="ltx_tag ltx_tag_item"><b>{name}</b></span></dt>'

    tabled = f'<dd class="ltx_item">{table(cell("7 kg"))}</dd>'
    described = f'<dd class="ltx_item">{para("is a grain.", "D1")}</dd>'
    listed = f'<dl class="ltx_description">{term("Rye")}{described}{term("Oat")}{term("Spelt")}{described}{term("Bran")}{tabled}{term("Salt")}</dl>'
    text = read(listed + para("After."))
    assert said(text) == ["Rye is a grain.", "Oat", "Spelt is a grain.", "Bran", "7 kg", "Salt", "After."]
    assert text.sentences[0].anchor == "D1"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f'<table class="ltx_equation">{row(eqn_cell(formula("x=1")), name="E1")}</table>', ["(1) $x=1$"]),
        (table(cell("a") + cell("2")), ["a | 2"]),
        ("", []),
        (f'<figure class="ltx_figure">{picture("0", "9")}</figure>', []),
    ],
)
def test_an_item_without_a_sentence_does_not_lend_its_label_to_what_follows(content, expected):
    listed = f'<ol class="ltx_enumerate">{item("(1)", content)}</ol>'
    assert said(read(listed + para("After."))) == [*expected, "After."]


def test_a_list_in_a_note_or_cell_keeps_its_labels_in_place():
    listed = (
        f'<span class="ltx_enumerate">{item("(i)", "Mix.", "span")}{item("(ii)", "Bake.", "span")}</span>'
    )
    noted = f'Do it.<span class="ltx_note ltx_role_footnote">Thus: {listed}</span>'
    assert said(read(para(noted) + table(cell(listed)))) == [
        "Do it.",
        "Thus: (i) Mix.",
        "(ii) Bake.",
        "(i) Mix. (ii) Bake.",
    ]


# Right-to-left text


def test_persian_and_arabic_words_are_whole():
    persian = '<p class="ltx_p" dir="rtl">روش <span class="ltx_text ltx_font_bold">می&zwnj;کند</span>. دقت&#8204;ها 95٫3 است؟</p>'
    arabic = para('\u202bتبلغ الدق\u200fة <math alttext="x"></math>.\u202c')
    assert said(read(persian + arabic)) == ["روش می\u200cکند.", "دقت\u200cها 95٫3 است؟", "تبلغ الدقة $x$."]


# Anchors of listings


def test_a_listing_is_linked_by_its_float_if_it_has_one():
    listing = '<div id="L1" class="ltx_listing"><div class="ltx_listingline">mix</div></div>'
    assert lines(read(f'<figure id="alg1" class="ltx_float">{listing}</figure>')) == ["<1 First> #alg1: mix"]
    assert lines(read(f'<div id="S1.p1" class="ltx_para">{listing}</div>')) == ["<1 First> #L1: mix"]
