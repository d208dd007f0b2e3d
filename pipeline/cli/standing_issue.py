"""Tell of published digests: one issue a profile, on which each digest becomes one comment. Run by the job `tell`.

    python -m pipeline.cli.standing_issue --date 2026-01-31 --profiles cv-restoration --before SHA --tip SHA

What is told is read from the commit `--tip`. A digest is told once, however often it is run: the comment carries its date.
If its text has changed since, the comment is rewritten, of which GitHub sends no mail; `--before` is the commit that the
run began with, whose report says what has changed. Nothing that fails here fails the run: it becomes a warning.
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from pipeline.core import actions
from pipeline.core.artifacts import Digest
from pipeline.core.errors import DigestError
from pipeline.core.names import PROFILE_NAME
from pipeline.core.store import parse_artifact, report_path
from pipeline.report import message

# Sends a request to GitHub's REST API: method, path, body. Raises DigestError.
Api = Callable[[str, str, Mapping[str, str] | None], Any]

BOT = {"id": 41898282, "type": "Bot"}  # github-actions[bot], the author of what a workflow's own token writes
BOT_LOGIN = "github-actions%5Bbot%5D"  # in a URL
PER_PAGE = 100
TIMEOUT_SECONDS = 60
RIGHTS_HINT = "the job `tell` needs `issues: write`, which an organization can forbid; or set `issue = false` in digest.toml"
OFF = "Issues are off in this repository: the digests were told on none."
COMMIT_HINT = "start a new run; if it stays so, read the log of the job Publish"


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Tell of each profile's digest, add a line for each to the job summary, and return 0: the digests are out."""
    options = _parse_arguments(arguments)
    try:
        there = github("GET", f"repos/{environ['GITHUB_REPOSITORY']}", None)["has_issues"]
        lines = [_one(options, profile, environ) for profile in options.profiles] if there else [OFF]
    except DigestError as error:
        lines = [_warning("The digests were told on no issue", error)]
    summary = "".join(f"- {line}\n" for line in lines)
    click.echo(summary, nl=False)
    actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), f"\n{summary}")
    return 0


def _one(options: argparse.Namespace, profile: str, environ: Mapping[str, str]) -> str:
    """Tell of one profile's digest, and return a line of the summary. If that fails, the others are told all the same."""
    path, repository = repository_path(profile, options.date), f"repos/{environ['GITHUB_REPOSITORY']}"
    try:
        digest, before = (committed(commit, path) for commit in (options.tip, options.before))
        done = (
            tell(github, repository, digest, before, page_url(environ, path))
            if digest
            else "there is no report"
        )
    except DigestError as error:
        return _warning(f"{profile}: the digest was told on no issue", error)
    return f"{profile}, {options.date}: {done}"


def tell(api: Api, repository: str, digest: Digest, before: Digest | None, page: str) -> str:
    """Write or rewrite the comment of a digest, unless it stands there, and say what was done.

    `repository` is its path in the API. Raises DigestError if GitHub refuses something.
    """
    issue = _standing_issue(api, repository, digest.profile)
    if issue is None:
        opened = message.issue(digest)
        issue = api("POST", f"{repository}/issues", {"title": opened.title, "body": opened.body})
    comments = f"{repository}/issues/{issue['number']}/comments"
    if issue["state"] != "open":
        return f"issue #{issue['number']} is closed: nothing was told; reopen it to go on"
    told = _comment(api, comments, digest)
    text = message.comment(digest, page)
    if told is None:
        api("POST", comments, {"body": text})
        return f"told on issue #{issue['number']}"
    if told["body"].splitlines()[0] == text.splitlines()[0]:
        return f"was told before, on issue #{issue['number']}"
    text = message.comment(digest, page, before=before)
    api("PATCH", f"{repository}/issues/comments/{told['id']}", {"body": text})
    return f"was told before; its comment on issue #{issue['number']} now says what has changed"


def _standing_issue(api: Api, repository: str, profile: str) -> Any:
    """Find the newest issue that the workflow itself opened for a profile, open or closed; None if there is none."""
    marker = message.issue_marker(profile) + "\n"
    issues = _pages(api, f"{repository}/issues?state=all&creator={BOT_LOGIN}")
    return next((one for one in issues if _is_ours(one, marker) and "pull_request" not in one), None)


def _comment(api: Api, comments: str, digest: Digest) -> Any:
    """Find the workflow's own comment about a digest's date. None is older than the date: nobody reads a day before it comes."""
    found = _pages(api, f"{comments}?since={digest.date.isoformat()}T00:00:00Z")
    return next((one for one in found if _is_ours(one, message.comment_marker(digest))), None)


def _is_ours(found: Mapping[str, Any], marker: str) -> bool:
    """Whether a workflow wrote an issue or comment, and it begins with the marker: anyone can copy a title or a marker."""
    author, body = found.get("user") or {}, (found.get("body") or "").replace("\r\n", "\n")
    return all(author.get(key) == value for key, value in BOT.items()) and body.startswith(marker)


def _pages(api: Api, path: str) -> list[Any]:
    """Return all entries of a list that GitHub gives in pages."""
    found: list[Any] = []
    while len(found) % PER_PAGE == 0:
        page = api("GET", f"{path}&per_page={PER_PAGE}&page={len(found) // PER_PAGE + 1}", None)
        if not page:
            break
        found += page
    return found


def repository_path(profile: str, date: dt.date) -> Path:
    """Return the path of a report in the repository."""
    return report_path(Path("reports"), profile, date)


def page_url(environ: Mapping[str, str], report: Path) -> str:
    """Return the address of a report's page on the branch of the run."""
    server, repository = environ["GITHUB_SERVER_URL"], environ["GITHUB_REPOSITORY"]
    return f"{server}/{repository}/blob/{environ['GITHUB_REF_NAME']}/{report.with_suffix('.md').as_posix()}"


def committed(commit: str, path: Path) -> Digest | None:
    """Read a report as a commit of this repository has it; None if it has none. Raises DigestError if it is damaged."""
    command = ("git", "cat-file", "blob", f"{commit}:{path.as_posix()}")
    shown = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    return (
        None if shown.returncode else parse_artifact(shown.stdout, Digest, path=str(path), hint=COMMIT_HINT)
    )


def github(method: str, path: str, body: Mapping[str, str] | None) -> Any:
    """Send a request with GitHub's command line, which takes the token from GH_TOKEN. See `Api`."""
    given = ("--input", "-") if body else ()
    command = ("gh", "api", "--method", method, path, *given)
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell
            command,
            input=json.dumps(body).encode() if body else None,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DigestError("GitHub gave no answer", hint="the next digest is told again") from None
    if done.returncode:
        error = actions.escape_commands(done.stderr.decode("utf-8", "replace"))[:300]
        raise DigestError(f"GitHub refused it: {error}", hint=RIGHTS_HINT)
    return json.loads(done.stdout)


def _warning(title: str, error: DigestError) -> str:
    """Print an annotation, and return the same as a line of the summary, without what GitHub answered."""
    click.echo(actions.annotation("warning", f"{error}. What to do: {error.hint}", title=title))
    return f"{title}; the run's warning says why."


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="standing_issue", description="Tell of digests on their issues.")
    parser.add_argument("--date", type=dt.date.fromisoformat, required=True)
    parser.add_argument(
        "--profiles", type=profile_list, required=True, help="names, with commas between them"
    )
    parser.add_argument("--before", required=True, help="the commit that the run began with")
    parser.add_argument("--tip", required=True, help="the commit that has the reports")
    return parser.parse_args(arguments)


def profile_list(text: str) -> list[str]:
    """Parse the value of `--profiles`."""
    names = [name for name in text.split(",") if name]
    if not all(PROFILE_NAME.fullmatch(name) for name in names):
        raise argparse.ArgumentTypeError("has a name that is not one of a profile")
    return names


if __name__ == "__main__":
    sys.exit(main())
