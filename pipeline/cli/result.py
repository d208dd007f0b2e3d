"""How a run ended, in words and as an exit code."""

from collections import Counter
from collections.abc import Iterable
from typing import get_args

from pipeline.cli.console import Console
from pipeline.core.artifacts import Digest
from pipeline.core.errors import DigestError
from pipeline.core.models import Gate
from pipeline.core.quantity import first_of, quantity
from pipeline.stages.job import Done

INCOMPLETE = 3  # the exit code of a run that published, but not everything


def worst(codes: Iterable[int]) -> int:
    """The exit code of several profiles: 1 outweighs 3, since one of them published nothing at all."""
    found = set(codes)
    return 1 if 1 in found else max(found)


def tell(done: Done, console: Console) -> int:
    """Print how a run ended; returns 3 if something is left to do, was missed for good, or most claims failed, else 0."""
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
        "given_up": list(done.given_up),
        "failed_sources": list(done.failed_sources),
        "gaps": list(done.gaps),
        "usd": digest.usage.usd if digest else 0,
    }
    page = str(done.path.with_suffix(".md")) if done.path else f"{job.name} {job.date}: nothing new"
    console.result(page, data)
    if done.unscored_for:
        console.error(
            DigestError(
                f"{job.name}: no paper of {job.date} could be scored: {done.unscored_for}",
                hint="nothing is lost: they are tried again every night. If it is the account or its limit, raise it",
            )
        )
    if done.incomplete:
        console.warning(
            f"{job.name}: {quantity(len(done.incomplete), 'paper is', 'papers are')} pending; the next run tries again"
        )
    if done.given_up:
        papers = quantity(len(done.given_up), "paper is", "papers are")
        console.warning(f"{job.name}: {papers} given up after a week: {first_of(done.given_up)}")
    for source in done.failed_sources:
        console.warning(f"{job.name}: {source} could not be read; the next run catches up")
    for gap in done.gaps:
        console.warning(f"{job.name}: missed for good: {gap}")
    failed = most_claims_failed(digest) if digest is not None and done.state == "published" else ""
    if failed:
        console.warning(f"{job.name}: {failed}")
    left = done.incomplete or done.given_up or done.failed_sources or done.gaps or failed
    return INCOMPLETE if left else 0


def most_claims_failed(digest: Digest) -> str:
    """Say that more than half of a digest's claims failed the gates, and which gates; empty if fewer did.

    One model may write badly; but so it also looks if the gates do not know how a language writes numbers and names.
    """
    dropped: Counter[str] = Counter()
    claims = 0
    for pick in digest.picks:
        if pick.second_reader is not None:
            dropped.update(pick.second_reader.dropped)
            kept = (claim for section in pick.sections for claim in section.claims)
            claims += sum(all(e.quote != claim.text for e in claim.evidence) for claim in kept)
    failed = {gate: dropped[gate] for gate in get_args(Gate) if dropped[gate]}
    count = sum(failed.values())
    claims += dropped.total() - dropped["omitted"]
    if count * 2 <= claims:
        return ""
    by_gate = ", ".join(
        f"{gate} {number}" for gate, number in sorted(failed.items(), key=lambda one: -one[1])
    )
    return (
        f"{count} of {claims} claims failed the gates and were dropped ({by_gate}). If that surprises you, look at "
        f"pipeline/report/locales/{digest.language}.toml: it says how the language writes numbers and names"
    )
