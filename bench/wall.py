"""Wall time of a night beside the least that a script can do for it (`floor.py`): same pages, same calls, same pace.

    python -m bench.wall [--runs 1]

Two models: one that takes a second for every call, and one that takes its time by tokens. The runs of the second last
a minute each and hardly compute: those of all sizes go on side by side, 4 s apart.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import answers
from bench.measuring import Ran, in_turn, median, run, table
from bench.scenes import Scene, scene
from tests.stubs.messages_answers import ID
from tests.stubs.world import ARXIV_ROUTES

SIZES = (15, 60, 300)
INTERVAL = 3.0  # seconds between two requests to arXiv, as in life
APART = 4.0
FLOOR = (sys.executable, str(Path(__file__).with_name("floor.py")))


def digest(made: Scene) -> Ran:
    return made.digest("run", "--engine", "claude", anew=True)


def floor(made: Scene) -> Ran:
    made.forget()
    return run(FLOOR, folder=made.folder, env=made.environ)


def seen(made: Scene) -> tuple[int, list[tuple[str, int]]]:
    """Pages of the last run, and the papers of each call, so that two runs can be compared. Raises if any was refused."""
    refused: list[object] = [one for one in made.world.requests if one.status != 200]
    refused += [call for call in made.model.calls if call.status != 200]
    if refused:
        raise RuntimeError(f"refused: {refused[:3]}")
    calls = sorted(
        (call.body["model"], len(dict.fromkeys(ID.findall(call.body["messages"][0]["content"]))))
        for call in made.model.asked
    )
    return len(made.world.requests), calls


def check(made: Scene, ours: object) -> None:
    """Both have to have asked for the same."""
    if (theirs := seen(made)) != ours:
        raise RuntimeError(f"not the same work: {ours} and {theirs}")


def row(latency: str, size: int, made: Scene, ours: list[Ran], theirs: list[Ran]) -> list[str]:
    mine, least = median(one.wall for one in ours), median(one.wall for one in theirs)
    pages = sum(one.route in ARXIV_ROUTES for one in made.world.requests)
    return [
        latency,
        str(size),
        f"{len(made.model.asked)}, {pages}",
        str(made.model.peak),
        f"{mine:.2f} s",
        f"{least:.2f} s",
        f"{mine / least:.2f}",
        f"{median(r.cpu for r in ours):.1f} s, {median(r.cpu for r in theirs):.1f} s",
    ]


def fixed(runs: int):
    """A second for each call; the two in turn."""
    name = "1 s a call"
    for size in SIZES:
        with scene(size, interval=INTERVAL, answer=answers.LATENCIES[name]) as made:
            pair = (lambda made=made: digest(made)), (lambda made=made: floor(made))
            kept: list[object] = []
            ours, theirs = in_turn(
                runs, *(lambda p=p, made=made, kept=kept: noted(p, made, kept) for p in pair)
            )
            if any(one != kept[0] for one in kept):
                raise RuntimeError(f"not the same work: {kept}")
            yield row(name, size, made, ours, theirs)


def noted(program, made: Scene, kept: list[object]) -> Ran:
    """Run, and note what was asked for."""
    found: Ran = program()
    kept.append(seen(made))
    return found


def by_tokens(runs: int):
    """As long as the tokens take; all sizes at once, since they wait nearly all of the time."""
    name = "by tokens"
    works = [(size, program) for size in SIZES for program in (digest, floor)]
    ran: list[list[Ran]] = [[] for _ in works]
    with contextlib.ExitStack() as stack:
        scenes = [
            stack.enter_context(scene(size, interval=INTERVAL, answer=answers.LATENCIES[name]))
            for size, _ in works
        ]
        for _ in range(runs):
            with ThreadPoolExecutor(len(works)) as pool:
                futures = []
                for (_, program), made in zip(works, scenes, strict=True):
                    futures.append(pool.submit(program, made))
                    time.sleep(APART)
            for n, one in enumerate(futures):
                ran[n].append(one.result())
            for n in range(0, len(works), 2):
                check(scenes[n + 1], seen(scenes[n]))
        for n in range(0, len(works), 2):
            yield row(name, works[n][0], scenes[n], ran[n], ran[n + 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=1, help="of each (default: 1)")
    parser.add_argument("--only", choices=list(answers.LATENCIES), help="only this model")
    given = parser.parse_args()
    head = [
        "model",
        "papers",
        "calls, pages of arXiv",
        "calls at once",
        "digest",
        "floor",
        "ratio",
        "CPU of each",
    ]
    one = fixed(given.runs) if given.only != "by tokens" else ()
    other = by_tokens(given.runs) if given.only != "1 s a call" else ()
    table(head, itertools.chain(one, other))


if __name__ == "__main__":
    main()
