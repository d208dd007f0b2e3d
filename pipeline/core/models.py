"""The values that travel through the pipeline. Every one is frozen; none is filled in later."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.core.stage_names import Stage

Engine = Literal["claude", "local"]
Basis = Literal["html", "pdf", "abstract"]
ClaimKind = Literal["stated", "inference"]
SectionKind = Literal["claims", "inference"]
SourceState = Literal["ok", "empty", "stale", "failed"]
Outcome = Literal["picked", "below_threshold", "not_picked", "excluded", "prefiltered", "seen", "unscored"]
Flag = Literal["addresses_a_model", "hidden_text", "cut"]

LIMITATIONS = (
    "limitations"  # the section whose stated claims have to be the authors' own, and whose silence is told
)


class Value(BaseModel):
    """The base of every value: frozen, closed to fields that nobody declared, and no number is NaN or infinite."""

    # Validators are built on first use: a command needs a few of the sixty models.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Links(Value):
    """Where a paper can be opened: https (or loopback in tests), or None where a source names no such page.

    arXiv's HTML page is taken to exist until it is asked for: not every paper has one.
    """

    page: str
    html: str | None = None
    pdf: str | None = None
    huggingface: str | None = None
    code: str | None = None
    project: str | None = None


class Signal(Value):
    """What one source says of a paper: the day it listed it, and what else it knows."""

    day: dt.date
    announced_as: Literal["new", "cross", "replace", "replace-cross"] | None = None
    upvotes: int | None = None


class Paper(Value):
    """A paper's public metadata. `id` is the arXiv id without a version, or a feed's own id."""

    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    links: Links
    signals: dict[str, Signal]
    announced: dt.date | None


class SourceStatus(Value):
    """What one source did on this run; `through` is the last day it has been read up to."""

    name: str
    status: SourceState
    count: int
    through: dt.date | None
    note: str = ""


class Verdict(Value):
    """How a paper was judged. Marks are 0-5 and, like `score` (0-100), None where no model marked it.

    `rank` is the paper's place by BM25, from 1. `spread` is the standard deviation of the score over
    the passes, None after a single pass.
    """

    topic: float | None
    transfer: float | None
    substance: float | None
    excluded: bool
    spread: float | None
    score: int | None
    rank: int
    reason: str
    judged_by: str


class Sentence(Value):
    """One sentence of a text. `id` counts from 1; `anchor` is an id in the page that was read, or `page=5`."""

    id: int
    section: str
    anchor: str | None
    text: str


class Text(Value):
    """What was read of a paper. `url` is the page its anchors belong to; `left_out` counts what was not kept."""

    basis: Basis
    url: str
    sentences: tuple[Sentence, ...]
    left_out: dict[str, int]


class Claim(Value):
    """One statement of an analysis, with the ids of the sentences it rests on."""

    text: str
    terms: tuple[str, ...]
    kind: ClaimKind
    evidence: tuple[int, ...]


class Section(Value):
    """A declared section of an analysis, with what was claimed under it."""

    id: str
    title: str
    kind: SectionKind
    claims: tuple[Claim, ...]


class Analysis(Value):
    """What a model (or, quoting, the local engine) says of one paper."""

    headline: str
    hook: str
    sections: tuple[Section, ...]


class Grounding(Value):
    """How an analysis fared at the gates: claims and numbers that held, out of those that were made."""

    claims: int
    claims_dropped: int
    numbers: int


class Skipped(Value):
    """A drop-out: what it was, at which stage, and why, in words that a reader understands."""

    id: str
    stage: Stage
    reason: str


class Pending(Value):
    """Scored or analyzed without success since that day: first in line on the next run."""

    id: str
    stage: Stage
    reason: str
    since: dt.date


class Spent(Value):
    """Calls and tokens of one stage. `usd` is None if a model's price is not known."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Spent) -> Spent:
        """Both together; an unknown price stays unknown."""
        usd = None if self.usd is None or other.usd is None else round(self.usd + other.usd, 6)
        return Spent(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            usd=usd,
        )


class Usage(Spent):
    """What a digest cost, in all and by stage."""

    stages: dict[Stage, Spent]


class Provenance(Value):
    """Where a digest comes from: when, which run, which prompts, which profile, which program."""

    generated_at: dt.datetime
    run_url: str | None
    prompts: dict[str, str]
    profile: str
    version: str
