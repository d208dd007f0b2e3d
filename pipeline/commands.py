"""What each command does: put together settings, profiles, client and model, and run the stages.

The clock, the environment and the console are handed in; nothing here exits or prints by itself.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline import __version__, checking, estimating, evaluating, ledger, planning, runs
from pipeline.config import ARXIV_ID, Settings, load_profile, load_settings
from pipeline.console import Console, Say
from pipeline.engines.asking import Model
from pipeline.engines.claude import Claude
from pipeline.errors import DigestError, InputError
from pipeline.models import Engine
from pipeline.runs import Done, Job, Start
from pipeline.sources import sample
from pipeline.sources.http import Client, Failure, Get, Page
from pipeline.writing import actions, catalog

SETTINGS = Path("digest.toml")
PROMPTS = Path("prompts")
EVAL = Path("eval")
INCOMPLETE = 3
SAMPLE_CLOCK = dt.datetime.combine(sample.DATE, dt.time(6), dt.UTC)  # when a nightly run would have started
Environ = Mapping[str, str]


@dataclass(frozen=True)
class Ports:
    """What reaches out of the program: pages, and a model for each profile."""

    get: Get
    model: Callable[[Job], Model | None]


Work = Callable[[Job, Ports, Say], Awaitable[int]]


def execute(
    name: str, given: Mapping[str, Any], *, environ: Environ, now: dt.datetime, console: Console
) -> int:
    """Carry out one command; the worst exit code among its profiles. Raises DigestError."""
    if name == "check":
        return _check(given, environ, console)
    settings = load_settings(SETTINGS, environ)
    now = SAMPLE_CLOCK if given["sample"] else now
    jobs = [_job(one, given, settings, environ, now) for one in _names(given, settings, environ)]
    output = partial(actions.add_output, environ.get("GITHUB_OUTPUT", ""))
    if name == "plan":
        return _plan(jobs, given["start"], console, output)
    commands = _Commands(
        start=given["start"], console=console, news=[], dry_run=given["dry_run"], labels=given.get("labels")
    )
    work: Work = getattr(commands, name.replace("eval", "evaluate"))
    code = asyncio.run(_each(jobs, work, sampled=given["sample"], environ=environ, console=console))
    if name == "fetch":
        output("news", ",".join(commands.news))
    return code


def _plan(jobs: list[Job], start: Start, console: Console, output: Callable[[str, str], None]) -> int:
    plans = [planning.plan(job, start=start) for job in jobs]
    console.rows(planning.table(plans))
    for one in plans:
        if one.alarm:
            console.warning(one.alarm)
    due = [one.profile for one in plans if one.due]
    said = f"due: {', '.join(due)}" if due else "nothing is due"
    console.result(said, {"plans": [one.model_dump(mode="json") for one in plans]})
    for name, value in planning.outputs(plans).items():
        output(name, value)
    return 0


def _check(given: Mapping[str, Any], environ: Environ, console: Console) -> int:
    problems = checking.check(SETTINGS, PROMPTS, environ, given["profiles"], console.note)
    for problem in problems:
        console.error(problem)
    said = f"{len(problems)} wrong" if problems else "all right"
    console.result(said, {"problems": [str(problem) for problem in problems]})
    return max((problem.exit_code for problem in problems), default=0)


def _end(group: ExceptionGroup[Exception]) -> BaseException:
    """The error that ends a run, out of the calls that went on side by side; anything else stays as it is."""
    known, rest = group.split(DigestError)
    error: BaseException = group if known is None or rest is not None else known
    while isinstance(error, ExceptionGroup) and error is not group:
        error = error.exceptions[0]
    return error


@dataclass(frozen=True)
class _Commands:
    """The commands as functions of one job. `news` collects the profiles for which there is something to judge."""

    start: Start
    console: Console
    news: list[str]
    dry_run: bool
    labels: Path | None

    async def _estimate(self, job: Job, ports: Ports, say: Say) -> int:
        fetched = await runs.fetching(job, ports.get, say, start=self.start)
        found = estimating.estimate(
            fetched,
            profile=job.profile,
            settings=job.settings,
            score_prompt=job.prompt("score"),
            analyze_prompt=job.prompt("analyze"),
        )
        self.console.result("\n".join(estimating.lines(found)), found.model_dump(mode="json"))
        return 0

    async def run(self, job: Job, ports: Ports, say: Say) -> int:
        if self.dry_run:
            return await self._estimate(job, ports, say)
        return _told(await runs.run(job, ports.get, ports.model(job), say, start=self.start), self.console)

    async def fetch(self, job: Job, ports: Ports, say: Say) -> int:
        fetched = await runs.fetching(job, ports.get, say, start=self.start)
        if fetched.papers or fetched.retries:
            self.news.append(job.name)
        return 0

    async def score(self, job: Job, ports: Ports, say: Say) -> int:
        await runs.scoring(job, ports.model(job), say)
        return 0

    async def texts(self, job: Job, ports: Ports, say: Say) -> int:
        await runs.reading(job, ports.get, say)
        return 0

    async def analyze(self, job: Job, ports: Ports, say: Say) -> int:
        await runs.analyzing(job, ports.get, ports.model(job), say)
        return 0

    async def evaluate(self, job: Job, ports: Ports, _say: Say) -> int:
        labels = self.labels or EVAL / f"{job.name}.jsonl"
        known = ledger.load(job.reports, job.name)
        found = await evaluating.evaluate(job, ports.model(job), evaluating.read_labels(labels), known)
        kept = evaluating.last_path(labels, job.engine)
        said = evaluating.lines(found, evaluating.read_last(kept))
        self.console.result("\n".join(said), found.model_dump(mode="json"))
        evaluating.save(kept, found)
        return 0

    async def render(self, job: Job, _ports: Ports, say: Say) -> int:
        _told(runs.finish(job, say, start=self.start), self.console)
        return 0


async def _each(jobs: list[Job], work: Work, *, sampled: bool, environ: Environ, console: Console) -> int:
    """One job after the other over one client, so that a source sees one connection, however many profiles.

    A profile that fails does not take the others with it; what is wrong for all of them (usage, settings,
    credentials) ends the run.
    """
    code = 0
    failed: list[str] = []
    async with _ports(jobs[0].settings, sampled=sampled, environ=environ) as ports:
        for job in jobs:
            try:
                with console.working(f"{job.name} {job.date}") as say:
                    code = max(code, await work(job, ports, say))
            except (DigestError, ExceptionGroup) as raised:
                error = _end(raised) if isinstance(raised, ExceptionGroup) else raised
                if len(jobs) == 1 or not isinstance(error, DigestError) or error.exit_code != 1:
                    raise error from None
                console.error(error)
                failed.append(job.name)
    # 1 outweighs 3: of one profile nothing was published at all.
    return 1 if failed else code


@asynccontextmanager
async def _ports(settings: Settings, *, sampled: bool, environ: Environ) -> AsyncIterator[Ports]:
    """The client and the models of one invocation, closed at its end."""
    async with AsyncExitStack() as stack:
        get: Get = sample.get
        if not sampled:
            http = settings.http.model_copy(update={"contact": _contact(settings, environ)})
            client = Client(http, arxiv_hosts=settings.arxiv_hosts, version=__version__)
            get = _once((await stack.enter_async_context(client)).get)
        opened: dict[str, Claude] = {}

        def model(job: Job) -> Model | None:
            if job.engine == "local":
                return None
            if job.name not in opened:
                opened[job.name] = Claude.open(job.settings, job.profile, environ)
                stack.push_async_callback(opened[job.name].aclose)
            return opened[job.name]

        yield Ports(get=get, model=model)


def _contact(settings: Settings, environ: Environ) -> str:
    """Who to write to about our requests: in Actions the repository, if the settings still name nobody."""
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    if server and repository and "OWNER/REPO" in settings.http.contact:
        return f"{server}/{repository}"
    return settings.http.contact


def _once(get: Get) -> Get:
    """A page is asked for once per invocation: profiles share the day's lists."""
    pages: dict[str, asyncio.Task[Page | Failure]] = {}

    async def once(url: str, *, accept: str = "*/*", attempts: int | None = None) -> Page | Failure:
        if url not in pages:
            pages[url] = asyncio.ensure_future(get(url, accept=accept, attempts=attempts))
        return await pages[url]

    return once


def _job(name: str, given: Mapping[str, Any], settings: Settings, environ: Environ, now: dt.datetime) -> Job:
    """One profile's run, with what the command line lays over its settings."""
    profile = load_profile(PROMPTS, name, languages=catalog.LANGUAGES)
    own = {key: given[key] for key in ("picks", "threshold") if given[key] is not None}
    profile = profile.model_copy(update={"settings": profile.settings.model_copy(update=own)})
    engine: Engine = given["engine"] or ("local" if given["sample"] else settings.profiles.engine)
    return Job(
        settings=settings,
        profile=profile,
        prompts=PROMPTS,
        reports=given["reports"],
        work=given["work"],
        date=_date(given["date"], now),
        engine=engine,
        generated_at=now,
        run_url=_run_url(environ),
        force=given["force"],
        wanted=_papers(given["papers"]),
    )


def _names(given: Mapping[str, Any], settings: Settings, environ: Environ) -> list[str]:
    """The profiles asked for, else those of DIGEST_PROFILES, else the active ones; each once, in order."""
    from_variable = [name.strip() for name in environ.get("DIGEST_PROFILES", "").split(",") if name.strip()]
    names = list(dict.fromkeys(given["profiles"] or from_variable or settings.profiles.active))
    if not names:
        raise InputError("no profile is active", hint="name one with --profile, or in digest.toml")
    return names


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


def _papers(given: str) -> tuple[str, ...]:
    """The ids of --papers, without versions."""
    ids = [part.strip() for part in given.split(",") if part.strip()]
    for one in ids:
        if not ARXIV_ID.fullmatch(one):
            raise InputError(f'--papers: "{one[:40]}" is not an arXiv id', hint="Try: --papers 2601.16914")
    return tuple(dict.fromkeys(re.sub(r"v[0-9]+$", "", one) for one in ids))


def _run_url(environ: Environ) -> str | None:
    """The page of this run in Actions, else None."""
    parts = [environ.get(f"GITHUB_{key}", "") for key in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else None


def _told(done: Done, console: Console) -> int:
    """Say how a run ended; 3 if something is left to do."""
    data = {
        "profile": done.job.name,
        "date": done.job.date.isoformat(),
        "state": done.state,
        "report": str(done.path) if done.path else None,
        "picks": len(done.digest.picks) if done.digest else 0,
        "candidates": len(done.digest.candidates) if done.digest else 0,
        "pending": len(done.incomplete),
        "failed_sources": list(done.failed_sources),
        "usd": done.digest.usage.usd if done.digest else 0,
    }
    shown = (
        str(done.path.with_suffix(".md")) if done.path else f"{done.job.name} {done.job.date}: nothing new"
    )
    console.result(shown, data)
    if done.incomplete:
        console.warning(
            f"{done.job.name}: {len(done.incomplete)} papers are pending; the next run tries again"
        )
    for source in done.failed_sources:
        console.warning(f"{done.job.name}: {source} could not be read; the next run catches up")
    return INCOMPLETE if done.incomplete or done.failed_sources else 0
