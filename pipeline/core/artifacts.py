"""The typed artifacts that the stages hand on; `storage.py` keeps them.

    Fetched → Scored (+ Texts) → Analyzed → Digest

Each is one JSON file in `<work>/<profile>/<date>/`; the last is the report's own JSON, byte for byte.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Literal

from pipeline.core.models import (
    Analysis,
    Basis,
    ClaimKind,
    Engine,
    Flag,
    Grounding,
    Links,
    Outcome,
    Paper,
    Pending,
    Provenance,
    SectionKind,
    Signal,
    Skipped,
    SourceStatus,
    Spent,
    Text,
    Usage,
    Value,
    Verdict,
)
from pipeline.core.stage_names import Stage

MOST_AUTHORS = 10  # named in a report; a collaboration of 300 would outweigh the rest of the page


class Artifact(Value):
    """What every artifact carries from the first stage to the last; stamped once, so re-runs write the same bytes."""

    name: ClassVar[str]
    made_by: ClassVar[str]

    schema_version: Literal[1] = 1
    profile: str
    date: dt.date
    generated_at: dt.datetime
    run_url: str | None
    previous: dt.date | None
    sources: tuple[SourceStatus, ...]

    def carried(self) -> dict[str, Any]:
        """The fields that the next artifact takes over unchanged."""
        return {field: getattr(self, field) for field in Artifact.model_fields}


class Seen(Value):
    """A candidate that an earlier digest has judged: listed with that day, never scored again."""

    paper: Paper
    on: dt.date
    score: int | None
    outcome: Outcome


class Retry(Value):
    """A paper that an earlier run left pending, and since when. `verdict` is kept where only the analysis failed."""

    paper: Paper
    stage: Stage
    since: dt.date
    verdict: Verdict | None


class Fetched(Artifact):
    """The day's candidates, merged: `papers` are new, `retries` come first, `seen` are only listed.

    `wanted` are ids that are analyzed whatever their score; `liked` are the profile's examples, for BM25. `kept` is
    this date's earlier report, as far as it stands: its candidates and picks, without those in `retries`, are taken
    over unchanged.
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


class Judged(Value):
    """A candidate with its verdict, what became of it, and what is suspicious about it."""

    paper: Paper
    verdict: Verdict
    outcome: Outcome
    flags: tuple[Flag, ...]


class Scored(Artifact):
    """Every candidate judged, picks first, then by score; `pending` are those that could not be."""

    name: ClassVar[str] = "scored"
    made_by: ClassVar[str] = "score"

    engine: Engine
    language: str
    title: str
    threshold: int
    picks: int
    papers: tuple[Judged, ...]
    seen: tuple[Seen, ...]
    skipped: tuple[Skipped, ...]
    pending: tuple[Pending, ...]
    retried: tuple[Retry, ...]
    kept: Digest | None
    spent: dict[Stage, Spent]
    prompts: dict[str, str]
    profile_version: str


class Texts(Artifact):
    """The texts of the picks as numbered sentences, by paper id."""

    name: ClassVar[str] = "texts"
    made_by: ClassVar[str] = "texts"

    texts: dict[str, Text]


class Analyzed(Artifact):
    """`scored`, and for each pick its analysis and the text that it was made from."""

    name: ClassVar[str] = "analyzed"
    made_by: ClassVar[str] = "analyze"

    scored: Scored
    texts: dict[str, Text]
    analyses: dict[str, Analysis]
    grounding: dict[str, Grounding]
    read_by: dict[str, str]
    pending: tuple[Pending, ...]
    spent: dict[Stage, Spent]
    prompts: dict[str, str]


class Evidence(Value):
    """A sentence that a claim rests on, word for word, and where it stands."""

    sentence: int
    section: str
    anchor: str | None
    url: str
    quote: str


class CitedClaim(Value):
    """A claim that passed the gates, with its sentences."""

    text: str
    terms: tuple[str, ...]
    kind: ClaimKind
    evidence: tuple[Evidence, ...]


class CitedSection(Value):
    """A section of a pick as it is published."""

    id: str
    title: str
    kind: SectionKind
    claims: tuple[CitedClaim, ...]


class Candidate(Value):
    """One line of a report's list of all candidates. `seen_on` is set for the outcome `seen` alone."""

    id: str
    title: str
    url: str
    authors: tuple[str, ...]
    more_authors: int
    signals: dict[str, Signal]
    score: int | None
    topic: float | None
    transfer: float | None
    substance: float | None
    spread: float | None
    rank: int | None
    reason: str
    outcome: Outcome
    seen_on: dt.date | None
    flags: tuple[Flag, ...]
    judged_by: str


class Pick(Value):
    """A pick as it is published. `headline` is empty while its analysis is pending.

    `read_by` names the model and the prompt of the analysis, or `local`.
    """

    id: str
    title: str
    url: str
    authors: tuple[str, ...]
    more_authors: int
    links: Links
    score: int | None
    basis: Basis
    sentences_read: int
    headline: str
    hook: str
    flags: tuple[Flag, ...]
    sections: tuple[CitedSection, ...]
    claims_dropped: int
    numbers_checked: int
    read_by: str


class Digest(Artifact):
    """The report. Its bytes are `reports/<profile>/YYYY/MM/YYYY-MM-DD.json`; the page is made from it alone."""

    name: ClassVar[str] = "digest"
    made_by: ClassVar[str] = "render"

    title: str
    language: str
    engine: Engine
    threshold: int
    places: int
    candidates: tuple[Candidate, ...]
    picks: tuple[Pick, ...]
    skipped: tuple[Skipped, ...]
    pending: tuple[Pending, ...]
    usage: Usage
    provenance: Provenance
