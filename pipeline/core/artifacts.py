"""Typed artifacts: the output of each stage and the input of the next; `store.py` writes and reads them.

    Fetched → Scored (+ Texts) → Analyzed → Digest

Each is one JSON file in `<work>/<profile>/<date>/`; the last is the report's JSON, byte for byte. Field names are part
of the stored JSON.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from pipeline.core.models import (
    Analysis,
    Basis,
    Brief,
    ClaimKind,
    Code,
    Count,
    Doi,
    Engine,
    Figure,
    Flag,
    Followed,
    Grounding,
    Links,
    Mark,
    Omitted,
    Outcome,
    Paper,
    Pending,
    Provenance,
    Reading,
    Score,
    SecondReading,
    SectionKind,
    Signal,
    Skipped,
    SourceStatus,
    Spent,
    Spread,
    Text,
    Usage,
    Value,
    Venue,
    Verdict,
)
from pipeline.core.stage_names import Call, Stage
from pipeline.core.upgrade import SCHEMA_VERSION
from pipeline.core.votes import Vote

MAX_AUTHORS = 10  # listed of a candidate; a collaboration of 300 would outweigh the rest of the report
ALL_AUTHORS = 500  # listed of a pick, and of a shortlisted candidate; collaborations of thousands exist


class Artifact(Value):
    """Fields that every artifact carries. The first stage sets them once, so that re-runs write the same bytes."""

    name: ClassVar[str]  # stem of the file name
    made_by: ClassVar[str]  # the stage's command: `digest <made_by>`

    schema_version: Literal[2] = SCHEMA_VERSION
    profile: str
    date: dt.date
    generated_at: dt.datetime  # UTC
    run_url: str | None  # the page of the run in GitHub Actions; None elsewhere
    previous: dt.date | None  # the newest report before `date`; None if there is none
    sources: tuple[SourceStatus, ...]

    def shared_fields(self) -> dict[str, Any]:
        """Return the fields that the next artifact copies unchanged."""
        return {field: getattr(self, field) for field in Artifact.model_fields}


class Seen(Value):
    """A candidate that an earlier digest has judged: listed with that digest's date, never scored again."""

    paper: Paper
    on: dt.date  # date of the earlier digest; score and outcome are from there
    score: int | None
    outcome: Outcome


class Retry(Value):
    """A paper to retry, which an earlier run left pending. `verdict` is set if only the analysis has to be repeated."""

    paper: Paper
    stage: Stage  # the stage to repeat
    since: dt.date  # the first failure
    verdict: Verdict | None


class Voted(Value):
    """A paper with a vote that counts. Of an entry of a feed only the title is known, and no abstract."""

    paper: Paper
    verdict: Literal["more", "less"]
    score: Score | None  # of the digest that judged it; None without a model


class VotesUsed(Value):
    """What a digest has learned from votes: how many of each kind were read, and how many stood in the prompt as examples."""

    more: Count
    less: Count
    examples: Omitted[Count] = 0


class Fetched(Artifact):
    """The day's candidates, merged: `papers` are new, `retries` are judged first, `seen` are only listed.

    `wanted` are ids that are analyzed whatever their score; `liked` are the profile's example papers, for BM25. `kept`
    is this date's committed report if only parts of it are repeated: its candidates and picks, without those in
    `retries`, are copied unchanged. None if the whole date is fetched. `votes` are those that count, one a paper, oldest
    first; `voted` are the papers of the newest of them. `unknown_votes` are new ones whose paper nobody knows.
    """

    name: ClassVar[str] = "fetched"
    made_by: ClassVar[str] = "fetch"

    papers: tuple[Paper, ...]
    retries: tuple[Retry, ...]
    wanted: tuple[str, ...]
    liked: tuple[Paper, ...]
    seen: tuple[Seen, ...]
    skipped: tuple[Skipped, ...]
    kept: Digest | None
    votes: Omitted[tuple[Vote, ...]] = ()
    voted: Omitted[tuple[Voted, ...]] = ()
    unknown_votes: Omitted[tuple[Vote, ...]] = ()


class Judged(Value):
    """A candidate with its verdict, its outcome, its flags, and those of its authors whom the profile follows."""

    paper: Paper
    verdict: Verdict
    outcome: Outcome
    flags: tuple[Flag, ...]
    followed: Omitted[tuple[Followed, ...]] = ()


class Scored(Artifact):
    """All candidates with their verdicts, picks first, then by score; `pending` are those whose scoring failed.

    `retried` and `kept` are `retries` and `kept` of `Fetched`.
    """

    name: ClassVar[str] = "scored"
    made_by: ClassVar[str] = "score"

    engine: Engine
    language: str
    title: str  # of the digest
    threshold: int  # the score from which a paper may be picked, 1-100
    picks: int  # the most picks that the profile allows
    papers: tuple[Judged, ...]
    seen: tuple[Seen, ...]
    skipped: tuple[Skipped, ...]
    pending: tuple[Pending, ...]
    retried: tuple[Retry, ...]
    kept: Digest | None
    spent: dict[Call, Spent]
    prompts: dict[str, str]  # by stage: `<prompt>@<hash>`
    profile_version: str  # `<profile>@<hash>`
    votes_used: Omitted[VotesUsed | None] = None


class Texts(Artifact):
    """Texts of the picks as numbered sentences, by paper id.

    `papers` are those picks and shortlisted papers to whose metadata arXiv's API or their own abstracts add something:
    comment, publication, authors, code.
    """

    name: ClassVar[str] = "texts"
    made_by: ClassVar[str] = "texts"

    texts: dict[str, Text]
    papers: Omitted[dict[str, Paper]] = {}


class Analyzed(Artifact):
    """`scored`, and the picks' analyses with the texts that they were made from, by paper id."""

    name: ClassVar[str] = "analyzed"
    made_by: ClassVar[str] = "analyze"

    scored: Scored
    texts: dict[str, Text]  # of every pick
    papers: Omitted[dict[str, Paper]] = {}  # as in `Texts`
    analyses: dict[str, Analysis]  # like `grounding` and `read_by`, without the picks whose analysis failed
    grounding: dict[str, Grounding]
    read_by: dict[str, str]  # `<model> <prompt>@<hash>`, or `local`
    briefs: Omitted[dict[str, Brief]] = {}  # of the best shortlisted papers
    pending: tuple[Pending, ...]  # the picks whose analysis failed; those of the scoring are in `scored`
    spent: dict[Call, Spent]  # including the scoring
    prompts: dict[str, str]  # including the scoring's


class Evidence(Value):
    """A sentence that supports a claim, quoted word for word, with its place in the paper."""

    sentence: Count  # its id in the text that was read, from 1
    section: str
    anchor: str | None  # as in `Sentence`
    url: str  # the page, with the anchor if there is one
    quote: str


class CitedClaim(Value):
    """A claim that passed the gates, with the sentences that support it."""

    text: str
    terms: tuple[str, ...]  # words copied from those sentences
    kind: ClaimKind
    evidence: tuple[Evidence, ...]
    reading: Omitted[Reading | None] = None  # of the second reader; None in version 1, and for a quotation
    missing: Omitted[str] = ""  # as in `Claim`


class CitedSection(Value):
    """A section of a pick, as published."""

    id: str  # as the prompt declares it
    title: str
    kind: SectionKind
    claims: tuple[CitedClaim, ...]


class Listed(Value):
    """A paper in a report."""

    id: str
    title: str
    url: str
    # The first `MAX_AUTHORS`; of picks, and of candidates that are shortlisted, the first `ALL_AUTHORS`.
    authors: tuple[str, ...]
    more_authors: Count  # authors beyond those
    followed: Omitted[tuple[Followed, ...]] = ()  # of all its authors, `MAX_FOLLOWED` at most


class Candidate(Listed):
    """One line of a report's list of all candidates. `seen_on` is set only for the outcome `seen`."""

    signals: dict[str, Signal]  # by source name
    score: Score | None  # 0-100; the fields from here to `reason` are as in `Verdict`
    topic: Mark | None  # marks: 0-5
    transfer: Mark | None
    substance: Mark | None
    spread: Spread | None
    rank: Count | None  # by BM25, from 1; None for the outcome `seen`
    reason: str
    outcome: Outcome
    seen_on: dt.date | None  # date of the digest that judged it
    flags: tuple[Flag, ...]
    judged_by: str  # as in `Verdict`
    # Of shortlisted papers alone: of the best of them a brief, and what a reference manager needs.
    brief: Omitted[Brief | None] = None
    doi: Omitted[Doi | None] = None
    categories: Omitted[tuple[str, ...]] = ()  # as in `Paper`


class Pick(Listed):
    """A pick, as published. `headline` is empty while its analysis is pending.

    `read_by` names the model and the prompt of the analysis, or is `local`.
    """

    links: Links
    score: Score | None  # 0-100; None without a model
    basis: Basis
    sentences_read: Count
    headline: str
    hook: str
    flags: tuple[Flag, ...]
    sections: tuple[CitedSection, ...]
    claims_dropped: Count  # claims that failed the gates, or were too many for their section
    numbers_checked: Count  # numbers in the claims, each found in the cited text
    read_by: str  # empty while the analysis is pending
    second_reader: Omitted[SecondReading | None] = None  # None in version 1, and without a model
    read_on: Omitted[dt.date | None] = None  # the day the text was read, UTC; None in older reports
    venue: Omitted[Venue | None] = None
    code: Omitted[Code | None] = None  # as a source or the abstract names it; may repeat `links.code`
    doi: Omitted[Doi | None] = None
    categories: Omitted[tuple[str, ...]] = ()  # as in `Paper`
    figure: Omitted[Figure | None] = None


class Digest(Artifact):
    """The report. Its bytes are `reports/<profile>/YYYY/MM/YYYY-MM-DD.json`; the page is rendered from it alone."""

    name: ClassVar[str] = "digest"
    made_by: ClassVar[str] = "render"

    title: str  # of the digest
    language: str
    engine: Engine
    threshold: Annotated[int, Field(ge=1, le=100)]  # the score from which a paper may be picked, 1-100
    places: Count  # the most picks that the profile allows
    candidates: tuple[Candidate, ...]  # picks first, then by score and rank, `seen` last
    picks: tuple[Pick, ...]  # by score, best first
    skipped: tuple[Skipped, ...]  # dropped, not retried
    pending: tuple[Pending, ...]  # retried by the next run
    usage: Usage
    provenance: Provenance
    votes_used: Omitted[VotesUsed | None] = None
    vote_links: Omitted[bool] = False  # papers carry links to vote on issues of the repository in `run_url`
