"""A recorded month, night after night, on one reports folder: who was new, repeated, picked, and what sources did.

    python -m bench.replay DATA [YYYY-MM]

DATA holds `bench/*.jsonl.gz` (arXiv listings with their day of announcement; the feeds are rebuilt from it) and
`hf/YYYY-MM-DD.json.gz` (Hugging Face's lists as recorded at about 08:00 UTC). Prints a Markdown table.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.nights import Nights, judged, report, statuses
from tests.stubs.world import World, days_of, record

ROOT = Path(__file__).parents[1]


def recorded(data: Path) -> dict:
    """Everything in the files as a calendar."""
    papers = []
    for path in sorted((data / "bench").glob("*.jsonl.gz")):
        with gzip.open(path, "rt") as lines:
            papers += [record(json.loads(line)) for line in lines]
    lists = {}
    for path in sorted((data / "hf").glob("*.json.gz")):
        lists[dt.date.fromisoformat(path.name[:10])] = json.loads(gzip.decompress(path.read_bytes()))
    return days_of(papers, lists)


def main() -> None:
    data = Path(sys.argv[1]).resolve()
    month = dt.date.fromisoformat(f"{sys.argv[2] if len(sys.argv) > 2 else '2026-01'}-01")
    calendar = recorded(data)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "digest.toml", folder)
        shutil.copytree(ROOT / "prompts", Path(folder) / "prompts")
        os.chdir(folder)
        with World(calendar, today=month, interval=0.0) as world:
            table(Nights(world), month, calendar)


def table(nights: Nights, month: dt.date, calendar: dict) -> None:
    print(
        "| day | candidates | new | seen before | judged twice | picks | sources |\n|---|---|---|---|---|---|---|"
    )
    everyone: set[str] = set()
    picked: list[str] = []
    twice = 0
    day = month
    while day.month == month.month:
        said = nights.run(day)
        published = report(day)
        if published is None:
            why = said["said"].split("(", 1)[1].split(")")[0]
            print(f"| {day:%a} {day} | 0 | 0 | | | | no page: {why} |")
        else:
            new = judged(published)
            repeated = len(new & everyone)
            twice += repeated
            everyone |= new
            picks = [one["id"] for one in published["picks"]]
            picked += picks
            seen = len(published["candidates"]) - len(new)
            sources = ", ".join(f"{name} {status}" for name, status in statuses(published).items())
            print(
                f"| {day:%a} {day} | {len(published['candidates'])} | {len(new)} | {seen} | {repeated} "
                f"| {len(picks)} | {sources} |"
            )
        day += dt.timedelta(days=1)
    known = {one.id for when, of_day in calendar.items() if month <= when < day for one in of_day.papers} | {
        item["paper"]["id"]
        for when, of_day in calendar.items()
        if month <= when < day
        for item in of_day.huggingface
    }
    print(
        f"\n{len(everyone)} judged, {twice} judged twice, {len(picked)} picks of which {len(picked) - len(set(picked))} "
        f"repeated, {len(known - everyone)} of {len(known)} recorded papers never seen"
    )


if __name__ == "__main__":
    main()
