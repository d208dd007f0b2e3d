"""What all tests share."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped settings and prompts, as the current directory, and a quiet environment."""
    settings = (ROOT / "digest.toml").read_text("utf-8")
    active = re.sub(
        r"(?m)^active = .*$", 'active = ["cv-restoration"]', settings, count=1
    )  # whatever a fork makes
    (tmp_path / "digest.toml").write_text(active, "utf-8")
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path
