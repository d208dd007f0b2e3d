"""Dates made again, out of turn, or in pieces: nothing is lost, judged twice, or laid over by what is older."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_app import digest
from tests.nights import PROFILE, Nights, calendar, judged, page, report
from tests.stubs.world import Fault, World
from tests.test_nights import FRIDAY, SATURDAY, THURSDAY, TUESDAY, WEDNESDAY

INDEX = Path(f"reports/{PROFILE}/index.json")


@pytest.fixture
def nights(project: Path) -> Iterator[Nights]:
    with World(calendar(), today=TUESDAY, interval=0.02) as world:
        yield Nights(world)


def path(date: dt.date) -> Path:
    return Path(f"reports/{PROFILE}/{date:%Y/%m}/{date}.json")


def everyone(*dates: dt.date) -> list[str]:
    """All that these reports have judged, as often as they have."""
    found = [report(date) for date in dates]
    return [key for one in found if one is not None for key in judged(one)]


def edited(date: dt.date, **changes: object) -> None:
    path(date).write_text(json.dumps(json.loads(path(date).read_text()) | changes))


def listed() -> dict[str, int]:
    """How many papers the index says that each digest has scanned."""
    return {row["date"]: row["scanned"] for row in json.loads(INDEX.read_text())["digests"]}


def test_a_past_date_made_anew_keeps_what_it_had_caught_up(nights: Nights) -> None:
    nights.run(TUESDAY)
    nights.run(THURSDAY)  # with Wednesday's
    nights.run(FRIDAY)
    before = set(everyone(TUESDAY, THURSDAY, FRIDAY))
    nights.run(FRIDAY, "--date", THURSDAY.isoformat(), "--force")
    after = everyone(TUESDAY, THURSDAY, FRIDAY)
    assert set(after) == before
    assert len(after) == len(before)


def test_a_past_date_is_not_made_anew_without_its_papers(nights: Nights) -> None:
    nights.run(THURSDAY)
    nights.run(FRIDAY)
    before = path(THURSDAY).read_bytes()
    nights.world.fault("oai", Fault(503), times=None)
    nights.world.fault("api", Fault(503), times=None)
    said = nights.run(FRIDAY, "--date", THURSDAY.isoformat(), "--force", code=1)["said"]
    assert "could not be looked up" in said
    assert "the report stays as it is" in said
    assert path(THURSDAY).read_bytes() == before


def stage(nights: Nights, name: str, date: dt.date, *words: str, code: int = 0) -> str:
    clock = dt.datetime.combine(date, dt.time(5, 47), dt.UTC)
    environ = {**nights.environ, "SOURCE_DATE_EPOCH": str(int(clock.timestamp()))}
    nights.world.today = date
    result = digest(name, *words, code=code, env={**environ, "DIGEST_PROFILES__ENGINE": "local"})
    return str(result.stderr)


@pytest.mark.parametrize(
    "made",
    [
        *(pytest.param(made, marks=pytest.mark.long) for made in (("fetch",), ("fetch", "score"))),
        ("fetch", "score", "texts", "analyze"),
    ],
)
def test_what_the_next_night_has_caught_up_is_not_judged_again_by_a_run_that_goes_on(
    nights: Nights, made: tuple[str, ...]
) -> None:
    nights.run(WEDNESDAY)
    for name in made:
        stage(nights, name, THURSDAY)
    nights.run(FRIDAY)
    before = everyone(WEDNESDAY, FRIDAY)
    left = ("score", "texts", "analyze", "render")[len(made) - 1 :]
    for name in left[:-1]:
        stage(nights, name, FRIDAY, "--date", THURSDAY.isoformat())
    if made == ("fetch",):  # noticed before anything was paid: all of it is seen by now
        assert "nothing new" in stage(nights, "render", FRIDAY, "--date", THURSDAY.isoformat())
    else:
        said = stage(nights, "render", FRIDAY, "--date", THURSDAY.isoformat(), code=1)
        assert "of its papers have been judged in the meantime (2026-01-30)" in said
        assert "hint: Try: digest run --date 2026-01-29" in said
    assert sorted(everyone(WEDNESDAY, THURSDAY, FRIDAY)) == sorted(before)


def test_from_render_on_the_committed_report_counts_and_not_what_lies_in_the_work_folder(
    nights: Nights,
) -> None:
    nights.run(FRIDAY)
    before = path(FRIDAY).read_bytes()
    nights.run(FRIDAY, "--force", "--reports", "preview", "--picks", "1")
    nights.run(FRIDAY, "--from", "render")
    assert path(FRIDAY).read_bytes() == before


def test_a_report_of_version_1_keeps_its_bytes_and_its_papers_are_not_judged_again(nights: Nights) -> None:
    """As a fork has it after an update: its page is rendered again, its data stays, and the next night counts on it."""
    nights.run(THURSDAY)
    old = path(THURSDAY).read_text().replace('"schema_version": 2', '"schema_version": 1')
    path(THURSDAY).write_text(old.replace('"shortlisted"', '"not_picked"'))
    before = path(THURSDAY).read_bytes()
    assert b"not_picked" in before
    page = path(THURSDAY).with_suffix(".md")
    shown = page.read_bytes()
    page.unlink()
    nights.run(THURSDAY)
    assert (path(THURSDAY).read_bytes(), page.read_bytes()) == (before, shown)
    nights.run(THURSDAY, "--from", "render")
    assert (path(THURSDAY).read_bytes(), page.read_bytes()) == (before, shown)
    nights.run(FRIDAY)
    first, second = (json.loads(path(day).read_text())["candidates"] for day in (THURSDAY, FRIDAY))
    judged = {one["id"] for one in first if one["outcome"] != "seen"}
    assert not judged & {one["id"] for one in second if one["outcome"] != "seen"}
    assert "not_picked" not in Path("reports/cv-restoration/2026/01/index.json").read_text()


def test_stages_by_hand_do_not_lay_less_over_a_report(nights: Nights) -> None:
    nights.run(FRIDAY)
    raw = json.loads(path(FRIDAY).read_text())
    more = {**raw["candidates"][-1], "id": "2601.99999", "title": "Added elsewhere"}
    edited(FRIDAY, candidates=[*raw["candidates"], more])
    before = path(FRIDAY).read_bytes()
    said = nights.run(FRIDAY, "--from", "score", code=1)["said"]
    assert "the report that is there holds 1 paper that this one does not" in said
    assert path(FRIDAY).read_bytes() == before
    nights.run(FRIDAY, "--from", "score", "--force")
    assert path(FRIDAY).read_bytes() != before


def test_another_engine_by_hand_does_not_lay_its_digest_over_a_report(nights: Nights) -> None:
    nights.run(FRIDAY)
    edited(FRIDAY, engine="claude")
    before = path(FRIDAY).read_bytes()
    said = nights.run(FRIDAY, "--from", "score", code=1)["said"]
    assert "was scored by the engine `claude`, and this run has `local`" in said
    assert path(FRIDAY).read_bytes() == before


def test_an_estimate_writes_nothing(nights: Nights) -> None:
    nights.run(FRIDAY, "--dry-run", code=None)
    assert not list(Path(".work").rglob("*.json"))


def test_the_next_night_makes_the_indexes_that_an_ended_run_has_left(nights: Nights) -> None:
    nights.run(THURSDAY)
    old = {one: one.read_bytes() for one in Path(f"reports/{PROFILE}").rglob("*") if one.is_file()}
    nights.run(FRIDAY)
    whole = listed()
    for name, data in old.items():  # as if Friday's run had been ended before them
        name.write_bytes(data)
    assert listed() != whole
    assert nights.run(SATURDAY)["state"] == "nothing_new"
    assert listed() == whole


def test_a_report_that_was_written_after_the_indexes_is_noticed_by_a_run_of_any_date(nights: Nights) -> None:
    nights.run(THURSDAY)
    nights.run(FRIDAY)
    edited(THURSDAY, candidates=json.loads(path(THURSDAY).read_text())["candidates"][:5])
    assert nights.run(FRIDAY)["state"] == "unchanged"
    assert listed()[THURSDAY.isoformat()] == 5


def test_a_page_that_is_gone_is_made_again_from_its_data(nights: Nights) -> None:
    nights.run(FRIDAY)
    before = page(FRIDAY)
    path(FRIDAY).with_suffix(".md").unlink()
    assert nights.run(FRIDAY)["state"] == "unchanged"
    assert page(FRIDAY) == before


def test_without_a_model_nothing_that_a_model_said_is_taken_over(nights: Nights) -> None:
    """A pick whose analysis is pending since a night with a model: ranked anew, and still a pick."""
    nights.run(THURSDAY)
    raw = json.loads(path(THURSDAY).read_text())
    pick = raw["picks"][0]["id"]
    scored = [
        one | {"score": 97, "topic": 5.0, "transfer": 5.0, "substance": 5.0, "judged_by": "claude-x"}
        if one["id"] == pick
        else one
        for one in raw["candidates"]
    ]
    owed = {"id": pick, "stage": "analyze", "reason": "HTTP 529", "since": THURSDAY.isoformat()}
    edited(THURSDAY, candidates=scored, pending=[owed], engine="claude")
    nights.run(FRIDAY)
    friday = report(FRIDAY)
    assert friday is not None
    again = next(one for one in friday["candidates"] if one["id"] == pick)
    assert (again["score"], again["judged_by"], again["outcome"]) == (None, "local", "picked")
    words = re.sub(r"\(https?://[^)]*\)", "", page(FRIDAY).split("<details")[0])  # a port may hold any digits
    assert "97" not in words


def test_texts_that_cannot_be_read_are_fetched_again(nights: Nights) -> None:
    nights.run(FRIDAY)
    texts = Path(f".work/{PROFILE}/{FRIDAY}/texts.json")
    before = texts.read_bytes()
    texts.write_text('{"schema_version": 0}')
    stage(nights, "texts", FRIDAY)
    assert texts.read_bytes() == before


def test_a_renamed_profile_goes_on_under_its_name(nights: Nights) -> None:
    nights.run(FRIDAY)
    shutil.move(f"reports/{PROFILE}", "reports/mine")
    shutil.move(f"prompts/profiles/{PROFILE}.md", "prompts/profiles/mine.md")
    raw = json.loads(Path("reports/mine/2026/01/2026-01-30.json").read_text())
    paper = raw["candidates"][-1]["id"]
    for words in (("--papers", paper), ("--from", "render")):
        nights.run(FRIDAY, "--profile", "mine", *words)
        assert json.loads(Path("reports/mine/2026/01/2026-01-30.json").read_text())["profile"] == "mine"


def test_what_is_not_found_is_said_once_however_often_it_is_asked_for(nights: Nights) -> None:
    nights.run(FRIDAY)
    for _ in range(3):
        nights.run(FRIDAY, "--papers", "2601.99999")
    friday = report(FRIDAY)
    assert friday is not None
    assert [one["id"] for one in friday["skipped"]].count("2601.99999") == 1
