"""A run that is killed, or whose disk is full, leaves nothing that git would add but whole reports and indexes, and
the next run makes the same bytes as an undisturbed one. Git is told to ignore the work folder alone.

DIGEST_TEST_KILLS sets how many random moments are tried (default 3), DIGEST_TEST_SEED which. Before which of the steps
of its writing a run can end is tried for every nineteenth one, and with DIGEST_TEST_LONG for every single one.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Literal

import pytest
from click.testing import CliRunner

from pipeline.cli.app import main
from tests.disk import Disk, KilledError, changed, git, litter, repository
from tests.nights import calendar
from tests.stubs.messages import MessagesStub
from tests.stubs.world import World

STEP = 1 if os.environ.get("DIGEST_TEST_LONG") else 19
MOMENTS = int(os.environ.get("DIGEST_TEST_KILLS", "3"))
SEED = int(os.environ.get("DIGEST_TEST_SEED", "1"))
PROFILES = ("--profile", "cv-restoration", "--profile", "llm-agents")
THURSDAY = dt.date(2026, 1, 29)
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


# Flushing takes 50 ms, so that many moments hit a file that is half written. The nth flush starts the clock of the kill.
RUN = """
import os, signal, sys, threading, time
flushes, seconds = int(sys.argv.pop(1)), float(sys.argv.pop(1))
fsync, begun = os.fsync, 0
def flush(handle):
    global begun
    begun += 1
    if begun == flushes:
        clock = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL))
        clock.daemon = True
        clock.start()
    time.sleep(0.05)
    fsync(handle)
    print("flushed", flush=True)
os.fsync = flush
from pipeline.__main__ import run
run()
"""


def run(environ: dict[str, str], date: dt.date = FRIDAY, *, flushes: int = 0, seconds: float = 0) -> int:
    """The exit code of a run; from the beginning of one of its flushes on it lives for some more seconds."""
    words = ["run", "--engine", "claude", "--date", date.isoformat(), *PROFILES]
    command = [sys.executable, "-c", RUN, str(flushes), str(seconds), *words]
    with Path("log").open("wb") as log:
        return subprocess.run(
            command, check=False, env=environ, stdout=log, stderr=log, timeout=300
        ).returncode


def published() -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(Path("reports").rglob("*")) if p.is_file()}


@pytest.mark.long
def test_a_killed_run_is_made_good_by_the_next(
    project: Path, outside: tuple[dict[str, str], MessagesStub]
) -> None:
    environ, stub = outside
    repository(ignored="/.work/\n/log\n")
    assert run(environ, THURSDAY) == 0, Path("log").read_text()
    before, calls = published(), len(stub.asked)
    git("add", "reports")
    git("commit", "--quiet", "--message", "the day before")
    assert run(environ) == 0, Path("log").read_text()
    whole, calls = published(), len(stub.asked) - calls
    flushes = Path("log").read_text().count("flushed")
    assert flushes >= 2 * 10
    random, kills, repeated, left = Random(SEED), 0, list[int](), Counter[str]()
    for _ in range(MOMENTS):
        git("checkout", "--quiet", ".")
        git("clean", "--quiet", "-ffd")
        shutil.rmtree(".work")
        asked, at, seconds = len(stub.asked), random.randint(1, flushes), 2 * random.random() ** 3
        killed = f"seed {SEED}: killed {seconds:.3f} s after the beginning of flush {at} of {flushes}"
        kills += run(environ, flushes=at, seconds=seconds) == -signal.SIGKILL
        left.update(path.parts[0] for path in litter())
        assert changed().items() <= whole.items(), killed
        assert before.keys() <= published().keys(), killed
        assert run(environ) == 0, killed
        assert published() == whole, killed
        assert litter() == [], killed
        repeated.append(len(stub.asked) - asked - calls)
    print(f"seed {SEED}: {kills} of {MOMENTS} killed; they left temporary folders {dict(left)}")
    print(f"{calls} calls in an undisturbed run; repeated calls: {repeated}")
    assert max(repeated) <= calls


class Runs:
    """Runs of the recorded day by words, in this process, on a disk that ends them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, end: Literal["killed", "full"]) -> None:
        self.disk = Disk(monkeypatch, end)

    def run(self, *words: str, before: int = -1) -> bool:
        """Whether the run came to its end, which is a good one; on a full disk it says what is wrong."""
        self.disk.ends_before(before)
        try:
            result = CliRunner().invoke(main, ["run", "--sample", "--engine", "local", *words])
        except (KilledError, BaseExceptionGroup):  # a group's, if it was one of several tasks
            return False
        finally:
            over, self.disk.over, self.disk.left = self.disk.over, False, -1
        if over and result.exit_code:
            assert "No space left on device" in result.output
            assert "hint: free some space" in result.output
            return False
        assert result.exit_code == 0, result.output
        return True


@pytest.mark.slow
@pytest.mark.parametrize("end", ["killed", "full"])
def test_a_run_that_ends_at_any_step_leaves_nothing_that_git_would_add_and_is_made_good_by_the_next(
    project: Path, monkeypatch: pytest.MonkeyPatch, end: Literal["killed", "full"]
) -> None:
    repository(ignored="/.work/\n")
    runs = Runs(monkeypatch, end)
    assert runs.run()
    whole, steps = published(), runs.disk.steps
    named = {step.removeprefix("rename ") for step in steps}
    assert {"fetched.json", "2026-01-30.md", "2026-01-30.json", "index.json", "feed.xml"} <= named
    for before in range(len(steps) - 1, -1, -STEP):
        shutil.rmtree("reports", ignore_errors=True)
        shutil.rmtree(".work", ignore_errors=True)
        ended = f"ended before {before}, {steps[before]}"
        assert not runs.run(before=before) or end == "full", ended
        assert changed().items() <= whole.items(), ended
        assert runs.run()
        assert published() == whole, ended
        assert litter() == [], ended


@pytest.mark.slow
def test_a_day_made_anew_is_the_old_one_or_the_new_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = Runs(monkeypatch, "killed")
    anew = ("--force", "--picks", "1")
    assert runs.run()
    old = published()
    repository(ignored="/.work/\n")
    assert runs.run(*anew)
    new, steps = published(), runs.disk.steps
    index = "reports/cv-restoration/2026/01/index.json"
    assert old[index] != new[index]
    for before in range(len(steps) - 1, -1, -STEP):
        git("checkout", "--quiet", ".")
        assert not runs.run(*anew, before=before)
        assert changed().items() <= new.items(), f"ended before {steps[before]}"
        assert runs.run()
        # Between these two, both of which lie on the disk by then, only a millionth of a second passes.
        if steps[before] != "rename 2026-01-30.json":
            assert published() in (old, new), f"ended before {steps[before]}"
        assert runs.run(*anew)
        assert published() == new
        assert litter() == []
