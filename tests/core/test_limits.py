"""Children that are started isolated: what they are given, what they may give back, and that all of them end."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from pipeline.core import limits


def run(program: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(limits, "CODE", program.replace("{", "{{").replace("}", "}}"))
    return limits.run_child("any", "one", data=data, seconds=59.5, megabytes=512)


def test_more_than_a_pipe_holds_goes_in_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(range(256)) * 20_000
    echo = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
    assert run(echo, data, monkeypatch) == data


def test_who_reads_nothing_of_much_may_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("import sys; print(sys.argv[2:])", bytes(5_000_000), monkeypatch) == b"['one', '60', '512']\n"


def test_of_too_much_output_one_byte_too_many_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OUTPUT_BYTES", 1000)
    endless = "import sys\nwhile True: sys.stdout.write('x' * 1000)"
    assert run(endless, b"", monkeypatch) == b"x" * 1001


@pytest.mark.slow
def test_a_child_ends_by_itself_though_its_parent_was_killed() -> None:
    """It sleeps, so neither its CPU time nor a closed pipe ends it."""
    program = f"""
import sys, time
sys.path.insert(0, {str(limits.ROOT)!r})
from pipeline.core import limits
limits.GRACE_SECONDS = 0
limits.set_limits(1, 512)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-I", "-c", program]) as process:
        assert process.wait(timeout=60) == -signal.SIGALRM
