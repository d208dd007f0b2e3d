"""Quotation marks are a promise: what stands between them has to stand in the paper."""

from __future__ import annotations

from itertools import product

import pytest

from pipeline.core.models import Claim, Sentence, Text
from pipeline.grounding.gates import check, check_line
from pipeline.grounding.quotations import quotations, simplify
from pipeline.grounding.source_index import SourceIndex
from tests.growing import LINEAR, growth_of

READ = 'On 27" images, the sampler re-weights hard pixels in one step, the so-called \u201cshort-\ncut\u201d of rectified flows.'
TEXT = Text(
    basis="html",
    url="https://arxiv.org/html/x",
    sentences=(
        Sentence(id=1, section="Method", anchor=None, text=READ),
        Sentence(id=2, section="Method", anchor=None, text="A frequency loss follows."),
    ),
    left_out={},
)
SOURCE = SourceIndex.of(TEXT, title="One-Step Flows", abstract="A sampler.", profile="I like gray boxes.")
FORMS = [
    "“{}”", '"{}"', "‘{}’", "'{}'", "「{}」", "『{}』", "«{}»", "‹{}›", "„{}“", "„{}”", "»{}«", "”{}”", "‚{}‘",
    "``{}''", "`{}'", "« {} »", "“{},”", "＂{}＂", "｢{}｣", "‟{}”", "‛{}’", "〝{}〟", "❝{}❞",
]  # fmt: skip
OPEN = ["“{}", '"{}', "‘{}", "'{}", "「{}", "『{}", "«{}", "‹{}", "„{}"]
PLACES = [
    "The sampler, called {}, is fast.",
    "{} is what the sampler does.",
    "采样器称为{}。",
    "In 27\" images, the models' sampler doesn't need {}",
    "The sampler re-weights “hard pixels” and 'one step' ({}).",
]
INVENTED = [
    "half the pixels",
    "shortcut of diffusion",
    "ard pixels",
    "gray boxes",
    "soft",
    "两步",
]
HONEST = ["hard pixels", "Hard  Pixels", "re\u2010weights", "reweights hard", "one step", "shortcut"]


def claim_gate(text: str) -> str:
    claim = Claim(text=text, terms=("sampler",), kind="stated", evidence=(1,))
    failure = check(claim, "claims", SOURCE).failure
    return failure.gate if failure else ""


def line_gate(text: str) -> str:
    failure = check_line(text, SOURCE)
    return failure.gate if failure else ""


def test_no_invented_quotation_passes_in_any_form_at_any_place() -> None:
    tried = [place.format(form.format(said)) for place, form, said in product(PLACES, FORMS + OPEN, INVENTED)]
    assert len(tried) > 800
    assert [text for text in tried if claim_gate(text) != "quotes"] == []
    assert [text for text in tried if line_gate(text) != "quotes"] == []
    elsewhere = [place.format(form.format("frequency loss")) for place, form in product(PLACES, FORMS)]
    assert [
        text for text in elsewhere if claim_gate(text) != "quotes"
    ] == []  # in a sentence that is not cited
    assert [text for text in elsewhere if line_gate(text)] == []


def test_every_honest_quotation_passes_in_every_form_at_every_place() -> None:
    tried = [place.format(form.format(said)) for place, form, said in product(PLACES, FORMS, HONEST)]
    nested = [
        place.format(form.format("so-called «shortcut» of")) for place, form in product(PLACES, FORMS[:6])
    ]
    assert len(tried) > 500
    assert [text for text in tried + nested if claim_gate(text) or line_gate(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "The model's 27\" and 5' outputs, the models’ rock'n'roll of the '90s, U-Net++'s x' and 0.5'' don't count.",
        "《采样器》不是引文，the samplers' outputs neither.",
        '27″ 屏幕，8” 与 27"。',
    ],
)
def test_apostrophes_inches_and_book_titles_are_no_quotations(text: str) -> None:
    assert list(quotations(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a “b “c” d” e", ["c", "b “c” d"]),
        ('a "b "c" d" e', ["c", 'b "c" d']),
        ("‘it isn’t the models’ x’", ["it isn’t the models"]),
        ('4"x"', ["x"]),
        ('4" x"', [""]),  # what opens at the end is never closed
        ("“a” and “b", ["a", "b"]),
        ('称"甲"为"乙"', ["甲", "乙"]),
        ("“a 『b』 c”", ["b", "a 『b』 c"]),
        ("„a“ und „b“", ["a", "b"]),
        ('“a "b “c" d', ["c", 'a "b “c" d']),
    ],
)
def test_where_quotations_begin_and_end(text: str, expected: list[str]) -> None:
    assert list(quotations(text)) == expected


def test_the_reason_names_the_quotation_for_a_repair() -> None:
    claim = Claim(text="The sampler is “very fast”.", terms=("sampler",), kind="stated", evidence=(1,))
    failure = check(claim, "claims", SOURCE).failure
    assert failure is not None
    assert failure.reason == '"very fast" is in quotation marks, but stands in no cited sentence'


@pytest.mark.parametrize("text", ["The sampler is “”.", 'The sampler is "', "The sampler “,” and"])
def test_what_quotes_nothing_fails(text: str) -> None:
    assert claim_gate(text) == line_gate(text) == "quotes"


@pytest.mark.parametrize("before", ["", "“"])
@pytest.mark.parametrize("middle", ["“", '"', "'", "”", "a”", "“a”", " -", "- ", "é", "„“"])
def test_quotations_take_time_in_proportion_to_the_text(before: str, middle: str) -> None:
    def read(text: str) -> None:
        simplify(text)
        for count, _ in enumerate(quotations(text)):
            if count > 100:  # the gate stops at the first that is invented
                break

    assert growth_of(read, lambda count: before + middle * count) < LINEAR
