"""Nights in a row on one reports folder, with the world on loopback: what a repository lives through."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from pipeline.cli.app import main
from tests.stubs.world import Record, World, days_of, record

FEEDS = Path(__file__).parent / "feeds"
SAMPLE = Path(__file__).parents[1] / "pipeline" / "sources" / "recorded_day"
PROFILE = "cv-restoration"


def recorded_days() -> dict[str, list[dict[str, Any]]]:
    """Four days of cs.CV as arXiv announced them, by day."""
    days: dict[str, list[dict[str, Any]]] = {}
    with gzip.open(FEEDS / "judged_days.jsonl.gz", "rt") as lines:
        for line in lines:
            raw = {"primary": "cs.CV", "categories": ["cs.CV"], "authors": ["A. Author"], **json.loads(line)}
            days.setdefault(raw["announced"], []).append(raw)
    return days


def records() -> list[Record]:
    return [record(raw) for of_day in recorded_days().values() for raw in of_day]


def lists() -> dict[dt.date, list[dict[str, Any]]]:
    """Hugging Face's lists that are committed: two days of the four."""
    names = {dt.date(2026, 1, 29): "2026-01-29", dt.date(2026, 1, 30): "2026-01-30"}
    return {day: json.loads((SAMPLE / f"huggingface_{name}.json").read_text()) for day, name in names.items()}


def calendar() -> Mapping[dt.date, Any]:
    return days_of(records(), lists())


class Nights:
    """One repository in one world, night after night, by the local engine unless told otherwise."""

    def __init__(self, world: World, **environ: str) -> None:
        self.world = world
        self.environ = {
            **world.environ,
            "DIGEST_HTTP__CONTACT": "https://github.com/example/digest",
            "DIGEST_HTTP__TIMEOUT_SECONDS": "1",
            "DIGEST_HTTP__TOTAL_SECONDS": "5",
            "DIGEST_HTTP__MAX_WAIT_SECONDS": "0.05",
            **environ,
        }

    def run(self, date: dt.date, *words: str, code: int | None = 0) -> dict[str, Any]:
        """One night at 05:47 UTC, which has to end with `code` unless that is None; what the run says of itself.

        Its words are in `said`, its exit code in `code`.
        """
        self.world.today = date
        clock = dt.datetime.combine(date, dt.time(5, 47), dt.UTC)
        environ = {**self.environ, "SOURCE_DATE_EPOCH": str(int(clock.timestamp()))}
        engine = () if "--engine" in words else ("--engine", "local")
        result = CliRunner().invoke(main, ["run", "--json", *engine, *words], env=environ)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert code in {None, result.exit_code}, result.output
        rows = [json.loads(line) for line in result.stdout.splitlines()]  # a profile each
        said = rows[-1] if rows else {}
        return {**said, "said": result.stderr, "code": result.exit_code}


def report(date: dt.date) -> dict[str, Any] | None:
    """The JSON that was published for a date, or None."""
    path = Path(f"reports/{PROFILE}/{date:%Y/%m}/{date}.json")
    return json.loads(path.read_text()) if path.exists() else None


def page(date: dt.date) -> str:
    return Path(f"reports/{PROFILE}/{date:%Y/%m}/{date}.md").read_text()


def judged(published: dict[str, Any]) -> set[str]:
    """The papers that a report is the first to judge."""
    return {one["id"] for one in published["candidates"] if one["outcome"] != "seen"}


def statuses(published: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["status"] for one in published["sources"]}
