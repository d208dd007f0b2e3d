"""How often papers of each score were wanted, by the votes on them: whether a score means to the reader what it says. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline.core.votes import Vote
from pipeline.report.escape import escape
from pipeline.report.i18n import Catalog

BANDS = ((90, 100), (75, 89), (60, 74), (0, 59))  # scores, both ends included
FEWEST_VOTES = 30  # fewer say nothing about a band


@dataclass(frozen=True)
class Band:
    """Votes on papers with scores from `lowest` to `highest`, and how many of them want more."""

    lowest: int
    highest: int
    votes: int
    more: int

    @property
    def scores(self) -> str:
        """The scores of the band, such as `75-89`."""
        return f"{self.lowest}-{self.highest}"


def bands(scores: Mapping[str, int], more: Collection[str]) -> tuple[Band, ...]:
    """Count voted papers by score, highest first; bands without a vote are left out.

    `scores` are those of all voted papers that have one, by id, as their digests gave them; `more` are the ids of those
    of which more is wanted.
    """
    found = []
    for lowest, highest in BANDS:
        ids = [key for key, score in scores.items() if lowest <= score <= highest]
        found.append(Band(lowest, highest, len(ids), sum(key in more for key in ids)))
    return tuple(band for band in found if band.votes)


def of_votes(votes: Iterable[Vote], scores: Mapping[str, int | None]) -> tuple[Band, ...]:
    """Count the votes that count by the scores of papers; those on papers without a score are left out."""
    verdicts = {vote.paper: vote.verdict for vote in votes}
    known = {key: score for key in verdicts if (score := scores.get(key)) is not None}
    return bands(known, {key for key, verdict in verdicts.items() if verdict == "more"})


def line(t: Catalog, found: Iterable[Band]) -> str:
    """Return one line of Markdown for the front page; empty below `FEWEST_VOTES` votes on papers with a score."""
    found = tuple(found)
    total = sum(band.votes for band in found)
    if total < FEWEST_VOTES:
        return ""
    parts = [t("index.liked_band", scores=band.scores, more=band.more, n=band.votes) for band in found]
    return escape(t("index.liked", n=total, bands=" · ".join(parts)))
