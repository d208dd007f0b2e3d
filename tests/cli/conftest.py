"""Fixtures of the commands that run beside a committed report."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.store import dumps
from tests.report import days
from tests.workflow.harness import GIT, git


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a committed report, where the command runs."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", "before")
    path = tmp_path / "reports/made-up/2026/01/2026-01-30.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(dumps(days.full("en")))
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "published")
    monkeypatch.chdir(tmp_path)
    return tmp_path
