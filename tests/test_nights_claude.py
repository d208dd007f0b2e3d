"""The same day through the real SDK to a Messages API on loopback: calls counted, bodies looked at, key nowhere."""

from __future__ import annotations

import base64
import datetime as dt
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.nights import Nights, calendar, judged, page, report
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import plain_answer
from tests.stubs.messages_calls import Call
from tests.stubs.world import World

KEY = "sk-ant-planted-0123456789abcdef"
WEDNESDAY, THURSDAY, FRIDAY = dt.date(2026, 1, 28), dt.date(2026, 1, 29), dt.date(2026, 1, 30)


@pytest.fixture
def stub() -> Iterator[MessagesStub]:
    with MessagesStub(keys=[KEY]) as stub:
        yield stub


@pytest.fixture
def nights(project: Path, stub: MessagesStub) -> Iterator[Nights]:
    with World(calendar(), today=FRIDAY, interval=0.0) as world:
        yield Nights(
            world,
            ANTHROPIC_API_KEY=KEY,
            ANTHROPIC_BASE_URL=stub.url,
            DIGEST_CLAUDE__STRUCTURED="format",
        )


def run(nights: Nights, date: dt.date = FRIDAY, *words: str, code: int = 0) -> dict[str, Any]:
    return nights.run(date, "--engine", "claude", *words, code=code)


def asked_for(call: Call) -> Iterable[str]:
    """The fields of the answer that a call asks for: `marks`, a reading's sections, or `verdicts`."""
    found: Iterable[str] = call.body["output_config"]["format"]["schema"]["properties"]
    return found


def test_calls_headers_and_bodies_of_one_day(nights: Nights, stub: MessagesStub) -> None:
    """127 papers: ceil(127/25) = 6 batches, the best 20 once more, one comparison, two picks read, five briefs written: 6 + 1 + 1 + 2 + 1
    calls at least, and a second reading of each pick and of the briefs; one repair, and a reading of that, for each pick
    at most."""
    run(nights)
    published = report(FRIDAY)
    assert published is not None
    again = [call for call in stub.asked if "verdicts" in asked_for(call)]
    scoring = [call for call in stub.asked if "marks" in asked_for(call)]
    reading = [call for call in stub.asked if call.body["model"] == "claude-sonnet-5-5"]
    assert len(published["candidates"]) == 140
    assert len(scoring) == 6 + 1
    assert 2 <= len(reading) <= 4
    assert 3 <= len(again) <= 5
    (brief,) = [call for call in stub.asked if "briefs" in asked_for(call)]
    assert brief.body["model"] == "claude-haiku-5-5"
    shortlisted = [one for one in published["candidates"] if one["outcome"] == "shortlisted"]
    assert ["brief" in one for one in shortlisted] == [True] * 5 + [False] * (len(shortlisted) - 5)
    written = [one["brief"] for one in shortlisted[:5] if "quoted" not in one["brief"]]
    assert {one["reading"] for one in written} == {"supported"}
    assert published["usage"]["stages"]["brief"]["calls"] == 1
    assert published["provenance"]["prompts"]["brief"].startswith("brief@")
    for call in stub.asked:
        assert not {"temperature", "top_p", "top_k", "stream", "tools", "tool_choice"} & set(call.body)
        assert call.body["output_config"]["format"]["type"] == "json_schema"
        assert call.headers["authorization"] == f"Bearer {KEY}"
        assert call.headers["anthropic-version"] == "2026-10-21"
        assert call.body["messages"][-1]["role"] == "user"
        assert call.fault == "ok", "the stub's rules refused nothing"
    assert published["usage"]["calls"] == len(stub.asked)
    assert published["usage"]["stages"]["score"]["calls"] == 7 + 1
    assert published["usage"]["usd"] > 0
    assert published["engine"] == "claude"
    assert all(one["score"] is not None for one in published["candidates"] if one["outcome"] != "seen")


def test_every_paper_is_asked_about_exactly_once_in_the_first_pass(
    nights: Nights, stub: MessagesStub
) -> None:
    run(nights)
    published = report(FRIDAY)
    assert published is not None
    asked = [
        key
        for call in stub.asked[:6]
        for key in re.findall(r'<paper-[0-9a-f]{8} id="([^"]+)">', call.body["messages"][0]["content"])
    ]
    assert sorted(asked) == sorted(judged(published))


def test_the_key_is_in_no_file_and_no_line(nights: Nights) -> None:
    said = run(nights)["said"]
    forms = [KEY, KEY[::-1], base64.b64encode(KEY.encode()).decode().rstrip("=")]
    texts = [said, *(path.read_text(errors="replace") for path in Path().rglob("*") if path.is_file())]
    assert len(texts) > 6
    assert not [form for form in forms for text in texts if form in text]


def test_a_second_run_calls_nobody_and_changes_no_byte(nights: Nights, stub: MessagesStub) -> None:
    run(nights)
    calls, before = len(stub.calls), {p: p.read_bytes() for p in Path("reports").rglob("*") if p.is_file()}
    assert run(nights)["state"] == "unchanged"
    assert len(stub.calls) == calls
    assert {p: p.read_bytes() for p in Path("reports").rglob("*") if p.is_file()} == before


def test_a_wrong_key_ends_with_4_and_nothing_is_published(nights: Nights, stub: MessagesStub) -> None:
    nights.environ["ANTHROPIC_API_KEY"] = "sk-ant-wrong"
    said = run(nights, code=4)["said"]
    assert said.count("\nerror: ") == 1
    assert "sk-ant-wrong" not in said
    assert not Path("reports").exists()


def test_what_failed_is_pending_and_done_the_next_night(project: Path) -> None:
    """On Thursday the analysis of one pick is refused: published with a word about it, exit 3. On Friday that
    paper comes first, with its score, and is not scored again."""
    refusing = [True]

    def answer(body: Mapping[str, Any]) -> dict[str, Any] | str:
        if refusing[0] and body["model"] == "claude-sonnet-5-5":
            return "not JSON"
        return plain_answer(body)

    with MessagesStub(answer=answer) as stub, World(calendar(), today=THURSDAY, interval=0.0) as world:
        nights = Nights(
            world, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=stub.url, DIGEST_CLAUDE__STRUCTURED="format"
        )
        run(nights, THURSDAY, code=3)
        thursday = report(THURSDAY)
        assert thursday is not None
        owed = {one["id"] for one in thursday["pending"]}
        assert {one["stage"] for one in thursday["pending"]} == {"analyze"}
        assert owed == {one["id"] for one in thursday["picks"]}
        assert "not JSON" not in page(THURSDAY)
        refusing[0] = False
        before = len(stub.asked)
        run(nights, FRIDAY)
        friday = report(FRIDAY)
        assert friday is not None
        assert owed <= {one["id"] for one in friday["picks"]}
        assert friday["pending"] == []
        again = [call for call in stub.asked[before:] if call.body["model"] == "claude-haiku-5-5"]
        assert not [
            key for key in owed for call in again if f'id="{key}"' in call.body["messages"][0]["content"]
        ]


def test_the_same_night_again_does_only_what_is_owed(project: Path) -> None:
    """One paper poisons every reply about it on the first run; the second run asks for that paper alone."""
    failing = [True]

    def answer(body: Mapping[str, Any]) -> dict[str, Any] | str:
        if failing[0] and 'id="2601.21922"' in body["messages"][0]["content"]:
            return "no marks today"
        return plain_answer(body)

    with MessagesStub(answer=answer) as stub, World(calendar(), today=FRIDAY, interval=0.0) as world:
        nights = Nights(
            world, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=stub.url, DIGEST_CLAUDE__STRUCTURED="format"
        )
        run(nights, code=3)
        first = report(FRIDAY)
        assert first is not None
        assert [one["id"] for one in first["pending"]] == ["2601.21922"]
        failing[0] = False
        before = len(stub.asked)
        run(nights)
        second = report(FRIDAY)
        assert second is not None
        asked = {
            key
            for call in stub.asked[before:]
            for key in re.findall(r'<paper-[0-9a-f]{8} id="([^"]+)">', call.body["messages"][0]["content"])
        }
        assert asked == {"2601.21922"}
        assert second["pending"] == []
        same = [one for one in second["candidates"] if one["id"] != "2601.21922"]
        assert same == [one for one in first["candidates"] if one["id"] != "2601.21922"]
        assert second["usage"]["calls"] > first["usage"]["calls"]


def test_papers_are_rescued_by_their_id(nights: Nights, stub: MessagesStub) -> None:
    run(nights)
    first = report(FRIDAY)
    assert first is not None
    reject = next(one["id"] for one in first["candidates"] if one["outcome"] == "below_threshold")
    before = len(stub.asked)
    run(nights, FRIDAY, "--papers", reject)
    second = report(FRIDAY)
    assert second is not None
    assert {one["id"] for one in second["picks"]} == {one["id"] for one in first["picks"]} | {reject}
    assert "marks" not in {key for call in stub.asked[before:] for key in asked_for(call)}


def test_the_analysis_is_made_again_from_the_committed_scores(nights: Nights, stub: MessagesStub) -> None:
    run(nights)
    first = report(FRIDAY)
    assert first is not None
    shutil.rmtree(".work")
    before = len(stub.asked)
    run(nights, FRIDAY, "--from", "analyze")
    second = report(FRIDAY)
    assert second is not None
    assert "marks" not in {key for call in stub.asked[before:] for key in asked_for(call)}
    assert [one["id"] for one in second["picks"]] == [one["id"] for one in first["picks"]]
    assert {one["id"]: one["score"] for one in second["candidates"]} == {
        one["id"]: one["score"] for one in first["candidates"]
    }


def test_a_budget_that_is_spent_stops_everything_and_leaves_it_pending(
    nights: Nights, stub: MessagesStub
) -> None:
    path = Path("prompts/profiles/cv-restoration.md")
    path.write_text(path.read_text().replace("budget_usd: 1.00", "budget_usd: 0.004"))
    run(nights, code=3)
    published = report(FRIDAY)
    assert published is not None
    assert published["usage"]["usd"] <= 0.004
    reasons = {one["reason"] for one in published["pending"]}
    assert any("budget" in reason for reason in reasons)
    unscored = [one for one in published["candidates"] if one["outcome"] == "unscored"]
    assert len(unscored) + len([o for o in published["candidates"] if o["score"] is not None]) == 140
