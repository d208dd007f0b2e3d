"""Stage 1, sources → Fetched: the papers that are new for this profile, and the status of every source.

    sources of the profile ┬─merge─> candidates ─ledger─> new | pending again | seen before
    its feeds              ┘
               (of each feed the newest new entries; the others wait for a later night)

A source that fails is a status, not an exception; the stage fails only if no source answers.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from pipeline.config.profile import Profile
from pipeline.config.settings import Settings
from pipeline.core.artifacts import Candidate, Digest, Fetched, Retry, Seen, Voted
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.dates import DAY
from pipeline.core.errors import DigestError
from pipeline.core.ledger import Entry, Feed, Ledger, verdict_of
from pipeline.core.models import Links, Paper, Pending, Signal, Skipped, SourceStatus, Verdict
from pipeline.core.quantity import first_of
from pipeline.core.source import FEED, SOURCES, TRUSTED_SOURCES
from pipeline.core.votes import Vote
from pipeline.sources import arxiv_api, arxiv_oai, arxiv_rss, feeds, registry
from pipeline.sources.base import LinkRules, Listing, assess_freshness
from pipeline.sources.http_client import Get
from pipeline.sources.merge import merge
from pipeline.sources.same_entry import Known, with_known_ids
from pipeline.sources.window import Window, progress, ranges

# The lists on which the watermark of a source rests, if not on its own alone.
LISTS_OF = {arxiv_rss.NAME: {arxiv_rss.NAME, arxiv_oai.NAME}}
ASKED_AGAIN = "what may be missing is asked for again with the next digest"
GIVEN_UP = "given up after a week"
REPEAT_PERIOD = dt.timedelta(days=60)  # how old a report may be by which a feed's entry is recognized
MOST_NAMED = 5  # ids in one message
NOT_LOOKED_UP_HINT = "the report stays as it is; run again later; --force without --from makes it anew"
GONE = "its feed does not list it any more"
GONE_FOR_GOOD = frozenset({GONE, *(source.unknown_id for source in SOURCES.values())})
VOTES_READ = 50  # the newest; their papers cost one request
MOST_SKIPPED = 50  # skipped entries of one source; a broken feed must not fill the report


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
    votes: tuple[Vote, ...] = (),
) -> Fetched:
    """Fetch everything announced since the watermark, merge it, and compare it with the ledger of committed reports.

    A `date` before the day of `generated_at` covers that one day and moves no watermark. `previous_report`:
    the report that `--force` replaces; its candidates are fetched again, also those of days that it caught up.
    `votes` are those that count, oldest first.
    Raises DigestError when no source could be read.
    """
    window = Window(date=date, past=date < generated_at.date(), through=known.watermarks(), read=known.read)
    listings = await _listings(get, profile, settings, window)
    listings = _with_status(listings, known, window)
    if all(listing.status.status == "failed" for listing in listings):
        raise DigestError(
            _all_down([listing.status for listing in listings]),
            hint="nothing was written; run again later, nothing is lost. Offline, `digest run --sample` has a recorded day",
        )
    due, liked = known.due(date), profile.settings.liked
    replaced = [c.id for c in previous_report.candidates if c.outcome != "seen"] if previous_report else []
    newest_votes = votes[-VOTES_READ:]
    voted_ids = [vote.paper for vote in newest_votes if canonical_id(vote.paper) == vote.paper]
    asked = [*(p.id for p in due), *wanted, *liked, *voted_ids, *replaced]
    names = frozenset(map(feeds.source_name, profile.settings.feeds))
    listings = _with_known_ids(listings, names, known, report_of, date)
    listings = _limit_feeds(listings, names, known, asked, date=date, most=settings.feeds.new_a_night)
    listed, looked_up = await _look_up(get, settings, merge(listings), asked)
    _refuse_lost(replaced, looked_up)
    papers = {paper.id: paper for paper in (*looked_up.papers, *listed)}
    again = [*due, *_judged_and_wanted(wanted, known, date)]
    retries = tuple(
        retry for p in again if (retry := _retry(p, papers, known.entries, report_of)) is not None
    )
    taken = {retry.paper.id for retry in retries}
    given_up = known.given_up(date)
    listed_ids = (*(p.id for p in listed), *replaced)
    new = [key for key in listed_ids if known.judged(key) is None and key not in given_up]
    silent = {*(p.id for p in due), *liked, *voted_ids} - set(
        wanted
    )  # a reader need not know that these are missing
    fresh = tuple(papers[key] for key in dict.fromkeys((*new, *wanted)) if key in papers.keys() - taken)
    if not fresh and not retries:  # no page: the next one names the days that are given up
        listings = [_without_lost_days(listing) for listing in listings]
    return Fetched(
        profile=profile.name,
        date=date,
        generated_at=generated_at,
        run_url=run_url,
        previous=known.newest_before(date),
        sources=tuple(listing.status for listing in listings),
        papers=fresh,
        retries=retries,
        wanted=wanted,
        liked=tuple(papers[key] for key in liked if key in papers),
        seen=tuple(_seen(p, known) for p in listed if p.id not in taken and known.judged(p.id) is not None),
        skipped=(
            *(skipped for listing in listings for skipped in listing.skipped[:MOST_SKIPPED]),
            *(missing for missing in looked_up.missing if missing.id not in silent),
            *_given_up(known.expired(date)),
        ),
        kept=None,
        votes=votes,
        voted=_voted(newest_votes, papers, known, report_of),
        unknown_votes=_unknown_votes(newest_votes, papers, looked_up, known, since=generated_at.date() - DAY),
    )


def unknown_votes_warning(fetched: Fetched) -> str:
    """Say which new votes are on papers that nobody knows; empty if there are none."""
    named = [f"{vote.paper} (issue #{vote.issue})" for vote in fetched.unknown_votes]
    if not named:
        return ""
    return (
        f"votes on papers that neither arXiv nor a report knows weigh nothing: {first_of(named)}. "
        "What to do: look at the id, and vote again with the right one"
    )


async def fetch_again(
    get: Get,
    report: Digest,
    *,
    profile: str,
    settings: Settings,
    pending: Sequence[Pending],
    wanted: tuple[str, ...],
    votes: tuple[Vote, ...] = (),
) -> Fetched:
    """Fetch only a committed report's pending papers and the `wanted` ids; all else is carried along as `kept`.

    The metadata comes from one API call for all ids. Raises DigestError if none of it can be had.
    """
    candidates = {candidate.id: candidate for candidate in report.candidates}
    asked = [
        Pending(id=key, stage="analyze", reason="", since=report.date) for key in wanted if key in candidates
    ]
    due = {paper.id: paper for paper in (*pending, *asked)}
    looked_up = await _by_id(get, settings, [*due, *wanted], ())
    papers = {paper.id: paper for paper in looked_up.papers}
    lost = [missing for missing in looked_up.missing if missing.id in due and missing.reason != GONE]
    if lost and not papers:
        why = "; ".join(f"{missing.id}: {missing.reason}" for missing in lost[:MOST_NAMED])
        message = f"the papers to be done again could not be looked up: {why}"
        raise DigestError(message, hint=NOT_LOOKED_UP_HINT)
    retries = tuple(
        Retry(paper=papers[key], stage=p.stage, since=p.since, verdict=_kept_verdict(p, candidates[key]))
        for key, p in due.items()
        if key in papers and key in candidates
    )
    redone = {retry.paper.id for retry in retries}
    return Fetched(
        # The folder's name, in case the profile was renamed.
        **{**report.shared_fields(), "profile": profile},
        papers=tuple(papers[key] for key in wanted if key in papers and key not in redone),
        retries=retries,
        wanted=wanted,
        liked=(),
        seen=(),
        skipped=tuple(dict.fromkeys((*report.skipped, *_missing_wanted(looked_up, wanted)))),
        kept=report.model_copy(
            update={
                "candidates": tuple(c for c in report.candidates if c.id not in redone),
                "picks": tuple(pick for pick in report.picks if pick.id not in redone),
                "pending": tuple(p for p in report.pending if p.id not in redone),
            }
        ),
        votes=votes,
    )


def still_new(fetched: Fetched, known: Ledger) -> Fetched:
    """Move papers that another date's digest has judged since the fetch from `papers` to `seen`."""
    if fetched.kept is not None:
        return fetched
    judged_since = [
        p for p in fetched.papers if p.id not in fetched.wanted and known.judged(p.id) is not None
    ]
    settled = {r.paper.id for r in fetched.retries if known.judged(r.paper.id) is not None}
    return fetched.model_copy(
        update={
            "papers": tuple(p for p in fetched.papers if p not in judged_since),
            "retries": tuple(r for r in fetched.retries if r.paper.id not in settled - {*fetched.wanted}),
            "seen": (*fetched.seen, *(_seen(p, known) for p in judged_since)),
        }
    )


async def _listings(get: Get, profile: Profile, settings: Settings, window: Window) -> list[Listing]:
    """Fetch every source of the profile concurrently; the HTTP client keeps arXiv's request interval."""
    calls = list(registry.listings(get, profile.settings, settings, window))
    links = LinkRules.from_settings(settings)
    calls.extend(feeds.fetch(get, url, links, today=window.date) for url in profile.settings.feeds)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call) for call in calls]
    return [task.result() for task in tasks]


def _with_status(listings: Sequence[Listing], known: Ledger, window: Window) -> list[Listing]:
    """Set the status of each listing, and how far its source is read; see `window` for the rule.

    Hugging Face's list of day D is complete on D + 1. A past date moves no watermark.
    """
    if window.past:
        found = [_assessed(listing, known, window, known.entries.keys()) for listing in listings]
        return [_with(listing, through=None) for listing in found]
    earlier = {
        p.id
        for listing in listings
        for p in listing.papers
        if listing.status.name == arxiv_oai.NAME or p.id in known.entries
    }
    found = [_assessed(_unharvested(listing, known), known, window, earlier) for listing in listings]
    return [_with_progress(listing, found, known, window) for listing in found]


def _with(listing: Listing, **changes: object) -> Listing:
    return replace(listing, status=listing.status.model_copy(update=changes))


def _unharvested(listing: Listing, known: Ledger) -> Listing:
    """Drop what earlier digests had from a list that goes over days again that they have read in part."""
    if not listing.overlaps:
        return listing
    papers = tuple(p for p in listing.papers if p.id not in known.entries or p.id in known.owed)
    state = listing.status.status if papers or listing.status.status == "failed" else "empty"
    return _with(replace(listing, papers=papers), status=state, count=len(papers))


def _assessed(listing: Listing, known: Ledger, window: Window, earlier: Collection[str]) -> Listing:
    """Set the status; a list of papers that were announced `earlier`, in whole or in part, has read no day."""
    name, papers = listing.status.name, listing.papers
    if listing.overlaps:
        return listing
    status = assess_freshness(listing.status, papers, known.entries, window.date, daily=name in SOURCES)
    listing = replace(listing, status=status)
    if name not in SOURCES:
        return listing
    last = window.last(name)
    if listing.status.status == "stale":
        return _with(replace(listing, days=frozenset()), through=None)
    repeated = sum(p.id in earlier and _is_new(p.signals.get(name)) for p in papers)
    if name == arxiv_rss.NAME and repeated:
        noted = _noted(listing, f"{repeated} of the papers announced as new are of earlier days")
        return _with(replace(noted, days=frozenset()), through=None)
    through = listing.status.through
    return _with(listing, through=through and min(through, last))


def _noted(listing: Listing, note: str) -> Listing:
    return _with(listing, note="; ".join(part for part in (listing.status.note, note) if part))


def _is_new(signal: Signal | None) -> bool:
    return signal is not None and signal.announced_as in {None, "new"}


def _with_progress(listing: Listing, listings: Sequence[Listing], known: Ledger, window: Window) -> Listing:
    """Set the watermark of a source that has days, and name those that are given up."""
    name = listing.status.name
    if name not in SOURCES:
        return listing
    own = [one for one in listings if one.status.name in LISTS_OF.get(name, {name})]
    # A day of which a harvest has new papers was not read in full, whatever its list said of itself.
    late = {p.announced for one in own if one.overlaps for p in one.papers if p.id not in known.entries}
    read = {*(known.read.get(name, frozenset()) - late), *(day for one in own for day in one.days)}
    result = progress(window, name, read, known.through.get(name), known.failing.get(name))
    if result.first_failure is not None and listing.status.status != "failed":
        listing = _noted(listing, ASKED_AGAIN)
    return _with(
        listing,
        watermark=result.watermark,
        first_failure=result.first_failure,
        gaps=tuple(f"{days}, {GIVEN_UP}" for days in ranges(result.lost)),
    )


def _without_lost_days(listing: Listing) -> Listing:
    return _with(listing, gaps=()) if listing.status.name in SOURCES else listing


def _with_known_ids(
    listings: Sequence[Listing],
    names: Collection[str],
    known: Ledger,
    report_of: Callable[[dt.date], Digest | None],
    date: dt.date,
) -> list[Listing]:
    """Give entries of feeds that the reports of the last weeks list under another id that id; see `same_entry`.

    `names` are those of the feeds. Reads no report on a night whose entries are all known by their ids.
    """
    settled = {p.id for listing in listings for p in listing.papers if p.id in known.entries}
    settled |= {key for feed in known.feeds.values() for key in feed.waiting}
    unknown = {
        listing.status.name
        for listing in listings
        if listing.status.name in names and any(p.id not in settled for p in listing.papers)
    }
    earlier: dict[str, list[Known]] = {name: [] for name in unknown}
    for day in sorted(known.dates, reverse=True) if unknown else ():
        if day >= date or day < date - REPEAT_PERIOD:
            continue
        with suppress(DigestError):  # damaged: what it listed counts as new again
            report = report_of(day)
            for candidate in report.candidates if report else ():
                if not candidate.id.startswith(FEED.id_prefix):
                    continue
                for name in unknown & set(candidate.signals):
                    listed = candidate.signals[name].day
                    earlier[name].append(Known(candidate.id, candidate.title, candidate.url, listed))
    return [
        with_known_ids(listing, earlier[listing.status.name], settled, date)
        if listing.status.name in unknown
        else listing
        for listing in listings
    ]


def _limit_feeds(
    listings: Sequence[Listing],
    names: Collection[str],
    known: Ledger,
    asked: Collection[str],
    *,
    date: dt.date,
    most: int,
) -> list[Listing]:
    """Limit the new entries of each feed; papers that arXiv or Hugging Face lists too are not the feed's.

    `names` are those of the feeds. An entry that waits is missing for good only if all feeds of its name were read, and if no report after `date`
    has it among those that wait: the next night's run counts from the newest report.
    """
    failed = {listing.status.name for listing in listings if listing.status.status == "failed"}
    later = known.newest_before(date) != max(known.dates, default=None)
    of_lists = {p.id for listing in listings if listing.status.name not in names for p in listing.papers}
    listed = {p.id for listing in listings for p in listing.papers}
    waiting = {key for feed in known.feeds.values() for key in feed.waiting}
    judged = {key for key in listed | waiting if key in known.entries}
    not_new = {key for key in judged if known.entries[key].outcome != "prefiltered"} | {*of_lists, *asked}
    listed |= {key for name, feed in known.feeds.items() if later or name in failed for key in feed.waiting}
    return [
        feeds.limit_new(
            listing,
            state=known.feeds.get(listing.status.name) or Feed(known.through.get(listing.status.name), ()),
            known=not_new,
            listed=listed,
            most=most,
            date=date,
        )
        if listing.status.name in names
        else listing
        for listing in listings
    ]


def _all_down(sources: Sequence[SourceStatus]) -> str:
    return "no source could be read: " + "; ".join(f"{source.name}: {source.note}" for source in sources)


async def _by_id(
    get: Get, settings: Settings, ids: Collection[str], listed: Collection[Paper]
) -> arxiv_api.LookupResult:
    """Look up papers that no listing contained, those of arXiv by one call.

    An entry of a feed cannot be looked up: its reason is GONE.
    """
    listed_ids = {paper.id for paper in listed}
    lacking = list(dict.fromkeys(key for key in ids if key not in listed_ids))
    found = await registry.look_up(get, settings, lacking)
    answered = {paper.id for paper in found.papers} | {missing.id for missing in found.missing}
    gone = (Skipped(id=key, stage="fetch", reason=GONE) for key in lacking if key not in answered)
    return arxiv_api.LookupResult(found.papers, (*found.missing, *gone))


async def _look_up(
    get: Get, settings: Settings, papers: Sequence[Paper], asked: Sequence[str]
) -> tuple[list[Paper], arxiv_api.LookupResult]:
    """Look up `asked` ids and arXiv papers that only feeds list; returns the candidates by id, and the look-up.

    The keys of `signals` are the names of the sources that list a paper.
    """
    unconfirmed = [p for p in papers if canonical_id(p.id) == p.id and not TRUSTED_SOURCES & set(p.signals)]
    listed = [p for p in papers if p not in unconfirmed]
    looked_up = await _by_id(get, settings, [*asked, *(p.id for p in unconfirmed)], listed)
    confirmed = _confirmed(unconfirmed, looked_up.papers)
    return sorted([*listed, *confirmed], key=lambda p: p.id), looked_up


def _refuse_lost(replaced: Collection[str], looked_up: arxiv_api.LookupResult) -> None:
    """Raises DigestError if a paper of the replaced report may exist but could not be looked up."""
    for missing in looked_up.missing:
        if missing.id in replaced and missing.reason not in GONE_FOR_GOOD:
            message = (
                f"{missing.id} of the report that is to be made anew could not be looked up: {missing.reason}"
            )
            raise DigestError(message, hint=NOT_LOOKED_UP_HINT)


def _confirmed(unconfirmed: Sequence[Paper], looked_up: Sequence[Paper]) -> list[Paper]:
    """Papers of arXiv that only a feed names, with arXiv's own metadata and the feed's signals.

    A feed could put its own title under a paper's id; that title would be scored, and the real paper would count as judged.
    """
    official = {paper.id: paper for paper in looked_up}
    return [
        official[p.id].model_copy(update={"signals": {**official[p.id].signals, **p.signals}})
        for p in unconfirmed
        if p.id in official
    ]


def _judged_and_wanted(wanted: Sequence[str], known: Ledger, date: dt.date) -> list[Pending]:
    """Wanted papers that an earlier digest scored: they are analyzed with that score, not scored again."""
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
    """A pending paper with its metadata and earlier verdict; None if its metadata cannot be had today."""
    paper = papers.get(pending.id)
    if paper is None:
        return None
    verdict = None
    if pending.stage == "analyze" and (report := report_of(entries[pending.id].on)) is not None:
        verdict = next((verdict_of(c) for c in report.candidates if c.id == pending.id), None)
    return Retry(paper=paper, stage=pending.stage, since=pending.since, verdict=verdict)


def _kept_verdict(pending: Pending, candidate: Candidate) -> Verdict | None:
    return verdict_of(candidate) if pending.stage == "analyze" and candidate.judged_by else None


def _voted(
    votes: Sequence[Vote],
    papers: Mapping[str, Paper],
    known: Ledger,
    report_of: Callable[[dt.date], Digest | None],
) -> tuple[Voted, ...]:
    """The papers of votes. One that was not looked up has the title that its report gives; of no report, it is left out."""
    lacking = {vote.paper for vote in votes} - papers.keys()
    titles: dict[str, Paper] = {}
    for day in {known.entries[key].on for key in lacking & known.entries.keys()}:
        with suppress(DigestError):  # damaged: its votes do not weigh
            report = report_of(day)
            titles |= {c.id: _by_title(c) for c in (report.candidates if report else ()) if c.id in lacking}
    found = {**titles, **papers}
    return tuple(
        Voted(paper=found[vote.paper], verdict=vote.verdict, score=entry.score if entry else None)
        for vote in votes
        if vote.paper in found and vote.verdict != "clear"
        for entry in [known.entries.get(vote.paper)]
    )


def _unknown_votes(
    votes: Sequence[Vote],
    papers: Collection[str],
    looked_up: arxiv_api.LookupResult,
    known: Ledger,
    *,
    since: dt.date,
) -> tuple[Vote, ...]:
    """The votes read since a day on papers that are in no list and no report, and that arXiv does not know.

    A paper of arXiv about which arXiv gave no answer may exist. Older votes are left out: they were told of.
    """
    unanswered = {missing.id for missing in looked_up.missing if not _does_not_exist(missing)}
    return tuple(
        vote
        for vote in votes
        if vote.date >= since
        and vote.paper not in papers
        and vote.paper not in known.entries
        and vote.paper not in unanswered
    )


def _does_not_exist(missing: Skipped) -> bool:
    """Whether a source has answered that it knows no such paper, or that this is no id."""
    return missing.reason in GONE_FOR_GOOD or missing.id in arxiv_api.REJECTED_ID.findall(missing.reason)


def _by_title(candidate: Candidate) -> Paper:
    """A paper of which only the report's line is known."""
    return Paper(
        id=candidate.id,
        title=candidate.title,
        abstract="",
        authors=(),
        categories=(),
        links=Links(page=candidate.url),
        signals={},
        announced=None,
    )


def _seen(paper: Paper, known: Ledger) -> Seen:
    entry = known.entries[paper.id]
    return Seen(paper=paper, on=entry.on, score=entry.score, outcome=entry.outcome)


def _missing_wanted(looked_up: arxiv_api.LookupResult, wanted: Collection[str]) -> tuple[Skipped, ...]:
    """Why wanted papers are missing."""
    return tuple(missing for missing in looked_up.missing if missing.id in wanted)


def _given_up(expired: Sequence[Pending]) -> tuple[Skipped, ...]:
    """Papers pending for more than seven days: reported once, then dropped."""
    return tuple(
        Skipped(id=p.id, stage=p.stage, reason=f"given up, pending since {p.since}: {p.reason}")
        for p in expired
    )
