"""Compute what the page shows of the candidates from the digest: order, labels, counts. No markup here."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.artifacts import Candidate, Digest
from pipeline.core.fair_share import fair_share
from pipeline.core.models import WITHDRAWN, Signal
from pipeline.report import labels
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog

MAX_ROWS = 400  # in the list of other candidates; the rest is in the JSON only
NEAREST_COUNT = 3


@dataclass(frozen=True)
class Link:
    """A link: its text and its target."""

    text: str
    url: str


@dataclass(frozen=True)
class Row:
    """One line of a list of candidates. `seen_link` leads to the earlier digest that scored the paper, if any."""

    score_label: str
    title: str
    url: str
    note: str
    seen_link: Link | None
    flags: tuple[str, ...]


def scanned(digest: Digest) -> int:
    """Count the candidates that no earlier digest has scored."""
    return sum(candidate.outcome != "seen" for candidate in digest.candidates)


def pending_ids(digest: Digest) -> frozenset[str]:
    """Return the ids of the papers that the next run retries; other unfinished papers are dropped for good."""
    return frozenset(pending.id for pending in digest.pending)


def verdict(t: Catalog, digest: Digest) -> str:
    """Return the sentence at the top of the page that sums up the day."""
    count = scanned(digest)
    if not count and not digest.picks:
        return t("verdict.nothing")
    if digest.picks:
        return t("verdict.picked", scanned=count, picked=len(digest.picks))
    if all(candidate.outcome in {"unscored", "seen"} for candidate in digest.candidates):
        return t("verdict.unscored", scanned=count)
    if digest.engine == "local":
        return t("verdict.local_none", scanned=count)
    return t("verdict.below", scanned=count, threshold=digest.threshold)


def band_counts(t: Catalog, digest: Digest) -> str:
    """Return how many picks each band has: `1 must read, 1 recommended`."""
    names = [labels.band(t, pick.score) for pick in digest.picks]
    order = [t(f"band.{name}") for _, name in labels.BANDS]
    counts = [t("band.count", n=names.count(name), band=name) for name in order if name in names]
    return t("mark.comma").join(counts)


def others(digest: Digest) -> list[Candidate]:
    """Return all candidates that are not picks: best score first, papers seen before last."""
    picked = {pick.id for pick in digest.picks}
    return sorted((c for c in digest.candidates if c.id not in picked), key=_sort_key)


def _sort_key(candidate: Candidate) -> tuple[bool, bool, int, int, str]:
    score = candidate.score
    return candidate.outcome == "seen", score is None, -(score or 0), candidate.rank or 0, candidate.id


def nearest(digest: Digest) -> list[Candidate]:
    """Return the `NEAREST_COUNT` best candidates of a day without picks; empty on a day with picks."""
    outcomes = {"below_threshold", "shortlisted"}
    near = [c for c in others(digest) if c.outcome in outcomes]
    return [] if digest.picks else fair_share(near, NEAREST_COUNT)


def share_rows(listed: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the at most `most` candidates that a list shows, in its order: new ones first, a fair share of each source."""
    new = fair_share([c for c in listed if c.outcome != "seen"], most)
    return [*new, *fair_share([c for c in listed if c.outcome == "seen"], most - len(new))]


def row(t: Catalog, candidate: Candidate, digest: Digest) -> Row:
    """Return the line that a list shows for a candidate."""
    seen_link = None
    if candidate.seen_on is not None:
        path = labels.relative_page_path(candidate.seen_on, from_day=digest.date)
        seen_link = Link(t("row.seen", date=t.short_day(candidate.seen_on)), path)
    return Row(
        score_label=labels.score_label(t, candidate.score, candidate.rank, local=digest.engine == "local"),
        title=labels.display_title(candidate.title) or clean(candidate.id),
        url=candidate.url,
        note=note(t, candidate, digest),
        seen_link=seen_link,
        flags=tuple(t(f"flag_short.{flag}") for flag in candidate.flags),
    )


def note(t: Catalog, candidate: Candidate, digest: Digest) -> str:
    """Explain a candidate's outcome in a few words."""
    reason, label = clean(candidate.reason), t(f"outcome.{candidate.outcome}")
    if candidate.judged_by == WITHDRAWN:
        reason, label = t("row.withdrawn"), ""
    elif digest.engine == "local":
        shares = "row.shares_few" if candidate.outcome == "below_threshold" else "row.shares"
        reason = t(shares, terms=reason) if reason else t("row.shares_none")
    if candidate.outcome in {"below_threshold", "picked"} or (
        digest.engine == "local" and candidate.outcome == "shortlisted"
    ):
        label = ""  # redundant: the score shows it, or in a digest without a model the reason
    text = t("row.labeled", label=label, reason=reason) if label and reason else label or reason
    listed = _listed_late(t, candidate.signals.values(), digest.date)
    return t("mark.comma").join(part for part in (text or t("row.no_reason"), listed) if part)


def _listed_late(t: Catalog, signals: Iterable[Signal], date: dt.date) -> str:
    """Return the day that a paper was last listed, if it is before the two days that a digest covers."""
    last = max((signal.day for signal in signals), default=date)
    return t("row.listed", date=t.short_day(last)) if last < date - dt.timedelta(days=1) else ""
