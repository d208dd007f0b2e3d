from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

from pipeline.archive.site import search_data
from pipeline.core.month_index import Row
from tests.archive.site import made_up

PLAIN = Row(
    "2601.00001", "A Title", "Ana", 2, "2026-01-30", 70, 1, "below_threshold", "A reason.", "arxiv", ""
)


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / "data/made-up" / f"{name}.json").read_bytes())


def written(tmp_path: Path, *rows: Row, language: str = "en") -> Any:
    search_data.write(tmp_path, "made-up", [made_up.index("made-up", language, rows)])
    return read(tmp_path, rows[0].date[:7])


def test_newest_day_first_then_by_score_then_as_in_the_report(tmp_path: Path) -> None:
    days = [
        ("2026-01-29", 90),
        ("2026-01-30", None),
        ("2026-01-30", 0),
        ("2026-01-30", 0),
        ("2026-01-30", 80),
    ]
    rows = [
        PLAIN._replace(id=f"2601.0000{n}", date=date, score=score) for n, (date, score) in enumerate(days)
    ]
    columns = written(tmp_path, *rows)
    assert [paper_id[-1] for paper_id in columns["ids"]] == ["4", "2", "3", "1", "0"]
    assert columns["days"] == [30, 30, 30, 30, 29]
    assert columns["scores"] == [80, 0, 0, None, 90]


def test_a_row_says_what_its_columns_say(tmp_path: Path) -> None:
    picked = PLAIN._replace(
        id="2601.00002", outcome="picked", text="A headline", sources="huggingface arxiv@2026-01-29", score=90
    )
    columns = written(tmp_path, PLAIN, picked)
    assert columns == {
        "month": "2026-01",
        "ids": ["2601.00002", "2601.00001"],
        "titles": ["A Title", "A Title"],
        "authors": ["Ana", "Ana"],
        "author_counts": [2, 2],
        "days": [30, 30],
        "scores": [90, 70],
        "outcomes": {"values": ["picked", "below_threshold"], "places": [0, 1]},
        "sources": {"values": [["arxiv", "huggingface"], ["arxiv"]], "places": [0, 1]},
        "reasons": ["A reason.", "A reason."],
        "texts": ["A headline", ""],
    }


def test_texts_are_those_that_a_page_shows(tmp_path: Path) -> None:
    columns = written(tmp_path, PLAIN._replace(reason="two\nlines\u202e, $\\alpha$", author="A\u200bna"))
    assert columns["reasons"] == ["two lines, α"]
    assert columns["authors"] == ["Ana"]


def test_the_list_of_months(tmp_path: Path) -> None:
    other = PLAIN._replace(date="2025-12-01", sources="blog.example.org/feed.xml")
    months = [
        made_up.index("made-up", language, [row]) for language, row in (("zh-CN", PLAIN), ("en", other))
    ]
    search_data.write(tmp_path, "made-up", months)
    catalog = read(tmp_path, "months")
    assert [month["month"] for month in catalog["months"]] == ["2026-01", "2025-12"]
    assert [month["papers"] for month in catalog["months"]] == [1, 1]
    sizes = [(tmp_path / f"data/made-up/{month}.json").stat().st_size for month in ("2026-01", "2025-12")]
    assert [month["bytes"] for month in catalog["months"]] == sizes
    assert [source["name"] for source in catalog["sources"]] == ["arxiv", "blog.example.org/feed.xml"]


def test_the_same_months_give_the_same_bytes_and_a_changed_one_another_version(tmp_path: Path) -> None:
    trees = []
    for name, title in (("a", "A Title"), ("b", "A Title"), ("c", "Another")):
        search_data.write(
            tmp_path / name, "made-up", [made_up.index("made-up", "en", [PLAIN._replace(title=title)])]
        )
        trees.append({path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.json")})
    assert trees[0] == trees[1]
    assert trees[0]["months.json"] != trees[2]["months.json"]


def test_a_profile_without_a_digest(tmp_path: Path) -> None:
    search_data.write(tmp_path, "made-up", [])
    assert read(tmp_path, "months")["months"] == []


def test_a_row_takes_less_than_its_share(tmp_path: Path) -> None:
    """At most 8 MB for 75,000 papers. Made-up words repeat more than real ones do: there a row takes 76 bytes."""
    date = dt.date(2026, 1, 30)
    months = made_up.months("made-up", "en", count=1, days=20, papers=60)
    search_data.write(tmp_path, "made-up", months)
    data = (tmp_path / f"data/made-up/{date:%Y-%m}.json").read_bytes()
    assert len(gzip.compress(data, 6)) / len(months[0].lines) < 8e6 / 75_000
