"""Which lines are headings: none that are equations; some in the type of the body."""

import pytest

from tests.extraction.pdfs import BODY, read_runs, runs


def sections(*parts):
    page = (
        runs(72, 760, ["Abstract"], bold=True)
        + runs(72, 745, BODY[:4])
        + runs(72, 680, ["2 Model"], bold=True, size=12)
    )
    blocks, _ = read_runs([*page, *(run for part in parts for run in part)])
    return {block.text: block.section_path for block in blocks}


@pytest.mark.parametrize(
    "equation",
    [
        "s = E e, (2)",
        "Ax = b",
        "min f(x) + λ‖x‖",
        "E [X] ≤ 2σ",
        "∂u/∂t = ν∆u",
        "(x + y)^2",
        "3 x = y",
        "p(y | x) ∝ exp(−E)",
        "minimize cost subject to rent = budget",
    ],
)
def test_an_equation_in_larger_type_is_no_heading(equation: str):
    found = sections(
        runs(72, 660, BODY[4:7]),
        runs(200, 610, [equation], size=12),
        runs(72, 590, ["In it, E is the modulus of the spade."]),
    )
    assert found["In it, E is the modulus of the spade."] == ("2 Model",)


@pytest.mark.parametrize(
    "title",
    ["Effects of the rain", "Einfluss des Regens", "Влияние дождя", "降雨的影响", "Ảnh hưởng của mưa"],
)
def test_a_heading_in_larger_type_is_one_in_any_language(title: str):
    found = sections(runs(72, 660, BODY[4:7]), runs(72, 610, [title], size=12), runs(72, 590, BODY[7:9]))
    assert found[BODY[7]] == ("2 Model", title)


@pytest.mark.parametrize(
    "titles",
    [
        ["2.1. Effects of the rain", "2.2. Effects of the oil"],
        ["2.1 Einfluss des Regens", "2.1.1 Einfluss auf Spaten"],
        ["2.1 Влияние дождя", "2.2 Влияние масла"],
        ["3 Results of the winter", "4 What they mean"],
    ],
)
def test_a_numbered_line_in_the_type_of_the_body_is_a_heading_if_it_is_next(titles: list[str]):
    found = sections(
        runs(72, 660, BODY[4:7]),
        runs(72, 612, titles[:1]),
        runs(72, 600, BODY[7:10]),
        runs(72, 552, titles[1:]),
        runs(72, 540, BODY[10:13]),
    )
    assert found[BODY[7]][-1] == titles[0]
    assert found[BODY[10]][-1] == titles[1]


@pytest.mark.parametrize(
    "lines",
    [
        ["1. Spades of the north", "2. Spades of the south", "3. Rakes of the north"],
        ["1. Spades rust.", "2. Rakes do not.", "3. Tools of the north"],
        ["2.3 Spades of the north"],
        ["2.1 and the rest of a sentence."],
        ["7 Spades of the north"],
    ],
    ids=["list", "list that reaches the next number", "not the next", "end of a sentence", "too high"],
)
def test_other_numbered_lines_in_the_type_of_the_body_are_text(lines: list[str]):
    found = sections(
        runs(72, 660, BODY[4:7]), runs(72, 612, lines), runs(72, 612 - 12 * len(lines), BODY[7:10])
    )
    assert found[BODY[8]] == ("2 Model",)


@pytest.mark.parametrize("title", ["2.1 Rain.", "2.1. Effects of the rain.", "2.1 Einfluss des Regens."])
def test_a_bold_numbered_title_on_the_line_of_its_text_is_a_heading(title: str):
    words = "Rain has an effect on all spades."
    bold = runs(72, 610, [title], bold=True)
    found = sections(
        runs(72, 660, BODY[4:7]), bold, runs(bold[0].right + 8, 610, [words]), runs(72, 598, BODY[7:9])
    )
    assert found[words] == ("2 Model", title.rstrip("."))
