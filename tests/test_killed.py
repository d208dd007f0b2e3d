"""A run that is killed leaves a folder from which the next run makes the same bytes as an undisturbed one.

DIGEST_TEST_KILLS sets how many moments are tried (default 3; spread evenly over the length of a run). Before
which of its files a run can end is tried for every third one, and with DIGEST_TEST_LONG for every single one.
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
from click.testing import CliRunner

from pipeline.cli.app import main
from tests.nights import calendar
from tests.stubs.messages import MessagesStub
from tests.stubs.world import World

STEP = 1 if os.environ.get("DIGEST_TEST_LONG") else 3
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


@pytest.mark.long
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


class KilledError(BaseException):
    """Nothing in the program catches it, as nothing catches signal 9."""


class Killer:
    """Ends a run before the nth file gets its name; `named` are those that got theirs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = -1  # none is the last
        self.named: list[str] = []
        replace = Path.replace

        def stand_in(path: Path, target: Path) -> Path:
            if self.left == 0:
                raise KilledError
            self.left -= 1
            self.named.append(target.name)
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", stand_in)

    def run(self, *words: str, writes: int = -1) -> bool:
        """Whether the run came to its end, which is a good one."""
        self.left, self.named = writes, []
        try:
            result = CliRunner().invoke(main, ["run", "--sample", *words])
        except (KilledError, BaseExceptionGroup):  # a group's, if it was one of several tasks
            return False
        assert result.exit_code == 0, result.output
        return True


def test_a_run_that_ends_before_any_of_its_files_is_made_good_by_the_next(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer = Killer(monkeypatch)
    assert killer.run()
    whole, names = published(), killer.named
    assert {"fetched.json", "2026-01-30.md", "2026-01-30.json", "index.json", "seen.tsv"} <= {*names}
    for writes in range(len(names) - 1, -1, -STEP):
        shutil.rmtree("reports", ignore_errors=True)
        shutil.rmtree(".work")
        assert not killer.run(writes=writes)
        assert killer.run()
        assert published() == whole, f"ended before {names[writes]}"


def test_a_day_made_anew_is_the_old_one_or_the_new_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer = Killer(monkeypatch)
    anew = ("--force", "--picks", "1")
    assert killer.run()
    old = published()
    shutil.copytree("reports", "old")
    assert killer.run(*anew)
    new, names = published(), killer.named
    assert old["reports/cv-restoration/seen.tsv"] != new["reports/cv-restoration/seen.tsv"]
    for writes in range(len(names) - 1, -1, -STEP):
        shutil.rmtree("reports")
        shutil.copytree("old", "reports")
        assert not killer.run(*anew, writes=writes)
        assert killer.run()
        # Between these two, both of which lie on the disk by then, only a millionth of a second passes.
        if names[writes] != "2026-01-30.json":
            assert published() in (old, new), f"ended before {names[writes]}"
