"""Does it work from here? Sources, a full text, the models behind the key, and what today's list would cost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline import estimating, fetch, ledger
from pipeline.artifacts import Fetched
from pipeline.engines.lifecycle import Lifecycle
from pipeline.errors import CredentialsError, DigestError
from pipeline.jobs import Job
from pipeline.sources import api
from pipeline.sources.http import Failure, Get, Page
from pipeline.sources.listing import LinkRules
from pipeline.storage import write_whole


@dataclass(frozen=True)
class Probe:
    """One thing that was tried; `exit_code` is what it means if it did not go well."""

    well: bool
    text: str
    exit_code: int = 1


class Lookup(Protocol):
    """Whoever knows what an endpoint says of its models."""

    async def check_models(self) -> tuple[Lifecycle, ...]:
        """The state of each model in use."""
        ...


async def online(job: Job, get: Get, open_model: Callable[[], Lookup | None]) -> list[Probe]:
    """Try everything that a night needs, at the pace of a night. Nothing is judged, nothing is written."""
    probes: list[Probe] = []
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
        probes.append(Probe(False, error.message))
    else:
        probes += [
            Probe(one.status != "failed", _source(one.name, one.status, one.note)) for one in fetched.sources
        ]
        probes += await _papers(job, get, fetched)
        probes.append(_price(job, fetched))
    return probes + await _models(open_model)


async def _models(open_model: Callable[[], Lookup | None]) -> list[Probe]:
    """What the endpoint says of the models in use. Without a key the sources have been tried all the same."""
    try:
        models = open_model()
        if models is None:
            return [Probe(True, "no model is used: the engine is local")]
        return [_model(one) for one in await models.check_models()]
    except CredentialsError as error:
        return [Probe(False, f"{error.message} ({error.hint})", error.exit_code)]


def _source(name: str, status: str, note: str) -> str:
    return f"{name}: {status}{f', {note}' if note else ''}"


async def _papers(job: Job, get: Get, fetched: Fetched) -> list[Probe]:
    """The interface for single papers, and the full text of one."""
    known = next(
        (paper for paper in (*fetched.papers, *(s.paper for s in fetched.seen)) if paper.links.html), None
    )
    if known is None or known.links.html is None:
        return [Probe(True, "no paper of arXiv is listed today: single papers and full texts were not tried")]
    found = await api.by_ids(get, job.settings.endpoints.arxiv_api, [known.id], LinkRules.of(job.settings))
    said = f"arXiv's API knows {known.id}" if found.papers else f"arXiv's API: {found.missing[0].reason}"
    page = await get(known.links.html)
    if isinstance(page, Failure):
        return [Probe(bool(found.papers), said), Probe(False, f"full text of {known.id}: {page.reason}")]
    there = f"full text of {known.id}: HTTP {page.status}, {len(page.body):,} bytes"
    return [Probe(bool(found.papers), said), Probe(page.status in {200, 404}, there)]


def _price(job: Job, fetched: Fetched) -> Probe:
    found = estimating.of_job(job, fetched)
    return Probe(True, f"today's list: {estimating.lines(found)[-1]}")


def _model(one: Lifecycle) -> Probe:
    until = f", until {one.retires}" if one.retires else ""
    note = f" ({one.note})" if one.note else ""
    return Probe(one.state in {"active", "deprecated"}, f"model {one.model}: {one.state}{until}{note}")


def recording(get: Get, folder: Path) -> Get:
    """The same pages, each kept in `folder` as it came, beside a JSON file that says where from.

    Only what was asked for and what was answered is kept; requests to these pages carry no key.
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
            write_whole(folder / f"{name}.body", answer.body)
            about = {"url": url, "accept": accept, "status": answer.status, "final_url": answer.url}
        else:
            about = {"url": url, "accept": accept, "status": answer.status, "failure": answer.reason}
        write_whole(folder / f"{name}.json", (json.dumps(about, indent=1) + "\n").encode())
        return answer

    return record
