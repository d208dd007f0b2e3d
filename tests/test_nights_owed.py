"""What a night leaves to be done: taken up by the next one, by no other, once, and not for ever."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nights import PROFILE, Nights, calendar, judged, report
from tests.stubs.world import Fault, World
from tests.test_nights import FRIDAY, THURSDAY, TUESDAY, WEDNESDAY, announced


@pytest.fixture
def nights(project: Path) -> Iterator[Nights]:
    with World(calendar(), today=TUESDAY, interval=0.02) as world:
        yield Nights(world)


def owe(date: dt.date, *, key: str = "", days: int = 0) -> str:
    """Make the last candidate of a report one that could not be scored, for so many days (under another id)."""
    path = Path(f"reports/{PROFILE}/{date:%Y/%m}/{date}.json")
    raw = json.loads(path.read_text())
    one = raw["candidates"][-1]
    one |= {"id": key or one["id"], "outcome": "unscored", "judged_by": "", "reason": "HTTP 529"}
    since = (date - dt.timedelta(days=days)).isoformat()
    raw["pending"] = [{"id": one["id"], "stage": "score", "reason": "HTTP 529", "since": since}]
    path.write_text(json.dumps(raw))
    return str(one["id"])


def test_the_next_night_takes_it_up_and_the_date_itself_does_not_owe_it_any_more(nights: Nights) -> None:
    nights.run(THURSDAY)
    owed = owe(THURSDAY)
    nights.run(FRIDAY)
    friday = report(FRIDAY)
    assert friday is not None
    assert owed in judged(friday)
    before = len(nights.world.requests)
    again = nights.run(FRIDAY, "--date", THURSDAY.isoformat())
    assert (again["state"], again["pending"]) == ("unchanged", 0)
    assert len(nights.world.requests) == before


def test_a_past_date_does_not_take_up_what_a_later_one_left(nights: Nights) -> None:
    nights.run(THURSDAY)
    owed = owe(THURSDAY)
    nights.run(FRIDAY, "--date", TUESDAY.isoformat())
    tuesday = report(TUESDAY)
    assert tuesday is not None
    assert judged(tuesday) == announced(TUESDAY)
    nights.run(FRIDAY)
    friday = report(FRIDAY)
    assert friday is not None
    assert owed in judged(friday)


@pytest.mark.parametrize(("days", "told"), [(6, []), (7, ["given up, pending since 2026-01-21: HTTP 529"])])
def test_what_its_feed_dropped_stops_nobody_and_is_given_up_once_after_a_week(
    nights: Nights, days: int, told: list[str]
) -> None:
    nights.run(WEDNESDAY)
    owe(WEDNESDAY, key="feed-0123456789abcdef", days=days)
    assert nights.run(WEDNESDAY, code=3)["pending"] == 1
    found = []
    for date in (THURSDAY, FRIDAY):
        ended = nights.run(date, code=None)
        given_up = [
            one.partition(",")[0] for one in ended["said"].splitlines() if "given up after a week" in one
        ]
        assert ended["code"] == (3 if given_up else 0)
        made = report(date)
        assert made is not None
        found.append([one["reason"] for one in made["skipped"]])
        assert bool(given_up) == bool(found[-1])
    assert found == ([told, []] if told else [[], ["given up, pending since 2026-01-22: HTTP 529"]])


def test_a_source_that_fails_on_its_first_night_is_caught_up(nights: Nights) -> None:
    nights.world.fault("rss", Fault(503), times=None)
    nights.run(THURSDAY, code=3)
    assert nights.run(THURSDAY)["state"] == "unchanged", "what failed is the next night's"
    nights.world.mend()
    nights.run(FRIDAY)
    thursday, friday = report(THURSDAY), report(FRIDAY)
    assert thursday is not None
    assert friday is not None
    assert announced(THURSDAY) - judged(thursday), "something was missed"
    assert judged(thursday) | judged(friday) >= announced(THURSDAY)


def test_a_report_is_not_continued_by_another_engine(nights: Nights) -> None:
    nights.run(THURSDAY)
    owe(THURSDAY)
    path = Path(f"reports/{PROFILE}/2026/01/{THURSDAY}.json")
    path.write_text(path.read_text().replace('"engine": "local"', '"engine": "claude"'))
    before = path.read_bytes()
    said = nights.run(THURSDAY, code=1)["said"]
    assert "was scored by the engine `claude`, and this run has `local`" in said
    assert "--engine claude, or --force" in said
    assert path.read_bytes() == before
    assert nights.run(THURSDAY, "--force")["pending"] == 0


def test_from_the_analysis_on_all_picks_are_read_again_whatever_the_last_run_did(nights: Nights) -> None:
    nights.run(THURSDAY)
    first = report(THURSDAY)
    owe(THURSDAY)
    assert "1 judged, 0 picked" in nights.run(THURSDAY)["said"]
    assert "2 analyzed" in nights.run(THURSDAY, "--from", "analyze")["said"]
    again = report(THURSDAY)
    assert first is not None
    assert again is not None
    assert again["picks"] == first["picks"]
    assert len(again["candidates"]) == len(first["candidates"])
