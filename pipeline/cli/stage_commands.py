"""`digest fetch`, `score`, `texts`, `analyze` and `render`: one stage for every profile, from and to artifacts."""

from pipeline.cli import estimate, runtime
from pipeline.cli.run import tell_published
from pipeline.cli.runtime import Connections, charge_scoring
from pipeline.cli.session import Session
from pipeline.core.progress import Say
from pipeline.report import labels
from pipeline.stages import runner
from pipeline.stages.fetch import unknown_votes_warning
from pipeline.stages.job import Job


def fetch(session: Session) -> int:
    """Fetch; the step's output `made` names the profiles that have something to judge, `unread` the failed sources."""
    with_news: list[str] = []
    unread: set[str] = set()

    async def work(job: Job, connections: Connections, say: Say) -> int:
        fetched = await runner.fetch_stage(job, connections.get, say, start=session.options.start)
        if fetched.papers or fetched.retries:
            with_news.append(job.name)
        for source in fetched.sources:
            if source.status == "failed":
                unread.add(labels.host(source.name))
                session.console.warning(f"{job.name}: {source.name} could not be read: {source.note}")
        if warning := unknown_votes_warning(fetched):
            session.console.warning(f"{job.name}: {warning}")
            session.summarize([f"{job.name}: {warning}"])
        return 0

    return runtime.each_profile(session, session.checked_jobs(), work, made=with_news, unread=unread)


def score(session: Session) -> int:
    """Score; what it has cost goes into the job summary, since a later stage may fail and no page would say it."""

    async def work(job: Job, connections: Connections, say: Say) -> int:
        scored = await runner.score_stage(job, connections.model(job), say)
        spent = scored.spent["score"]
        if spent.calls:
            session.summarize([f"{job.name} {job.date} score: {estimate.usage_text(spent)}"])
        return 0

    return runtime.each_profile(session, session.checked_jobs(), work)


def texts(session: Session) -> int:
    """Fetch the full texts of the picks."""

    async def work(job: Job, connections: Connections, say: Say) -> int:
        await runner.texts_stage(job, connections.get, say)
        return 0

    return runtime.each_profile(session, session.checked_jobs(), work)


def analyze(session: Session) -> int:
    """Analyze the picks, within the budget that scoring has left."""

    async def work(job: Job, connections: Connections, say: Say) -> int:
        model = connections.model(job)
        charge_scoring(model, job)
        await runner.analyze_stage(job, connections.get, model, say)
        return 0

    return runtime.each_profile(session, session.checked_jobs(), work)


def render(session: Session) -> int:
    """Render the page and its JSON. What is pending is a warning: the exit code 3 is that of `digest run`."""

    async def work(job: Job, _connections: Connections, say: Say) -> int:
        tell_published(session, runner.finish(job, say, start=session.options.start))
        return 0

    return runtime.each_profile(session, session.checked_jobs(), work)
