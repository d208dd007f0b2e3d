"""What lies in the artifacts between two stages: only what a job expects reaches it, and the run says so."""

from __future__ import annotations

import datetime as dt
import json

from tests.workflow import expect, stand_in
from tests.workflow.cases_content import HOSTILE, handed_over, structure, tampering
from tests.workflow.harness import TODAY, World, git
from tests.workflow.real import PROFILE, real
from tests.workflow.registry import case

# Artifact, and the job that takes it over.
BETWEEN = (("fetched", "score"), ("scored-0", "texts"), ("scored-0", "analyze"), ("texts", "analyze"))
FRIDAY = dt.date(2026, 1, 30)

# A stranger's work in an artifact: results of later stages, other profiles and dates, odd names.
PLANTED = (
    "for name in analyzed digest fetched scored texts; do"
    ' [ -e "cv/2026-01-30/$name.json" ] || cp "$ACT_PLANTED" "cv/2026-01-30/$name.json"; done;'
    " mkdir -p nlp/2026-01-30 cv/2026-01-29 reports/cv/2026/01 .github '..'; cp -r cv/2026-01-30/. cv/2026-01-29/;"
    ' cp "$ACT_PLANTED" nlp/2026-01-30/scored.json; cp "$ACT_PLANTED" reports/cv/2026/01/2026-01-30.json;'
    " echo 'exit 0' > .github/stage.sh; echo x > $'cv/2026-01-30/texts.json\\n::error::x'; echo x > 'cv/2026-01-30/*'"
)

for _artifact, _job in BETWEEN:

    def _planted(world: World, artifact: str = _artifact, job: str = _job) -> None:
        hostile = stand_in.report("cv", TODAY, picks=5, titles=("planted",) * 60)
        planted = world.folder / "planted.json"
        planted.write_text(json.dumps(hostile))
        world.env["ACT_PLANTED"] = str(planted)
        handed_over(world, PLANTED, artifact, job)
        run = world.run()
        # What the job texts was handed stays in the artifact, which analyze takes over too.
        expect.published(world, run, warnings=2 if (artifact, job) == ("scored-0", "texts") else 1)
        assert "left alone" in run.warnings[0]
        expect.same_as_stand_in(world, "cv", TODAY)
        assert set(expect.reports(world)) == {("cv", TODAY)}
        assert "planted" not in world.show(f"reports/cv/2026/01/{TODAY}.md").decode()

    case(name=f"planted in {_artifact} for {_job}")(_planted)

    FILE = f"cv/2026-01-30/{_artifact.partition('-')[0]}.json"
    ODD = {
        "a link": f"mv {FILE} elsewhere && ln -s ../../elsewhere {FILE}",
        "a linked folder": "mv cv elsewhere && ln -s elsewhere cv",
        "a folder": f"rm {FILE} && mkdir {FILE}",
        "too large": f"truncate --size=65M {FILE}",
        "of another date": "mv cv/2026-01-30 cv/2026-01-29",
        "of another profile": "mv cv nlp",
    }
    for _how, _change in ODD.items():

        def _odd(world: World, artifact: str = _artifact, job: str = _job, change: str = _change) -> None:
            handed_over(world, change, artifact, job)
            run = world.run()
            expect.unpublished(world, run, says="none of the files", job=job)
            assert world.files() == {}

        if _how == "a link" or _artifact == "fetched":
            case(name=f"{_artifact} for {_job} is {_how}")(_odd)


@case()
def one_of_two_is_a_link(world: World) -> None:
    """One profile's artifact is not taken: the other one is published, and the run is red for the first."""
    world.script["active"] = ["cv", "nlp"]
    handed_over(
        world,
        "rm nlp/2026-01-30/scored.json && ln -s ../../cv/2026-01-30/scored.json nlp/2026-01-30/",
        "scored-0",
        "analyze",
    )
    run = world.run()
    expect.unpublished(world, run, says="nlp: no report", job="publish", commits=1)
    assert len(run.warnings) == 1
    assert set(expect.reports(world)) == {("cv", TODAY)}


@case()
def commit_of_a_stranger(world: World) -> None:
    """Whoever takes over the job fetch names a commit that is not the branch's: no job runs what is in it."""
    world.workflow = world.workflow.replace("sha: ${{ steps.tip.outputs.sha }}", "sha: ${{ vars.STRANGERS }}")
    (world.folder / "stranger").mkdir()
    stranger = World(world.folder / "stranger", changed={".github/stage.sh": f"touch {world.folder}/pwned"})
    world.vars["STRANGERS"] = commit_of_a_fork(world, stranger)
    run = world.run()
    assert not run.green
    assert {run.jobs[name] for name in ("score", "texts")} == {"failure"}
    assert run.jobs["analyze"] == run.jobs["publish"] == "skipped"
    assert all("start a new run" in error for error in run.errors), run.errors
    assert not (world.folder / "pwned").exists()
    assert world.calls() == 0
    assert world.files() == {}


def commit_of_a_fork(world: World, stranger: World) -> str:
    """A commit of a fork, which the origin has and none of its branches: as a pull request leaves it."""
    git(world.origin, "fetch", "--quiet", str(stranger.origin), "main:refs/pull/1/head")
    return git(world.origin, "rev-parse", "refs/pull/1/head")


@case()
def real_hostile_scores(world: World) -> None:
    """The program itself: whatever the texts of the scores say, the page has the tags that it has with plain words."""
    pages = []
    for name, words in {"plain": "plain words", "hostile": " ".join(HOSTILE)}.items():
        with real(world.folder / name) as real_world:
            (real_world.folder / "words.txt").write_text(words)
            change = tampering(f'words "{real_world.folder}/words.txt"')
            handed_over(real_world, change, "scored-0", "analyze")
            run = real_world.night(FRIDAY)
            expect.published(real_world, run)
            page = real_world.show(f"reports/{PROFILE}/2026/01/2026-01-30.md").decode()
            pages.append(
                page.replace(real_world.web.endpoints["arxiv"], "https://arxiv.org")
            )  # its port differs
    assert pages[0] != pages[1]
    assert structure(pages[0]) == structure(pages[1])


@case()
def real_foreign_link(world: World) -> None:
    """The program itself: a link elsewhere in the scores is refused before the push."""
    with real(world.folder / "real") as real_world:
        line = "sed -i 's#https\\?://[^\"]*/abs/#https://evil.example/abs/#g'"
        handed_over(real_world, f"find . -name scored.json -exec {line} {{}} +", "scored-0", "analyze")
        expect.unpublished(real_world, real_world.night(FRIDAY), says="evil.example", job="publish")


@case()
def real_broken_artifact(world: World) -> None:
    """The program itself: an artifact that is no value of its model stops the stage that reads it."""
    for artifact, job in (("fetched", "score"), ("texts", "analyze")):
        with real(world.folder / f"{artifact}-{job}") as real_world:
            change = 'for file in */*/*.json; do sed -i \'0,/"/s//"x": 1, "/\' "$file"; done'
            handed_over(real_world, change, artifact, job)
            run = real_world.night(FRIDAY)
            assert run.jobs[job] == "failure", (artifact, job, run.jobs)
            assert expect.ours(real_world) == []
            assert run.errors
            expect.harmless(real_world, run)
