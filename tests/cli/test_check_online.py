"""`digest check --online`: everything is tried, nothing is spent, and what was answered can be kept."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import notify
from pipeline.cli.app import main
from tests.nights import calendar
from tests.stubs.messages import MessagesStub
from tests.stubs.world import Fault, World

FRIDAY = dt.date(2026, 1, 30)
KEY = "sk-ant-planted-0123456789abcdef"


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    with World(calendar(), today=FRIDAY, interval=0.0) as world:
        yield world


def check(world: World, *words: str, code: int = 0, **environ: str) -> Result:
    given = {
        **world.environ,
        "SOURCE_DATE_EPOCH": "1769752020",
        "DIGEST_HTTP__MAX_WAIT_SECONDS": "0.05",
        **environ,
    }
    options = ["check", "--online", "--profile", "cv-restoration", *words]
    result = CliRunner().invoke(main, options, env=given)
    assert result.exit_code == code, result.output
    return result


def test_without_a_key_the_sources_are_tried_all_the_same(world: World) -> None:
    said = check(world, code=4).stderr
    assert "huggingface: ok" in said
    assert "arxiv: ok" in said
    assert "NOT OK there are no credentials" in said


def test_addresses_of_channels_are_read_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [notify.Channel(1, "ntfy", object()), notify.Channel(2, "", None)]
    monkeypatch.setattr(notify, "channels", lambda addresses: wrong)
    said = check(world, "--engine", "local", code=1, DIGEST_NOTIFY="ntfy://s3cret nonsense").stderr
    assert "DIGEST_NOTIFY: ok channel 1 (ntfy): can be read" in said
    assert "DIGEST_NOTIFY: NOT OK channel 2" in said
    assert "s3cret" not in said


def test_everything_is_tried_and_nothing_is_spent(world: World) -> None:
    with MessagesStub(keys=[KEY]) as stub:
        said = check(world, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=stub.url).stderr
        assert stub.asked == []
        assert {call.path for call in stub.calls} == {
            "/v1/models/claude-haiku-5-5",
            "/v1/models/claude-sonnet-5-5",
        }
    for words in (
        "huggingface: ok",
        "arxiv: ok",
        "arXiv's API knows 2601.",
        "full text of 2601.",
        "USD",
        "model claude-haiku-5-5: active",
    ):
        assert words in said
    assert KEY not in said
    assert not Path("reports").exists()
    assert not Path(".work").exists()


def test_links_of_a_feed_that_are_not_allowed_are_named_with_the_line_that_allows_them(world: World) -> None:
    entry = "<item><title>x</title><link>https://papers.example.org/1</link></item>"
    world.calendar.feeds["blog.xml"] = f"<rss version='2.0'><channel>{entry}</channel></rss>".encode()
    profile = Path("prompts/profiles/cv-restoration.md")
    feeds = f"---\nfeeds: ['{world.huggingface}/feeds/blog.xml']\n"
    profile.write_text(profile.read_text().replace("---\n", feeds, 1))
    said = check(world, "--engine", "local").stderr
    line = next(line for line in said.splitlines() if "[links] in digest.toml needs" in line)
    allowed = tomllib.loads(Path("digest.toml").read_text())["links"]["hosts"]
    assert tomllib.loads(line.partition(" needs ")[2]) == {"hosts": [*allowed, "papers.example.org"]}
    settings = Path("digest.toml")
    settings.write_text(re.sub("(?m)^hosts = .*$", line.partition(" needs ")[2], settings.read_text()))
    assert "needs hosts" not in check(world, "--engine", "local").stderr


def test_it_says_what_it_does_while_it_does_it(world: World) -> None:
    world.fault("rss", Fault(503), times=1)
    said = check(world, "--engine", "local", DIGEST_HTTP__ARXIV_INTERVAL_SECONDS="0.001").stderr.splitlines()
    steps = (
        "check: asking huggingface, arxiv",
        ": try 1 of 4, next in 1 s (HTTP 503)",
        "ok arxiv: ok",
        "check: asking arXiv for one paper and its full text",
        "ok arXiv's API knows 2601.",
    )
    places = [[n for n, line in enumerate(said) if step in line] for step in steps]
    assert [len(found) for found in places] == [1] * len(steps), said
    assert places == sorted(places)
    assert said[places[1][0]].startswith("check: ")


def test_what_does_not_work_is_named_and_ends_with_1(world: World) -> None:
    world.fault("rss", Fault(503), times=None)
    with MessagesStub(models=["claude-haiku-5-5"]) as stub:
        said = check(world, code=1, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=stub.url).stderr
    assert "NOT OK arxiv: failed, HTTP 503" in said
    assert "NOT OK model claude-sonnet-5-5: unknown" in said


def test_without_a_key_it_ends_with_4(world: World) -> None:
    assert "ANTHROPIC_API_KEY" in check(world, code=4).stderr


def test_answers_are_kept_as_they_came_and_hold_no_key(world: World) -> None:
    check(world, "--engine", "local", "--record", "kept", ANTHROPIC_API_KEY=KEY)
    bodies = sorted(Path("kept/cv-restoration").glob("*.body"))
    about = [json.loads(path.with_suffix(".json").read_text()) for path in bodies]
    assert len(bodies) == len({one["url"] for one in about}) >= 5
    assert {one["status"] for one in about} <= {200, 404}
    feed = next(path for path, one in zip(bodies, about, strict=True) if "/rss/" in one["url"])
    assert b"<rss" in feed.read_bytes()
    assert not [
        path for path in Path("kept").rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ]


def test_a_cut_answer_is_kept_and_asked_for_again(world: World) -> None:
    world.fault("rss", Fault(short=0.7), times=1)
    said = check(world, "--engine", "local", "--record", "kept").stderr
    assert "arxiv: ok" in said
    cut, whole = (path.read_bytes() for path in sorted(Path("kept/cv-restoration").glob("*-rss-*.body")))
    assert whole.startswith(cut)
    assert len(cut) < len(whole)
