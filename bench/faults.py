"""One run against the loopback world for each fault: what the page says, the exit code, what was lost, how it asked.

    python -m bench.faults

Thursday is well; on Friday one thing is wrong all night; on Monday all is well again. Lost = announced or listed
until Friday, and judged by none of the three nights. Spacing is that between the starts of two requests to arXiv,
whose interval is set to 0.2 s here (3 s in life). Prints a Markdown table.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tests.nights import Nights, calendar, judged, report
from tests.stubs.world import ARXIV_ROUTES, Fault, World, record
from tests.test_nights import FAULTS, announced, listed

ROOT = Path(__file__).parents[1]
THURSDAY, FRIDAY, MONDAY = dt.date(2026, 1, 29), dt.date(2026, 1, 30), dt.date(2026, 2, 2)
INTERVAL = 0.2


def many() -> dict:
    """Friday with 2,000 papers more."""
    raw = {"announced": "2026-01-30", "categories": ["cs.CV"], "authors": ["A. Author"], "abstract": "Text."}
    days = dict(calendar())
    days[FRIDAY].papers.extend(
        record({**raw, "id": f"2601.{n:05d}", "title": f"Paper {n}"}) for n in range(30001, 32001)
    )
    return days


def night(name: str) -> list[str]:
    """One row."""
    days = many() if name == "arxiv 2,000 items" else calendar()
    with World(days, today=THURSDAY, interval=INTERVAL) as world:
        nights = Nights(world, DIGEST_HTTP__ATTEMPTS="2")
        nights.run(THURSDAY)
        time.sleep(INTERVAL)  # runs are a day apart in life
        before = len(world.requests)
        if name == "yesterday's batch again":
            nights.world.fault("rss", stale_feed_of(nights, THURSDAY), times=None)
        elif name in FAULTS:
            route, fault = FAULTS[name]
            nights.world.fault(route, fault(nights), times=None)
        elif name == "both down":
            nights.world.fault("rss", Fault(503), times=None)
            nights.world.fault("huggingface", Fault(500), times=None)
        code, said = run(nights, FRIDAY)
        time.sleep(INTERVAL)
        asked = world.requests[before:]
        published = report(FRIDAY)
        nights.world.mend()
        nights.run(MONDAY)
        everyone = set().union(
            *(judged(found) for day in (THURSDAY, FRIDAY, MONDAY) if (found := report(day)))
        )
        due = announced(THURSDAY, FRIDAY) | listed(THURSDAY, FRIDAY)
        missed = due - everyone
        times = [one.at for one in asked if one.route in ARXIV_ROUTES]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        notes = (
            "; ".join(
                f"{s['name']} {s['status']}{': ' + s['note'] if s['note'] else ''}"
                for s in published["sources"]
            )
            if published
            else said
        )
        to_arxiv = len(times)
        return [
            name,
            notes[:170].replace("|", "/"),
            str(code),
            str(len(missed)),
            f"{len(asked)} ({to_arxiv} to arXiv)",
            f"{min(gaps):.2f} s" if gaps else "-",
            str(len(world.complaints)),
        ]


def stale_feed_of(nights: Nights, day: dt.date) -> Fault:
    nights.world.today = day
    given = nights.world.calendar.answer("rss", "/rss/cs.CV+eess.IV")
    return Fault(given.status, given.body, given.headers)


def run(nights: Nights, day: dt.date) -> tuple[int, str]:
    """The exit code of a night, and what it said if there is no page."""
    result = nights.run(day, code=None)
    errors = (line for line in result["said"].splitlines() if line.startswith("error"))
    return result["code"], next(errors, "no page: nothing new")


def main() -> None:
    print(
        "| Friday | what is said | exit | lost | requests | least gap | complaints of arXiv |\n|---|---|---|---|---|---|---|"
    )
    for name in ["all well", *FAULTS, "yesterday's batch again", "arxiv 2,000 items", "both down"]:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(ROOT / "digest.toml", folder)
            shutil.copytree(ROOT / "prompts", Path(folder) / "prompts")
            os.chdir(folder)
            print(f"| {' | '.join(night(name))} |", flush=True)


if __name__ == "__main__":
    main()
