"""Analyzed → Digest, and the Digest as a page. Pure: the same artifact gives the same bytes.

What an earlier run of the same date has published (`kept`) is taken over; only what was redone is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline import __version__
from pipeline.core.artifacts import (
    MOST_AUTHORS,
    Analyzed,
    Candidate,
    CitedClaim,
    CitedSection,
    Digest,
    Evidence,
    Judged,
    Pick,
    Scored,
    Seen,
)
from pipeline.core.models import (
    Claim,
    Flag,
    Grounding,
    Paper,
    Pending,
    Provenance,
    Section,
    Spent,
    Text,
    Usage,
)
from pipeline.core.stage_names import Stage
from pipeline.report.page import page

__all__ = ["page", "render"]
QUOTED = Grounding(claims=0, claims_dropped=0, numbers=0)


def render(analyzed: Analyzed) -> Digest:
    """Everything that is published of a date, as one value."""
    scored = analyzed.scored
    redone = {judged.paper.id for judged in scored.papers}
    kept = scored.kept
    candidates = [_candidate(judged) for judged in scored.papers]
    candidates += [one for one in (kept.candidates if kept else ()) if one.id not in redone]
    known = {one.id for one in candidates}
    candidates += [_seen(one) for one in scored.seen if one.paper.id not in known]
    picks = [_pick(judged, analyzed) for judged in scored.papers if judged.outcome == "picked"]
    picks += [one for one in (kept.picks if kept else ()) if one.id not in redone]
    rank = {one.id: one.rank or 0 for one in candidates}
    return Digest(
        **analyzed.carried(),
        title=scored.title,
        language=scored.language,
        engine=scored.engine,
        threshold=scored.threshold,
        places=scored.picks,
        candidates=tuple(sorted(candidates, key=_place)),
        picks=tuple(sorted(picks, key=lambda one: (-(one.score or 0), rank.get(one.id, 0), one.id))),
        skipped=scored.skipped,
        pending=_pending(analyzed, redone),
        usage=_usage(analyzed.spent, kept.usage if kept else None),
        provenance=_provenance(analyzed),
    )


def _candidate(judged: Judged) -> Candidate:
    paper, verdict = judged.paper, judged.verdict
    return Candidate(
        **_named(paper),
        signals=paper.signals,
        score=verdict.score,
        topic=verdict.topic,
        transfer=verdict.transfer,
        substance=verdict.substance,
        spread=verdict.spread,
        rank=verdict.rank,
        reason=verdict.reason,
        outcome=judged.outcome,
        seen_on=None,
        flags=judged.flags,
        judged_by=verdict.judged_by,
    )


def _seen(seen: Seen) -> Candidate:
    return Candidate(
        **_named(seen.paper),
        signals=seen.paper.signals,
        score=seen.score,
        topic=None,
        transfer=None,
        substance=None,
        spread=None,
        rank=None,
        reason="",
        outcome="seen",
        seen_on=seen.on,
        flags=(),
        judged_by="",
    )


def _named(paper: Paper) -> dict[str, object]:
    """What every list says of a paper."""
    return {
        "id": paper.id,
        "title": paper.title,
        "url": paper.links.page,
        "authors": paper.authors[:MOST_AUTHORS],
        "more_authors": max(0, len(paper.authors) - MOST_AUTHORS),
    }


def _pick(judged: Judged, analyzed: Analyzed) -> Pick:
    paper = judged.paper
    text = analyzed.texts[paper.id]
    analysis = analyzed.analyses.get(paper.id)
    grounding = analyzed.grounding.get(paper.id, QUOTED)
    return Pick(
        **_named(paper),
        # The HTML page is the first choice: where a PDF was read there is none, or none that can be read.
        links=paper.links.model_copy(update={"html": None}) if text.basis == "pdf" else paper.links,
        score=judged.verdict.score,
        basis=text.basis,
        sentences_read=len(text.sentences),
        headline=analysis.headline if analysis else "",
        hook=analysis.hook if analysis else "",
        flags=_flags(judged, text),
        sections=tuple(_section(section, text) for section in analysis.sections) if analysis else (),
        claims_dropped=grounding.claims_dropped,
        numbers_checked=grounding.numbers,
        read_by=analyzed.read_by.get(paper.id, ""),
    )


def _flags(judged: Judged, text: Text) -> tuple[Flag, ...]:
    """What a reader should know of the text that was read."""
    found: list[Flag] = list(judged.flags)
    if text.left_out.get("hidden"):
        found.append("hidden_text")
    if text.left_out.get("cut"):
        found.append("cut")
    return tuple(found)


def _section(section: Section, text: Text) -> CitedSection:
    claims = tuple(_cited(claim, text) for claim in section.claims)
    return CitedSection(id=section.id, title=section.title, kind=section.kind, claims=claims)


def _cited(claim: Claim, text: Text) -> CitedClaim:
    """The claim with its sentences copied by the program, never by a model, and linked to where they stand."""
    sentences = {sentence.id: sentence for sentence in text.sentences}
    evidence = tuple(
        Evidence(
            sentence=key,
            section=sentences[key].section,
            anchor=sentences[key].anchor,
            url=f"{text.url}#{sentences[key].anchor}" if sentences[key].anchor else text.url,
            quote=sentences[key].text,
        )
        for key in claim.evidence
    )
    return CitedClaim(text=claim.text, terms=claim.terms, kind=claim.kind, evidence=evidence)


def _place(candidate: Candidate) -> tuple[int, int, int, str]:
    """Picks first, then what was judged by score and rank, then what was not, then what was seen before."""
    groups = {"picked": 0, "unscored": 2, "prefiltered": 3, "seen": 4}
    score = -1 if candidate.score is None else candidate.score
    return groups.get(candidate.outcome, 1), -score, candidate.rank or 0, candidate.id


def _pending(analyzed: Analyzed, redone: Iterable[str]) -> tuple[Pending, ...]:
    kept = analyzed.scored.kept.pending if analyzed.scored.kept else ()
    done = set(redone)
    still = [one for one in kept if one.id not in done]
    return tuple(sorted([*analyzed.scored.pending, *analyzed.pending, *still], key=lambda p: (p.since, p.id)))


def _usage(spent: Mapping[Stage, Spent], before: Usage | None) -> Usage:
    """The cost of this run, on top of what the same date has cost before."""
    stages = dict(before.stages) if before else {}
    for stage, one in spent.items():
        stages[stage] = stages.get(stage, Spent()) + one
    total = sum(stages.values(), Spent())
    return Usage(**total.model_dump(), stages=stages)


def _provenance(analyzed: Analyzed) -> Provenance:
    scored: Scored = analyzed.scored
    return Provenance(
        generated_at=analyzed.generated_at,
        run_url=analyzed.run_url,
        prompts=analyzed.prompts,
        profile=scored.profile_version,
        version=__version__,
    )
