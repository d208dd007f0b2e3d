"""A run that is killed leaves a folder from which the next run makes the same bytes as an undisturbed one.

DIGEST_TEST_KILLS sets how many moments are tried (default 3; spread evenly over the length of a run).
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nights import calendar
from tests.stubs.messages import MessagesStub
from tests.stubs.world import World

MOMENTS = int(os.environ.get("DIGEST_TEST_KILLS", "3"))
FRIDAY = dt.date(2026, 1, 30)
ROOT = Path(__file__).parents[1]
KEY = "sk-ant-planted-0123456789abcdef"


@pytest.fixture
def outside() -> Iterator[tuple[dict[str, str], MessagesStub]]:
    """The environment of a process in a slow world, at a fixed time."""
    with World(calendar(), today=FRIDAY, interval=0.05) as world, MessagesStub(latency=0.15) as stub:
        yield (
            {
                **os.environ,
                **world.environ,
                "ANTHROPIC_API_KEY": KEY,
                "ANTHROPIC_BASE_URL": stub.url,
                "DIGEST_CLAUDE__STRUCTURED": "format",
                "SOURCE_DATE_EPOCH": "1769752020",
                "PYTHONPATH": str(ROOT),
            },
            stub,
        )


def start(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline", "run", "--engine", "claude"]
    with Path("log").open("ab") as log:
        return subprocess.Popen(command, env=environ, stdout=log, stderr=log)


def published() -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(Path("reports").rglob("*")) if p.is_file()}


def test_a_killed_run_is_made_good_by_the_next(
    project: Path, outside: tuple[dict[str, str], MessagesStub]
) -> None:
    environ, stub = outside
    began = time.monotonic()
    assert start(environ).wait(timeout=120) == 0, Path("log").read_text()
    length = time.monotonic() - began
    whole, calls = published(), len(stub.asked)
    assert len(whole) >= 6
    repeated = []
    for number in range(1, MOMENTS + 1):
        shutil.rmtree("reports")
        shutil.rmtree(".work")
        before = len(stub.asked)
        process = start(environ)
        time.sleep(length * number / (MOMENTS + 1))
        process.kill()
        process.wait(timeout=30)
        left = [path for path in Path().rglob(".*.json.*") if path.is_file()]
        assert start(environ).wait(timeout=120) == 0
        assert published() == whole, f"killed at {number}/{MOMENTS + 1} of {length:.1f} s, left {left}"
        repeated.append(len(stub.asked) - before - calls)
    print(f"{MOMENTS} kills, {calls} calls in an undisturbed run, repeated calls: {repeated}")
    assert max(repeated) <= calls
