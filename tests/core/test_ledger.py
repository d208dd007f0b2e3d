"""What the committed reports know. The reports here are written by hand, not by the program."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core import ledger, month_index
from pipeline.core.artifacts import Candidate, Retry
from pipeline.core.errors import DigestError
from pipeline.core.models import Verdict
from tests.builders import fetched, paper


def day(number: int) -> dt.date:
    return dt.date(2026, 1, number)


def candidate(key: str, outcome: str = "below_threshold", score: int | None = 40) -> dict[str, Any]:
    page = {"title": f"Paper {key}", "url": f"https://arxiv.org/abs/{key}", "authors": [], "more_authors": 0}
    verdict: dict[str, Any] = {"score": score, "rank": 1, "reason": "why", "outcome": outcome, "flags": []}
    return {"id": key, **page, "signals": {}, **verdict}


def owed(key: str, since: int, stage: str = "score") -> dict[str, Any]:
    return {"id": key, "stage": stage, "reason": "HTTP 529", "since": day(since).isoformat()}


def source(name: str, through: int | None, status: str = "ok") -> dict[str, Any]:
    return {
        "name": name,
        "status": status,
        "count": 1,
        "through": through and day(through).isoformat(),
        "note": "",
    }


def report(reports: Path, date: dt.date, **given: Any) -> Path:
    path = reports / "mine" / f"{date:%Y/%m}" / f"{date}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {"schema_version": 2, "date": str(date), "generated_at": f"{date}T06:00:00Z", "run_url": None}
    said = {"title": "T", "language": "en", "engine": "claude", "threshold": 60, "usage": {"usd": 0.1}}
    papers: dict[str, Any] = {"candidates": [], "picks": [], "sources": [], "pending": []}
    path.write_text(json.dumps({**made, **said, **papers, **given}))
    return path


def indexed(reports: Path) -> Path:
    """Write the index of the reports' month; returns its path."""
    folder = reports / "mine"
    for month, files in month_index.months(folder).items():
        path = folder / month / month_index.FILE
        path.write_bytes(month_index.build(folder, month, files).dumps())
    return path


def test_no_reports_no_knowledge(tmp_path: Path) -> None:
    known = ledger.load(tmp_path, "mine")
    assert known == ledger.Ledger()
    assert known.newest_before(day(30)) is None


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
    assert known.newest_before(day(7)) == day(6)


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


def test_a_source_that_was_never_read_has_to_be_caught_up_from_its_first_failure(tmp_path: Path) -> None:
    """Also where it was read once, longer ago than is looked at: what is caught up has an end of its own."""
    report(tmp_path, day(5), sources=[source("arxiv", None, "failed"), source("huggingface", 5)])
    report(tmp_path, day(6), sources=[source("arxiv", None, "failed"), source("huggingface", None, "failed")])
    known = ledger.load(tmp_path, "mine")
    assert known.through == {"huggingface": day(5)}
    assert known.watermarks() == {"arxiv": day(4), "huggingface": day(5)}


def test_a_source_that_was_read_after_its_failure_is_covered(tmp_path: Path) -> None:
    report(tmp_path, day(26), sources=[source("arxiv", None, "failed")])
    report(tmp_path, day(29), sources=[source("arxiv", 29)])
    assert ledger.load(tmp_path, "mine").watermarks() == {"arxiv": day(29)}


def carried(
    name: str, watermark: int | None, first_failure: int | None = None, **given: Any
) -> dict[str, Any]:
    """A status of this version: what is carried in it counts, and `through` only says what that one run read."""
    days = {"watermark": watermark, "first_failure": first_failure}
    set_ = {key: day(number).isoformat() for key, number in days.items() if number}
    return {**source(name, None), **set_, **given}


def test_the_watermark_that_the_newest_report_carries_counts(tmp_path: Path) -> None:
    report(
        tmp_path, day(5), sources=[carried("arxiv", 5, through="2026-01-05"), carried("huggingface", None, 5)]
    )
    report(tmp_path, day(6), sources=[carried("arxiv", 5, 6), carried("huggingface", None, 5)])
    report(
        tmp_path, day(7), sources=[carried("arxiv", 5, 6, through="2026-01-07"), carried("huggingface", 6)]
    )
    known = ledger.load(tmp_path, "mine")
    assert known.watermarks() == {"arxiv": day(5), "huggingface": day(6)}
    assert known.failing == {"arxiv": day(6)}
    assert known.read == {"arxiv": {day(5), day(7)}}


def test_a_source_that_was_never_read_is_carried_from_its_first_failure(tmp_path: Path) -> None:
    report(tmp_path, day(5), sources=[carried("arxiv", None, 5)])
    report(tmp_path, day(9), sources=[carried("arxiv", None, 5)])
    assert ledger.load(tmp_path, "mine").watermarks() == {"arxiv": day(4)}


def test_reports_of_older_versions_go_on_in_those_of_this_one(tmp_path: Path) -> None:
    report(tmp_path, day(5), sources=[source("arxiv", 5), source("huggingface", 4)])
    report(tmp_path, day(6), sources=[source("arxiv", None, "failed"), source("huggingface", 5)])
    assert ledger.load(tmp_path, "mine").watermarks() == {"arxiv": day(5), "huggingface": day(5)}
    report(tmp_path, day(7), sources=[carried("arxiv", 5, 6), carried("huggingface", 6)])
    assert ledger.load(tmp_path, "mine").watermarks() == {"arxiv": day(5), "huggingface": day(6)}


@pytest.mark.parametrize("status", ["ok", "failed"])
def test_what_is_carried_is_not_forgotten_behind_reports_of_past_dates(tmp_path: Path, status: str) -> None:
    """Made weeks later, for days of which they say no watermark."""
    report(tmp_path, day(2), sources=[carried("arxiv", 1, 2)])
    late = {"generated_at": "2026-01-29T06:00:00Z", "sources": [source("arxiv-oai", None, status)]}
    for number in range(15, 25):
        report(tmp_path, day(number), **late)
    assert ledger.load(tmp_path, "mine").watermarks() == {"arxiv": day(1)}


def test_a_date_takes_up_what_earlier_reports_left_and_a_week_is_the_end_of_it(tmp_path: Path) -> None:
    """The day after the report of the 9th it is due, on the 16th for the last time, on the 17th given up, once."""
    report(tmp_path, day(9), candidates=[candidate("1", "unscored", None)], pending=[owed("1", 9)])
    known = ledger.load(tmp_path, "mine")
    assert [one.id for one in known.pending_from(day(9))] == ["1"]
    assert known.pending_from(day(8)) == ()
    due = {n: bool(known.due(day(n))) for n in (5, 9, 10, 16, 17)}
    assert due == {5: False, 9: False, 10: True, 16: True, 17: False}
    assert [one.id for one in known.expired(day(17))] == ["1"]
    assert known.expired(day(16)) == ()
    assert [known.given_up(day(n)) for n in (9, 16, 17)] == [set(), set(), {"1"}]
    report(tmp_path, day(17))
    later = ledger.load(tmp_path, "mine")
    assert later.expired(day(18)) == ()
    assert later.given_up(day(18)) == {"1"}


def test_one_date_can_be_left_out_and_profiles_do_not_mix(tmp_path: Path) -> None:
    report(tmp_path, day(5), candidates=[candidate("1")])
    assert ledger.load(tmp_path, "mine", exclude=day(5)) == ledger.Ledger()
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


def test_the_index_is_read_in_place_of_the_reports(tmp_path: Path) -> None:
    """The report says 40 when the index is made, and 41 afterwards: the one that is read shows."""
    path = report(tmp_path, day(1), candidates=[candidate("1", score=40)], sources=[source("arxiv", 1)])
    report(
        tmp_path, dt.date(2026, 2, 20), candidates=[candidate("2", score=50)], sources=[source("arxiv", 20)]
    )
    indexed(tmp_path)
    path.write_text(path.read_text().replace('"score": 40', '"score": 41'))
    known = ledger.load(tmp_path, "mine")
    assert {key: (entry.on, entry.score) for key, entry in known.entries.items()} == {
        "1": (day(1), 40),
        "2": (dt.date(2026, 2, 20), 50),
    }
    assert known.through == {"arxiv": day(20)}
    assert known.dates == (day(1), dt.date(2026, 2, 20))
    assert "4" not in known.entries
    assert known.entries.get("4") is None


EDITS = {
    "a row": lambda text: text.replace("40", "42"),
    "a line break": lambda text: text.replace("\n", "\r\n"),
    "cut": lambda text: text[: len(text) // 2],
    "another format": lambda text: text.replace('"format":1', '"format":2'),
    "another profile": lambda text: text.replace('"profile":"mine"', '"profile":"yours"'),
    "a digest is missing": lambda text: text.replace('{"date":"2026-01-02"', '{"date":"2026-01-03"'),
    "conflict marks": lambda text: text.replace('], "candidates', '<<<<<<< ours\n], "candidates'),
    "nothing": lambda text: "",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_index_that_was_edited_or_is_of_other_reports_is_not_used(
    tmp_path: Path, edit: Callable[[str], str]
) -> None:
    path = report(tmp_path, day(1), candidates=[candidate("1", score=40)])
    report(tmp_path, day(2))
    index = indexed(tmp_path)
    path.write_text(path.read_text().replace('"score": 40', '"score": 41'))
    index.write_bytes(edit(index.read_text()).encode())
    assert ledger.load(tmp_path, "mine").entries["1"].score == 41


def test_an_index_from_before_a_report_was_added_changed_or_removed_is_not_used(tmp_path: Path) -> None:
    path = report(tmp_path, day(1), candidates=[candidate("1", score=40)])
    indexed(tmp_path)
    path.write_text(path.read_text().replace('"score": 40', '"score": 9'))
    assert ledger.load(tmp_path, "mine").entries["1"].score == 9
    indexed(tmp_path)
    added = report(tmp_path, day(2), candidates=[candidate("2")])
    assert set(ledger.load(tmp_path, "mine").entries) == {"1", "2"}
    indexed(tmp_path)
    added.unlink()
    assert set(ledger.load(tmp_path, "mine").entries) == {"1"}


def test_one_date_is_left_out_of_the_index_too(tmp_path: Path) -> None:
    report(tmp_path, day(1), candidates=[candidate("1", score=40)])
    report(tmp_path, day(20), candidates=[candidate("1", score=41), candidate("2", score=50)])
    indexed(tmp_path)
    entries = ledger.load(tmp_path, "mine", exclude=day(20)).entries
    assert {key: entry.score for key, entry in entries.items()} == {"1": 40}
    assert set(ledger.load(tmp_path, "mine", exclude=day(1)).entries) == {"1", "2"}


def test_a_day_whose_papers_a_later_digest_lists_first_was_not_read_in_full(tmp_path: Path) -> None:
    """arXiv announced 2 on the 5th, and the digest of the 5th did not have it; 1 is a retry, and 3 was looked up."""
    report(tmp_path, day(5), candidates=[candidate("1", "unscored", None)], sources=[source("arxiv", 5)])
    late = {"arxiv": {"day": "2026-01-05", "announced_as": "new", "upvotes": None}}
    looked_up = {"arxiv": {"day": "2026-01-05", "announced_as": None, "upvotes": None}}
    of_sixth = [{**candidate("1"), "signals": late}, {**candidate("3"), "signals": looked_up}]
    report(tmp_path, day(6), candidates=of_sixth, sources=[source("arxiv", 6)])
    assert ledger.load(tmp_path, "mine").read == {"arxiv": {day(5), day(6)}}
    report(tmp_path, day(7), candidates=[{**candidate("2"), "signals": late}], sources=[source("arxiv", 7)])
    assert ledger.load(tmp_path, "mine").read == {"arxiv": {day(6), day(7)}}


def test_what_is_owed_counts_from_the_day_it_was_first_tried() -> None:
    def retry(key: str, since: int) -> Retry:
        return Retry(paper=paper(key), stage="score", since=day(since), verdict=None)

    tried = [retry("2601.00001", 29), retry("2601.00002", 23), retry("2601.00003", 24)]
    failed = {f"2601.0000{n}": "HTTP 529" for n in (1, 2, 3, 4)}
    night = fetched(date=day(30), generated_at=dt.datetime(2026, 1, 30, 5, 47, tzinfo=dt.UTC))
    found = ledger.still_pending("score", failed, tried, night)
    # The second has been tried for seven days; the last one is new.
    assert {one.id[-1]: one.since.day for one in found} == {"1": 29, "3": 24, "4": 30}
    assert {(one.stage, one.reason) for one in found} == {("score", "HTTP 529")}


def test_nights_on_which_no_call_was_made_for_a_paper_do_not_count() -> None:
    """An account that gets money after three weeks: the paper is tried then, and for seven days from then on."""
    key, owed = "2601.00001", None
    entry = ledger.Entry(day(1), None, "unscored")
    for number in range(1, 31):
        known = ledger.Ledger({key: entry}, {key: owed} if owed else {})
        assert known.given_up(day(number)) == frozenset()
        retried = [
            Retry(paper=paper(key), stage="score", since=one.since, verdict=None)
            for one in known.due(day(number))
        ]
        assert bool(retried) == (number > 1)
        night = fetched(date=day(number), generated_at=dt.datetime(2026, 1, number, 5, 47, tzinfo=dt.UTC))
        unasked = {key} if number <= 21 else set()
        pending = ledger.still_pending("score", {key: "no money"}, retried, night, unasked=unasked)
        if not pending:
            assert number == 28
            return
        owed = pending[0]
    raise AssertionError("never given up")


def test_the_week_of_a_past_date_begins_when_it_is_made() -> None:
    late = fetched(date=day(5), generated_at=dt.datetime(2026, 1, 30, 5, 47, tzinfo=dt.UTC))
    (one,) = ledger.still_pending("analyze", {"2601.00001": "HTTP 529"}, (), late)
    assert one.since == day(30)
    (again,) = ledger.Ledger({one.id: ledger.Entry(day(5), 70, "picked")}, {one.id: one}).due(day(31))
    assert again == one


def test_a_verdict_is_what_the_report_kept_of_it() -> None:
    kept = {
        "topic": 4.0,
        "transfer": 3.0,
        "substance": 2.0,
        "spread": 2.5,
        "score": 71,
        "reason": "why",
        "judged_by": "m",
    }
    page = {"title": "T", "url": "u", "authors": (), "more_authors": 0, "signals": {}, "flags": ()}
    found = Candidate.model_validate(
        {"id": "1", "outcome": "excluded", "seen_on": None, "rank": None, **page, **kept}
    )
    assert ledger.verdict_of(found) == Verdict.model_validate({"excluded": True, "rank": 0, **kept})
    picked = found.model_copy(update={"outcome": "picked", "rank": 3})
    assert ledger.verdict_of(picked) == Verdict.model_validate({"excluded": False, "rank": 3, **kept})


def test_what_was_listed_without_being_marked_is_not_judged_and_replaces_no_judgment(tmp_path: Path) -> None:
    """The second paper was marked by a digest of an earlier date, made later; of the third the marking is pending."""
    passed_over = [candidate(key, "prefiltered", None) for key in ("1", "2", "3")]
    earlier = [candidate("2", "picked", 80), candidate("3", "unscored", None)]
    report(tmp_path, day(3), candidates=earlier, pending=[owed("3", 3)])
    report(tmp_path, day(4), candidates=passed_over)
    report(tmp_path, day(20))
    known = ledger.load(tmp_path, "mine")
    assert known.judged("1") is None
    assert known.entries["1"].outcome == "prefiltered"
    two = known.judged("2")
    assert two is not None
    assert two.score == 80
    assert [one.id for one in known.pending()] == ["3"]


def test_the_newest_report_says_what_waits_in_a_feed(tmp_path: Path) -> None:
    """Two feeds that differ in their query have one name; the third is not read any more."""
    read = {"first_read": "2026-01-02"}
    gone = {**source("z", 4), **read, "waiting": ["c"]}
    report(tmp_path, day(4), sources=[{**source("x", 4), **read, "waiting": ["old"]}, gone])
    now = [{**source("x", 5), **read, "waiting": ["a"]}, {**source("x", 5), **read, "waiting": ["b"]}]
    report(tmp_path, day(5), sources=[source("arxiv", 5), *now, {**source("y", 5), **read}])
    known = ledger.load(tmp_path, "mine")
    assert known.feeds == {"x": ledger.Feed(day(2), ("a", "b")), "y": ledger.Feed(day(2), ())}
    assert ledger.load(tmp_path, "mine", exclude=day(5)).feeds["x"].waiting == ("old",)
