"""`digest export`, as a person runs it, over reports that were laid down by hand."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from pybtex.database import parse_string

from pipeline.archive import build
from pipeline.core.store import dumps, report_path
from tests.archive.folders import lay_down, on
from tests.cli.test_app import digest
from tests.report import days

REPORTS = Path("reports")
MINE = ("--profile", "made-up")
SHORTLIST = [f"arxiv-2601.980{number}" for number in (30, 36, 37)]


def keys(*words: str) -> list[str]:
    return list(parse_string(digest("export", *MINE, *words).stdout, "bibtex").entries)


@pytest.fixture
def reports(project: Path) -> Path:
    """Two months: a full digest of two picks and three shortlisted papers, then one with other ids."""
    lay_down(REPORTS, on(days.full("en"), dt.date(2025, 12, 5)))
    lay_down(REPORTS, days.full("en"))
    return REPORTS


def test_the_default_is_the_picks_of_all_reports_as_bibtex(reports: Path) -> None:
    assert keys() == ["arxiv-2512.99001", "arxiv-2512.99002", "arxiv-2601.99001", "arxiv-2601.99002"]
    assert keys("--picks") == keys()


def test_one_month_and_the_shortlist(reports: Path) -> None:
    picks = ["arxiv-2601.99001", "arxiv-2601.99002"]
    assert keys("--month", "2026-01") == picks
    assert keys("--month", "2026-01", "--shortlist") == SHORTLIST
    assert (
        keys("--month", "2026-01", "--all")
        == keys("--month", "2026-01", "--picks", "--shortlist")
        == picks + SHORTLIST
    )


def test_the_other_formats(reports: Path) -> None:
    assert [
        item["id"] for item in json.loads(digest("export", *MINE, "--format", "csl-json").stdout)
    ] == keys()
    assert digest("export", *MINE, "--format", "ris").stdout.count("\nER  - \n") == 4


def test_what_it_prints_is_the_file_beside_the_month_page(reports: Path) -> None:
    build.rebuild(reports, "made-up")
    folder = reports / "made-up/2026/01"
    printed = digest("export", *MINE, "--month", "2026-01").stdout
    assert (folder / "papers.bib").read_text("utf-8") == printed
    assert "](papers.bib)" in (folder / "README.md").read_text("utf-8")
    page = "https://github.com/octo-org/digests/blob/HEAD/reports/made-up/2026/01/2026-01-30.md"
    assert f"Picked on 2026-01-30 with score 92: {page}\\#arxiv-2601-99001" in printed
    assert '<a id="arxiv-2601-99001"></a>' in (folder / "2026-01-30.md").read_text("utf-8")


def test_two_profiles_that_picked_the_same_paper_give_one_entry(reports: Path) -> None:
    other = days.full("en").model_copy(update={"profile": "other"})
    lay_down(reports, other)
    printed = digest("export", *MINE, "--profile", "other", "--month", "2026-01").stdout
    entry = parse_string(printed, "bibtex").entries["arxiv-2601.99001"]
    assert entry.fields["annote"].count("reports/") == 2


def test_an_old_report_is_exported_too(project: Path) -> None:
    """Of schema version 1: ten authors and the number of the others; neither DOI nor categories."""
    raw = json.loads(dumps(days.full("en")))
    raw["schema_version"] = 1
    for pick in raw["picks"]:
        for new in ("second_reader", "read_on", "venue", "code", "doi", "categories", "figure"):
            pick.pop(new, None)
        pick |= {"authors": [f"Ana Lima{n}" for n in "abcdefghij"], "more_authors": 290}
    for candidate in raw["candidates"]:
        candidate["outcome"] = candidate["outcome"].replace("shortlisted", "not_picked")
        for new in ("brief", "doi", "categories"):
            candidate.pop(new, None)
    path = report_path(REPORTS, "made-up", dt.date(2026, 1, 30))
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(raw))
    entry = parse_string(digest("export", *MINE).stdout, "bibtex").entries["arxiv-2601.99001"]
    assert [str(person) for person in entry.persons["author"]][9:] == ["Limaj, Ana", "others"]
    assert keys("--shortlist") == SHORTLIST


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--month", "2026-13"], 2, '--month: "2026-13" is not a month of the form YYYY-MM'),
        (["--month", "２０２６-01"], 2, "is not a month of the form YYYY-MM"),
        (["--month", "2031-01"], 2, "made-up: there is no report of 2031-01"),
        (["--reports", "elsewhere"], 2, "made-up: there is no report"),
        (["--profile", "../made-up"], 2, '"../made-up" is not the name of a profile'),
        (["--format", "xml"], 2, "'xml' is not one of 'bibtex', 'ris', 'csl-json'"),
    ],
)
def test_wrong_usage_ends_with_a_message(reports: Path, words: list[str], code: int, message: str) -> None:
    result = digest("export", *MINE, *words, code=code)
    assert message in result.stderr
    assert result.stdout == ""


def test_a_profile_without_reports_beside_one_with_some_is_said(reports: Path) -> None:
    result = digest("export", *MINE, "--profile", "new")
    assert "new: there is no report" in result.stderr
    assert result.stdout.count("@misc") == 4


def test_a_damaged_report_is_named(reports: Path) -> None:
    path = report_path(reports, "made-up", dt.date(2026, 1, 30))
    path.write_bytes(path.read_bytes()[:500])
    result = digest("export", *MINE, code=1)
    assert "reports/made-up/2026/01/2026-01-30.json" in result.stderr
    assert result.stdout == ""
