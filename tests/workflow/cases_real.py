"""Runs with the program itself: what the other cases only play is true of it too."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter

from tests.nights import lists, recorded_days
from tests.stubs.world import ARXIV_ROUTES, Fault
from tests.workflow import expect
from tests.workflow.cases_failing import BAD_INPUTS, refused_by
from tests.workflow.harness import KEY, World
from tests.workflow.real import PROFILE, RealWorld, real
from tests.workflow.registry import case

TUESDAY, FRIDAY, SATURDAY = dt.date(2026, 1, 27), dt.date(2026, 1, 30), dt.date(2026, 1, 31)


@case(quick=True)
def real_night(world: World) -> None:
    """The nightly path through the program: a report with its proofs, the key in two steps and nowhere else."""
    with real(world.folder / "real") as real_world:
        run = real_world.night(FRIDAY)
        expect.published(real_world, run)
        digest = real_world.report(FRIDAY)
        announced = {one["id"] for one in recorded_days()["2026-01-30"]}
        listed = {one["paper"]["id"] for day in lists().values() for one in day}
        assert {one["id"] for one in digest["candidates"]} == announced | listed
        assert expect.ours(real_world) == [f"digest({PROFILE}): 2026-01-30, 2 of {len(announced | listed)}"]
        assert digest["run_url"] == "https://github.com/someone/digest/actions/runs/1"
        assert {pick["basis"] for pick in digest["picks"]} == {"html"}
        assert {call.headers["authorization"] for call in real_world.model.asked} == {f"Bearer {KEY}"}
        assert digest["usage"]["calls"] == len(real_world.model.asked)


@case()
def real_second_run(world: World) -> None:
    """A second run of the date asks neither source nor model, and changes nothing."""
    with real(world.folder / "real") as real_world:
        real_world.night(FRIDAY)
        before = (len(real_world.web.requests), len(real_world.model.calls), real_world.files())
        expect.published(real_world, real_world.night(FRIDAY))
        assert before == (len(real_world.web.requests), len(real_world.model.calls), real_world.files())


@case()
def real_without_key(world: World) -> None:
    """No key: red in the job Score, one error that names the secret."""
    with real(world.folder / "real") as real_world:
        del real_world.secrets["ANTHROPIC_API_KEY"]
        expect.unpublished(real_world, real_world.night(FRIDAY), says="ANTHROPIC_API_KEY", job="score")
        assert real_world.model.calls == []


@case()
def real_wrong_key(world: World) -> None:
    """A key that the endpoint refuses: red in the job Score, one error."""
    with real(world.folder / "real") as real_world:
        real_world.model.keys = frozenset({"another"})
        expect.unpublished(real_world, real_world.night(FRIDAY), says="ANTHROPIC_API_KEY", job="score")


@case()
def real_local_engine(world: World) -> None:
    """The local engine publishes without a key."""
    with real(world.folder / "real") as real_world:
        del real_world.secrets["ANTHROPIC_API_KEY"]
        run = real_world.night(FRIDAY, "workflow_dispatch", {"engine": "local"})
        expect.published(real_world, run)
        assert real_world.report(FRIDAY)["engine"] == "local"


@case()
def real_sources_down(world: World) -> None:
    """Nothing answers: red in the job Fetch, nothing spent."""
    with real(world.folder / "real") as real_world:
        for route in ("rss", "oai", "api", "huggingface"):
            real_world.web.fault(route, Fault(status=503), times=None)
        expect.unpublished(real_world, real_world.night(FRIDAY), says="run again later", job="fetch")
        assert real_world.model.calls == []


@case()
def real_spend_limit(world: World) -> None:
    """The spend limit is met by the first call: every paper is pending, and judged once the limit is lifted."""
    limit = dict.fromkeys(range(200), "spend_limit")
    with real(world.folder / "real", script=limit) as real_world:
        first = real_world.night(FRIDAY)
        assert first.errors or first.warnings
        assert len(real_world.model.asked) <= 8  # nobody goes on asking
        limit.clear()
        second = real_world.night(FRIDAY)
        assert second.green, second.errors
        # Papers that only Hugging Face lists are unknown to the recorded arXiv: they cannot be had by id.
        still = {one["id"] for one in real_world.report(FRIDAY)["pending"]}
        assert not still & {one["id"] for one in recorded_days()["2026-01-30"]}
        assert len(real_world.report(FRIDAY)["picks"]) == 2
        expect.harmless(real_world, first, second)


@case()
def real_three_nights_missed(world: World) -> None:
    """Tuesday, then Friday: the days between come into Friday's digest, and nothing is judged twice."""
    with real(world.folder / "real") as real_world:
        expect.published(real_world, real_world.night(TUESDAY))
        expect.published(real_world, real_world.night(FRIDAY), commits=2)
        first, second = real_world.report(TUESDAY), real_world.report(FRIDAY)
        assert second["previous"] == "2026-01-27"
        days = {signal["day"] for one in second["candidates"] for signal in one["signals"].values()}
        assert {"2026-01-28", "2026-01-29", "2026-01-30"} <= days
        judged = [
            one["id"]
            for digest in (first, second)
            for one in digest["candidates"]
            if one["outcome"] != "seen"
        ]
        assert len(judged) == len(set(judged))


@case()
def real_quiet_day(world: World) -> None:
    """Saturday after a complete Friday: no page, green, said."""
    with real(world.folder / "real") as real_world:
        real_world.night(FRIDAY)
        run = real_world.night(SATURDAY)
        expect.published(real_world, run)
        assert "Nothing new on 2026-01-31" in run.summary


@case()
def real_quiet_day_with_a_source_down(world: World) -> None:
    """What could not be read may hold something: that is not said to be a quiet day."""
    with real(world.folder / "real") as real_world:
        real_world.night(FRIDAY)
        real_world.web.fault("rss", Fault(status=503), times=None)
        run = real_world.night(SATURDAY)
        expect.published(real_world, run, warnings=1)
        assert "Nothing new in what could be read on 2026-01-31: no page" in run.summary
        assert "Could not be read: arxiv. The next run catches up." in run.summary


@case()
def real_dry_run(world: World) -> None:
    """The price is said, nothing is spent or published."""
    with real(world.folder / "real") as real_world:
        run = real_world.night(FRIDAY, "workflow_dispatch", {"dry_run": True})
        expect.published(real_world, run, commits=0)
        assert "USD" in run.raw
        assert real_world.model.calls == []


@case()
def real_from_analyze(world: World) -> None:
    """From `analyze` on, no paper is marked again."""
    with real(world.folder / "real") as real_world:
        real_world.night(FRIDAY)
        scored = {one["id"]: one["score"] for one in real_world.report(FRIDAY)["candidates"]}
        asked = len(real_world.model.asked)
        run = real_world.night(FRIDAY, "workflow_dispatch", {"from": "analyze"})
        assert run.green, run.errors
        assert {one["id"]: one["score"] for one in real_world.report(FRIDAY)["candidates"]} == scored
        assert 0 < len(real_world.model.asked) - asked <= 4
        expect.harmless(real_world, run)


@case()
def real_from_render(world: World) -> None:
    """From `render` on, nobody is asked, and the same report makes the same bytes."""
    with real(world.folder / "real") as real_world:
        real_world.night(FRIDAY)
        before = (len(real_world.web.requests), len(real_world.model.calls), real_world.files())
        run = real_world.night(FRIDAY, "workflow_dispatch", {"from": "render"})
        expect.published(real_world, run)
        assert before == (len(real_world.web.requests), len(real_world.model.calls), real_world.files())


@case()
def real_wanted_paper(world: World) -> None:
    """A paper that was not picked is analyzed when it is asked for by id."""
    with real(world.folder / "real") as real_world:
        real_world.night(FRIDAY)
        digest = real_world.report(FRIDAY)
        wanted = next(one["id"] for one in digest["candidates"] if one["outcome"] not in {"picked", "seen"})
        run = real_world.night(FRIDAY, "workflow_dispatch", {"papers": wanted})
        assert run.green, run.errors
        assert wanted in {one["id"] for one in real_world.report(FRIDAY)["picks"]}
        expect.harmless(real_world, run)


@case()
def real_pending(world: World) -> None:
    """The endpoint fails for one analysis: published, green, with a warning; the next night mends it."""
    with real(world.folder / "real") as real_world:
        failing = real_world.model
        plain = failing.answer
        failing.answer = lambda body: {} if "sonnet" in body["model"] else plain(body)
        run = real_world.night(FRIDAY)
        assert run.green, run.errors
        assert run.warnings
        assert real_world.report(FRIDAY)["pending"]
        failing.answer = plain
        second = real_world.run()
        assert second.green, second.errors
        assert real_world.report(FRIDAY)["pending"] == []
        expect.harmless(real_world, run, second)


@case()
def real_two_profiles(world: World) -> None:
    """Two profiles share the sources and come in one commit."""
    with real(world.folder / "real") as real_world:
        real_world.vars["DIGEST_PROFILES"] = f"{PROFILE},llm-agents"
        run = real_world.night(FRIDAY)
        assert run.green, run.errors
        assert {name for name, _ in expect.reports(real_world)} == {PROFILE, "llm-agents"}
        assert len(expect.ours(real_world)) == 1
        expect.harmless(real_world, run)


@case()
def real_bad_inputs(world: World) -> None:
    """Every bad input is refused by the first command that takes it, with one error, and reaches no shell."""
    with real(world.folder / "real") as real_world:
        for name, inputs in BAD_INPUTS.items():
            before = len(real_world.web.requests)
            run = real_world.night(FRIDAY, "workflow_dispatch", inputs)
            assert run.jobs[refused_by(inputs)] == "failure", name
            assert refused_by(inputs) == "score" or len(real_world.web.requests) == before, name
            # act takes a `::` within a message for the end of its properties; the real runner does not.
            assert len(run.errors) == 1 or "::" in str(inputs), (name, run.errors)
        assert not list(world.folder.rglob("pwned"))
        assert expect.ours(real_world) == []
        assert real_world.model.calls == []
        expect.contained(real_world)


def artifacts(world: RealWorld) -> dict[str, set[str]]:
    """Artifact → kinds of files in it."""
    store = world.artifacts / "1"
    return {
        path.name: {file.name for file in path.rglob("*.json")} for path in store.iterdir() if path.is_dir()
    }


@case()
def real_full_texts_stay_apart(world: World) -> None:
    """Sentences of the paper's body are in the artifact `texts` and, as quotations, in the report; nowhere else."""
    with real(world.folder / "real") as real_world:
        expect.published(real_world, real_world.night(FRIDAY))
        found = artifacts(real_world)
        assert found["texts"] == {"texts.json"}
        texts = json.loads(next((real_world.artifacts / "1" / "texts").rglob("texts.json")).read_text())[
            "texts"
        ]
        sentences = [
            one["text"] for text in texts.values() for one in text["sentences"] if len(one["text"]) > 60
        ]
        for name in ("fetched", "scored-0"):
            data = next((real_world.artifacts / "1" / name).rglob("*.json")).read_text()
            assert not [one for one in sentences if json.dumps(one)[1:-1] in data]


@case()
def real_ten_profiles(world: World) -> None:
    """Ten profiles after three missed nights, in one run: one commit, and arXiv sees one reader."""
    with real(world.folder / "real", profiles=10) as real_world:
        expect.published(real_world, real_world.night(TUESDAY))
        _many(real_world, 10, chunks=1)


@case()
def real_forty_five_profiles(world: World) -> None:
    """Forty-five profiles in three chunks, each judged on a machine of its own: one commit."""
    with real(world.folder / "real", profiles=45) as real_world:
        _many(real_world, 45, chunks=3)


def _many(real_world: RealWorld, count: int, *, chunks: int) -> None:
    """Friday for everybody; prints what it took."""
    before, asked = len(real_world.web.requests), len(real_world.model.asked)
    commits = len(expect.ours(real_world))
    began = time.monotonic()
    run = real_world.night(FRIDAY)
    took = time.monotonic() - began
    expect.published(real_world, run, commits=commits + 1)
    for name in real_world.names:
        assert len(real_world.report(FRIDAY, name)["picks"]) == 2
    scored = [row[3] for row in real_world.traced() if row[0] == "score" and row[1] == "venv"]
    assert len(scored) - (commits > 0) == chunks
    requests = real_world.web.requests[before:]
    routes = Counter(one.route for one in requests)
    assert routes["rss"] == 1
    print(
        f"{count} profiles: {took:.0f} s, {len(real_world.model.asked) - asked} model calls, "
        f"{sum(routes[route] for route in ARXIV_ROUTES)} requests to arXiv {dict(routes)}, 1 commit",
        flush=True,
    )


@case()
def real_auth_token(world: World) -> None:
    """A gateway's token in place of a key: published, and the stub saw that token."""
    with real(world.folder / "real") as real_world:
        real_world.secrets["ANTHROPIC_AUTH_TOKEN"] = real_world.secrets.pop("ANTHROPIC_API_KEY")
        expect.published(real_world, real_world.night(FRIDAY))
        assert {call.headers["authorization"] for call in real_world.model.asked} == {f"Bearer {KEY}"}
