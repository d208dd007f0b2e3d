"""No day is lost silently: January night by night, with what arXiv and Hugging Face may answer instead of the truth."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.january import DAY, FIRST, LAST, Sky, everyone, january
from tests.nights import Nights, judged, page, report
from tests.stubs.world import World


def replay(seed: int, most: int, last: dt.date = LAST) -> tuple[list[str], set[str], list[str]]:
    """All nights with drawn faults, then a clean end; who was judged, who was lost, and what was given up by name."""
    draw = random.Random(seed)
    days = {day: one for day, one in january(most).items() if day <= last + 5 * DAY}
    found: list[str] = []
    named: list[str] = []
    with World(days, today=FIRST) as world:
        sky, nights = Sky(world, days), Nights(world, DIGEST_HTTP__ATTEMPTS="1")
        for n in range((max(days) - FIRST).days + 1):
            day = FIRST + n * DAY
            if FIRST < day < last and draw.random() < 0.08:
                continue  # a night without a run
            if FIRST < day <= last:
                sky.disturb(draw, day)
            else:
                world.mend()
            nights.run(day, "--picks", "1", code=None)
            if made := report(day):
                found += judged(made)
                named += [f"{one['name']} {gap}" for one in made["sources"] for gap in one.get("gaps", ())]
        assert world.complaints == []
    return found, everyone(days) - {*found}, named


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_a_week_of_faults_loses_no_paper_and_judges_none_twice(project: Path, seed: int) -> None:
    found, lost, _ = replay(seed, most=4, last=dt.date(2026, 1, 9))
    assert lost == set()
    assert len(found) == len(set(found))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_a_january_of_faults_loses_no_paper_and_judges_none_twice(project: Path, seed: int) -> None:
    found, lost, named = replay(seed, most=30)
    assert len(found) == len(set(found))
    assert lost == set(), named


MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (FIRST + n * DAY for n in range(5))
SECOND_WEEK = [FIRST + n * DAY for n in range(7, 12)]


@pytest.fixture
def sky(project: Path) -> Iterator[Sky]:
    days = {day: one for day, one in january(most=4).items() if day <= FRIDAY + 7 * DAY}
    with World(days, today=MONDAY, interval=0.02) as world:
        yield Sky(world, days)


def status(day: dt.date, name: str = "arxiv") -> dict[str, Any]:
    made = report(day)
    assert made is not None
    (found,) = (one for one in made["sources"] if one["name"] == name)
    return dict(found)


def new_of(sky: Sky, *days: dt.date) -> set[str]:
    return {one.id for day in days for one in sky.new(day)}


def kinds(daily: str, *others: str) -> list[Any]:
    """One fault for every test run, and others of the same kind."""
    return [daily, *(pytest.param(one, marks=pytest.mark.long) for one in others)]


@pytest.mark.parametrize(
    "fault",
    [
        "empty",
        "partly stale",
        *kinds("stale, its channel dated today", "stale, dated today", "stale", "late"),
    ],
)
def test_a_list_that_does_not_prove_its_day_moves_no_watermark_and_is_caught_up(sky: Sky, fault: str) -> None:
    """Hugging Face has new papers every night, so there is a page, and it does not say "complete up to" that day."""
    nights = Nights(sky.world)
    nights.run(MONDAY)
    nights.run(TUESDAY)
    sky.world.fault("rss", sky.faults(WEDNESDAY)["rss"][fault], times=None)
    nights.run(WEDNESDAY)
    assert (status(WEDNESDAY)["watermark"], status(WEDNESDAY)["first_failure"]) == (
        "2026-01-06",
        "2026-01-07",
    )
    assert "asked for again with the next digest" in status(WEDNESDAY)["note"]
    sky.world.mend()
    nights.run(THURSDAY)
    assert (status(THURSDAY)["watermark"], status(THURSDAY).get("first_failure")) == ("2026-01-08", None)
    found = [
        key for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY) if (made := report(day)) for key in judged(made)
    ]
    assert new_of(sky, MONDAY, TUESDAY, WEDNESDAY, THURSDAY) <= {*found}
    assert len(found) == len({*found})
    before = len(sky.world.seen("oai"))
    nights.run(FRIDAY)
    assert len(sky.world.seen("oai")) == before, "nothing is uncertain any more"


@pytest.mark.parametrize("fault", kinds("partly stale", "empty", "stale", "late"))
def test_a_harvest_that_lags_is_asked_for_again_with_the_day_that_it_had_in_part(
    sky: Sky, fault: str
) -> None:
    """No run on Tuesday; on Wednesday the index ends with Tuesday, in part, or with Monday, or has nothing."""
    nights = Nights(sky.world)
    nights.run(MONDAY)
    sky.world.fault("oai", sky.faults(WEDNESDAY)["oai"][fault], times=None)
    nights.run(WEDNESDAY)
    assert (status(WEDNESDAY)["watermark"], status(WEDNESDAY)["first_failure"]) == (
        "2026-01-05",
        "2026-01-07",
    )
    sky.world.mend()
    nights.run(THURSDAY)
    found = [key for day in (MONDAY, WEDNESDAY, THURSDAY) if (made := report(day)) for key in judged(made)]
    assert new_of(sky, MONDAY, TUESDAY, WEDNESDAY, THURSDAY) <= {*found}
    assert len(found) == len({*found})
    assert status(THURSDAY)["watermark"] == "2026-01-08"


@pytest.mark.slow
def test_a_list_that_no_harvest_could_doubt_is_doubted_by_the_next_ones(sky: Sky) -> None:
    """No run on Tuesday, whose list comes as Wednesday's; on Thursday the harvest has Wednesday in part, on Friday nothing."""
    nights = Nights(sky.world, DIGEST_HTTP__ATTEMPTS="1")
    found: list[str] = []
    wrong = {
        WEDNESDAY: {"rss": "stale, dated today", "oai": "cut"},
        THURSDAY: {"oai": "partly stale"},
        FRIDAY: {"oai": "503"},
    }
    watermarks = []
    for day in (MONDAY, WEDNESDAY, THURSDAY, FRIDAY, *SECOND_WEEK[:2]):
        sky.world.mend()
        for route, fault in wrong.get(day, {}).items():
            sky.world.fault(route, sky.faults(day)[route][fault], times=None)
        nights.run(day, code=None)
        made = report(day)
        found += judged(made) if made else ()
        watermarks.append(status(day)["watermark"])
    assert new_of(sky, *(MONDAY + n * DAY for n in range(5)), *SECOND_WEEK[:2]) <= {*found}
    assert len(found) == len({*found})
    assert watermarks[2:4] == ["2026-01-06"] * 2
    assert watermarks[-1] == SECOND_WEEK[1].isoformat()


@pytest.mark.slow
@pytest.mark.parametrize("fault", kinds("503", "429", "cut"))
def test_a_harvest_that_fails_for_a_week_is_given_up_by_name_once_and_no_day_besides(
    sky: Sky, fault: str
) -> None:
    """No run on Tuesday the 6th, and no harvest until the 14th; then the day is more than a week ago."""
    nights = Nights(sky.world, DIGEST_HTTP__ATTEMPTS="1")
    nights.run(MONDAY)
    named = {}
    for day in (WEDNESDAY, THURSDAY, FRIDAY, *SECOND_WEEK):
        sky.world.mend()
        if day < SECOND_WEEK[2]:
            sky.world.fault("oai", sky.faults(day)["oai"][fault], times=None)
        said = nights.run(day, code=None)
        named[day] = (
            said["gaps"],
            said["code"],
            "given up after a week" in page(day),
            status(day)["watermark"],
        )
    gap = ["arxiv: 2026-01-06, given up after a week"]
    for day in (WEDNESDAY, THURSDAY, FRIDAY, *SECOND_WEEK[:2]):
        assert named[day] == ([], 3, False, "2026-01-05"), "could not be read, and is asked for again"
    assert named[SECOND_WEEK[2]] == (gap, 3, True, "2026-01-14")
    for day in SECOND_WEEK[3:]:
        assert named[day] == ([], 0, False, day.isoformat())


@pytest.mark.slow
@pytest.mark.parametrize("fault", kinds("503", "429", "bytes"))
def test_what_is_a_week_old_is_had_when_the_harvest_answers_again(sky: Sky, fault: str) -> None:
    """No run on Tuesday the 6th and on Monday the 12th; the harvest answers on the 13th."""
    nights = Nights(sky.world, DIGEST_HTTP__ATTEMPTS="1")
    found: list[str] = []
    for day in (MONDAY, WEDNESDAY, THURSDAY, FRIDAY, SECOND_WEEK[1]):
        sky.world.mend()
        if day < SECOND_WEEK[1]:
            sky.world.fault("oai", sky.faults(day)["oai"][fault], times=None)
        nights.run(day, code=None)
        made = report(day)
        found += judged(made) if made else ()
    assert new_of(sky, TUESDAY, SECOND_WEEK[0]) <= {*found}
    assert len(found) == len({*found})
    assert status(SECOND_WEEK[1])["watermark"] == "2026-01-13"


def test_a_gap_is_not_named_in_a_night_without_a_page(sky: Sky) -> None:
    """The night after would name it a second time: no report could tell it that it was named."""
    nights = Nights(sky.world)
    nights.run(MONDAY)
    sky.world.calendar.days = {MONDAY: sky.days[MONDAY], SECOND_WEEK[3]: sky.days[SECOND_WEEK[3]]}
    said = nights.run(SECOND_WEEK[2])
    assert (said["state"], said["gaps"]) == ("nothing_new", [])
    assert nights.run(SECOND_WEEK[3], code=3)["gaps"] == [
        "huggingface: 2026-01-05 to 2026-01-07, given up after a week",
        "arxiv: 2026-01-06, given up after a week",  # the harvest begins with the 7th
    ]


def test_requests_of_a_night_and_of_a_catch_up(sky: Sky) -> None:
    """One feed a night, and one request a category where a day is missing, however long the harvest."""
    nights = Nights(sky.world)
    nights.run(MONDAY)
    nights.run(TUESDAY)
    nights.run(THURSDAY)
    asked = [one.path for one in sky.world.seen("rss", "oai")]
    assert [path.partition("?")[0] for path in asked] == ["/rss/cs.CV+eess.IV"] * 3 + ["/oai"] * 2
    assert all(path.endswith("from=2026-01-02") for path in asked[3:])
    assert sky.world.complaints == []
    assert min(sky.world.gaps()) >= 0.02
