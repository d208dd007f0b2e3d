from typing import Any

import pytest

from pipeline.core.models import Text
from tests.extraction.pages import INJECTIONS, RECORDED, said
from tests.extraction.pdfs import BODY, NAMES, build, column, parse_pdf, text

URL = "https://arxiv.org/pdf/2601.99999v1"


def read(pages: list[str], **kind: Any) -> Text:
    found = parse_pdf(build(pages, **kind), URL, seconds=60, megabytes=1024)
    assert isinstance(found, Text), found
    return found


# What is read


def test_the_recorded_paper_reads_as_written_down():
    synthetic = RECORDED / "synthetic"
    found = parse_pdf((synthetic / "2601.99999v1.pdf").read_bytes(), URL, seconds=60, megabytes=1024)
    assert isinstance(found, Text)
    lines = [f"[{one.id}] <{one.section}> #{one.anchor}: {one.text}" for one in found.sentences]
    assert lines == (synthetic / "2601.99999v1.pdf.sentences.txt").read_text().splitlines()
    # By eye: 7 lines before the abstract; 3 page numbers; the white text on two pages; 3 lines of 2 references.
    assert found.left_out == {"authors": 7, "furniture": 3, "hidden": 2, "references": 3}
    assert (found.basis, found.url) == ("pdf", URL)


def test_pages_sections_words_and_references_are_put_in_order():
    head = [text(72, 760, f"A. Author and B. Author {number} of 3") for number in (1, 2, 3)]
    foot = [text(300, 30, str(number)) for number in (1, 2, 3)]
    pages = [
        text(72, 730, "The Title", size=17)
        + text(72, 712, "A. Author")
        + text(72, 690, "Abstract", font="F2", size=12)
        + column(
            72,
            676,
            [
                "We pre-",
                "train a network that is pre-trained on im-",
                "ages, and a GPT-",
                "4o too, a one-",
                "step, fine-",
                "tuned and fine-tuned one. We end.",
            ],
        )
        + text(72, 600, "1 Introduction", font="F2", size=12)
        + column(72, 580, BODY[:15])
        + text(72, 300, "This sentence goes on to the next"),
        text(72, 730, "page and ends there. Then another begins.")
        + text(72, 700, "1.1 Training", font="F2")
        + column(72, 680, BODY[15:]),
        text(72, 730, "6. Limitations", font="F2", size=12)
        + text(72, 710, "It is slow.")
        + text(72, 690, "References", font="F2", size=12)
        + column(72, 676, ["[1] LEAKED, one.", "[2] LEAKED, two.", "in LEAKED."])
        + text(72, 600, "A Proofs", font="F2", size=12)
        + text(72, 580, "It is proven."),
    ]
    found = read([page + head[number] + foot[number] for number, page in enumerate(pages)])
    place = {one.text: (one.section, one.anchor) for one in found.sentences}
    assert place[
        "We pre-train a network that is pre-trained on images, and a GPT-4o too, a onestep, fine-tuned and fine-tuned one."
    ] == (
        "Abstract",
        "page=1",
    )
    assert place[BODY[0]] == ("1 Introduction", "page=1")
    assert place["This sentence goes on to the next page and ends there."] == ("1 Introduction", "page=1")
    assert place["Then another begins."] == ("1 Introduction", "page=2")
    assert place[BODY[15]] == ("1 Introduction › 1.1 Training", "page=2")
    assert place["It is slow."] == ("6. Limitations", "page=3")
    assert place["It is proven."] == ("Appendix › A Proofs", "page=3")
    everything = " ".join(said(found))
    assert "LEAKED" not in everything
    assert "Author" not in everything
    assert found.left_out == {"authors": 2, "furniture": 6, "references": 3}


LEFT = [f"Left line {name} says at some length what it says." for name in NAMES]
RIGHT = [f"Right line {name} says at some length what it says." for name in NAMES]
HALVES = [
    (text(50, 700 - 12 * n, one, size=9), text(320, 700 - 12 * n, two, size=9))
    for n, (one, two) in enumerate(zip(LEFT, RIGHT, strict=True))
]


@pytest.mark.parametrize(
    "content",
    [
        "".join(left + right for left, right in HALVES),
        "".join(right for _, right in HALVES) + "".join(left for left, _ in HALVES),
        "".join(left for left, _ in HALVES) + "".join(right for _, right in HALVES),
    ],
    ids=["row by row", "right column first", "in order"],
)
def test_two_columns_are_read_one_after_the_other(content):
    top = text(50, 730, "A line above both columns goes all the way across the page, from left to right.")
    assert said(read([top + content])) == [
        "A line above both columns goes all the way across the page, from left to right.",
        *LEFT,
        *RIGHT,
    ]


def test_rows_of_a_table_are_sentences_and_exponents_are_set_apart():
    rows = [["Method", "PSNR", "SSIM"], ["Ours", "30.5", "0.88"]]
    table = "".join(
        text(72 + 120 * x, 700 - 14 * y, cell) for y, row in enumerate(rows) for x, cell in enumerate(row)
    )
    power = "BT /F1 10 Tf 72 640 Td (It takes 10) Tj 4 Ts /F1 7 Tf (4) Tj 0 Ts /F1 10 Tf ( steps.) Tj ET\n"
    found = said(read([table + power + column(72, 600, BODY)]))
    assert found[:3] == ["Method | PSNR | SSIM", "Ours | 30.5 | 0.88", "It takes 10^4 steps."]


def raised(
    base: str, *exponent: tuple[str, str], rise: int = 4, then: str = " of it.", size: float = 7
) -> str:
    """A line whose exponent is set in these fonts: F1 is Helvetica, F2 the second font of the file."""
    small = "".join(f"/{font} {size} Tf ({words}) Tj " for font, words in exponent)
    return f"BT /F1 10 Tf 72 640 Td ({base}) Tj {rise} Ts {small} 0 Ts /F1 10 Tf ({then}) Tj ET\n"


@pytest.mark.parametrize(
    ("content", "second_font", "expected"),
    [
        (raised("It is 10", ("F2", "-"), ("F1", "4")), "Symbol", "It is 10^−4 of it."),
        (raised("It is 3 x 10", ("F2", "-"), ("F1", "12")), "Symbol", "It is 3 x 10^−12 of it."),
        (raised("It is e", ("F2", "-"), ("F1", "x")), "Symbol", "It is e^−x of it."),
        (raised("It is 10", ("F1", "-5")), "Symbol", "It is 10^-5 of it."),
        (raised("It is 10", ("F1", "\\261"), ("F1", "6")), "Symbol", "It is 10^–6 of it."),  # an en dash
        (raised("It is 10", ("F2", "-"), ("F1", "7")), "Helvetica-Bold", "It is 10^-7 of it."),
        (raised("It is 10", ("F1", "-"), ("F2", "8")), "Helvetica-Bold", "It is 10^-8 of it."),
        (raised("It is Ca", ("F1", "2+")), "Symbol", "It is Ca^2+ of it."),
        (raised("It is the n", ("F1", "th"), then=" one."), "Symbol", "It is the nth one."),
        (raised("It is 10", ("F2", "-"), ("F1", "4"), rise=0), "Symbol", "It is 10−4 of it."),
        (raised("It is 10", ("F1", "-4"), size=9), "Symbol", "It is 10^-4 of it."),
        (raised("It is 5 km s", ("F2", "-"), ("F1", "1"), size=9.2), "Symbol", "It is 5 km s^−1 of it."),
        (raised("It is m", ("F1", "3"), size=9), "Symbol", "It is m^3 of it."),
        (raised("It is No", ("F1", "4"), size=9, rise=2), "Symbol", "It is No4 of it."),
    ],
)
def test_an_exponent_keeps_its_mark_and_its_sign(content, second_font, expected):
    assert expected in said(read([column(72, 620, BODY) + content], fonts=["Helvetica", second_font]))


@pytest.mark.parametrize(
    ("base", "exponent", "rise", "then", "expected"),
    [
        ("x", "-4", 4, " of it.", "It is x^-4 of it."),
        ("K", "2n", 3, "d/2 of it.", "It is K^2nd/2 of it."),
        ("10", "\\2613", 4, " of it.", "It is 10^–3 of it."),
        ("the n", "th", 4, " one.", "It is the nth one."),
        ("x", "2", -2, " of it.", "It is x2 of it."),
    ],
)
def test_an_exponent_keeps_its_mark_where_a_run_begins_with_it(base, exponent, rise, then, expected):
    """It does where only what stands before it is bold, or on a line of its own for pdfium."""
    content = (
        f"BT /F1 10 Tf 72 640 Td (It is ) Tj /F2 10 Tf ({base}) Tj "
        f"{rise} Ts /F1 7 Tf ({exponent}) Tj 0 Ts /F1 10 Tf ({then}) Tj ET\n"
    )
    assert expected in said(read([column(72, 620, BODY) + content]))


def test_a_sign_that_its_font_does_not_name_leaves_a_mark():
    sign = "BT /F1 10 Tf 72 640 Td (It is ) Tj /F2 10 Tf (\\017) Tj /F1 10 Tf (-private.) Tj ET\n"
    assert "It is �-private." in said(read([column(72, 620, BODY) + sign], fonts=["Helvetica", "CMMI10"]))


def test_text_that_stands_another_way_is_left_out_and_a_turned_page_is_not():
    stamp = "BT 0 1 -1 0 30 200 Tm /F1 20 Tf (arXiv:2601.99999v1 [cs.CV] 30 Jan 2026) Tj ET\n"
    found = read([column(72, 700, BODY) + stamp])
    assert said(found) == BODY
    assert found.left_out == {"rotated": 1}
    lines = [
        f"BT 0 1 -1 0 {100 + 12 * number} 72 Tm /F1 10 Tf ({line}) Tj ET\n"
        for number, line in enumerate(BODY)
    ]
    turned = read(["".join(lines)], page="/Rotate 90")
    assert said(turned) == BODY
    assert turned.left_out == {}


@pytest.mark.parametrize(("x", "size"), [(58, 7), (55, 10), (57, 8)])
@pytest.mark.parametrize("every", [1, 3])
def test_line_numbers_so_near_that_pdfium_joins_them_to_the_text_are_dropped(
    x: float, size: float, every: int
):
    lines = ["Abstract", *BODY, *BODY[:7]]
    page = "".join(
        (text(x, 700 - 20 * n, str(n + 1), size=size) if (n + 1) % every == 0 else "")
        + text(72, 700 - 20 * n, line, font="F1" if n else "F2")
        for n, line in enumerate(lines)
    )
    found = read([page])
    assert said(found) == lines[1:]
    assert {one.section for one in found.sentences} == {"Abstract"}
    assert found.left_out == {"furniture": len(lines) // every}


def test_numbers_at_the_edge_of_the_text_are_read():
    years = [f"{2000 + n}" for n in range(8)]
    page = "".join(
        text(72, 700 - 20 * n, year) + text(101, 700 - 20 * n, BODY[n]) for n, year in enumerate(years)
    )
    found = read([page + column(72, 500, BODY[8:])])
    assert said(found)[:8] == [f"{year} {line}" for year, line in zip(years, BODY, strict=False)]
    assert found.left_out == {}


def test_private_and_control_characters_are_dropped():
    found = read([column(72, 700, BODY) + text(72, 300, "It is\x07 here.")])
    assert all(one.isprintable() for one in said(found))


# What a reader cannot see

HIDING: dict[str, Any] = {
    "white": {"before": "1 g"},
    "nearly white": {"before": "0.97 0.98 0.96 rg"},
    "white in CMYK": {"before": "0 0 0 0 k"},
    "invisible mode": {"before": "3 Tr"},
    "white outline": {"before": "1 Tr 1 G"},
    "transparent": {"before": "/Clear gs"},
    "tiny": {"size": 0.1},
    "tiny by its matrix": {"before": "0.01 0 0 0.01 72 300 cm"},
}


def test_hidden_text_is_not_read_in_whatever_way_it_is_hidden():
    pages = []
    for way in HIDING.values():
        lines = "".join(text(72, 300 - 12 * n, string, **way) for n, string in enumerate(INJECTIONS))
        pages.append(column(72, 680, BODY) + lines)
    found = read(pages)
    for number, way in enumerate(HIDING, start=1):
        here = [one.text for one in found.sentences if one.anchor == f"page={number}"]
        assert here == BODY, way
    assert found.left_out == {"hidden": len(HIDING)}


def test_text_off_the_page_is_not_read():
    away = text(-900, 300, INJECTIONS[0]) + text(72, 2000, INJECTIONS[1])
    found = read([column(72, 700, BODY) + away])
    assert said(found) == BODY


def test_white_text_on_something_dark_is_read():
    bar = "q 0.1 0.1 0.4 rg 60 290 400 30 re f Q " + text(
        72, 300, "A white title on a dark bar.", before="1 g"
    )
    found = read([column(72, 700, BODY) + bar])
    assert "A white title on a dark bar." in said(found)
    assert found.left_out == {}


DARK = "q 0.1 0.1 0.4 rg 60 290 400 30 re f Q\n"
SEEN: dict[str, tuple[str, dict[str, Any]]] = {
    "on a dark box": (DARK + text(72, 300, "It is seen.", before="1 g"), {}),
    "on a gray box": (
        DARK.replace("0.1 0.1 0.4", "0.7 0.7 0.7") + text(72, 300, "It is seen.", before="1 g"),
        {},
    ),
    "in a form, on a box of it": ("/Form Do\n", {"form": DARK + text(72, 300, "It is seen.", before="1 g")}),
    "on a box in a form": ("/Form Do\n" + text(72, 300, "It is seen.", before="1 g"), {"form": DARK}),
    "beside a later box": (text(72, 330, "It is seen.") + DARK.replace("0.1 0.1 0.4", "1 1 1"), {}),
    "in its clip": ("q 60 290 400 30 re W n\n" + text(72, 300, "It is seen.") + "Q\n", {}),
    "small": (text(72, 300, "It is seen.", size=3), {}),
    "outlined in black": (text(72, 300, "It is seen.", before="1 g 2 Tr 0 G"), {}),
    "half transparent": (text(72, 300, "It is seen.", before="/Half gs"), {}),
}


@pytest.mark.parametrize("way", SEEN)
def test_text_that_is_seen_is_read_and_nobody_is_accused(way):
    content, kind = SEEN[way]
    found = read([column(72, 700, BODY) + content], **kind)
    assert "It is seen." in said(found)
    assert found.left_out == {}


UNSEEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "white on a white box": (
        DARK.replace("0.1 0.1 0.4", "1 1 1") + text(72, 300, "LEAKED text", before="1 g"),
        {},
        "hidden",
    ),
    "dark on dark": (DARK + text(72, 300, "LEAKED text", before="0.1 0.1 0.4 rg"), {}, "hidden"),
    "under a white box": (text(72, 300, "LEAKED text") + DARK.replace("0.1 0.1 0.4", "1 1 1"), {}, "hidden"),
    "under a white box with a text on it": (
        text(72, 300, "LEAKED text") + DARK.replace("0.1 0.1 0.4", "1 1 1") + text(72, 300, "A plain text."),
        {},
        "hidden",
    ),
    "white between black lines": (
        text(72, 300, "A plain text.") + text(72, 305, "LEAKED text", before="1 g"),
        {},
        "hidden",
    ),
    "one point high": (text(72, 300, "LEAKED text", size=1), {}, "hidden"),
    "out of its clip": ("q 100 300 200 80 re W n\n" + text(320, 250, "LEAKED text") + "Q\n", {}, "pictures"),
    "off the page": (text(640, 760, "LEAKED text"), {}, "pictures"),
    "in a form, under a box of it": (
        "/Form Do\n",
        {"form": text(72, 300, "LEAKED text") + DARK.replace("0.1 0.1 0.4", "1 1 1")},
        "pictures",
    ),
    "in a form, out of a clip": (
        "/Form Do\n",
        {"form": "q 100 300 200 80 re W n\n" + text(320, 250, "LEAKED text") + "Q\n"},
        "pictures",
    ),
}


@pytest.mark.parametrize("way", UNSEEN)
def test_text_that_is_not_seen_is_not_read(way):
    content, kind, counted = UNSEEN[way]
    found = read([column(72, 700, BODY) + content], **kind)
    assert "LEAKED" not in " ".join(said(found))
    assert found.left_out == {counted: 1}


def test_white_text_in_a_picture_is_left_out_but_not_called_hidden():
    found = read(
        [column(72, 700, BODY) + "/Form Do\n"], form=text(72, 300, "A label in a figure", before="1 g")
    )
    assert said(found) == BODY
    assert found.left_out == {"pictures": 1}


def test_an_attack_quoted_in_plain_sight_is_read():
    found = read([column(72, 700, [*BODY, f"It says {INJECTIONS[0]}"])])
    assert INJECTIONS[0] in " ".join(said(found))
    assert found.left_out == {}
