"""Nights with votes: those that count reach votes.tsv once, and whatever goes wrong with them costs no digest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.core import vote_issues
from tests.stubs.github import OWNER, STRANGER, GitHub, Served
from tests.workflow import expect
from tests.workflow.cases_between import FRIDAY
from tests.workflow.cases_content import handed_over
from tests.workflow.harness import ROOT, TODAY, TOKEN, World
from tests.workflow.real import PROFILE, real
from tests.workflow.registry import case

FILE = "reports/cv/votes.tsv"
HEAD = "date\tpaper\tverdict\tissue\n"
MORE, LESS = "more: 2601.20465 · cv", "less: 2601.20466 · cv"
ROW_1, ROW_2 = f"{TODAY}\t2601.20465\tmore\t1\n", f"{TODAY}\t2601.20466\tless\t2\n"


def switched_on() -> str:
    """digest.toml of an owner who wants votes."""
    text = (ROOT / "digest.toml").read_text("utf-8").replace("\nvotes = false", "\nvotes = true")
    return text.replace('active = ["cv-restoration"]', 'active = ["cv", "nlp"]')


@contextmanager
def asking(world: World, *, on: bool = True) -> Iterator[Served]:
    """GitHub's API for a private repository, and an owner who wants votes."""
    files = {"prompts/profiles/cv.md": "", "prompts/profiles/nlp.md": ""}
    world.commit(files | ({"digest.toml": switched_on()} if on else {}), "votes, please")
    world.env["SOURCE_DATE_EPOCH"] = "1769752020"  # 2026-01-30
    with Served(load=world.github, token=TOKEN) as api:
        world.env["ACT_API"] = api.url
        yield api


def vote(world: World, *titles: str, **given: Any) -> None:
    """The owner opens issues with these titles, or whoever is given."""
    github = world.github()
    for title in titles:
        github.open(title, "words", **{"user": OWNER, "author_association": "OWNER"} | given)
    save(world, github)


def save(world: World, github: GitHub, **changes: Any) -> None:
    world.api.write_text(json.dumps(github.state() | changes))


def states(world: World) -> list[str]:
    return [one["state"] for one in world.github().issues]


def rows(world: World) -> str:
    """The committed votes."""
    return world.show(FILE).decode().removeprefix(HEAD)


@case(quick=True)
def voted_today(world: World) -> None:
    """Votes of today are in tonight's commit, and closed; a stranger's and a look-alike are left alone."""
    with asking(world) as api:
        vote(world, MORE, LESS)
        vote(world, MORE, user=STRANGER, author_association="NONE")
        vote(world, "More: 2601.20465 · cv")
        run = world.run()
        expect.published(world, run, warnings=1)
        meant = (
            "Votes: Issue #4 is no vote. What to do: the title should be `more: 2601.20465 · cv`; or close it"
        )
        assert run.warnings == [meant]
        assert rows(world) == ROW_1 + ROW_2
        assert states(world) == ["closed", "closed", "open", "open"]
        assert [one["issue"] for one in world.github().comments] == [1, 2]
        assert "Votes: 2 open, 2 new." in run.summary
        assert "Votes: 2 noted, their issues closed." in run.summary
        assert len(api.asked) == 2
        assert world.log()[-1].startswith("digest(cv)")
        votes = next((world.artifacts / "1/votes").rglob("*.json"))
        assert vote_issues.load(votes) is not None
        assert b"someone" not in votes.read_bytes() + world.show(FILE)
        before = world.files()
        again = world.run("workflow_dispatch")
        expect.published(world, again, warnings=1)
        assert world.files() == before


@case()
def not_asked_unless_switched_on(world: World) -> None:
    """As it comes, no step asks GitHub, and no job begins for votes."""
    with asking(world, on=False) as api:
        vote(world, MORE)
        run = world.run()
        expect.published(world, run)
        world.script |= {"news": False, "today": "2026-01-31"}
        quiet = world.run()
        assert quiet.jobs["publish"] == "skipped"
        assert api.asked == []
        assert not [words for _, _, _, words in world.traced() if "pipeline.cli.votes" in words]
        assert states(world) == ["open"]
        assert FILE not in world.files()


@case()
def votes_on_a_quiet_night(world: World) -> None:
    """Nothing new: the votes come in a commit of their own; the night after, without votes, nothing is committed."""
    with asking(world):
        world.script["news"] = False
        vote(world, MORE, LESS)
        run = world.run()
        assert run.green, run.errors
        assert world.log()[-1] == f"votes(cv): {TODAY}, 2"
        assert rows(world) == ROW_1 + ROW_2
        assert set(world.files()) == {FILE}
        assert states(world) == ["closed", "closed"]
        assert f"Nothing new on {TODAY}: no page." in run.summary
        commits = len(world.log())
        again = world.run()
        assert again.jobs["publish"] == "skipped"
        assert len(world.log()) == commits
        expect.harmless(world, run, again)


@case()
def votes_of_a_failed_night(world: World) -> None:
    """Scores fail: red, no digest; the votes are committed and closed all the same."""
    with asking(world):
        vote(world, MORE)
        world.script["faults"] = {"score": "crash"}
        expect.unpublished(world, world.run(), says="it went wrong", job="score")
        assert world.log()[-1] == f"votes(cv): {TODAY}, 1"
        assert states(world) == ["closed"]


@case()
def votes_of_a_night_without_sources(world: World) -> None:
    """No source answers: red; the votes are committed all the same."""
    with asking(world):
        vote(world, MORE)
        world.script["faults"] = {"fetch": "down"}
        expect.unpublished(world, world.run(), says="run again later", job="fetch")
        assert rows(world) == ROW_1


@case()
def votes_for_two_profiles(world: World) -> None:
    """One digest and one quiet profile, votes for both: one commit."""
    with asking(world):
        vote(world, MORE, "less: 2601.20466 · nlp")
        expect.published(world, world.run())
        assert rows(world) == ROW_1
        assert world.show("reports/nlp/votes.tsv").decode() == HEAD + ROW_2
        world.script["news"] = False
        vote(world, "more: 2601.00003 · cv", "more: 2601.00004 · nlp")
        world.run("workflow_dispatch", {"force": True})
        assert world.log()[-1] == f"votes: {TODAY}, 2 in 2 profiles"


@case(quick=True)
def two_nights_and_a_manual_run_at_once(world: World) -> None:
    """Another run has pushed the same vote and one more while this one worked: each stands once, none is lost."""
    with asking(world):
        vote(world, MORE, LESS)
        theirs = ROW_1 + f"{TODAY}\t2601.00003\tmore\t3\n"
        world.script["papers"] = 20
        (world.folder / "theirs").write_text(HEAD + theirs)
        world.after_checkout = PUSHES.format(folder=world.folder, file=FILE)
        run = world.run()
        expect.published(world, run)
        assert rows(world) == ROW_1 + ROW_2 + f"{TODAY}\t2601.00003\tmore\t3\n"
        assert "meanwhile" in world.log()
        assert states(world) == ["closed", "closed"]


# Somebody else's push, when publish has checked out.
PUSHES = """
set -e
git clone --quiet "file://$ACT_ORIGIN" {folder}/meanwhile
cd {folder}/meanwhile
mkdir -p "$(dirname {file})"
cp {folder}/theirs {file}
git add --all
git commit --quiet -m meanwhile
git push --quiet origin HEAD:main
"""


@case()
def votes_race_with_every_push(world: World) -> None:
    """The server takes the third push: the votes are merged anew for each."""
    with asking(world):
        vote(world, MORE)
        world.script["news"] = False
        world.hook(
            'n=$(cat tries 2>/dev/null || echo 0); echo $((n+1)) > tries; if [ "$n" -lt 2 ]; then echo busy >&2; exit 1; fi'
        )
        run = world.run()
        assert run.green, run.errors
        assert rows(world) == ROW_1


@case()
def votes_may_not_be_read(world: World) -> None:
    """The token may not read issues: a warning that says what to do, and the digest is out, without votes."""
    with asking(world):
        vote(world, MORE)
        save(world, world.github(), may_read=False)
        run = world.run()
        expect.published(world, run, warnings=1)
        assert "issues: read" in run.warnings[0]
        assert FILE not in world.files()


@case()
def votes_may_not_be_closed(world: World) -> None:
    """The token may not close issues: a warning; the vote counts once, and is closed when the right is there."""
    with asking(world):
        vote(world, MORE)
        save(world, world.github(), may_write=False)
        first = world.run()
        expect.published(world, first, warnings=1)
        assert "issues: write" in first.warnings[0]
        assert (rows(world), states(world)) == (ROW_1, ["open"])
        commits = len(world.log())
        second = world.run("workflow_dispatch")
        assert second.jobs["publish"] == "skipped"
        save(world, world.github(), may_write=True)
        third = world.run("workflow_dispatch")
        assert third.green
        assert third.warnings == []
        assert (rows(world), states(world), len(world.log())) == (ROW_1, ["closed"], commits)


@case()
def votes_where_issues_are_off(world: World) -> None:
    """Green; the summary says so."""
    with asking(world):
        vote(world, MORE)
        save(world, world.github(), has_issues=False)
        run = world.run()
        expect.published(world, run)
        assert "Issues are off in this repository" in run.summary
        assert FILE not in world.files()


@case()
def votes_while_github_is_down(world: World) -> None:
    """The API gives half an answer: no votes, a warning, the digest is out; the next night has them."""
    with asking(world) as api:
        vote(world, MORE)
        api.tamper = lambda n, reply: (reply[0], reply[1], reply[2][:-3]) if n == 2 else reply
        run = world.run()
        expect.published(world, run, warnings=1)
        assert FILE not in world.files()
        world.run("workflow_dispatch")
        assert rows(world) == ROW_1


@case()
def votes_program_that_cannot_start(world: World) -> None:
    """The step that reads votes breaks: a warning, and the digest is out."""
    with asking(world):
        vote(world, MORE)
        world.commit({"pipeline/cli/votes.py": "raise SystemError"})
        expect.published(world, world.run(), warnings=1)


@case()
def votes_of_a_dry_run(world: World) -> None:
    """Nothing is asked or committed."""
    with asking(world) as api:
        vote(world, MORE)
        expect.published(world, world.run("workflow_dispatch", {"dry_run": True}), commits=0)
        assert api.asked == []


@case()
def votes_without_their_artifact(world: World) -> None:
    """The artifact of votes is lost: red for it, the digest is out, and the next run has the votes."""
    path = "          name: votes\n          path: ${{ runner.temp }}/votes"
    assert path in world.workflow
    whole, world.workflow = (
        world.workflow,
        world.workflow.replace(path, path.replace("name: votes", "name: lost")),
    )
    with asking(world):
        vote(world, MORE)
        run = world.run()
        assert run.jobs["publish"] == "failure", run.jobs
        assert set(expect.reports(world)) == {("cv", TODAY)}
        assert states(world) == ["open"]
        world.workflow = whole
        world.run("workflow_dispatch")
        assert (rows(world), states(world)) == (ROW_1, ["closed"])


TAMPERED = {
    "is a link": "mv votes.json elsewhere && ln -s elsewhere votes.json",
    "is gone": "rm votes.json",
    "is too large": "truncate --size=2M votes.json",
    "is of another profile": """sed -i 's#"cv"#"../../.github"#' votes.json""",
    "is of a profile that is none": """sed -i 's#"cv"#"elsewhere"#' votes.json""",
    "has another paper": """sed -i 's#2601.20465#::error::x#' votes.json""",
    "is of a day to come": """sed -i 's#2026-01-30#2999-01-30#' votes.json""",
    "has more fields": """sed -i '0,/"read_on"/s//"x": 1, "read_on"/' votes.json""",
}
for _how, _change in TAMPERED.items():

    def _tampered(world: World, change: str = _change) -> None:
        with asking(world):
            vote(world, MORE)
            handed_over(world, change, "votes", "publish")
            run = world.run()
            assert run.jobs["publish"] == "failure", run.jobs
            assert len(run.errors) == 1, run.errors
            assert "::error::x" not in run.errors[0]
            assert set(expect.reports(world)) == {("cv", TODAY)}  # the digest is out
            assert FILE not in world.files()
            assert states(world) == ["open"]
            expect.harmless(world, run)

    case(name=f"artifact of votes {_how}")(_tampered)


@case()
def votes_beside_other_files(world: World) -> None:
    """Whatever else lies in the artifact is left alone."""
    with asking(world):
        vote(world, MORE)
        handed_over(
            world,
            "mkdir -p reports/cv && echo x > reports/cv/votes.tsv && echo x > README.md",
            "votes",
            "publish",
        )
        expect.published(world, world.run())
        assert rows(world) == ROW_1


@case()
def votes_onto_a_damaged_file(world: World) -> None:
    """Somebody has spoiled votes.tsv: it is left as it is, the votes stay open, and the digest is out."""
    with asking(world):
        vote(world, MORE)
        world.commit({FILE: "my own words\n"})
        run = world.run()
        expect.published(world, run, warnings=1)
        assert world.show(FILE) == b"my own words\n"
        assert states(world) == ["open"]


@case()
def votes_that_a_job_invents(world: World) -> None:
    """Whoever takes over the job fetch names issues that are no votes: nobody closes them."""
    world.workflow = world.workflow.replace(
        "votes: ${{ steps.votes.outputs.open }}", "votes: ${{ vars.INVENTED }}"
    )
    world.vars["INVENTED"] = "1,2,3"
    with asking(world):
        vote(world, MORE, "a bug")
        vote(world, MORE, user=STRANGER, author_association="NONE")
        world.run()
        assert states(world) == ["closed", "open", "open"]


@case()
def real_vote(world: World) -> None:
    """The program itself: a vote of today counts tonight, and the page carries the links by which it is given."""
    with real(world.folder / "real") as real_world:
        settings = real_world.show("digest.toml").decode().replace("\nvotes = false", "\nvotes = true")
        real_world.commit({"digest.toml": settings}, "votes, please")
        with Served(load=real_world.github, token=TOKEN) as api:
            real_world.env["ACT_API"] = api.url
            vote(real_world, f"less: 2601.20465 · {PROFILE}")
            run = real_world.night(FRIDAY)
            expect.published(real_world, run)
            fetched = json.loads(next((real_world.artifacts / "1/fetched").rglob("fetched.json")).read_text())
            assert fetched["votes"] == [{"date": TODAY, "paper": "2601.20465", "verdict": "less", "issue": 1}]
            assert (
                real_world.show(f"reports/{PROFILE}/votes.tsv").decode()
                == HEAD + f"{TODAY}\t2601.20465\tless\t1\n"
            )
            report = real_world.report(FRIDAY)
            assert report["vote_links"] is True
            assert report["votes_used"] == {"more": 0, "less": 1, "examples": 1}  # tonight's page says so
            page = real_world.show(f"reports/{PROFILE}/2026/01/{TODAY}.md").decode()
            for paper in [one["id"] for one in report["picks"]]:
                title = f"more%3A%20{paper}%20%C2%B7%20{PROFILE}"
                address = (
                    f"https://github.com/someone/digest/issues/new?title={title}&amp;template=BLANK_ISSUE"
                )
                assert f"({address})" in page
            assert states(real_world) == ["closed"]
            again = real_world.night(FRIDAY, "workflow_dispatch", {"from": "render"})
            expect.published(real_world, again)
            assert real_world.show(f"reports/{PROFILE}/2026/01/{TODAY}.md").decode() == page
