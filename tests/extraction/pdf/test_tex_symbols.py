"""TeX's mathematical fonts, of which pdfium gives codes; the codes are those of `plain.tex` and of the fonts' own tables."""

import unicodedata

import pytest

from pipeline.extraction.pdf.tex_symbols import symbols_of
from tests.extraction.pages import said
from tests.extraction.pdf.test_parse import read
from tests.extraction.pdfs import BODY, column

# Glyphs by their names in the Type 1 fonts of the AMS, and what Unicode calls the character.
GLYPHS = {
    "CMMI10": {
        0x0F: "GREEK LUNATE EPSILON SYMBOL",  # epsilon1
        0x25: "GREEK RHO SYMBOL",  # rho1
        0x3A: "FULL STOP",  # period
        0x3B: "COMMA",  # comma
        0x60: "SCRIPT SMALL L",  # lscript
    },
    "CMSY10": {
        0x00: "MINUS SIGN",  # minus
        0x05: "DIAMOND OPERATOR",  # diamondmath
        0x06: "PLUS-MINUS SIGN",  # plusminus
        0x07: "MINUS-OR-PLUS SIGN",  # minusplus
        0x0C: "CIRCLED DOT OPERATOR",  # circledot
        0x14: "LESS-THAN OR EQUAL TO",  # lessequal
        0x1A: "SUBSET OF",  # propersubset
        0x27: "ASYMPTOTICALLY EQUAL TO",  # similarequal
        0x3F: "UP TACK",  # perpendicular
        0x68: "MATHEMATICAL LEFT ANGLE BRACKET",  # angbracketleft
        0x74: "SQUARE CUP",  # unionsq
        0x75: "SQUARE CAP",  # intersectionsq
    },
    "CMEX10": {
        0x1A: "LEFT CURLY BRACKET",  # braceleftbigg
        0x49: "CONTOUR INTEGRAL",  # contintegraldisplay
        0x50: "N-ARY SUMMATION",  # summationtext
        0x5A: "INTEGRAL",  # integraldisplay
        0x5E: "LOGICAL AND",  # logicalanddisplay
    },
}
CASES = [(font, code, name) for font, glyphs in GLYPHS.items() for code, name in glyphs.items()]


@pytest.mark.parametrize(("font", "code", "name"), CASES)
def test_the_code_of_a_glyph_gives_its_character(font, code, name):
    assert symbols_of(font)[code] == unicodedata.lookup(name)


@pytest.mark.parametrize(
    ("font", "same_as"),
    [
        ("ABCDEF+CMMI7", "CMMI10"),
        ("CMMIB10", "CMMI10"),
        ("LMMathItalic10-Regular", "CMMI10"),
        ("CMBSY10", "CMSY10"),
        ("XYZABC+LMMathSymbols8-Regular", "CMSY10"),
        ("LMMathExtension10-Regular", "CMEX10"),
    ],
)
def test_a_font_is_known_by_its_name(font, same_as):
    assert symbols_of(font) == symbols_of(same_as) != {}


@pytest.mark.parametrize("font", ["CMR10", "Helvetica", "MyCMSY10", "CMSY", "abc+CMMI10", "CMSSBX10", ""])
def test_other_fonts_have_no_symbols(font):
    assert symbols_of(font) == {}


@pytest.mark.parametrize(
    ("font", "code", "expected"),
    [
        ("CMMI10", 0x0F, "aϵb"),
        ("CMSY10", 0x06, "a±b"),
        ("CMSY10", 0x14, "a≤b"),
        ("CMSY10", 0x1C, "a≪b"),
        ("CMEX10", 0x05, "a�b"),  # not in the table: pdfium's bare code would be a control character
        ("CMMI10", 0x05, "a�b"),
        ("CMSY10", 0x02, "a�b"),
        ("Helvetica", 0x05, "a�b"),
    ],
)
def test_a_sign_among_letters_is_read_by_its_code_or_leaves_a_mark(font, code, expected):
    sign = f"BT /F1 10 Tf 72 640 Td (It is ) Tj /F2 10 Tf (a\\{code:03o}b) Tj /F1 10 Tf ( for all.) Tj ET\n"
    page = column(72, 620, BODY) + sign
    assert f"It is {expected} for all." in said(read([page], fonts=["Helvetica", font]))


@pytest.mark.parametrize(
    ("font", "signs", "expected"),
    [
        ("CMMI10", ["\\017"], "It is �-private."),
        ("CMSY10", ["\\024"], "It is �-private."),
        ("LMMathItalic10-Regular", ["\\017"], "It is �-private."),
        ("CMSY10", ["\\024", "\\025"], "It is ��-private."),
        ("Helvetica", ["\\017"], "It is -private."),  # no font of signs: nothing may be missing
    ],
)
def test_a_sign_that_pdfium_leaves_out_leaves_a_mark(font, signs, expected):
    shown = " ".join(f"({sign}) Tj" for sign in signs)
    line = f"BT /F1 10 Tf 72 640 Td (It is ) Tj /F2 10 Tf {shown} /F1 10 Tf (-private.) Tj ET\n"
    assert expected in said(read([column(72, 620, BODY) + line], fonts=["Helvetica", font]))
