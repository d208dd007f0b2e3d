"""What a command loads: a date that is complete needs no stage, a check none of a night's libraries.

And what a run's end says of the sources.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.app import main
from pipeline.config.profile import load_profile
from pipeline.config.settings import load_settings
from pipeline.stages.job import Done, Job
from tests import builders

LOADED = """
import sys
from pipeline.cli.app import main
try:
    main()
except SystemExit as end:
    print(end.code, *sorted(sys.modules))
"""
HEAVY = {"httpx", "feedparser", "selectolax", "anthropic", "pypdfium2"}


def loaded(root: Path, *words: str) -> set[str]:
    """The modules that a command has loaded at its end; it has to end with 0."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{LOADED}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0", done.stderr
    return set(modules)


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        (("run", "--date", "2026-01-30", "--engine", "local"), "pipeline.stages.job"),
        (("plan", "--date", "2026-01-30"), "pipeline.cli.plan"),
        (("check",), "pipeline.cli.check"),
    ],
)
def test_what_reaches_out_for_nothing_loads_no_stage(
    project: Path, root: Path, words: tuple[str, ...], needs: str
) -> None:
    assert CliRunner().invoke(main, ["run", "--sample"]).exit_code == 0
    modules = loaded(root, *words)
    assert needs in modules
    assert not HEAVY & modules
    assert not {"pipeline.stages.runner", "pipeline.stages.fetch", "pipeline.stages.analyze"} & modules


def test_help_loads_click_and_hardly_anything_of_ours(root: Path) -> None:
    modules = loaded(root, "--help")
    assert {name for name in modules if name.startswith("pipeline.")} == {
        f"pipeline.{name}"
        for name in ("cli", "cli.app", "cli.options", "core", "core.errors", "core.stage_names")
    }
    assert "pydantic" not in modules


def test_what_makes_a_page_loads_them(project: Path, root: Path) -> None:
    """So that the test above can fail."""
    modules = loaded(root, "run", "--sample", "--force")
    assert {"httpx", "selectolax", "pipeline.stages.runner", "pipeline.stages.fetch"} <= modules


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
