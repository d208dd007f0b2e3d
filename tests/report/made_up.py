"""Candidates, picks and digests to build days from. All papers in here are made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pipeline.core.artifacts import Candidate, CitedClaim, CitedSection, Digest, Evidence, Pick
from pipeline.core.models import (
    Code,
    Figure,
    Links,
    Outcome,
    Provenance,
    SecondReading,
    SectionKind,
    Signal,
    SourceStatus,
    Spent,
    Usage,
    Venue,
)
from tests.report import texts

DATE = dt.date(2026, 1, 30)
LANGUAGES = ("zh-CN", "en", "ja")
ALSO_READ = [(kind, language) for kind in ("full", "failed") for language in ("de", "ko")]  # golden pages
FLOW_ID, BENCH_ID = "2601.99001", "2601.99002"
FLOW_TITLE = "ToyFlow: One-Step Restoration of Imaginary Photographs with Confidence"
BENCH_TITLE = "What Viewers Reject: A Made-Up Benchmark for Video Restoration"
JUDGED_BY = "claude-haiku-5-5 score@1a2b3c4d made-up@5e6f7a8b"
_SUBJECTS = (
    "Toy Priors",
    "Paper Lanterns",
    "Imaginary Drones",
    "Cardboard Scenes",
    "Clay Robots",
    "Pretend Maps",
)
_VERBS = ("Deblurring", "Counting", "Tracking", "Relighting", "Segmenting", "Describing", "Compressing")


def candidate(number: int, score: int | None, outcome: Outcome, **given: Any) -> Candidate:
    """A candidate with an id of this month and a title that nobody takes for a real one."""
    paper = given.pop("id", f"2601.98{number:03d}")
    values: dict[str, Any] = {
        "title": f"{_VERBS[number % 7]} {_SUBJECTS[number % 6]}: Synthetic Study No. {number} with Learned Wishes",
        "url": f"https://arxiv.org/abs/{paper}",
        "authors": ("A. Nobody", "B. Nobody"),
        "more_authors": 0,
        "signals": {"arxiv": Signal(day=DATE, announced_as="new")},
        "score": score,
        "topic": None if score is None else round(score / 20, 1),
        "transfer": None if score is None else 2.0,
        "substance": None if score is None else 3.0,
        "spread": None,
        "rank": number,
        "reason": "",
        "outcome": outcome,
        "seen_on": None,
        "flags": (),
        "judged_by": JUDGED_BY if score is not None else "",
    }
    return Candidate(id=paper, **{**values, **given})


def evidence(paper: str, basis: str, sentences: texts.Sentences, key: int) -> Evidence:
    section, anchor, quote = sentences[key]
    page = f"https://arxiv.org/{'html' if basis == 'html' else 'abs'}/{paper}v1"
    return Evidence(
        sentence=key, section=section, anchor=anchor, url=f"{page}#{anchor}" if anchor else page, quote=quote
    )


def _sections(
    paper: str,
    basis: str,
    said: Mapping[str, list[texts.Said]],
    sentences: texts.Sentences,
    language: str,
) -> tuple[CitedSection, ...]:
    kinds: dict[str, SectionKind] = {"claims": "claims", "setup": "setup", "inference": "inference"}
    return tuple(
        CitedSection(
            id=name,
            title=titles[language],
            kind=kinds[kind],
            claims=tuple(
                CitedClaim(
                    text=text,
                    terms=terms,
                    kind=of,
                    evidence=tuple(evidence(paper, basis, sentences, key) for key in keys),
                    reading=reading,
                    missing="what the second reader misses" if reading == "partly" else "",
                )
                for text, of, keys, terms, reading in said[name]
            ),
        )
        for name, kind, titles in texts.SECTIONS
        if name in said
    )


def flow(language: str, **given: Any) -> Pick:
    """A pick read from its HTML."""
    values: dict[str, Any] = {
        "title": FLOW_TITLE,
        "url": f"https://arxiv.org/abs/{FLOW_ID}",
        "authors": ("A. Nobody", "B. Nobody", "C. Nobody", "D. Nobody"),
        "more_authors": 8,
        "links": Links(
            page=f"https://arxiv.org/abs/{FLOW_ID}",
            html=f"https://arxiv.org/html/{FLOW_ID}v1",
            pdf=f"https://arxiv.org/pdf/{FLOW_ID}v1",
            huggingface=f"https://huggingface.co/papers/{FLOW_ID}",
            code="https://github.com/nobody/toyflow",
            project="https://nobody.github.io/toyflow/",
        ),
        "score": 92,
        "basis": "html",
        "sentences_read": 312,
        "headline": texts.HEADLINES[language][0],
        "hook": texts.HEADLINES[language][1],
        "flags": (),
        "sections": _sections(FLOW_ID, "html", texts.FLOW_SAID[language], texts.FLOW, language),
        "claims_dropped": 3,
        "numbers_checked": 6,
        "read_by": "claude-sonnet-5-5 analyze@9c8d7e6f",
        "second_reader": SecondReading(
            model="claude-haiku-5-5",
            prompt="verify@0d1e2f3a",
            supported=10,
            partly=1,
            dropped={"direction": 1, "numbers": 2},
        ),
    }
    return Pick(**{"id": FLOW_ID, **values, **given})


def long_pick(language: str, **given: Any) -> Pick:
    """A pick read from its HTML, with twelve claims as long as a model writes them."""
    headline, hook = texts.LONG_HEADLINES[language][:2]
    sections = _sections(FLOW_ID, "html", texts.LONG_SAID[language], texts.FLOW, language)
    values = {"headline": headline, "hook": hook, "sections": sections, "read_on": DATE, **extras()}
    return flow(language, **{**values, **given})


def extras() -> dict[str, Any]:
    """What arXiv and Hugging Face tell of a paper beyond its listing, and its first figure."""
    return {
        "venue": Venue(text="Accepted at MUCV 2026", source="comments"),
        "code": Code(url="https://github.com/nobody/toyflow", stars=120),
        "figure": Figure(
            caption="Figure 2: Overview of ToyFlow. The degraded image (left) is restored in one step; the confidence "
            "map (middle) decides where the input is kept.",
            url=f"https://arxiv.org/html/{FLOW_ID}v1#S3.F2",
        ),
        "doi": "10.99999/made.up/1",
    }


def bench(language: str, **given: Any) -> Pick:
    """A pick of which only the abstract was read."""
    values: dict[str, Any] = {
        "title": BENCH_TITLE,
        "url": f"https://arxiv.org/abs/{BENCH_ID}",
        "authors": ("E. Nobody",),
        "more_authors": 0,
        "links": Links(page=f"https://arxiv.org/abs/{BENCH_ID}", pdf=f"https://arxiv.org/pdf/{BENCH_ID}v1"),
        "score": 78,
        "basis": "abstract",
        "sentences_read": 5,
        "headline": texts.HEADLINES[language][2],
        "hook": texts.HEADLINES[language][3],
        "flags": (),
        "sections": _sections(BENCH_ID, "abstract", texts.BENCH_SAID[language], texts.BENCH, language),
        "claims_dropped": 0,
        "numbers_checked": 1,
        "read_by": "claude-sonnet-5-5 analyze@9c8d7e6f",
        "second_reader": SecondReading(
            model="claude-haiku-5-5", prompt="verify@0d1e2f3a", supported=6, partly=0, dropped={}
        ),
    }
    return Pick(**{"id": BENCH_ID, **values, **given})


def read_once(pick: Pick) -> Pick:
    """The pick as a report of version 1 has it: two kinds of claims, and no second reader."""
    kinds = {"admitted": "stated", "reported": "inference", "own": "inference"}
    sections = tuple(
        section.model_copy(
            update={
                "claims": tuple(
                    claim.model_copy(
                        update={"kind": kinds.get(claim.kind, claim.kind), "reading": None, "missing": ""}
                    )
                    for claim in section.claims
                    if claim.evidence
                )
            }
        )
        for section in pick.sections
    )
    return pick.model_copy(update={"sections": sections, "second_reader": None})


def read_by_nobody(pick: Pick) -> Pick:
    """The pick if the second reader does not answer."""
    sections = tuple(
        section.model_copy(
            update={
                "claims": tuple(
                    claim.model_copy(update={"reading": "unread" if claim.evidence else None, "missing": ""})
                    for claim in section.claims
                )
            }
        )
        for section in pick.sections
    )
    reader = SecondReading(model="", prompt="verify@0d1e2f3a", supported=0, partly=0, dropped={})
    return pick.model_copy(update={"sections": sections, "claims_dropped": 0, "second_reader": reader})


def picked(language: str) -> tuple[Candidate, Candidate]:
    """The two picks as candidates."""
    both = {"arxiv": Signal(day=DATE, announced_as="new"), "huggingface": Signal(day=DATE, upvotes=35)}
    first = candidate(
        1, 92, "picked", id=FLOW_ID, title=FLOW_TITLE, reason=texts.REASONS[language][0], signals=both,
        topic=5.0, transfer=4.3, substance=3.7, spread=2.9,
    )  # fmt: skip
    second = candidate(
        2, 78, "picked", id=BENCH_ID, title=BENCH_TITLE, reason=texts.REASONS[language][1], topic=4.7,
        transfer=3.0, substance=3.0, spread=4.1,
    )  # fmt: skip
    return first, second


def rejected(language: str, count: int = 6, best: int = 58) -> tuple[Candidate, ...]:
    """Papers below the threshold, each with a reason."""
    why = texts.WHY_NOT[language]
    return tuple(
        candidate(10 + n, max(3, best - n * 52 // max(1, count)), "below_threshold", reason=why[n % 3])
        for n in range(count)
    )


def digest(language: str, **given: Any) -> Digest:
    """A digest with two picks of eight; whatever a test cares about is given."""
    stages = {
        "score": Spent(calls=5, input_tokens=41_200, output_tokens=3_950, usd=0.0061),
        "verify": Spent(calls=2, input_tokens=8_400, output_tokens=1_900, usd=0.0045),
        "analyze": Spent(calls=2, input_tokens=38_700, output_tokens=4_210, usd=0.1195),
    }
    values: dict[str, Any] = {
        "profile": "made-up",
        "date": DATE,
        "generated_at": dt.datetime(2026, 1, 30, 5, 52, 7, tzinfo=dt.UTC),
        "run_url": "https://github.com/octo-org/digests/actions/runs/123456789",
        "previous": dt.date(2026, 1, 29),
        "sources": (
            SourceStatus(name="arxiv", status="ok", count=8, through=DATE),
            SourceStatus(name="huggingface", status="ok", count=3, through=DATE),
        ),
        "title": texts.TITLE[language],
        "language": language,
        "engine": "claude",
        "threshold": 60,
        "places": 2,
        "candidates": (*picked(language), *rejected(language)),
        "picks": (flow(language), bench(language)),
        "skipped": (),
        "pending": (),
        "usage": Usage(calls=9, input_tokens=88_300, output_tokens=10_060, usd=0.1301, stages=stages),
        "provenance": None,
    }
    values |= given
    if values["provenance"] is None:
        values["provenance"] = Provenance(
            generated_at=values["generated_at"],
            run_url=values["run_url"],
            prompts={
                "score": "score@1a2b3c4d",
                "analyze": "analyze@9c8d7e6f",
                "verify": "verify@0d1e2f3a",
                "final": "final@2e3f4a5b",
            },
            profile="made-up@5e6f7a8b",
            version="0.1.0",
        )
    return Digest(**values)
