"""Takes one job through the stages: which artifact each reads and writes, and which stage comes next.

Stages are functions without files; the command line knows no stage. This module connects them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from pipeline.core import ledger, month_index
from pipeline.core.artifacts import Analyzed, Digest, Fetched, Scored, Texts
from pipeline.core.atomic import write_files
from pipeline.core.errors import DigestError
from pipeline.core.models import Engine, Paper, Pending, Text
from pipeline.core.progress import Say, current_stage
from pipeline.core.quantity import quantity
from pipeline.core.stage_names import STAGES, Start
from pipeline.core.store import dumps, report_path
from pipeline.core.votes import Vote
from pipeline.llm.interface import Model
from pipeline.sources.http_client import Get
from pipeline.stages import analyze, fetch, render, score, texts
from pipeline.stages.job import Done, Job, committed, index, pending_in, standing_votes


async def run(job: Job, get: Get, model: Model | None, say: Say, *, start: Start = "fetch") -> Done:
    """Run all stages from `start` on and return how the run ended. Raises DigestError, CredentialsError.

    With a committed report, `texts` and `analyze` start at `fetch`: scores come from the report and metadata from one
    API call, since scored.json may belong to another run.
    """
    report = committed(job, start)
    first = STAGES.index(start)
    if report is not None and start in {"texts", "analyze"}:
        first = 0
    fetched_at = month_index.state(job.reports / job.name) if first == 0 else None
    if first == 0:
        await fetch_stage(job, get, say, start=start)
    if first <= STAGES.index("score"):
        await score_stage(job, model, say, just_fetched=first == 0)
    if first <= STAGES.index("texts"):
        await texts_stage(job, get, say)
    if first <= STAGES.index("analyze"):
        await analyze_stage(job, get, model, say)
    return finish(job, say, start=start, fetched_at=fetched_at)


async def fetch_stage(job: Job, get: Get, say: Say, *, start: Start = "fetch", keep: bool = True) -> Fetched:
    """Fetch the day's candidates and write fetched.json; without `keep` write nothing, for an estimate.

    If the date has a committed report, only its pending papers, the `--papers` and, with `--from texts` or `analyze`,
    its picks are fetched; if there are none of these, the whole day is fetched as if there were no report.
    """
    current_stage.set("fetch")
    report, votes = committed(job, start), _votes(job, say)
    pending = (*pending_in(job, report), *_picks_again(report, start)) if report is not None else ()
    if report is not None and (pending or job.wanted):
        fetched = await fetch.fetch_again(
            get,
            report,
            profile=job.name,
            settings=job.settings,
            pending=pending,
            wanted=job.wanted,
            votes=votes,
        )
    else:
        fetched = await fetch.fetch(
            get,
            profile=job.profile,
            settings=job.settings,
            date=job.date,
            known=ledger.load(job.reports, job.name, exclude=job.date),
            report_of=lambda date: ledger.read_report(job.reports, job.name, date),
            wanted=job.wanted,
            generated_at=job.generated_at,
            run_url=job.run_url,
            previous_report=previous_report(job),
            votes=votes,
        )
    if keep:
        job.save(fetched)
    sources = ", ".join(f"{s.name} {s.status} {s.count}" for s in fetched.sources)
    again = f", {len(fetched.retries)} again" if fetched.retries else ""
    say("fetch", f"{len(fetched.papers)} new{again}, {len(fetched.seen)} seen before ({sources})")
    for source in fetched.sources:
        if source.status == "failed":
            say("fetch", f"{source.name} failed: {source.note}")
    for lost in fetched.skipped:
        if lost.id in job.wanted:
            say("fetch", f"{lost.id}, which was asked for: {lost.reason}")
    if warning := fetch.unknown_votes_warning(fetched):
        say("fetch", f"warning: {warning}")
    return fetched


def _votes(job: Job, say: Say) -> tuple[Vote, ...]:
    """The votes that count; none if they cannot be read, which must not keep a digest back."""
    try:
        return standing_votes(job)
    except DigestError as error:
        say("fetch", f"warning: no votes count: {error}. What to do: {error.hint}")
        return ()


def previous_report(job: Job) -> Digest | None:
    """The report of a past date that `--force` replaces; None otherwise, or if it is damaged.

    It is needed because the lists of one past day do not contain papers that the report caught up from other days.
    """
    if not job.force or job.date >= job.generated_at.date():
        return None
    with suppress(DigestError):
        return ledger.read_report(job.reports, job.name, job.date)
    return None


def _picks_again(report: Digest, start: Start) -> tuple[Pending, ...]:
    """The picks of a report as pending papers, if the run starts at the analysis; without those pending already."""
    pending = {paper.id for paper in report.pending}
    picks = report.picks if start in {"texts", "analyze"} else ()
    return tuple(
        Pending(id=p.id, stage="analyze", reason="", since=report.date) for p in picks if p.id not in pending
    )


async def score_stage(job: Job, model: Model | None, say: Say, *, just_fetched: bool = False) -> Scored:
    """Score fetched.json into scored.json, without papers that another date's digest has judged since the fetch."""
    current_stage.set("score")
    fetched = job.load(Fetched)
    if not just_fetched:
        fetched = fetch.still_new(fetched, ledger.load(job.reports, job.name, exclude=job.date))
    if fetched.kept is not None:
        refuse_mixed_engines(job, fetched.kept.engine)
    if warning := score.few_words_warning(fetched, job.profile):
        say("score", f"warning: {warning}")
    scored = job.save(
        await score.score(
            fetched,
            profile=job.profile,
            settings=job.settings,
            prompts=score.Prompts(score=job.prompt("score"), final=job.prompt("final")),
            model=model,
        )
    )
    picked = sum(judged.outcome == "picked" for judged in scored.papers)
    unscored = sum(judged.outcome == "unscored" for judged in scored.papers)
    calls = scored.spent["score"].calls
    say("score", f"{len(scored.papers)} judged, {picked} picked, {unscored} unscored, {calls} model calls")
    again, marked = score.marked_again(scored)
    if marked:
        most = job.settings.scoring.most_again(scored.picks)
        say("score", f"{again} of {marked} papers marked again, near the threshold (at most {most} are)")
    reasons = Counter(judged.verdict.reason for judged in scored.papers if judged.outcome == "unscored")
    for reason, count in reasons.most_common():
        say("score", f"{count} unscored: {reason}")
    return scored


async def texts_stage(job: Job, get: Get, say: Say) -> Texts:
    """Fetch the texts of the picks into texts.json; a whole text that is there already is not fetched again."""
    current_stage.set("texts")
    before: Mapping[str, Text] = {}
    known_papers: Mapping[str, Paper] = {}
    if job.has(Texts):
        with suppress(DigestError):
            loaded = job.load(Texts)
            before, known_papers = loaded.texts, loaded.papers
    known = {key: text for key, text in before.items() if text.basis != "abstract" and not text.incomplete}
    today = job.generated_at.date()
    fetched = job.save(
        await texts.texts(
            job.load(Scored),
            get=get,
            settings=job.settings,
            known=known,
            known_papers=known_papers,
            today=today,
        )
    )
    basis = ", ".join(
        f"{key} {text.basis}{' (incomplete)' if text.incomplete else ''}"
        for key, text in fetched.texts.items()
    )
    say("texts", basis or "no picks")
    return fetched


async def analyze_stage(job: Job, get: Get, model: Model | None, say: Say) -> Analyzed:
    """Analyze the picks into analyzed.json; fetches their texts first if texts.json lacks any of them."""
    scored = job.load(Scored)
    refuse_mixed_engines(job, scored.engine)
    full_texts = job.load(Texts) if job.has(Texts) else await texts_stage(job, get, say)
    if missing := [
        p.paper.id for p in scored.papers if p.outcome == "picked" and p.paper.id not in full_texts.texts
    ]:
        say("texts", f"{quantity(len(missing), 'pick is', 'picks are')} not in texts.json")
        full_texts = await texts_stage(job, get, say)
    current_stage.set("analyze")
    prompts = analyze.Prompts(
        analyze=job.prompt("analyze"),
        repair=job.prompt("repair"),
        verify=job.prompt("verify"),
        brief=job.prompt("brief"),
    )
    analyzed = job.save(
        await analyze.analyze(scored, full_texts, profile=job.profile, prompts=prompts, model=model)
    )
    dropped = sum(grounding.claims_dropped for grounding in analyzed.grounding.values())
    held = sum(grounding.claims for grounding in analyzed.grounding.values())
    quoted = sum(brief.quoted for brief in analyzed.briefs.values())
    in_short = f", {len(analyzed.briefs)} briefs, {quoted} of them quoted" if analyzed.briefs else ""
    say("analyze", f"{len(analyzed.analyses)} analyzed, {held} claims held, {dropped} dropped{in_short}")
    for paper in analyzed.pending:
        say("analyze", f"{paper.id} is pending: {paper.reason}")
    return analyzed


def refuse_mixed_engines(job: Job, made_by: Engine) -> None:
    """Refuse to mix engines in one digest: its page says once who judged. Raises DigestError."""
    if made_by != job.engine:
        raise DigestError(
            f"{job.name} {job.date} was scored by the engine `{made_by}`, and this run has `{job.engine}`",
            hint=f"Try: --engine {made_by}, or --force to make all of that date anew",
        )


def finish(
    job: Job, say: Say, *, start: Start = "fetch", fetched_at: tuple[tuple[str, int, int], ...] | None = None
) -> Done:
    """Render analyzed.json and publish it; a day without anything new makes no page. Raises DigestError.

    With `start` = `render` the page is rendered again from the committed report, if there is one: artifacts may be
    older. The reports are locked from the checks to the last index. `fetched_at` is the state of the committed reports when
    this process fetched; None if another one did.
    """
    with job.lock_reports():
        unchanged = fetched_at is not None and fetched_at == month_index.state(job.reports / job.name)
        return _finish(job, say, start, unchanged=unchanged)


def _finish(job: Job, say: Say, start: Start, *, unchanged: bool) -> Done:
    report = ledger.read_report(job.reports, job.name, job.date) if start == "render" else None
    if report is not None:
        return publish(job, report.model_copy(update={"profile": job.name}), say)
    analyzed = job.load(Analyzed)
    scored = analyzed.scored
    if not scored.papers and scored.kept is None:
        say("render", "nothing new: no page")
        return Done(job, "nothing_new", None, None, analyzed.sources)
    if not unchanged:
        refuse_judged_elsewhere(
            job, {judged.paper.id for judged in scored.papers} - {retry.paper.id for retry in scored.retried}
        )
    digest = job.save(render.render(analyzed, vote_links=job.vote_links))
    refuse_loss(job, digest)
    return publish(job, digest, say)


def refuse_judged_elsewhere(job: Job, new: Collection[str]) -> None:
    """Refuse to publish papers that another date's digest has judged since they were scored. Raises DigestError."""
    known = ledger.load(job.reports, job.name, exclude=job.date)
    twice = [key for key in sorted(new) if known.judged(key) is not None and key not in job.wanted]
    if twice:
        dates = ", ".join(sorted({known.entries[key].on.isoformat() for key in twice}))
        papers = quantity(len(twice), "of its papers has", "of its papers have")
        message = f"{job.name} {job.date}: {papers} been judged in the meantime ({dates})"
        raise DigestError(message, hint=f"Try: digest run --date {job.date}, which makes only the rest")


def refuse_loss(job: Job, digest: Digest) -> None:
    """Refuse to overwrite a report with one that lacks its papers or used another engine. Raises DigestError."""
    report = None if job.force else ledger.read_report(job.reports, job.name, job.date)
    if report is None:
        return
    refuse_mixed_engines(job, report.engine)
    listed = {candidate.id for candidate in digest.candidates}
    lost = [c.id for c in report.candidates if c.outcome != "seen" and c.id not in listed]
    if lost:
        papers = quantity(len(lost), "paper")
        message = f"{job.name} {job.date}: the report that is there holds {papers} that this one does not"
        raise DigestError(message, hint=f"Try: digest run --date {job.date}; or --force to replace it")


def publish(job: Job, digest: Digest, say: Say) -> Done:
    """Write page and JSON together and rebuild the indexes. Raises DigestError if a file cannot be written.

    The JSON is written last: where it exists, its page does. The caller holds the lock of the reports.
    """
    path = report_path(job.reports, job.name, job.date)
    try:
        write_files(
            {path.with_suffix(".md"): render.page(digest).encode(), path: _report_bytes(job, digest, path)}
        )
    except OSError as error:
        hint = "free some space, or point --reports to a folder that can be written"
        raise DigestError(f"cannot be written: {error.strerror}", path=str(path), hint=hint) from None
    index(job)
    say("render", f"{len(digest.picks)} of {len(digest.candidates)} in {path.with_suffix('.md')}")
    return Done(job, "published", digest, path)


def _report_bytes(job: Job, digest: Digest, path: Path) -> bytes:
    """The report's JSON; a committed one that says the same keeps its bytes, in the schema version that it has."""
    with suppress(DigestError):
        if ledger.read_report(job.reports, job.name, job.date) == digest:
            return path.read_bytes()
    return dumps(digest)
