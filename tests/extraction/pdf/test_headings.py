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


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (
            ["2.1 The rust of spades that are kept in one dry shed, and", "of those that are not"],
            "2.1 The rust of spades that are kept in one dry shed, and of those that are not",
        ),
        (
            ["2.1 The rust of spades that are kept in one dry shed, and", "of those that are not."],
            "2.1 The rust of spades that are kept in one dry shed, and of those that are not",
        ),
        (
            ["2.1 Die Bestimmung des Rostes an Spaten und Gartenwerk-", "zeugen im Freien"],
            "2.1 Die Bestimmung des Rostes an Spaten und Gartenwerkzeugen im Freien",
        ),
        (
            ["2.1 Ржавчина лопат и граблей, которые зимой хранятся в", "сарае"],
            "2.1 Ржавчина лопат и граблей, которые зимой хранятся в сарае",
        ),
        (
            [
                "2.1 What is the rust of the spades that were kept in the",
                "big shed, and is it worth the oil that it takes to save",
                "all of them?",
            ],
            "2.1 What is the rust of the spades that were kept in the big shed, and is it worth the oil that it takes to save all of them?",
        ),
    ],
)
@pytest.mark.parametrize("below", [[], ["2.2 Oil"]], ids=["text", "heading"])
def test_a_heading_goes_on_in_the_next_lines_of_its_type(lines: list[str], title: str, below: list[str]):
    found = sections(
        runs(72, 660, BODY[4:7]),
        runs(72, 610, lines, bold=True),
        runs(72, 570, below, bold=True),
        runs(72, 550, BODY[7:9]),
    )
    assert found[BODY[7]] == ("2 Model", (below or [title])[0])
    assert not set(lines) & set(found)


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["2.1 Rust", "The spades were kept in one dry shed, and those that"], "2.1 Rust"),
        (["2.1 The rust of spades that are kept in one dry shed, and", "2.2 Oil"], "2.2 Oil"),
        (["2.1 RUST OF THE SPADES THAT ARE KEPT IN ONE LARGE SHED", "The spades were kept in it."], None),
    ],
    ids=["room on the line", "another number", "capitals"],
)
def test_what_follows_a_heading_in_its_type_may_be_no_part_of_it(lines: list[str], title: str | None):
    found = sections(
        runs(72, 660, BODY[4:7]), runs(72, 610, lines, bold=True), runs(72, 570, ["rusted.", *BODY[7:9]])
    )
    assert found[BODY[8]] == ("2 Model", title or lines[0])


@pytest.mark.parametrize("end", ["the end of winter.", "day x ∈ [3, 9] or so"])
def test_a_paragraph_in_larger_type_is_no_heading(end: str):
    lines = [
        "The spades were all kept in one large shed, and those",
        "that had been left outside in the rain had rusted by",
        end,
    ]
    found = sections(
        runs(72, 660, BODY[4:7]), runs(72, 610, lines, size=12), runs(72, 550, [BODY[7], BODY[8]])
    )
    assert found[BODY[7]] == ("2 Model",)
    assert lines[0] in " ".join(found)


@pytest.mark.parametrize(
    "title", ["FUNDING", "CONFLICT OF INTEREST STATEMENT", "DATENVERFÜGBARKEIT", "ФИНАНСИРОВАНИЕ"]
)
@pytest.mark.parametrize(("size", "above"), [(12, ()), (11, ("2 Model",)), (10, ("2 Model",))])
def test_bold_capitals_without_a_number_are_a_heading(title: str, size: float, above: tuple[str, ...]):
    found = sections(
        runs(72, 660, BODY[4:7]), runs(72, 622, [title], bold=True, size=size), runs(72, 610, BODY[7:9])
    )
    assert found[BODY[7]] == (*above, title)


@pytest.mark.parametrize("words", ["PSNR", "N = 12 MM", "NB"])
def test_bold_capitals_within_text_or_of_a_formula_are_no_heading(words: str):
    found = sections(
        runs(72, 660, [*BODY[4:6], "The shed has a name, and"]),
        runs(72, 622, [words], bold=True),
        runs(72, 610, ["is its name.", *BODY[7:9]]),
    )
    assert found[BODY[7]] == ("2 Model",)
