"""January by the Claude engine: every night a source that answers wrongly, twelve bad minutes of the endpoint, and a
paper that its content filter refuses."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.january import DAY, FIRST, LAST, Sky, everyone, january
from tests.llm.endpoint import Time, without_waiting
from tests.nights import Nights, page, report
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import prompt_text
from tests.stubs.world import Day, World

TWELVE_MINUTES = 720.0
WEEK = 7 * DAY
KINDS = ("overloaded", "overloaded_in_200", "rate_limited_0", "server_error", "unavailable")
RANGE = re.compile(r"(huggingface|arxiv) (\S{10})(?: to (\S{10}))?, given up after a week")
PAPER = re.compile(r'<paper-[0-9a-f]{8} id="([^"]+)">')


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Twelve minutes take no time."""
    return without_waiting(monkeypatch)


@dataclass
class Endpoint:
    """What the endpoint does with a request: a fault's name, or None.

    With the request number `begins` of a night it is overloaded, for twelve minutes of the clock.
    """

    time: Time
    poison: set[str]
    begins: int | None = None
    asked: int = 0
    until: float | None = None
    kinds: Any = field(default_factory=lambda: itertools.cycle(KINDS))

    def night(self, begins: int | None) -> None:
        self.begins, self.asked, self.until = begins, 0, None

    def __call__(self, body: Mapping[str, Any]) -> str | None:
        self.asked += 1
        if self.asked == self.begins:
            self.until = self.time.now + TWELVE_MINUTES
        if self.until is not None and self.time.now < self.until:
            return str(next(self.kinds))
        return None if self.poison.isdisjoint(PAPER.findall(prompt_text(body))) else "content_filter"


@dataclass
class Story:
    """What the reports say of each paper and what the endpoint was asked, night by night."""

    outcomes: dict[str, str] = field(default_factory=dict)
    scored: dict[str, set[dt.date]] = field(default_factory=lambda: defaultdict(set))
    marked: dict[str, set[dt.date]] = field(default_factory=lambda: defaultdict(set))
    asked: dict[str, set[dt.date]] = field(default_factory=lambda: defaultdict(set))
    named: dict[str, list[dt.date]] = field(default_factory=lambda: defaultdict(list))
    pending: set[str] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)
    overloads: int = 0
    delayed: list[str] = field(default_factory=list)

    def add(self, day: dt.date, made: Mapping[str, Any], poison: Collection[str]) -> None:
        shown = page(day)
        self.pending = {one["id"] for one in made["pending"]}
        self.gaps += [f"{one['name']} {gap}" for one in made["sources"] for gap in one.get("gaps", ())]
        for one in made["candidates"]:
            if one["outcome"] != "seen":
                self.outcomes[one["id"]] = one["outcome"]
            if one["outcome"] != "seen" and one["score"] is not None:
                self.scored[one["id"]].add(day)
            if one["outcome"] == "unscored" and one["id"] not in poison:
                self.delayed.append(f"{one['id']} on {day}: {one['reason']}")
            if one["outcome"] == "unscored" and one["id"] not in self.pending:
                assert one["title"] in shown
                self.named[one["id"]].append(day)
        for one in made["skipped"]:
            if one["reason"].startswith("given up"):
                assert one["id"] in shown
                self.named[one["id"]].append(day)


def replay(seed: int, most: int, last: dt.date, time: Time) -> tuple[Story, set[str], set[str]]:
    """All nights to `last`, then two clean weeks, in which the poison stays; with all papers, and the poisonous ones."""
    draw = random.Random(seed)
    end = last + 2 * WEEK
    days = january(most, end)
    story = Story()
    with World(days, today=FIRST) as world:
        sky = Sky(world, days)
        poison = {draw.choice(new).id for day in sorted(days) if day <= last and (new := sky.new(day))}
        endpoint = Endpoint(time, poison)
        with MessagesStub(script=endpoint) as stub:
            nights = Nights(
                world,
                DIGEST_HTTP__ATTEMPTS="1",
                ANTHROPIC_API_KEY="sk-ant-x",
                ANTHROPIC_BASE_URL=stub.url,
                DIGEST_CLAUDE__STRUCTURED="format",
            )
            for n in range((end - FIRST).days + 1):
                day = FIRST + n * DAY
                world.mend()
                if FIRST < day <= last:
                    if draw.random() < 0.08:
                        continue  # a night without a run
                    sky.disturb(draw, day)
                endpoint.night(draw.randint(1, 9) if day <= last else None)
                before = len(stub.asked)
                nights.run(day, "--engine", "claude", code=None)
                story.overloads += endpoint.until is not None
                for call in stub.asked[before:]:
                    for key in PAPER.findall(prompt_text(call.body)):
                        story.asked[key].add(day)
                        if call.usage and "marks" in str(call.body["output_config"]):
                            story.marked[key].add(day)
                if made := report(day):
                    story.add(day, made, poison)
    return story, everyone(days) - _of_named_days(days, story.gaps), poison


def _of_named_days(days: Mapping[dt.date, Day], gaps: Collection[str]) -> set[str]:
    """The papers of days that the reports name as given up, since their source could not be read for a week."""
    found: set[str] = set()
    for name, first, last in (RANGE.fullmatch(gap).groups() for gap in gaps):  # type: ignore[union-attr]
        for day, of_day in days.items():
            if first <= day.isoformat() <= (last or first):
                listed = [item["paper"]["id"] for item in of_day.huggingface]
                found |= {*listed} if name == "huggingface" else {one.id for one in of_day.papers}
    return found


def check(story: Story, papers: set[str], poison: set[str], time: Time) -> None:
    assert sum(time.slept) >= story.overloads * TWELVE_MINUTES > 0
    unscored = {key for key, outcome in story.outcomes.items() if outcome == "unscored"}
    assert papers - story.outcomes.keys() == set(), "lost"
    assert unscored == poison
    assert story.delayed == [], "an overload is waited out: no night leaves a paper to the next one"
    assert {key: found for key, found in story.scored.items() if len(found) > 1} == {}, "judged twice"
    assert {key: found for key, found in story.marked.items() if len(found) > 1} == {}, "marked twice"
    assert story.marked.keys() & poison == set()
    assert story.pending == set()
    assert story.named.keys() == poison
    for key in poison:
        (given_up,) = story.named[key]
        assert given_up - min(story.asked[key]) >= WEEK
        assert max(story.asked[key]) <= given_up


@pytest.mark.slow
def test_a_week_of_bad_minutes_and_poison_leaves_only_the_poison_unscored(project: Path, time: Time) -> None:
    check(*replay(1, 4, FIRST + 4 * DAY, time), time)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_a_january_of_bad_minutes_and_poison_leaves_only_the_poison_unscored(
    project: Path, time: Time, seed: int
) -> None:
    story, papers, poison = replay(seed, 30, LAST, time)
    waited = sum(time.slept) / 60
    print(
        f"seed {seed}: {len(papers)} papers, {len(poison)} poisonous, {story.overloads} overloads, "
        f"{waited:.0f} minutes waited, {len(story.delayed)} delayed, given up: {story.gaps}"
    )
    check(story, papers, poison, time)
