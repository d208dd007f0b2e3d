"""Programs run and measured: wall time, CPU time of the whole process, peak memory; and tables of it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DIGEST = (sys.executable, "-m", "pipeline")
PROBED = (sys.executable, str(ROOT / "bench" / "probe.py"))


@dataclass(frozen=True)
class Ran:
    """One process. Seconds; `cpu` is user and system time, with that of its children."""

    wall: float
    cpu: float
    code: int
    said: str
    probe: Mapping[str, Any]

    @property
    def peak_mb(self) -> float:
        """The most memory it held at once, as the kernel counts it for this program alone."""
        return float(self.probe["peak_kb"]) / 1024


def environ(more: Mapping[str, str]) -> dict[str, str]:
    """What a program gets to see: paths, and what is given. PYTHONPATH is passed on, so that a copy can be tried."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH", "LANG") if key in os.environ}
    return {**kept, **more}


def run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    codes: Iterable[int] = (0,),
) -> Ran:
    """Run a program to its end. Raises RuntimeError with its last words for any other exit code."""
    with tempfile.TemporaryDirectory() as temporary:
        words, probe = Path(temporary) / "words", Path(temporary) / "probe.json"
        given = {**environ(env or {}), "BENCH_PROBE": str(probe)}
        with words.open("wb") as out:
            began = time.perf_counter()
            child = subprocess.Popen(command, cwd=folder, env=given, stdout=out, stderr=out)
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.perf_counter() - began
        child.returncode = code = os.waitstatus_to_exitcode(status)
        said = words.read_text(errors="replace")
        found = json.loads(probe.read_text()) if probe.exists() else {}
    if code not in codes:
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{said[-2000:]}")
    return Ran(wall, usage.ru_utime + usage.ru_stime, code, said, found)


def in_turn(times: int, *programs: Callable[[], Ran]) -> list[list[Ran]]:
    """Each program `times` times, one after the other in turn, so that a busy minute meets all of them alike."""
    found: list[list[Ran]] = [[] for _ in programs]
    for _ in range(times):
        for place, program in enumerate(programs):
            found[place].append(program())
    return found


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table, each row printed as soon as it is there."""
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)
