"""What the page shows of the candidates, computed from the digest: order, labels, counts. No markup here."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.core.artifacts import Candidate, Digest
from pipeline.core.models import Signal
from pipeline.report import labels
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog

MOST_ROWS = 400  # in the list of the others; what is beyond stands in the data
NEAREST = 3


@dataclass(frozen=True)
class Link:
    """A text, and where it leads."""

    text: str
    url: str


@dataclass(frozen=True)
class Row:
    """One line of a list of candidates. `before` leads to the digest that judged it, if one did."""

    mark: str
    title: str
    url: str
    note: str
    before: Link | None
    flags: tuple[str, ...]


def scanned(digest: Digest) -> int:
    """How many candidates were looked at for the first time."""
    return sum(candidate.outcome != "seen" for candidate in digest.candidates)


def is_unscored(digest: Digest) -> bool:
    """Whether nothing at all could be judged."""
    new = [candidate for candidate in digest.candidates if candidate.outcome != "seen"]
    return bool(new) and all(candidate.outcome == "unscored" for candidate in new)


def open_ids(digest: Digest) -> frozenset[str]:
    """Papers that the next run takes up again. What is neither done nor in here was given up."""
    return frozenset(pending.id for pending in digest.pending)


def verdict(t: Catalog, digest: Digest) -> str:
    """The day in one sentence."""
    count = scanned(digest)
    if not count and not digest.picks:
        return t("verdict.nothing")
    if digest.picks:
        return t("verdict.picked", scanned=count, picked=len(digest.picks))
    if is_unscored(digest):
        return t("verdict.unscored", scanned=count)
    if digest.engine == "local":
        return t("verdict.local_none", scanned=count)
    return t("verdict.below", scanned=count, threshold=digest.threshold)


def bands(t: Catalog, digest: Digest) -> str:
    """How many picks of each band: `1 must read, 1 recommended`."""
    names = [labels.band(t, pick.score) for pick in digest.picks]
    order = [t(f"band.{name}") for _, name in labels.BANDS]
    counts = [t("band.count", n=names.count(name), band=name) for name in order if name in names]
    return t("mark.comma").join(counts)


def others(digest: Digest) -> list[Candidate]:
    """All candidates that are no pick: best first, those seen before last."""
    picked = {pick.id for pick in digest.picks}

    def key(candidate: Candidate) -> tuple[bool, bool, int, float, str]:
        score, rank = candidate.score, candidate.rank
        after = math.inf if rank is None else rank
        return candidate.outcome == "seen", score is None, -(score or 0), after, candidate.id

    return sorted((c for c in digest.candidates if c.id not in picked), key=key)


def nearest(digest: Digest) -> list[Candidate]:
    """On a day without picks, the three that came nearest."""
    wanted = {"below_threshold", "not_picked"}
    return [] if digest.picks else [c for c in others(digest) if c.outcome in wanted][:NEAREST]


def row(t: Catalog, candidate: Candidate, digest: Digest) -> Row:
    """A candidate's line."""
    before = None
    if candidate.seen_on is not None:
        path = labels.path_to(candidate.seen_on, of=digest.date)
        before = Link(t("row.seen", date=f"{candidate.seen_on:%m-%d}"), path)
    return Row(
        mark=labels.mark(t, candidate.score, candidate.rank, local=digest.engine == "local"),
        title=labels.shown_title(candidate.title) or clean(candidate.id),
        url=candidate.url,
        note=note(t, candidate, digest),
        before=before,
        flags=tuple(t(f"flag_short.{flag}") for flag in candidate.flags),
    )


def note(t: Catalog, candidate: Candidate, digest: Digest) -> str:
    """Why a candidate is where it is, in a few words."""
    reason, label = clean(candidate.reason), t(f"outcome.{candidate.outcome}")
    if digest.engine == "local":
        shares = "row.shares_few" if candidate.outcome == "below_threshold" else "row.shares"
        reason = t(shares, terms=reason) if reason else t("row.shares_none")
    if candidate.outcome in {"below_threshold", "picked"} or (
        digest.engine == "local" and candidate.outcome == "not_picked"
    ):
        label = ""  # the score says it, or without a model the reason
    text = t("row.labeled", label=label, reason=reason) if label and reason else label or reason
    late = _listed_late(t, candidate.signals.values(), digest.date)
    return t("mark.comma").join(part for part in (text or t("row.no_reason"), late) if part)


def _listed_late(t: Catalog, signals: Iterable[Signal], date: dt.date) -> str:
    """The day that a paper was last listed, where that is earlier than the two days a digest covers."""
    last = max((signal.day for signal in signals), default=date)
    return t("row.listed", date=f"{last:%m-%d}") if last < date - dt.timedelta(days=1) else ""
