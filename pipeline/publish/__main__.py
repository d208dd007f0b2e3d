"""Validates the reports in a folder, commits and pushes them. The only program here that writes to the repository.

    python -m pipeline.publish --from FOLDER --branch main --date 2026-01-31 --profiles cv-restoration

The workflow runs it in two steps, `validate --to VALID` and `push --from VALID`, so that the token, which only the
second one needs, is in no environment while the files of other jobs are parsed. Without a step, it does both. Votes are
validated by a step of their own, `validate-votes`, and pushed with the reports, or alone.
"""

import argparse
import datetime as dt
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.settings import SETTINGS, load_settings
from pipeline.core import actions
from pipeline.core.errors import DigestError, InputError
from pipeline.core.names import PROFILE_NAME
from pipeline.core.quantity import quantity
from pipeline.publish import handover, votes
from pipeline.publish.git import remote_environment
from pipeline.publish.handover import Report
from pipeline.publish.push import Publisher, PublishResult

STEPS = ("validate", "validate-votes", "push")
NEW_RUN_HINT = (
    "start a new run, which makes only what is missing; if it stays so, the errors of the jobs before say why"
)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Validate, publish, or both, and report the result. Returns the exit code: 0 only if no report is missing."""
    options = _parse_arguments(arguments)
    try:
        of_votes = options.step == "validate-votes" or options.votes is not None
        profiles = _profiles(options.profiles, any_at_all=not of_votes)
        run = _Run(_date(options.date), profiles, options.repository, environ)
        if options.step == "validate":
            return run.validate(options.folder, options.to)
        if options.step == "validate-votes":
            return run.validate_votes(options.folder, options.to)
        if options.step == "push":
            return run.push(options.folder, options.branch, force=options.force, voted=options.votes)
        with tempfile.TemporaryDirectory(prefix="publish-") as valid:
            code = run.validate(options.folder, Path(valid))
            run.profiles = sorted(path.name for path in Path(valid).iterdir())
            return (run.push(Path(valid), options.branch, force=options.force) if run.profiles else 0) or code
    except DigestError as error:
        _print_refusal(error)
        return error.exit_code


@dataclass
class _Run:
    """The reports of one date and of some profiles, and the checkout that they belong to."""

    date: dt.date
    profiles: Sequence[str]
    repository: Path
    environ: Mapping[str, str]

    def validate(self, folder: Path, to: Path) -> int:
        """Write the valid reports into the folder `to`, and their profiles to the step's output `valid`."""
        received = handover.receive(
            folder,
            self.repository,
            date=self.date,
            profiles=self.profiles,
            today=dt.datetime.now(dt.UTC).date(),
            runs=_runs_url(self.environ),
        )
        handover.hand_on(received.reports, to)
        self._output("valid", received.reports)
        for refusal in received.refused:
            _print_refusal(refusal)
        if received.missing:
            message = f"{', '.join(received.missing)}: no report of {self.date} was handed over"
            _print_refusal(DigestError(message, hint=NEW_RUN_HINT))
        if received.ignored:
            files = quantity(received.ignored, "other file was", "other files were")
            message = f"{files} handed over and left alone"
            print(actions.annotation("warning", message, title="Odd files"))
        return 1 if received.refused or received.missing else 0

    def validate_votes(self, folder: Path, to: Path) -> int:
        """Write valid votes into the folder `to`, and set the step's output `valid`."""
        today = dt.datetime.now(dt.UTC).date()
        votes.hand_on(votes.receive(folder, self.repository, today=today), to)
        actions.add_output(self.environ.get("GITHUB_OUTPUT", ""), "valid", "true")
        return 0

    def push(self, folder: Path, branch: str, *, force: bool, voted: Path | None = None) -> int:
        """Commit and push the valid reports in a folder, and the valid votes in the folder `voted`."""
        publisher = Publisher(
            self.repository,
            branch,
            force=force,
            backoff=float(self.environ.get("PUBLISH_BACKOFF_SECONDS", "2")),
            remote=remote_environment(self.environ),
            read=votes.take(voted) if voted else None,
        )
        result = publisher.publish(handover.take(folder, date=self.date, profiles=self.profiles))
        _print_summary(result, branch, self.environ)
        self._output("added", result.added)
        actions.add_output(self.environ.get("GITHUB_OUTPUT", ""), "pushed", result.commit or "")
        if load_settings(self.repository / SETTINGS, self.environ).delivery.issue:
            self._output("comments", result.published)
        pending = sum(len(report.digest.pending) for report in result.published)
        if pending:
            papers = quantity(
                pending,
                "paper could not be judged or analyzed; it comes",
                "papers could not be judged or analyzed; they come",
            )
            message = f"{papers} first on the next run"
            print(actions.annotation("warning", message, title="Published, with something pending"))
        for refusal in result.votes_refused:
            message = f"{refusal}. What to do: {refusal.hint}"
            print(actions.annotation("warning", message, title="Votes not committed"))
        for refusal in result.refused:
            _print_refusal(refusal)
        return 1 if result.refused else 0

    def _output(self, name: str, reports: Iterable[Report]) -> None:
        """Name the profiles of these reports in an output of the step."""
        profiles = ",".join(report.profile for report in reports)
        actions.add_output(self.environ.get("GITHUB_OUTPUT", ""), name, profiles)


def _runs_url(environ: Mapping[str, str]) -> str:
    """Return the base URL of this repository's runs; empty outside of Actions."""
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    return f"{server}/{repository}/actions/runs/" if server and repository else ""


def _print_refusal(error: DigestError) -> None:
    """Print one log line that Actions shows as an annotation on the page of the run."""
    print(actions.annotation("error", f"{error}. What to do: {error.hint}", title="Not published"))


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="publish", description="Check the reports of one date and push them."
    )
    parser.add_argument("step", nargs="?", choices=STEPS, help="one step alone")
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="where the reports are")
    parser.add_argument("--to", type=Path, help="validate: where the valid reports go")
    parser.add_argument("--votes", type=Path, help="push: where the valid votes are")
    parser.add_argument("--branch", default="", help="push: the branch")
    parser.add_argument("--date", required=True)
    parser.add_argument("--profiles", required=True, help="names, with blanks or commas between them")
    parser.add_argument("--repository", type=Path, default=Path())
    parser.add_argument("--force", action="store_true", help="also over a report that appeared meanwhile")
    options = parser.parse_args(arguments)
    pushes = options.step in {None, "push"}
    if not pushes and options.to is None:
        parser.error(f"{options.step} needs --to")
    if pushes and not options.branch:
        parser.error("a push needs --branch")
    return options


def _date(text: str) -> dt.date:
    """Parse --date. Raises InputError if it is not an existing date, written YYYY-MM-DD in ASCII digits."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        date = None
    if date is None or date.isoformat() != text:
        raise InputError("--date is not a day, YYYY-MM-DD", hint="the job that plans names it")
    return date


def _profiles(text: str, *, any_at_all: bool) -> list[str]:
    """Parse --profiles. Raises InputError if a name is not one of a profile, or with `any_at_all` if there is none."""
    profiles = sorted(set(text.replace(",", " ").split()))
    if (any_at_all and not profiles) or not all(PROFILE_NAME.fullmatch(name) for name in profiles):
        hint = "the job that plans names them"
        raise InputError("--profiles names none, or has a name that is not one", hint=hint)
    return profiles


def _print_summary(result: PublishResult, branch: str, environ: Mapping[str, str]) -> None:
    """Print one line per published report and per profile with new votes, and, in Actions, add it to the job summary."""
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    for report in result.published:
        state = f"{'published' if result.commit else 'unchanged'}, {report.picks} of {report.judged}"
        print(f"{report.profile} {report.date}: {state}")
        page = f"{server}/{repository}/blob/{branch}/reports/{report.stem}.md"
        line = f"- [{report.profile}, {report.date}]({page}): {state}\n"
        actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), line)
    for profile, count in result.votes.items():
        line = f"{profile}: {quantity(count, 'vote')} committed\n"
        print(line, end="")
        actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), f"- {line}")


if __name__ == "__main__":
    sys.exit(main())
