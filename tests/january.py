"""January 2026 as it was announced, and what arXiv and Hugging Face may answer instead of the truth."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.nights import records
from tests.sources.playing import a_record
from tests.stubs import world_bodies as bodies
from tests.stubs.world import Day, Fault, Record, World, days_of

DAY = dt.timedelta(days=1)
CATEGORIES = ["cs.CV", "eess.IV"]
FIRST, LAST, END = dt.date(2026, 1, 5), dt.date(2026, 1, 30), dt.date(2026, 2, 4)
QUIET = dt.date(2026, 1, 20)  # after a US holiday: nothing was announced


def january(most: int = 6, end: dt.date = END) -> dict[dt.date, Day]:
    """All days from the 5th to `end`: `most` papers a day at most, the recorded ones of the four days that are."""
    recorded: dict[dt.date, list[Record]] = {}
    for one in sorted(records(), key=lambda one: one.id):
        recorded.setdefault(one.announced, []).append(one)
    found: list[Record] = []
    lists: dict[dt.date, list[dict[str, Any]]] = {}
    number = 0
    for n in range((end - FIRST).days + 1):
        day = FIRST + n * DAY
        if day.weekday() >= 5 or day == QUIET:
            continue
        new = recorded.get(day, [])[:most]
        if not new:
            new = [
                a_record(number + k, day, title=f"Paper {number + k} of {day}") for k in range(1, most + 1)
            ]
            number += most
        if found and n % 3 == 0:  # an earlier paper is replaced, which OAI-PMH lists too
            old = found[len(found) // 2]
            versions = (old.versions[0], dt.datetime.combine(day - DAY, dt.time(15), dt.UTC))
            found.append(replace(old, announced=day, stamp=day, versions=versions, listed_as="replace"))
        found += new
        votes = {"upvotes": n, "authors": [], "summary": "s"}
        alone = {"id": f"2511.{n:05d}", "title": f"Listed on {day}", **votes}
        both = {"id": new[0].id, "title": new[0].title, **votes}
        lists[day] = [{"paper": alone}, {"paper": both}]
    return days_of(found, lists)


def everyone(days: dict[dt.date, Day]) -> set[str]:
    listed = {item["paper"]["id"] for day in days.values() for item in day.huggingface}
    return listed | {one.id for day in days.values() for one in day.papers}


class Sky:
    """One world, and the answers that it may give in place of the right ones."""

    def __init__(self, world: World, days: dict[dt.date, Day]) -> None:
        self.world, self.days = world, days

    def new(self, day: dt.date) -> list[Record]:
        return [one for one in self.days.get(day, Day()).papers if one.listed_as == "new"]

    def before(self, day: dt.date) -> dt.date:
        return max((one for one in self.days if one < day), default=day)

    def feed(self, papers: Sequence[Record], day: dt.date) -> Fault:
        return Fault(200, bodies.rss(papers, CATEGORIES, day, "https://arxiv.org"))

    def harvest(self, day: dt.date, share: float = 1.0) -> Fault:
        """The index as it was on `day`, of whose own papers it has a share."""
        found = {one.id: one for other in sorted(self.days) if other < day for one in self.days[other].papers}
        new = self.new(day)
        found |= {one.id: one for one in new[: int(len(new) * share)]}
        return Fault(200, bodies.oai(list(found.values()), ""))

    def disturb(self, draw: random.Random, day: dt.date) -> None:
        """For this night, draw the sources that answer wrongly, one at least, and how."""
        self.world.mend()
        faults = self.faults(day)
        (count,) = draw.choices((1, 2, 3), (7, 2, 1))
        for route in draw.sample(sorted(faults), count):
            self.world.fault(route, faults[route][draw.choice(sorted(faults[route]))], times=None)

    def faults(self, day: dt.date) -> dict[str, dict[str, Fault]]:
        """By route, the ways in which a night can go wrong."""
        today, yesterday = self.new(day), self.before(day)
        old = self.new(yesterday)
        redated = self.feed(old, yesterday).body.replace(
            b"<pubDate>" + pub_date(yesterday), b"<pubDate>" + pub_date(day), 1
        )
        listed = self.days.get(yesterday, Day()).huggingface
        down = {
            "429": Fault.busy(429),
            "503": Fault(503),
            "bytes": Fault(200, b"<rss>\xff\xfe\x00"),
            "cut": Fault(short=0.6),
        }
        return {
            "rss": {
                **down,
                "stale": self.feed(old, yesterday),
                "stale, its channel dated today": Fault(200, redated),
                "stale, dated today": self.feed(old, day),
                "empty": self.feed([], day),
                "partly stale": self.feed([*old[::2], *today[1::2]], day),
                "late": self.feed([], yesterday),
            },
            "oai": {
                **down,
                "empty": Fault(200, bodies.oai_error("noRecordsMatch", "none")),
                "stale": self.harvest(yesterday),
                "partly stale": self.harvest(yesterday, 0.5),
                "late": self.harvest(self.before(yesterday)),
            },
            "huggingface": {
                **down,
                "empty": Fault(200, b"[]"),
                "stale": Fault(200, bodies.huggingface(listed)),
            },
        }


def pub_date(day: dt.date) -> bytes:
    return f"{day:%a, %d %b %Y} 00:00:00".encode()
