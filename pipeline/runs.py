"""One run of one profile and date: which artifacts are read, which stage comes next, what is written.

The stages know no files; the command line knows no stages. Here they meet.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pipeline import analyze, fetch, ledger, render, score, texts
from pipeline.artifacts import (
    Analyzed,
    Artifact,
    Digest,
    Fetched,
    Scored,
    Texts,
    artifact_path,
    dumps,
    read,
    report_path,
    write_whole,
)
from pipeline.config import Settings
from pipeline.console import Say
from pipeline.engines.asking import Model
from pipeline.engines.prompts import Prompt, load_prompt
from pipeline.errors import DigestError
from pipeline.models import Engine, Pending, SourceStatus
from pipeline.profiles import Profile
from pipeline.sources.http import Get
from pipeline.writing import archive

A = TypeVar("A", bound=Artifact)
Start = Literal["fetch", "score", "texts", "analyze", "render"]
STAGES: tuple[Start, ...] = ("fetch", "score", "texts", "analyze", "render")


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
        write_whole(self._path(type(artifact)), dumps(artifact))
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
        return self.digest.pending if self.digest else ()

    @property
    def failed_sources(self) -> tuple[str, ...]:
        """Sources that could not be read, whether or not there is a page that says so."""
        sources = self.digest.sources if self.digest else self.sources
        return tuple(s.name for s in sources if s.status == "failed")


def finished(job: Job, say: Say, *, start: Start = "fetch") -> Done | None:
    """The end of a run whose report is there and complete, and asked for no more; else None."""
    report = _committed(job, start)
    if report is None or start != "fetch" or job.wanted or report.pending:
        return None
    path = report_path(job.reports, job.name, job.date)
    say("run", f"{path} is there and complete; --force makes it anew")
    return Done(job, "unchanged", report, path)


async def run(job: Job, get: Get, model: Model | None, say: Say, *, start: Start = "fetch") -> Done:
    """All stages from `start` on, for a run that is not `finished`."""
    report = _committed(job, start)
    first = STAGES.index(start)
    if report is not None and start in {"texts", "analyze"} and not job.has(Scored):
        first = 0  # a bare machine: the scores come out of the report, the metadata by one call
    if first == 0:
        await fetching(job, get, say, start=start)
    if first <= STAGES.index("score"):
        await scoring(job, model, say)
    if first <= STAGES.index("texts"):
        await reading(job, get, say)
    if first <= STAGES.index("analyze"):
        await analyzing(job, get, model, say)
    return finish(job, say, start=start)


async def fetching(job: Job, get: Get, say: Say, *, start: Start = "fetch") -> Fetched:
    """Fetch; or, where this date has a report, only what it owes, what is asked for, and from `analyze` on its picks."""
    report = _committed(job, start)
    redo = _due_again(report, start) if report is not None else ()
    if report is not None and (redo or job.wanted):
        fetched = await fetch.again(get, report, settings=job.settings, redo=redo, wanted=job.wanted)
    else:
        fetched = await fetch.fetch(
            get,
            profile=job.profile,
            settings=job.settings,
            date=job.date,
            known=ledger.load(job.reports, job.name, but=job.date),
            report_of=lambda date: ledger.read_report(job.reports, job.name, date),
            wanted=job.wanted,
            generated_at=job.generated_at,
            run_url=job.run_url,
        )
    job.save(fetched)
    sources = ", ".join(f"{one.name} {one.status} {one.count}" for one in fetched.sources)
    again = f", {len(fetched.retries)} again" if fetched.retries else ""
    say("fetch", f"{len(fetched.papers)} new{again}, {len(fetched.seen)} seen before ({sources})")
    for one in fetched.sources:
        if one.status == "failed":
            say("fetch", f"{one.name} failed: {one.note}")
    for lost in fetched.skipped:
        if lost.id in job.wanted:
            say("fetch", f"{lost.id}, which was asked for: {lost.reason}")
    return fetched


def _committed(job: Job, start: Start) -> Digest | None:
    """The date's report, as far as the run builds on it: one that is made anew from the start is not even read."""
    anew = job.force and start == "fetch"
    return None if anew else ledger.read_report(job.reports, job.name, job.date)


def _due_again(report: Digest, start: Start) -> tuple[Pending, ...]:
    """What is pending; and every pick, if the run is to start at the analysis."""
    owed = {one.id for one in report.pending}
    picks = report.picks if start in {"texts", "analyze"} else ()
    again = (
        Pending(id=p.id, stage="analyze", reason="", since=report.date) for p in picks if p.id not in owed
    )
    return (*report.pending, *again)


async def scoring(job: Job, model: Model | None, say: Say) -> Scored:
    """Score what was fetched."""
    fetched = job.load(Fetched)
    if warning := score.few_words(fetched, job.profile):
        say("score", f"warning: {warning}")
    scored = job.save(
        await score.score(
            fetched,
            profile=job.profile,
            settings=job.settings,
            prompt=job.prompt("score"),
            model=model,
        )
    )
    picked = sum(one.outcome == "picked" for one in scored.papers)
    unscored = sum(one.outcome == "unscored" for one in scored.papers)
    calls = scored.spent["score"].calls
    say("score", f"{len(scored.papers)} judged, {picked} picked, {unscored} unscored, {calls} model calls")
    reasons = Counter(one.verdict.reason for one in scored.papers if one.outcome == "unscored")
    for reason, count in reasons.most_common():
        say("score", f"{count} unscored: {reason}")
    return scored


async def reading(job: Job, get: Get, say: Say) -> Texts:
    """Fetch the texts of the picks; a text that is there already is not fetched again."""
    before = job.load(Texts).texts if job.has(Texts) else {}
    known = {key: text for key, text in before.items() if text.basis != "abstract"}
    found = job.save(await texts.texts(job.load(Scored), get=get, settings=job.settings, known=known))
    basis = ", ".join(f"{key} {one.basis}" for key, one in found.texts.items())
    say("texts", basis or "no picks")
    return found


async def analyzing(job: Job, get: Get, model: Model | None, say: Say) -> Analyzed:
    """Analyze the picks, after fetching their texts if that has not been done."""
    scored = job.load(Scored)
    found = job.load(Texts) if job.has(Texts) else await reading(job, get, say)
    if missing := [
        p.paper.id for p in scored.papers if p.outcome == "picked" and p.paper.id not in found.texts
    ]:
        say("texts", f"{len(missing)} picks are not in texts.json")
        found = await reading(job, get, say)
    prompts = analyze.Prompts(analyze=job.prompt("analyze"), repair=job.prompt("repair"))
    analyzed = job.save(
        await analyze.analyze(scored, found, profile=job.profile, prompts=prompts, model=model)
    )
    dropped = sum(one.claims_dropped for one in analyzed.grounding.values())
    held = sum(one.claims for one in analyzed.grounding.values())
    say("analyze", f"{len(analyzed.analyses)} analyzed, {held} claims held, {dropped} dropped")
    for one in analyzed.pending:
        say("analyze", f"{one.id} is pending: {one.reason}")
    return analyzed


def finish(job: Job, say: Say, *, start: Start = "fetch") -> Done:
    """Render what was analyzed; a day without anything new makes no page.

    From `render` on, a machine without the artifacts makes the page again from the committed report.
    """
    if start == "render" and not job.has(Analyzed):
        report = ledger.read_report(job.reports, job.name, job.date)
        if report is not None:
            return publish(job, report, say)
    analyzed = job.load(Analyzed)
    if not analyzed.scored.papers and analyzed.scored.kept is None:
        say("render", "nothing new: no page")
        return Done(job, "nothing_new", None, None, analyzed.sources)
    return publish(job, job.save(render.render(analyzed)), say)


def publish(job: Job, digest: Digest, say: Say) -> Done:
    """Write the page and its JSON, and what spans days; the JSON last, since its being there means that the page is."""
    path = report_path(job.reports, job.name, job.date)
    try:
        write_whole(path.with_suffix(".md"), render.page(digest).encode())
        write_whole(path, dumps(digest))
    except OSError as error:
        hint = "free some space, or point --reports to a folder that can be written"
        raise DigestError(f"cannot be written: {error.strerror}", path=str(path), hint=hint) from None
    try:
        archive.rebuild(job.reports, job.name)
    except ValueError as error:
        raise DigestError(
            f"the indexes cannot be made: {error}", hint="restore those files from git"
        ) from None
    say("render", f"{len(digest.picks)} of {len(digest.candidates)} in {path.with_suffix('.md')}")
    return Done(job, "published", digest, path)
