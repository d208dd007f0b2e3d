"""Fetched → Scored: every candidate gets a verdict, and what became of it.

    papers ─bm25─> ranked ─engine─> verdicts ─outcomes─> picked | below_threshold | not_picked | …

Nothing is dropped: what could not be marked is `unscored` with its reason, and pending.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pipeline.config.profile import Profile
from pipeline.config.settings import Settings
from pipeline.core.artifacts import Fetched, Judged, Scored
from pipeline.core.ledger import still_owed
from pipeline.core.models import Engine, Flag, Outcome, Paper, Spent, Verdict
from pipeline.extraction.sentences import abstract_text
from pipeline.extraction.truncate import fit
from pipeline.grounding.gates import check_line
from pipeline.grounding.source_index import Source
from pipeline.llm.interface import Model
from pipeline.llm.prompts import Prompt, language_name
from pipeline.scoring import bm25, extractive
from pipeline.scoring.bm25 import Ranked
from pipeline.scoring.injection import addresses_a_model
from pipeline.scoring.llm_scorer import Marked, Marker

FEWEST_PAPERS = 10  # a smaller day says nothing about the profile


async def score(
    fetched: Fetched, *, profile: Profile, settings: Settings, prompt: Prompt, model: Model | None
) -> Scored:
    """Judge every candidate that has no verdict yet. Without a model, the local engine judges by rank.

    Raises CredentialsError when the endpoint refuses the key; any other failure is a paper's own.
    """
    fetched = without_others_word(fetched, by_model=model is not None)
    papers = to_mark(fetched)
    ranks = ranking(fetched, profile)
    if model is None:
        marked = Marked({paper.id: extractive.verdict(ranks[paper.id]) for paper in papers}, {}, Spent())
    else:
        kept = first_to_mark(fetched, ranks, profile.settings.max_scored)
        marker = marker_for(fetched, profile=profile, settings=settings, prompt=prompt, model=model)
        places = {key: one.rank for key, one in ranks.items()}
        marked = await marker.mark(kept, places, suspicious(kept))
    verdicts = {paper.id: _verdict(paper, ranks, marked) for paper in papers}
    verdicts |= {one.paper.id: one.verdict for one in fetched.retries if one.verdict}
    good = good_enough(ranks.values(), settings) if model is None else above_threshold(verdicts, profile)
    everyone = [*papers, *(one.paper for one in fetched.retries if one.verdict)]
    picked = choose(everyone, verdicts, good, fetched, places_left(fetched, profile))
    if model is not None:
        verdicts |= {p.id: proven(p, verdicts[p.id], profile, settings) for p in everyone if p.id in picked}
    judged = [_judged(paper, verdicts[paper.id], paper.id in picked, good) for paper in everyone]
    unscored = {one.paper.id: one.verdict.reason for one in judged if one.outcome == "unscored"}
    engine: Engine = "claude" if model is not None else "local"
    return Scored(
        **fetched.carried(),
        kept=fetched.kept,
        engine=engine,
        language=profile.settings.language,
        title=profile.settings.title,
        threshold=profile.settings.threshold,
        picks=profile.settings.picks,
        papers=tuple(sorted(judged, key=_place)),
        seen=fetched.seen,
        skipped=fetched.skipped,
        pending=still_owed("score", unscored, fetched.retries, fetched),
        retried=fetched.retries,
        spent={"score": marked.spent},
        prompts={"score": prompt.version} if model is not None else {},
        profile_version=profile.version,
    )


def without_others_word(fetched: Fetched, *, by_model: bool) -> Fetched:
    """What was fetched, without what the other engine has said of a paper: a page is one engine's."""
    retries = tuple(
        one
        if one.verdict is None or (one.verdict.judged_by != extractive.JUDGED_BY) == by_model
        else one.model_copy(update={"verdict": None})
        for one in fetched.retries
    )
    return fetched.model_copy(update={"retries": retries})


def few_words(fetched: Fetched, profile: Profile) -> str:
    """A warning for a profile that the ranking by words cannot read, such as one in Chinese without keywords."""
    papers = to_mark(fetched)
    shared = bm25.shared_with_day(papers, _query(profile))
    if len(papers) < FEWEST_PAPERS or shared >= bm25.FEWEST_TERMS:
        return ""
    return (
        f"the profile shares only {shared} English words with the day's papers: add English `keywords` to it"
    )


def to_mark(fetched: Fetched) -> list[Paper]:
    """The candidates without a verdict: the pending ones first, then the day's own."""
    return [*_owed(fetched), *fetched.papers]


def ranking(fetched: Fetched, profile: Profile) -> dict[str, Ranked]:
    """The place of each candidate without a verdict, by BM25, best first."""
    return {one.id: one for one in bm25.rank(to_mark(fetched), _query(profile), fetched.liked)}


def first_to_mark(fetched: Fetched, ranks: Mapping[str, Ranked], most: int) -> list[Paper]:
    """The candidates that a model marks: the pending ones, what was asked for, then the others by rank."""
    by_rank = sorted(fetched.papers, key=lambda p: (p.id not in fetched.wanted, ranks[p.id].rank))
    return [*_owed(fetched), *by_rank][:most]


def _owed(fetched: Fetched) -> list[Paper]:
    return [one.paper for one in fetched.retries if one.verdict is None]


def _query(profile: Profile) -> bm25.Query:
    return bm25.query(profile.prose, profile.settings.keywords, profile.settings.avoid)


def marker_for(
    fetched: Fetched, *, profile: Profile, settings: Settings, prompt: Prompt, model: Model
) -> Marker:
    """The marker of this day: prompts filled in for this profile, order drawn from profile and date."""

    def fill(block: str) -> tuple[str, str]:
        language = language_name(profile.settings.language)
        return prompt.render(profile=profile.prose, language=language, papers=block)

    return Marker(
        model=model,
        fill=fill,
        scoring=settings.scoring,
        threshold=profile.settings.threshold,
        picks=profile.settings.picks,
        seed=f"{fetched.profile}/{fetched.date.isoformat()}",
        judged_by=f"{prompt.version} {profile.version}",
    )


def suspicious(papers: Sequence[Paper]) -> frozenset[str]:
    """Papers whose title or abstract speaks to a model: each is marked in a call of its own."""
    return frozenset(paper.id for paper in papers if _speaks(paper))


def _speaks(paper: Paper) -> bool:
    return addresses_a_model(paper.title) or addresses_a_model(paper.abstract)


def above_threshold(verdicts: Mapping[str, Verdict], profile: Profile) -> frozenset[str]:
    """Papers that a model scored at the threshold or above, and that the profile does not exclude."""
    at_least = profile.settings.threshold
    return frozenset(
        key for key, v in verdicts.items() if v.score is not None and v.score >= at_least and not v.excluded
    )


def good_enough(ranked: Iterable[Ranked], settings: Settings) -> frozenset[str]:
    """Without scores: papers that share enough terms with the profile to be taken for its topic."""
    least = settings.scoring.local_shared_terms
    return frozenset(one.id for one in ranked if len(one.shared) >= least)


def places_left(fetched: Fetched, profile: Profile) -> int:
    """How many picks the digest still has room for."""
    taken = len(fetched.kept.picks) if fetched.kept else 0
    return max(0, profile.settings.picks - taken)


def proven(pick: Paper, verdict: Verdict, profile: Profile, settings: Settings) -> Verdict:
    """A pick's verdict; its reason goes if numbers or names in it stand neither in the abstract nor in the profile."""
    text = fit(abstract_text(pick.abstract, pick.links.page), settings.reading.text_tokens)
    source = Source.of(text, title=pick.title, abstract=pick.abstract, profile=profile.prose)
    unproven = check_line(verdict.reason, source) is not None
    return verdict.model_copy(update={"reason": ""}) if unproven else verdict


def choose(
    papers: Sequence[Paper],
    verdicts: Mapping[str, Verdict],
    good: Collection[str],
    fetched: Fetched,
    places: int,
) -> frozenset[str]:
    """The picks: what was asked for by id or was already a pick, then the best of what is good enough."""
    forced = {one.paper.id for one in fetched.retries if one.stage == "analyze"}
    forced |= {paper.id for paper in papers if paper.id in fetched.wanted}
    eligible = [paper for paper in papers if paper.id in good and paper.id not in forced]
    best = sorted(eligible, key=lambda p: (-(verdicts[p.id].score or 0), verdicts[p.id].rank, p.id))
    left = max(0, places - len(forced - set(fetched.wanted)))
    return frozenset(forced) | {paper.id for paper in best[:left]}


def _judged(paper: Paper, verdict: Verdict, picked: bool, good: Collection[str]) -> Judged:
    """One candidate with its outcome and its flags."""
    flags: tuple[Flag, ...] = ("addresses_a_model",) if _speaks(paper) else ()
    return Judged(paper=paper, verdict=verdict, outcome=_outcome(paper, verdict, picked, good), flags=flags)


def _outcome(paper: Paper, verdict: Verdict, picked: bool, good: Collection[str]) -> Outcome:
    if picked:
        return "picked"
    if not verdict.judged_by:
        return "unscored" if verdict.reason else "prefiltered"
    if verdict.excluded:
        return "excluded"
    return "not_picked" if paper.id in good else "below_threshold"


def _verdict(paper: Paper, ranks: Mapping[str, Ranked], marked: Marked) -> Verdict:
    """How a paper was marked; for one that nobody marked its rank, and why, if it was tried."""
    return marked.verdicts.get(paper.id) or Verdict(
        topic=None,
        transfer=None,
        substance=None,
        excluded=False,
        spread=None,
        score=None,
        rank=ranks[paper.id].rank,
        reason=marked.unscored.get(paper.id, ""),
        judged_by="",
    )


def _place(judged: Judged) -> tuple[bool, bool, int, int, str]:
    """Where a candidate stands: picks, then what was judged, by score and rank, then what was not."""
    verdict = judged.verdict
    score_or_less = -1 if verdict.score is None else verdict.score
    return judged.outcome != "picked", not verdict.judged_by, -score_or_less, verdict.rank, judged.paper.id
