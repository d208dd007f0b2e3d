"""Text of sources, as it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.metadata_text import clean, split_authors, strip_announcement, strip_markup, truncate
from tests.growing import LINEAR, growth
from tests.sources.table import many


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  Two\n  lines\tand\u00a0more ", "Two lines and more"),
        ("Variance &amp; Greediness", "Variance & Greediness"),
        ("R&D, A & B, Search&region", "R&D, A & B, Search&region"),
        (r"\textit{x} $a < b$ {\"o} \& 100\%", r"\textit{x} $a < b$ {\"o} \& 100\%"),
        ("a\u202egnp.exe\u202c b\u200f\u200e", "agnp.exe b"),
        ("zero\u200bwidth\ufeff \x00null\x1b[31m", "zerowidth null[31m"),
        ("&#8238;hidden", "hidden"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("", ""),
    ],
)
def test_one_clean_line(raw, kept):
    assert clean(raw) == kept


@many
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "C"])))
def test_whatever_comes_in_can_be_written_as_one_line_of_utf8(text):
    line = clean(text)
    assert line.encode().decode() == line
    assert line == " ".join(line.split())


def test_the_line_before_an_abstract_goes_and_nothing_else():
    text = "arXiv:2601.20881v1 Announce Type: new \nAbstract: Lipreading: abstract."
    assert strip_announcement(text) == "Lipreading: abstract."
    assert strip_announcement("Abstract: whole") == "Abstract: whole"
    later = "See arXiv:2601.20881v1 Announce Type: new \nAbstract: Lipreading"
    assert strip_announcement(later) == later


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("for x < y and z > w", "for x < y and z > w"),
        ("p<0.05 and q>0.1", "p<0.05 and q>0.1"),
        ("<p>One</p><p>Two &lt; three</p>", "One Two < three"),
        ("<div>a<script>alert(1)</script><style>b{}</style></div>", "a"),
        ("<p hidden", "<p hidden"),
        ("a<!-- b", "a<!-- b"),
        ("a<!-- b --> c", "a c"),
    ],
)
def test_markup_is_removed_where_there_is_any(raw, text):
    assert clean(strip_markup(raw)) == text


@pytest.mark.parametrize("piece", ["<!--", "<a", "<a <"])
def test_no_markup_takes_long_to_look_for(piece):
    texts = [piece * (size // len(piece)) for size in (300_000, 1_200_000)]
    assert growth(strip_markup, *texts) < LINEAR


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["(", "(a)", "a and "])
def test_no_names_take_long_to_split(piece):
    texts = [piece * (size // len(piece)) for size in (200_000, 800_000)]
    assert growth(lambda text: split_authors(text, joined_by_and=True), *texts) < LINEAR


@pytest.mark.parametrize(
    ("line", "most", "kept"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 7, "one…"),
        ("a " + "b" * 20, 10, "a bbbbbbb…"),
        ("没有空格的一行字", 5, "没有空格…"),
    ],
)
def test_a_long_line_is_cut_at_a_blank(line, most, kept):
    assert truncate(line, most) == kept


@many
@given(st.text(), st.integers(2, 30))
def test_no_line_is_longer_than_it_may_be(text, most):
    line = clean(text)
    short = truncate(line, most)
    assert len(short) <= most
    assert short == line or (short.endswith("…") and line.startswith(short[:-1]) and len(line) > most)


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ("First Author (Some Lab, Some City), Second Author", ("First Author", "Second Author")),
        ("First Author (Lab (East), Town), Second Author (Lab)", ("First Author", "Second Author")),
        ("First (of Some Lab, Some City) Author, Second Author", ("First Author", "Second Author")),
        ("First Author (Lab, Town", ("First Author (Lab", "Town")),
        ("First Author), Second Author (", ("First Author)", "Second Author (")),
        ("The One and Other Collaboration", ("The One and Other Collaboration",)),
        (" , ,", ()),
    ],
)
def test_names_are_split_at_commas_outside_brackets(raw, people):
    assert split_authors(raw) == people


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ("First Author, Second Author and Third Author", ("First Author", "Second Author", "Third Author")),
        ("First Author (1 and 2), Second Author (2) ((1) Lab, (2) City)", ("First Author", "Second Author")),
        ("Anders Sand, and Roland Band", ("Anders Sand", "Roland Band")),
    ],
)
def test_and_separates_where_it_is_said_to(raw, people):
    assert split_authors(raw, joined_by_and=True) == people


def test_three_hundred_authors_stay_three_hundred():
    people = tuple(f"Author Number{n}" for n in range(300))
    assert split_authors(", ".join(people)) == people
