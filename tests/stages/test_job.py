"""What a run's end says of the sources, and what is locked."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config.profile import load_profile
from pipeline.config.settings import load_settings
from pipeline.core.errors import DigestError
from pipeline.stages.job import Done, Job, standing_votes
from tests import builders


def made(work: str = ".work") -> Job:
    return Job(
        settings=load_settings(Path("digest.toml"), {}),
        profile=load_profile(Path("prompts"), "cv-restoration", languages=frozenset({"zh-CN"})),
        prompts=Path("prompts"),
        reports=Path("reports"),
        work=Path(work),
        date=builders.DAY,
        engine="local",
        generated_at=builders.NOON,
        run_url=None,
    )


def test_a_source_that_failed_is_told_of_without_a_page(project: Path) -> None:
    sources = (builders.source("arxiv"), builders.source("huggingface", status="failed", through=None))
    assert Done(made(), "nothing_new", None, None, sources).failed_sources == ("huggingface",)


def test_what_was_missed_for_good_is_told_of_with_its_source_and_once(project: Path) -> None:
    feed = builders.source("blog").model_copy(update={"gaps": ("2 entries left the feed",)})
    done = Done(made(), "nothing_new", None, None, (builders.source("arxiv"), feed))
    assert done.gaps == ("blog: 2 entries left the feed",)
    assert Done(made(), "unchanged", None, None, (feed,)).gaps == ()


def test_reports_in_the_work_folder_are_locked_once(project: Path) -> None:
    """Two locks of one folder would wait for each other for ever."""
    job = made(work="reports")
    with job.lock():
        assert isinstance(job.lock_reports(), nullcontext)
    assert not isinstance(made().lock_reports(), nullcontext)


def voting(*, on: bool = True) -> Job:
    job = made()
    feedback = job.settings.feedback.model_copy(update={"votes": on})
    return replace(job, settings=job.settings.model_copy(update={"feedback": feedback}))


COMMITTED = "date\tpaper\tverdict\tissue\n2026-01-29\t2601.00001\tmore\t3\n2026-01-29\t2601.00002\tless\t9\n"


def test_committed_votes_and_those_of_tonight_stand_once_a_paper(project: Path) -> None:
    assert standing_votes(voting()) == ()
    file = project / "reports/cv-restoration/votes.tsv"
    file.parent.mkdir(parents=True)
    file.write_text(COMMITTED)
    rows = [(5, "2601.00001", "clear"), (9, "2601.00009", "more"), (10, "2601.00002", "more")]
    read = [{"date": "2026-01-30", "paper": p, "verdict": v, "issue": n} for n, p, v in rows]
    (project / ".work").mkdir()
    read_votes = {"schema_version": 1, "read_on": "2026-01-30", "votes": {"cv-restoration": read}}
    (project / ".work/votes.json").write_text(json.dumps(read_votes))
    assert [(vote.issue, vote.paper, vote.verdict) for vote in standing_votes(voting())] == [
        (10, "2601.00002", "more")
    ]
    assert standing_votes(voting(on=False)) == ()


@pytest.mark.parametrize("place", ["reports/cv-restoration/votes.tsv", ".work/votes.json"])
def test_damaged_votes_are_an_error_that_quotes_nothing(project: Path, place: str) -> None:
    (project / place).parent.mkdir(parents=True)
    (project / place).write_text("a stranger's words")
    with pytest.raises(DigestError) as raised:
        standing_votes(voting())
    assert "stranger" not in str(raised.value)
