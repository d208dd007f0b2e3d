"""What a run's end says of the sources."""

from __future__ import annotations

from pathlib import Path

from pipeline.config.profile import load_profile
from pipeline.config.settings import load_settings
from pipeline.stages.job import Done, Job
from tests import builders


def test_a_source_that_failed_is_told_of_without_a_page(project: Path) -> None:
    job = Job(
        settings=load_settings(Path("digest.toml"), {}),
        profile=load_profile(Path("prompts"), "cv-restoration", languages=frozenset({"zh-CN"})),
        prompts=Path("prompts"),
        reports=Path("reports"),
        work=Path(".work"),
        date=builders.DAY,
        engine="local",
        generated_at=builders.NOON,
        run_url=None,
    )
    sources = (builders.source("arxiv"), builders.source("huggingface", status="failed", through=None))
    assert Done(job, "nothing_new", None, None, sources).failed_sources == ("huggingface",)
