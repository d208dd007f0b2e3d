"""`digest run`: every profile through all stages, unless its report of the date is complete already."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from pipeline.archive import build
from pipeline.cli.result import tell, worst
from pipeline.cli.session import Session
from pipeline.core import actions
from pipeline.core.errors import DigestError
from pipeline.core.progress import Say
from pipeline.stages.job import Done, Job, committed, finished, index

if TYPE_CHECKING:
    from pipeline.cli.runtime import Connections

NO_VOTE_LINKS = (
    "votes = true, but new pages have no links to vote: they lead to the repository, whose address the nightly workflow "
    "gives; votes that are committed count"
)


def execute(session: Session) -> int:
    """Make the digests that are due; the worst exit code among the profiles. Raises DigestError.

    The stages and their libraries (0.7 s) are imported only if a report is not complete.
    """
    jobs = session.jobs()
    if session.options.dry_run:
        from pipeline.cli import estimate  # noqa: PLC0415

        return estimate.execute(session, jobs)
    damaged = _finish_interrupted(jobs)
    complete = [done for job in jobs if (done := finished(job, start=session.options.start))]
    names = {done.job.name for done in complete}
    rest = [job for job in jobs if job.name not in names]
    for job in jobs if rest else ():
        job.try_prompts()
    if any(_lacks_vote_links(job, session) for job in rest):
        session.console.note(NO_VOTE_LINKS)
    codes = [_complete(done, damaged.get(done.job.name), session) for done in complete]
    if rest:
        from pipeline.cli import runtime  # noqa: PLC0415

        codes.append(runtime.each_profile(session, rest, partial(_run, session)))
    return worst(codes)


def _lacks_vote_links(job: Job, session: Session) -> bool:
    """Whether a page is made without links to vote, though votes count; one that is only rendered again keeps its own."""
    linked = job.vote_links and job.run_url is not None
    return job.settings.feedback.votes and not linked and session.options.start != "render"


def _finish_interrupted(jobs: Iterable[Job]) -> dict[str, DigestError]:
    """Make the indexes where a run ended before it could; returns, by profile, why they cannot be made.

    That ends no run yet: one that publishes will come to it again, unless it replaces the damaged report.
    """
    damaged: dict[str, DigestError] = {}
    for job in jobs:
        if not (job.reports / job.name).is_dir():
            continue
        try:
            with job.lock_reports():  # removes what a killed run has left
                if not build.is_current(job.reports, job.name, job.date):
                    index(job)
        except DigestError as error:
            damaged[job.name] = error
    return damaged


def _complete(done: Done, damaged: DigestError | None, session: Session) -> int:
    """Tell of a report that is complete; its page, if it is gone, is rendered again from the data."""
    try:
        if damaged is not None:
            raise damaged
        if done.digest is not None and done.path is not None and not done.path.with_suffix(".md").exists():
            from pipeline.stages import runner  # noqa: PLC0415

            runner.finish(
                done.job, lambda stage, text: session.console.note(f"{stage}: {text}"), start="render"
            )
    except DigestError as error:
        session.console.error(error)
        return error.exit_code
    return tell(done, session.console)


async def _run(session: Session, job: Job, connections: "Connections", say: Say) -> int:
    """One profile through the stages, from `--from` on."""
    from pipeline.cli.runtime import charge_scoring  # noqa: PLC0415
    from pipeline.stages import runner  # noqa: PLC0415

    start = session.options.start
    model = connections.model(job)
    if start in {"texts", "analyze"} and committed(job, start) is None:
        charge_scoring(model, job)
    return tell_published(session, await runner.run(job, connections.get, model, say, start=start))


def tell_published(session: Session, done: Done) -> int:
    """Tell how a run ended, in Actions in the job summary too."""
    file = session.environ.get("GITHUB_STEP_SUMMARY", "")
    if done.digest is not None and done.state == "published" and file:
        from pipeline.report import page  # noqa: PLC0415

        actions.add_summary(file, page.summary(done.digest))
    return tell(done, session.console)
