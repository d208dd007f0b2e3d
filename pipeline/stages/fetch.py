"""The world → Fetched: what is new for this profile, and what every source did.

    huggingface ┐
    arxiv, oai  ├─merge─> candidates ─ledger─> new | pending again | seen before
    feeds       ┘

A source that fails is a status, not an exception; only if none answers is there nothing to go on with.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence

from pipeline.config.profile import Profile
from pipeline.config.settings import Settings
from pipeline.core.artifacts import Candidate, Digest, Fetched, Retry, Seen
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.dates import DAY
from pipeline.core.errors import DigestError
from pipeline.core.ledger import Entry, Ledger, verdict_of
from pipeline.core.models import Paper, Pending, Skipped, SourceStatus, Verdict
from pipeline.sources import arxiv_api, arxiv_oai, arxiv_rss, feeds, huggingface
from pipeline.sources.base import LinkRules, Listing, freshness
from pipeline.sources.http_client import Get
from pipeline.sources.merge import LISTS, merge
from pipeline.sources.window import Window

MOST_NAMED = 5  # in one message
GONE = "its feed does not list it any more"
MOST_SKIPPED = 50  # of a source: a broken feed is not to fill the report


async def fetch(
    get: Get,
    *,
    profile: Profile,
    settings: Settings,
    date: dt.date,
    known: Ledger,
    report_of: Callable[[dt.date], Digest | None],
    wanted: tuple[str, ...],
    generated_at: dt.datetime,
    run_url: str | None,
    previous_report: Digest | None = None,
) -> Fetched:
    """Everything announced since the watermark, merged and held against what the reports know.

    A `date` before the day of `generated_at` covers that one day and moves no watermark. `previous_report`:
    the report that `--force` replaces; its candidates are fetched again, also those of days that it caught up.
    Raises DigestError when no source could be read.
    """
    window = Window(date=date, past=date < generated_at.date(), through=known.read_up_to())
    listings = await _listings(get, profile, settings, window)
    sources = _statuses(listings, known, window)
    if all(source.status == "failed" for source in sources):
        raise DigestError(
            _all_down(sources),
            hint="nothing was written; run again later, nothing is lost. Offline, `digest run --sample` has a recorded day",
        )
    due, liked = known.due(date), profile.settings.liked
    then = [one.id for one in previous_report.candidates if one.outcome != "seen"] if previous_report else []
    asked = [*(p.id for p in due), *wanted, *liked, *then]
    listed, found = await _looked_up(get, settings, merge(listings), asked)
    _all_there(then, found)
    papers = {paper.id: paper for paper in (*found.papers, *listed)}
    again = [*due, *_judged_and_wanted(wanted, known, date)]
    retries = tuple(one for p in again if (one := _retry(p, papers, known.entries, report_of)) is not None)
    taken = {one.paper.id for one in retries}
    new = [key for key in (*(p.id for p in listed), *then) if known.judged(key) is None]
    quiet = {*(p.id for p in due), *liked} - set(wanted)  # whose absence is nothing that a reader has to know
    return Fetched(
        profile=profile.name,
        date=date,
        generated_at=generated_at,
        run_url=run_url,
        previous=known.before(date),
        sources=sources,
        papers=tuple(papers[key] for key in dict.fromkeys((*new, *wanted)) if key in papers.keys() - taken),
        retries=retries,
        wanted=wanted,
        liked=tuple(papers[key] for key in liked if key in papers),
        seen=tuple(_seen(p, known) for p in listed if p.id not in taken and known.judged(p.id) is not None),
        skipped=(
            *(s for one in listings for s in one.skipped[:MOST_SKIPPED]),
            *(one for one in found.missing if one.id not in quiet),
            *_given_up(known.given_up(date)),
        ),
        kept=None,
    )


async def redo(
    get: Get,
    report: Digest,
    *,
    profile: str,
    settings: Settings,
    owed: Sequence[Pending],
    wanted: tuple[str, ...],
) -> Fetched:
    """Only what a committed report owes, or what is asked for by id; all else in it is kept as it is.

    The papers' metadata comes by one call for their ids. Raises DigestError when that cannot be had.
    """
    candidates = {one.id: one for one in report.candidates}
    asked = [
        Pending(id=key, stage="analyze", reason="", since=report.date) for key in wanted if key in candidates
    ]
    due = {one.id: one for one in (*owed, *asked)}
    found = await _by_id(get, settings, [*due, *wanted], ())
    papers = {paper.id: paper for paper in found.papers}
    lost = [one for one in found.missing if one.id in due and one.reason != GONE]
    if lost and not papers:
        why = "; ".join(f"{one.id}: {one.reason}" for one in lost[:MOST_NAMED])
        message = f"the papers to be done again could not be looked up: {why}"
        raise DigestError(message, hint="the report stays as it is; run again later")
    retries = tuple(
        Retry(
            paper=papers[key], stage=one.stage, since=one.since, verdict=_kept_verdict(one, candidates[key])
        )
        for key, one in due.items()
        if key in papers and key in candidates
    )
    done = {one.paper.id for one in retries}
    return Fetched(
        **{**report.carried(), "profile": profile},  # whose folder it is in, if that was renamed
        papers=tuple(papers[key] for key in wanted if key in papers and key not in done),
        retries=retries,
        wanted=wanted,
        liked=(),
        seen=(),
        skipped=tuple(dict.fromkeys((*report.skipped, *_not_found(found, wanted)))),
        kept=report.model_copy(
            update={
                "candidates": tuple(one for one in report.candidates if one.id not in done),
                "picks": tuple(one for one in report.picks if one.id not in done),
                "pending": tuple(one for one in report.pending if one.id not in done),
            }
        ),
    )


def still_new(fetched: Fetched, known: Ledger) -> Fetched:
    """What was fetched, without what another date's digest has judged in the meantime: that is seen now."""
    if fetched.kept is not None:
        return fetched
    meanwhile = [p for p in fetched.papers if p.id not in fetched.wanted and known.judged(p.id) is not None]
    settled = {one.paper.id for one in fetched.retries if known.judged(one.paper.id) is not None}
    return fetched.model_copy(
        update={
            "papers": tuple(p for p in fetched.papers if p not in meanwhile),
            "retries": tuple(r for r in fetched.retries if r.paper.id not in settled - {*fetched.wanted}),
            "seen": (*fetched.seen, *(_seen(p, known) for p in meanwhile)),
        }
    )


async def _listings(get: Get, profile: Profile, settings: Settings, window: Window) -> list[Listing]:
    """Ask every source of the profile, side by side; the client keeps arXiv's pace."""
    ends, asked, links = settings.endpoints, profile.settings, LinkRules.of(settings)
    calls: list[Coroutine[None, None, Listing]] = []
    if "huggingface" in asked.sources:
        calls.append(huggingface.fetch(get, ends.huggingface, window.huggingface_days(), links))
    if "arxiv" in asked.sources and not window.past:
        today, again = window.date, asked.replacements
        calls.append(
            arxiv_rss.fetch(get, ends.arxiv_rss, asked.arxiv, links, today=today, replacements=again)
        )
    if "arxiv" in asked.sources and (missed := window.missed()):
        after, before = missed
        calls.append(arxiv_oai.fetch(get, ends.arxiv_oai, asked.arxiv, links, after=after, before=before))
    calls.extend(feeds.fetch(get, url, links, today=window.date) for url in asked.feeds)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call) for call in calls]
    return [task.result() for task in tasks]


def _statuses(listings: Sequence[Listing], known: Ledger, window: Window) -> tuple[SourceStatus, ...]:
    """What the sources did, judged by what they brought, and how far each has now been read.

    Hugging Face's list of D is not complete on D. A past date moves no watermark, and neither does arXiv's
    feed while the days before it could not be had: else they would never be asked for again.
    """
    judged = [freshness(one.status, one.papers, known.entries, window.date) for one in listings]
    gap = any(one.name == arxiv_oai.NAME and one.status == "failed" for one in judged)

    def through(status: SourceStatus) -> dt.date | None:
        if window.past or status.through is None or (status.name == arxiv_rss.NAME and gap):
            return None
        complete = window.date - DAY
        return min(status.through, complete) if status.name == huggingface.NAME else status.through

    return tuple(one.model_copy(update={"through": through(one)}) for one in judged)


def _all_down(sources: Sequence[SourceStatus]) -> str:
    return "no source could be read: " + "; ".join(f"{one.name}: {one.note}" for one in sources)


async def _by_id(
    get: Get, settings: Settings, ids: Collection[str], listed: Collection[Paper]
) -> arxiv_api.Found:
    """Papers that no listing brought, by one call; and why the others are missing. A feed's entry has only its feed."""
    here = {paper.id for paper in listed}
    lacking = list(dict.fromkeys(key for key in ids if key not in here))
    of_arxiv = [key for key in lacking if canonical_id(key) == key]
    gone = tuple(Skipped(id=key, stage="fetch", reason=GONE) for key in lacking if key not in of_arxiv)
    if not of_arxiv:
        return arxiv_api.Found((), gone)
    found = await arxiv_api.by_ids(get, settings.endpoints.arxiv_api, of_arxiv, LinkRules.of(settings))
    return arxiv_api.Found(found.papers, (*found.missing, *gone))


async def _looked_up(
    get: Get, settings: Settings, everyone: Sequence[Paper], asked: Sequence[str]
) -> tuple[list[Paper], arxiv_api.Found]:
    """What is listed, by id, and what else was asked for; a paper of arXiv that only a feed names as arXiv has it."""
    unconfirmed = [p for p in everyone if canonical_id(p.id) == p.id and not LISTS & set(p.signals)]
    listed = [p for p in everyone if p not in unconfirmed]
    found = await _by_id(get, settings, [*asked, *(p.id for p in unconfirmed)], listed)
    return sorted([*listed, *_confirmed(unconfirmed, found.papers)], key=lambda p: p.id), found


def _all_there(then: Collection[str], found: arxiv_api.Found) -> None:
    """Raises DigestError if a paper of the report that is made anew may be there, but could not be looked up."""
    for one in found.missing:
        if one.id in then and one.reason not in {GONE, arxiv_api.UNKNOWN}:
            message = f"{one.id} of the report that is to be made anew could not be looked up: {one.reason}"
            raise DigestError(message, hint="the report stays as it is; run again later")


def _confirmed(unconfirmed: Sequence[Paper], found: Sequence[Paper]) -> list[Paper]:
    """Papers of arXiv that only a feed names, as arXiv itself describes them.

    A stranger's title under a paper's id would be judged in that paper's place, and the paper never again.
    """
    known = {paper.id: paper for paper in found}
    return [
        known[one.id].model_copy(update={"signals": {**known[one.id].signals, **one.signals}})
        for one in unconfirmed
        if one.id in known
    ]


def _judged_and_wanted(wanted: Sequence[str], known: Ledger, date: dt.date) -> list[Pending]:
    """Papers that are asked for and have a score from an earlier day: analyzed with it, not scored again."""
    return [
        Pending(id=key, stage="analyze", reason="", since=date)
        for key in wanted
        if (entry := known.judged(key)) is not None and entry.score is not None
    ]


def _retry(
    pending: Pending,
    papers: Mapping[str, Paper],
    entries: Mapping[str, Entry],
    report_of: Callable[[dt.date], Digest | None],
) -> Retry | None:
    """A pending paper with what is known of it; None if its metadata cannot be had today."""
    paper = papers.get(pending.id)
    if paper is None:
        return None
    verdict = None
    if pending.stage == "analyze" and (report := report_of(entries[pending.id].on)) is not None:
        verdict = next((verdict_of(one) for one in report.candidates if one.id == pending.id), None)
    return Retry(paper=paper, stage=pending.stage, since=pending.since, verdict=verdict)


def _kept_verdict(pending: Pending, candidate: Candidate) -> Verdict | None:
    return verdict_of(candidate) if pending.stage == "analyze" and candidate.judged_by else None


def _seen(paper: Paper, known: Ledger) -> Seen:
    entry = known.entries[paper.id]
    return Seen(paper=paper, on=entry.on, score=entry.score, outcome=entry.outcome)


def _not_found(found: arxiv_api.Found, wanted: Collection[str]) -> tuple[Skipped, ...]:
    """Why papers that were asked for are not there."""
    return tuple(one for one in found.missing if one.id in wanted)


def _given_up(owed: Sequence[Pending]) -> tuple[Skipped, ...]:
    """Debts that nobody tries to pay any more, said once."""
    return tuple(
        Skipped(id=one.id, stage=one.stage, reason=f"given up, pending since {one.since}: {one.reason}")
        for one in owed
    )
