"""What reaches out of the program: one HTTP client and one model per profile, shared by all profiles of a command."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass

from pipeline import __version__
from pipeline.cli.console import Console
from pipeline.cli.result import worst
from pipeline.cli.session import Session
from pipeline.config.profile import models_of
from pipeline.config.settings import Environ, Settings
from pipeline.core.artifacts import Scored
from pipeline.core.errors import DigestError
from pipeline.core.progress import Say
from pipeline.llm.client import Claude
from pipeline.llm.recorded import Replay
from pipeline.sources import sample
from pipeline.sources.http_client import Client, Failure, Get, Page
from pipeline.stages.job import Job


@dataclass(frozen=True)
class Connections:
    """`get` fetches a page; `model` opens the model of a job or its recording, None with the local engine."""

    get: Get
    model: Callable[[Job], Claude | Replay | None]


Work = Callable[[Job, Connections, Say], Awaitable[int]]
"""What a command does for one profile; returns its exit code."""


def each_profile(
    session: Session,
    jobs: Sequence[Job],
    work: Work,
    *,
    lock: bool = True,
    made: Collection[str] | None = None,
    unread: Collection[str] = (),
) -> int:
    """Carry out `work` for all profiles side by side; the worst exit code among them. Raises DigestError.

    A profile that fails does not end the others; wrong usage, settings or credentials end the run. `lock` keeps other
    processes out of each profile's work folder. The step's outputs say which profiles go on (`made`; by default those
    that did not fail), which failed, and which sources were `unread`; `made` and `unread` are read after the work.
    """
    try:
        codes = asyncio.run(_side_by_side(session, jobs, work, lock=lock))
    except ExceptionGroup as group:
        raise _first_error(group) from None
    failed = [job.name for job, code in codes if code == 1]
    going_on = [
        job.name for job, _ in codes if (job.name not in failed if made is None else job.name in made)
    ]
    session.output("made", ",".join(going_on))  # the workflow ends red for those who failed
    session.output("failed", ",".join(failed))
    session.output("unread", ", ".join(sorted(unread)))  # for the end of a run that has no page to say it on
    return worst(code for _, code in codes)


async def _side_by_side(
    session: Session, jobs: Sequence[Job], work: Work, *, lock: bool
) -> list[tuple[Job, int]]:
    """All jobs over one client and one set of rate limits, however many profiles there are."""
    console, alone = session.console, len(jobs) == 1
    async with open_connections(jobs, session) as connections:

        async def one_profile(job: Job) -> int:
            try:
                with (
                    console.working(f"{job.name} {job.date}", alone=alone) as say,
                    job.lock() if lock else nullcontext(),
                ):
                    return await work(job, connections, say)
            except Exception as raised:  # noqa: BLE001 - whatever happens to one profile ends no other one
                error = _first_error(raised) if isinstance(raised, ExceptionGroup) else raised
                if alone or (isinstance(error, DigestError) and error.exit_code != 1):
                    raise error from None
                known = error if isinstance(error, DigestError) else internal_error(job, error, console)
                console.error(known)
                return 1

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one_profile(job)) for job in jobs]
    return [(job, task.result()) for job, task in zip(jobs, tasks, strict=True)]


def _first_error(group: ExceptionGroup[Exception]) -> BaseException:
    """The first DigestError of calls that ran side by side; a group that holds anything else stays as it is."""
    known, rest = group.split(DigestError)
    error: BaseException = group if known is None or rest is not None else known
    while isinstance(error, ExceptionGroup) and error is not group:
        error = error.exceptions[0]
    return error


def internal_error(job: Job, error: BaseException, console: Console) -> DigestError:
    """Wrap an unexpected exception as the failure of one profile; its traceback goes to the log."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        console.note(line)
    return DigestError(
        f"{job.name}: {type(error).__name__}: {error}",
        hint="that is a mistake of the program: please report it with the lines above",
    )


def charge_scoring(model: Claude | Replay | None, job: Job) -> None:
    """Charge what an earlier process spent on scoring: the budget is one for the whole run."""
    if model is not None and job.has(Scored):
        model.charge(job.load(Scored).spent["score"].usd)


@asynccontextmanager
async def open_connections(jobs: Sequence[Job], session: Session) -> AsyncIterator[Connections]:
    """The client and the models of one invocation, closed at its end."""
    settings = jobs[0].settings
    async with AsyncExitStack() as stack:
        get: Get = sample.get
        if not session.options.sample:
            http = settings.http.model_copy(update={"contact": _contact(settings, session.environ)})
            client = Client(
                http,
                arxiv_hosts=settings.paced_hosts,
                version=__version__,
                waiting=session.console.wait_for,
            )
            get = _once((await stack.enter_async_context(client)).get)
        opened: dict[str, Claude] = {}
        replayed: set[str] = set()

        def model(job: Job) -> Claude | Replay | None:
            if session.replays:
                return _replay(session, job, told=replayed)
            if job.engine == "local":
                return None
            if job.name not in opened:
                first = next(iter(opened.values()), None)
                limits = first.limits if first else None
                opened[job.name] = Claude.open(
                    job.settings,
                    job.profile,
                    session.environ,
                    limits=limits,
                    say=session.console.plain_lines(f"{job.name} {job.date}"),
                )
                stack.push_async_callback(opened[job.name].aclose)
                for row in opened[job.name].describe().splitlines():
                    session.console.note(row)
            return opened[job.name]

        yield Connections(get=get, model=model)


def _replay(session: Session, job: Job, *, told: set[str]) -> Replay | None:
    """The recorded model of a job, None where its answers do not fit; says which, and adds to `told` what was said."""
    why = session.recording_misfit(job)
    said = f"{job.name}: {why}; papers are ranked by words instead" if why else ""
    said = said or session.recording.head.answered_by
    if said not in told:
        session.console.note(said)
    told.add(said)
    if why:
        return None
    return Replay(session.recording, models_of(job.profile, job.settings).for_calls(), job.settings.prices)


def _contact(settings: Settings, environ: Environ) -> str:
    """The contact in the User-Agent: in Actions the repository, if the settings still hold the placeholder."""
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    if server and repository and "OWNER/REPO" in settings.http.contact:
        return f"{server}/{repository}"
    return settings.http.contact


def _once(get: Get) -> Get:
    """Cache pages for one invocation, since profiles share the day's lists; `fresh` asks again."""
    pages: dict[str, asyncio.Task[Page | Failure]] = {}

    async def once(
        url: str, *, accept: str = "*/*", attempts: int | None = None, fresh: bool = False
    ) -> Page | Failure:
        # A request in flight is fresh enough: its response has not been read yet.
        if url not in pages or (fresh and pages[url].done()):
            pages[url] = asyncio.ensure_future(get(url, accept=accept, attempts=attempts, fresh=fresh))
        return await pages[url]

    return once
