"""The web site: built and deployed where the owner wants one and something was pushed, and never at the digest's price."""

from __future__ import annotations

import datetime as dt
import html
import re

from tests.workflow import expect
from tests.workflow.harness import TODAY, World, git
from tests.workflow.log import Run
from tests.workflow.real import PROFILE, real
from tests.workflow.registry import case

JOBS = ("site", "build", "deploy")
SITE = "site.yml"


def wanted(world: World) -> None:
    """Have the owner switch the site on."""
    world.vars["DIGEST_SITE"] = "true"


def site(world: World) -> dict[str, str]:
    """The deployed files."""
    return {
        path.relative_to(world.pages).as_posix(): path.read_text()
        for path in world.pages.rglob("*")
        if path.is_file()
    }


def results(run: Run) -> list[str]:
    """What became of the site's jobs: of the one that calls, of those that are called."""
    return [run.jobs[name] for name in JOBS]


@case(quick=True)
def site_by_hand(world: World) -> None:
    """`Run workflow` builds and deploys what is committed, and does nothing where the variable is not `true`."""
    world.commit(world.report_files("cv", TODAY))
    for value in ("", "false", "true ", "yes", "1"):
        world.vars["DIGEST_SITE"] = value
        run = world.run("workflow_dispatch", workflow=SITE)
        assert run.green, run.errors
        assert results_by_hand(run) == ["skipped", "skipped"], value
        assert site(world) == {}
    wanted(world)
    run = world.run("workflow_dispatch", workflow=SITE)
    assert run.errors == []
    assert results_by_hand(run) == ["success", "success"]
    assert site(world) == {"index.html": f"cv {TODAY}"}
    assert ".github-pages-1.days" in {path.name for path in world.artifacts.rglob("*")}
    expect.contained(world, run)


def results_by_hand(run: Run) -> list[str]:
    """What became of the two jobs of site.yml."""
    return [run.jobs[name] for name in ("build", "deploy")]


@case()
def no_site_unless_wanted(world: World) -> None:
    """Without the variable, or with another value than `true`, a night publishes and no job of the site begins."""
    for number, value in enumerate(("", "false", "true ")):
        here = World(world.folder / f"value-{number}", changed=world.changed)
        if value:
            here.vars["DIGEST_SITE"] = value
        run = here.run()
        expect.published(here, run)
        assert results(run) == ["skipped"] * 3, value
        assert site(here) == {}


@case()
def site_of_what_was_pushed(world: World) -> None:
    """The site has the night's report and what others pushed meanwhile, is made anew with a report, and without need it is not."""
    wanted(world)
    world.trigger = world.first
    other = "2026-01-29"
    files = world.report_files("cv", other)
    world.script["pending"] = 3
    world.commit(files)
    first = world.run()
    expect.published(world, first, warnings=1)
    assert results(first) == ["success"] * 3
    assert site(world) == {"index.html": f"cv {other}\ncv {TODAY}"}
    (world.pages / "index.html").unlink()

    nothing = world.run("workflow_dispatch", {"dry_run": True, "force": True})
    assert results(nothing) == ["skipped"] * 3
    again = world.run("workflow_dispatch", {"from": "render"})  # the report is there, byte for byte
    assert again.jobs["publish"] == "success"
    assert results(again) == ["skipped"] * 3
    assert site(world) == {}

    world.script["pending"] = 0
    made_anew = world.run("workflow_dispatch")  # it was pending: the report is rewritten, none is added
    assert made_anew.outputs["publish"]["added"] == ""
    assert results(made_anew) == ["success"] * 3
    assert site(world) == {"index.html": f"cv {other}\ncv {TODAY}"}
    expect.harmless(world, first, nothing, again, made_anew)


@case()
def no_site_of_a_quiet_or_failed_night(world: World) -> None:
    """Nothing was pushed: nothing is built."""
    wanted(world)
    world.script["news"] = False
    assert results(world.run()) == ["skipped"] * 3
    world.script |= {"news": True, "faults": {"analyze": "crash"}}
    failed = world.run()
    assert not failed.green
    assert results(failed) == ["skipped"] * 3


@case()
def site_of_the_one_that_was_published(world: World) -> None:
    """Of two profiles one fails: the site is built with the other."""
    wanted(world)
    world.script |= {"active": ["cv", "nlp"], "fails": {"score": {"nlp": "crash"}}}
    run = world.run()
    assert run.jobs["publish"] == "failure"
    assert results(run) == ["success"] * 3
    assert site(world) == {"index.html": f"cv {TODAY}"}


@case()
def site_that_cannot_be_built(world: World) -> None:
    """Its own job is red, with one error. The digest is out and told, no issue is opened, and the site stays as it was."""
    for fault, says in {
        "crash": "it went wrong",
        "kill": "No new site: site ended with exit code 137",
    }.items():
        here = World(world.folder / fault, changed=world.changed)
        wanted(here)
        here.pages.mkdir()
        (here.pages / "index.html").write_text("before")
        here.script["faults"] = {"site": fault}
        run = here.run()
        assert results(run) == ["failure", "failure", "skipped"]
        assert len(run.errors) == 1, run.errors
        assert says in run.errors[0]
        assert site(here) == {"index.html": "before"}
        assert (run.jobs["publish"], run.jobs["tell"]) == ("success", "success")
        assert f"Published: {TODAY}." in run.summary
        assert not here.issue.exists()
        assert expect.ours(here) == ["digest(cv): 2026-01-30, 2 of 60"]
        expect.harmless(here, run)


@case()
def site_without_pages(world: World) -> None:
    """Pages is not switched on: the job Deploy is red. Once it is, a re-run deploys what the first attempt built."""
    wanted(world)
    world.env["ACT_PAGES_OFF"] = "yes"
    first = world.run()
    assert results(first) == ["failure", "success", "failure"]
    assert "Ensure GitHub Pages has been enabled" in first.errors[0]
    assert f"Published: {TODAY}." in first.summary
    del world.env["ACT_PAGES_OFF"]
    second = world.run(again=first)
    assert results(second) == ["success"] * 3, second.errors
    assert ("build", "Build", "success") not in second.steps
    assert site(world) == {"index.html": f"cv {TODAY}"}


@case()
def site_built_in_two_attempts(world: World) -> None:
    """A second attempt of the whole workflow builds anew; the artifact of the first one is not in its way."""
    wanted(world)
    first = world.run()
    assert results(first) == ["success"] * 3
    first.jobs |= {"site": "failure", "build": "failure"}
    second = world.run(again=first)
    assert results(second) == ["success"] * 3, second.errors
    assert ("build", "Build", "success") in second.steps


@case()
def no_site_of_another_branch(world: World) -> None:
    """A digest on another branch is published there; the site stays that of the default branch."""
    wanted(world)
    git(world.origin, "branch", "trial", "main")
    run = world.run("workflow_dispatch", ref="refs/heads/trial")
    assert run.jobs["publish"] == "success"
    assert results(run) == ["skipped"] * 3


@case()
def real_site(world: World) -> None:
    """The program itself: the site has the page of the night, with what the digest says, and no file of the repository."""
    with real(world.folder / "real") as real_world:
        wanted(real_world)
        run = real_world.night(dt.date(2026, 1, 30))
        expect.published(real_world, run)
        assert results(run) == ["success"] * 3
        files = site(real_world)
        for pick in real_world.report(dt.date(2026, 1, 30))["picks"]:
            for page in (f"{PROFILE}/2026/01/2026-01-30.html", "index.html"):
                assert pick["headline"] in html.unescape(re.sub("<[^>]+>", "", files[page])), page
        places = {name.partition("/")[0] for name in files}
        assert places <= {"index.html", "starred.html", "feed.xml", "assets", "data", PROFILE}, places
