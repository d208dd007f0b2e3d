"""The day of an announcement, out of records that do not say it: against a simulated arXiv that knows."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from pipeline.sources.arxiv_calendar import NEW_YORK
from pipeline.sources.arxiv_oai import Record, announcement_days

HOURS = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def a_record(paper_id: str, stamp: dt.date, submitted: dt.datetime, versions: int = 1) -> Record:
    return Record(paper_id, stamp, submitted, versions, "A title", "", (), ("cs.CV",))


def simulate(
    start: dt.date, days: int, *, early: bool, closed: set[dt.date], seed: int
) -> dict[Record, dt.date]:
    """An arXiv by the published rules, hour by hour.

    At 20:00 Eastern before each listing, what came in until 14:00 gets its numbers, but for a few papers that
    are held. Some papers get a new version, or an edit, later. `early` stamps an announcement with the day
    on which the evening began, as arXiv's clock does in summer if it is a little early.
    """
    chance = random.Random(seed)
    now = dt.datetime.combine(start, dt.time(), dt.UTC)
    waiting: list[tuple[dt.datetime, dt.date]] = []  # submitted, held until
    records: dict[Record, dt.date] = {}
    number = 0
    for _ in range(days * 24):
        now += HOURS
        local = now.astimezone(NEW_YORK)
        for _ in range(chance.randint(0, 2)):
            held = local.date() + DAY * chance.choice([0] * 30 + [2, 4, 9])
            waiting.append((now - dt.timedelta(minutes=chance.randint(1, 59)), held))
        listing = local.date() + DAY
        if local.hour != 20 or listing.weekday() > 4 or listing in closed:
            continue
        # what came in until 14:00 of the last working day: Friday's for Sunday's announcement
        last = local.date() - DAY * max(0, local.weekday() - 4)
        deadline = dt.datetime.combine(last, dt.time(14), NEW_YORK)
        ready = sorted(one for one in waiting if one[0] < deadline and one[1] <= local.date())
        waiting = [one for one in waiting if one not in ready]
        for submitted, _held in ready:
            number += 1
            stamp, versions = listing - DAY * early, 1
            if chance.random() < 0.06:  # a second version, two or more days later
                versions = 2
                stamp += DAY * chance.randint(3, 7)
            elif chance.random() < 0.04:  # a journal reference, a cross-list
                stamp += DAY * chance.randint(1, 6)
            records[a_record(f"{start:%y%m}.{number:05d}", stamp, submitted, versions)] = listing
    return records


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("start", "early", "closed"),
    [
        pytest.param(dt.date(2026, 1, 8), False, {dt.date(2026, 1, 20)}, id="winter, a holiday"),
        pytest.param(dt.date(2026, 6, 4), False, set(), id="summer"),
        pytest.param(dt.date(2026, 6, 4), True, set(), id="summer, stamped on the evening before"),
        pytest.param(dt.date(2026, 8, 27), True, {dt.date(2026, 9, 8)}, id="stamped so, with a holiday"),
        pytest.param(
            dt.date(2025, 12, 18), False, {dt.date(2025, 12, 26), dt.date(2025, 12, 31)}, id="Christmas"
        ),
    ],
)
def test_a_harvest_tells_the_days(start, early, closed, seed):
    records = simulate(start, 20, early=early, closed=closed, seed=seed)
    inside = {one.id: day for one, day in records.items() if day >= start + 7 * DAY}
    assert len(inside) > 100
    harvest = [one for one in records if one.stamp >= start + 4 * DAY]
    random.Random(seed).shuffle(harvest)
    found = announcement_days(harvest)
    # The last numbers of the last day may all have changed since; a whole harvest has later days behind them.
    wrong = {key: (day, found[key]) for key, day in inside.items() if found.get(key) not in (day, None)}
    assert len(wrong) <= len(inside) * 0.01


def test_old_papers_get_the_first_day_of_the_harvest():
    records = simulate(dt.date(2026, 1, 8), 14, early=False, closed=set(), seed=7)
    harvest = [one for one in records if one.stamp >= dt.date(2026, 1, 15)]
    edited = a_record("2512.00001", dt.date(2026, 1, 20), dt.datetime(2025, 12, 1, tzinfo=dt.UTC))
    old_style = a_record("math/0309136", dt.date(2026, 1, 20), edited.submitted)
    found = announcement_days([*harvest, edited, old_style])
    assert found[edited.id] == found[old_style.id] == dt.date(2026, 1, 15)


def test_one_stamp_that_cannot_be_true_misleads_nobody():
    wednesday = dt.date(2026, 1, 28)
    came = dt.datetime(2026, 1, 27, 12, tzinfo=dt.UTC)
    records = [a_record(f"2601.{n:05d}", wednesday, came) for n in range(30)]
    records.append(a_record("2601.00030", wednesday - 2 * DAY, came))
    assert set(announcement_days(records).values()) == {wednesday}


def test_an_empty_harvest():
    assert announcement_days([]) == {}
