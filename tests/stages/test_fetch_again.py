"""What is fetched of papers that a report knows: those owed, asked for by id, made anew, or judged meanwhile."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.settings import load_settings
from pipeline.core.artifacts import Digest, Fetched, Retry, Seen
from pipeline.core.errors import DigestError
from pipeline.core.ledger import Entry, Ledger, verdict_of
from pipeline.core.models import Pending, Skipped
from pipeline.core.store import parse_artifact
from pipeline.stages import fetch
from tests import builders
from tests.sources.table import Table
from tests.stages.test_fetch import ago, api, judged, run, table

# The committed example, as the program wrote it; its first two candidates are its picks.
EXAMPLE = Path(__file__).parents[2] / "reports/cv-restoration/2026/01/2026-01-30.json"
REPORT = parse_artifact(EXAMPLE.read_bytes(), Digest, path=str(EXAMPLE), hint="")
FIRST, SECOND, OTHER = (one.id for one in REPORT.candidates[:3])


def only(*keys: str) -> Digest:
    """The example with no other candidates than these."""
    return REPORT.model_copy(update={"candidates": tuple(one for one in REPORT.candidates if one.id in keys)})


def owing(key: str, days: int = 0, stage: str = "score") -> Pending:
    return Pending.model_validate({"id": key, "stage": stage, "reason": "HTTP 529", "since": ago(days)})


def redo(get: Table, report: Digest, *owed: Pending, wanted: tuple[str, ...] = ()) -> Fetched:
    settings = load_settings(Path("digest.toml"), {})
    return asyncio.run(
        fetch.fetch_again(get, report, profile=report.profile, settings=settings, pending=owed, wanted=wanted)
    )


def test_a_judged_paper_that_is_asked_for_is_analyzed_with_the_verdict_it_has(project: Path) -> None:
    report = only(FIRST)
    asked: list[dt.date] = []

    def report_of(date: dt.date) -> Digest:
        asked.append(date)
        return report

    get = table(**{"/api/query": [api(FIRST)]})
    fetched = run(get, Ledger(judged(FIRST, on=ago(3))), wanted=(FIRST,), report_of=report_of)
    verdict = verdict_of(report.candidates[0])
    assert [(one.paper.id, one.stage, one.verdict) for one in fetched.retries] == [
        (FIRST, "analyze", verdict)
    ]
    assert asked == [ago(3)]
    assert FIRST not in {p.id for p in fetched.papers}


def test_a_paper_without_a_score_that_is_asked_for_is_scored(project: Path) -> None:
    known = Ledger({"2601.00001": Entry(on=ago(1), score=None, outcome="prefiltered")})
    fetched = run(table(), known, wanted=("2601.00001",))
    assert fetched.retries == ()
    assert "2601.00001" in {p.id for p in fetched.papers}


def test_again_redoes_only_what_is_owed(project: Path) -> None:
    pending = owing(OTHER)
    get = table(**{"/api/query": [api(OTHER)]})
    fetched = redo(get, REPORT.model_copy(update={"pending": (pending,)}), pending)
    assert [one.paper.id for one in fetched.retries] == [OTHER]
    assert fetched.papers == ()
    kept = fetched.kept
    assert kept is not None
    assert len(kept.candidates) == len(REPORT.candidates) - 1
    assert kept.pending == ()
    assert fetched.sources == REPORT.sources
    assert len(get.asked) == 1


def test_again_without_metadata_leaves_the_report_alone(project: Path) -> None:
    with pytest.raises(DigestError, match="could not be looked up"):
        redo(table(**{"/api/query": [500]}), REPORT, owing(OTHER))


def test_again_does_what_it_can_if_one_of_two_is_not_found(project: Path) -> None:
    fetched = redo(table(**{"/api/query": [api(FIRST)]}), REPORT, owing(OTHER), owing(FIRST))
    assert [one.paper.id for one in fetched.retries] == [FIRST]


def test_again_counts_from_the_day_it_was_first_tried(project: Path) -> None:
    fetched = redo(table(**{"/api/query": [api(OTHER)]}), REPORT, owing(OTHER, 4))
    assert [one.since for one in fetched.retries] == [ago(4)]


def test_again_takes_a_pick_from_its_place_and_leaves_the_other(project: Path) -> None:
    fetched = redo(table(**{"/api/query": [api(FIRST)]}), REPORT, owing(FIRST, stage="analyze"))
    assert fetched.kept is not None
    assert [one.id for one in fetched.kept.picks] == [SECOND]


def test_again_still_says_what_the_report_has_skipped(project: Path) -> None:
    before = Skipped(id="2601.99999", stage="fetch", reason="has no title")
    report = REPORT.model_copy(update={"skipped": (before,)})
    assert redo(table(**{"/api/query": [api(OTHER)]}), report, owing(OTHER)).skipped == (before,)


@pytest.mark.parametrize("judged_by", ["local", ""])
def test_again_keeps_the_verdict_of_what_was_judged(project: Path, judged_by: str) -> None:
    report = only(FIRST)
    candidate = report.candidates[0].model_copy(update={"judged_by": judged_by})
    report = report.model_copy(update={"candidates": (candidate,)})
    (retry,) = redo(table(**{"/api/query": [api(FIRST)]}), report, wanted=(FIRST,)).retries
    assert retry.stage == "analyze"
    assert retry.verdict == (verdict_of(candidate) if judged_by else None)


def anew(get: Table, report: Digest, known: Ledger | None = None) -> Fetched:
    return run(get, known, date=ago(10), previous_report=report)


def test_a_report_made_anew_holds_what_its_days_list_does_not(project: Path) -> None:
    """Not what it had only seen before, nor what another date's digest has judged."""
    report = only(FIRST, SECOND, OTHER)
    seen = report.candidates[1].model_copy(update={"outcome": "seen"})
    report = report.model_copy(update={"candidates": (report.candidates[0], seen, report.candidates[2])})
    get = table(**{"/api/query": [api(FIRST, OTHER)]})
    fetched = anew(get, report, Ledger(judged(OTHER)))
    assert [p.id for p in fetched.papers] == [FIRST]
    (call,) = [url for url in get.asked if "/api/query" in url]
    assert SECOND not in call


def test_what_is_known_no_more_is_named_when_its_report_is_made_anew(project: Path) -> None:
    fetched = anew(table(**{"/api/query": [api(FIRST)]}), only(FIRST, OTHER))
    assert FIRST in {p.id for p in fetched.papers}
    assert [one.id for one in fetched.skipped] == [OTHER]


def test_a_report_is_not_made_anew_without_what_could_not_be_looked_up(project: Path) -> None:
    with pytest.raises(DigestError, match=f"{OTHER} of the report that is to be made anew") as caught:
        anew(table(**{"/api/query": ["HTTP 503"]}), only(OTHER))
    assert "the report stays as it is" in caught.value.hint


def night(**given: Any) -> Fetched:
    """Three new papers, of which the third is asked for, and three retries, of which the third is asked for."""
    retries = tuple(
        Retry(paper=builders.paper(f"2601.0000{n}"), stage="score", since=ago(1), verdict=None)
        for n in (4, 5, 6)
    )
    papers = [builders.paper(f"2601.0000{n}") for n in (1, 2, 3)]
    wanted = ("2601.00003", "2601.00006")
    return builders.fetched(papers, **{"retries": retries, "wanted": wanted, **given})


MEANWHILE = Ledger(judged("2601.00002", "2601.00003", "2601.00005", "2601.00006"))


def test_what_another_digest_has_judged_in_the_meantime_is_seen(project: Path) -> None:
    """What is asked for stays, and so does a retry that is still owed."""
    before = Seen(paper=builders.paper("2601.00009"), on=ago(2), score=99, outcome="picked")
    found = fetch.still_new(night(seen=(before,)), MEANWHILE)
    assert [p.id for p in found.papers] == ["2601.00001", "2601.00003"]
    assert [one.paper.id for one in found.retries] == ["2601.00004", "2601.00006"]
    assert found.seen[0] == before
    assert [(one.paper.id, one.on, one.score, one.outcome) for one in found.seen[1:]] == [
        ("2601.00002", ago(1), 50, "below_threshold")
    ]


def test_what_is_redone_in_a_report_stays_whatever_has_been_judged_in_the_meantime(project: Path) -> None:
    again = night(kept=only(OTHER))
    assert fetch.still_new(again, MEANWHILE) == again
