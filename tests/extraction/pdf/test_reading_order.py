"""Which lines of a page are furniture: heads further in than the margin, and the numbers of lines."""

import pytest

from tests.extraction.pdfs import BODY, read_runs, runs

HEADS = {
    "alternating": ["Notes on sheds", "A. Gardener et al.", "Notes on sheds", "A. Gardener et al."],
    "on every page": ["Заметки о сараях"] * 4,
    "counting, with the section": ["11  Rain", "12  Rain and rust", "13  Oil", "14  Paint"],
    "counting, at the end": ["Rain 3", "Rust 4", "Oil 5", "Paint 6"],
}


@pytest.mark.parametrize("y", [672, 680], ids=["15 % below the top", "14 % below the top"])
@pytest.mark.parametrize("heads", HEADS.values(), ids=HEADS)
def test_a_running_head_below_the_margin_is_furniture(heads: list[str], y: float):
    pages = [
        runs(72, y, [head]) + runs(72, y - 24, [f"Page {'abcd'[number]} begins. It goes", *BODY[number:9]])
        for number, head in enumerate(heads)
    ]
    blocks, omitted = read_runs(*pages)
    assert not {head for head in heads if any(head in block.text for block in blocks)}
    assert omitted["furniture"] == 4


def test_a_sentence_goes_on_below_a_running_head():
    pages = [
        runs(72, 680, ["A. Gardener"]) + runs(72, 650, [*BODY[:5], "The spade that was left in the"]),
        runs(72, 680, ["A. Gardener"]) + runs(72, 650, ["rain has rusted.", *BODY[5:9]]),
    ]
    blocks, _ = read_runs(*pages)
    assert "The spade that was left in the rain has rusted." in [block.text for block in blocks]


def test_a_line_of_text_that_recurs_at_the_top_of_pages_is_read():
    blocks, omitted = read_runs(runs(72, 680, BODY[:6]), runs(72, 680, BODY[:6]))
    assert [block.text for block in blocks] == BODY[:6] * 2
    assert not omitted["furniture"]


@pytest.mark.parametrize("every", [1, 5])
@pytest.mark.parametrize("x", [40, 560], ids=["left", "right"])
def test_line_numbers_beside_the_text_are_dropped(x: float, every: int):
    lines = [*BODY, *BODY[:7]]
    text = runs(72, 700, lines, step=20)
    numbers = [
        runs(x if number > 9 else x + 3.5, 700 - 20 * (number - 1), [str(number)], size=7)[0]
        for number in range(every, len(lines) + 1, every)
    ]
    blocks, omitted = read_runs(
        [run for pair in zip(numbers, text, strict=False) for run in pair] + text[len(numbers) :]
    )
    assert [block.text for block in blocks] == lines
    assert omitted["furniture"] == len(numbers)


def test_numbers_in_the_columns_of_a_table_are_no_line_numbers():
    table = [
        run
        for n in range(1, 7)
        for run in runs(80, 600 - 14 * n, [str(n)]) + runs(160, 600 - 14 * n, [f"shed {n}"])
    ]
    blocks, omitted = read_runs(runs(72, 700, BODY[:6]) + table)
    assert not omitted["furniture"]
    assert "6 shed 6" in " ".join(" ".join(block.text for block in blocks).split())


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([("10", 8, 0), ("-4", 5.6, 4.4), (" 10", 8, 0), ("-3", 5.6, 4.4)], "10^-4 10^-3"),
        ([("x", 10, 0), ("i", 7, -2), ("2", 7, 4), ("+", 10, 0), ("y", 10, 0), ("2", 7, 4)], "xi^2+y^2"),
        ([("cm", 6, 0), ("-12", 4, 3), (" s", 6, 0), ("-1", 4, 3)], "cm^-12 s^-1"),
        ([("CO", 10, 0), ("2", 7, -2), ("of 2024", 10, 0)], "CO2of 2024"),
    ],
)
def test_an_exponent_is_raised_above_what_stands_before_it(parts, expected):
    line, x = [], 72.0
    for words, size, rise in parts:
        line += runs(x, 400 + rise, [words], size=size)
        x = line[-1].right
    blocks, _ = read_runs(runs(72, 700, BODY[:6]) + line)
    assert blocks[-1].text == expected
