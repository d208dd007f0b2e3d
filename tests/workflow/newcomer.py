"""A new user: an empty folder, git, a browser. What they type and click is carried out, timed and written down.

GitHub is a bare repository, and act for its runners. Two things stand for the internet, and nothing else is
set: the five addresses under [endpoints] in the template's digest.toml, and the variable ANTHROPIC_BASE_URL.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.stubs import world as sources
from tests.stubs.messages import MessagesStub
from tests.workflow.harness import ACT, GIT, OUTSIDE, ROOT, git
from tests.workflow.log import Run
from tests.workflow.real import RealWorld, on_loopback

INTERNET = {"ANTHROPIC_BASE_URL"}
GITHUBS_OWN = {"GITHUB_TOKEN"}  # every run has it, nobody sets it
RUNNER = {
    "PATH",
    "PYTHONDONTWRITEBYTECODE",
    "PUBLISH_BACKOFF_SECONDS",
    "SOURCE_DATE_EPOCH",
}  # machine and clock


@dataclass(frozen=True)
class Done:
    """One command; `by` is the step it belongs to, or who else made it happen."""

    by: str
    words: str
    seconds: float

    @property
    def program(self) -> str:
        """The command's first word; nothing for a click."""
        return self.words.partition("$ ")[2].split(" ")[0]


class Newcomer(RealWorld):
    """Someone without a repository. `template` = files that are other than on this disk; `say` prints a line."""

    def __init__(
        self,
        folder: Path,
        web: sources.World,
        model: MessagesStub,
        template: Mapping[str, str],
        say: Callable[[str], object],
    ) -> None:
        self.template = template
        self.say = say
        self.by = ""
        self.own = ""  # the commit of what they wrote
        self.done: list[Done] = []
        self.acted: list[list[str]] = []  # every command line of act, in full
        super().__init__(folder, web, model)
        self.clone = folder / "digest"
        del self.secrets["ANTHROPIC_API_KEY"]

    def _repository(self) -> None:
        """None yet: the folder is empty, and the first step makes the origin."""
        assert list(self.folder.iterdir()) == []

    def begin(self, by: str) -> None:
        """What follows belongs to this step."""
        self.by = by
        self.say(f"\n{by}")

    def types(self, *words: str | Path, within: str = "", text: str | None = None) -> None:
        """One command, in the folder or in one below it; `text` is what it reads."""
        before = time.monotonic()
        done = subprocess.run(
            words,
            cwd=self.folder / within,
            env={**OUTSIDE, **GIT},
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        shown = shlex.join(map(str, words)).replace(str(ROOT), "TEMPLATE")
        shown += f" < ({len(text.splitlines())} lines, typed)" if text else ""
        self.note(f"{within}$ {shown}", time.monotonic() - before)
        assert done.returncode == 0, done.stderr

    def sets(self, kind: str, name: str, value: str, shown: str) -> None:
        """A secret or a variable, typed into the repository's settings; every later run is given it."""
        {"secret": self.secrets, "variable": self.vars}[kind][name] = value
        self.note(f"Settings: {kind} {name} = {shown}", 0.0)

    def note(self, words: str, seconds: float) -> None:
        """Write it down."""
        self.done.append(Done(self.by, words, seconds))
        self.say(f"{seconds:6.1f} s  {words}")

    # What GitHub does

    def takes_the_template(self) -> None:
        """The button's work: the files of this repository, without their history, as one commit of a new one."""
        copy = 'git -C "$0" ls-files -z --cached --others --exclude-standard | tar -c -C "$0" --null -T - | tar -x -C first'
        self.types("mkdir", "first")
        self.types("bash", "-o", "pipefail", "-c", copy, ROOT)
        for name, text in self.template.items():
            (self.folder / "first" / name).write_text(text, "utf-8")
        self._go_offline(self.folder / "first/digest.toml")
        self.types("git", "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
        self.types("git", "config", "uploadpack.allowAnySHA1InWant", "true", within="origin.git")
        self.types("git", "init", "--quiet", "--initial-branch=main", within="first")
        self.types("git", "add", "--all", within="first")
        self.types("git", "commit", "--quiet", "-m", "Initial commit", within="first")
        self.types("git", "push", "--quiet", "../origin.git", "main", within="first")
        self.first = git(self.origin, "rev-parse", "main")

    def _go_offline(self, settings: Path) -> None:
        """Five addresses stand for the internet; no other line of the template is touched."""
        before = settings.read_text("utf-8")
        after = on_loopback(before, self.web)
        lines = zip(after.splitlines(), before.splitlines(), strict=True)
        changed = [line for line, old in lines if line != old]
        assert [line.split(" = ")[0] for line in changed] == list(self.web.endpoints), changed
        settings.write_text(after, "utf-8")
        self.say(
            f"          (stands for the internet: digest.toml [endpoints], {', '.join(self.web.endpoints)})"
        )

    def text_of(self, workflow: str) -> str:
        """The workflow as it was committed here, as GitHub runs it."""
        return self.show(f".github/workflows/{workflow}").decode()

    def run(self, event: str = "schedule", inputs: Mapping[str, Any] | None = None, **more: Any) -> Run:
        """One run, written down with the line of its summary that a person reads first."""
        before = time.monotonic()
        run = super().run(event, inputs, **more)
        self.note(shown(self.acted[-1]), time.monotonic() - before)
        lines = [
            line.strip("# ") for line in run.summary.splitlines() if line.strip() and line[0] not in "|-"
        ]
        self.say(f"          {'green' if run.green else 'RED'}: {' '.join(lines)} {' '.join(run.errors)}")
        return run

    def _command(self, event: str, event_file: Path, place: Path, workflow: str) -> list[str]:
        self.acted.append(super()._command(event, event_file, place, workflow))
        return self.acted[-1]

    # What can be looked at afterwards

    def differs(self, before: str, after: str = "main") -> set[str]:
        """Files that differ between two commits of the origin."""
        return set(git(self.origin, "diff", "--name-only", before, after).split())

    def settings(self) -> tuple[set[str], set[str]]:
        """Names of all secrets and variables that any run was given, save GitHub's own and the internet's.

        Read from act's command lines, which also show that nothing came in by the environment.
        """
        for command in self.acted:
            names = {one for one in given(command, "--env") if not one.startswith(("ACT_", "GIT_"))}
            assert names <= RUNNER, names
        secrets = {name for command in self.acted for name in given(command, "-s")}
        variables = {name for command in self.acted for name in given(command, "--var")}
        return secrets - GITHUBS_OWN, variables - INTERNET


def given(command: Sequence[str], flag: str) -> dict[str, str]:
    """Name → value of everything that a command line gives by this flag."""
    pairs = (value.partition("=") for word, value in pairwise(command) if word == flag)
    return {name: value for name, _, value in pairs}


def shown(command: Sequence[str]) -> str:
    """A command line of act without what the harness needs for itself, and without the values of secrets."""
    words = [ACT.name, command[1], "-W", command[command.index("-W") + 1]]
    words += [f"-s {name}=…" for name in given(command, "-s")]
    words += [f"--var {name}={value}" for name, value in given(command, "--var").items()]
    return "$ " + " ".join(words)
