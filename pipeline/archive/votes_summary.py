"""How often papers of each score were wanted, by the votes on them: whether a score means to the reader what it says. Pure."""

from collections.abc import Iterable, Mapping
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


def bands(votes: Iterable[Vote], scores: Mapping[str, int]) -> tuple[Band, ...]:
    """Count the votes that count by the score of their paper, highest first; papers without a score are left out.

    `scores` are those of the digests that judged the papers, by id. Bands without a vote are left out.
    """
    scored = [(scores[vote.paper], vote.verdict == "more") for vote in votes if vote.paper in scores]
    found = [
        Band(lowest, highest, len(wanted), sum(wanted))
        for lowest, highest in BANDS
        for wanted in [[more for score, more in scored if lowest <= score <= highest]]
    ]
    return tuple(band for band in found if band.votes)


def line(t: Catalog, found: Iterable[Band]) -> str:
    """Return one line of Markdown for the front page; empty below `FEWEST_VOTES` votes on papers with a score."""
    found = tuple(found)
    total = sum(band.votes for band in found)
    if total < FEWEST_VOTES:
        return ""
    parts = [t("index.liked_band", scores=band.scores, more=band.more, n=band.votes) for band in found]
    return escape(t("index.liked", n=total, bands=" · ".join(parts)))
