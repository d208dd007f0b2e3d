"""Runs in which one profile, or one chunk of them, fails: the others are published, and the run is red for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from tests.workflow import expect
from tests.workflow.cases_content import handed_over, tampering
from tests.workflow.harness import ROOT, TODAY, World
from tests.workflow.log import Run
from tests.workflow.real import PROFILE, real
from tests.workflow.registry import case

NAMES = ["a", "b", "c"]


def partly(world: World, run: Run, *, lost: str, says: Mapping[str, str], commits: int = 1) -> None:
    """All but one profile are out; the run is red, with one error in each of these jobs, which says this."""
    assert not run.green
    assert run.jobs["publish"] == "failure", run.jobs
    assert {job: text for _, job, text in run.annotations if text in run.errors}.keys() == says.keys(), (
        run.errors
    )
    assert len(run.errors) == len(says), run.errors
    for job, words in says.items():
        assert any(words in text for _, at, text in run.annotations if at == job), (job, run.errors)
    assert {name for name, _ in expect.reports(world)} == {
        name for name in world.script["active"] if name != lost
    }
    assert len(expect.ours(world)) == commits, world.log()
    assert "start a new run" in run.summary
    expect.harmless(world, run)


def _fails(world: World, stage: str, how: str = "crash", chunk: int = 20) -> Run:
    world.script |= {"active": NAMES, "known": NAMES, "chunk": chunk, "fails": {stage: {"c": how}}}
    return world.run()


for _stage, _job in {
    "fetch": "fetch",
    "score": "score",
    "texts": "texts",
    "analyze": "analyze",
    "render": "analyze",
}.items():

    def _one(world: World, stage: str = _stage, job: str = _job) -> None:
        run = _fails(world, stage)
        partly(world, run, lost="c", says={job: "c: it went wrong", "publish": "c: no report"})
        asked = world.calls()
        world.script["fails"] = {}
        again = world.run()  # a new run makes only what is missing
        assert again.green, again.errors
        assert {name for name, _ in expect.reports(world)} == set(NAMES)
        assert world.calls() - asked == 62
        expect.harmless(world, run, again)

    case(name=f"{_stage} fails for one profile")(_one)

    def _alone(world: World, stage: str = _stage, job: str = _job) -> None:
        run = _fails(world, stage, chunk=2)
        expected = {job: "c: it went wrong", "publish": "c: no report"}
        partly(world, run, lost="c", says=expected)

    case(name=f"{_stage} fails for the one profile of a chunk")(_alone)


for _stage, _job in {"score": "score", "analyze": "analyze", "render": "analyze"}.items():
    for _how, _says in {"kill": "exit code", "refused": "renew the secret"}.items():

        def _chunk(
            world: World, stage: str = _stage, job: str = _job, how: str = _how, says: str = _says
        ) -> None:
            run = _fails(world, stage, how, chunk=2)
            assert run.jobs[job] == "failure", run.jobs
            partly(world, run, lost="c", says={job: says, "publish": "c: no report"})

        case(name=f"{_how} in one chunk of {_stage}")(_chunk)


@case()
def refused_key_stops_a_chunk(world: World) -> None:
    """What is wrong for all of a process stops it at once: nobody of it is published."""
    run = _fails(world, "analyze", "refused")
    expect.unpublished(world, run, says="renew the secret", job="analyze")


@case()
def half_a_report_over_a_whole_one(world: World) -> None:
    """A page that was written before its data could be: neither is published, the whole report of before stays."""
    world.script |= {"active": NAMES, "known": NAMES, "pending": 1}
    world.run()
    before = {name: data for name, data in world.files().items() if name.startswith("reports/c/")}
    world.script |= {"pending": 0, "fails": {"render": {"c": "crash"}}}
    run = world.run()
    assert run.jobs["publish"] == "failure", run.jobs
    assert {name: data for name, data in world.files().items() if name.startswith("reports/c/")} == before
    expect.same_as_stand_in(world, "a", TODAY)
    assert len(expect.ours(world)) == 2
    expect.harmless(world, run)


@case()
def nothing_new_for_the_rest(world: World) -> None:
    """One profile fails, the others have nothing new: red in the job Fetch, and nobody else is troubled."""
    world.script["news"] = False
    run = _fails(world, "fetch")
    expect.unpublished(world, run, says="c: it went wrong", job="fetch")
    assert world.calls() == 0


@case()
def one_of_two_is_refused(world: World) -> None:
    """A report with a foreign link is refused; the other one is published."""
    world.script["active"] = ["cv", "nlp"]
    handed_over(world, tampering('"foreign link"'))
    run = world.run()
    expect.unpublished(world, run, says="evil.example", job="publish", commits=1)
    assert set(expect.reports(world)) == {("nlp", TODAY)}


@case()
def one_of_two_is_damaged(world: World) -> None:
    """A damaged report of one profile's past keeps that profile back, and no other."""
    world.commit({"reports/cv/2026/01/2026-01-28.json": "{", "reports/cv/2026/01/2026-01-28.md": "x"})
    world.script["active"] = ["cv", "nlp"]
    run = world.run()
    assert run.jobs["publish"] == "failure"
    assert len(run.errors) == 1
    assert "the indexes of cv" in run.errors[0]
    assert expect.ours(world) == ["digest(nlp): 2026-01-30, 2 of 60"]
    assert ("nlp", TODAY) in expect.reports(world)
    assert ("cv", TODAY) not in expect.reports(world)


@case()
def real_dead_feed(world: World) -> None:
    """The program itself: a profile with only a feed that is down costs no other one its digest."""
    with real(world.folder / "real") as real_world:
        dead = (
            "---\ntitle: Dead\nlanguage: en\nsources: []\nfeeds: [https://dead.invalid/feed]\n---\nRobots.\n"
        )
        real_world.commit({"prompts/profiles/dead.md": dead})
        real_world.vars["DIGEST_PROFILES"] = f"{PROFILE},dead"
        run = real_world.night(dt.date(2026, 1, 30))
        assert run.jobs["publish"] == "failure", run.jobs
        assert {job for level, job, _ in run.annotations if level == "error"} == {"fetch", "publish"}, (
            run.errors
        )
        assert "dead" in run.errors[-1]
        assert {name for name, _ in expect.reports(real_world)} == {PROFILE}
        expect.harmless(real_world, run)


@case()
def real_damaged_report(world: World) -> None:
    """The program itself: a profile whose report of the day before is damaged costs no other one its digest."""
    with real(world.folder / "real") as real_world:
        hurt = "reports/hurt/2026/01/2026-01-29"
        text = (ROOT / f"prompts/profiles/{PROFILE}.md").read_text()
        real_world.commit({"prompts/profiles/hurt.md": text, f"{hurt}.json": "{", f"{hurt}.md": "x"})
        real_world.vars["DIGEST_PROFILES"] = f"hurt,{PROFILE}"
        run = real_world.night(dt.date(2026, 1, 30))
        assert run.jobs["fetch"] == "success", run.jobs
        assert run.jobs["publish"] == "failure", run.jobs
        assert f"{hurt}.json" in run.errors[0]
        assert set(expect.reports(real_world)) == {("hurt", "2026-01-29"), (PROFILE, "2026-01-30")}
        assert len(expect.ours(real_world)) == 1
