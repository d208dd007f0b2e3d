"""One run of one profile and date: which artifacts are read, which stage comes next, what is written.

The stages know no files; the command line knows no stages. Here they meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress

from pipeline.core import ledger
from pipeline.core.artifacts import Analyzed, Digest, Fetched, Scored, Texts
from pipeline.core.errors import DigestError
from pipeline.core.models import Engine, Pending, Text
from pipeline.core.progress import Say
from pipeline.core.stage_names import STAGES, Start
from pipeline.core.store import dumps, report_path, write_together
from pipeline.llm.interface import Model
from pipeline.sources.http_client import Get
from pipeline.stages import analyze, fetch, render, score, texts
from pipeline.stages.job import Done, Job, committed, index, left


async def run(job: Job, get: Get, model: Model | None, say: Say, *, start: Start = "fetch") -> Done:
    """All stages from `start` on, for a run that is not finished."""
    report = committed(job, start)
    first = STAGES.index(start)
    if report is not None and start in {"texts", "analyze"}:
        first = (
            0  # the scores come out of the report, the metadata by one call: scored.json may be another run's
        )
    if first == 0:
        await fetch_stage(job, get, say, start=start)
    if first <= STAGES.index("score"):
        await score_stage(job, model, say)
    if first <= STAGES.index("texts"):
        await texts_stage(job, get, say)
    if first <= STAGES.index("analyze"):
        await analyze_stage(job, get, model, say)
    return finish(job, say, start=start)


async def fetch_stage(job: Job, get: Get, say: Say, *, start: Start = "fetch", keep: bool = True) -> Fetched:
    """Fetch; or, where this date has a report, only what it owes, what is asked for, and from `analyze` on its picks.

    Without `keep` nothing is written, for an estimate.
    """
    report = committed(job, start)
    owed = (*left(job, report), *_picks_again(report, start)) if report is not None else ()
    if report is not None and (owed or job.wanted):
        fetched = await fetch.redo(
            get, report, profile=job.name, settings=job.settings, owed=owed, wanted=job.wanted
        )
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
            previous_report=previous_report(job),
        )
    if keep:
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


def previous_report(job: Job) -> Digest | None:
    """The report of a past date that is forced: the lists of its one day do not bring back all that it holds."""
    if not job.force or job.date >= job.generated_at.date():
        return None
    with suppress(DigestError):  # a damaged one is made anew from what can be had
        return ledger.read_report(job.reports, job.name, job.date)
    return None


def _picks_again(report: Digest, start: Start) -> tuple[Pending, ...]:
    """Every pick that is not pending, if the run is to start at the analysis."""
    pending = {one.id for one in report.pending}
    picks = report.picks if start in {"texts", "analyze"} else ()
    return tuple(
        Pending(id=p.id, stage="analyze", reason="", since=report.date) for p in picks if p.id not in pending
    )


async def score_stage(job: Job, model: Model | None, say: Say) -> Scored:
    """Score what was fetched, but for what the digest of another date has judged since."""
    fetched = fetch.still_new(job.load(Fetched), ledger.load(job.reports, job.name, but=job.date))
    if fetched.kept is not None:
        same_engine(job, fetched.kept.engine)
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


async def texts_stage(job: Job, get: Get, say: Say) -> Texts:
    """Fetch the texts of the picks; a text that is there already, and can be read, is not fetched again."""
    before: Mapping[str, Text] = {}
    if job.has(Texts):
        with suppress(DigestError):
            before = job.load(Texts).texts
    known = {key: text for key, text in before.items() if text.basis != "abstract"}
    found = job.save(await texts.texts(job.load(Scored), get=get, settings=job.settings, known=known))
    basis = ", ".join(f"{key} {one.basis}" for key, one in found.texts.items())
    say("texts", basis or "no picks")
    return found


async def analyze_stage(job: Job, get: Get, model: Model | None, say: Say) -> Analyzed:
    """Analyze the picks, after fetching their texts if that has not been done."""
    scored = job.load(Scored)
    same_engine(job, scored.engine)
    found = job.load(Texts) if job.has(Texts) else await texts_stage(job, get, say)
    if missing := [
        p.paper.id for p in scored.papers if p.outcome == "picked" and p.paper.id not in found.texts
    ]:
        say("texts", f"{len(missing)} picks are not in texts.json")
        found = await texts_stage(job, get, say)
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


def same_engine(job: Job, made_by: Engine) -> None:
    """A digest is one engine's: its page says of all of it whether a model was used. Raises DigestError."""
    if made_by != job.engine:
        raise DigestError(
            f"{job.name} {job.date} was scored by the engine `{made_by}`, and this run has `{job.engine}`",
            hint=f"Try: --engine {made_by}, or --force to make all of that date anew",
        )


def finish(job: Job, say: Say, *, start: Start = "fetch") -> Done:
    """Render what was analyzed; a day without anything new makes no page.

    From `render` on, the page is made again from the committed report if there is one: artifacts may be older.
    """
    report = ledger.read_report(job.reports, job.name, job.date) if start == "render" else None
    if report is not None:
        return publish(job, report.model_copy(update={"profile": job.name}), say)
    analyzed = job.load(Analyzed)
    scored = analyzed.scored
    if not scored.papers and scored.kept is None:
        say("render", "nothing new: no page")
        return Done(job, "nothing_new", None, None, analyzed.sources)
    judged_once(job, {one.paper.id for one in scored.papers} - {one.paper.id for one in scored.retried})
    digest = job.save(render.render(analyzed))
    holds_all(job, digest)
    return publish(job, digest, say)


def judged_once(job: Job, new: Collection[str]) -> None:
    """Raises DigestError if the digest of another date has judged one of these since they were scored."""
    known = ledger.load(job.reports, job.name, but=job.date)
    twice = [key for key in sorted(new) if known.judged(key) is not None and key not in job.wanted]
    if twice:
        dates = ", ".join(sorted({known.entries[key].on.isoformat() for key in twice}))
        message = (
            f"{job.name} {job.date}: {len(twice)} of its papers have been judged in the meantime ({dates})"
        )
        raise DigestError(message, hint=f"Try: digest run --date {job.date}, which makes only the rest")


def holds_all(job: Job, digest: Digest) -> None:
    """Raises DigestError if this would take papers or the engine's word out of the committed report of its date."""
    report = None if job.force else ledger.read_report(job.reports, job.name, job.date)
    if report is None:
        return
    same_engine(job, report.engine)
    there = {one.id for one in digest.candidates}
    lost = [one.id for one in report.candidates if one.outcome != "seen" and one.id not in there]
    if lost:
        message = (
            f"{job.name} {job.date}: the report that is there holds {len(lost)} papers that this one does not"
        )
        raise DigestError(message, hint=f"Try: digest run --date {job.date}; or --force to replace it")


def publish(job: Job, digest: Digest, say: Say) -> Done:
    """Write the page and its JSON, and what spans days; the JSON last, since its being there means that the page is."""
    path = report_path(job.reports, job.name, job.date)
    try:
        write_together({path.with_suffix(".md"): render.page(digest).encode(), path: dumps(digest)})
    except OSError as error:
        hint = "free some space, or point --reports to a folder that can be written"
        raise DigestError(f"cannot be written: {error.strerror}", path=str(path), hint=hint) from None
    index(job)
    say("render", f"{len(digest.picks)} of {len(digest.candidates)} in {path.with_suffix('.md')}")
    return Done(job, "published", digest, path)
