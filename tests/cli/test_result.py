"""What is said at the end of a run, and its exit code, if the gates rejected most of what a model claimed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from pipeline.cli.console import Console
from pipeline.cli.result import most_claims_failed, tell
from pipeline.core.artifacts import Digest
from pipeline.core.models import Pending, SecondReading, Skipped
from pipeline.stages.job import Done
from tests import builders
from tests.report import days
from tests.stages.test_job import made


def day(**dropped: int) -> Digest:
    """One pick with 11 claims that cite something and one that does not, and what was dropped of it."""
    reader = SecondReading(model="m", prompt="verify@0d1e2f3a", supported=11, partly=0, dropped=dropped)
    pick = days.flow("en").model_copy(update={"second_reader": reader})
    return days.full("en").model_copy(update={"picks": (pick,)})


def told(
    digest: Digest, state: Literal["published", "unchanged"], capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    console = Console(terminal=False, actions=True, as_json=False)
    code = tell(Done(made(), state, digest, Path("reports/x.json")), console)
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_a_run_most_of_whose_claims_fail_names_the_gate_and_ends_with_3(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = told(day(numbers=10, names=3), "published", capsys)
    assert code == 3
    assert "13 of 25 claims failed the gates and were dropped (numbers 10, names 3)" in said
    assert "pipeline/report/locales/en.toml" in said
    assert "::warning" in said


@pytest.mark.parametrize("dropped", [{"numbers": 12}, {"direction": 30}, {"omitted": 30}, {}])
def test_half_of_the_claims_or_what_another_reader_rejects_is_no_alarm(
    project: Path, capsys: pytest.CaptureFixture[str], dropped: dict[str, int]
) -> None:
    code, said = told(day(**dropped), "published", capsys)
    assert (code, "failed the gates" in said) == (0, False)


def test_a_night_without_one_score_is_an_error_that_names_the_reason_and_the_page_stands(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also while the endpoint takes no call at all, a run that ends green would hide it."""
    papers = [
        one.model_copy(
            update={"outcome": "unscored", "reason": "HTTP 400 credit"} if n else {"outcome": "seen"}
        )
        for n, one in enumerate(days.full("en").candidates)
    ]
    pending = [Pending(id=one.id, stage="score", reason="", since=builders.DAY) for one in papers[1:]]
    digest = days.full("en").model_copy(
        update={"candidates": tuple(papers), "picks": (), "pending": tuple(pending)}
    )
    code, said = told(digest, "published", capsys)
    assert code == 3
    assert "::error" in said
    assert "no paper of 2026-01-30 could be scored: HTTP 400 credit" in said
    marked = papers[1].model_copy(update={"outcome": "shortlisted"})
    assert (
        "could be scored"
        not in told(
            digest.model_copy(update={"candidates": (papers[0], marked, *papers[2:])}), "published", capsys
        )[1]
    )


def test_papers_that_are_given_up_are_named_and_the_code_is_3(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One expired before this run; one that it tried in vain is not pending any more; an entry of a feed is neither."""
    full = days.full("en")
    unscored = full.candidates[-1].model_copy(update={"id": "2601.00008", "outcome": "unscored"})
    skipped = [
        Skipped(id="2601.00007", stage="score", reason="given up"),
        Skipped(id="x", stage="fetch", reason="no"),
    ]
    digest = full.model_copy(
        update={"candidates": (*full.candidates, unscored), "skipped": tuple(skipped), "pending": ()}
    )
    code, said = told(digest, "published", capsys)
    assert (code, "2 papers are given up after a week: 2601.00007, 2601.00008" in said) == (3, True)
    assert told(digest, "unchanged", capsys)[0] == 0


def test_it_is_said_by_the_run_that_made_the_report_alone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(day(numbers=30), "unchanged", capsys)[0] == 0


def test_quotations_that_fill_a_section_are_no_claims() -> None:
    quoted = days.local("en").picks[0]
    reader = SecondReading(model="m", prompt="verify@0d1e2f3a", supported=0, partly=0, dropped={"numbers": 1})
    digest = days.full("en").model_copy(
        update={"picks": (quoted.model_copy(update={"second_reader": reader}),)}
    )
    assert most_claims_failed(digest).startswith("1 of 1 claims failed the gates")
