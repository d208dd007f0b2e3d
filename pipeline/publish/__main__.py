"""Validates the reports in a folder, commits and pushes them. The only program here that writes to the repository.

    python3 -m pipeline.publish --from FOLDER --branch main --date 2026-01-31 --profiles cv-restoration

Standard library only: the job that runs it can write to the repository, so it installs nothing. It never
merges and never rebases. Each attempt checks the branch's tip out into a separate work tree, writes the dated files,
rebuilds the indexes from the reports there, commits, and pushes without force. If another push came first, the server
rejects this one, and it is retried on the new tip; so no other commit is lost.
"""

from __future__ import annotations

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
    conflicting: tuple[Report, ...] = ()  # not published: the branch got another report of that date since
    refused: tuple[DigestError, ...] = ()  # why other reports could not be published


@dataclass(frozen=True)
class Request:
    """Validated reports, and the profiles that sent none."""

    loaded: LoadedReports
    missing: tuple[str, ...]


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
                    tip, error = self._fetch_tip()
                    if not tip:
                        continue
                    result = self._commit(Git(tree), tip, reports)
                    error = self._push(result.commit)
                    if not error:
                        return result
            finally:
                self.repository.run("worktree", "remove", "--force", str(tree))
        message = f"the push was refused {MAX_ATTEMPTS} times, the last time with: {error}"
        raise DigestError(message, hint=RERUN_HINT)

    def _fetch_tip(self) -> tuple[str, str]:
        """Fetch the branch. Returns its commit and an empty string, or an empty string and git's error."""
        shallow = self.repository("rev-parse", "--is-shallow-repository") == "true"
        depth = ["--depth=1"] if shallow else []  # would make a complete clone shallow
        fetched = self.repository.run("fetch", "--quiet", *depth, "origin", f"refs/heads/{self.branch}")
        if fetched.returncode:
            return "", log_line(fetched.stderr)
        return self.repository("rev-parse", "FETCH_HEAD"), ""

    def _commit(self, tree: Git, tip: str, reports: Sequence[Report]) -> PublishResult:
        """Commit these reports and the rebuilt indexes on the tip; a profile that fails is omitted from the commit."""
        tree("reset", "--quiet", "--hard", tip)
        tree(
            "clean", "--quiet", "-ffdx"
        )  # untracked files that the previous attempt wrote for an omitted profile
        written: list[Report] = []
        conflicting: list[Report] = []
        refused: list[DigestError] = []
        for report in reports:
            if not self.force and conflicts.report_changed(self.repository, self.start, tip, report):
                conflicting.append(report)
                continue
            late = conflicts.late_report_error(self.repository, self.start, tip, report)
            if late and not self.force:
                refused.append(late)
                continue
            try:
                _write_and_rebuild(tree.folder / "reports", report)
            except DigestError as error:
                refused.append(error)  # its files are not added, so they are not committed
                continue
            tree("add", "--all", "--", f"reports/{report.profile}")
            written.append(report)
        published, unpublished = tuple(written), (tuple(conflicting), tuple(refused))
        changed = [
            line.split("\t") for line in tree("diff", "--cached", "--name-status", "--no-renames").split("\n")
        ]
        if changed == [[""]]:
            return PublishResult(None, published, *unpublished)
        check_changes(changed, published)
        tree("commit", "--quiet", "--no-gpg-sign", "-m", commit_subject(published))
        return PublishResult(tree("rev-parse", "HEAD"), published, *unpublished)

    def _push(self, commit: str | None) -> str:
        """Push without force. Returns git's error if a retry may succeed, else an empty string.

        Raises DigestError if a branch rule or missing permissions reject the push.
        """
        if commit is None:
            return ""
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
    """Write a report and rebuild its profile's indexes. Raises DigestError if either fails."""
    _write_report(reports, report)
    try:
        build.rebuild(reports, report.profile)
    except build.REBUILD_ERRORS as error:
        message = f"the indexes of {report.profile} cannot be made: {log_line(str(error).encode())}"
        raise DigestError(message, hint="mend or delete the file that it names, then re-run") from None


def _write_report(reports: Path, report: Report) -> None:
    """Write the dated files. Raises DigestError if a part of a path is a symlink, which could lead out of the tree."""
    for name, data in report.files.items():
        path = reports / name
        parts = (reports, *(reports / parent for parent in Path(name).parents), path)
        if any(part.is_symlink() for part in parts):
            message = f"{report.profile}: a folder on the way to the report is a link"
            raise DigestError(message, hint="remove it from reports/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Publish and report the result. Returns the exit code: 0 only if every report was published."""
    options = _parse_arguments(arguments, environ)
    try:
        request = _load_request(options, environ)
        for refused in request.loaded.refused.values():
            _annotate_refusal(refused)
        publisher = Publisher(
            options.repository, options.branch, force=options.force, backoff=options.backoff
        )
        result = publisher.publish(request.loaded.reports) if request.loaded.reports else PublishResult(None)
    except DigestError as error:
        _annotate_refusal(error)
        return error.exit_code
    _print_summary(result, options.branch, environ)
    return _annotate_problems(result, request, options.date)


def _annotate_problems(result: PublishResult, request: Request, date: str) -> int:
    """Print annotations for problems that a person should look at. Returns 1 if a report was not published."""
    if request.loaded.ignored:
        _annotate(
            "warning", "Odd files", f"{request.loaded.ignored} other files were handed over and left alone"
        )
    pending = sum(report.pending for report in result.published)
    if pending:
        message = f"{pending} papers could not be judged or analyzed; they come first on the next run"
        _annotate("warning", "Published, with something pending", message)
    for refused in result.refused:
        _annotate_refusal(refused)
    if request.missing:
        _annotate(
            "error",
            "Not published",
            f"{', '.join(request.missing)}: no report of {date} was handed over",
            NEW_RUN_HINT,
        )
    for report in result.conflicting:
        message = f"{report.profile}: someone else wrote the report of {date} since this run began"
        _annotate("error", "Not published", message, "theirs was kept; run again with `force` to replace it")
    unpublished = request.missing or request.loaded.refused or result.refused or result.conflicting
    return 1 if unpublished else 0


def _annotate_refusal(error: DigestError) -> None:
    _annotate("error", "Not published", str(error), error.hint)


def _annotate(level: actions.Level, title: str, message: str, hint: str = "") -> None:
    """Print one log line that Actions shows as an annotation on the page of the run."""
    message = f"{message}. What to do: {hint}" if hint else message
    print(actions.annotation(level, message, title=title))


def _parse_arguments(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="publish", description="Check the reports of one date and push them."
    )
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="where the reports are")
    parser.add_argument("--branch", required=True)
    parser.add_argument("--date", required=True)
    parser.add_argument("--profiles", required=True, help="names, with blanks or commas between them")
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--force", action="store_true", help="also over a report that appeared meanwhile")
    backoff = environ.get("PUBLISH_BACKOFF_SECONDS", "2")
    parser.add_argument("--backoff", type=float, default=backoff, help="seconds; doubles with each try")
    return parser.parse_args(arguments)


def _load_request(options: argparse.Namespace, environ: Mapping[str, str]) -> Request:
    """Load and validate the reports. Raises DigestError if there is none, and InputError for wrong options."""
    profiles = frozenset(options.profiles.replace(",", " ").split())
    if not is_date(options.date):
        raise InputError("--date is not a day, YYYY-MM-DD", hint="the plan job names it")
    if not profiles or not all(validate.PROFILE.fullmatch(name) for name in profiles):
        raise InputError(
            "--profiles names none, or has a name that is not one", hint="the plan job names them"
        )
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    profile_files = [options.repository / "prompts" / "profiles" / f"{name}.md" for name in sorted(profiles)]
    allowed = allowed_links(options.repository / "digest.toml", server, profile_files)
    loaded = validate.load(options.folder, options.date, profiles, allowed)
    if not loaded.reports and not loaded.refused:
        raise DigestError(f"no report of {options.date} was handed over", hint=NEW_RUN_HINT)
    missing = profiles - {report.profile for report in loaded.reports} - set(loaded.refused)
    return Request(loaded, tuple(sorted(missing)))


def _print_summary(result: PublishResult, branch: str, environ: Mapping[str, str]) -> None:
    """Print one line per published report and, in Actions, add it to the job summary."""
    base_url = (
        f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}/blob/{branch}/reports"
    )
    lines = []
    for report in result.published:
        state = "published" if result.commit else "unchanged"
        name = next(iter(report.files))
        print(f"{report.profile} {report.date}: {state}, {report.picks} of {report.judged}")
        lines.append(
            f"- [{report.profile}, {report.date}]({base_url}/{name}): {state}, {report.picks} of {report.judged}"
        )
    actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), "".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
