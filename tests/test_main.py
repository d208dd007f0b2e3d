"""The process: what it says arrives whole, and its exit code is the command's, however it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRON = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
ENTRY = "from pipeline.__main__ import run; run()"
# Its last word stands in the buffer when it ends.
LAST_WORD = (
    f"import sys; from pipeline.cli import app; app.main = lambda **_: (print('x'), sys.exit(0)); {ENTRY}"
)


def process(
    folder: Path, *words: str, code: str = "", out: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, its words in a pipe or file: those are not flushed line by line."""
    how = ["-c", code] if code else ["-m", "pipeline"]
    with (out or Path(os.devnull)).open("w") as file:
        return subprocess.run(
            [sys.executable, *how, *words],
            cwd=folder,
            env=ENVIRON,
            stdout=file if out else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.mark.parametrize(
    ("words", "code", "stderr"),
    [
        (("check", "--profile", "nobody"), 2, "there is no such file"),
        (("nothing",), 2, "No such command"),
        (("--version",), 0, ""),
    ],
)
def test_the_exit_code_is_the_commands(project: Path, words: tuple[str, ...], code: int, stderr: str) -> None:
    done = process(project, *words)
    assert done.returncode == code
    assert stderr in done.stderr


def test_a_fault_of_the_program_shows_and_fails(project: Path) -> None:
    done = process(project, code=f"from pipeline.cli import app; app.main = None; {ENTRY}")
    assert done.returncode == 1
    assert "TypeError" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_words_that_arrive_nowhere_are_no_success(project: Path) -> None:
    done = process(project, code=LAST_WORD, out=Path("/dev/full"))
    assert done.returncode == 120, "Python's own code for words that it could not flush"
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert process(project, code=LAST_WORD).stdout == "x\n"


@pytest.mark.parametrize("out", [">&-", "| true"])
@pytest.mark.parametrize("buffered", [True, pytest.param(False, marks=pytest.mark.long)])
def test_nobody_has_to_read_what_it_says(project: Path, out: str, buffered: bool) -> None:
    """The digest is out all the same: without a stdout, and with one that was closed early."""
    environ = {**ENVIRON, "PYTHONUNBUFFERED": "1"} if not buffered else ENVIRON
    words = "run --sample --profile llm-agents --profile cv-restoration"
    script = f'set -o pipefail; "{sys.executable}" -m pipeline {words} {out}'
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    for name in ("llm-agents", "cv-restoration"):
        assert (project / f"reports/{name}/2026/01/2026-01-30.json").is_file()
