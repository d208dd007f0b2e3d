"""What can be said of the workflows without running them; act does not model permissions, secrets or the queue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
VERSION = re.compile(r"uses: \S+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$")
JOBS = [
    "fetch",
    "score",
    "texts",
    "analyze",
    "publish",
    "tell",
    "notify",  # begins only if its secret is there
    "site",  # begins only if its variable is set
]  # a private repository pays a minute for each
TOKEN = re.compile(r"github\.token|secrets\.GITHUB_TOKEN")
DEFAULT_BRANCH = (
    "${{ github.ref == format('refs/heads/{0}', github.event.repository.default_branch) && 'llm' || '' }}"
)
PUBLISHES = ("commit", "install", "validate", "validate-votes", "push")
# What each job takes over from another: where it is downloaded to.
TAKES = {
    "score": ["taken/fetched"],
    "texts": ["taken/scored"],
    "analyze": ["taken/scored", "taken/texts"],
    "publish": ["reports", "votes"],
}
NOT_HERE = {"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion_comment"}
KEYED = {("score", "Score"), ("analyze", "Analyze")}
WITH_TOKEN = [
    ("fetch", "Votes"),
    ("publish", "Push"),
    ("tell", "Failure issue"),
    ("tell", "Comment"),
    ("tell", "Close votes"),
]
TOLD = ("notify", "Notify")  # the one step with the addresses of channels
CALLED = "$/.github/workflows/site.yml"  # in this repository, at the commit of the run
WANTED = "vars.DIGEST_SITE == 'true'"
IS_THERE = {"notify": "${{ secrets.DIGEST_NOTIFY != '' }}"}  # says whether they are there, and no more


def problems(text: str) -> list[str]:
    """Whatever is wrong with any workflow of this repository."""
    data = yaml.safe_load(text)
    return [*_triggers(data), *_pins(text, data), *_jobs(data), *_environments(data), *_scripts(data)]


def problems_of_digest(text: str) -> list[str]:
    """Whatever is wrong with the one that has the key and the right to write."""
    data = yaml.safe_load(text)
    return [
        *problems(text),
        *(() if list(data["jobs"]) == JOBS else [f"other jobs: {list(data['jobs'])}"]),
        *_queue(data),
        *_writer(data),
        *_votes(data),
        *_key(data),
        *_same_commit(data),
        *_artifacts(data),
        *_taken(data),
        *_cancelled(data),
        *_optional(data),
    ]


def problems_of_site(text: str) -> list[str]:
    """Whatever is wrong with the one that can deploy to Pages."""
    data = yaml.safe_load(text)
    return [*problems(text), *_queue(data), *_site(data)]


def _site(data: Any) -> Iterator[str]:
    if set(data[True]) != {"workflow_call", "workflow_dispatch"}:
        yield f"started by {sorted(data[True])}"
    if "secrets" in str(data) or TOKEN.search(str(data)):
        yield "sees a secret or the token"
    rights = {name: job["permissions"] for name, job in data["jobs"].items()}
    if rights != {"build": {"contents": "read"}, "deploy": {"pages": "write", "id-token": "write"}}:
        yield f"who may do what: {rights}"
    build, deploy = data["jobs"].values()
    if build.get("if") != f"${{{{ {WANTED} }}}}" or (deploy.get("needs"), deploy.get("if")) != (
        "build",
        None,
    ):
        yield "builds or deploys without being asked"
    if deploy["environment"]["name"] != "github-pages" or "environment" in build:
        yield "deploys from elsewhere than the environment github-pages"
    if [step.get("uses", "").split("@")[0] for step in deploy["steps"]] != ["actions/deploy-pages"]:
        yield "runs something beside the right to deploy"


def _steps(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in data["jobs"].items():
        for step in job.get("steps", []):
            yield name, step


def _triggers(data: Any) -> Iterator[str]:
    yield from (f"triggered by {name}" for name in NOT_HERE & set(data[True]))


def _pins(text: str, data: Any) -> Iterator[str]:
    for name, step in _steps(data):
        if "uses" in step and not PINNED.fullmatch(step["uses"]):
            yield f"{name}: {step['uses']} is not pinned to a commit"
    yield from (
        f"no version beside the pin: {line.strip()}"
        for line in text.split("\n")
        if "uses:" in line and not VERSION.search(line) and line.split()[1:] != [CALLED]
    )


def _jobs(data: Any) -> Iterator[str]:
    if data.get("permissions") != {}:
        yield "the workflow as a whole has permissions"
    for name, job in data["jobs"].items():
        if not isinstance(job.get("permissions"), dict):
            yield f"{name}: no permissions of its own"
        if "uses" in job:
            if (job["uses"], job.get("secrets")) != (CALLED, None):
                yield f"{name}: calls {job['uses']}, or hands on secrets"
            continue
        if not 0 < job.get("timeout-minutes", 0) <= 90:
            yield f"{name}: no time-out, or a very long one"
        if job.get("runs-on") != "ubuntu-24.04":
            yield f"{name}: runs on whatever is the latest"
    for name, step in _steps(data):
        given = step.get("with", {})
        if "checkout" in step.get("uses", "") and given.get("persist-credentials") is not False:
            yield f"{name}: keeps the token in the checkout"
        if "setup-uv" in step.get("uses", "") and given.get("enable-cache") is not False:
            yield f"{name}: a cache that others can fill"


def _scripts(data: Any) -> Iterator[str]:
    for name, step in _steps(data):
        if "${{" in str(step.get("run", "")):
            yield f"{name}: an expression inside a script"


def _queue(data: Any) -> Iterator[str]:
    waiting = data.get("concurrency", {})
    if waiting.get("cancel-in-progress") is not False or waiting.get("queue") != "max":
        yield "runs do not wait in line"
    if "${{" in waiting.get("group", "${{"):
        yield "not one line for all"


def _writer(data: Any) -> Iterator[str]:
    writes = {
        n: [k for k, v in job.get("permissions", {}).items() if v == "write"]
        for n, job in data["jobs"].items()
    }
    if {name: rights for name, rights in writes.items() if rights} != {
        "publish": ["contents"],
        "tell": ["issues"],
        "site": ["pages", "id-token"],
    }:
        yield f"who may write: {writes}"
    for name in ("publish", "tell"):
        steps = str(data["jobs"][name]["steps"])
        if "secrets." in steps or "environment" in data["jobs"][name]:
            yield f"{name} can see a secret"
    tells = [step["name"] for step in data["jobs"]["tell"]["steps"]]
    if tells != [
        "Summary",
        "Failure issue",
        "Check out",
        "Go to the commit of the plan",
        "Install",
        "Comment",
        "Close votes",
    ]:
        yield f"tell does {tells}"
    scripts = [step.get("run") for name, step in _steps(data) if name == "tell" and "run" in step][2:]
    if scripts != [
        f"bash .github/stage.sh {stage}" for stage in ("commit", "install", "comment", "close-votes")
    ]:
        yield f"tell runs {scripts}"
    with_token = [(name, step["name"]) for name, step in _steps(data) if TOKEN.search(str(step))]
    if with_token != WITH_TOKEN:
        yield f"who has the token: {with_token}"
    jobs = {
        name: {key: part for key, part in job.items() if key != "steps"} for name, job in data["jobs"].items()
    }
    if TOKEN.search(str({**data, "jobs": jobs})):
        yield "the token for a whole job"
    scripts = [step.get("run") for name, step in _steps(data) if name == "publish" and "run" in step]
    if scripts != [f"bash .github/stage.sh {stage}" for stage in PUBLISHES]:
        yield f"publish runs {scripts}"


def _votes(data: Any) -> Iterator[str]:
    """Votes are read before anything else of strangers is opened, only if they are asked for, and keep no night back."""
    job = data["jobs"]["fetch"]
    if job["permissions"] != {"contents": "read", "issues": "read"}:
        yield f"fetch may {job['permissions']}"
    names = [step["name"] for step in job["steps"]]
    step = job["steps"][names.index("Votes")]
    if names.index("Votes") > min(names.index("Fetch"), names.index("Hand over")):
        yield "the token of votes comes after strangers' bytes"
    if not step["if"].startswith("${{ steps.plan.outputs.votes == 'true' && ") or step["env"].keys() != {
        "GH_TOKEN"
    }:
        yield "votes are read without being asked for, or beside something else"
    if step.get("continue-on-error") is not True:
        yield "votes that cannot be read end the night"


def _environments(data: Any) -> Iterator[str]:
    """Rules of an environment may admit the default branch alone: a push to another one must not enter it."""
    if "push" not in data[True]:
        return
    for name, job in data["jobs"].items():
        if job.get("environment", DEFAULT_BRANCH) != DEFAULT_BRANCH:
            yield f"{name}: enters an environment on every branch"


def _key(data: Any) -> Iterator[str]:
    outside = {key: value for key, value in data.items() if key != "jobs"}
    if "secrets." in str(outside):
        yield "a secret for all jobs"
    for name, job in data["jobs"].items():
        whole = {key: value for key, value in job.items() if key != "steps"}
        if "secrets" in str({**whole, "outputs": None} if job.get("outputs") == IS_THERE else whole):
            yield f"{name}: a secret for the whole job"
    with_key = {(name, step.get("name")) for name, step in _steps(data) if "secrets" in str(step)}
    if with_key != KEYED | {TOLD}:
        yield f"who has the key: {with_key}"
    for job, step in _steps(data):
        seen = set(re.findall(r"secrets\.(\w+)", str(step)))
        if seen and (seen == {"DIGEST_NOTIFY"}) != ((job, step.get("name")) == TOLD):
            yield f"{job}: {step.get('name')} sees {sorted(seen)}"
    for name, keyed in KEYED | {TOLD}:
        names = [step["name"] for job, step in _steps(data) if job == name]
        if max(place for place, step in enumerate(names) if step.startswith("Install")) > names.index(keyed):
            yield f"{name}: installs after the key was there"
        if name != "notify" and data["jobs"][name].get("environment") != "llm":
            yield f"{name}: the key has no environment"


def _same_commit(data: Any) -> Iterator[str]:
    """Every job checks out the branch; those after the first go back to its commit, before they run anything of it."""
    for name, job in data["jobs"].items():
        if "uses" in job:
            continue
        steps = job["steps"]
        places = [number for number, step in enumerate(steps) if "checkout" in step.get("uses", "")]
        if len(places) != 1 or (places != [0] and name != "tell"):
            yield f"{name}: checks out {len(places)} times, or late"
            continue
        checkout, second = steps[places[0] : places[0] + 2]
        if checkout["with"].get("ref") != "${{ github.ref }}":
            yield f"{name}: checks out something else than the branch"
        back = {
            "env": {"SHA": "${{ needs.fetch.outputs.sha }}"},
            "if": checkout.get("if"),
            "run": "bash .github/stage.sh commit",
        }
        if name != "fetch" and {key: second.get(key) for key in back} != back:
            yield f"{name}: does not go to the commit of the first job"


def _cancelled(data: Any) -> Iterator[str]:
    """A job that does not wait for green ones must still not begin after a cancel; act cannot play one."""
    for name, job in data["jobs"].items():
        condition = str(job.get("if", ""))
        functions = set(re.findall(r"!?\b(?:always|cancelled|failure|success)\(\)", condition))
        if name != "tell" and functions - {"!cancelled()"}:
            yield f"{name}: goes on after a cancel: {condition}"
        if name == "site" and not condition.startswith(f"${{{{ !cancelled() && {WANTED} && "):
            yield f"{name}: begins without being asked: {condition}"


def _optional(data: Any) -> Iterator[str]:
    """What a reader can leave away decides nothing: above all not what is told of the night."""
    for name, job in data["jobs"].items():
        if {"notify", "site"} & set(job.get("needs", [])):
            yield f"{name}: waits for {job['needs']}"


def _artifacts(data: Any) -> Iterator[str]:
    for name, step in _steps(data):
        if "upload-artifact" not in step.get("uses", ""):
            continue
        given = step["with"]
        if given.get("overwrite") is not True:
            yield f"{name}: a second attempt fails on its own artifact"
        days = given.get("retention-days", 99)
        if days > (1 if "texts" in given["path"] or given["path"] == "work" else 14):
            yield f"{name}: keeps {given['path']} for {days} days"


def _taken(data: Any) -> Iterator[str]:
    """What an artifact holds goes beside the checkout, and from there only what is expected of it into work/."""
    for name, job in data["jobs"].items():
        steps = job.get("steps", [])
        downloads = [step for step in steps if "download-artifact" in step.get("uses", "")]
        places = [step["with"]["path"] for step in downloads]
        if places != [f"${{{{ runner.temp }}}}/{place}" for place in TAKES.get(name, [])]:
            yield f"{name}: takes artifacts to {places}"
        kinds = [place.partition("/")[2] for place in TAKES.get(name, []) if place.startswith("taken/")]
        takes = [step["run"] for step in steps if " take " in step.get("run", "")]
        if takes != ([f"bash .github/stage.sh take {' '.join(kinds)}"] if kinds else []):
            yield f"{name}: takes {takes}"
