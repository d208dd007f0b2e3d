"""How the stages meet: what is read from where, what is asked for again, and what is said of it."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.stages import runner
from tests.cli.test_app import PAGE, REPORT, digest
from tests.nights import FEEDS, PROFILE, Nights, calendar, judged, report
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import plain_answer
from tests.stubs.world import Fault, World
from tests.test_nights import FRIDAY, THURSDAY, TUESDAY, announced
from tests.test_nights_again import edited, path, stage
from tests.test_nights_owed import owe

KEY = "sk-ant-planted-0123456789abcdef"
GONE = "2601.99999"
HTML = (FEEDS / "arxiv_html/synthetic/2601.99999v1.arxiv2026.html").read_bytes()
READER = "claude-sonnet-5-5"


@pytest.fixture
def nights(project: Path) -> Iterator[Nights]:
    with World(calendar(), today=TUESDAY, interval=0.0) as world:
        yield Nights(world, DIGEST_HTTP__ATTEMPTS="1")


def claude(stub: MessagesStub) -> dict[str, str]:
    return {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": stub.url,
        "DIGEST_CLAUDE__STRUCTURED": "format",
    }


def made(date: dt.date) -> dict[str, Any]:
    found = report(date)
    assert found is not None
    return found


def work(date: dt.date, name: str) -> Any:
    return json.loads(Path(f".work/{PROFILE}/{date}/{name}.json").read_text())


def picks(date: dt.date) -> list[str]:
    return [one["id"] for one in made(date)["picks"]]


@pytest.mark.parametrize("start", ["texts", "analyze"])
def test_without_a_report_a_later_start_goes_on_from_the_scores_of_the_work_folder(
    project: Path, start: str
) -> None:
    digest("fetch", "--sample")
    digest("score", "--sample")
    said = digest("run", "--sample", "--from", start).stderr
    stages = [line.split()[2] for line in said.splitlines() if line.startswith(PROFILE)]
    assert stages == ["texts:", "analyze:", "render:"]
    assert PAGE.exists()


def test_with_a_report_the_texts_are_fetched_for_its_picks_whatever_the_work_folder_holds(
    nights: Nights,
) -> None:
    nights.run(FRIDAY)
    before = made(FRIDAY)
    shutil.rmtree(".work")
    nights.run(FRIDAY, "--from", "texts")
    assert made(FRIDAY)["picks"] == before["picks"]
    assert len(made(FRIDAY)["candidates"]) == len(before["candidates"])


def test_a_text_keeps_the_day_it_was_read_and_an_incomplete_one_is_read_again(nights: Nights) -> None:
    """A whole text is not fetched again on a later day; of an incomplete page the PDF may be there by then."""
    cut = HTML.replace(b"<article", b"<p>Conversion to HTML had a Fatal error.</p><article", 1)
    nights.world.calendar.html["default"], nights.world.calendar.pdf = cut, {}
    nights.run(THURSDAY, "--picks", "2")
    first, second = picks(THURSDAY)
    assert [one["flags"] for one in made(THURSDAY)["picks"]] == [["hidden_text", "incomplete"]] * 2
    assert {one["read_on"] for one in made(THURSDAY)["picks"]} == {"2026-01-29"}
    nights.world.calendar.html[f"{first}v1"] = HTML
    shutil.rmtree("reports")
    stage(nights, "texts", THURSDAY)
    nights.world.calendar.html[f"{second}v1"] = HTML
    stage(nights, "texts", FRIDAY, "--date", THURSDAY.isoformat())
    stage(nights, "analyze", FRIDAY, "--date", THURSDAY.isoformat())
    stage(nights, "render", FRIDAY, "--date", THURSDAY.isoformat())
    read = {one["id"]: (one["read_on"], one["flags"]) for one in made(THURSDAY)["picks"]}
    assert read == {first: ("2026-01-29", ["hidden_text"]), second: ("2026-01-30", ["hidden_text"])}


def test_a_paper_that_is_asked_for_is_a_pick_of_its_first_run_too(nights: Nights) -> None:
    nights.run(FRIDAY, "--reports", "elsewhere")
    elsewhere = json.loads(Path("elsewhere", *path(FRIDAY).parts[1:]).read_text())
    last = elsewhere["candidates"][-1]["id"]
    nights.run(FRIDAY, "--papers", last)
    assert last in picks(FRIDAY)


def test_a_paper_of_another_date_that_is_asked_for_is_a_pick_of_this_one(nights: Nights) -> None:
    nights.run(THURSDAY)
    asked = next(one["id"] for one in made(THURSDAY)["candidates"] if one["outcome"] == "shortlisted")
    nights.run(FRIDAY, "--papers", asked)
    assert asked in picks(FRIDAY)


def test_a_paper_that_was_asked_for_in_vain_is_said(nights: Nights) -> None:
    said = nights.run(FRIDAY, "--papers", GONE)["said"]
    assert f"fetch: {GONE}, which was asked for: " in said


def test_a_source_that_failed_is_said_with_the_reason(nights: Nights) -> None:
    nights.world.fault("huggingface", Fault(500), times=None)
    said = nights.run(FRIDAY, code=3)["said"]
    assert "fetch: huggingface failed: 2026-01-29 could not be read: HTTP 500" in said


def test_todays_digest_is_made_anew_from_its_lists_alone(nights: Nights) -> None:
    nights.run(FRIDAY)
    candidates = made(FRIDAY)["candidates"]
    edited(FRIDAY, candidates=[*candidates, {**candidates[-1], "id": GONE}])
    nights.world.fault("api", Fault(503), times=None)
    nights.run(FRIDAY, "--force")
    assert GONE not in judged(made(FRIDAY))
    assert len(made(FRIDAY)["candidates"]) == len(candidates)


def test_a_damaged_report_of_a_past_date_is_made_anew(nights: Nights) -> None:
    nights.run(THURSDAY)
    path(THURSDAY).write_text("{")
    assert nights.run(FRIDAY, "--date", THURSDAY.isoformat(), "--force")["state"] == "published"
    assert judged(made(THURSDAY)) >= announced(THURSDAY)


def test_a_report_of_the_other_engine_is_refused_before_a_model_is_asked(nights: Nights) -> None:
    nights.run(THURSDAY)
    owe(THURSDAY)
    with MessagesStub(keys=[KEY]) as stub:
        nights.environ |= claude(stub)
        said = nights.run(THURSDAY, "--engine", "claude", code=1)["said"]
        assert "was scored by the engine `local`, and this run has `claude`" in said
        assert stub.asked == []


def test_scores_of_the_other_engine_are_refused_before_a_model_is_asked(project: Path) -> None:
    digest("fetch", "--sample")
    digest("score", "--sample", "--engine", "local")
    with MessagesStub(keys=[KEY]) as stub:
        said = digest("analyze", "--sample", "--engine", "claude", code=1, env=claude(stub)).stderr
        assert "was scored by the engine `local`, and this run has `claude`" in said
        assert stub.asked == []


def test_a_pick_without_a_text_gets_one_before_the_analysis(project: Path) -> None:
    for name in ("fetch", "score", "texts"):
        digest(name, "--sample")
    texts = Path(f".work/{PROFILE}/{FRIDAY}/texts.json")
    whole = json.loads(texts.read_text())
    texts.write_text(json.dumps(whole | {"texts": dict([*whole["texts"].items()][1:])}))
    said = digest("analyze", "--sample").stderr
    assert "1 pick is not in texts.json" in said
    assert "2 analyzed" in said
    assert json.loads(texts.read_text()) == whole


def test_a_text_is_fetched_until_it_is_more_than_the_abstract_and_then_kept(nights: Nights) -> None:
    stage(nights, "fetch", FRIDAY)
    stage(nights, "score", FRIDAY)

    def bases() -> list[str]:
        stage(nights, "texts", FRIDAY)
        return [one["basis"] for one in work(FRIDAY, "texts")["texts"].values()]

    assert bases() == ["abstract", "abstract"]
    nights.world.calendar.html["default"] = HTML
    assert bases() == ["html", "html"]
    before = len(nights.world.requests)
    assert bases() == ["html", "html"]
    assert not [one.path for one in nights.world.requests[before:] if "/api/query" not in one.path]


def test_what_was_seen_before_is_nothing_that_a_report_can_lose(nights: Nights) -> None:
    nights.run(FRIDAY)
    candidates = made(FRIDAY)["candidates"]
    seen = {**candidates[-1], "id": GONE, "outcome": "seen", "seen_on": THURSDAY.isoformat()}
    edited(FRIDAY, candidates=[*candidates, seen])
    assert nights.run(FRIDAY, "--from", "score")["state"] == "published"
    assert made(FRIDAY)["candidates"] == candidates


def test_why_papers_are_unscored_and_picks_are_pending_is_said(nights: Nights) -> None:
    key = "2601.21922"

    def answer(body: Mapping[str, Any]) -> dict[str, Any] | str:
        poisoned = f'id="{key}"' in body["messages"][0]["content"]
        return "no marks today" if poisoned or body["model"] == READER else plain_answer(body)

    with MessagesStub(answer=answer) as stub:
        nights.environ |= claude(stub)
        said = nights.run(FRIDAY, "--engine", "claude", code=3)["said"]
    reasons = {one["id"]: one["reason"] for one in made(FRIDAY)["pending"]}
    assert f"score: 1 unscored: {reasons.pop(key)}\n" in said
    marked = [one for one in made(FRIDAY)["candidates"] if one["score"] is not None]
    again = sum(one["spread"] is not None for one in marked)
    assert again > 0
    assert (
        f"score: {again} of {len(marked)} papers marked again, near the threshold (at most 20 are)\n" in said
    )
    assert len(reasons) == 2
    for pick, reason in reasons.items():
        assert f"analyze: {pick} is pending: {reason}\n" in said


def test_a_pick_that_stays_pending_is_so_since_the_same_day(nights: Nights) -> None:
    def answer(body: Mapping[str, Any]) -> dict[str, Any] | str:
        return "not JSON" if body["model"] == READER else plain_answer(body)

    with MessagesStub(answer=answer) as stub:
        nights.environ |= claude(stub)
        nights.run(FRIDAY, "--engine", "claude", code=3)
        owed = [one | {"since": "2026-01-26"} for one in made(FRIDAY)["pending"]]
        edited(FRIDAY, pending=owed)
        nights.run(FRIDAY, "--engine", "claude", "--from", "analyze", code=3)
    assert [(one["id"], one["since"]) for one in made(FRIDAY)["pending"]] == [
        (one["id"], "2026-01-26") for one in owed
    ]


def test_a_report_that_cannot_be_written_ends_in_words(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(files: Mapping[Path, bytes]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner, "write_files", full)
    said = digest("run", "--sample", code=1).stderr
    assert f"error: {REPORT}: cannot be written: No space left on device" in said
    assert "hint: free some space, or point --reports to a folder that can be written" in said


def test_reports_and_indexes_are_written_under_their_lock(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that another run, with a work folder of its own, can neither mix its files with these nor remove them."""
    written = []

    def under_lock(path: Path, target: Path) -> Path:
        if target.parts[0] == "reports":
            handle = os.open(f"reports/{PROFILE}", os.O_RDONLY)
            with pytest.raises(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(handle)
            written.append(target.name)
        return replace(path, target)

    replace = Path.replace
    monkeypatch.setattr(Path, "replace", under_lock)
    digest("run", "--sample")
    assert {"2026-01-30.md", "2026-01-30.json", "feed.xml"} <= {*written}
    for gone in (REPORT.with_suffix(".md"), Path(f"reports/{PROFILE}/feed.xml")):
        gone.unlink()
        written.clear()
        digest("run", "--sample")
        assert gone.name in written
