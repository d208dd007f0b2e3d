"""Plays every case, or those whose name holds a word: `python -m tests.workflow.matrix [WORD…]`.

Prints one line a case and the totals; the exit code is the number of cases that failed, at most 100.
"""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.workflow.cases import CASES
from tests.workflow.harness import World


def main(words: list[str]) -> int:
    """Play, print, count."""
    chosen = [one for one in CASES.values() if not words or any(word in one.name for word in words)]
    failed, started = 0, time.monotonic()
    for one in chosen:
        before = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="workflow-") as folder:
            try:
                one.play(World(Path(folder)))
                result = "ok"
            except Exception:
                failed += 1
                result = "FAILED\n" + traceback.format_exc()
        print(f"{time.monotonic() - before:5.1f} s  {one.name}: {result}", flush=True)
    print(f"{len(chosen) - failed} of {len(chosen)} cases in {time.monotonic() - started:.0f} s")
    return min(failed, 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
