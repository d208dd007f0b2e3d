"""A stranger's text costs time in proportion to its length, however it is made: nobody can hold up the night."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.core.models import Claim, Sentence, Text
from pipeline.extraction.html.math import extract_formula
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.html.visibility import (
    ComputedStyle,
    apply_declarations,
    hiding_rules,
    parse_style_attribute,
)
from pipeline.extraction.pdf.paragraphs import Vocabulary
from pipeline.extraction.pdf.reading_order import Line, Page, Run, reading_order
from pipeline.extraction.text import NotReadable
from pipeline.grounding.entities import WordIndex as Squeezed
from pipeline.grounding.entities import extract_names
from pipeline.grounding.gates import check, evidence_candidates
from pipeline.grounding.notation import claim_notation
from pipeline.grounding.number_text import normalize_text
from pipeline.grounding.numbers import claim_numbers, source_numbers
from pipeline.grounding.source_index import SourceIndex
from tests.extraction.pages import URL, page, para, read, said
from tests.growing import LINEAR, growth_of

SENTENCE = Sentence(id=1, section="A", anchor=None, text="It is one sentence.")
TEXT = Text(basis="abstract", url="https://arxiv.org/abs/2601.99999", sentences=(SENTENCE,), left_out={})
SOURCE = SourceIndex.of(TEXT, title="T", abstract="", profile="")

Texts = Callable[[int], str]


def repeated(before: str, middle: str, after: str = "") -> Texts:
    return lambda count: before + middle * count + after


def check_linear(work: Callable[[str], object], text: Texts) -> None:
    times = growth_of(work, text)
    assert times < LINEAR, f"four times the input took {times:.1f} times as long"


@pytest.mark.parametrize(("before", "middle"), [("", "a"), ("", "a-")])
def test_the_words_of_a_line_without_blanks(before: str, middle: str) -> None:
    check_linear(lambda line: Vocabulary([line]), repeated(before, middle))


def test_lines_without_blanks_put_together() -> None:
    check_linear(lambda line: Vocabulary([]).join_lines([line + "-"] * 3), repeated("", "a"))


@pytest.mark.parametrize(
    ("before", "middle"),
    [
        ("\\color", "\u2003"),
        ("\\textcolor[rgb]", " \t"),
        ("\\phantom", "\u2003"),
        ("\\phantom{", "{}"),
        ("\\phantom{", "\\phantom{"),
        ("x", "\\color "),
    ],
)
def test_the_source_of_a_formula(before: str, middle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extraction.html.math.MAX_LENGTH", 10**9)
    node = LexborHTMLParser("<math>").css_first("math")
    assert node is not None

    def read(source: str) -> None:
        node.attrs["alttext"] = source
        extract_formula(node, ComputedStyle())

    check_linear(read, repeated(before, middle))


STYLES = [
    ("clip:rect(0,0", " "),
    ("transform:", "scale(0) "),
    ("color:rgb(", "0 "),
    ("color:", "("),
    ("font-size:", "1"),
    ("color:#fff", "/*"),
    ("", "color:white;"),
    ("", "a{"),
]


@pytest.mark.parametrize(("before", "middle"), STYLES)
def test_a_style(before: str, middle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.extraction.html.visibility.MAX_STYLE_LENGTH", 10**9)
    check_linear(
        lambda style: apply_declarations(ComputedStyle(), parse_style_attribute.__wrapped__(style)),
        repeated(before, middle, "!"),
    )


@pytest.mark.parametrize(
    "text",
    [
        lambda count: "{" * count + "@media print{" + ".a{display:none}" * count,
        lambda count: "@media print{" + ".a{display:none}" * count,
        repeated("", "a{"),
        lambda count: "[" * count + "]" * count + "{display:none}",
        repeated("a{color:white;font-size:", "1"),
    ],
    ids=["deep", "print", "open", "brackets", "digits"],
)
def test_a_style_sheet(text: Texts) -> None:
    check_linear(lambda sheet: list(hiding_rules(sheet)), text)


NUMBERS = {
    "1e5": (" ", "1"),
    "1 million": (" ", ",1"),
    "3 x 10": (" ", "1"),
    "10^": ("1", ",1"),
    "x^{": (" ", "a1 "),
    "Table 1": ("1", ",1"),
    "[1": (" ", ",1"),
}


@pytest.mark.parametrize(
    ("before", "middle"), [(before, middle) for before, middles in NUMBERS.items() for middle in middles]
)
def test_the_numbers_of_a_sentence(before: str, middle: str) -> None:
    check_linear(source_numbers, repeated(before, middle, "!"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "middle"),
    [("de", "1.000"), ("de", "1,"), ("de", "dreihundert"), ("de", "Ab-"), ("ko", "3만 2천"), ("ko", "이십")],
)
def test_a_claim_in_another_language(language: str, middle: str) -> None:
    text = repeated("5", middle, "!")
    check_linear(lambda line: claim_numbers(line, language), text)
    check_linear(lambda line: extract_names(line, language), text)


@pytest.mark.parametrize("middle", ["\u2003", "10^", "arxiv:"])
def test_the_plain_form_of_a_sentence(middle: str) -> None:
    check_linear(lambda text: normalize_text(text, claim_notation("en"), claim=True), repeated("^", middle))


@pytest.mark.parametrize("middle", ["a", ".", "é"])
def test_the_words_of_a_sentence(middle: str) -> None:
    check_linear(Squeezed.of, repeated("A1", middle))


def test_of_a_claim_without_end_only_the_beginning_is_taken_apart() -> None:
    """A claim of more than 600 characters fails for its length; what stands behind them is not looked at."""
    for room, found in ((500, (1,)), (600, ())):
        claim = Claim(text=f"{'- ' * (room // 2)} sentence 42", terms=("x",), kind="stated", evidence=(1,))
        assert evidence_candidates(claim, SOURCE) == found
        assert check(claim, "claims", SOURCE).numbers == len(found)


def test_what_is_too_long_to_be_a_word_tells_of_none() -> None:
    words = Vocabulary([f"pre-{'a' * 97} pre-{'a' * 96} {'b' * 101} {'c' * 100}"])
    assert set(words.compounds) == {f"pre-{'a' * 96}"}
    assert set(words.plain) == {"pre", "a" * 97, "a" * 96, "c" * 100}


def test_a_formula_and_a_style_that_are_too_long_to_be_looked_at_are_not_shown() -> None:
    long = f'<math alttext="{"x" * 20_001}"></math>'
    text = read(para(f"We begin. {long} We end."))
    assert said(text) == ["We begin.", "We end."]
    assert text.left_out["hidden"] == 1
    styled_so = page(para(f'We begin. <span style="{"x" * 10_001}">Behind a style.</span>'))
    assert isinstance(parse_html(styled_so, URL), NotReadable)
    short = read(para(f'We begin. <span style="{"x" * 10_000}">Behind a style.</span>'))
    assert said(short) == ["We begin.", "Behind a style."]


@pytest.mark.parametrize("before", ["page", "- ", "1"])
def test_the_line_of_a_page_number(before: str) -> None:
    def read(text: str) -> None:
        run = Run(left=0, bottom=0, right=9, top=9, size=9, bold=False, text=text)
        lines, _ = reading_order([Page(1, 600, 800, (run,))])
        assert lines == [Line(1, run)]

    check_linear(read, repeated(before, " ", "!"))
