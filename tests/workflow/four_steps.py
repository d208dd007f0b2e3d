"""The four steps of the README, from an empty folder, and two nights: `python -m tests.workflow.four_steps`.

Prints every command with its seconds. The lists in README.md, README.zh-CN.md and docs/fork.md have to name what
is done here, and nothing else may be done: two files, one secret.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.nights import lists, recorded_days
from tests.workflow import expect
from tests.workflow.harness import KEY, ROOT, World, git
from tests.workflow.newcomer import Newcomer
from tests.workflow.real import stubs
from tests.workflow.registry import case

THURSDAY, FRIDAY = dt.date(2026, 1, 29), dt.date(2026, 1, 30)
PAGES = {"README.md": "## Make it yours", "README.zh-CN.md": "## 做成你自己的", "docs/fork.md": "# "}
# The shipped profile that a page links as a model, in its own language.
EXAMPLE = {
    "README.md": "prompts/profiles/llm-agents.md",
    "README.zh-CN.md": "prompts/profiles/cv-restoration.md",
}
FIVE_MINUTES = 300.0  # what the README says; here without the typing
TYPED = {"git", "cp", "tee", "sed", "act"}  # with what a user does it all, once there is a repository
LOCKED = "install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock"
OWN = """\
---
title: Robot vision, daily
language: en
sources: [huggingface, arxiv]
arxiv: [cs.RO, cs.CV]
keywords: [visual servoing, grasp detection, 6D pose estimation, depth estimation, video prediction]
avoid: [medical imaging]
picks: 3
threshold: 55
budget_usd: 0.50
---
I build a small robot that tidies a kitchen. It sees with two cheap cameras and has to know what lies where,
what can be grasped, and what will move next. I care about depth and pose from few images, about video models
that predict what a push will do, and about anything that runs on one small GPU.

## Not wanted

- Autonomous driving
- Results in simulation alone

## How to write

Plain and short. Say first what was measured.
"""


def use_template(user: Newcomer) -> None:
    """One commit with all files of the template; the Check that it starts asks for the next step."""
    user.takes_the_template()
    assert user.log() == ["Initial commit"]
    names = git(user.origin, "ls-tree", "-r", "--name-only", "main").split("\n")
    lost = set(git(ROOT, "ls-files").split("\n")) - set(names)
    assert not lost, f"not copied: {lost}"
    checked(user, "push", "Next: add the secret `ANTHROPIC_API_KEY`")


def add_secret(user: Newcomer) -> None:
    """It starts nothing by itself."""
    user.sets("secret", "ANTHROPIC_API_KEY", KEY, "…")


def write_profile(user: Newcomer) -> None:
    """A copy of the example, made one's own, and its name in digest.toml."""
    write(user)
    user.types("sed", "-i", r's/^active = \[[^]]*\]/active = ["mine"]/', "digest.toml", within="digest")
    push(user)
    wrote(user, "prompts/profiles/mine.md", "digest.toml")
    assert 'active = ["mine"]' in user.show("digest.toml").decode()
    checked(user, "push", "Profiles, prompts and settings are right", "Next: [run the workflow](")


def write_profile_and_set_variable(user: Newcomer) -> None:
    """The other way that docs/fork.md names: a variable for the line in digest.toml."""
    user.sets("variable", "DIGEST_PROFILES", "mine", "mine")
    write(user)
    push(user)
    wrote(user, "prompts/profiles/mine.md")
    checked(user, "push", "Profiles, prompts and settings are right", "Next: [run the workflow](")


def write(user: Newcomer) -> None:
    user.types("git", "clone", "--quiet", "origin.git", "digest")
    own = "prompts/profiles/mine.md"
    user.types("cp", "prompts/profiles/cv-restoration.md", own, within="digest")
    user.types("tee", own, within="digest", text=OWN)


def push(user: Newcomer) -> None:
    user.types("git", "add", "--all", within="digest")
    user.types("git", "commit", "--quiet", "-m", "My profile", within="digest")
    user.types("git", "push", "--quiet", within="digest")
    user.own = git(user.origin, "rev-parse", "main")


def wrote(user: Newcomer, *names: str) -> None:
    """The user's own files are these, and no other was touched."""
    assert user.differs(user.first) == set(names), user.differs(user.first)


def run_workflow(user: Newcomer) -> None:
    """The first digest: all of that day, judged and on the branch."""
    button = yaml.safe_load(user.text_of("digest.yml"))
    assert button["name"] == "Digest"
    assert "workflow_dispatch" in button[True]
    run = user.night(THURSDAY, "workflow_dispatch")
    expect.published(user, run)
    judged = papers(THURSDAY)
    assert expect.ours(user) == [f"digest(mine): 2026-01-29, 3 of {len(judged)}"]
    assert {one["id"] for one in user.report(THURSDAY, "mine")["candidates"]} == judged


@dataclass(frozen=True)
class Step:
    """What the README's step has to name, in its order, and how it is done."""

    named: tuple[str, ...]
    do: Callable[[Newcomer], None]


STEPS = (
    Step(("Use this template",), use_template),
    Step(("ANTHROPIC_API_KEY",), add_secret),
    Step(("prompts/profiles/cv-restoration.md", "digest.toml"), write_profile),
    Step(("Actions", "Digest", "Run workflow"), run_workflow),
)
BY_VARIABLE = (
    *STEPS[:2],
    Step(("prompts/profiles/cv-restoration.md", "DIGEST_PROFILES"), write_profile_and_set_variable),
    STEPS[3],
)


def written(page: str, heading: str) -> list[str]:
    """The numbered list below a heading, an item a string; 1, 2, 3 … without a gap."""
    part = page.split(heading, 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"(?m)^([0-9]+)\. (.+(?:\n(?: {3}.*|$))*)", part)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1)), found
    return [item for _, item in found]


def named(item: str) -> tuple[str, ...]:
    """All that an item tells to click, type or open: what is emphasized, code, or the target of a link."""
    found = re.findall(r"\*([^*]+)\*|`([^`]+)`|\]\(([^)]+)\)", item)
    return tuple(click or code or target for click, code, target in found)


def agree(read: Callable[[str], str]) -> None:
    """Both READMEs name exactly what is done here; docs/fork.md, which has every click, names it among others."""
    for page, heading in PAGES.items():
        items = written(read(page), heading)
        assert len(items) == len(STEPS), f"{page} has {len(items)} steps, {len(STEPS)} are done: {items}"
        for number, (item, step) in enumerate(zip(items, STEPS, strict=True), 1):
            if page == "docs/fork.md":
                missing = [one for one in step.named if one not in item]
                assert not missing, f"{page}, step {number} does not name {missing}: {item}"
            else:
                done = tuple(
                    EXAMPLE[page] if one == EXAMPLE["README.zh-CN.md"] else one for one in step.named
                )
                assert named(item) == done, f"{page}, step {number} is not what is done: {item}"
    assert "`DIGEST_PROFILES`" in written(read("docs/fork.md"), PAGES["docs/fork.md"])[2]


def checked(user: Newcomer, event: str, *says: str) -> None:
    """The workflow Check: started by the push, if it was one, green, with these words in its summary."""
    by, user.by = user.by, "by itself"
    if event == "push":
        paths = yaml.safe_load(user.text_of("check.yml"))[True]["push"]["paths"]
        pushed = git(user.origin, "show", "--name-only", "--format=", "main").split()
        assert any(fnmatch.fnmatch(name, path) for name in pushed for path in paths), pushed
    run = user.run(event, workflow="check.yml")
    assert run.green, (run.jobs, run.errors)
    assert run.errors == run.warnings == []
    assert not [words for words in says if words not in run.summary], run.summary
    installed = {row[3] for row in user.traced() if row[1] == "pip"}
    assert installed == {LOCKED}, installed
    user.by = by


def papers(*dates: dt.date) -> set[str]:
    """What the recorded world announces and lists on these days."""
    announced = {one["id"] for date in dates for one in recorded_days()[date.isoformat()]}
    return announced | {one["paper"]["id"] for date in dates for one in lists()[date]}


def play(user: Newcomer, steps: tuple[Step, ...], variables: tuple[str, ...] = ()) -> None:
    """The steps, one after the other; then what they left is counted, and another night comes."""
    for number, step in enumerate(steps, 1):
        user.begin(f"Step {number}: {', '.join(step.named)}")
        step.do(user)
    count(user, steps, variables)
    agree(lambda page: user.show(page).decode())
    user.begin("Afterwards: what there is to read, and the next night by itself")
    read(user, THURSDAY)
    next_night(user)
    assert user.settings() == ({"ANTHROPIC_API_KEY"}, set(variables)), user.settings()


def count(user: Newcomer, steps: tuple[Step, ...], variables: tuple[str, ...]) -> None:
    """Minutes, commands, and all that was set: no more than what the README names."""
    mine = [one for one in user.done if one.by.startswith("Step")]
    took = sum(one.seconds for one in user.done)
    said = f"{len(steps)} steps, {len(mine)} commands, {took:.0f} s = {took / 60:.1f} minutes with every run"
    user.say(f"\n{said}\nfiles: {sorted(user.differs(user.first, user.own))}; set: {user.settings()}")
    assert took < FIVE_MINUTES
    programs = {one.program for one in mine if not one.by.startswith("Step 1")} - {""}
    assert programs <= TYPED, programs
    assert user.settings() == ({"ANTHROPIC_API_KEY"}, set(variables)), user.settings()


def read(user: Newcomer, date: dt.date) -> None:
    """A pull brings the page, in the language and with the picks of the profile."""
    user.types("git", "pull", "--quiet", "--ff-only", within="digest")
    page = (user.clone / f"reports/mine/{date:%Y/%m}/{date}.md").read_text("utf-8")
    picks = user.report(date, "mine")["picks"]
    assert len(picks) == 3
    assert f"Scanned {len(papers(date))}, picked 3" in page
    assert all(f"/abs/{pick['id']}" in page for pick in picks)
    user.say("          " + "\n          ".join(page.splitlines()[:6]))


def next_night(user: Newcomer) -> None:
    """Unchanged, by schedule: a new report of what is new; the bot wrote into its own folder alone."""
    run = user.night(FRIDAY)
    expect.published(user, run, commits=2)
    first, second = user.report(THURSDAY, "mine"), user.report(FRIDAY, "mine")
    before = {one["id"] for one in first["candidates"]}
    judged = {one["id"] for one in second["candidates"] if one["outcome"] != "seen"}
    assert judged == papers(THURSDAY, FRIDAY) - before
    assert second["previous"] == "2026-01-29"
    by_bot = user.differs(user.own)
    assert all(name.startswith("reports/mine/") for name in by_bot), by_bot
    assert {f"reports/mine/2026/01/{date}.md" for date in (THURSDAY, FRIDAY)} <= by_bot
    examples = {name for name in user.differs(user.first) if re.match(r"reports/(?!mine/)", name)}
    assert not examples, examples
    user.types("git", "pull", "--quiet", "--ff-only", within="digest")
    checked(user, "workflow_dispatch", "Nothing is missing")


def begin(world: World, say: Callable[[str], object], steps: tuple[Step, ...], *variables: str) -> None:
    """Everything, in an empty folder below the world's, with the template as that world has it."""
    folder = world.folder / "newcomer"
    folder.mkdir()
    template = {
        **world.changed,
        ".github/workflows/digest.yml": world.workflow,
        ".github/workflows/site.yml": world.site,
    }
    with stubs() as (web, model):
        play(Newcomer(folder, web, model, template, say), steps, variables)


@case(quick=True)
def the_readme_has_four_steps(world: World) -> None:
    """The lists name what the case `four steps` does."""
    agree(lambda page: world.changed.get(page) or (ROOT / page).read_text("utf-8"))


@case()
def four_steps(world: World) -> None:
    """From an empty folder to the second digest, with nothing but what the README says."""
    begin(world, str, STEPS)


@case()
def four_steps_with_a_variable(world: World) -> None:
    """The same, with the variable DIGEST_PROFILES for the edit of digest.toml."""
    begin(world, str, BY_VARIABLE, "DIGEST_PROFILES")


def main() -> int:
    """Play it aloud."""
    with tempfile.TemporaryDirectory(prefix="four-steps-") as folder:
        begin(World(Path(folder)), lambda line: print(line, flush=True), STEPS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
