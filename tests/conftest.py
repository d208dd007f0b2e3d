"""What all tests share."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]

# A slow or busy machine fails no property test: what is too slow for users is measured in `bench/`.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without DIGEST_TEST_LONG, tests marked `long` are not collected."""
    if not os.environ.get("DIGEST_TEST_LONG"):
        items[:] = [item for item in items if item.get_closest_marker("long") is None]


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
