"""Nights of which readers are told on an issue: once a date, whatever else happens, and never at the price of the run."""

from __future__ import annotations

import json

from tests.workflow import expect
from tests.workflow.harness import ROOT, World
from tests.workflow.registry import case


def switch_on(world: World) -> str:
    """Have the owner ask for comments."""
    text = (ROOT / "digest.toml").read_text("utf-8").replace("\nissue = false", "\nissue = true")
    return world.commit({"digest.toml": text}, "comments, please")


def told(world: World) -> list[str]:
    """Of what GitHub has sent a mail."""
    return world.github().mails


@case(quick=True)
def told_once(world: World) -> None:
    """A night, two dispatches for the same date and a continued date are told once; the summary says what was done."""
    switch_on(world)
    world.script["pending"] = 3
    first = world.run()
    expect.published(world, first, warnings=1)
    assert "cv, 2026-01-30: told on issue #1" in first.summary
    assert told(world) == ["issue 1", "comment on 1"]
    world.script["pending"] = 0
    second = world.run("workflow_dispatch")
    assert "says what has changed" in second.summary
    third = world.run("workflow_dispatch")
    assert "nothing to do" in third.summary
    assert told(world) == ["issue 1", "comment on 1"]
    assert "Made again since it was told here" in world.github().comments[0]["body"]
    expect.harmless(world, first, second, third)


@case()
def told_once_after_a_rerun(world: World) -> None:
    """The job that tells, run again: the comment stands there."""
    switch_on(world)
    first = world.run()
    first.jobs["tell"] = "failure"
    again = world.run(again=first)
    assert "was told before" in again.summary
    assert told(world) == ["issue 1", "comment on 1"]


@case()
def nothing_to_tell(world: World) -> None:
    """A quiet night and a failed one are told on no issue of a profile."""
    switch_on(world)
    world.script["news"] = False
    quiet = world.run()
    assert (quiet.green, quiet.errors) == (True, []), quiet.errors
    world.script |= {"news": True, "faults": {"score": "crash"}}
    assert not world.run().green
    assert told(world) == []


@case()
def told_of_the_one_that_was_published(world: World) -> None:
    """Of two profiles one fails: the other one is told."""
    switch_on(world)
    world.script |= {"active": ["cv", "nlp"], "fails": {"score": {"nlp": "crash"}}}
    run = world.run()
    assert not run.green
    assert [one["title"] for one in world.github().issues] == ["Digests: Synthetic"]
    assert "digests of cv" in world.github().issues[0]["body"]


@case(quick=True)
def not_told_unless_asked(world: World) -> None:
    """As it comes, nothing is told, installed or checked out for it."""
    run = world.run()
    expect.published(world, run)
    assert not world.api.exists()
    assert ("tell", "pip") not in {row[:2] for row in world.traced()}


@case()
def told_nowhere_where_issues_are_off(world: World) -> None:
    """Green, and the summary says so."""
    switch_on(world)
    world.env["ACT_HAS_ISSUES"] = "false"
    world.api.write_text(json.dumps({"has_issues": False}))
    run = world.run()
    expect.published(world, run)
    assert "Issues are off in this repository" in run.summary


@case()
def told_without_the_right(world: World) -> None:
    """A token that may not write issues is a warning that says what to do; the digest is out."""
    switch_on(world)
    world.api.write_text(json.dumps({"may_write": False}))
    run = world.run()
    expect.published(world, run, warnings=1)
    assert "issues: write" in run.warnings[0]


@case()
def told_beside_a_strangers_issue(world: World) -> None:
    """An issue with the same title and text, by somebody else, is left alone."""
    switch_on(world)
    github = world.github()
    github.user = {"id": 1, "login": "github-actions[bot]", "type": "User"}
    github.open("Digests: Synthetic", "<!-- digests of cv -->\n")
    world.api.write_text(json.dumps(github.state()))
    expect.published(world, world.run())
    assert [one["issue"] for one in world.github().comments] == [2]


ADDRESSES = "good://phone-0123456789 down://chat-abcdefghij\nnonsense-klmnopqrst good://mail-uvwxyz0123"


def channels(world: World) -> None:
    """Have the owner set the secret, and a stand-in for apprise installed."""
    world.secrets["DIGEST_NOTIFY"] = ADDRESSES
    world.env["PYTHONPATH"] = str(ROOT / "tests/stubs/notify")


@case(quick=True)
def sent_to_whoever_can_be_reached(world: World) -> None:
    """New digests go to each channel once; one that is down and one that is wrong are warnings, and are not named."""
    channels(world)
    world.script["pending"] = 3
    first = world.run()
    expect.published(world, first, warnings=3)
    assert "2 of 4 channels were told of 1 digest" in first.summary
    assert world.sent.read_text().splitlines() == [
        "phone-0123456789: 2026-01-30 · Synthetic",
        "mail-uvwxyz0123: 2026-01-30 · Synthetic",
    ]
    world.script["pending"] = 0
    second = world.run("workflow_dispatch")  # continues the date
    assert second.jobs["notify"] == "skipped"
    assert len(world.sent.read_text().splitlines()) == 2
    expect.harmless(world, first, second)


@case()
def sent_nowhere_without_addresses(world: World) -> None:
    """Without the secret no such job begins."""
    run = world.run()
    expect.published(world, run)
    assert run.jobs["notify"] == "skipped"


@case()
def nothing_to_send(world: World) -> None:
    """A quiet and a failed night send nothing."""
    channels(world)
    world.script["news"] = False
    quiet = world.run()
    assert quiet.jobs["notify"] == "skipped", quiet.jobs
    world.script |= {"news": True, "faults": {"analyze": "crash"}}
    failed = world.run()
    assert failed.jobs["notify"] == "skipped", failed.jobs
