"""The only program here that writes to the repository: checks the reports that it is handed, and pushes them.

    python3 -m pipeline.publish --from FOLDER --branch main --date 2026-01-31 --profiles cv-restoration

Standard library only: the job that runs it can write to the repository, so it installs nothing. It never
merges and never rebases. Each try takes the branch's tip into a work tree of its own, lays the dated files
down on it, makes what spans days anew from what is then there, commits, and pushes without force: a push
that comes second is refused by the server and tried again on the new tip, so nobody's commit is lost.
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
from pipeline.publish.git import AGAIN, Git, readable
from pipeline.publish.validate import Handed, Report, allowed_links, only_ours, real_date

TRIES = 6
BRANCH_RULES = re.compile(r"GH006|GH013|protected branch|rule violations", re.IGNORECASE)
NO_RIGHTS = re.compile(
    r"error: 40[13]\b|Permission to .* denied|Authentication failed|could not read Username"
)
AFRESH = (
    "start a new run, which makes only what is missing; if it stays so, the errors of the jobs before say why"
)


@dataclass(frozen=True)
class Outcome:
    """What came of it: the commit, or none where nothing had changed; what gave way to others, or could not be laid down."""

    commit: str | None
    published: tuple[Report, ...] = ()
    gave_way: tuple[Report, ...] = ()
    refused: tuple[DigestError, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What was handed over, checked, and for whom nothing was."""

    handed: Handed
    missing: tuple[str, ...]


def subject(reports: Sequence[Report]) -> str:
    """The commit's subject: numbers and names of profiles only, since an @name in a commit notifies."""
    picks, judged = sum(report.picks for report in reports), sum(report.judged for report in reports)
    if len(reports) == 1:
        return f"digest({reports[0].profile}): {reports[0].date}, {picks} of {judged}"
    return f"digest: {reports[0].date}, {picks} of {judged} in {len(reports)} profiles"


class Publisher:
    """Publishes the reports of one run on one branch of one repository."""

    def __init__(self, repository: Path, branch: str, *, force: bool, backoff: float) -> None:
        self.repository = Git(repository)
        self.branch = branch
        self.force = force
        self.backoff = backoff
        self.start = self.repository("rev-parse", "HEAD")

    def publish(self, reports: Sequence[Report]) -> Outcome:
        """Push the reports, at most 6 tries. Raises DigestError when none of them got through."""
        said = ""
        with tempfile.TemporaryDirectory(prefix="publish-") as folder:
            tree = Path(folder, "tree")
            self.repository("worktree", "add", "--quiet", "--detach", str(tree), self.start)
            try:
                for attempt in range(TRIES):
                    time.sleep(self.backoff * 2**attempt if attempt else 0)
                    tip, said = self._tip()
                    if not tip:
                        continue
                    outcome = self._commit(Git(tree), tip, reports)
                    said = self._push(outcome.commit)
                    if not said:
                        return outcome
            finally:
                self.repository.run("worktree", "remove", "--force", str(tree))
        message = f"the push was refused {TRIES} times, the last time with: {said}"
        raise DigestError(message, hint=AGAIN)

    def _tip(self) -> tuple[str, str]:
        """The commit that the branch is at now, or an empty string and what git said."""
        shallow = self.repository("rev-parse", "--is-shallow-repository") == "true"
        depth = ["--depth=1"] if shallow else []  # in a whole clone it would cut the history off
        fetched = self.repository.run("fetch", "--quiet", *depth, "origin", f"refs/heads/{self.branch}")
        if fetched.returncode:
            return "", readable(fetched.stderr)
        return self.repository("rev-parse", "FETCH_HEAD"), ""

    def _commit(self, tree: Git, tip: str, reports: Sequence[Report]) -> Outcome:
        """A commit on the tip with these reports and the rebuilt indexes; a profile that cannot be made is left out."""
        tree("reset", "--quiet", "--hard", tip)
        tree("clean", "--quiet", "-ffdx")  # what the try before laid down for a profile that was left out
        laid_down: list[Report] = []
        gave_way: list[Report] = []
        refused: list[DigestError] = []
        for report in reports:
            if not self.force and conflicts.taken(self.repository, self.start, tip, report):
                gave_way.append(report)
                continue
            late = conflicts.judged(self.repository, self.start, tip, report)
            if late and not self.force:
                refused.append(late)
                continue
            try:
                _make(tree.folder / "reports", report)
            except DigestError as error:
                refused.append(error)  # nothing of it is added, so nothing of it is committed
                continue
            tree("add", "--all", "--", f"reports/{report.profile}")
            laid_down.append(report)
        ours, rest = tuple(laid_down), (tuple(gave_way), tuple(refused))
        changed = [
            line.split("\t") for line in tree("diff", "--cached", "--name-status", "--no-renames").split("\n")
        ]
        if changed == [[""]]:
            return Outcome(None, ours, *rest)
        only_ours(changed, ours)
        tree("commit", "--quiet", "--no-gpg-sign", "-m", subject(ours))
        return Outcome(tree("rev-parse", "HEAD"), ours, *rest)

    def _push(self, commit: str | None) -> str:
        """Push without force. Returns what git said when it is worth another try, else an empty string."""
        if commit is None:
            return ""
        pushed = self.repository.run("push", "--quiet", "origin", f"{commit}:refs/heads/{self.branch}")
        if not pushed.returncode:
            return ""
        said = readable(pushed.stderr)
        if BRANCH_RULES.search(said):
            hint = (
                "a rule of this branch asks for reviews or checks; SECURITY.md says how to publish beside one"
            )
            raise DigestError(f"the branch {self.branch} is protected: {said}", hint=hint)
        if NO_RIGHTS.search(said):
            hint = "allow it under Settings > Actions > General > Workflow permissions, then re-run the failed job"
            raise DigestError(f"this workflow may not push: {said}", hint=hint)
        return said


def _make(reports: Path, report: Report) -> None:
    """Lay a report down and make what spans its profile's days. Raises DigestError if either cannot be done."""
    _lay_down(reports, report)
    try:
        build.rebuild(reports, report.profile)
    except build.UNMADE as error:
        message = f"the indexes of {report.profile} cannot be made: {readable(str(error).encode())}"
        raise DigestError(message, hint="mend or delete the file that it names, then re-run") from None


def _lay_down(reports: Path, report: Report) -> None:
    """Write the dated files, following no link out of the work tree."""
    for name, data in report.files.items():
        path = reports / name
        inside = (reports, *(reports / place for place in Path(name).parents), path)
        if any(place.is_symlink() for place in inside):
            message = f"{report.profile}: a folder on the way to the report is a link"
            raise DigestError(message, hint="remove it from reports/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Publish, and say what happened; the exit code is 0 if every report is out, else the error's."""
    options = _options(arguments, environ)
    try:
        asked = _asked(options, environ)
        for refused in asked.handed.refused.values():
            _refuse(refused)
        publisher = Publisher(
            options.repository, options.branch, force=options.force, backoff=options.backoff
        )
        outcome = publisher.publish(asked.handed.reports) if asked.handed.reports else Outcome(None)
    except DigestError as error:
        _refuse(error)
        return error.exit_code
    _tell(outcome, options.branch, environ)
    return _complain(outcome, asked, options.date)


def _complain(outcome: Outcome, asked: Asked, date: str) -> int:
    """Annotate what a person should look at. Returns 1 if a report is not out."""
    if asked.handed.ignored:
        _say("warning", "Odd files", f"{asked.handed.ignored} other files were handed over and left alone")
    pending = sum(report.pending for report in outcome.published)
    if pending:
        message = f"{pending} papers could not be judged or analyzed; they come first on the next run"
        _say("warning", "Published, with something pending", message)
    for refused in outcome.refused:
        _refuse(refused)
    if asked.missing:
        _say(
            "error",
            "Not published",
            f"{', '.join(asked.missing)}: no report of {date} was handed over",
            AFRESH,
        )
    for report in outcome.gave_way:
        message = f"{report.profile}: someone else wrote the report of {date} since this run began"
        _say("error", "Not published", message, "theirs was kept; run again with `force` to replace it")
    not_out = asked.missing or asked.handed.refused or outcome.refused or outcome.gave_way
    return 1 if not_out else 0


def _refuse(error: DigestError) -> None:
    _say("error", "Not published", str(error), error.hint)


def _say(level: actions.Level, title: str, message: str, hint: str = "") -> None:
    """One line of log, which Actions shows on the page of the run."""
    message = f"{message}. What to do: {hint}" if hint else message
    print(actions.annotation(level, message, title=title))


def _options(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> argparse.Namespace:
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


def _asked(options: argparse.Namespace, environ: Mapping[str, str]) -> Asked:
    """Check everything that was handed over."""
    profiles = frozenset(options.profiles.replace(",", " ").split())
    if not real_date(options.date):
        raise InputError("--date is not a day, YYYY-MM-DD", hint="the plan job names it")
    if not profiles or not all(validate.PROFILE.fullmatch(name) for name in profiles):
        raise InputError(
            "--profiles names none, or has a name that is not one", hint="the plan job names them"
        )
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    own = [options.repository / "prompts" / "profiles" / f"{name}.md" for name in sorted(profiles)]
    allowed = allowed_links(options.repository / "digest.toml", server, own)
    handed = validate.load(options.folder, options.date, profiles, allowed)
    if not handed.reports and not handed.refused:
        raise DigestError(f"no report of {options.date} was handed over", hint=AFRESH)
    missing = profiles - {report.profile for report in handed.reports} - set(handed.refused)
    return Asked(handed, tuple(sorted(missing)))


def _tell(outcome: Outcome, branch: str, environ: Mapping[str, str]) -> None:
    """One line for each report on the log and, in Actions, in the job summary."""
    where = (
        f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}/blob/{branch}/reports"
    )
    lines = []
    for report in outcome.published:
        state = "published" if outcome.commit else "unchanged"
        name = next(iter(report.files))
        print(f"{report.profile} {report.date}: {state}, {report.picks} of {report.judged}")
        lines.append(
            f"- [{report.profile}, {report.date}]({where}/{name}): {state}, {report.picks} of {report.judged}"
        )
    actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), "".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
