"""Nights with an endpoint that means harm: little memory, an end in time, nothing lost, and a next run like any other."""

import datetime as dt
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.nights import Nights, calendar, page, report
from tests.stubs import messages_hostile as hostile
from tests.stubs.messages import MessagesStub
from tests.stubs.world import World

ROOT = Path(__file__).parents[2]
FRIDAY = dt.date(2026, 1, 30)
KEY = "sk-ant-planted-0123456789abcdef"
MOST_MEGABYTES = 300
RUN = """
import atexit, pathlib, re
def peak():
    kilobytes = re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]
    pathlib.Path("peak").write_text(kilobytes)
atexit.register(peak)
from pipeline.cli.app import main
main(prog_name="digest")
"""


def run_apart(world, url, call_seconds=2):
    """A night in a process of its own: exit code, output, seconds, and the most memory that it held, in megabytes."""
    nights = Nights(
        world,
        ANTHROPIC_API_KEY=KEY,
        ANTHROPIC_BASE_URL=url,
        DIGEST_CLAUDE__STRUCTURED="format",
        DIGEST_CLAUDE__TIMEOUT_SECONDS=str(call_seconds),
        DIGEST_CLAUDE__ATTEMPTS="2",
        DIGEST_CLAUDE__DEADLINE_SECONDS=str(10 * call_seconds),
        DIGEST_CLAUDE__MAX_WAIT_SECONDS="0.1",
    )
    clock = dt.datetime.combine(FRIDAY, dt.time(5, 47), dt.UTC)
    environ = {**nights.environ, "SOURCE_DATE_EPOCH": str(int(clock.timestamp())), "PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", RUN, "run", "--engine", "claude"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    seconds = time.monotonic() - started
    return done.returncode, done.stdout + done.stderr, seconds, int(Path("peak").read_text()) / 1024


def published_report():
    published = report(FRIDAY)
    assert published is not None
    return published


def other_host(status):
    """A redirect to a second server, which is the second value."""
    other = hostile.Hostile(lambda: hostile.whole(b"{}"))
    lines = f"location: {other.url}/v1/messages", "connection: close"
    return (lambda: hostile.whole(b"", *lines, status=f"{status} Moved")), other


HARMS = {
    "a bomb of 1 GB": hostile.bomb,
    "a bomb with 401": lambda: hostile.bomb(status="401 Unauthorized"),
    "a bomb with 503": lambda: hostile.bomb(status="503 Service Unavailable"),
    "packed nothing": hostile.nothing_packed,
    "without end": hostile.endless,
    "a drip": hostile.dripping_body,
    "headers that drip": hostile.dripping_headers,
    "headers without end": hostile.endless_headers,
    "hints without end": hostile.endless_hints,
    "many lists": hostile.lists,
    "many mistakes": hostile.wrong_marks,
    "400 digits of usage": hostile.long_usage,
    "5000 digits of usage": hostile.longer_usage,
    "400 digits elsewhere": hostile.long_elsewhere,
    "400 digits in the answer": hostile.long_answer,
    "a redirect 302": other_host("302"),
    "a redirect 307": other_host("307"),
}


# Only memory needs a whole night; that no other harm gets past the client is held by `test_sdk.py`.
QUICK = "a bomb of 1 GB"


@pytest.mark.slow
@pytest.mark.parametrize(
    "harm", [pytest.param(one, marks=() if one == QUICK else pytest.mark.long) for one in HARMS]
)
def test_a_night_with_an_endpoint_that_means_harm(project, harm):
    answer, other = HARMS[harm] if isinstance(HARMS[harm], tuple) else (HARMS[harm], None)
    with World(calendar(), today=FRIDAY, interval=0.0) as world:
        with hostile.Hostile(answer) as endpoint:
            code, said, seconds, megabytes = run_apart(world, endpoint.url)
        print(f"{harm}: exit {code}, {seconds:.1f} s, {megabytes:.0f} MB, {len(endpoint.requests)} requests")
        assert "Traceback" not in said, said
        assert KEY not in said
        assert megabytes <= MOST_MEGABYTES
        if "401" in harm:
            assert (code, report(FRIDAY)) == (4, None)
        else:
            assert code == 3, said
            published = published_report()
            unscored = {one["id"] for one in published["candidates"] if one["outcome"] == "unscored"}
            assert unscored == {one["id"] for one in published["candidates"]}
            assert len(unscored) == 140
            assert {one["id"] for one in published["pending"]} == unscored
            assert "99999" not in page(FRIDAY) + json.dumps(published)
        assert other is None or other.requests == []
        with MessagesStub(keys=[KEY]) as stub:
            code, said, *_ = run_apart(world, stub.url, 60)
        healed = published_report()
        scored = {one["id"] for one in healed["candidates"] if one["score"] is not None}
        pending = {one["id"] for one in healed["pending"]}
        assert len(scored | pending) == 140, said
        if "401" in harm:
            assert (code, pending) == (0, set())
        else:  # 27 come from Hugging Face's lists alone: this world's arXiv cannot look them up on the same date
            assert (code, len(scored)) == (3, 113)
