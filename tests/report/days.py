"""Days of every kind, made by hand: what a digest can look like. All papers in here are made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from pipeline.core.artifacts import CitedClaim, Digest
from pipeline.core.models import (
    Brief,
    Followed,
    Pending,
    Provenance,
    Signal,
    Skipped,
    SourceStatus,
    Spent,
    Usage,
)
from tests.report import texts
from tests.report.made_up import (
    ALSO_READ,
    BENCH_ID,
    BENCH_TITLE,
    DATE,
    FLOW_ID,
    FLOW_TITLE,
    JUDGED_BY,
    LANGUAGES,
    bench,
    candidate,
    digest,
    evidence,
    extras,
    flow,
    long_pick,
    picked,
    read_by_nobody,
    read_once,
    rejected,
)

__all__ = [
    "ALSO_READ",
    "FLOW_TITLE",
    "JUDGED_BY",
    "KINDS",
    "LANGUAGES",
    "bench",
    "candidate",
    "crowded",
    "digest",
    "flow",
]
__all__ += [
    "failed",
    "first",
    "full",
    "local",
    "picked",
    "quiet",
    "read_once",
    "rejected",
    "stale",
    "ten",
    "unscored",
]


def full(language: str) -> Digest:
    """Two picks, read on the same day, and candidates of every other outcome, three of them on the shortlist.

    Of four papers the profile follows an author, of two of them perhaps.
    """
    why = texts.WHY_NOT[language]
    sure, perhaps = (Followed(name="A. B. Nobody"),), (Followed(name="Nobody, Bea", perhaps="B. Nobody"),)
    extra = (
        candidate(
            30,
            71,
            "shortlisted",
            reason=why[0],
            brief=Brief(text=texts.BRIEFS[language][0], reading="partly"),
        ),
        candidate(
            36, 66, "shortlisted", brief=Brief(text=texts.QUOTED, quoted=True), flags=("addresses_a_model",)
        ),
        candidate(37, 63, "shortlisted", reason=why[1], followed=perhaps),
        candidate(31, 20, "excluded", reason=why[3], followed=(Followed(name="Bea", perhaps="Bea"), *sure)),
        candidate(32, None, "prefiltered", rank=301),
        candidate(33, 64, "seen", seen_on=dt.date(2026, 1, 29), topic=None, rank=None, judged_by=""),
        candidate(34, 35, "below_threshold", reason=why[1], flags=("addresses_a_model",), followed=perhaps),
        candidate(
            35, 33, "below_threshold", reason=why[2], signals={"arxiv": Signal(day=dt.date(2026, 1, 27))}
        ),
    )
    both = (flow(language, **extras(), followed=sure), bench(language))
    picks = tuple(pick.model_copy(update={"read_on": DATE}) for pick in both)
    return digest(language, candidates=(*picked(language), *rejected(language, 3)[:1], *extra), picks=picks)


def quiet(language: str) -> Digest:
    """New papers, and none of them good enough."""
    return digest(language, candidates=rejected(language, 9, best=55), picks=())


def failed(language: str) -> Digest:
    """One source could not be read, one paper not scored, another given up, one pick not analyzed."""
    lost = candidate(40, None, "unscored", reason=texts.WHY_NOT[language][4])
    gone = candidate(41, None, "unscored", reason=texts.WHY_NOT[language][4])
    reason = "the endpoint did not answer (HTTP 529, 5 tries)"
    return digest(
        language,
        sources=(
            SourceStatus(
                name="arxiv", status="failed", count=0, through=dt.date(2026, 1, 29), note="HTTP 503, 4 tries"
            ),
            SourceStatus(name="huggingface", status="ok", count=8, through=DATE),
            SourceStatus(
                name="https://example.org/feed.xml", status="stale", count=2, through=dt.date(2026, 1, 28)
            ),
        ),
        candidates=(*picked(language), *rejected(language, 3), lost, gone),
        picks=(
            flow(language),
            bench(
                language, headline="", hook="", sections=(), numbers_checked=0, read_by="", second_reader=None
            ),
        ),
        skipped=(Skipped(id="item 7", stage="fetch", reason="has no title"),),
        pending=(
            Pending(id=BENCH_ID, stage="analyze", reason=reason, since=DATE),
            Pending(id=lost.id, stage="score", reason="no valid answer", since=dt.date(2026, 1, 28)),
        ),
    )


def unscored(language: str) -> Digest:
    """No paper could be judged."""
    reason = texts.WHY_NOT[language][4]
    papers = tuple(candidate(50 + n, None, "unscored", reason=reason) for n in range(4))
    pending = tuple(Pending(id=p.id, stage="score", reason="HTTP 529", since=DATE) for p in papers)
    usage = Usage(
        calls=5,
        input_tokens=9_000,
        output_tokens=0,
        usd=None,
        stages={"score": Spent(calls=5, input_tokens=9_000, usd=None)},
    )
    return digest(language, candidates=papers, picks=(), pending=pending, usage=usage)


def local(language: str) -> Digest:
    """No model: ranks instead of scores, quotations instead of claims; the first day ever."""
    terms = "image restoration, one-step, confidence, flow"
    quoted = tuple(
        section.model_copy(
            update={
                "claims": tuple(
                    CitedClaim(
                        text=texts.FLOW[key][2],
                        terms=(),
                        kind="admitted" if section.id == "limitations" else "stated",
                        evidence=(evidence(FLOW_ID, "html", texts.FLOW, key),),
                    )
                    for key in keys
                )
            }
        )
        for section, keys in zip(flow(language).sections, ((3, 9), (21, 31), (), (52, 53)), strict=True)
    )
    unmarked: dict[str, Any] = {
        "score": None,
        "topic": None,
        "transfer": None,
        "substance": None,
        "spread": None,
    }
    first = picked(language)[0].model_copy(
        update={**unmarked, "rank": 1, "reason": terms, "judged_by": "local"}
    )
    rest = tuple(
        candidate(
            n,
            None,
            "shortlisted" if n < 4 else "below_threshold",
            rank=n,
            reason=terms if n < 6 else "",
            judged_by="local",
            brief=Brief(text=texts.QUOTED, quoted=True) if n == 2 else None,
        )
        for n in range(2, 8)
    )
    pick = flow(
        language, score=None, headline=FLOW_TITLE, hook="", sections=quoted, flags=(),
        claims_dropped=0, numbers_checked=0, read_by="local", second_reader=None,
    )  # fmt: skip
    return digest(
        language,
        engine="local",
        previous=None,
        run_url=None,
        candidates=(first, *rest),
        picks=(pick,),
        usage=Usage(stages={}),
        provenance=Provenance(
            generated_at=dt.datetime(2026, 1, 30, 5, 52, 7, tzinfo=dt.UTC),
            run_url=None,
            prompts={},
            profile="made-up@5e6f7a8b",
            version="0.1.0",
        ),
    )


def crowded(language: str) -> Digest:
    """A long night: sixty candidates, two picks read in full, and five more papers that passed."""
    headline, hook = texts.LONG_HEADLINES[language][2:]
    second = long_pick(language, id=BENCH_ID, title=BENCH_TITLE, headline=headline, hook=hook, score=78)
    passed = tuple(
        candidate(
            70 + n,
            77 - 3 * n,
            "shortlisted",
            reason=texts.WHY_NOT[language][n % 3],
            brief=Brief(text=brief, reading="partly" if n == 2 else "supported"),
        )
        for n, brief in enumerate(texts.BRIEFS[language])
    )
    return digest(
        language,
        candidates=(*picked(language), *passed, *rejected(language, 53)),
        picks=(long_pick(language), second),
        sources=(
            SourceStatus(name="arxiv", status="ok", count=57, through=DATE),
            SourceStatus(name="huggingface", status="ok", count=14, through=DATE),
        ),
    )


def stale(language: str) -> Digest:
    """Hugging Face has news; arXiv's feed repeats the day before. The pick is from a report of version 1."""
    return digest(
        language,
        candidates=(picked(language)[1], *rejected(language, 2)),
        picks=(read_once(bench(language)),),
        sources=(
            SourceStatus(
                name="arxiv",
                status="stale",
                count=57,
                through=dt.date(2026, 1, 29),
                note="the list repeats what was announced on 2026-01-29: today's was not up yet, or there is none",
            ),
            SourceStatus(name="huggingface", status="ok", count=3, through=DATE),
        ),
    )


def first(language: str) -> Digest:
    """The first day ever: nothing before it, of the one pick only the abstract was read, and that once."""
    return digest(
        language,
        previous=None,
        candidates=(picked(language)[1], *rejected(language, 3)),
        picks=(read_by_nobody(bench(language)),),
    )


def ten(language: str) -> Digest:
    """Ten picks."""
    picks = [bench(language, id=f"2601.9{n:04}", score=195 - n) for n in range(100, 110)]
    shown = [
        picked(language)[1].model_copy(update={"id": one.id, "score": one.score, "title": one.title})
        for one in picks
    ]
    return digest(language, places=10, candidates=(*shown, *rejected(language, 4)), picks=tuple(picks))


def three_hundred(language: str) -> Digest:
    """Three hundred candidates and one pick."""
    return digest(
        language,
        candidates=(picked(language)[1], *rejected(language, 299)),
        picks=(bench(language),),
    )


KINDS: dict[str, Callable[[str], Digest]] = {
    "full": full,
    "quiet": quiet,
    "failed": failed,
    "unscored": unscored,
    "local": local,
    "stale": stale,
    "first": first,
    "ten": ten,
    "three_hundred": three_hundred,
}
