"""What is due. The calendar was counted by hand: 2026-01-30 is a Friday."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from pipeline.cli.plan import Plan, outputs, weekdays_between
from tests.cli.test_app import digest
from tests.core.test_ledger import candidate, owed, report


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        (dt.date(2026, 1, 29), dt.date(2026, 1, 30), 0),
        (dt.date(2026, 1, 30), dt.date(2026, 2, 2), 0),
        (dt.date(2026, 1, 28), dt.date(2026, 1, 30), 1),
        (dt.date(2026, 1, 22), dt.date(2026, 1, 30), 5),
        (dt.date(2026, 1, 30), dt.date(2026, 1, 29), 0),
    ],
)
def test_weekdays_between(one: dt.date, other: dt.date, count: int) -> None:
    assert weekdays_between(one, other) == count


def plans(*words: str) -> dict[str, object]:
    result = digest("plan", "--sample", "--json", *words)
    plan: dict[str, object] = json.loads(result.stdout)["plans"][0]
    return {**plan, "said": result.stderr}


def as_profile(*given: Path) -> None:
    """The hand-written reports are those of `mine`; here they are the example profile's."""
    Path("reports/mine").rename("reports/cv-restoration")


def test_without_a_report_it_is_due(project: Path) -> None:
    plan = plans()
    assert (plan["due"], plan["last_report"], plan["pending"]) == (True, None, 0)


def test_with_a_complete_report_it_is_not_due_unless_asked_for(project: Path) -> None:
    report(Path("reports"), dt.date(2026, 1, 30), candidates=[candidate("2601.00001")])
    as_profile()
    assert plans()["due"] is False
    assert plans("--force")["due"] is True
    assert plans("--from", "analyze")["due"] is True
    assert plans("--papers", "2601.00001")["due"] is True


def test_with_something_pending_it_is_due(project: Path) -> None:
    report(
        Path("reports"),
        dt.date(2026, 1, 30),
        candidates=[candidate("2601.00001", "unscored", None)],
        pending=[owed("2601.00001", 30)],
    )
    as_profile()
    plan = plans()
    assert (plan["due"], plan["pending"], plan["why"]) == (True, 1, "1 of its papers is pending")


@pytest.mark.parametrize(("last", "alarm"), [(23, False), (22, True)])
def test_five_weekdays_without_a_report_are_an_alarm(project: Path, last: int, alarm: bool) -> None:
    report(Path("reports"), dt.date(2026, 1, last))
    as_profile()
    plan = plans()
    assert ("has had no report for 5 weekdays" in str(plan["said"])) is alarm


def test_the_workflow_gets_its_outputs(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "output"
    digest("plan", "--sample", env={"GITHUB_OUTPUT": str(file)})
    text = file.read_text()
    assert '[{"id": 0, "profiles": "cv-restoration"}]' in text
    assert "true" in text
    assert "2026-01-30" in text


def test_profiles_are_cut_into_chunks_of_twenty() -> None:
    made = [
        Plan(
            profile=f"p{n}",
            date=dt.date(2026, 1, 30),
            due=n != 3,
            why="",
            last_report=None,
            through={},
            pending=0,
            weekdays_without=0,
        )
        for n in range(45)
    ]
    chunks = json.loads(outputs(made)["chunks"])
    assert [len(chunk["profiles"].split(",")) for chunk in chunks] == [20, 20, 4]
    assert [chunk["id"] for chunk in chunks] == [0, 1, 2]
    assert "p3" not in chunks[0]["profiles"].split(",")


def test_a_profile_whose_report_is_damaged_is_due_for_its_own_run_says_so(project: Path) -> None:
    Path("reports/cv-restoration/2026/01").mkdir(parents=True)
    Path("reports/cv-restoration/2026/01/2026-01-30.json").write_text("{")
    plan = plans()
    assert (plan["due"], plan["last_report"]) == (True, None)
    assert plan["why"] == "reports/cv-restoration/2026/01/2026-01-30.json cannot be read"
