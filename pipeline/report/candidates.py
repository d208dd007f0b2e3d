"""Compute what the page shows of the candidates from the digest: order, labels, counts. No markup here."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.core.artifacts import Candidate, Digest, Listed
from pipeline.core.fair_share import fair_share
from pipeline.core.models import WITHDRAWN, Brief, Reading
from pipeline.core.vote_issues import Ballot, title
from pipeline.core.votes import Verdict
from pipeline.report import labels
from pipeline.report.escape import clean
from pipeline.report.i18n import Catalog

MAX_ROWS = 400  # in the list of other candidates; the rest is in the JSON only
NEAREST_COUNT = 3
MAX_SHORTLIST = (
    30  # papers in sight below the picks; a feed that passes with everything must not fill the page
)
MAX_FOLLOWED_ROWS = 30  # papers of followed authors in sight that are neither picks nor on the shortlist
FOLLOWED = "👤"
# Of the second reader, beside what it found carried in part and what it did not read.
MARKS: dict[Reading | None, str] = {"partly": "◐", "unread": "○"}
VERDICTS: tuple[Verdict, ...] = ("more", "less")  # those with a link
# The page of a run in GitHub Actions, by which the repository is known.
RUN_URL = re.compile(r"(https?://[^/?#]+/[^/?#]+/[^/?#]+)/actions/runs/[0-9]+", re.ASCII)


@dataclass(frozen=True)
class Link:
    """A link: its text and its target."""

    text: str
    url: str


@dataclass(frozen=True)
class Row:
    """One line of a list of candidates. `seen_link` leads to the earlier digest that scored the paper, if any.

    `listed` says on which day a source listed it, if that is long ago; else it is empty.
    `brief` is for the shortlist: what the paper does, in quotation marks if it is a sentence of the abstract; else empty.
    `mark` is the second reader's, as beside a claim. `votes` are links to vote, for papers that passed, wherever they stand.
    `followed` are the authors whom the profile follows.
    """

    score_label: str
    title: str
    url: str
    note: str
    listed: str
    seen_link: Link | None
    followed: tuple[str, ...]
    flags: tuple[str, ...]
    brief: str
    mark: str
    votes: tuple[Link, ...] = ()


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
        return t("verdict.unscored", n=count, scanned=count)
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
    """Return all candidates that are not picks: first those that passed, then by score or rank, papers seen before last."""
    picked = {pick.id for pick in digest.picks}
    return sorted((c for c in digest.candidates if c.id not in picked), key=_sort_key)


def _sort_key(candidate: Candidate) -> tuple[bool, bool, bool, int, int, str]:
    outcome, score = candidate.outcome, candidate.score
    passed = outcome == "shortlisted"
    return outcome == "seen", not passed, score is None, -(score or 0), candidate.rank or 0, candidate.id


def shortlist(digest: Digest) -> list[Candidate]:
    """Return the papers that passed and are not picks: `MAX_SHORTLIST` at most, a fair share of each source, best first."""
    passed = [c for c in others(digest) if c.outcome == "shortlisted"]
    return sorted(fair_share(passed, MAX_SHORTLIST), key=_sort_key)


def shortlist_heading(t: Catalog, digest: Digest) -> str:
    """Return how many papers passed and are not picks, the heading of the shortlist."""
    passed = sum(candidate.outcome == "shortlisted" for candidate in digest.candidates)
    return t(f"shortlist.passed_{digest.engine}", n=passed, threshold=digest.threshold)


def nearest(digest: Digest) -> list[Candidate]:
    """Return the `NEAREST_COUNT` best candidates of a day on which no paper passed; empty on any other day."""
    if digest.picks or shortlist(digest):
        return []
    return fair_share([c for c in others(digest) if c.outcome == "below_threshold"], NEAREST_COUNT)


def of_followed(digest: Digest) -> list[Candidate]:
    """Return the best papers of followed authors that stand nowhere else in sight, `MAX_FOLLOWED_ROWS` at most."""
    in_sight = [*shortlist(digest), *nearest(digest)]
    rest = [c for c in others(digest) if c.followed and c not in in_sight]
    return sorted(fair_share(rest, MAX_FOLLOWED_ROWS), key=_sort_key)


def followed_names(t: Catalog, listed: Listed) -> tuple[str, ...]:
    """Return the followed authors of a paper with their sign, and whether it is uncertain that they are meant."""
    names = []
    for one in listed.followed:
        name, written = clean(one.name), clean(one.perhaps)
        key = "name" if not written else "perhaps" if written == name else "perhaps_written"
        names.append(t(f"followed.{key}", sign=FOLLOWED, name=name, written=written))
    return tuple(names)


def others_heading(t: Catalog, digest: Digest, others: Sequence[Candidate]) -> str:
    """Return the title of the collapsible list of all other candidates.

    Its count of new papers, the picks and all other papers in sight add up to the count in the verdict.
    """
    scores = [c.score for c in others if c.score is not None and c.outcome != "seen"]
    best = t("mark.aside", text=t("rest.best", score=max(scores))) if scores else ""
    new = sum(candidate.outcome != "seen" for candidate in others)
    listed = len(others) < len(digest.candidates)  # some papers stand above
    parts = [t("rest.summary" if listed else "rest.all", n=new) + best] if new else []
    if seen := len(others) - new:
        parts.append(t("rest.seen", n=seen))
    return " · ".join(parts)


def share_rows(listed: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the at most `most` candidates that a list shows, in its order: new ones first, a fair share of each source."""
    new = fair_share([c for c in listed if c.outcome != "seen"], most)
    return [*new, *fair_share([c for c in listed if c.outcome == "seen"], most - len(new))]


def row(t: Catalog, candidate: Candidate, digest: Digest, *, in_shortlist: bool = False) -> Row:
    """Return the line that a list shows for a candidate. In the shortlist the heading says what became of it."""
    seen_link = None
    if candidate.seen_on is not None:
        path = labels.relative_page_path(candidate.seen_on, from_day=digest.date)
        seen_link = Link(t("row.seen", date=t.short_day(candidate.seen_on)), path)
    return Row(
        score_label=labels.score_label(t, candidate.score, candidate.rank, local=digest.engine == "local"),
        title=labels.display_title(candidate.title) or clean(candidate.id),
        url=candidate.url,
        note=reason(t, candidate, digest) if in_shortlist else _note(t, candidate, digest),
        listed=listed_late(t, candidate, digest.date),
        seen_link=seen_link,
        followed=followed_names(t, candidate),
        flags=tuple(t(f"flag_short.{flag}") for flag in candidate.flags),
        brief=_brief(t, candidate.brief),
        mark=MARKS.get(candidate.brief.reading, "") if candidate.brief else "",
        votes=vote_links(t, digest, candidate.id) if candidate.outcome == "shortlisted" else (),
    )


def vote_links(t: Catalog, digest: Digest, paper_id: str) -> tuple[Link, ...]:
    """Return the links to vote on a paper: each opens a new issue whose title is the vote. None unless the digest has them.

    BLANK_ISSUE is GitHub's own name of the form without a template; without it, a repository that has templates shows
    their list first, and loses the title.
    """
    run = RUN_URL.fullmatch(digest.run_url or "") if digest.vote_links else None
    if run is None:
        return ()
    titles = {verdict: title(Ballot(verdict, paper_id, digest.profile)) for verdict in VERDICTS}
    return tuple(
        Link(t(f"vote.{verdict}"), f"{run[1]}/issues/new?title={quote(text, safe='')}&template=BLANK_ISSUE")
        for verdict, text in titles.items()
    )


def _brief(t: Catalog, brief: Brief | None) -> str:
    text = clean(brief.text) if brief else ""
    return t("mark.quote", text=text) if brief and brief.quoted and text else text


def reason(t: Catalog, candidate: Candidate, digest: Digest) -> str:
    """Return why a candidate was judged as it was: the model's words, or without a model the words that it shares."""
    text = clean(candidate.reason)
    if candidate.judged_by == WITHDRAWN:
        return t("row.withdrawn")
    if digest.engine == "local":
        shares = "row.shares_few" if candidate.outcome == "below_threshold" else "row.shares"
        return t(shares, terms=text) if text else t("row.shares_none")
    return text or t("row.no_reason")


def _note(t: Catalog, candidate: Candidate, digest: Digest) -> str:
    """Return what became of a candidate, unless the score tells it or in a digest without a model the reason; and why."""
    told = {"below_threshold", "shortlisted"} if digest.engine == "local" else {"below_threshold"}
    if candidate.outcome in told or candidate.judged_by == WITHDRAWN:
        return reason(t, candidate, digest)
    label = t(f"outcome.{candidate.outcome}")
    if digest.engine == "claude" and not clean(candidate.reason):
        return label
    return t("row.labeled", label=label, reason=reason(t, candidate, digest))


def listed_late(t: Catalog, candidate: Candidate, date: dt.date) -> str:
    """Return the day that a paper was last listed, if it is before the two days that a digest covers; else nothing."""
    last = max((signal.day for signal in candidate.signals.values()), default=date)
    return t("row.listed", date=t.short_day(last)) if last < date - dt.timedelta(days=1) else ""
