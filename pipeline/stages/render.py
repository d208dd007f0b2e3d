"""Stage 5, Analyzed → Digest, and the Digest as a page. Pure: the same artifact gives the same bytes.

What an earlier run of the same date published (`kept`) is carried over, except for papers that were redone.
"""

import re
from collections.abc import Iterable, Mapping

from pipeline import __version__
from pipeline.core.artifacts import (
    ALL_AUTHORS,
    MAX_AUTHORS,
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
    Code,
    Flag,
    Grounding,
    Paper,
    Pending,
    Provenance,
    Section,
    Spent,
    Text,
    Usage,
    Venue,
)
from pipeline.core.stage_names import Call
from pipeline.report.page import page

__all__ = ["page", "render"]
COUNTS = re.compile(r"(?:\d{1,3} \w+(?:[.,;]? and |[.,;]? |[.,;]?$))+")  # "20 pages, 3 figures"
MAX_CATEGORIES = 20
NO_CLAIMS = Grounding(claims=0, claims_dropped=0, numbers=0)


def render(analyzed: Analyzed, *, vote_links: bool = False) -> Digest:
    """Build the Digest of a date: candidates, picks with cited claims, pending papers, usage and provenance.

    With `vote_links` its papers carry links to vote, if the repository is known, whose issues these are.
    """
    scored = analyzed.scored
    redone = {judged.paper.id for judged in scored.papers}
    kept = scored.kept
    candidates = [_candidate(judged, analyzed) for judged in scored.papers]
    candidates += [c for c in (kept.candidates if kept else ()) if c.id not in redone]
    known = {candidate.id for candidate in candidates}
    candidates += [_seen(seen) for seen in scored.seen if seen.paper.id not in known]
    picks = [_pick(judged, analyzed) for judged in scored.papers if judged.outcome == "picked"]
    picks += [pick for pick in (kept.picks if kept else ()) if pick.id not in redone]
    rank = {candidate.id: candidate.rank or 0 for candidate in candidates}
    return Digest(
        **analyzed.shared_fields(),
        title=scored.title,
        language=scored.language,
        engine=scored.engine,
        threshold=scored.threshold,
        places=scored.picks,
        candidates=tuple(sorted(candidates, key=_sort_key)),
        picks=tuple(sorted(picks, key=lambda pick: (-(pick.score or 0), rank.get(pick.id, 0), pick.id))),
        skipped=scored.skipped,
        pending=_pending(analyzed, redone),
        usage=_usage(analyzed.spent, kept.usage if kept else None),
        provenance=_provenance(analyzed),
        votes_used=scored.votes_used or (kept.votes_used if kept else None),
        vote_links=vote_links and analyzed.run_url is not None,
    )


def _candidate(judged: Judged, analyzed: Analyzed) -> Candidate:
    paper, verdict = analyzed.papers.get(judged.paper.id, judged.paper), judged.verdict
    is_shortlisted = judged.outcome == "shortlisted"
    return Candidate(
        **_named(paper, ALL_AUTHORS if is_shortlisted else MAX_AUTHORS),
        followed=judged.followed,
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
        brief=analyzed.briefs.get(paper.id),
        doi=paper.doi if is_shortlisted else None,
        categories=paper.categories[:MAX_CATEGORIES] if is_shortlisted else (),
    )


def _seen(seen: Seen) -> Candidate:
    return Candidate(
        **_named(seen.paper, MAX_AUTHORS),
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


def _named(paper: Paper, most_authors: int) -> dict[str, object]:
    """The fields that candidates and picks share."""
    return {
        "id": paper.id,
        "title": paper.title,
        "url": paper.links.page,
        "authors": paper.authors[:most_authors],
        "more_authors": max(0, len(paper.authors) - most_authors),
    }


def _pick(judged: Judged, analyzed: Analyzed) -> Pick:
    paper = analyzed.papers.get(judged.paper.id, judged.paper)
    text = analyzed.texts[paper.id]
    analysis = analyzed.analyses.get(paper.id)
    grounding = analyzed.grounding.get(paper.id, NO_CLAIMS)
    return Pick(
        **_named(paper, ALL_AUTHORS),
        followed=judged.followed,
        # HTML is tried first: where the PDF was read, the HTML page is missing, unreadable or incomplete.
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
        second_reader=grounding.second_reader,
        read_on=text.read_on,
        venue=_venue(paper),
        code=Code(url=paper.links.code, stars=paper.stars or None) if paper.links.code else None,
        doi=paper.doi,
        categories=paper.categories[:MAX_CATEGORIES],
        figure=text.figure,
    )


def _venue(paper: Paper) -> Venue | None:
    """Where a paper appears: its publication, else the authors' comment, unless that only counts pages and the like."""
    if paper.journal_ref:
        return Venue(text=paper.journal_ref, source="journal_ref")
    if not paper.comment or COUNTS.fullmatch(paper.comment):
        return None
    return Venue(text=paper.comment, source="comments")


def _flags(judged: Judged, text: Text) -> tuple[Flag, ...]:
    """The scorer's flags, and those that tell what is missing from the text that was read."""
    flags: list[Flag] = list(judged.flags)
    if text.left_out.get("hidden"):
        flags.append("hidden_text")
    if text.left_out.get("cut"):
        flags.append("cut")
    if text.incomplete:
        flags.append("incomplete")
    if text.unclear_styles:
        flags.append("unclear_styles")
    return tuple(flags)


def _section(section: Section, text: Text) -> CitedSection:
    claims = tuple(_cited(claim, text) for claim in section.claims)
    return CitedSection(id=section.id, title=section.title, kind=section.kind, claims=claims)


def _cited(claim: Claim, text: Text) -> CitedClaim:
    """A claim with its evidence; the program copies the sentences and links them, never a model."""
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
    return CitedClaim(
        text=claim.text,
        terms=claim.terms,
        kind=claim.kind,
        evidence=evidence,
        reading=claim.reading,
        missing=claim.missing,
    )


def _sort_key(candidate: Candidate) -> tuple[int, int, int, str]:
    """Sort key: picks, judged papers by score and rank, unscored, prefiltered, seen before."""
    groups = {"picked": 0, "unscored": 2, "prefiltered": 3, "seen": 4}
    score = -1 if candidate.score is None else candidate.score
    return groups.get(candidate.outcome, 1), -score, candidate.rank or 0, candidate.id


def _pending(analyzed: Analyzed, redone: Iterable[str]) -> tuple[Pending, ...]:
    kept = analyzed.scored.kept.pending if analyzed.scored.kept else ()
    done = set(redone)
    still = [pending for pending in kept if pending.id not in done]
    return tuple(sorted([*analyzed.scored.pending, *analyzed.pending, *still], key=lambda p: (p.since, p.id)))


def _usage(spent: Mapping[Call, Spent], before: Usage | None) -> Usage:
    """Usage of this run added to that of earlier runs of the same date."""
    stages = dict(before.stages) if before else {}
    for stage, cost in spent.items():
        stages[stage] = stages.get(stage, Spent()) + cost
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
