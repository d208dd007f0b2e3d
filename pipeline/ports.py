"""What reaches out of the program: one client for pages, and a model for each profile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pipeline import __version__
from pipeline.config import Environ, Settings
from pipeline.engines.claude import Claude, warm_up
from pipeline.jobs import Job
from pipeline.sources import sample
from pipeline.sources.http import Client, Failure, Get, Page


@dataclass(frozen=True)
class Ports:
    """What reaches out of the program: pages, and a model for each profile."""

    get: Get
    model: Callable[[Job], Claude | None]


@asynccontextmanager
async def open_ports(
    jobs: Sequence[Job], *, sampled: bool, environ: Environ, note: Callable[[str], None]
) -> AsyncIterator[Ports]:
    """The client and the models of one invocation, closed at its end.

    The SDK takes two seconds to import: that begins at once, beside the fetching.
    """
    settings = jobs[0].settings
    async with AsyncExitStack() as stack:
        get: Get = sample.get
        if not sampled:
            http = settings.http.model_copy(update={"contact": _contact(settings, environ)})
            client = Client(http, arxiv_hosts=settings.arxiv_hosts, version=__version__)
            get = _once((await stack.enter_async_context(client)).get)
        opened: dict[str, Claude] = {}
        warming: list[asyncio.Task[None]] = []  # kept, since the loop does not keep them

        def model(job: Job) -> Claude | None:
            if job.engine == "local":
                return None
            if job.name not in opened:
                if not opened:
                    warming.append(asyncio.create_task(warm_up()))
                first = next(iter(opened.values()), None)
                limits = first.limits if first else None
                opened[job.name] = Claude.open(job.settings, job.profile, environ, limits=limits)
                stack.push_async_callback(opened[job.name].aclose)
                for row in opened[job.name].describe().splitlines():
                    note(row)
            return opened[job.name]

        yield Ports(get=get, model=model)


def _contact(settings: Settings, environ: Environ) -> str:
    """Who to write to about our requests: in Actions the repository, if the settings still name nobody."""
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    if server and repository and "OWNER/REPO" in settings.http.contact:
        return f"{server}/{repository}"
    return settings.http.contact


def _once(get: Get) -> Get:
    """A page is asked for once per invocation, since profiles share the day's lists; anew for who asks for it fresh."""
    pages: dict[str, asyncio.Task[Page | Failure]] = {}

    async def once(
        url: str, *, accept: str = "*/*", attempts: int | None = None, fresh: bool = False
    ) -> Page | Failure:
        # What is under way is fresh enough: whoever asks again has read the answer before it.
        if url not in pages or (fresh and pages[url].done()):
            pages[url] = asyncio.ensure_future(get(url, accept=accept, attempts=attempts, fresh=fresh))
        return await pages[url]

    return once
