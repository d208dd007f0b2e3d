"""The pictures of a timeline: where their marks stand, and that the table beside them says the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as Parser

from pipeline.archive.site import pages, pictures, series
from pipeline.archive.site.series import Series
from tests.archive.folders import on
from tests.archive.site import made
from tests.report import days

MONDAY = dt.date(2026, 1, 5)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Series:
    """Nine weeks without Sundays, 54 digests, and then nine more Mondays: two picks of 92 and 78 every day."""
    folder = tmp_path_factory.mktemp("long")
    dates = [MONDAY + dt.timedelta(days=n) for n in range(63) if n % 7 != 6]
    dates += [MONDAY + dt.timedelta(days=7 * n) for n in range(9, 18)]
    for date in dates:
        made.report(folder, on(days.full("en"), date).model_copy(update={"profile": "alpha"}))
    found = series.read(folder, "alpha")
    assert found is not None
    return found


def numbers(page: Parser, section: str) -> list[list[str]]:
    rows = page.css(f'section[aria-labelledby="{section}"] tbody tr')
    return [[cell.text().strip() for cell in row.css("th, td")] for row in rows]


def test_the_tables_count_what_the_reports_say(long: Series) -> None:
    page = Parser(pages.timeline(long, feed=False))
    nights = numbers(page, "numbers")
    assert len(nights) == 60  # the last of 63
    assert nights[0] == ["2026-05-04", "10", "2", "92, 78", "0.13"]
    weeks = numbers(page, "weeks")
    assert len(weeks) == 18
    assert weeks[0] == ["2026-05-04", "10", "2", "92", "85", "0.13"]
    assert weeks[-1] == ["2026-01-05", "60", "12", "92", "85", "0.78"]
    best = made.one(page, 'section[aria-labelledby="weeks"] p').text()
    assert best == "Most rated “must read” in one week: 6, 2026-03-02 to 2026-03-07"
    listed = [node.attributes["href"] for node in page.css('section[aria-labelledby="weeks"] .days a')]
    dates = [dt.date(2026, 3, day) for day in range(7, 1, -1)]
    assert listed[::2] == [f"../alpha/2026/03/{date}.html" for date in dates]
    assert [(address or "").partition("#")[0] for address in listed[1::2]] == listed[
        ::2
    ]  # and its best paper


def test_marks_stand_by_date_and_value(long: Series) -> None:
    t = long.newest.catalog
    nights = pictures.nights(long.days[:12])  # two weeks: 13 days with a Sunday between
    scores, papers, _ = (Parser(p.svg) for p in pictures.draw(t, nights, 60, by_week=False))
    spots = [(float(c.attributes["cx"] or 0), float(c.attributes["cy"] or 0)) for c in scores.css("circle")]
    assert len(spots) == 24
    first, last = spots[0], spots[-1]
    step = (pictures.WIDTH - pictures.LEFT - pictures.RIGHT) / 13
    assert last[0] - first[0] == pytest.approx(12 * step, abs=0.11)
    labels = {text.text(): float(text.attributes["y"] or 0) - 4 for text in scores.css("text.end")}
    share = (labels["50"] - first[1]) / (labels["50"] - labels["100"])
    assert share == pytest.approx((92 - 50) / 50, abs=0.01)
    bar = made.one(papers, ".bar").attributes["d"] or ""
    assert bar.count("M") == 12
    top = float(bar.split("V")[1].split("h")[0])  # 10 papers, which is also the end of the axis
    assert top == pytest.approx(pictures.TOP, abs=0.1)


def test_a_pointer_is_told_the_numbers_of_what_is_below_it(long: Series) -> None:
    page = Parser(pages.timeline(long, feed=False))
    told = {
        (section, made.one(figure, "figcaption").text()): figure.css("rect title")
        for section in ("numbers", "weeks")
        for figure in page.css(f'section[aria-labelledby="{section}"] figure')
    }
    assert [len(titles) for titles in told.values()] == [60, 60, 60, 18, 18, 18]
    assert [titles[-1].text() for titles in told.values()] == [
        "2026-05-04 · 92, 78",
        "2026-05-04 · 10",
        "2026-05-04 · 0.13",
        "Week from 2026-05-04 · Best 92, Mean 85",
        "Week from 2026-05-04 · 10",
        "Week from 2026-05-04 · 0.13",
    ]
    columns, dots = (made.one(page, "figure").css(name) for name in ("rect", "circle"))
    for at, column in enumerate(columns):  # over its two dots
        left, width = (float(column.attributes[name] or 0) for name in ("x", "width"))
        for dot in dots[2 * at : 2 * at + 2]:
            assert left < float(dot.attributes["cx"] or 0) < left + width


def test_every_picture_says_in_words_what_it_shows(long: Series) -> None:
    page = Parser(pages.timeline(long, feed=False))
    drawn = page.css("figure")
    assert len(drawn) == 6
    for figure in drawn:
        svg = made.one(figure, "svg[role=img]")
        caption = made.one(figure, "figcaption").text()
        assert (svg.attributes["aria-label"] or "").startswith(f"{caption}, 2026-")


def test_nothing_is_drawn_of_what_has_no_numbers(tmp_path: Path) -> None:
    """Without a model there are neither scores nor a cost; and one night is a picture too."""
    made.report(tmp_path, days.local("ja").model_copy(update={"profile": "alpha"}))
    found = series.read(tmp_path, "alpha")
    assert found is not None
    page = Parser(pages.timeline(found, feed=False))
    assert [figure.text() for figure in page.css("figcaption")] == ["新着論文の数"]
    assert not page.css('section[aria-labelledby="weeks"]')


@pytest.mark.parametrize(
    ("highest", "top"), [(0.004, 0.005), (0.13, 0.2), (1, 1), (1.01, 2), (60, 100), (420, 500), (999, 1000)]
)
def test_an_axis_ends_at_a_round_number(highest: float, top: float) -> None:
    assert pictures._top(highest) == pytest.approx(top)
