"""Runs of the workflow in which all goes well: how it is started, and what it then does or leaves."""

from __future__ import annotations

from tests.workflow import expect
from tests.workflow.harness import TODAY, World
from tests.workflow.registry import case

YESTERDAY = "2026-01-29"


@case(quick=True)
def schedule(world: World) -> None:
    """The nightly path: every stage in a step of its own, one commit, a summary, nothing told."""
    run = world.run("schedule")
    expect.published(world, run)
    assert expect.ours(world) == ["digest(cv): 2026-01-30, 2 of 60"]
    expect.same_as_stand_in(world, "cv", TODAY)
    steps = [step for _, step, _ in run.steps]
    named = ["Plan", "Fetch", "Score", "Texts", "Analyze", "Render", "Validate", "Push"]
    assert [step for step in steps if step in named] == named
    assert [job for job, result in run.jobs.items() if result != "skipped"] == [
        "fetch",
        "score",
        "texts",
        "analyze",
        "publish",
        "tell",
    ]
    assert "Published: 2026-01-30" in run.summary
    assert "| success | success | success | success | success |" in run.summary
    assert not any("create" in call or "comment" in call for call in world.told())


@case()
def keeps_the_texts_apart(world: World) -> None:
    """The papers' full texts are in one artifact, which is kept a day; an analysis done again changes nothing in that."""
    world.script["faults"] = {"render": "crash"}
    first = world.run()
    first.jobs["score"] = first.jobs["texts"] = "failure"  # played once more, with the texts at hand
    world.script["faults"] = {}
    second = world.run(again=first)
    full_text = [
        path for path in world.artifacts.rglob("*") if path.is_file() and b"word word" in path.read_bytes()
    ]
    assert {path.relative_to(world.artifacts / "1").parts[0] for path in full_text} == {"texts"}
    expect.published(world, second)
    days = {path.name: path.read_text() for path in (world.artifacts / "1").glob(".*.days")}
    assert days == {
        ".fetched.days": "14",
        ".scored-0.days": "14",
        ".texts.days": "1",
        ".reports-0.days": "14",
    }


@case()
def dispatch_with_everything(world: World) -> None:
    """Every input reaches the stages, as an option."""
    world.script["known"] = ["cv", "nlp"]
    inputs = {"date": YESTERDAY, "profile": "nlp", "papers": "2601.00001,2601.00002", "picks": "3"}
    run = world.run("workflow_dispatch", {**inputs, "threshold": "70", "engine": "claude", "force": True})
    expect.published(world, run)
    assert expect.ours(world) == ["digest(nlp): 2026-01-29, 3 of 60"]
    day, papers = "--date=2026-01-29", "--papers=2601.00001,2601.00002"
    stages = [
        row[3].removeprefix("-m pipeline ")
        for row in world.traced()
        if row[0] != "publish" and row[1] == "venv"
    ]
    assert stages == [
        f"plan {day} --from=fetch {papers} --force",
        f"fetch {day} --work=work --from=fetch {papers} --force",
        f"score {day} --work=work --engine=claude --picks=3 --threshold=70",
        f"texts {day} --work=work",
        f"analyze {day} --work=work --engine=claude",
        f"render {day} --work=work --engine=claude --from=fetch {papers} --force",
    ]


@case()
def dispatch_with_nothing(world: World) -> None:
    """Blank inputs are those of the nightly run."""
    expect.published(world, world.run("workflow_dispatch"))
    expect.same_as_stand_in(world, "cv", TODAY)


@case()
def dispatch_of_a_past_date(world: World) -> None:
    """The report lands under its date."""
    expect.published(world, world.run("workflow_dispatch", {"date": "2025-12-31"}))
    assert ("cv", "2025-12-31") in expect.reports(world)


@case(quick=True)
def same_date_twice(world: World) -> None:
    """The second run calls no model, makes no commit and changes no byte."""
    first = world.run()
    calls, files = world.calls(), world.files()
    second = world.run()
    expect.published(world, second)
    assert "Fetch" not in {step for _, step, result in second.steps if result == "success"}
    assert {name for name, result in second.jobs.items() if result != "skipped"} == {"fetch", "tell"}
    assert (world.calls(), world.files()) == (calls, files)
    assert "there and complete" in second.summary
    expect.harmless(world, first, second)


@case()
def same_date_with_force(world: World) -> None:
    """With `force` the date is judged again; the same judgment makes the same bytes, and no second commit."""
    world.run()
    calls = world.calls()
    run = world.run("workflow_dispatch", {"force": True})
    expect.published(world, run)
    assert world.calls() == 2 * calls
    assert "unchanged" in run.summary


@case()
def force_replaces(world: World) -> None:
    """With `force` another judgment replaces the report, in a second commit."""
    world.run()
    world.script["picks"] = 3
    expect.published(world, world.run("workflow_dispatch", {"force": True}), commits=2)
    expect.same_as_stand_in(world, "cv", TODAY, picks=3)


@case()
def published_with_pending(world: World) -> None:
    """Green, with a warning; the next run takes up what is pending, in a second commit."""
    world.script["pending"] = 3
    run = world.run()
    expect.published(world, run, warnings=1)
    assert "3 papers" in run.warnings[0]
    world.script["pending"] = 0
    expect.published(world, world.run(), commits=2)
    expect.same_as_stand_in(world, "cv", TODAY)


@case()
def nothing_new(world: World) -> None:
    """No page, no commit, green, and said."""
    world.script["news"] = False
    run = world.run()
    expect.published(world, run, commits=0)
    assert "Nothing new on 2026-01-30" in run.summary
    assert world.calls() == 0
    assert run.jobs["publish"] == "skipped"


@case()
def several_profiles(world: World) -> None:
    """Two profiles of one run come in one commit."""
    world.script["active"] = ["cv", "nlp"]
    expect.published(world, world.run())
    assert expect.ours(world) == ["digest: 2026-01-30, 4 of 120 in 2 profiles"]
    assert set(expect.reports(world)) == {("cv", TODAY), ("nlp", TODAY)}


@case()
def several_chunks(world: World) -> None:
    """More profiles than a chunk holds: a matrix of jobs, still one commit."""
    names = ["a", "b", "c"]
    world.script |= {"active": names, "known": names, "chunk": 2}
    run = world.run()
    expect.published(world, run)
    assert {name for name, _ in expect.reports(world)} == set(names)
    scored = [row[3] for row in world.traced() if row[:2] == ("score", "venv")]
    assert len(scored) == 2


@case()
def one_profile_is_due(world: World) -> None:
    """A report that is there and complete is left alone beside one that is missing."""
    other = world.commit(world.report_files("nlp", TODAY))
    world.script["active"] = ["cv", "nlp"]
    expect.published(world, world.run(), others=[other])
    assert expect.ours(world) == ["digest(cv): 2026-01-30, 2 of 60"]


@case(quick=True)
def paused(world: World) -> None:
    """The variable DIGEST_PAUSED stops everything, green, and says so."""
    world.vars["DIGEST_PAUSED"] = "true"
    run = world.run()
    expect.published(world, run, commits=0)
    assert {name for name, result in run.jobs.items() if result != "skipped"} == {"tell"}
    assert "Paused" in run.summary
    assert world.told() == []


@case()
def not_paused(world: World) -> None:
    """`false` is no pause."""
    world.vars["DIGEST_PAUSED"] = "false"
    expect.published(world, world.run())


@case()
def profiles_by_variable(world: World) -> None:
    """The variable DIGEST_PROFILES says which profiles the nightly run makes."""
    world.vars["DIGEST_PROFILES"] = "nlp"
    expect.published(world, world.run())
    assert set(expect.reports(world)) == {("nlp", TODAY)}


@case()
def dry_run(world: World) -> None:
    """Nothing is spent, nothing published, no key used."""
    run = world.run("workflow_dispatch", {"dry_run": True})
    expect.published(world, run, commits=0)
    assert world.calls() == 0
    assert not [row for row in world.traced() if row[2]]
    assert "Dry run" in run.summary


@case()
def local_engine_without_key(world: World) -> None:
    """Without a key the local engine still makes a digest."""
    del world.secrets["ANTHROPIC_API_KEY"]
    expect.published(world, world.run("workflow_dispatch", {"engine": "local"}))


@case()
def from_render(world: World) -> None:
    """From `render` on, no source and no model is asked."""
    world.run()
    before = world.traced()
    run = world.run("workflow_dispatch", {"from": "render"})
    expect.published(world, run)
    used = [row[3].split()[2] for row in world.traced()[len(before) :] if row[1] == "venv"]
    assert used == ["plan", "render", "validate", "push"]


@case()
def three_nights_missed(world: World) -> None:
    """After three nights without a run the next one works as ever, and old reports keep their rows."""
    old = world.commit(world.report_files("cv", "2026-01-26"))
    expect.published(world, world.run(), others=[old])
    assert set(expect.reports(world)) == {("cv", "2026-01-26"), ("cv", TODAY)}


@case()
def midnight_between_jobs(world: World) -> None:
    """The date is the plan's, even if it is another day by the time of the later jobs."""
    run = world.run()
    expect.published(world, run)
    dates = {part for row in world.traced() for part in row[3].split() if part.startswith("--date=")}
    assert dates == {
        "--date=",
        f"--date={TODAY}",
    }  # the plan is asked for none, everybody else for its answer
