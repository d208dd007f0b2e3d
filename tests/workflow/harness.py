"""Runs a workflow, mostly digest.yml, on this machine: act in host mode, our own actions, an origin in a folder.

What is run is the file as it stands, without the line `queue:`, which act does not know. Not modeled are
permissions, environments, the waiting line, job time-outs and the masking of secrets: the first two are
checked on the parsed YAML, masking is turned off so that a leak is seen.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.stubs.github import GitHub
from tests.workflow import stand_in
from tests.workflow.log import Run, parse

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORKFLOW = ROOT / ".github/workflows/digest.yml"
SITE = WORKFLOW.with_name("site.yml")
ACT = Path(sys.executable).parent / "act"
KEY = "sk-ant-planted-0123456789abcdef"
TOKEN = "ghs_planted_9876543210"
HEADER = f"AUTHORIZATION: basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}"
TODAY = "2026-01-30"
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Someone",
    "GIT_AUTHOR_EMAIL": "someone@example.org",
    "GIT_COMMITTER_NAME": "Someone",
    "GIT_COMMITTER_EMAIL": "someone@example.org",
}
OURS = ("ANTHROPIC_", "DIGEST_", "GITHUB_", "GH_", "RUNNER_", "ACTIONS_", "GIT_")
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


def git(folder: Path, *arguments: str) -> str:
    """git in a folder, with nobody's configuration."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env={**os.environ, **GIT}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


class World:
    """A repository, its runner and its store of artifacts, all in one folder."""

    def __init__(self, folder: Path, *, changed: Mapping[str, str] | None = None) -> None:
        self.changed = dict(changed or {})
        self.folder = folder
        self.origin = folder / "origin.git"
        self.artifacts = folder / "artifacts"
        self.trace = folder / "trace.tsv"
        self.gh = folder / "gh.tsv"
        self.issue = folder / "issue"
        self.api = folder / "github.json"
        self.sent = folder / "sent.txt"
        self.pages = folder / "pages"
        self.script: dict[str, Any] = {"today": TODAY}
        self.vars: dict[str, str] = {}
        self.secrets = {"ANTHROPIC_API_KEY": KEY, "GITHUB_TOKEN": TOKEN}
        self.after_checkout = ""  # a shell script that runs when publish has checked out
        self.env: dict[str, str] = {}
        self.runs = 0
        self.trigger = ""  # the commit that the run was asked for at; default: the tip
        self.workflow = self.changed.pop(".github/workflows/digest.yml", "") or WORKFLOW.read_text("utf-8")
        self.site = self.changed.pop(".github/workflows/site.yml", "") or SITE.read_text("utf-8")
        self._repository()

    def _repository(self) -> None:
        """The origin, with one commit."""
        tree = self.folder / "first"
        tree.mkdir(parents=True)
        self._lay_out(tree)
        (tree / "requirements.lock").write_text("")
        (tree / "requirements-notify.lock").write_text("")
        (tree / ".github").mkdir()
        shutil.copyfile(ROOT / ".github/stage.sh", tree / ".github/stage.sh")
        for name, text in self.changed.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text, "utf-8")
        git(self.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        git(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(tree, "init", "--quiet", "--initial-branch=main")
        git(tree, "remote", "add", "origin", str(self.origin))
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "-m", "first")
        git(tree, "push", "--quiet", "origin", "main")
        self.first = git(tree, "rev-parse", "HEAD")

    def _lay_out(self, tree: Path) -> None:
        """Our publishing code, and the stand-in for the rest of the program."""
        for name in ("archive", "cli", "config", "core", "publish", "report", "sources"):
            shutil.copytree(
                ROOT / "pipeline" / name,
                tree / "pipeline" / name,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        shutil.copyfile(ROOT / "pipeline/__init__.py", tree / "pipeline/__init__.py")
        shutil.copyfile(HERE / "stand_in.py", tree / "pipeline/__main__.py")
        shutil.copyfile(ROOT / "digest.toml", tree / "digest.toml")

    # What others do meanwhile

    def commit(self, files: Mapping[str, str | bytes], message: str = "someone else") -> str:
        """Someone else's commit, pushed."""
        tree = self.folder / "someone"
        if not tree.exists():
            git(self.folder, "clone", "--quiet", str(self.origin), str(tree))
        git(tree, "fetch", "--quiet", "origin", "main")
        git(tree, "reset", "--quiet", "--hard", "FETCH_HEAD")
        for name, data in files.items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "-m", message)
        git(tree, "push", "--quiet", "origin", "HEAD:main")
        return git(tree, "rev-parse", "HEAD")

    def report_files(self, profile: str, date: str, **given: Any) -> dict[str, str]:
        """A report as someone else would have written it."""
        digest = stand_in.report(profile, date, **given)
        stem = f"reports/{profile}/{date[:4]}/{date[5:7]}/{date}"
        return {f"{stem}.json": json.dumps(digest), f"{stem}.md": stand_in.page(digest, str)}

    def hook(self, script: str) -> None:
        """A pre-receive hook of the origin: it plays the server, or whoever pushes a moment earlier."""
        path = self.origin / "hooks/pre-receive"
        path.write_text(f"#!/usr/bin/env bash\ncd {self.origin}\n{script}\n")
        path.chmod(0o755)

    # The run

    def run(
        self,
        event: str = "schedule",
        inputs: Mapping[str, Any] | None = None,
        *,
        again: Run | None = None,
        ref: str = "refs/heads/main",
        token: bool = True,
        workflow: str = WORKFLOW.name,
    ) -> Run:
        """One run of a workflow. `again` = re-run the failed jobs of that run, and what needs them."""
        self.runs += 0 if again else 1
        attempt = again.attempt + 1 if again else 1
        place = self.folder / f"run-{self.runs}-{len(list(self.folder.glob('run-*')))}"
        (place / "event").mkdir(parents=True)
        (self.artifacts / str(self.runs)).mkdir(parents=True, exist_ok=True)
        self.trace.touch()
        text = self.text_of(workflow)
        (place / workflow).write_text(self._playable(text, again), "utf-8")
        for called in self._called(text):
            path = place / ".github/workflows" / called
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._playable(self.text_of(called), again), "utf-8")
        (place / "script.json").write_text(json.dumps(self.script))
        (place / "after.sh").write_text(self.after_checkout)
        event_file = place / "event/event.json"
        event_file.write_text(json.dumps(self._event(text, event, inputs, ref)))
        git(place, "init", "--quiet", "--initial-branch=main")
        git(place, "remote", "add", "origin", "https://github.com/someone/digest.git")
        done = subprocess.run(
            [*self._command(event, event_file, place, workflow), "--env", f"GITHUB_RUN_ATTEMPT={attempt}"],
            cwd=place,
            env={**OUTSIDE, **GIT, "XDG_CACHE_HOME": str(place / "cache"), "HOME": str(place)},
            capture_output=True,
            timeout=900,
            check=False,
        )
        run = parse(done.returncode, done.stdout.decode() + done.stderr.decode())
        run.attempt = attempt
        self._name_skipped(run, text)
        return run

    def _name_skipped(self, run: Run, text: str) -> None:
        """Add the jobs of which act says nothing: those skipped, and those that call a workflow."""
        for name, job in yaml.safe_load(text)["jobs"].items():
            run.jobs.setdefault(name, "skipped")
            for called in self._called(f"uses: {job.get('uses')}"):
                inner = self.text_of(called)
                self._name_skipped(run, inner)
                results = {run.jobs[one] for one in yaml.safe_load(inner)["jobs"]}
                run.jobs[name] = next(one for one in ("failure", "success", "skipped") if one in results)

    def text_of(self, workflow: str) -> str:
        """A workflow as the repository has it."""
        own = {WORKFLOW.name: self.workflow, SITE.name: self.site}
        return own.get(workflow) or WORKFLOW.with_name(workflow).read_text("utf-8")

    def _called(self, text: str) -> list[str]:
        """The workflows of this repository that a workflow calls."""
        return re.findall(r"uses: \$/\.github/workflows/(\S+)", text)

    def _event(self, text: str, event: str, inputs: Mapping[str, Any] | None, ref: str) -> dict[str, Any]:
        """The event as GitHub sends it: a dispatch has every input, a schedule and a push none."""
        data: dict[str, Any] = {
            "ref": ref,
            "repository": {"default_branch": "main", "full_name": "someone/digest", "name": "digest"},
        }
        if event == "schedule":
            return data | {"schedule": "47 5 * * *"}
        if event == "push":
            return data
        declared = (yaml.safe_load(text)[True]["workflow_dispatch"] or {}).get("inputs", {})
        defaults = {name: one.get("default", "") for name, one in declared.items()}
        given = {**defaults, **(inputs or {})}
        as_text = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()
        }
        return data | {"inputs": as_text}

    def _command(self, event: str, event_file: Path, place: Path, workflow: str) -> list[str]:
        env = {
            "ACT_ORIGIN": self.origin,
            "ACT_TRIGGER": self.trigger,
            "ACT_ARTIFACTS": self.artifacts / str(self.runs),
            "ACT_STAND_INS": HERE / "actions",
            "ACT_PYTHON": sys.executable,
            "ACT_BARE_PYTHON": sys.executable,
            "ACT_TRACE": self.trace,
            "ACT_SCRIPT": place / "script.json",
            "ACT_AFTER_CHECKOUT": place / "after.sh",
            "ACT_HEADER": hashlib.sha256(HEADER.encode()).hexdigest(),
            "ACT_GIT": shutil.which("git"),
            "ACT_GH": self.gh,
            "ACT_ISSUE": self.issue,
            "ACT_GITHUB": self.api,
            "ACT_SENT": self.sent,
            "ACT_PAGES": self.pages,
            "PUBLISH_BACKOFF_SECONDS": "0.01",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{HERE / 'bin'}:{os.environ['PATH']}",
            **GIT,
            **self.env,
        }
        command = [str(ACT), event, "--json", "--insecure-secrets", "-P", "ubuntu-24.04=-self-hosted"]
        command += ["--action-offline-mode", "--no-cache-server", "--pull=false", "--no-skip-checkout"]
        command += ["-W", workflow, "-e", str(event_file), "--defaultbranch", "main"]
        for name, value in env.items():
            command += ["--env", f"{name}={value}"]
        for name, value in self.vars.items():
            command += ["--var", f"{name}={value}"]
        for name, value in self.secrets.items():
            command += ["-s", f"{name}={value}"]
        text = self.text_of(workflow)
        text += "".join(self.text_of(called) for called in self._called(text))
        for action in sorted(set(re.findall(r"uses: (\S+@[0-9a-f]{40})", text))):
            name = action.split("@")[0].split("/")[1]
            command += ["--local-repository", f"{action}={HERE / 'actions' / name}"]
        return command

    def _playable(self, workflow: str, again: Run | None) -> str:
        """The workflow as act can read it; on a second attempt green jobs only repeat their outputs."""
        text = re.sub(r"\n  queue: max[^\n]*", "", workflow).replace("uses: $/", "uses: ./")
        if again is None:
            return text
        data = yaml.safe_load(text)
        data["on"] = data.pop(True)
        anew: set[str] = set()
        for name, job in data["jobs"].items():
            needed = job.get("needs", [])
            if again.jobs.get(name) != "success" or anew.intersection(
                [needed] if isinstance(needed, str) else needed
            ):
                anew.add(name)  # a green job is done again too if one that it needs is
            else:
                lines = "".join(f"{key}={value}\n" for key, value in again.outputs.get(name, {}).items())
                job["outputs"] = {
                    key: re.sub(r"steps\.\w+\.", "steps.before.", value).replace(
                        "${{ github.run_attempt }}", str(again.attempt)
                    )
                    for key, value in job.get("outputs", {}).items()
                }
                step = {
                    "id": "before",
                    "env": {"LINES": lines},
                    "run": 'printf %s "$LINES" >> "$GITHUB_OUTPUT"',
                }
                job["steps"] = [step]
                job["runs-on"] = "ubuntu-24.04"
                for key in ("strategy", "env", "uses"):
                    job.pop(key, None)
        return yaml.safe_dump(data, sort_keys=False)

    # What can be looked at afterwards

    def github(self) -> GitHub:
        """Issues and comments that tell of digests, as the last run left them."""
        return GitHub(json.loads(self.api.read_text()) if self.api.exists() else None)

    def log(self) -> list[str]:
        """Subjects on the branch, oldest first."""
        return git(self.origin, "log", "--reverse", "--format=%s", "main").split("\n")

    def files(self, ref: str = "main") -> dict[str, bytes]:
        """Every file of the branch below reports/."""
        names = git(self.origin, "ls-tree", "-r", "--name-only", ref, "reports/").split("\n")
        return {name: self.show(name, ref) for name in names if name}

    def show(self, name: str, ref: str = "main") -> bytes:
        """One file of the branch."""
        return subprocess.run(
            ["git", "-C", str(self.origin), "show", f"{ref}:{name}"], capture_output=True, check=True
        ).stdout

    def contains(self, commit: str) -> bool:
        """Whether the branch still has this commit."""
        command = ["git", "-C", str(self.origin), "merge-base", "--is-ancestor", commit, "main"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def sound(self) -> bool:
        """Whether git finds nothing wrong with the origin."""
        return "missing" not in git(self.origin, "fsck", "--full")

    def calls(self) -> int:
        """Model calls of all runs."""
        rows = [line.split("\t") for line in self.trace.read_text().splitlines()]
        return sum(int(row[3]) for row in rows if row[1:2] == ["calls"])

    def traced(self) -> list[Sequence[str]]:
        """job, kind (pip, venv, bare), `key` or `token` if one was in the environment, arguments."""
        return [tuple(line.split("\t")) for line in self.trace.read_text().splitlines()]

    def told(self) -> list[str]:
        """Calls of the GitHub command line."""
        return (
            [line.removeprefix("gh\t") for line in self.gh.read_text().splitlines()]
            if self.gh.exists()
            else []
        )
