"""One invocation: its options, environment, clock and console, and the jobs that they come to."""

import datetime as dt
import hashlib
import logging
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.console import Console
from pipeline.cli.options import Options
from pipeline.config.profile import load_profile, profile_names
from pipeline.config.settings import PROMPTS, SETTINGS, Environ, Settings, load_settings
from pipeline.core import actions
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.dates import SAMPLE_DATE
from pipeline.core.errors import InputError
from pipeline.core.models import Engine
from pipeline.report import i18n

if TYPE_CHECKING:
    from pipeline.llm.recorded import Recording
    from pipeline.stages.job import Job


VOTE_LINKS = "VOTE_LINKS"  # set by the workflow, where the repository's issues are on


@dataclass(frozen=True)
class Session:
    """What every command receives."""

    options: Options
    environ: Environ
    now: dt.datetime
    console: Console

    @cached_property
    def settings(self) -> Settings:
        """`digest.toml` and what the environment lays over it. Raises InputError naming the line that is wrong."""
        return load_settings(SETTINGS, self.environ)

    def jobs(self) -> "list[Job]":
        """One job for each profile that is asked for. Raises InputError for wrong options, settings or profiles."""
        return [self._job(name) for name in profile_names(self.options.profiles, self.settings, self.environ)]

    def checked_jobs(self) -> "list[Job]":
        """The jobs, with their prompts and languages looked at before anything is fetched or paid for. Raises InputError."""
        jobs = self.jobs()
        for job in jobs:
            job.try_files()
        return jobs

    def _job(self, name: str) -> "Job":
        """One profile's run, with the options laid over the profile's settings."""
        from pipeline.stages.job import Job  # noqa: PLC0415 - `check` needs neither archive nor ledger

        options = self.options
        profile = load_profile(PROMPTS, name, languages=i18n.LANGUAGES)
        overrides = {"picks": options.picks, "threshold": options.threshold}
        given = {key: value for key, value in overrides.items() if value is not None}
        profile = profile.model_copy(update={"settings": profile.settings.model_copy(update=given)})
        job = Job(
            settings=self.settings,
            profile=profile,
            prompts=PROMPTS,
            reports=Path(options.reports),
            work=Path(options.work),
            date=_date(options.date, self.now),
            engine=options.engine or self.settings.profiles.engine,
            generated_at=self.now,
            run_url=_run_url(self.environ),
            force=options.force,
            wanted=_paper_ids(options.papers),
            vote_links=self.settings.feedback.votes and self.environ.get(VOTE_LINKS) == "true",
        )
        if not self.replays:
            return job
        engine: Engine = "local" if self.recording_misfit(job) else "claude"
        return replace(job, engine=engine)

    @property
    def replays(self) -> bool:
        """Whether recorded answers stand in for the model: those to the recorded day, if no engine is asked for."""
        return self.options.sample and self.options.engine is None

    @cached_property
    def recording(self) -> "Recording":
        """The recorded answers. Raises DigestError if the file cannot be read."""
        from pipeline.llm.recorded import load_recording  # noqa: PLC0415 - for the recorded day alone
        from pipeline.sources import sample  # noqa: PLC0415

        return load_recording(sample.ANSWERS)

    def recording_misfit(self, job: "Job") -> str:
        """Why the recorded answers do not fit a job, as a clause; an empty string if they do. Raises InputError."""
        return self.recording.misfit(job.name, self.question_versions(job))

    def question_versions(self, job: "Job") -> dict[str, str]:
        """The versions of all that a job's questions to a model are made of, by name. Raises InputError."""
        options = self.options
        given = {"--picks": options.picks, "--threshold": options.threshold, "--papers": options.papers}
        shared = {f"option {name}": str(value) for name, value in given.items() if value}
        scoring = self.settings.scoring.model_dump_json(exclude={"local_shared_terms"})
        shared["digest.toml [scoring]"] = hashlib.sha256(scoring.encode()).hexdigest()[:8]
        return job.versions | shared

    def output(self, name: str, value: str) -> None:
        """Set an output of the workflow's step; outside of Actions nothing happens."""
        actions.add_output(self.environ.get("GITHUB_OUTPUT", ""), name, value)

    def summarize(self, lines: Iterable[str]) -> None:
        """Add list items to the job summary; outside of Actions nothing happens."""
        actions.add_summary(
            self.environ.get("GITHUB_STEP_SUMMARY", ""), "".join(f"- {line}\n" for line in lines)
        )


def open_session(options: Options, environ: Environ, console: Console) -> Session:
    """The session of this process. Raises InputError if SOURCE_DATE_EPOCH is no number of seconds."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    # The recorded day is replayed at the time of a nightly run.
    recorded = dt.datetime.combine(SAMPLE_DATE, dt.time(6), dt.UTC)
    return Session(options, environ, recorded if options.sample else clock(environ), console)


def clock(environ: Environ) -> dt.datetime:
    """The time, to the second. SOURCE_DATE_EPOCH (seconds since 1970) stops it, for runs that have to be repeatable."""
    epoch = environ.get("SOURCE_DATE_EPOCH", "").strip()
    try:
        moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise InputError(
            f"SOURCE_DATE_EPOCH: {epoch!r} is not a number of seconds", hint="unset it"
        ) from None
    return moment.replace(microsecond=0)


def _date(given: str | None, now: dt.datetime) -> dt.date:
    """The digest's date: a real day, not after today."""
    if not given:
        return now.date()
    hint = f"Try: --date {now.date()}"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        raise InputError(f'--date: "{given[:40]}" is not a date of the form YYYY-MM-DD', hint=hint)
    try:
        date = dt.date.fromisoformat(given)
    except ValueError as error:
        raise InputError(f'--date: "{given}" is not a day ({error})', hint=hint) from None
    if date > now.date():
        raise InputError(f'--date: "{given}" is still to come', hint=hint)
    return date


def _paper_ids(given: str) -> tuple[str, ...]:
    """The canonical ids of --papers, each once."""
    ids: list[str] = []
    for written in filter(None, map(str.strip, given.split(","))):
        known = canonical_id(written)
        if known is None:
            raise InputError(
                f'--papers: "{written[:40]}" is not an arXiv id', hint="Try: --papers 2601.16914"
            )
        ids.append(known)
    return tuple(dict.fromkeys(ids))


def _run_url(environ: Environ) -> str | None:
    """The page of this run in Actions, else None."""
    parts = [environ.get(f"GITHUB_{key}", "") for key in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else None
