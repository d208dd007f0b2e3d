"""CPU time and peak memory of each stage alone, in a process of its own, with a world and a model that never make it wait.

python -m bench.cpu [--papers 300] [--picks 5] [--runs 3]
"""

from __future__ import annotations

import argparse

from bench.measuring import Ran, median, table
from bench.scenes import Scene, full_text, scene
from pipeline.core.stage_names import STAGES

WORDS = ("--engine", "claude", "--date", "2026-01-30")


def row(name: str, ran: list[Ran]) -> list[str]:
    cpu, imports = median(one.cpu for one in ran), median(one.probe["imports"] for one in ran)
    own = median(one.probe["cpu"] - one.probe["imports"] for one in ran)
    return [
        name,
        f"{cpu:.2f} s",
        f"{imports:.2f} s",
        f"{own:.2f} s",
        f"{max(one.peak_mb for one in ran):.0f} MB",
    ]


def night(made: Scene, picks: str) -> dict[str, Ran]:
    """Every stage by itself, then all in one."""
    made.forget()
    ran = {stage: made.digest(stage, *WORDS, "--picks", picks, "--force", probe=True) for stage in STAGES}
    everything = made.digest("run", *WORDS, "--picks", picks, probe=True, anew=True)
    return ran | {"all in one process": everything}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--papers", type=int, default=300)
    parser.add_argument("--picks", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with scene(given.papers) as made:
        nights = [night(made, str(given.picks)) for _ in range(given.runs)]
    print(f"\n{given.papers} papers, {given.picks} picks of {len(full_text()) / 1000:.0f} kB HTML each")
    head = ["stage", "CPU", "of which start and imports", "of which the rest", "peak memory"]
    table(head, (row(name, [one[name] for one in nights]) for name in nights[0]))


if __name__ == "__main__":
    main()
