"""One job: a profile's run of one date, its artifacts, and whether its report is complete already."""

import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pipeline.archive import build
from pipeline.config.profile import Profile
from pipeline.config.settings import Settings
from pipeline.core import ledger, vote_issues, votes
from pipeline.core.artifacts import Artifact, Digest
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import DigestError
from pipeline.core.models import Engine, Pending, SourceStatus
from pipeline.core.stage_names import Start
from pipeline.core.store import artifact_path, dumps, locked, read_artifact, report_path
from pipeline.core.votes import Vote
from pipeline.llm.prompts import Prompt, load_prompt

A = TypeVar("A", bound=Artifact)


@dataclass(frozen=True)
class Job:
    """Everything a run needs that does not come from a source or a model.

    `wanted` are the canonical ids of `--papers`; `generated_at` is the aware UTC time that is stamped into the report.
    `vote_links`: the page carries links to vote.
    """

    settings: Settings
    profile: Profile
    prompts: Path
    reports: Path
    work: Path
    date: dt.date
    engine: Engine
    generated_at: dt.datetime
    run_url: str | None
    force: bool = False
    wanted: tuple[str, ...] = ()
    vote_links: bool = False

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.profile.name

    def load(self, kind: type[A]) -> A:
        """Read an artifact of this run. Raises DigestError if its stage has not been run or the file is damaged."""
        return read_artifact(self._path(kind), kind)

    def save(self, artifact: A) -> A:
        """Write an artifact atomically and return it. Raises DigestError if it cannot be written."""
        path = self._path(type(artifact))
        try:
            write_atomic(path, dumps(artifact))
        except OSError as error:
            hint = "free some space, or point --work to a folder that can be written"
            raise DigestError(f"cannot be written: {error.strerror}", path=str(path), hint=hint) from None
        return artifact

    def has(self, kind: type[Artifact]) -> bool:
        """Whether the stage that makes this artifact has been run."""
        return self._path(kind).exists()

    def _path(self, kind: type[Artifact]) -> Path:
        return artifact_path(self.work, self.name, self.date, kind)

    def prompt(self, kind: Literal["score", "analyze", "repair", "verify", "brief", "final"]) -> Prompt:
        """Return the profile's own prompt of a kind, or the shared one. Raises InputError if a file is wrong."""
        return self._loaded_prompts[kind]

    @property
    def versions(self) -> dict[str, str]:
        """The version of every file that the questions to a model are made of. Raises InputError if a file is wrong."""
        files = {prompt.path: prompt.version for prompt in self._loaded_prompts.values()}
        names = {f"prompts/{Path(path).name}": version for path, version in files.items()}
        return names | {f"prompts/profiles/{self.name}.md": self.profile.version}

    @cached_property
    def _loaded_prompts(self) -> Mapping[str, Prompt]:
        own = {"score": self.profile.settings.score_prompt, "analyze": self.profile.settings.analyze_prompt}
        kinds = ("score", "analyze", "repair", "verify", "brief", "final")
        return {kind: load_prompt(self.prompts, own.get(kind, kind), kind) for kind in kinds}

    def lock(self) -> AbstractContextManager[None]:
        """Lock the profile's work folder against other processes. Raises DigestError on entering if it is locked."""
        return locked(self.work / self.name)

    def lock_reports(self) -> AbstractContextManager[None]:
        """Lock the profile's reports while they are written; waits for a run with another work folder.

        Where work folder and reports are the same, the run holds that lock already.
        """
        if self.reports.resolve() == self.work.resolve():
            return nullcontext()
        return locked(self.reports / self.name, option="--reports", wait=True)

    def try_prompts(self) -> None:
        """Load every prompt, so that a wrong one ends the run before scoring is paid for. Raises InputError."""
        self.prompt("score")


@dataclass(frozen=True)
class Done:
    """How a run ended. `path` is the report's JSON file; `digest` and `path` are None if nothing was new."""

    job: Job
    state: Literal["published", "unchanged", "nothing_new"]
    digest: Digest | None
    path: Path | None
    sources: tuple[SourceStatus, ...] = ()

    @property
    def incomplete(self) -> tuple[Pending, ...]:
        """The papers that are still pending after this run."""
        return self.digest.pending if self.digest and self.state == "published" else ()

    @property
    def failed_sources(self) -> tuple[str, ...]:
        """Names of the sources that this run could not read, with or without a page."""
        if self.state == "unchanged":
            return ()
        return tuple(s.name for s in self._read_sources if s.status == "failed")

    @property
    def gaps(self) -> tuple[str, ...]:
        """What this run has found to be missed for good, with the source's name."""
        if self.state == "unchanged":
            return ()
        return tuple(f"{s.name}: {gap}" for s in self._read_sources for gap in s.gaps)

    @property
    def _read_sources(self) -> tuple[SourceStatus, ...]:
        return self.digest.sources if self.digest else self.sources


def finished(job: Job, *, start: Start = "fetch") -> Done | None:
    """`unchanged` if the report is complete and no option asks for more, so that nothing is left to do; else None.

    None too if a report is damaged: the run then fails, without ending those of other profiles.
    """
    try:
        report = committed(job, start)
        if report is None or start != "fetch" or job.wanted or pending_in(job, report):
            return None
    except DigestError:
        return None
    return Done(job, "unchanged", report, report_path(job.reports, job.name, job.date))


def index(job: Job) -> None:
    """Rebuild the files of the profile that span days; nothing is written where they are complete.

    The caller holds the lock of the reports. Raises DigestError if a report cannot be read or an index cannot be written.
    """
    try:
        build.rebuild(job.reports, job.name, job.date)
    except build.REBUILD_ERRORS as error:
        do = "free some space" if isinstance(error, OSError) else "restore those files from git"
        hint = f"{do}, then `digest run --from render --date {job.date}`"
        message = f"the reports are there, but the indexes cannot be made: {error}"
        raise DigestError(message, path=str(job.reports / job.name), hint=hint) from None


def committed(job: Job, start: Start) -> Digest | None:
    """The committed report of the date; None if there is none, or if `--force` replaces it from the start."""
    replaced = job.force and start == "fetch"
    return None if replaced else ledger.read_report(job.reports, job.name, job.date)


def pending_in(job: Job, report: Digest) -> tuple[Pending, ...]:
    """Papers that a report left pending and no later report has settled."""
    return ledger.load(job.reports, job.name).pending_from(report.date) if report.pending else ()


def standing_votes(job: Job) -> tuple[Vote, ...]:
    """The votes that count for a profile: the committed ones, and those that this run has read; none if votes are off.

    Raises DigestError if a file of votes is damaged.
    """
    if not job.settings.feedback.votes:
        return ()
    committed = votes.load(job.reports / job.name / votes.FILE)
    read = vote_issues.load(job.work / vote_issues.FILE)
    return votes.standing(votes.merged(committed, read.votes.get(job.name, ()) if read else ()))
