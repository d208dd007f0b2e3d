"""All benchmarks, or those that are named, one process each; every one prints Markdown.

python -m bench [NAME …]
"""

from __future__ import annotations

import subprocess
import sys

from bench.measuring import ROOT

ALL = {
    "startup": "CPU of commands that do next to nothing",
    "cpu": "CPU and peak memory of each stage",
    "texts": "extraction and grounding",
    "calls": "model calls, tokens and USD",
    "budget": "which calls of a night a budget refuses",
    "growth": "many days, picks, profiles",
    "site": "the web site after years",
    "wall": "wall time beside a minimal script",
    "ranking": "how well the local ranking finds what a reader wants",
    "faults": "one fault a night: what is said, what is lost",
}


def main() -> None:
    names = sys.argv[1:] or list(ALL)
    if unknown := [name for name in names if name not in ALL]:
        listed = "\n".join(f"  {name:8} {about}" for name, about in ALL.items())
        sys.exit(
            f"there is no benchmark {', '.join(unknown)}; there are:\n{listed}\n(`replay` needs recorded data)"
        )
    for name in names:
        print(f"\n## {name}: {ALL[name]}", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
