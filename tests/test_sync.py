"""A fork and its upstream live apart for thirty days, then the fork merges: who wrote what decides what can clash."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KEPT = (
    "pipeline",
    "prompts",
    "reports",
    "docs",
    "digest.toml",
    "README.md",
    "CHANGELOG.md",
    "pyproject.toml",
)
NIGHTS = 30


def environ(date: str = "2026-04-01T00:00:00Z") -> dict[str, str]:
    """Nobody's configuration, and a clock that stands."""
    names = {
        f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    no_files = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    return {**os.environ, **names, **no_files, "GIT_COMMITTER_DATE": date}


def git(
    folder: Path, *words: str, check: bool = True, date: str = "2026-04-01T00:00:00Z"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *words], cwd=folder, env=environ(date), check=check, capture_output=True, text=True
    )


def commit(folder: Path, message: str, *, date: str = "2026-04-01T00:00:00Z") -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message, date=date)


def night(folder: Path, profile: str, number: int) -> None:
    """What the nightly run writes: dated files, and everything that spans days, all below its own folder."""
    reports = folder / "reports" / profile
    dated = reports / "2026" / "03"
    dated.mkdir(parents=True, exist_ok=True)
    for name in (f"2026-03-{number:02}.md", f"2026-03-{number:02}.json"):
        (dated / name).write_text(f"{profile} {number}\n")
    for path in (
        dated / "README.md",
        reports / "README.md",
        reports / "index.json",
        reports / "feed.xml",
        dated / "index.json",
    ):
        path.write_text(f"{profile} up to {number}\n")
    commit(folder, f"digest({profile}): 2026-03-{number:02}, 2 of 60")


def lay_out(folder: Path) -> None:
    """What is kept of this repository, in one of its own without a commit."""
    folder.mkdir()
    for name in KEPT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    git(folder, "init", "-q", "-b", "main")


@pytest.fixture
def forks(tmp_path: Path) -> tuple[Path, Path]:
    upstream = tmp_path / "upstream"
    lay_out(upstream)
    commit(upstream, "start")
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "-q", str(upstream), str(fork))
    return upstream, fork


def live_apart(upstream: Path, fork: Path) -> None:
    """Upstream changes code, a prompt, docs and settings; the fork has a profile and a prompt of its own."""
    own = fork / "prompts" / "profiles" / "mine.md"
    own.write_text("---\ntitle: Mine\narxiv: [cs.RO]\nscore_prompt: my-score\n---\nRobots.\n")
    shutil.copy(fork / "prompts" / "score.md", fork / "prompts" / "my-score.md")
    settings = fork / "digest.toml"
    settings.write_text(settings.read_text().replace('active = ["cv-restoration"]', 'active = ["mine"]'))
    commit(fork, "my profile")
    for number in range(1, NIGHTS + 1):
        night(upstream, "cv-restoration", number)
        night(fork, "mine", number)
    for path in (
        upstream / "pipeline" / "stages" / "score.py",
        upstream / "docs" / "fork.md",
        upstream / "CHANGELOG.md",
    ):
        path.write_text(path.read_text() + "\n# changed\n")
    for path, old in (
        (upstream / "prompts" / "score.md", "Be strict"),
        (upstream / "digest.toml", "attempts = 4"),
    ):
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, f"{old}  "))
    commit(upstream, "a month of work")


def merged(fork: Path) -> list[str]:
    """The files in conflict after merging from upstream."""
    git(fork, "fetch", "-q", "origin")
    git(fork, "merge", "-q", "--no-edit", "origin/main", check=False)
    return git(fork, "diff", "--name-only", "--diff-filter=U").stdout.split()


@pytest.mark.long
def test_a_fork_with_files_of_its_own_merges_without_conflict(forks: tuple[Path, Path]) -> None:
    upstream, fork = forks
    live_apart(upstream, fork)
    assert merged(fork) == []
    assert "# changed" in (fork / "pipeline" / "stages" / "score.py").read_text()
    assert len(list((fork / "reports" / "mine" / "2026" / "03").glob("2026-*.json"))) == NIGHTS


def test_a_copy_of_the_template_merges_by_the_commands_of_the_docs(tmp_path: Path) -> None:
    """One commit without a history, as *Use this template* makes it, between two of upstream's."""
    upstream, fork = tmp_path / "upstream", tmp_path / "fork"
    lay_out(upstream)
    lay_out(fork)
    (upstream / "docs" / "gone.md").write_text("before\n")
    commit(upstream, "old", date="2026-01-01T00:00:00Z")
    (upstream / "docs" / "gone.md").unlink()
    commit(upstream, "copied", date="2026-01-02T00:00:00Z")
    commit(fork, "Initial commit", date="2026-02-01T00:00:00Z")
    live_apart(upstream, fork)
    text = (ROOT / "docs" / "fork.md").read_text("utf-8")
    [once, always] = re.findall(r"(?m)(?:^    git .*\n|^    copied=.*\n)+", text)
    for commands in (once, always, always):
        script = commands.replace("https://github.com/OWNER/REPO.git", str(upstream))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=fork,
            env=environ(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert "# changed" in (fork / "pipeline" / "stages" / "score.py").read_text()
    assert 'active = ["mine"]' in (fork / "digest.toml").read_text()
    assert len(list((fork / "reports" / "mine" / "2026" / "03").glob("2026-*.json"))) == NIGHTS


def test_a_shipped_prompt_that_both_edited_is_the_only_conflict(forks: tuple[Path, Path]) -> None:
    upstream, fork = forks
    live_apart(upstream, fork)
    path = fork / "prompts" / "score.md"
    path.write_text(path.read_text().replace("Be strict", "You are kind"))
    commit(fork, "my own words")
    assert merged(fork) == ["prompts/score.md"]


def test_a_fork_that_removed_upstreams_reports_clashes_in_those_alone(forks: tuple[Path, Path]) -> None:
    """Which is why nobody has to: active profiles are chosen, not left over."""
    upstream, fork = forks
    shutil.rmtree(fork / "reports" / "cv-restoration")
    commit(fork, "not mine")
    live_apart(upstream, fork)
    clashes = merged(fork)
    assert clashes
    assert all(path.startswith("reports/cv-restoration/") for path in clashes)
