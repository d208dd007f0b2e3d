"""Nights through twelve bad minutes of the endpoint, and with a paper that its content filter refuses."""

import datetime as dt
import itertools
import re
from pathlib import Path

import pytest

from tests.llm.endpoint import without_waiting
from tests.nights import PROFILE, Nights, calendar, report
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import prompt_text
from tests.stubs.world import World

FRIDAY = dt.date(2026, 1, 30)
TWELVE_MINUTES = 720.0
POISON = "2601.21066"


@pytest.fixture
def time(monkeypatch):
    """Twelve minutes take no time."""
    return without_waiting(monkeypatch)


def night(stub, code=0):
    """A night of 140 papers; its report and its words."""
    with World(calendar(), today=FRIDAY, interval=0.0) as world:
        said = Nights(
            world,
            ANTHROPIC_API_KEY="sk-ant-x",
            ANTHROPIC_BASE_URL=stub.url,
            DIGEST_CLAUDE__STRUCTURED="format",
        ).run(FRIDAY, "--engine", "claude", code=code)["said"]
    return report(FRIDAY), said


def outcomes(published):
    return {(one["id"], one["score"], one["outcome"]) for one in published["candidates"]}


def unscored(published):
    return {one["id"] for one in published["candidates"] if one["outcome"] == "unscored"}


def check_bill(stub, published):
    """The report has the calls and the output of what was answered, and nothing for what was not."""
    answered = [call.usage for call in stub.asked if call.usage]
    assert published["usage"]["calls"] == len(answered)
    stages = published["usage"]["stages"].values()
    assert sum(stage["output_tokens"] for stage in stages) == sum(one["output_tokens"] for one in answered)


@pytest.mark.slow
def test_a_night_through_twelve_bad_minutes_at_each_stage_is_whole(project, time):
    """The endpoint is overloaded for twelve minutes before the first answer, and again before the first reading."""
    kinds = itertools.cycle(
        ["overloaded", "overloaded_in_200", "rate_limited_0", "server_error", "unavailable"]
    )
    bad_until: dict[str, float] = {}

    def script(body):
        stage = "score" if "marks" in str(body["output_config"]) else "analyze"
        return next(kinds) if time.now < bad_until.setdefault(stage, time.now + TWELVE_MINUTES) else None

    with MessagesStub() as stub:
        undisturbed, _ = night(stub)
    Path(f"reports/{PROFILE}/2026/01/{FRIDAY}.json").unlink()
    with MessagesStub(script=script) as stub:
        published, said = night(stub)
    failures = len([call for call in stub.asked if not call.usage])
    assert (unscored(published), published["pending"]) == (set(), [])
    assert len(published["picks"]) > 0
    assert failures <= 2 * (8 + 6 + TWELVE_MINUTES / 30)
    assert 2 * TWELVE_MINUTES <= sum(time.slept) <= 2 * TWELVE_MINUTES + 60
    check_bill(stub, published)
    assert published["usage"] == undisturbed["usage"]
    assert outcomes(published) == outcomes(undisturbed)
    lines = [line for line in said.splitlines() if " score: 127.0.0.1: overloaded for " in line]
    assert len(lines) >= TWELVE_MINUTES / 30


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", ["content_filter", "server_error", pytest.param("too_large", marks=pytest.mark.long)]
)
def test_one_paper_that_the_endpoint_does_not_bear_costs_no_other_paper_its_marks(project, time, fault):
    """The next run asks for it alone, so that no batch fails with it."""
    script = lambda body: fault if POISON in prompt_text(body) else None  # noqa: E731
    with MessagesStub(script=script) as stub:
        published, _ = night(stub, code=3)
    failures = [call for call in stub.asked if not call.usage]
    assert unscored(published) == {POISON}
    assert [one["id"] for one in published["pending"]] == [POISON]
    assert len(failures) <= 6 * (5 if fault == "server_error" else 1)
    check_bill(stub, published)
    with MessagesStub(script=script) as stub:
        again, _ = night(stub, code=3)
    asked = [prompt_text(call.body) for call in stub.asked if POISON in prompt_text(call.body)]
    assert len(asked) >= 1
    assert unscored(again) == {POISON}
    assert all(len(re.findall(r'<paper-[0-9a-f]{8} id="', text)) == 1 for text in asked)
