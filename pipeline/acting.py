"""The commands that reach out: they put together client and model, and run the stages of each job."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline import estimating, evaluating, jobs, ledger, online, runs
from pipeline.artifacts import Scored
from pipeline.config import Environ
from pipeline.console import Console, Say
from pipeline.engines.claude import Claude
from pipeline.errors import DigestError
from pipeline.jobs import Done, Job
from pipeline.ports import Ports, open_ports
from pipeline.stages import Start
from pipeline.writing import actions, markdown, words

EVAL = Path("eval")
Work = Callable[[Job, Ports, Say], Awaitable[int]]


def act(name: str, asked: list[Job], given: Mapping[str, Any], *, environ: Environ, console: Console) -> int:
    """Carry out a command for all jobs; the worst exit code among them. Raises DigestError."""
    commands = _Commands(
        start=given["start"],
        console=console,
        news=[],
        unread=set(),
        dry_run=given["dry_run"],
        labels=given.get("labels"),
        record=given.get("record"),
        summary=environ.get("GITHUB_STEP_SUMMARY", ""),
    )
    try:
        codes = asyncio.run(
            _each(asked, commands.named(name), sampled=given["sample"], environ=environ, console=console)
        )
    except ExceptionGroup as group:
        raise _end(group) from None
    failed = [job.name for job, code in codes if code == 1]
    made = commands.news if name == "fetch" else [job.name for job, _ in codes if job.name not in failed]
    output = partial(actions.add_output, environ.get("GITHUB_OUTPUT", ""))
    output("made", ",".join(made))  # who goes on; the workflow ends red for those who failed
    output("failed", ",".join(failed))
    output("unread", ", ".join(sorted(commands.unread)))  # for the end of a run that has no page to say it on
    return jobs.worst(code for _, code in codes)


def _end(group: ExceptionGroup[Exception]) -> BaseException:
    """The error that ends a run, out of the calls that went on side by side; anything else stays as it is."""
    known, rest = group.split(DigestError)
    error: BaseException = group if known is None or rest is not None else known
    while isinstance(error, ExceptionGroup) and error is not group:
        error = error.exceptions[0]
    return error


def _surprise(job: Job, error: BaseException, console: Console) -> DigestError:
    """What nobody has thought of, as the end of one profile's run; where it came from stands in the log."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        console.note(line)
    message = f"{job.name}: {type(error).__name__}: {error}"
    return DigestError(
        message, hint="that is a mistake of the program: please report it with the lines above"
    )


@dataclass(frozen=True)
class _Commands:
    """The commands as functions of one job.

    `news` collects the profiles for which there is something to judge, `unread` the sources that failed.
    """

    start: Start
    console: Console
    news: list[str]
    unread: set[str]
    dry_run: bool
    labels: Path | None
    record: Path | None
    summary: str  # the file of the job summary, or nothing

    def named(self, name: str) -> Work:
        """The function that a command of the command line stands for; whoever writes artifacts does so alone."""
        works: dict[str, Work] = {
            "run": self.run,
            "fetch": self.fetch,
            "score": self.score,
            "texts": self.texts,
            "analyze": self.analyze,
            "render": self.render,
            "check": self.check,
            "eval": self.evaluate,
        }
        work = works[name]

        async def alone(job: Job, ports: Ports, say: Say) -> int:
            with job.alone():
                return await work(job, ports, say)

        return work if self.dry_run or name in {"check", "eval"} else alone

    async def _estimate(self, job: Job, ports: Ports, say: Say) -> int:
        fetched = await runs.fetching(job, ports.get, say, start=self.start, keep=False)
        found = estimating.of_job(job, fetched)
        named = {"profile": job.name, "date": job.date.isoformat()}
        rows = [f"{job.name} {line}" for line in estimating.lines(found)]
        self.console.result("\n".join(rows), {**named, **found.model_dump(mode="json")})
        self._summarize(rows)
        return 0

    async def run(self, job: Job, ports: Ports, say: Say) -> int:
        if self.dry_run:
            return await self._estimate(job, ports, say)
        model = ports.model(job)
        if self.start in {"texts", "analyze"} and jobs.committed(job, self.start) is None:
            _charge(model, job)
        return self._told(await runs.run(job, ports.get, model, say, start=self.start))

    async def fetch(self, job: Job, ports: Ports, say: Say) -> int:
        fetched = await runs.fetching(job, ports.get, say, start=self.start)
        if fetched.papers or fetched.retries:
            self.news.append(job.name)
        for source in fetched.sources:
            if source.status == "failed":
                self.unread.add(words.host(source.name))
                self.console.warning(f"{job.name}: {source.name} could not be read: {source.note}")
        return 0

    async def score(self, job: Job, ports: Ports, say: Say) -> int:
        scored = await runs.scoring(job, ports.model(job), say)
        spent = scored.spent["score"]
        if spent.calls:  # what comes after may fail, and then no page says what has been paid
            self._summarize([f"{job.name} {job.date} score: {estimating.told(spent)}"])
        return 0

    async def texts(self, job: Job, ports: Ports, say: Say) -> int:
        await runs.reading(job, ports.get, say)
        return 0

    async def analyze(self, job: Job, ports: Ports, say: Say) -> int:
        model = ports.model(job)
        _charge(model, job)
        await runs.analyzing(job, ports.get, model, say)
        return 0

    async def check(self, job: Job, ports: Ports, _say: Say) -> int:
        get = online.recording(ports.get, self.record / job.name) if self.record else ports.get
        found = await online.online(job, get, partial(ports.model, job))
        for one in found:
            self.console.note(f"{job.name}: {'ok ' if one.well else 'NOT OK '} {one.text}")
        wrong = sum(not one.well for one in found)
        said = (
            f"{job.name}: {wrong} of {len(found)} did not work" if wrong else f"{job.name}: all of it works"
        )
        self.console.result(said, {"profile": job.name, "online": [asdict(one) for one in found]})
        return max((one.exit_code for one in found if not one.well), default=0)

    async def evaluate(self, job: Job, ports: Ports, _say: Say) -> int:
        labels = self.labels or EVAL / f"{job.name}.jsonl"
        known = ledger.load(job.reports, job.name)
        found = await evaluating.evaluate(job, ports.model(job), evaluating.read_labels(labels), known)
        kept = evaluating.last_path(labels, job.engine)
        said = evaluating.lines(found, evaluating.read_last(kept))
        self.console.result("\n".join(said), found.model_dump(mode="json"))
        if not found.unscored:  # else the next version would be held against what was never judged
            evaluating.save(kept, found)
        return 0

    async def render(self, job: Job, _ports: Ports, say: Say) -> int:
        self._told(runs.finish(job, say, start=self.start))
        return 0

    def _summarize(self, lines: Iterable[str]) -> None:
        """Lines for the job summary, outside of Actions for nobody."""
        actions.add_summary(self.summary, "".join(f"- {line}\n" for line in lines))

    def _told(self, done: Done) -> int:
        """Say how it ended, and in Actions into the job summary too."""
        if done.digest is not None and done.state == "published" and self.summary:
            actions.add_summary(self.summary, markdown.summary(done.digest))
        return jobs.tell(done, self.console)


def _charge(model: Claude | None, job: Job) -> None:
    """Count what scoring has cost in an earlier process: one budget for the run, in however many."""
    if model is not None and job.has(Scored):
        model.charge(job.load(Scored).spent["score"].usd)


async def _each(
    asked: list[Job], work: Work, *, sampled: bool, environ: Environ, console: Console
) -> list[tuple[Job, int]]:
    """All jobs side by side, over one client and one set of limits for the model.

    So a source sees one connection, and the endpoint one rate, however many profiles there are.

    A profile that fails does not take the others with it; what is wrong for all of them (usage, settings,
    credentials) ends the run.
    """
    async with open_ports(asked, sampled=sampled, environ=environ, note=console.note) as ports:

        async def one(job: Job) -> int:
            try:
                with console.working(f"{job.name} {job.date}", alone=len(asked) == 1) as say:
                    return await work(job, ports, say)
            except Exception as raised:  # noqa: BLE001 - whatever happens to one profile is no other one's end
                error = _end(raised) if isinstance(raised, ExceptionGroup) else raised
                if len(asked) == 1 or (isinstance(error, DigestError) and error.exit_code != 1):
                    raise error from None
                console.error(error if isinstance(error, DigestError) else _surprise(job, error, console))
                return 1

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(job)) for job in asked]
    return [(job, task.result()) for job, task in zip(asked, tasks, strict=True)]
