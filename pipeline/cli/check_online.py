"""`digest check --online`: tries every source, one full text and the models, reads addresses, and prices today's list."""

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from pipeline.cli import estimate, notify, runtime
from pipeline.cli.runtime import Connections
from pipeline.cli.session import Session
from pipeline.core import ledger
from pipeline.core.artifacts import Fetched
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import CredentialsError, DigestError
from pipeline.core.progress import Say, current_stage
from pipeline.llm.interface import ModelStatus
from pipeline.llm.recorded import Replay
from pipeline.report import labels
from pipeline.sources import arxiv_api, feeds
from pipeline.sources.base import LinkRules
from pipeline.sources.http_client import Failure, Get, Page
from pipeline.stages import fetch
from pipeline.stages.job import Job


@dataclass(frozen=True)
class Probe:
    """The result of one attempt; `exit_code` applies if it failed."""

    well: bool
    text: str
    exit_code: int = 1


class Lookup(Protocol):
    """A client that can look up the state of its models."""

    async def check_models(self) -> tuple[ModelStatus, ...]:
        """The state of each model in use."""
        ...


def execute(session: Session) -> int:
    """`digest check --online`: try everything for every profile and say what did not work."""

    async def work(job: Job, connections: Connections, say: Say) -> int:
        current_stage.set("check")
        record = session.options.record
        get = recording(connections.get, Path(record) / job.name) if record else connections.get
        probes = []
        async for probe in online(job, get, partial(_open_model, job, connections), say):
            probes.append(probe)
            session.console.note(f"{job.name}: {'ok ' if probe.well else 'NOT OK '} {probe.text}")
        wrong = sum(not probe.well for probe in probes)
        text = (
            f"{job.name}: {wrong} of {len(probes)} did not work" if wrong else f"{job.name}: all of it works"
        )
        session.console.result(text, {"profile": job.name, "online": [asdict(probe) for probe in probes]})
        return max((probe.exit_code for probe in probes if not probe.well), default=0)

    jobs = session.checked_jobs()
    told = channels(session.environ.get(notify.VARIABLE, ""))
    for probe in told:
        session.console.note(f"{notify.VARIABLE}: {'ok' if probe.well else 'NOT OK'} {probe.text}")
    code = max((probe.exit_code for probe in told if not probe.well), default=0)
    return max(code, runtime.each_profile(session, jobs, work, lock=False))


def channels(addresses: str) -> list[Probe]:
    """Whether the address of each channel can be read. Sends nothing, and shows no part of an address."""
    if not addresses.strip():
        return []
    try:
        opened = notify.channels(addresses)
    except DigestError as error:
        return [Probe(False, f"{error.message}: {error.hint}")]
    return [
        Probe(
            channel.client is not None, f"{channel.name}: {'can be read' if channel.client else notify.WRONG}"
        )
        for channel in opened
    ]


def _open_model(job: Job, connections: Connections) -> Lookup | None:
    """The model of a job; None if its answers are only replayed."""
    model = connections.model(job)
    return None if isinstance(model, Replay) else model


async def online(
    job: Job, get: Get, open_model: Callable[[], Lookup | None], say: Say
) -> AsyncIterator[Probe]:
    """Try everything that a night needs, with the same request intervals. Scores nothing and writes nothing."""
    profile = job.profile.settings
    say("check", f"asking {', '.join((*profile.sources, *map(labels.host, profile.feeds)))}")
    try:
        fetched = await fetch.fetch(
            get,
            profile=job.profile,
            settings=job.settings,
            date=job.date,
            known=ledger.load(job.reports, job.name),
            report_of=lambda date: ledger.read_report(job.reports, job.name, date),
            wanted=(),
            generated_at=job.generated_at,
            run_url=None,
        )
    except DigestError as error:
        yield Probe(False, error.message)
    else:
        for source in fetched.sources:
            text = ", ".join(filter(None, (f"{source.name}: {source.status}", source.note)))
            yield Probe(source.status != "failed", text)
        for probe in _refused_links(job, fetched):
            yield probe
        say("check", "asking arXiv for one paper and its full text")
        for probe in await _papers(job, get, fetched):
            yield probe
        price = estimate.lines(estimate.of_job(job, fetched))[-1]
        yield Probe(True, f"today's list: {price}")
    if job.engine != "local":
        say("check", "asking for the state of the models")
    for probe in await _models(open_model):
        yield probe


def _refused_links(job: Job, fetched: Fetched) -> list[Probe]:
    """For each feed whose entries link to hosts that are not allowed, the line of `digest.toml` that allows them."""
    probes = []
    for source in fetched.sources:
        if hosts := feeds.refused_hosts(source.note):
            line = json.dumps([*job.settings.links.hosts, *hosts])
            text = f"{source.name}: to link to its papers, [links] in digest.toml needs hosts = {line}"
            probes.append(Probe(True, text))
    return probes


async def _models(open_model: Callable[[], Lookup | None]) -> list[Probe]:
    """The state of each model in use, or why it cannot be asked."""
    try:
        models = open_model()
        if models is None:
            return [Probe(True, "no model is used: the engine is local, or answers are recorded")]
        return [
            Probe(
                status.state in {"active", "deprecated"},
                f"model {status.model}: {status.state}"
                + (f", until {status.retires}" if status.retires else "")
                + (f" ({status.note})" if status.note else ""),
            )
            for status in await models.check_models()
        ]
    except CredentialsError as error:
        return [Probe(False, f"{error.message} ({error.hint})", error.exit_code)]


async def _papers(job: Job, get: Get, fetched: Fetched) -> list[Probe]:
    """Try arXiv's API and the full text of one listed paper."""
    known = next(
        (paper for paper in (*fetched.papers, *(s.paper for s in fetched.seen)) if paper.links.html), None
    )
    if known is None or known.links.html is None:
        return [Probe(True, "no paper of arXiv is listed today: single papers and full texts were not tried")]
    found = await arxiv_api.fetch_by_ids(
        get, job.settings.endpoints.arxiv_api, [known.id], LinkRules.from_settings(job.settings)
    )
    said = f"arXiv's API knows {known.id}" if found.papers else f"arXiv's API: {found.missing[0].reason}"
    page = await get(known.links.html)
    if isinstance(page, Failure):
        return [Probe(bool(found.papers), said), Probe(False, f"full text of {known.id}: {page.reason}")]
    there = f"full text of {known.id}: HTTP {page.status}, {len(page.body):,} bytes"
    return [Probe(bool(found.papers), said), Probe(page.status in {200, 404}, there)]


def recording(get: Get, folder: Path) -> Get:
    """Wrap `get` so that each response is kept in `folder` as `.body`, beside a `.json` with its URL and status.

    No secret can be recorded: requests to these pages carry no key.
    """
    kept = 0

    async def record(
        url: str, *, accept: str = "*/*", attempts: int | None = None, fresh: bool = False
    ) -> Page | Failure:
        nonlocal kept
        kept += 1
        name = f"{kept:02d}-{re.sub(r'[^A-Za-z0-9.]+', '-', url.partition('://')[2]).strip('-')[:80]}"
        answer = await get(url, accept=accept, attempts=attempts, fresh=fresh)
        if isinstance(answer, Page):
            write_atomic(folder / f"{name}.body", answer.body)
            about = {"url": url, "accept": accept, "status": answer.status, "final_url": answer.url}
        else:
            about = {"url": url, "accept": accept, "status": answer.status, "failure": answer.reason}
        write_atomic(folder / f"{name}.json", (json.dumps(about, indent=1) + "\n").encode())
        return answer

    return record
