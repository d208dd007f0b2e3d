"""Runs of the workflow in which something fails: which job is red, what the one error says, what a second attempt costs."""

from __future__ import annotations

from tests.workflow import expect
from tests.workflow.harness import World
from tests.workflow.registry import case


@case(quick=True)
def no_key(world: World) -> None:
    """Red in the first paid step, with one error that names the secret; the issue is opened."""
    del world.secrets["ANTHROPIC_API_KEY"]
    run = world.run()
    expect.unpublished(world, run, says="ANTHROPIC_API_KEY", job="score")
    assert [call.split()[1] for call in world.told() if call.startswith("issue")] == ["list", "create"]


@case()
def wrong_key(world: World) -> None:
    """A refused key: red, and the remedy named."""
    world.script["faults"] = {"score": "refused"}
    expect.unpublished(world, world.run(), says="renew the secret", job="score")


@case()
def spend_limit(world: World) -> None:
    """A spend limit met while analyzing: red, and the remedy named."""
    world.script["faults"] = {"analyze": "spend"}
    expect.unpublished(world, world.run(), says="raise the limit", job="analyze")


@case()
def sources_down(world: World) -> None:
    """No source answers: red, nothing written, no model asked."""
    world.script["faults"] = {"fetch": "down"}
    expect.unpublished(world, world.run(), says="run again later", job="fetch")
    assert world.calls() == 0


def _stage_fails(world: World, stage: str, how: str, job: str) -> None:
    world.script["faults"] = {stage: how}
    expect.unpublished(world, world.run(), says="run" if how == "kill" else "run it again", job=job)


for _stage, _job in {
    "plan": "fetch",
    "fetch": "fetch",
    "score": "score",
    "texts": "texts",
    "analyze": "analyze",
    "render": "analyze",
}.items():
    for _how in ("crash", "kill"):

        def _play(world: World, stage: str = _stage, how: str = _how, job: str = _job) -> None:
            _stage_fails(world, stage, how, job)

        case(quick=(_stage, _how) == ("score", "kill"), name=f"{_how} in {_stage}")(_play)


@case()
def rerun_failed_jobs(world: World) -> None:
    """A second attempt after a failed push asks no model again and publishes the kept report."""
    world.hook("echo 'remote: the server is out of order' >&2; exit 1")
    first = world.run()
    expect.unpublished(world, first, says="Re-run failed jobs", job="publish")
    calls = world.calls()
    world.hook("exit 0")
    second = world.run(again=first)
    expect.published(world, second)
    assert world.calls() == calls
    expect.harmless(world, first, second)


@case()
def rerun_after_analyze(world: World) -> None:
    """A second attempt after a failed analysis does not score again."""
    world.script["faults"] = {"analyze": "crash"}
    first = world.run()
    expect.unpublished(world, first, says="run it again", job="analyze")
    calls = world.calls()
    world.script["faults"] = {}
    expect.published(world, world.run(again=first))
    assert world.calls() == calls + 2  # the two analyses


@case()
def rerun_of_a_published_run(world: World) -> None:
    """Publish alone once more, though it had worked: no second commit."""
    first = world.run()
    first.jobs["publish"] = "failure"
    expect.published(world, world.run(again=first))


@case()
def issue_over_three_nights(world: World) -> None:
    """Opened by the first red night, continued by the second, closed by the green one."""
    world.script["faults"] = {"fetch": "down"}
    world.run()
    world.run()
    world.script["faults"] = {}
    expect.published(world, world.run())
    said = [call.split()[1] for call in world.told() if call.startswith("issue") and "list" not in call]
    assert said == ["create", "comment", "close"]


@case()
def no_issue_by_hand(world: World) -> None:
    """Whoever starts a run by hand sees its result: no issue."""
    world.run("workflow_dispatch", {"picks": "99999"})
    assert [call.split()[1] for call in world.told() if call.startswith("issue")] == ["list"]


@case()
def issues_are_off(world: World) -> None:
    """Where issues are off, as in a fork, the run says so and stays red for its own reason alone."""
    world.env["ACT_HAS_ISSUES"] = "false"
    world.script["faults"] = {"fetch": "down"}
    expect.unpublished(world, world.run(), says="run again later", job="fetch")
    assert [call for call in world.told() if call.startswith("issue")] == []


BAD_INPUTS = {
    "a shell in the date": {"date": "2026-01-30$(touch pwned)"},
    "a day that is none": {"date": "2026-02-30x"},
    "a path for a date": {"date": "../../etc"},
    "full-width digits": {"date": "２０２６-01-30"},
    "an option in the date": {"date": "--force"},
    "an unknown stage": {"from": "everything"},
    "too many picks": {"picks": "1000"},
    "a shell in the threshold": {"threshold": "60; touch pwned"},
    "an unknown profile": {"profile": "nobody"},
    "a path for a profile": {"profile": "../../../etc/passwd"},
    "a shell in the papers": {"papers": "`touch pwned`"},
    "a new line in the papers": {"papers": "2601.00001\n::error::x"},
}


def refused_by(inputs: dict[str, str]) -> str:
    """The job that a bad input makes red: the first one with a command that takes it."""
    return "score" if inputs.keys() & {"picks", "threshold"} else "fetch"


for _name, _inputs in BAD_INPUTS.items():

    def _bad(world: World, inputs: dict[str, str] = _inputs) -> None:
        run = world.run("workflow_dispatch", inputs)
        assert run.jobs[refused_by(inputs)] == "failure"
        assert len(run.errors) == 1, run.errors
        assert not list(world.folder.rglob("pwned"))
        assert expect.ours(world) == []
        assert world.calls() == 0
        expect.contained(world, run)

    case(quick=_name == "a shell in the date", name=f"bad input: {_name}")(_bad)
