"""What a run's end says of the sources, and what is locked."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from pipeline.config.profile import load_profile
from pipeline.config.settings import load_settings
from pipeline.stages.job import Done, Job
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
