from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.core import month_index
from pipeline.core.errors import DigestError
from pipeline.core.store import dumps
from tests.archive.folders import lay_down
from tests.report import days


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay_down(tmp_path, days.full("en"))
    return tmp_path / "made-up"


def made(folder: Path) -> month_index.MonthIndex:
    ((month, reports),) = month_index.months(folder).items()
    return month_index.build(folder, month, reports)


def test_a_row_is_what_the_report_says_of_its_paper(folder: Path) -> None:
    digest = days.full("en")
    pick = digest.picks[0]
    candidate = digest.candidates[0]
    row = made(folder).rows()[0]
    assert row == month_index.Row(
        id=pick.id,
        title=pick.title,
        author=pick.authors[0],
        authors=len(candidate.authors) + candidate.more_authors,
        date="2026-01-30",
        score=candidate.score,
        rank=candidate.rank,
        outcome="picked",
        reason=candidate.reason,
        sources=row.sources,
        flags=" ".join(candidate.flags),
        text=pick.headline,
        hook=pick.hook,
        url="" if pick.url == f"https://arxiv.org/abs/{pick.id}" else pick.url,
    )
    assert row.page == pick.url
    assert set(row.sources.replace("@", " ").split()) >= set(candidate.signals)


def test_the_file_is_json_with_a_line_for_each_value_and_read_back_equal(folder: Path) -> None:
    index = made(folder)
    data = index.dumps()
    raw = json.loads(data)
    assert data.count(b"\n") == len(raw["digests"]) + len(raw["candidates"]) + 3
    assert [dict(zip(raw["fields"], row, strict=False))["id"] for row in raw["candidates"]] == [
        candidate.id for candidate in days.full("en").candidates if candidate.outcome != "seen"
    ]
    assert month_index.loads(data) == index


def test_a_month_without_papers_is_read_back_too(tmp_path: Path) -> None:
    lay_down(tmp_path, days.full("en").model_copy(update={"candidates": (), "picks": ()}))
    index = made(tmp_path / "made-up")
    assert index.lines == ()
    assert month_index.loads(index.dumps()) == index


def test_the_report_of_another_date_is_damaged(folder: Path) -> None:
    (folder / "2026/01/2026-01-29.json").write_bytes(dumps(days.full("en")))
    with pytest.raises(DigestError, match=r"2026-01-29\.json.*it is the report of 2026-01-30"):
        made(folder)
