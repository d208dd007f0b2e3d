"""Validates the reports in a folder, commits and pushes them. The only program here that writes to the repository.

    python3 -m pipeline.publish --from FOLDER --branch main --date 2026-01-31 --profiles cv-restoration

Standard library only: the job that runs it can write to the repository, so it installs nothing. It never
merges and never rebases. Each attempt checks the branch's tip out into a separate work tree, writes the dated files,
rebuilds the indexes from the reports there, commits, and pushes without force. If another push came first, the server
rejects this one, and it is retried on the new tip; so no other commit is lost.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive import build
from pipeline.core import actions
from pipeline.core.errors import DigestError, InputError
from pipeline.core.names import PROFILE_NAME
from pipeline.publish import conflicts, validate
from pipeline.publish.git import RERUN_HINT, Git, log_line
from pipeline.publish.validate import LoadedReports, Report, allowed_links, check_changes, is_date

MAX_ATTEMPTS = 6
# In git's output for a push that the server rejects.
BRANCH_RULE_ERROR = re.compile(r"GH006|GH013|protected branch|rule violations", re.IGNORECASE)
PERMISSION_ERROR = re.compile(
    r"error: 40[13]\b|Permission to .* denied|Authentication failed|could not read Username"
)
NEW_RUN_HINT = (
    "start a new run, which makes only what is missing; if it stays so, the errors of the jobs before say why"
)


@dataclass(frozen=True)
class PublishResult:
    """Result of one attempt. `commit` is None if nothing had changed."""

    commit: str | None
    published: tuple[Report, ...] = ()
    refused: tuple[DigestError, ...] = ()  # why other reports could not be published


def commit_subject(reports: Sequence[Report]) -> str:
    """Return the commit's subject. Only numbers and names of profiles: an @name in a commit notifies its owner."""
    picks, judged = sum(report.picks for report in reports), sum(report.judged for report in reports)
    if len(reports) == 1:
        return f"digest({reports[0].profile}): {reports[0].date}, {picks} of {judged}"
    return f"digest: {reports[0].date}, {picks} of {judged} in {len(reports)} profiles"


class Publisher:
    """Publishes the reports of one run on one branch of one repository.

    `force` also overwrites reports that were pushed since the run began. `backoff` is the wait before the second
    attempt in seconds; it doubles with each further attempt.
    """

    def __init__(self, repository: Path, branch: str, *, force: bool, backoff: float) -> None:
        self.repository = Git(repository)
        self.branch = branch
        self.force = force
        self.backoff = backoff
        self.start = self.repository("rev-parse", "HEAD")

    def publish(self, reports: Sequence[Report]) -> PublishResult:
        """Commit and push the reports, in at most 6 attempts. Raises DigestError if none succeeds."""
        error = ""
        with tempfile.TemporaryDirectory(prefix="publish-") as folder:
            tree = Path(folder, "tree")
            self.repository("worktree", "add", "--quiet", "--detach", str(tree), self.start)
            try:
                for attempt in range(MAX_ATTEMPTS):
                    time.sleep(self.backoff * 2**attempt if attempt else 0)
                    error = self._fetch()
                    if not error:
                        result = self._commit(Git(tree), reports)
                        error = self._push(result.commit) if result.commit else ""
                    if not error:
                        return result
            finally:
                self.repository.run("worktree", "remove", "--force", str(tree))
        message = f"the push was refused {MAX_ATTEMPTS} times, the last time with: {error}"
        raise DigestError(message, hint=RERUN_HINT)

    def _fetch(self) -> str:
        """Fetch the branch's tip. Returns git's error, or an empty string."""
        shallow = self.repository("rev-parse", "--is-shallow-repository") == "true"
        depth = ["--depth=1"] if shallow else []  # would make a complete clone shallow
        fetched = self.repository.run("fetch", "--quiet", *depth, "origin", f"refs/heads/{self.branch}")
        return log_line(fetched.stderr) if fetched.returncode else ""

    def _commit(self, tree: Git, reports: Sequence[Report]) -> PublishResult:
        """Commit these reports and the rebuilt indexes on the tip; a profile that fails is omitted from the commit."""
        tip = self.repository("rev-parse", "FETCH_HEAD")
        tree("reset", "--quiet", "--hard", tip)
        # Untracked files that the previous attempt wrote for an omitted profile.
        tree("clean", "--quiet", "-ffdx")
        published: list[Report] = []
        refused: list[DigestError] = []
        for report in reports:
            try:
                if not self.force:
                    conflicts.check_unchanged(self.repository, self.start, tip, report)
                    conflicts.check_not_judged(self.repository, self.start, tip, report)
                _write_and_rebuild(tree.folder / "reports", report)
            except DigestError as error:
                refused.append(error)  # its files are not added, so they are not committed
                continue
            tree("add", "--all", "--", f"reports/{report.profile}")
            published.append(report)
        changes = tree("diff", "--cached", "--name-status", "--no-renames").splitlines()
        if not changes:
            return PublishResult(None, tuple(published), tuple(refused))
        check_changes([line.split("\t") for line in changes], published)
        tree("commit", "--quiet", "--no-gpg-sign", "-m", commit_subject(published))
        return PublishResult(tree("rev-parse", "HEAD"), tuple(published), tuple(refused))

    def _push(self, commit: str) -> str:
        """Push without force. Returns git's error if a retry may succeed, else an empty string.

        Raises DigestError if a branch rule or missing permissions reject the push.
        """
        pushed = self.repository.run("push", "--quiet", "origin", f"{commit}:refs/heads/{self.branch}")
        if not pushed.returncode:
            return ""
        error = log_line(pushed.stderr)
        if BRANCH_RULE_ERROR.search(error):
            hint = (
                "a rule of this branch asks for reviews or checks; SECURITY.md says how to publish beside one"
            )
            raise DigestError(f"the branch {self.branch} is protected: {error}", hint=hint)
        if PERMISSION_ERROR.search(error):
            hint = "allow it under Settings > Actions > General > Workflow permissions, then re-run the failed job"
            raise DigestError(f"this workflow may not push: {error}", hint=hint)
        return error


def _write_and_rebuild(reports: Path, report: Report) -> None:
    """Write a report's dated files and rebuild its profile's indexes. Raises DigestError if either fails.

    No part of a path may be a symlink, which could lead out of the tree.
    """
    for name, data in report.files.items():
        path = reports / name
        if any(part.is_symlink() for part in (path, *path.parents[:4])):
            message = f"{report.profile}: a folder on the way to the report is a link"
            raise DigestError(message, hint="remove it from reports/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    try:
        build.rebuild(reports, report.profile)
    except build.REBUILD_ERRORS as error:
        message = f"the indexes of {report.profile} cannot be made: {log_line(str(error).encode())}"
        raise DigestError(message, hint="mend or delete the file that it names, then re-run") from None


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Publish and report the result. Returns the exit code: 0 only if every report was published."""
    options = _parse_arguments(arguments)
    backoff = float(environ.get("PUBLISH_BACKOFF_SECONDS", "2"))
    try:
        loaded, refused = _load(options, environ.get("GITHUB_SERVER_URL", "https://github.com"))
        for refusal in refused:
            _print_refusal(refusal)
        publisher = Publisher(options.repository, options.branch, force=options.force, backoff=backoff)
        result = publisher.publish(loaded.reports) if loaded.reports else PublishResult(None)
    except DigestError as error:
        _print_refusal(error)
        return error.exit_code
    if loaded.ignored:
        message = f"{loaded.ignored} other files were handed over and left alone"
        print(actions.annotation("warning", message, title="Odd files"))
    _print_summary(result, options.branch, environ)
    pending = sum(report.pending for report in result.published)
    if pending:
        message = f"{pending} papers could not be judged or analyzed; they come first on the next run"
        print(actions.annotation("warning", message, title="Published, with something pending"))
    for refusal in result.refused:
        _print_refusal(refusal)
    return 1 if refused or result.refused else 0


def _print_refusal(error: DigestError) -> None:
    """Print one log line that Actions shows as an annotation on the page of the run."""
    print(actions.annotation("error", f"{error}. What to do: {error.hint}", title="Not published"))


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="publish", description="Check the reports of one date and push them."
    )
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="where the reports are")
    parser.add_argument("--branch", required=True)
    parser.add_argument("--date", required=True)
    parser.add_argument("--profiles", required=True, help="names, with blanks or commas between them")
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--force", action="store_true", help="also over a report that appeared meanwhile")
    return parser.parse_args(arguments)


def _load(options: argparse.Namespace, server: str) -> tuple[LoadedReports, list[DigestError]]:
    """Load and validate the reports. Returns them, and why others were refused or are missing.

    Raises InputError for wrong options.
    """
    profiles = frozenset(options.profiles.replace(",", " ").split())
    if not is_date(options.date):
        raise InputError("--date is not a day, YYYY-MM-DD", hint="the plan job names it")
    if not profiles or not all(PROFILE_NAME.fullmatch(name) for name in profiles):
        raise InputError(
            "--profiles names none, or has a name that is not one", hint="the plan job names them"
        )
    profile_files = [options.repository / "prompts" / "profiles" / f"{name}.md" for name in sorted(profiles)]
    allowed = allowed_links(options.repository / "digest.toml", server, profile_files)
    loaded = validate.load(options.folder, options.date, profiles, allowed)
    refused = [*loaded.refused.values()]
    if missing := profiles - {report.profile for report in loaded.reports} - set(loaded.refused):
        message = f"{', '.join(sorted(missing))}: no report of {options.date} was handed over"
        refused.append(DigestError(message, hint=NEW_RUN_HINT))
    return loaded, refused


def _print_summary(result: PublishResult, branch: str, environ: Mapping[str, str]) -> None:
    """Print one line per published report and, in Actions, add it to the job summary."""
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    for report in result.published:
        state = f"{'published' if result.commit else 'unchanged'}, {report.picks} of {report.judged}"
        print(f"{report.profile} {report.date}: {state}")
        page = f"{server}/{repository}/blob/{branch}/reports/{next(iter(report.files))}"
        line = f"- [{report.profile}, {report.date}]({page}): {state}\n"
        actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), line)


if __name__ == "__main__":
    sys.exit(main())
