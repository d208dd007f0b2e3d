"""What the committed reports know. The reports here are written by hand, not by the program."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import ledger
from pipeline.errors import DigestError


def day(number: int) -> dt.date:
    return dt.date(2026, 1, number)


def candidate(key: str, outcome: str = "below_threshold", score: int | None = 40) -> dict[str, Any]:
    return {"id": key, "outcome": outcome, "score": score}


def owed(key: str, since: int, stage: str = "score") -> dict[str, Any]:
    return {"id": key, "stage": stage, "reason": "HTTP 529", "since": day(since).isoformat()}


def source(name: str, through: int | None, status: str = "ok") -> dict[str, Any]:
    return {"name": name, "status": status, "through": through and day(through).isoformat()}


def report(reports: Path, date: dt.date, **given: Any) -> Path:
    path = reports / "mine" / f"{date:%Y/%m}" / f"{date}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"candidates": [], "sources": [], "pending": [], **given}))
    return path


def test_no_reports_no_knowledge(tmp_path: Path) -> None:
    known = ledger.load(tmp_path, "mine")
    assert known == ledger.Ledger()
    assert known.before(day(30)) is None


def test_a_paper_is_judged_once_and_the_last_word_counts(tmp_path: Path) -> None:
    report(
        tmp_path,
        day(5),
        candidates=[candidate("1"), candidate("2", "unscored", None)],
        pending=[owed("2", 5)],
    )
    report(tmp_path, day(6), candidates=[candidate("1", "seen"), candidate("2", "picked", 80)])
    report(tmp_path, day(7), candidates=[candidate("3", "unscored", None)], pending=[owed("3", 7)])
    known = ledger.load(tmp_path, "mine")
    one = known.judged("1")
    assert one is not None
    assert (one.on, one.score, one.outcome) == (day(5), 40, "below_threshold")
    two = known.judged("2")
    assert two is not None
    assert two.on == day(6)
    assert known.judged("3") is None
    assert [(p.id, p.since) for p in known.pending()] == [("3", day(7))]
    assert known.before(day(7)) == day(6)


def test_what_is_given_up_is_judged(tmp_path: Path) -> None:
    """Tried for a week: the last report lists it as unscored and no longer as pending."""
    report(tmp_path, day(5), candidates=[candidate("2", "unscored", None)], pending=[owed("2", 5)])
    report(tmp_path, day(12), candidates=[candidate("2", "unscored", None)])
    known = ledger.load(tmp_path, "mine")
    assert known.pending() == ()
    assert known.judged("2") is not None


def test_each_source_has_its_own_watermark_and_failure_moves_none(tmp_path: Path) -> None:
    report(tmp_path, day(5), sources=[source("arxiv", 5), source("huggingface", 4)])
    report(tmp_path, day(6), sources=[source("arxiv", None, "failed"), source("huggingface", 5)])
    report(tmp_path, day(7), sources=[source("arxiv", 7, "failed"), source("huggingface", None)])
    assert ledger.load(tmp_path, "mine").through == {"arxiv": day(5), "huggingface": day(5)}


def test_one_date_can_be_left_out_and_profiles_do_not_mix(tmp_path: Path) -> None:
    report(tmp_path, day(5), candidates=[candidate("1")])
    assert ledger.load(tmp_path, "mine", but=day(5)) == ledger.Ledger()
    assert ledger.load(tmp_path, "yours") == ledger.Ledger()


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"candidates": [{"outcome": "picked"}], "sources": [], "pending": []}']
)
def test_a_damaged_report_stops_the_run_and_says_how_to_mend_it(tmp_path: Path, damage: str) -> None:
    path = report(tmp_path, day(5))
    path.write_text(damage)
    with pytest.raises(DigestError) as caught:
        ledger.load(tmp_path, "mine")
    assert str(path) in str(caught.value)
    assert "git checkout" in caught.value.hint


def test_indexes_and_strange_names_are_not_reports(tmp_path: Path) -> None:
    report(tmp_path, day(5))
    (tmp_path / "mine" / "index.json").write_text("{}")
    (tmp_path / "mine" / "2026" / "01" / "notes.json").write_text("{}")
    assert ledger.load(tmp_path, "mine").dates == (day(5),)


def listed(reports: Path, digests: int, *lines: str) -> None:
    head = f"# seen=1 digests={digests} lines={len(lines)} newest=x\n"
    (reports / "mine" / "seen.tsv").write_text(head + "".join(f"{line}\n" for line in lines))


def test_the_list_is_read_in_place_of_old_reports(tmp_path: Path) -> None:
    """The old report says 40; the list, made by hand, says 41, and so shows which of them was read."""
    report(tmp_path, day(1), candidates=[candidate("1", score=40)], sources=[source("arxiv", 1)])
    report(tmp_path, day(20), candidates=[candidate("2", score=50)], sources=[source("arxiv", 20)])
    listed(tmp_path, 2, "1\t2026-01-01\t41\tpicked\t\tabc", "2\t2026-01-20\t50\tbelow_threshold\t\tabc")
    known = ledger.load(tmp_path, "mine")
    assert {key: (entry.on, entry.score) for key, entry in known.entries.items()} == {
        "1": (day(1), 41),
        "2": (day(20), 50),
    }
    assert known.through == {"arxiv": day(20)}
    assert known.dates == (day(1), day(20))


def test_what_is_pending_is_read_from_its_report_unless_a_newer_line_has_settled_it(tmp_path: Path) -> None:
    unscored = [candidate("1", "unscored", None), candidate("2", "unscored", None)]
    report(tmp_path, day(1), candidates=unscored, pending=[owed("1", 1), owed("2", 1)])
    report(tmp_path, day(2), candidates=[candidate("1", score=70)])
    report(tmp_path, day(20))
    listed(
        tmp_path,
        3,
        "1\t2026-01-01\t\tunscored\tscore\tabc",
        "1\t2026-01-02\t70\tbelow_threshold\t\tabc",
        "2\t2026-01-01\t\tunscored\tscore\tabc",
    )
    known = ledger.load(tmp_path, "mine")
    assert [(one.id, one.since) for one in known.pending()] == [("2", day(1))]
    one = known.judged("1")
    assert one is not None
    assert (one.on, one.score) == (day(2), 70)


@pytest.mark.parametrize(
    "text",
    ["", "# seen=2 digests=1 lines=0\n", "# seen=1 digests=2 lines=0\n", "# seen=1 digests=1 lines=3\n", "rubbish", "# seen=1 digests=1 lines=1\nx\ty\n"],
)  # fmt: skip
def test_a_list_that_disagrees_is_not_believed(tmp_path: Path, text: str) -> None:
    report(tmp_path, day(1), candidates=[candidate("1", score=40)])
    (tmp_path / "mine" / "seen.tsv").write_text(text)
    known = ledger.load(tmp_path, "mine")
    assert known.entries["1"].score == 40


def test_one_date_is_left_out_of_the_list_too(tmp_path: Path) -> None:
    report(tmp_path, day(1), candidates=[candidate("1", score=40)])
    report(tmp_path, day(20), candidates=[candidate("2", score=50)])
    listed(tmp_path, 2, "1\t2026-01-01\t40\tpicked\t\tabc", "2\t2026-01-20\t50\tbelow_threshold\t\tabc")
    assert set(ledger.load(tmp_path, "mine", but=day(20)).entries) == {"1"}
    assert set(ledger.load(tmp_path, "mine", but=day(1)).entries) == {"2"}
