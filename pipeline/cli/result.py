"""How a run ended, in words and as an exit code."""

from collections.abc import Iterable

from pipeline.cli.console import Console
from pipeline.stages.job import Done

INCOMPLETE = 3  # the exit code of a run that published, but not everything


def worst(codes: Iterable[int]) -> int:
    """The exit code of several profiles: 1 outweighs 3, since one of them published nothing at all."""
    found = set(codes)
    return 1 if 1 in found else max(found)


def tell(done: Done, console: Console) -> int:
    """Print how a run ended; returns 3 if something is left to do or was missed for good, else 0."""
    job, digest = done.job, done.digest
    if done.state == "unchanged":
        console.note(f"{job.name} {job.date}: {done.path} is there and complete; --force makes it anew")
    data = {
        "profile": job.name,
        "date": job.date.isoformat(),
        "state": done.state,
        "report": str(done.path) if done.path else None,
        "picks": len(digest.picks) if digest else 0,
        "candidates": len(digest.candidates) if digest else 0,
        "pending": len(done.incomplete),
        "failed_sources": list(done.failed_sources),
        "gaps": list(done.gaps),
        "usd": digest.usage.usd if digest else 0,
    }
    page = str(done.path.with_suffix(".md")) if done.path else f"{job.name} {job.date}: nothing new"
    console.result(page, data)
    if done.incomplete:
        console.warning(f"{job.name}: {len(done.incomplete)} papers are pending; the next run tries again")
    for source in done.failed_sources:
        console.warning(f"{job.name}: {source} could not be read; the next run catches up")
    for gap in done.gaps:
        console.warning(f"{job.name}: missed for good: {gap}")
    return INCOMPLETE if done.incomplete or done.failed_sources or done.gaps else 0
