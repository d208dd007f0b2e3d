"""Sentences stay whole over line spacing, footnotes, floats, equations and the ends of columns and pages."""

import pytest

from tests.extraction.pdfs import BODY, read_runs, runs

HEAD = runs(72, 760, ["1 Introduction"], bold=True)
HALVES = {
    "English": ("The referees might be worried that when the", "noise depends on the data, nobody knows it."),
    "German": ("Die Gutachter könnten befürchten, dass man", "wegen der Daten nichts mehr sicher weiß."),
    "Russian": ("Рецензенты могут опасаться того, что шум", "зависит от данных, и никто его не знает."),
    "hyphen": ("The referees might be worried about over-", "fitting when the noise is not known."),
}
BETWEEN = {
    "footnote": runs(
        72, 110, ["1 The density of the law is h(y), and", "it has a zero mean."], size=7, step=9
    ),
    "figure": runs(72, 110, ["Figure 1: Two sheds, seen from the road."], size=9),
    "table": [
        run
        for y in (120, 108)
        for n, cell in enumerate(["Shed", "north", "south"])
        for run in runs(72 + 80 * n, y, [cell])
    ],
}


def whole(first: str, second: str) -> str:
    return first[:-1] + second if first.endswith("-") else f"{first} {second}"


@pytest.mark.parametrize("elsewhere", [(1, 330), (2, 72)], ids=["column", "page"])
@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
@pytest.mark.parametrize("halves", HALVES.values(), ids=HALVES)
def test_a_sentence_goes_on_over_what_parts_it(halves, between, elsewhere):
    page, x = elsewhere
    first = HEAD + runs(72, 740, [*BODY[:3], halves[0]]) + between
    rest = runs(x, 740, [halves[1], *BODY[3:6]])
    blocks, _ = read_runs(first + rest) if page == 1 else read_runs(first, rest)
    texts = [block.text for block in blocks]
    assert texts[3] == whole(*halves)
    assert texts[4:7] == BODY[3:6]
    assert texts[7].startswith(("1 The density", "Figure 1", "Shed | north"))


def test_the_next_paragraph_is_not_joined_to_a_whole_sentence_or_a_heading():
    first = HEAD + runs(72, 740, [*BODY[:3], "That ends the matter."]) + BETWEEN["footnote"]
    blocks, _ = read_runs(first, runs(72, 740, ["where was the rust?", *BODY[3:6]]))
    assert "That ends the matter." in [block.text for block in blocks]
    first = HEAD + runs(72, 740, [*BODY[:3], "The rust of spades in the north"]) + BETWEEN["figure"]
    blocks, _ = read_runs(
        first,
        runs(72, 740, ["2 Methods"], bold=True) + runs(72, 720, ["we weighed all of them.", *BODY[3:6]]),
    )
    assert "we weighed all of them." in [block.text for block in blocks]


@pytest.mark.parametrize("end", ["is given by", "is defined as follows:"])
def test_an_equation_stays_within_its_sentence(end: str):
    page = HEAD + runs(72, 740, [*BODY[:3], f"The strain of a spade {end}"])
    page += runs(200, 670, ["s = E e, (2)"]) + runs(
        72, 640, ["where E is the modulus of the spade.", *BODY[3:6]]
    )
    blocks, _ = read_runs(page)
    assert f"The strain of a spade {end} s = E e, (2) where E is the modulus of the spade." in [
        block.text for block in blocks
    ]


SENTENCES = {
    "English": [
        "A manuscript is often set with double line spacing, so that the referees",
        "can write between its lines and in-",
        "side the margins too. It has many",
        "pages, as everybody knows.",
    ],
    "French": [
        "Un manuscrit est souvent composé avec un double interligne, pour que",
        "les rapporteurs écrivent entre ses lignes et com-",
        "mentent tout. Il a beaucoup",
        "de pages, comme chacun sait.",
    ],
    "Russian": [
        "Рукопись часто печатают через два интервала, чтобы рецензенты могли",
        "писать между строк и на по-",
        "лях. В ней много",
        "страниц, как всем известно.",
    ],
}


@pytest.mark.parametrize("step", [19, 24, 30])
@pytest.mark.parametrize("lines", SENTENCES.values(), ids=SENTENCES)
def test_sentences_of_a_text_with_wide_line_spacing_are_whole(lines: list[str], step: int):
    blocks, _ = read_runs(HEAD + runs(72, 730, lines * 5, step=step))
    joined = f"{lines[0]} {lines[1][:-1]}{lines[2]} {lines[3]}"
    first, second = joined.split(". ")
    assert [block.text for block in blocks] == [first + ".", second] * 5


def test_a_wide_gap_still_parts_paragraphs_of_a_text_with_wide_line_spacing():
    lines = ["The text of this page is set with double", "line spacing, and it has many"] * 4 + ["lines"]
    blocks, _ = read_runs(
        HEAD
        + runs(72, 730, lines, step=24)
        + runs(72, 470, ["A label without an end", "of its own"], step=24)
    )
    assert blocks[-1].text == "A label without an end of its own"


def cells(y: float, words: list[str]) -> list:
    """Words so far apart that each looks like a cell."""
    return [run for n, word in enumerate(words) for run in runs(72 + 60 * n, y, [word])]


def test_words_of_a_stretched_line_are_not_taken_out_of_their_sentence():
    """A sentence that is cut can be seen; one that lacks words says something else."""
    stretched = cells(692, ["age", "and", "gender", "model", "one", "then"])
    page = HEAD + runs(72, 740, [*BODY[:3], "The analyses were first adjusted for"]) + stretched
    blocks, _ = read_runs(page + runs(72, 680, ["adjusted for education, as said above.", *BODY[3:6]]))
    texts = [block.text for block in blocks]
    assert "The analyses were first adjusted for" in texts
    assert texts.index("age | and | gender | model | one | then") == 4


def test_rows_of_a_table_with_relations_are_no_equation_of_the_sentence_around_it():
    table = cells(672, ["Age", "SD = 9.6", "SD = 7.4", "<0.001"]) + cells(
        660, ["Score", "n = 3", "n = 4", "<0.05"]
    )
    page = HEAD + runs(72, 740, [*BODY[:3], "The people whose data we had for a year"]) + table
    blocks, _ = read_runs(page, runs(72, 740, ["were sampled by age and by gender.", *BODY[3:6]]))
    texts = [block.text for block in blocks]
    assert "The people whose data we had for a year were sampled by age and by gender." in texts
    assert "Age | SD = 9.6 | SD = 7.4 | <0.001" in texts
