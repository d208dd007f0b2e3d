"""A job, one profile's run of one date: its files, whether it is finished already, and how its end is told.

No stage is imported here, so that a date that is complete is told of without loading what would make it.
"""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pipeline.archive import build
from pipeline.config.profile import Profile
from pipeline.config.settings import Settings
from pipeline.core import ledger
from pipeline.core.artifacts import Artifact, Digest
from pipeline.core.errors import DigestError
from pipeline.core.models import Engine, Pending, SourceStatus
from pipeline.core.stage_names import Start
from pipeline.core.store import artifact_path, dumps, locked, read, report_path, write_whole
from pipeline.llm.prompts import Prompt, load_prompt

A = TypeVar("A", bound=Artifact)


@dataclass(frozen=True)
class Job:
    """Everything a run needs to know that does not come from a source or a model."""

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

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.profile.name

    def load(self, kind: type[A]) -> A:
        """An artifact of this run. Raises DigestError if its stage has not been run."""
        return read(self._path(kind), kind)

    def save(self, artifact: A) -> A:
        """Keep an artifact, whole."""
        path = self._path(type(artifact))
        try:
            write_whole(path, dumps(artifact))
        except OSError as error:
            hint = "free some space, or point --work to a folder that can be written"
            raise DigestError(f"cannot be written: {error.strerror}", path=str(path), hint=hint) from None
        return artifact

    def has(self, kind: type[Artifact]) -> bool:
        """Whether the stage that makes this artifact has been run."""
        return self._path(kind).exists()

    def _path(self, kind: type[Artifact]) -> Path:
        return artifact_path(self.work, self.name, self.date, kind)

    def prompt(self, kind: Literal["score", "analyze", "repair"]) -> Prompt:
        """The profile's own prompt of a kind, or the common one."""
        own = {"score": self.profile.settings.score_prompt, "analyze": self.profile.settings.analyze_prompt}
        return load_prompt(self.prompts, own.get(kind, kind), kind)

    def lock(self) -> AbstractContextManager[None]:
        """Nobody else makes this profile's digests from this work folder meanwhile. Raises DigestError on entering."""
        return locked(self.work / self.name)

    def try_prompts(self) -> None:
        """Raises InputError if one of them is wrong: now, and not when the scores have been paid for."""
        for kind in ("score", "analyze", "repair"):
            self.prompt(kind)


@dataclass(frozen=True)
class Done:
    """How a run ended. `path` is the report, if there is one; `digest` is None if nothing was new."""

    job: Job
    state: Literal["published", "unchanged", "nothing_new"]
    digest: Digest | None
    path: Path | None
    sources: tuple[SourceStatus, ...] = ()

    @property
    def incomplete(self) -> tuple[Pending, ...]:
        """What is pending after this run."""
        return self.digest.pending if self.digest and self.state == "published" else ()

    @property
    def failed_sources(self) -> tuple[str, ...]:
        """Sources that this run could not read, whether or not there is a page that says so."""
        if self.state == "unchanged":
            return ()
        sources = self.digest.sources if self.digest else self.sources
        return tuple(s.name for s in sources if s.status == "failed")


def finished(job: Job, *, start: Start = "fetch") -> Done | None:
    """The end of a run whose report is there and complete, and asked for no more; else None.

    None too where a report is damaged: the run will say so, and take no other profile's with it.
    """
    try:
        report = committed(job, start)
        if report is None or start != "fetch" or job.wanted or left(job, report):
            return None
    except DigestError:
        return None
    return Done(job, "unchanged", report, report_path(job.reports, job.name, job.date))


def index(job: Job, *, if_stale: bool = False) -> None:
    """Make the pages that span days; with `if_stale` only if a run was ended between its report and them.

    Raises DigestError if a report cannot be read.
    """
    try:
        if not (if_stale and build.is_current(job.reports, job.name)):
            build.rebuild(job.reports, job.name)
    except build.UNMADE as error:
        do = "free some space" if isinstance(error, OSError) else "restore those files from git"
        hint = f"{do}, then `digest run --from render --date {job.date}`"
        message = f"the reports are there, but the indexes cannot be made: {error}"
        raise DigestError(message, path=str(job.reports / job.name), hint=hint) from None


def committed(job: Job, start: Start) -> Digest | None:
    """The committed report of the date; None if there is none, or if it is made anew from the start."""
    anew = job.force and start == "fetch"
    return None if anew else ledger.read_report(job.reports, job.name, job.date)


def left(job: Job, report: Digest) -> tuple[Pending, ...]:
    """What a report left to be done, and no later one has settled."""
    return ledger.load(job.reports, job.name).left_by(report.date) if report.pending else ()
