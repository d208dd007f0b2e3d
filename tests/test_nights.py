"""Whole nights through the real client against a world with the sources' rules: nothing lost, nothing repeated."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nights import FEEDS, Nights, calendar, judged, lists, page, recorded_days, report, statuses
from tests.stubs.world import Fault, World, days_of, record

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (dt.date(2026, 1, day) for day in (27, 28, 29, 30))
SATURDAY, SUNDAY = dt.date(2026, 1, 31), dt.date(2026, 2, 1)


@pytest.fixture
def nights(project: Path) -> Iterator[Nights]:
    with World(calendar(), today=TUESDAY, interval=0.02) as world:
        yield Nights(world)


def announced(*days: dt.date) -> set[str]:
    return {one["id"] for day in days for one in recorded_days()[day.isoformat()]}


def listed(*days: dt.date) -> set[str]:
    return {item["paper"]["id"] for day in days for item in lists()[day]}


def test_four_nights_and_a_weekend_lose_nothing_and_repeat_nothing(nights: Nights) -> None:
    everyone: list[str] = []
    picks: list[str] = []
    for day in (TUESDAY, WEDNESDAY, THURSDAY, FRIDAY):
        assert nights.run(day)["state"] == "published"
        published = report(day)
        assert published is not None
        assert set(statuses(published).values()) <= {"ok", "empty", "stale"}
        everyone += judged(published)
        picks += [one["id"] for one in published["picks"]]
    for day in (SATURDAY, SUNDAY):
        assert nights.run(day)["state"] == "nothing_new"
        assert report(day) is None
    assert sorted(everyone) == sorted(set(everyone)), "nobody is judged twice"
    assert set(everyone) == announced(TUESDAY, WEDNESDAY, THURSDAY, FRIDAY) | listed(THURSDAY, FRIDAY)
    assert len(picks) == len(set(picks)) == 8
    assert nights.world.complaints == []
    assert min(nights.world.gaps()) >= 0.02


def test_missed_nights_come_into_the_next_digest_with_their_day(nights: Nights) -> None:
    nights.run(TUESDAY)
    nights.run(FRIDAY)
    published = report(FRIDAY)
    assert published is not None
    assert judged(published) >= announced(WEDNESDAY, THURSDAY, FRIDAY)
    assert statuses(published)["arxiv-oai"] == "ok"
    days = {
        one["id"]: one["signals"]["arxiv"]["day"]
        for one in published["candidates"]
        if "arxiv" in one["signals"]
    }
    assert {days[key] for key in announced(WEDNESDAY)} == {"2026-01-28"}
    assert report(WEDNESDAY) is None


def test_a_late_announcement_is_had_the_next_night(nights: Nights) -> None:
    """On Wednesday the feed still shows Tuesday's batch; on Thursday both days are there."""
    nights.run(TUESDAY)
    nights.world.fault("rss", stale_feed(nights), times=None)
    late = nights.run(WEDNESDAY)
    assert late["state"] == "nothing_new"
    assert "arxiv stale" in late["said"]
    nights.world.mend()
    nights.run(THURSDAY)
    published = report(THURSDAY)
    assert published is not None
    assert judged(published) >= announced(WEDNESDAY, THURSDAY)


def stale_feed(nights: Nights) -> Fault:
    """What the feed said on Tuesday, with Tuesday's dates."""
    nights.world.today = TUESDAY
    given = nights.world.calendar.answer("rss", "/rss/cs.CV+eess.IV")
    return Fault(given.status, given.body, given.headers)


def cut_feed(nights: Nights) -> Fault:
    return Fault(cut=0.5)


FAULTS = {
    "hf 500": ("huggingface", lambda _: Fault(500)),
    "hf empty": ("huggingface", lambda _: Fault.empty()),
    "hf html": ("huggingface", lambda _: Fault.html()),
    "hf cut": ("huggingface", lambda _: Fault(cut=0.5)),
    "hf slow": ("huggingface", lambda _: Fault(delay=1.5)),
    "hf error object": ("huggingface", lambda _: Fault(400, b'{"error": "Date is in the future"}')),
    "arxiv 406": ("rss", lambda _: Fault.busy(406)),
    "arxiv 429": ("rss", lambda _: Fault.busy(429)),
    "arxiv 429, an hour": ("rss", lambda _: Fault.busy(429, "3600")),
    "arxiv 503": ("rss", lambda _: Fault(503)),
    "arxiv 400 feed": ("rss", lambda n: Fault(400, (FEEDS / "arxiv_rss_error_400.xml").read_bytes())),
    "arxiv html": ("rss", lambda _: Fault.html()),
    "arxiv empty body": ("rss", lambda _: Fault.empty()),
    "arxiv truncated": ("rss", lambda _: Fault(short=0.7)),
    "arxiv cut": ("rss", cut_feed),
}


# One of each way in which a source is not read: a status, a page, nothing, half of it, a pause asked for.
DAILY = {"hf 500", "arxiv 429, an hour", "arxiv 400 feed", "arxiv html", "arxiv truncated"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in DAILY else pytest.mark.long) for name in FAULTS]
)
def test_one_source_down_is_named_and_caught_up(nights: Nights, name: str) -> None:
    """Friday with a fault that lasts all night; on Monday, mended, nobody is missing."""
    nights.environ["DIGEST_HTTP__ATTEMPTS"] = "2"
    nights.run(THURSDAY)
    route, fault = FAULTS[name]
    nights.world.fault(route, fault(nights), times=None)
    result = nights.run(FRIDAY, code=3)
    published = report(FRIDAY)
    assert published is not None
    down = "huggingface" if route == "huggingface" else "arxiv"
    assert statuses(published)[down] == "failed"
    assert result["failed_sources"] == [down]
    assert ("Hugging Face" if down == "huggingface" else "arXiv") in page(FRIDAY)
    nights.world.mend()
    nights.run(dt.date(2026, 2, 2))
    later = report(dt.date(2026, 2, 2))
    everyone = judged(published) | (judged(later) if later else set())
    assert everyone >= (announced(FRIDAY) | listed(FRIDAY)) - announced(THURSDAY) - listed(THURSDAY)


def test_a_fault_that_passes_costs_nothing(nights: Nights) -> None:
    for route, fault in (("rss", Fault.busy(429, "0")), ("huggingface", Fault(500))):
        nights.world.fault(route, fault)
    nights.run(FRIDAY)
    published = report(FRIDAY)
    assert published is not None
    assert set(statuses(published).values()) == {"ok"}


@pytest.mark.parametrize(
    "fault", [Fault(cut=0.5), Fault(short=0.7), Fault.html()], ids=["cut", "short", "html"]
)
def test_a_feed_that_is_cut_once_is_asked_for_again_and_loses_nothing(nights: Nights, fault: Fault) -> None:
    nights.world.fault("rss", fault, times=1)
    nights.run(FRIDAY)
    published = report(FRIDAY)
    assert published is not None
    assert statuses(published)["arxiv"] == "ok"
    assert judged(published) == announced(FRIDAY) | listed(THURSDAY, FRIDAY)
    assert len(nights.world.seen("rss")) == 2


def test_profiles_that_share_a_cut_feed_ask_for_it_again_together(nights: Nights) -> None:
    shutil.copy("prompts/profiles/cv-restoration.md", "prompts/profiles/twin.md")
    nights.environ["DIGEST_PROFILES"] = "cv-restoration,twin"
    nights.world.fault("rss", Fault(short=0.7), times=1)
    nights.run(FRIDAY)
    for name in ("cv-restoration", "twin"):
        (path,) = Path("reports", name).glob("2026/01/2026-01-30.json")
        published = json.loads(path.read_text())
        assert judged(published) == announced(FRIDAY) | listed(THURSDAY, FRIDAY)
    assert len(nights.world.seen("rss")) == 2


def test_both_sources_down_is_one_error_and_no_file(nights: Nights) -> None:
    nights.environ["DIGEST_HTTP__ATTEMPTS"] = "1"
    nights.world.fault("rss", Fault(503), times=None)
    nights.world.fault("huggingface", Fault(500), times=None)
    result = nights.run(FRIDAY, code=1)
    assert result["said"].count("error: ") == 1
    assert "no source could be read" in result["said"]
    assert not Path("reports").exists()


def test_an_empty_saturday_is_green_and_said(nights: Nights) -> None:
    nights.run(FRIDAY)
    result = nights.run(SATURDAY)
    assert result["state"] == "nothing_new"
    assert "arxiv empty" in result["said"]


def test_a_second_run_of_the_night_asks_nobody(nights: Nights) -> None:
    nights.run(FRIDAY)
    before = len(nights.world.requests)
    assert nights.run(FRIDAY)["state"] == "unchanged"
    assert len(nights.world.requests) == before


def test_a_past_date_writes_exactly_its_own_day(nights: Nights) -> None:
    nights.run(FRIDAY, "--date", "2026-01-28")
    published = report(WEDNESDAY)
    assert published is not None
    assert judged(published) == announced(WEDNESDAY)
    assert report(FRIDAY) is None
    nights.run(FRIDAY)
    later = report(FRIDAY)
    assert later is not None
    assert not judged(later) & announced(WEDNESDAY)


def test_changing_the_profile_judges_nobody_again_but_force_does(nights: Nights) -> None:
    nights.run(FRIDAY)
    path = Path("prompts/profiles/cv-restoration.md")
    path.write_text(path.read_text() + "\nAnd lipreading.\n")
    assert nights.run(FRIDAY)["state"] == "unchanged"
    assert nights.run(FRIDAY, "--force")["state"] == "published"
    published = report(FRIDAY)
    assert published is not None
    assert len(judged(published)) == len(announced(FRIDAY) | listed(THURSDAY, FRIDAY))


def test_what_a_full_feed_cuts_off_comes_the_next_night(project: Path) -> None:
    """2,100 papers on Friday, of which the feed serves 2,000; Monday's catch-up brings the rest."""
    raw = {"announced": "2026-01-30", "categories": ["cs.CV"], "authors": ["A. Author"], "abstract": "Text."}
    crowd = [record({**raw, "id": f"2601.{n:05d}", "title": f"Paper {n}"}) for n in range(30001, 32101)]
    with World(days_of(crowd, {}), today=FRIDAY, interval=0.0) as world:
        nights = Nights(world)
        nights.run(FRIDAY)
        friday = report(FRIDAY)
        assert friday is not None
        assert len(judged(friday)) == 2000
        nights.run(dt.date(2026, 2, 2))
        monday = report(dt.date(2026, 2, 2))
        assert monday is not None
        assert judged(friday) | judged(monday) == {one.id for one in crowd}
        assert not judged(friday) & judged(monday)
