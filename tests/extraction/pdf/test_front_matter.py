"""Where the abstract begins, and which notes at the foot of the first page are about the authors."""

import pytest

from tests.extraction.pdfs import BODY, read_runs, runs

NAMES = {
    "English": ["A. Nonym and B. Nonym", "Institute of Sheds, University of Nowhere, 12 Road, Nowhere"],
    "French": ["Jean Dupont, Marie Durand", "Institut de physique, université de Lyon, 69000 Lyon, France."],
    "a long address": [
        "A. Nonym",
        "Institut de physique, université de Lyon, 69000 Lyon, et\nlaboratoire des outils, école des pelles, Nantes.",
    ],
    "a long name": [
        "A. Nonym",
        "Royal Institute of Sheds and Tools, Department of Garden Physics\nand Faculty of Applied Rust Sciences, Royal University of Nowhere.",
    ],
    "dated": ["A. Nonym", "Dept. of Tools, Nowhere", "(Received 3 June 2020; accepted 5 July 2020)"],
    "Chinese": ["王明，李华", "某某大学计算机学院，北京 100000"],
}
ABSTRACTS = {
    "English": [
        "We measure the rust of 312 spades over four winters. Oil halves the rust, and paint",
        "does nothing. We say what that means.",
    ],
    "German": [
        "Wir messen den Rost von 312 Spaten über vier Winter. Das Öl halbiert den Rost, und",
        "die Farbe bewirkt nichts. Wir sagen, was das heißt.",
    ],
    "Russian": [
        "Мы измеряем ржавчину 312 лопат за четыре зимы. Масло уменьшает ее вдвое, а краска",
        "ничего не дает. Мы говорим, что это значит.",
    ],
    "Chinese": [
        "我们测量了三百一十二把铁锹在四个冬天里的锈蚀情况，结果表明上油可以把锈蚀减少一半，",
        "而油漆没有任何作用。我们讨论了这一结果对其他工具的意义。",
    ],
}


def first_page(names, abstract, heading):
    return [
        *runs(110, 750, ["Rust on garden tools"], size=16),
        *[run for n, name in enumerate(names) for run in runs(150 + 25 * n, 725 - 12 * n, name.split("\n"))],
        *runs(110, 680, abstract, size=9, step=11),
        *runs(72, 640, [heading], bold=True, size=12),
        *runs(72, 620, BODY),
    ]


@pytest.mark.parametrize("heading", ["I. INTRODUCTION", "1 Einleitung", "1. Введение", "1 引言"])
@pytest.mark.parametrize("abstract", ABSTRACTS.values(), ids=ABSTRACTS)
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_an_abstract_without_a_heading_is_read(names: list[str], abstract: list[str], heading: str):
    blocks, omitted = read_runs(first_page(names, abstract, heading))
    read = [block.text for block in blocks if block.section_path == ("Abstract",)]
    assert read[0].startswith(abstract[0][:40])
    assert read[-1].endswith(abstract[1][-10:])
    assert omitted["authors"] == 1 + len("\n".join(names).splitlines())
    assert [block.text for block in blocks][len(read) :] == BODY


@pytest.mark.parametrize("heading", ["Abstract", "ABSTRACT", "A B S T R A C T", "Abstract."])
def test_an_abstract_with_a_heading_is_read_from_there(heading: str):
    page = first_page(NAMES["English"], ABSTRACTS["English"], "1 Introduction") + runs(
        110, 695, [heading], size=9, bold=True
    )
    blocks, omitted = read_runs(sorted(page, key=lambda run: -run.bottom))
    assert blocks[0].section_path[0].rstrip(".").upper().replace(" ", "") == "ABSTRACT"
    assert blocks[0].text == "We measure the rust of 312 spades over four winters."
    assert omitted["authors"] == 3


def test_a_bold_abstract_on_the_line_of_its_first_sentence_is_a_heading():
    page = first_page(NAMES["English"], [], "1 Introduction")
    page[3:3] = [
        *runs(110, 680, ["Abstract"], size=9, bold=True),
        *runs(152, 680, ["We measure the rust of 312 spades over four winters."], size=9),
        *runs(110, 669, ["Oil halves it."], size=9),
    ]
    blocks, _ = read_runs(page)
    assert [(block.section_path, block.text) for block in blocks[:2]] == [
        (("Abstract",), "We measure the rust of 312 spades over four winters."),
        (("Abstract",), "Oil halves it."),
    ]


OTHER = {
    "Spanish": [
        "Resumen / Medimos el óxido de 312 palas durante cuatro inviernos. El aceite",
        "lo reduce a la mitad, y una pintura no cambia nada.",
    ],
    "French": [
        "Nous mesurons la rouille de 312 pelles pendant quatre hivers. Une huile",
        "la réduit de moitié, et une peinture ne change rien.",
    ],
    "Chinese": ABSTRACTS["Chinese"],
}


@pytest.mark.parametrize("heading", ["Abstract", "ABSTRACT"])
@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_an_abstract_in_another_language_above_the_abstract_is_read(other: list[str], heading: str):
    page = first_page(NAMES["English"], other, "1 Introduction")
    page[5:5] = runs(110, 655, [heading], size=9, bold=True) + runs(
        110, 644, ABSTRACTS["English"], size=9, step=11
    )
    blocks, omitted = read_runs(page)
    assert blocks[0].text.startswith(other[0][:30])
    assert {block.section_path for block in blocks[:2]} == {("Abstract",)}
    assert "We measure the rust of 312 spades over four winters." in [block.text for block in blocks]
    assert omitted["authors"] == 3


@pytest.mark.parametrize(("x", "size"), [(72, 9), (110, 8)], ids=["set further out", "set smaller"])
def test_a_note_above_the_abstract_in_another_type_is_none(x: float, size: float):
    note = [
        "This is a draft of a paper that has not been read by anybody else, and its words may still",
        "change.",
    ]
    page = first_page(NAMES["English"], [], "1 Introduction")
    page[3:3] = (
        runs(x, 700, note, size=size)
        + runs(110, 675, ["Abstract"], size=9, bold=True)
        + runs(110, 664, ABSTRACTS["English"], size=9, step=11)
    )
    blocks, omitted = read_runs(page)
    assert blocks[0].text == "We measure the rust of 312 spades over four winters."
    assert omitted["authors"] == 5


HALVES = {
    "English": ["We measure the rust of 312 spades over", "four winters. Oil halves the rust,", "and paint does nothing in sheds."],
    "German": ["Wir messen den Rost von 312 Spaten in", "vier Wintern. Öl halbiert den Rost, und", "eine Farbe bewirkt nichts im Schuppen."],
    "Russian": ["Мы измеряем ржавчину 312 лопат за", "четыре зимы. Масло уменьшает ее вдвое,", "а краска ничего не дает даже в сухом сарае."],
}  # fmt: skip


@pytest.mark.parametrize("lines", HALVES.values(), ids=HALVES)
def test_an_abstract_without_a_heading_goes_on_in_the_next_column(lines: list[str]):
    names = runs(72, 750, ["Rust on garden tools"], size=16) + runs(150, 725, ["A. Nonym"])
    page = (
        names + runs(72, 690, lines[:2], size=11) + runs(330, 690, lines[2:], size=11) + runs(72, 650, BODY)
    )
    blocks, omitted = read_runs(page)
    read = [block.text for block in blocks if block.section_path == ("Abstract",)]
    assert read[0].startswith(lines[0])
    assert read[-1].endswith(lines[2])
    assert omitted["authors"] == 2


def test_a_line_close_above_an_abstract_is_no_part_of_it():
    page = first_page(NAMES["English"], [], "1 Introduction")
    page[3:3] = runs(118, 693, ["Contact: a.nonym@sheds.example"], size=9) + runs(
        110, 680, ABSTRACTS["English"], size=9, step=10
    )
    blocks, omitted = read_runs(page)
    assert blocks[0].text == "We measure the rust of 312 spades over four winters."
    assert omitted["authors"] == 4


def test_what_stands_above_the_first_lines_of_an_extract_is_read():
    table = [run for x in (72, 200, 330) for run in runs(x, 750, ["Tool"])] + runs(
        72, 730, ["Table 1: Tools"]
    )
    blocks, omitted = read_runs(table + runs(72, 700, ABSTRACTS["English"], size=9) + runs(72, 640, BODY))
    assert not omitted["authors"]
    assert blocks[0].text == "Tool | Tool | Tool"


# A first column that ends in mid-sentence, above notes, and a second.
LEFT = ["The spades were kept in one", "shed, and those that were left", "outside had rusted by the"]
RIGHT = ["end of winter. Nobody had", "expected it from tools as", "well oiled as these were."]
FOREIGN = {
    "ACM": ["Permission to make copies of all or part of", "this work is granted. © 2026 ACM 978-1-4503"],
    "IEEE": ["978-1-7281-1234-5/26/$31.00 © 2026 IEEE"],
    "thanks": ["Manuscript received March 14, 2018. A. Nonym is", "with the Institute of Sheds, Nowhere."],
    "address": ["1Institute of Sheds, University of Nowhere,", "Road 12, Nowhere. 2Royal School of Rakes."],
    "Spanish": ["Recibido el 3 de junio. Los autores trabajan", "en el Instituto de Palas."],
}


def columns(notes, size=7):
    top = (
        runs(72, 740, ["Abstract"], bold=True)
        + runs(72, 725, [*BODY[:3]])
        + runs(72, 680, ["1 Introduction"], bold=True)
    )
    left = runs(72, 660, ["Nobody had counted the spades that"] * 30 + ["rusted in sheds."] + LEFT, step=16)
    return top + left + runs(72, 90, notes, size=size, step=9) + runs(330, 660, RIGHT, step=16)


@pytest.mark.parametrize("notes", FOREIGN.values(), ids=FOREIGN)
def test_notes_on_the_authors_at_the_foot_of_a_column_are_left_out(notes: list[str]):
    blocks, omitted = read_runs(columns(notes))
    texts = [block.text for block in blocks]
    assert (
        "The spades were kept in one shed, and those that were left outside had rusted by the end of winter."
        in texts
    )
    assert omitted["authors"] == len(notes)
    assert not any(note in text for note in notes for text in texts)


@pytest.mark.parametrize(
    "note", ["1We count a spade with a hole as two.", "*A spade with a hole counts as two."]
)
def test_footnotes_of_the_first_page_are_read(note: str):
    blocks, omitted = read_runs(columns([note]))
    assert note in [block.text for block in blocks]
    assert not omitted["authors"]


def test_small_type_within_the_text_of_the_first_page_is_read():
    quotation = ["Whoever owns a spade owns rust, and", "whoever owns a rake owns two."]
    page = [run for run in columns([]) if run.bottom > 300 or run.left > 300]
    page += runs(72, 280, quotation, size=8, step=10) + runs(72, 240, BODY[6:14])
    blocks, omitted = read_runs(page)
    assert " ".join(quotation) in [block.text for block in blocks]
    assert not omitted["authors"]
