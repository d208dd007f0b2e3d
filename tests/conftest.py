"""What all tests share."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import httpcore2
import pytest
from hypothesis import HealthCheck, settings

from pipeline.config import front_matter
from pipeline.scoring import bm25
from pipeline.scoring.injection import addresses_a_model

ROOT = Path(__file__).parents[1]

# A slow or busy machine fails no property test: what is too slow for users is measured in `bench/`.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without DIGEST_TEST_LONG, tests marked `long` are not collected."""
    if not os.environ.get("DIGEST_TEST_LONG"):
        items[:] = [item for item in items if item.get_closest_marker("long") is None]


@pytest.fixture(scope="session", autouse=True)
def texts_are_read_once() -> Iterator[None]:
    """Hundreds of nights judge the same papers by the same prompts: each text goes through these pure functions once.

    It halves a night. Only the names that a night calls are replaced: tests of time call `addresses_a_model` itself.
    Nothing is flushed to the disk: a test sees no power cut, and `disk.py` counts the flushes all the same.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.stages.score.addresses_a_model", lru_cache(4096)(addresses_a_model))
        patch.setattr(bm25, "_tokens", lru_cache(4096)(bm25._tokens))
        patch.setattr(front_matter, "parse", lru_cache(256)(front_matter.parse))
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def certificates_are_read_once() -> Iterator[None]:
    """A new client reads all certificates anew, 0.05 s each time; the tests make hundreds of clients."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2, "default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


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
