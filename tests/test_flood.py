"""A feed that anybody may fill, beside a day of arXiv: it takes no more than its share, and loses nothing in silence."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.artifacts import Fetched, Scored
from pipeline.llm.interface import Question
from tests.builders import DAY, Scripted
from tests.nights import PROFILE, Nights, page, recorded_days, report
from tests.scoring.test_llm_scorer import ids_in, mark
from tests.sources.table import Table
from tests.stages import test_fetch, test_score
from tests.stubs import world_bodies
from tests.stubs.world import Fault, World, days_of, record

# The profile's own words, as somebody would write them who wants to be read.
WORDS = (
    "One-step diffusion for blind image restoration and video super-resolution by flow matching: image denoising, "
    "image deblurring, deraining, dehazing, low-light image enhancement, low-level vision, image quality assessment."
)


def feed(numbers: Iterable[int], *, dated: bool = True, words: str = WORDS) -> bytes:
    """A feed with an entry a number, in this order; with `dated` entry n was published n hours after the last of `DAY`."""
    items = []
    for number in numbers:
        moment = dt.datetime.combine(DAY, dt.time(23), dt.UTC) + dt.timedelta(hours=number)
        items.append(
            f"<item><title>{number}: {words}</title><guid isPermaLink='false'>{number}</guid>"
            f"<link>https://flood.example/{number}</link><description>{words}</description>"
            f"{f'<pubDate>{format_datetime(moment)}</pubDate>' if dated else ''}</item>"
        )
    return f"<rss version='2.0'><channel><title>x</title>{''.join(items)}</channel></rss>".encode()


def papers_of_a_day(count: int = 209) -> list[dict[str, Any]]:
    """As many recorded papers of cs.CV as a full day announces: those of several smaller days as one."""
    recorded = [raw for of_day in recorded_days().values() for raw in of_day]
    return [{**raw, "announced": DAY.isoformat(), "listed_as": "new"} for raw in recorded[:count]]


def fetched(day: list[dict[str, Any]], *feeds: bytes) -> Fetched:
    rss = world_bodies.rss([record(raw) for raw in day], ["cs.CV"], DAY, "https://arxiv.org")
    answers = {f"{n}.example": [body] for n, body in enumerate(feeds)}
    own = {"feeds": tuple(f"https://{n}.example/feed" for n in range(len(feeds)))}
    return test_fetch.run(Table(**{"/rss/": [rss], "date=": [b"[]"], **answers}), own=own)


def scored(project: Path, day: list[dict[str, Any]], night: Fetched, **own: Any) -> tuple[set[str], Scored]:
    """The ids that a model marks, and what becomes of all: it believes the feed, and arXiv's papers have their grades."""
    grades = {raw["id"]: 5 if raw["judged_0_3"] == 3 else raw["judged_0_3"] for raw in day}

    def answer(question: Question[Any]) -> object:
        topics = {key: grades.get(key, 5) for key in ids_in(question)}
        return {"marks": [mark(key, topic=one, transfer=one, substance=3) for key, one in topics.items()]}

    model = Scripted(answer)
    found = test_score.judge(project, night, model, **own)
    return {key for question in model.asked for key in ids_in(question)}, found


@pytest.mark.slow
def test_a_flood_beside_a_day_of_arxiv_takes_no_more_than_its_share(project: Path) -> None:
    """500 entries in the profile's own words, all of which the model takes for perfect."""
    day = papers_of_a_day()
    ids = {raw["id"] for raw in day}
    marked_without, without = scored(project, day, fetched(day), picks=6)
    marked_with, both = scored(project, day, fetched(day, feed(range(0, -500, -1), dated=False)), picks=6)
    assert marked_without == ids
    assert len(marked_with & ids) >= 0.9 * len(marked_without)
    assert len(marked_with - ids) == 50
    picked = [one.paper.id for one in both.papers if one.outcome == "picked"]
    assert len(picked) == 6
    assert sum(key not in ids for key in picked) <= 3
    before = {one.paper.id for one in without.papers if one.outcome == "picked"}
    assert len(before & set(picked)) >= 2, "places of arXiv's go to its best"


@pytest.mark.slow
def test_two_floods_leave_most_of_the_day(project: Path) -> None:
    """Of 309 candidates 300 are marked; each feed has its 50, and the rest is arXiv's."""
    day = papers_of_a_day()
    ids = {raw["id"] for raw in day}
    two = [feed(range(500), dated=False) for n in range(2)]
    marked, _ = scored(project, day, fetched(day, *two))
    assert (len(marked & ids), len(marked - ids)) == (200, 100)


class Reading(Nights):
    """Nights of a profile that reads one feed besides arXiv, which announces a paper a night; at most 10 new a night."""

    def night(self, number: int, entries: Iterable[int] | None, *, dated: bool = True) -> dict[str, Any]:
        """The report of a night, in which the feed lists these entries, or cannot be read (None)."""
        self.world.mend()
        if entries is None:
            self.world.fault("feeds", Fault(404), times=None)
        else:
            self.world.calendar.feeds["flood.xml"] = feed(entries, dated=dated)
        date = DAY + dt.timedelta(days=number)
        ended = self.run(date, code=None)
        made = report(date)
        assert made is not None
        assert ended["code"] == (3 if entries is None or ended["gaps"] else 0)
        assert ("missed for good" in ended["said"]) == ("gaps" in status(made))
        return made


@pytest.fixture
def reading(project: Path) -> Iterator[Reading]:
    days = [DAY + dt.timedelta(days=n) for n in range(14)]
    first = recorded_days()["2026-01-30"]
    records = [record({**raw, "announced": day.isoformat()}) for raw, day in zip(first, days, strict=False)]
    with World(days_of(records), today=DAY, interval=0.0) as world:
        profile = Path(f"prompts/profiles/{PROFILE}.md")
        address = f"http://localhost:{world.port}/feeds/flood.xml"
        profile.write_text(profile.read_text().replace("sources:", f"feeds: [{address}]\nsources:", 1))
        yield Reading(world, DIGEST_FEEDS__NEW_A_NIGHT="10")


def of_feed(made: dict[str, Any], *, seen: bool = False) -> list[int]:
    """The numbers of the feed's entries that a report judges, or has seen before."""
    rows = [one for one in made["candidates"] if one["id"].startswith("feed-")]
    return sorted(int(one["title"].split(":")[0]) for one in rows if (one["outcome"] == "seen") == seen)


def status(made: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in made["sources"] if "flood" in one["name"])


@pytest.mark.slow
def test_each_entry_of_a_flood_is_judged_once_or_missed_by_name(reading: Reading) -> None:
    """DAY is a Friday, and arXiv is silent on the weekend: nights 0, 3, 4, 5 and 6."""
    flood = list(range(0, -25, -1))
    first = reading.night(0, flood)
    assert of_feed(first) == list(range(-9, 1))
    assert len(status(first)["waiting"]) == 15
    assert "15 条留待以后几夜" in page(DAY)
    assert len([one for one in first["candidates"] if one["outcome"] == "prefiltered"]) == 0
    # Four new ones on top; the last three have left the feed before their turn.
    second = reading.night(3, [4, 3, 2, 1, *flood[:-3]])
    assert of_feed(second) == sorted([1, 2, 3, 4, *range(-15, -9)])
    assert status(second)["gaps"] == ["3 entries left the feed before being judged"]
    assert (
        "3 entries left the feed before being judged" in page(DAY + dt.timedelta(days=3)).split("<details")[0]
    )
    # A night on which it cannot be read loses nothing, and two entries leave meanwhile.
    down = reading.night(4, None)
    assert status(down)["waiting"] == status(second)["waiting"]
    assert "gaps" not in status(down)
    third = reading.night(5, flood[:-5])
    assert of_feed(third) == list(range(-19, -15))
    assert status(third)["gaps"] == ["2 entries left the feed before being judged"]
    last = reading.night(6, flood[:-5])
    assert of_feed(last) == []
    assert of_feed(last, seen=True) == list(range(-19, 1))
    assert not {"gaps", "waiting"} & status(last).keys()


@pytest.mark.slow
def test_what_was_published_long_before_the_subscription_is_not_judged(reading: Reading) -> None:
    """300 entries, one every twelve hours: those of the week before are judged, ten a night."""
    old = list(range(0, -3600, -12))
    first, second = reading.night(0, old), reading.night(3, [1, *old])
    third = reading.night(4, [2, 1, *old])
    week = list(range(0, -181, -12))  # back to 2026-01-23 at 11:00; that day counts as a whole
    assert [of_feed(made) for made in (first, second, third)] == [
        sorted(week[:10]),
        sorted([1, *week[10:]]),
        [2],
    ]
    for made in (first, second, third):
        assert status(made)["note"].endswith(f"; {300 - len(week)} entries from before 2026-01-23 not judged")
        assert len(made["candidates"]) < 30
        assert "gaps" not in status(made)


@pytest.mark.slow
def test_a_feed_without_dates_is_judged_ten_a_night_from_its_top(reading: Reading) -> None:
    first, second = (reading.night(night, range(25), dated=False) for night in (0, 3))
    assert [of_feed(first), of_feed(second)] == [list(range(10)), list(range(10, 20))]
    assert len(status(second)["waiting"]) == 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("dated", [True, False])
def test_whatever_a_feed_does_each_entry_is_judged_once_or_counted_as_missed(
    reading: Reading, seed: int, dated: bool
) -> None:
    chance = random.Random(seed)
    listed: list[int] = list(range(-20, 1))[::-1]
    ever: set[int] = set()
    verdicts: Counter[int] = Counter()
    missed = 0
    made: dict[str, Any] = {}
    for number in (0, 3, 4, 5, 6, 7, 10, 11, 12, 13):  # without weekends
        if ever:
            new = range(max(ever) + 1, max(ever) + 1 + chance.choice([0, 3, 14]))
            listed = [*reversed(new), *listed]
            listed = listed[: chance.randint(len(listed) // 2, len(listed))]
        down = number > 0 and chance.random() < 0.2
        made = reading.night(number, None if down else listed, dated=dated)
        ever |= set() if down else set(listed)
        verdicts.update(of_feed(made))
        missed += sum(int(gap.split(" ")[0]) for gap in status(made).get("gaps", []))
    assert set(verdicts.values()) == {1}
    assert len(ever) == len(verdicts) + missed + len(status(made).get("waiting", []))
