"""The tests of what has changed since the last commit, for `make test-fast`; without a change those of `core/`."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def tests_of(changed: str) -> list[Path]:
    """A changed test itself; for `pipeline/x/y.py` the files `tests/x/test_y*.py`, or all of `tests/x` if there is none."""
    path = Path(changed)
    if path.parts[:1] == ("tests",):
        return [path] if path.name.startswith("test_") else []
    if path.parts[:1] != ("pipeline",):
        return []
    folder = Path("tests", *path.parts[1:-1])
    mirrored = sorted(ROOT.glob(f"{folder}/test_{path.stem.strip('_')}*.py"))
    return [found.relative_to(ROOT) for found in mirrored] or [folder]


def main() -> None:
    """Print the paths for pytest, on one line."""
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--no-renames", "-z"]
    rows = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    tests = {test for row in rows if row for test in tests_of(row[3:]) if (ROOT / test).exists()}
    print(*(sorted(tests) or [Path("tests/core")]))


if __name__ == "__main__":
    main()
