"""Commits validated reports on the branch's tip and pushes them.

It never merges and never rebases. Each attempt checks the branch's tip out into a separate work tree, writes the
reports' JSON and the pages made from it, rebuilds the indexes from the reports there, commits, and pushes without
force. If another push came first, the server rejects this one, and it is retried on the new tip; so no other commit is
lost.
"""

import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import jinja2

from pipeline.archive import build
from pipeline.core.atomic import write_files
from pipeline.core.errors import DigestError
from pipeline.core.quantity import quantity
from pipeline.core.vote_issues import ReadVotes
from pipeline.publish import conflicts, votes
from pipeline.publish.git import RERUN_HINT, Git, log_line
from pipeline.publish.handover import Report
from pipeline.report.page import page

MAX_ATTEMPTS = 6
MAX_PAGE_BYTES = 500_000  # GitHub renders at most 512,000 bytes of a page
# In git's output for a push that the server rejects.
BRANCH_RULE_ERROR = re.compile(r"GH006|GH013|protected branch|rule violations", re.IGNORECASE)
PERMISSION_ERROR = re.compile(
    r"error: 40[13]\b|Permission to .* denied|Authentication failed|could not read Username"
)


@dataclass(frozen=True)
class PublishResult:
    """Result of one attempt. `commit` is None if nothing had changed. `added` are the reports of which there was none.

    `votes` are how many a profile got, `votes_refused` why others were not written.
    """

    commit: str | None
    published: tuple[Report, ...] = ()
    refused: tuple[DigestError, ...] = ()  # why other reports could not be published
    added: tuple[Report, ...] = ()
    votes: Mapping[str, int] = field(default_factory=dict)
    votes_refused: tuple[DigestError, ...] = ()


def commit_subject(reports: Sequence[Report]) -> str:
    """Return the commit's subject. Only numbers and names of profiles: an @name in a commit notifies its owner."""
    picks, judged = sum(report.picks for report in reports), sum(report.judged for report in reports)
    if len(reports) == 1:
        return f"digest({reports[0].profile}): {reports[0].date}, {picks} of {judged}"
    return f"digest: {reports[0].date}, {picks} of {judged} in {len(reports)} profiles"


class Publisher:
    """Publishes the reports and votes of one run on one branch of one repository.

    `force` also overwrites reports that were pushed since the run began. `backoff` is the wait before the second
    attempt in seconds; it doubles with each further attempt. `remote` is the environment that git needs to reach the
    remote. `read` are votes to publish too.
    """

    def __init__(
        self,
        repository: Path,
        branch: str,
        *,
        force: bool,
        backoff: float,
        remote: Mapping[str, str],
        read: ReadVotes | None = None,
    ) -> None:
        self.repository = Git(repository)
        self.remote = Git(repository, remote)
        self.branch = branch
        self.force = force
        self.backoff = backoff
        self.read = read
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
        fetched = self.remote.run("fetch", "--quiet", *depth, "origin", f"refs/heads/{self.branch}")
        return log_line(fetched.stderr) if fetched.returncode else ""

    def _commit(self, tree: Git, reports: Sequence[Report]) -> PublishResult:
        """Commit these reports and the rebuilt indexes on the tip; a profile that fails is omitted from the commit."""
        tip = self.repository("rev-parse", "FETCH_HEAD")
        tree("reset", "--quiet", "--hard", tip)
        # Untracked files that the previous attempt wrote for an omitted profile.
        tree("clean", "--quiet", "-ffdx")
        _commit_month_indexes(tree, [report.profile for report in reports])
        published: list[Report] = []
        added: list[Report] = []
        refused: list[DigestError] = []
        written: set[Path] = set()
        for report in reports:
            try:
                if not self.force:
                    conflicts.check_unchanged(self.repository, self.start, tip, report)
                    conflicts.check_not_judged(self.repository, self.start, tip, report)
                new = not (tree.folder / "reports" / f"{report.stem}.json").exists()
                files = _write_and_rebuild(tree.folder / "reports", report)
            except DigestError as error:
                refused.append(error)  # its files are not added, so they are not committed
                continue
            # --force: whatever .gitignore says. A page without its data would have all of its papers judged again.
            tree("add", "--all", "--force", "--", f"reports/{report.profile}")
            published.append(report)
            added += [report] if new else []
            written |= files
        voted = votes.write(tree, self.read)
        check_index(tree, {*written, *voted.files})
        told = (tuple(published), tuple(refused))
        changed = {tree.folder / name for name in tree("diff", "--cached", "--name-only").splitlines()}
        if changed:
            subject = voted.subject if changed <= voted.files else commit_subject(published)
            tree("commit", "--quiet", "--no-gpg-sign", "-m", subject)
        elif tree("rev-parse", "HEAD") == tip:
            return PublishResult(None, *told, votes_refused=voted.refused)
        return PublishResult(tree("rev-parse", "HEAD"), *told, tuple(added), voted.counts, voted.refused)

    def _push(self, commit: str) -> str:
        """Push without force. Returns git's error if a retry may succeed, else an empty string.

        Raises DigestError if a branch rule or missing permissions reject the push.
        """
        pushed = self.remote.run("push", "--quiet", "origin", f"{commit}:refs/heads/{self.branch}")
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


def check_index(tree: Git, written: set[Path]) -> None:
    """Check that the index changes the written files alone, and has each of them as it was written.

    `written` are the files in the work tree that were written or removed. Raises DigestError if the commit would touch
    any other file, or lack one.
    """
    changed = {
        tree.folder / name for name in tree("diff", "--cached", "--name-only", "--no-renames").splitlines()
    }
    if changed - written:
        hint = "nothing was published; this is a fault of the program: please report it"
        raise DigestError(
            f"the commit would touch {len(changed - written)} files that are not its own", hint=hint
        )
    for path in written:
        name = path.relative_to(tree.folder).as_posix()
        staged = tree("ls-files", "--stage", "--", name).split()
        expected = tree("hash-object", "--no-filters", "--", name) if path.exists() else ""
        if (staged[1] if staged else "") != expected:
            hint = "nothing was published; remove what .gitattributes says about reports/, then re-run"
            raise DigestError("is not in the commit as it was written", path=name, hint=hint)


def _write_and_rebuild(reports: Path, report: Report) -> set[Path]:
    """Write a report's JSON and page, rebuild its profile's indexes, and return what was written or removed.

    Raises DigestError if either fails. No part of a path may be a symlink, which could lead out of the tree.
    """
    data_file = reports / f"{report.stem}.json"
    if any(part.is_symlink() for part in (data_file, data_file.with_suffix(".md"), *data_file.parents[:4])):
        message = f"{report.profile}: a folder on the way to the report is a link"
        raise DigestError(message, hint="remove it from reports/")
    try:
        files = {data_file.with_suffix(".md"): _page(report), data_file: report.data}
        write_files(files)
        return {*files, *build.rebuild(reports, report.profile, report.date)}
    except DigestError as error:  # its path is one of the work tree
        path = error.path.removeprefix(f"{reports.parent}/")
        message = f"the indexes of {report.profile} cannot be made: {error.message}"
        raise DigestError(message, path=path, hint=error.hint.replace(error.path, path)) from None
    except build.REBUILD_ERRORS as error:
        message = f"the indexes of {report.profile} cannot be made: {log_line(str(error).encode())}"
        raise DigestError(message, hint="mend or delete the file that it names, then re-run") from None


def _commit_month_indexes(tree: Git, profiles: Sequence[str]) -> None:
    """Commit the month indexes of profiles that have none, as version 0.2 left them, apart from the new reports.

    A profile whose reports cannot be read is left for the commit of its report, which says why.
    """
    reports = tree.folder / "reports"
    for profile in profiles:
        months = build.months_without_index(reports, profile)
        if not months:
            continue
        try:
            written = set(build.rebuild(reports, profile))
        except (DigestError, *build.REBUILD_ERRORS):
            continue
        tree("add", "--all", "--force", "--", f"reports/{profile}")
        check_index(tree, written)
        subject = f"archive({profile}): month indexes, {quantity(len(months), 'month')}"
        body = "Made from the committed reports, none of which is changed. They replace seen.tsv."
        tree("commit", "--quiet", "--no-gpg-sign", "-m", subject, "-m", body)


def _page(report: Report) -> bytes:
    """Render the page of a report. Raises DigestError if it would be too large to be shown, or cannot be rendered."""
    hint = "nothing of this profile was published; please report it with the report's artifact"
    try:
        text = page(report.digest).encode()
    except (jinja2.TemplateError, *build.REBUILD_ERRORS) as error:
        message = f"{report.profile}: its page cannot be rendered ({type(error).__name__})"
        raise DigestError(message, hint=hint) from None
    if len(text) > MAX_PAGE_BYTES:
        message = f"{report.profile}: its page has {len(text)} bytes, the most is {MAX_PAGE_BYTES}"
        raise DigestError(message, hint=hint)
    return text
