"""Frozen values that the stages exchange. Field names are part of the stored JSON."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from pipeline.core.stage_names import Call, Stage

T = TypeVar("T")
# A field of schema version 2 or later: left out of the JSON where it has no value, so that older reports keep their bytes.
Omitted = Annotated[T, Field(exclude_if=lambda value: not value)]
Engine = Literal["claude", "local"]  # local: ranking by BM25 and quotations, without a model
Basis = Literal["html", "pdf", "abstract"]  # what an analysis was made from
# stated by the paper, or inferred by the model. Under limitations instead: admitted by the authors, reported by them as a
# negative result, or the model's own doubt.
Gate = Literal["length", "evidence", "terms", "quotes", "numbers", "names"]  # exact checks, in their order
ClaimKind = Literal["stated", "inference", "admitted", "reported", "own"]
INFERRED: frozenset[ClaimKind] = frozenset({"inference", "own"})
# claims: what the paper says. setup: the same, on experiments, with more evidence per claim. inference: only inferences.
SectionKind = Literal["claims", "setup", "inference"]
# By the second reader: the cited sentences carry the claim, or a part of it stands in none of them; unread: no answer.
Reading = Literal["supported", "partly", "unread"]
# empty: the source lists nothing. stale: everything it lists was in earlier digests.
SourceState = Literal["ok", "empty", "stale", "failed"]
# shortlisted: good enough, but all places were taken. excluded: by the profile, or withdrawn. prefiltered: not marked,
# because its BM25 rank is beyond `max_scored`; a candidate again if it is listed again. seen: judged by an earlier digest.
# unscored: marking failed.
Outcome = Literal["picked", "below_threshold", "shortlisted", "excluded", "prefiltered", "seen", "unscored"]
# addresses_a_model: title or abstract contains instructions to a model. hidden_text: invisible passages of the
# paper were omitted. cut: the text was truncated. incomplete: what was read breaks off or lacks parts, and nothing better
# could be had. unclear_styles: the HTML page was not read, since its styles are not understood and could hide text.
Flag = Literal["addresses_a_model", "hidden_text", "cut", "incomplete", "unclear_styles"]

# Bounds that no report exceeds: publishing refuses what lies outside, so that no later run meets an impossible number.
Count = Annotated[int, Field(ge=0, le=10**12)]
Score = Annotated[int, Field(ge=0, le=100)]
Mark = Annotated[float, Field(ge=0, le=5)]
Spread = Annotated[float, Field(ge=0, le=100)]
Usd = Annotated[float, Field(ge=0, le=10**6)]
# A document identifier, in characters that need no escape in a link. Publishers use no others today.
DOI_PATTERN = r"10\.[0-9]{4,9}/[A-Za-z0-9._;()/:-]{1,200}"
Doi = Annotated[str, Field(pattern=f"^{DOI_PATTERN}$")]

RECORDED = "recorded:"  # begins the name of a model whose answers were replayed from a recording
MAX_BRIEF_WORDS = 30  # or 60 Chinese or Japanese characters, see `count_words`
WITHDRAWN = "withdrawn"  # in `judged_by`: the paper is excluded, since its abstract is a notice of withdrawal

# Id of the section for a paper's limitations; the page says so if the authors admit none.
LIMITATIONS = "limitations"


class Value(BaseModel):
    """Base class of all values: frozen, rejects undeclared fields, and no number may be NaN or infinite."""

    # Validators are built on first use: a command needs only a few of the sixty models.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Links(Value):
    """URLs of a paper: https (loopback in tests), or None where a source names no such page.

    The URL of arXiv's HTML page is assumed until it is requested: not every paper has one.
    """

    page: str  # the abstract page, or the page of a feed's entry
    html: str | None = None  # full text; like `pdf`, of a fixed version where the source names one
    pdf: str | None = None
    huggingface: str | None = None
    code: str | None = None
    project: str | None = None


class Signal(Value):
    """A paper's entry in one source: the day on which the source listed it, and what else the source knows."""

    day: dt.date
    announced_as: Literal["new", "cross", "replace", "replace-cross"] | None = None  # None: not by arXiv
    upvotes: Count | None = None  # on Hugging Face; None for any other source


class Venue(Value):
    """Where a paper appears, in the words of arXiv's metadata, which its authors write: a statement of theirs, not a fact.

    `comments` is the whole of that field, which may tell other things than a venue too; `journal_ref` names a publication.
    """

    text: str
    source: Literal["comments", "journal_ref"]


class Code(Value):
    """The repository of a paper's code: https, on a host that `digest.toml` allows."""

    url: str
    stars: Omitted[Count | None] = None  # as a source told on the day of the report; None if none did, or 0


class Figure(Value):
    """The first captioned figure of a paper's text: its caption word for word, and the address of its place."""

    caption: str
    url: str


class Brief(Value):
    """What a shortlisted paper does, and the catch or what it needs, in at most `MAX_BRIEF_WORDS`.

    Written by a model from the abstract, or, if `quoted`, a sentence of the abstract that the program chose.
    """

    text: str
    quoted: Omitted[bool] = False
    reading: Omitted[Reading | None] = None  # of the second reader; None for a quotation
    missing: Omitted[str] = ""  # what the abstract does not say, in the second reader's words, if `partly`


class Followed(Value):
    """An author whom the profile follows, and whose name a paper has."""

    name: str  # as the profile writes it
    # As the paper writes it, if it is uncertain who is meant: only initials agree, or several people may have the name.
    perhaps: Omitted[str] = ""


class Paper(Value):
    """Public metadata of a paper. `id`: arXiv's without a version, or in the form that its source has in `source.py`."""

    id: str
    title: str
    abstract: str  # empty if the source gives none
    authors: tuple[str, ...]
    categories: tuple[str, ...]  # of arXiv or of the paper's source; empty if no source names them
    links: Links
    signals: dict[str, Signal]  # by source name
    announced: dt.date | None  # the earliest day that a source gives; None if none gives one (Hugging Face)
    stars: Omitted[Count | None] = None  # of `links.code`, as Hugging Face tells; None if it does not, or 0
    # The next two are from arXiv's API alone. Authors write the comment: pages, a venue, whatever they like.
    comment: Omitted[str] = ""
    journal_ref: Omitted[str] = ""
    doi: Omitted[Doi | None] = None  # without an address; of an arXiv paper, that of its publication


class SourceStatus(Value):
    """Result of one source in this run, and how far this and earlier runs have read it.

    `watermark` and `first_failure` are carried from report to report, by every source but feeds; a report of an
    older version has neither, and its watermark is `through`.
    """

    name: str  # of a source in `source.py`, `arxiv-oai`, or host and path of a feed
    status: SourceState
    count: Count  # papers listed
    through: (
        dt.date | None
    )  # the last day that this run read in full; None if there is none, or for a past date
    note: str = ""  # a sentence for the reader, such as the reason of a failure
    watermark: Omitted[dt.date | None] = (
        None  # the last day up to which every day was read in full, or given up
    )
    first_failure: Omitted[dt.date | None] = (
        None  # the first digest since then that did not read its day in full
    )
    gaps: Omitted[tuple[str, ...]] = ()  # what was missed for good, in a sentence each
    first_read: Omitted[dt.date | None] = None  # of a feed: the date of the first digest that read it
    # Of a feed: ids of entries that a later night judges, next one first.
    waiting: Omitted[tuple[str, ...]] = ()


class Verdict(Value):
    """Judgment of one paper. Marks are 0-5 and, like `score` (0-100), None where no model marked the paper.

    `rank` is the paper's position by BM25, from 1. `spread` is the standard deviation of the score over
    the passes, None after a single pass.
    """

    topic: Mark | None  # marks: means over the passes
    transfer: Mark | None
    substance: Mark | None
    excluded: bool  # the profile rules such papers out, or the paper was withdrawn
    spread: Spread | None  # in points of the score
    score: Score | None
    rank: Count  # 0 in a verdict restored from a report without ranks
    # The model's reason; from the local engine, the terms shared with the profile; if unscored, why marking failed;
    # empty if prefiltered.
    reason: str
    # `<model> <prompt>@<hash> <profile>@<hash>`, or `local`, or `withdrawn`; empty if not judged.
    judged_by: str

    @classmethod
    def without_marks(cls, *, rank: int, reason: str, judged_by: str, excluded: bool = False) -> Verdict:
        """Return the verdict of a paper that no model marked."""
        return cls(
            topic=None,
            transfer=None,
            substance=None,
            excluded=excluded,
            spread=None,
            score=None,
            rank=rank,
            reason=reason,
            judged_by=judged_by,
        )


class Sentence(Value):
    """One sentence of a text. `id` counts from 1; `anchor` is an element id in the HTML page, or `page=5` in a PDF."""

    id: int
    section: str  # titles from the outermost in: `3 Method › 3.2 Training`; may be empty
    anchor: str | None  # None if the text has no place to link to
    text: str


class Text(Value):
    """The text of a paper as it was read. `url` is the page that the anchors belong to."""

    basis: Basis
    url: str
    sentences: tuple[Sentence, ...]
    # Omitted passages, sentences or lines, counted by kind: `hidden`, `pictures`, `references`, `authors`, `cut` and
    # more, see `extraction/html/parse.py` and `extraction/pdf/parse.py`. A kind that did not occur is absent.
    left_out: dict[str, int]
    incomplete: Omitted[str] = ""  # why it is taken for incomplete; empty if it is not
    looks_cut: Omitted[bool] = (
        False  # `incomplete` is what the page alone says; the build log may say otherwise
    )
    unclear_styles: Omitted[bool] = False  # an HTML page was refused, since its styles could hide text
    read_on: Omitted[dt.date | None] = None  # UTC; None if texts.json does not say
    figure: Omitted[Figure | None] = None  # of an HTML page


class Claim(Value):
    """One statement of an analysis, with the ids of the sentences that support it."""

    text: str
    terms: tuple[str, ...]  # words copied from those sentences, which tie the claim to them
    kind: ClaimKind
    evidence: tuple[int, ...]
    reading: Reading | None = None  # None before the second reader, and for a quotation
    missing: str = ""  # what stands in no cited sentence, in the second reader's words, if `partly`


class Section(Value):
    """One section of an analysis, as the prompt declares it, with its claims."""

    id: str
    title: str  # in the digest's language
    kind: SectionKind
    claims: tuple[Claim, ...]


class Analysis(Value):
    """Analysis of one paper by a model, or by the local engine, which only quotes."""

    headline: str  # one sentence: what the paper does
    hook: str  # why it matters to the profile's author; may be empty
    sections: tuple[Section, ...]


class SecondReading(Value):
    """What the second reader said of a pick's claims, and how many were dropped, by gate or slot (see `grounding/`)."""

    model: str  # empty if it read nothing
    prompt: str  # `<prompt>@<hash>`
    supported: Count
    partly: Count
    dropped: dict[str, Count]


class Grounding(Value):
    """Result of checking an analysis against its text: counts of claims kept, claims dropped and numbers verified."""

    claims: int
    claims_dropped: int
    numbers: int  # numbers in the claims that were kept
    second_reader: SecondReading | None = None  # None without a model


class Skipped(Value):
    """An item that was dropped, with the stage and a reason in words for the reader."""

    id: str  # of the paper, or a description of an item without an id
    stage: Stage
    reason: str


class Pending(Value):
    """A paper whose scoring or analysis has failed since that day; the next run retries it first."""

    id: str
    stage: Stage  # the stage to retry
    reason: str
    since: dt.date  # the first failure; the last night, if no call was made for it then


class Spent(Value):
    """Model calls and tokens of one stage. `usd` is None if a model's price is not known."""

    calls: Count = 0
    input_tokens: Count = 0
    output_tokens: Count = 0
    usd: Usd | None = 0.0

    def __add__(self, other: Spent) -> Spent:
        """Return the sum; an unknown price makes the sum's price unknown."""
        usd = None if self.usd is None or other.usd is None else round(self.usd + other.usd, 6)
        return Spent(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            usd=usd,
        )


class Usage(Spent):
    """Calls, tokens and cost of a digest, in total and by kind of call."""

    stages: dict[Call, Spent]


class Provenance(Value):
    """Origin of a digest: time, run, and the versions of prompts, profile and program."""

    generated_at: dt.datetime  # UTC
    run_url: str | None  # the page of the run in GitHub Actions; None elsewhere
    prompts: dict[str, str]  # by stage: `<prompt>@<hash>`
    profile: str  # `<profile>@<hash>`
    version: str  # of the program
