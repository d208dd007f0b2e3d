"""Pushes: what the server does with them, and what else is in the way on the branch."""

from __future__ import annotations

import subprocess

from tests.workflow import expect
from tests.workflow.harness import TODAY, World, git
from tests.workflow.registry import case


@case()
def flaky_server(world: World) -> None:
    """The server fails three times, then takes the push."""
    world.hook(
        f"n=$(cat {world.folder}/n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > {world.folder}/n\n"
        "if [ $n -le 3 ]; then echo 'remote: Internal Server Error' >&2; exit 1; fi"
    )
    expect.published(world, world.run())


@case()
def server_down(world: World) -> None:
    """The server never takes the push: red, and the remedy named."""
    world.hook("echo 'remote: Internal Server Error' >&2; exit 1")
    run = world.run()
    expect.unpublished(world, run, says="Re-run failed jobs", job="publish")


@case()
def fetch_fails(world: World) -> None:
    """The server gives nothing either: red, and the remedy named."""
    world.after_checkout = "git remote set-url origin file:///nowhere"
    expect.unpublished(world, world.run(), says="Re-run failed jobs", job="publish")


@case()
def answer_lost(world: World) -> None:
    """The push went through, but its answer was lost: the next try sees our own report, and is done."""
    hook = world.origin / "hooks/post-receive"
    hook.write_text(
        f"#!/bin/sh\n[ -e {world.folder}/lost ] || {{ touch {world.folder}/lost; kill -9 $PPID; }}\n"
    )
    hook.chmod(0o755)
    run = world.run()
    assert run.green, run.errors
    assert expect.ours(world) == ["digest(cv): 2026-01-30, 2 of 60"]
    expect.same_as_stand_in(world, "cv", TODAY)
    expect.harmless(world, run)


@case()
def protected_branch(world: World) -> None:
    """A branch rule refuses: one try, one error that says where the way around it is written."""
    world.hook(
        f"echo x >> {world.folder}/tries; echo 'remote: error: GH013: Repository rule violations found' >&2; exit 1"
    )
    run = world.run()
    expect.unpublished(world, run, says="SECURITY.md", job="publish")
    assert (world.folder / "tries").read_text() == "x\n"


@case()
def read_only_token(world: World) -> None:
    """The token may not write: one try, and the setting named."""
    world.hook("echo 'remote: Permission to someone/digest.git denied to github-actions[bot].' >&2; exit 1")
    expect.unpublished(world, world.run(), says="Workflow permissions", job="publish")


@case()
def killed_between_commit_and_push(world: World) -> None:
    """The job dies as it pushes: nothing is on the branch, and a second attempt publishes."""
    world.after_checkout = "mkdir -p .git/hooks && printf '#!/bin/sh\\nkill -9 $PPID\\n' > .git/hooks/pre-push && chmod +x .git/hooks/pre-push"
    first = world.run()
    assert not first.green
    assert len(first.errors) == 1
    assert expect.ours(world) == []
    world.after_checkout = ""
    expect.published(world, world.run(again=first))


@case()
def other_branch(world: World) -> None:
    """Started on another branch, everything happens there."""
    subprocess.run(["git", "-C", str(world.origin), "branch", "trial", "main"], check=True)
    run = world.run("workflow_dispatch", ref="refs/heads/trial")
    assert run.green, run.errors
    assert expect.ours(world) == []
    subjects = git(world.origin, "log", "--format=%s", "trial").split("\n")
    assert subjects[0] == "digest(cv): 2026-01-30, 2 of 60"


@case()
def not_a_branch(world: World) -> None:
    """Started on a tag: refused by the plan, in words."""
    subprocess.run(["git", "-C", str(world.origin), "tag", "v1", "main"], check=True)
    run = world.run("workflow_dispatch", ref="refs/tags/v1")
    expect.unpublished(world, run, says="choose one", job="fetch")


@case()
def damaged_neighbor(world: World) -> None:
    """A damaged report of another day: nothing is published without its row; the error names the file."""
    other = world.commit({"reports/cv/2026/01/2026-01-28.json": "{", "reports/cv/2026/01/2026-01-28.md": "x"})
    world.script["known"] = ["cv"]
    run = world.run()
    assert run.jobs["publish"] == "failure"
    assert len(run.errors) == 1
    assert "2026-01-28" in run.errors[0]
    assert expect.ours(world) == []
    assert world.contains(other)


@case()
def link_in_the_way(world: World) -> None:
    """A committed link below reports/ that leads out of it is not followed."""
    target = world.folder / "elsewhere"
    target.mkdir()
    world.after_checkout = (
        f"git clone --quiet {world.origin} {world.folder}/early && cd {world.folder}/early && mkdir reports && "
        f"ln -s {target} reports/cv && git add --all && git commit --quiet -m 'someone 1' && "
        "git push --quiet origin main"
    )
    expect.unpublished(world, world.run(), says="is a link", job="publish")
    assert list(target.iterdir()) == []
