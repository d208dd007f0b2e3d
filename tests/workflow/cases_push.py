"""Pushes: who else writes at the same time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from tests.workflow import expect, stand_in
from tests.workflow.harness import TODAY, World, git
from tests.workflow.registry import case

OTHER_DAY = "2026-01-29"


def meanwhile(world: World, times: int, files: str) -> None:
    """Someone else commits, just before our push arrives, this many times. `files` is a shell line that writes them."""
    someone = world.folder / "meanwhile"
    git(world.folder, "clone", "--quiet", str(world.origin), str(someone))
    world.hook(
        f"""
unset $(git rev-parse --local-env-vars) GIT_QUARANTINE_PATH
count=$(cat {world.folder}/count 2>/dev/null || echo 0)
if [ -z "$NESTED" ] && [ "$count" -lt {times} ]; then
  count=$((count + 1)); echo $count > {world.folder}/count
  cd {someone} && git fetch --quiet origin main && git reset --quiet --hard FETCH_HEAD
  {files}
  git add --all && git commit --quiet -m "someone $count" && NESTED=1 git push --quiet origin HEAD:main
  echo "remote: someone was quicker" >&2
fi
exit 0"""
    )


def someones(world: World) -> list[str]:
    """Commits of the other writer that are on the branch."""
    return [
        subject for subject in world.log() if subject.startswith("someone ") and subject != "someone else"
    ]


def _race(world: World, times: int, files: str) -> None:
    meanwhile(world, times, files)
    run = world.run()
    expect.published(world, run)
    assert someones(world) == [f"someone {number}" for number in range(1, times + 1)]


for _times in (1, 3, 5):

    def _other_file(world: World, times: int = _times) -> None:
        _race(world, times, "echo $count > notes.txt")
        expect.same_as_stand_in(world, "cv", TODAY)

    case(name=f"race with another file, {_times} times")(_other_file)


@case()
def race_between_fetch_and_push(world: World) -> None:
    """Somebody pushes after we have fetched and before we connect to push: a forced push would erase them."""
    someone = world.folder / "meanwhile"
    git(world.folder, "clone", "--quiet", str(world.origin), str(someone))
    world.after_checkout = f"""
mkdir -p .git/hooks && cat > .git/hooks/post-commit <<'END'
#!/usr/bin/env bash
[ -e {world.folder}/once ] && exit 0
touch {world.folder}/once
unset $(git rev-parse --local-env-vars)
cd {someone} && echo x > notes.txt && git add --all && git commit --quiet -m "someone 1" && git push --quiet origin HEAD:main
END
chmod +x .git/hooks/post-commit"""
    expect.published(world, world.run())
    assert world.log() == ["first", "someone 1", "digest(cv): 2026-01-30, 2 of 60"]


@case()
def race_without_end(world: World) -> None:
    """Somebody pushes before each of our six tries: given up, loudly, and their commits are all there."""
    meanwhile(world, 99, "echo $count > notes.txt")
    run = world.run()
    expect.unpublished(world, run, says="6 times", job="publish")
    assert "Re-run failed jobs" in run.errors[0]
    assert len(someones(world)) == 6


@case()
def race_with_an_index(world: World) -> None:
    """Somebody edits a page that we make anew: it is made anew on top, and their commit stays in the history."""
    world.commit(world.report_files("cv", OTHER_DAY))
    _race(world, 2, "mkdir -p reports/cv && echo $count > reports/cv/README.md")


@case()
def race_with_the_same_report(world: World) -> None:
    """Somebody publishes this very date first: theirs stays, ours ends red and says how to replace it."""
    digest = stand_in.report("cv", TODAY, picks=1, judged=7)
    (world.folder / "theirs.json").write_text(json.dumps(digest))
    (world.folder / "theirs.md").write_text(stand_in.page(digest, str))
    folder = "reports/cv/2026/01"
    files = " && ".join(
        f"cp {world.folder}/theirs.{ending} {folder}/{TODAY}.{ending}" for ending in ("json", "md")
    )
    meanwhile(world, 1, f"mkdir -p {folder} && {files}")
    run = world.run()
    expect.unpublished(world, run, says="`force`", job="publish")
    assert json.loads(expect.reports(world)["cv", TODAY]) == digest
    assert someones(world) == ["someone 1"]


@case()
def report_appeared_before_publish(world: World) -> None:
    """The same, between the plan and the publishing job's first try."""
    digest = stand_in.report("cv", TODAY, picks=1, judged=7)
    (world.folder / "theirs.json").write_text(json.dumps(digest))
    (world.folder / "theirs.md").write_text(stand_in.page(digest, str))
    folder = f"{world.folder}/early/reports/cv/2026/01"
    world.after_checkout = (
        f"git clone --quiet {world.origin} {world.folder}/early && mkdir -p {folder} && "
        f"cp {world.folder}/theirs.json {folder}/{TODAY}.json && cp {world.folder}/theirs.md {folder}/{TODAY}.md && "
        f"cd {world.folder}/early && git add --all && git commit --quiet -m 'someone 1' && git push --quiet origin main"
    )
    expect.unpublished(world, world.run(), says="`force`", job="publish")
    assert json.loads(expect.reports(world)["cv", TODAY]) == digest


@case()
def report_edited_by_a_person(world: World) -> None:
    """A page that a person mends while the run goes on is not written over."""
    world.script["pending"] = 1
    world.run()
    world.script["pending"] = 0
    page = f"reports/cv/2026/01/{TODAY}.md"
    meanwhile(world, 1, f"echo mended >> {page}")
    run = world.run()
    expect.unpublished(world, run, says="`force`", job="publish", commits=1)
    assert world.show(page).endswith(b"mended\n")


@case()
def force_over_a_race(world: World) -> None:
    """With `force`, ours is laid over theirs; their commit stays in the history."""
    digest = stand_in.report("cv", TODAY, picks=1, judged=7)
    (world.folder / "theirs.json").write_text(json.dumps(digest))
    (world.folder / "theirs.md").write_text(stand_in.page(digest, str))
    folder = "reports/cv/2026/01"
    files = " && ".join(f"cp {world.folder}/theirs.{end} {folder}/{TODAY}.{end}" for end in ("json", "md"))
    meanwhile(world, 1, f"mkdir -p {folder} && {files}")
    expect.published(world, world.run("workflow_dispatch", {"force": True}))
    expect.same_as_stand_in(world, "cv", TODAY)
    assert someones(world) == ["someone 1"]


@case()
def race_with_another_date(world: World) -> None:
    """Another run publishes another date first: both reports are there, and both rows in the indexes."""
    digest = stand_in.report("cv", OTHER_DAY)
    (world.folder / "theirs.json").write_text(json.dumps(digest))
    (world.folder / "theirs.md").write_text(stand_in.page(digest, str))
    folder = "reports/cv/2026/01"
    files = " && ".join(
        f"cp {world.folder}/theirs.{end} {folder}/{OTHER_DAY}.{end}" for end in ("json", "md")
    )
    meanwhile(world, 1, f"mkdir -p {folder} && {files}")
    expect.published(world, world.run())
    assert set(expect.reports(world)) == {("cv", TODAY), ("cv", OTHER_DAY)}


@case()
def a_late_rerun(world: World) -> None:
    """Its papers have come with another date's digest since the run began: they are not published twice."""
    digest = stand_in.report("cv", TODAY) | {"date": OTHER_DAY}
    (world.folder / "theirs.json").write_text(json.dumps(digest))
    (world.folder / "theirs.md").write_text(stand_in.page(digest, str))
    folder = "reports/cv/2026/01"
    files = [f"cp {world.folder}/theirs.{end} {folder}/{OTHER_DAY}.{end}" for end in ("json", "md")]
    rebuild = """python3 -c 'from pathlib import Path; from pipeline.archive import build; build.rebuild(Path("reports"), "cv")'"""
    meanwhile(world, 1, " && ".join([f"mkdir -p {folder}", *files, rebuild]))
    run = world.run()
    expect.unpublished(world, run, says="60 of its papers have been judged since", job="publish", commits=0)
    assert set(expect.reports(world)) == {("cv", OTHER_DAY)}


@case()
def two_dispatches_at_once(world: World) -> None:
    """Two runs for two dates side by side, as without the waiting line: both reports, both rows."""
    twin = World(world.folder / "twin")
    twin.origin = world.origin
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(world.run, "workflow_dispatch", {"date": OTHER_DAY})
        other = pool.submit(twin.run, "workflow_dispatch", {"date": TODAY})
        runs = [one.result(), other.result()]
    assert all(run.green for run in runs), [run.errors for run in runs]
    assert set(expect.reports(world)) == {("cv", TODAY), ("cv", OTHER_DAY)}
    assert len(expect.ours(world)) == 2
    expect.harmless(world, *runs)


@case()
def two_dispatches_of_one_date_at_once(world: World) -> None:
    """Two runs for one date with other judgments: one report, whole; the later one is red or changes nothing."""
    twin = World(world.folder / "twin")
    twin.origin = world.origin
    twin.script["picks"] = 3
    with ThreadPoolExecutor(2) as pool:
        runs = [future.result() for future in (pool.submit(world.run), pool.submit(twin.run))]
    green = [run for run in runs if run.green]
    assert len(green) >= 1
    assert len(expect.ours(world)) == 1
    for run in runs:
        assert run.green or "`force`" in run.errors[0]
    expect.harmless(world, *runs)


@case()
def two_queued_dispatches(world: World) -> None:
    """The second waited in line: it sees the first one's report, and asks no model."""
    first = world.run("workflow_dispatch")
    calls = world.calls()
    second = world.run("workflow_dispatch")
    expect.published(world, second)
    assert world.calls() == calls
    expect.harmless(world, first, second)


@case()
def queued_behind_a_commit(world: World) -> None:
    """A run that was asked for before a commit starts from that commit, not from the one of its trigger."""
    newer = world.commit({"prompts/profiles/cv.md": "changed"})
    world.trigger = world.first
    run = world.run()
    expect.published(world, run, others=[newer])
    assert run.outputs["fetch"]["sha"] == newer


@case()
def commit_after_checkout(world: World) -> None:
    """A commit between checkout and push is kept under ours."""
    world.after_checkout = (
        f"git clone --quiet {world.origin} {world.folder}/early && cd {world.folder}/early && echo x > notes.txt && "
        "git add --all && git commit --quiet -m 'someone 1' && git push --quiet origin main"
    )
    expect.published(world, world.run())
    assert world.log() == ["first", "someone 1", "digest(cv): 2026-01-30, 2 of 60"]
