"""Stage 2, Fetched → Scored: ranks and marks every candidate, and decides its outcome.

    papers ─bm25─> ranked ─engine─> verdicts ─(final, if the last places are open)─> picked | shortlisted | below_threshold | …

Nothing is dropped: a paper that could not be marked is `unscored` with its reason, and pending.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config.profile import Profile
from pipeline.config.settings import Settings
from pipeline.core.artifacts import Fetched, Judged, Scored, VotesUsed
from pipeline.core.fair_share import fair_share
from pipeline.core.ledger import still_pending
from pipeline.core.models import WITHDRAWN, Engine, Followed, Outcome, Paper, Spent, Verdict
from pipeline.extraction.text import abstract_text
from pipeline.extraction.truncate import truncate_text
from pipeline.grounding.gates import check_line, invented_quotation
from pipeline.grounding.quotations import quotations
from pipeline.grounding.source_index import SourceIndex
from pipeline.llm.interface import Model
from pipeline.llm.prompts import Prompt
from pipeline.report import i18n
from pipeline.scoring import bm25, extractive, final
from pipeline.scoring.bm25 import Ranked
from pipeline.scoring.examples import choose_examples, examples_block
from pipeline.scoring.followed import certain, find_followed
from pipeline.scoring.injection import addresses_a_model
from pipeline.scoring.llm_scorer import LlmScorer, ScoringResult
from pipeline.scoring.withdrawal import is_notice

FEWEST_PAPERS = 10  # fewer papers say nothing about the profile, nor about what is usual among them


@dataclass(frozen=True)
class Prompts:
    """The prompts of this stage: mark papers, and compare those that contend for the last places."""

    score: Prompt
    final: Prompt


async def score(
    fetched: Fetched, *, profile: Profile, settings: Settings, prompts: Prompts, model: Model | None
) -> Scored:
    """Give a verdict to every candidate that has none: marks of the model, or without a model its BM25 rank.

    A withdrawn paper is excluded without being marked, also one that is asked for by id or was picked before.
    Raises CredentialsError if the endpoint refuses the key; any other failure makes single papers `unscored`.
    """
    fetched = without_other_engine(fetched, by_model=model is not None)
    papers = to_mark(fetched)
    ranks = ranking(fetched, profile, settings)
    followed = followed_papers(fetched, profile)
    if model is None:
        telling = telling_terms(ranks, profile, settings)
        result = ScoringResult(
            {p.id: extractive.verdict(ranks[p.id], telling[p.id]) for p in papers}, {}, Spent()
        )
    else:
        to_score = first_to_mark(fetched, ranks, followed, profile.settings.max_scored)
        scorer = scorer_for(fetched, profile=profile, settings=settings, prompt=prompts.score, model=model)
        bm25_ranks = {key: ranked.rank for key, ranked in ranks.items()}
        alone = suspicious(to_score) | failed_before(fetched, settings)
        result = await scorer.mark(to_score, bm25_ranks, alone)
    verdicts = {paper.id: _verdict(paper, ranks, result) for paper in papers}
    verdicts |= {retry.paper.id: retry.verdict for retry in fetched.retries if retry.verdict}
    candidates = [*papers, *(retry.paper for retry in fetched.retries if retry.verdict)]
    verdicts |= {p.id: _withdrawn(verdicts[p.id].rank) for p in candidates if is_notice(p.abstract)}
    if model is None:
        eligible = shares_enough(telling, settings)
        good = stands_out(ranks, eligible)
    else:
        eligible = good = above_threshold(verdicts, profile)
    available = [p for p in candidates if verdicts[p.id].judged_by != WITHDRAWN]
    picked, compared = await _picks(
        available,
        verdicts=verdicts,
        eligible=eligible,
        fetched=fetched,
        profile=profile,
        settings=settings,
        prompts=prompts,
        model=model,
    )
    if model is not None:
        verdicts |= {
            p.id: drop_ungrounded_reason(p, verdicts[p.id], profile, settings, pick=p.id in picked)
            for p in candidates
        }
    judged = [
        Judged(
            paper=paper,
            verdict=verdicts[paper.id],
            outcome=_outcome(paper, verdicts[paper.id], paper.id in picked, good),
            flags=("addresses_a_model",) if _addresses_a_model(paper) else (),
            followed=followed.get(paper.id, ()),
        )
        for paper in candidates
    ]
    unscored = {j.paper.id: j.verdict.reason for j in judged if j.outcome == "unscored"}
    engine: Engine = "claude" if model is not None else "local"
    versions = {"score": prompts.score.version} if model is not None else {}
    versions |= {"final": prompts.final.version} if compared.places else {}
    return Scored(
        **fetched.shared_fields(),
        kept=fetched.kept,
        engine=engine,
        language=profile.settings.language,
        title=profile.settings.title,
        threshold=profile.settings.threshold,
        picks=profile.settings.picks,
        papers=tuple(sorted(judged, key=_sort_key)),
        seen=fetched.seen,
        skipped=fetched.skipped,
        pending=still_pending("score", unscored, fetched.retries, fetched, unasked=result.unasked),
        retried=fetched.retries,
        spent={"score": result.spent + compared.spent},
        prompts=versions,
        profile_version=profile.version,
        votes_used=_votes_used(fetched, prompts.score if model is not None else None),
    )


async def _picks(
    papers: Sequence[Paper],
    *,
    verdicts: Mapping[str, Verdict],
    eligible: Collection[str],
    fetched: Fetched,
    profile: Profile,
    settings: Settings,
    prompts: Prompts,
    model: Model | None,
) -> tuple[frozenset[str], final.Comparison]:
    """Ids of the picks, best scores first; where the last places are open, a model compares those that contend for them.

    A paper that addresses a model is in no comparison: its score alone gives it a place.
    """
    others = [paper for paper in papers if paper.id in eligible and paper.id not in forced(fetched)]
    ranked = sorted(others, key=lambda p: (-(verdicts[p.id].score or 0), verdicts[p.id].rank, p.id))
    places = places_left(fetched, profile)
    by_score = choose(papers, ranked, fetched, places)
    if model is None:
        return by_score, final.NOT_NEEDED
    comparable = [paper for paper in ranked if not _addresses_a_model(paper)]
    scores = {paper.id: verdicts[paper.id].score or 0 for paper in comparable}
    compared = await final.compare(
        final.contenders(comparable, scores, by_score, within=settings.scoring.again_within),
        model=model,
        prompt=prompts.final,
        profile=profile.prose,
        seed=_seed(fetched),
    )
    return choose(papers, final.reordered(ranked, compared.places), fetched, places), compared


def without_other_engine(fetched: Fetched, *, by_model: bool) -> Fetched:
    """Drop verdicts made by the other engine, since a report never mixes engines, and those of a withdrawn paper."""
    # A paper that is withdrawn still is found so again; one that has an abstract again is marked.
    own = {retry.verdict.judged_by for retry in fetched.retries if retry.verdict} - {WITHDRAWN}
    own = {name for name in own if (name != extractive.JUDGED_BY) == by_model}
    retries = tuple(
        retry
        if retry.verdict is None or retry.verdict.judged_by in own
        else retry.model_copy(update={"verdict": None})
        for retry in fetched.retries
    )
    return fetched.model_copy(update={"retries": retries})


def few_words_warning(fetched: Fetched, profile: Profile) -> str:
    """A warning if BM25 cannot use the profile, such as one in Chinese without keywords; else an empty string."""
    papers = to_mark(fetched)
    shared = bm25.count_shared_terms(papers, _query(profile))
    if len(papers) < FEWEST_PAPERS or shared >= bm25.MIN_TERMS:
        return ""
    return (
        f"the profile shares only {shared} English words with the day's papers: add English `keywords` to it"
    )


def to_mark(fetched: Fetched) -> list[Paper]:
    """The candidates without a verdict: pending ones first, then the day's own."""
    return [*_pending(fetched), *fetched.papers]


def ranking(fetched: Fetched, profile: Profile, settings: Settings) -> dict[str, Ranked]:
    """The BM25 rank of each candidate without a verdict, by id, best first."""
    votes = bm25.Votes(
        more=[one.paper for one in fetched.voted if one.verdict == "more"],
        less=[one.paper for one in fetched.voted if one.verdict == "less"],
        cap=settings.feedback.cap,
    )
    ranked = bm25.rank(to_mark(fetched), _query(profile), fetched.liked, votes)
    return {one.id: one for one in ranked}


def _votes_used(fetched: Fetched, prompt: Prompt | None) -> VotesUsed | None:
    """What this digest has learned from votes; `prompt` is that of the marks, None without a model."""
    if not fetched.voted:
        return None
    more = sum(one.verdict == "more" for one in fetched.voted)
    shows = prompt is not None and "examples" in prompt.inputs
    examples = len(choose_examples(fetched.voted)) if shows else 0
    return VotesUsed(more=more, less=len(fetched.voted) - more, examples=examples)


def followed_papers(fetched: Fetched, profile: Profile) -> dict[str, tuple[Followed, ...]]:
    """The authors of each candidate whom the profile follows, by the candidate's id."""
    papers = [*(retry.paper for retry in fetched.retries), *fetched.papers]
    return find_followed(papers, profile.settings.authors)


def first_to_mark(
    fetched: Fetched,
    ranks: Mapping[str, Ranked],
    followed: Mapping[str, Sequence[Followed]],
    most: int,
) -> list[Paper]:
    """The at most `most` candidates that a model marks, withdrawn ones never.

    Those asked for by id come first, then those of followed authors, certain ones before the others; then all others.
    Each group is shared by source. Within a source, pending ones come before the others, which are taken by rank.
    """

    def group(paper: Paper) -> int:
        if paper.id in fetched.wanted:
            return 0
        return 3 if paper.id not in followed else 1 if certain(followed[paper.id]) else 2

    by_rank = sorted(fetched.papers, key=lambda p: (p.id not in fetched.wanted, ranks[p.id].rank))
    candidates = [p for p in (*_pending(fetched), *by_rank) if not is_notice(p.abstract)]
    first: set[str] = set()
    for number in range(4):
        members = [p for p in candidates if group(p) == number]
        first |= {p.id for p in fair_share(members, most - len(first))}
    return [p for p in candidates if p.id in first]


def _pending(fetched: Fetched) -> list[Paper]:
    return [retry.paper for retry in fetched.retries if retry.verdict is None]


def _query(profile: Profile) -> bm25.Query:
    return bm25.build_query(profile.prose, profile.settings.keywords, profile.settings.avoid)


def scorer_for(
    fetched: Fetched, *, profile: Profile, settings: Settings, prompt: Prompt, model: Model
) -> LlmScorer:
    """The LLM scorer of this day, with the profile's prompt; profile and date seed the order of papers."""
    earlier = _earlier_picks(fetched)
    taken = len(earlier - {*fetched.wanted})
    examples = choose_examples(fetched.voted)

    def fill(block: str) -> tuple[str, str]:
        language = i18n.prompt_name(profile.settings.language)
        shown = examples_block(examples, other_text=block)
        return prompt.render(profile=profile.prose, language=language, papers=block, examples=shown)

    return LlmScorer(
        model=model,
        render_prompt=fill,
        scoring=settings.scoring,
        threshold=profile.settings.threshold,
        picks=max(0, places_left(fetched, profile) - taken),
        sure=forced(fetched),
        seed=_seed(fetched),
        judged_by=f"{prompt.version} {profile.version}",
    )


def _seed(fetched: Fetched) -> str:
    return f"{fetched.profile}/{fetched.date.isoformat()}"


def suspicious(papers: Sequence[Paper]) -> frozenset[str]:
    """Ids of papers whose title or abstract addresses a model: each is marked in a call of its own."""
    return frozenset(paper.id for paper in papers if _addresses_a_model(paper))


def failed_before(fetched: Fetched, settings: Settings) -> frozenset[str]:
    """Ids of papers that an earlier run could not mark: each is marked in a call of its own, so that it spoils no batch.

    More of them than a batch holds did not fail by what they contain: the endpoint or the budget did.
    """
    ids = frozenset(r.paper.id for r in fetched.retries if r.verdict is None and r.stage == "score")
    return ids if len(ids) <= settings.scoring.batch else frozenset()


def _addresses_a_model(paper: Paper) -> bool:
    return addresses_a_model(paper.title) or addresses_a_model(paper.abstract)


def above_threshold(verdicts: Mapping[str, Verdict], profile: Profile) -> frozenset[str]:
    """Ids of papers with a score at or above the threshold that are not excluded."""
    at_least = profile.settings.threshold
    return frozenset(
        key for key, v in verdicts.items() if v.score is not None and v.score >= at_least and not v.excluded
    )


def telling_terms(ranks: Mapping[str, Ranked], profile: Profile, settings: Settings) -> dict[str, list[str]]:
    """Without scores: what each paper shares with the profile that not many of the day's papers share, by id.

    The page names it, and it decides what may be picked. Fewer than FEWEST_PAPERS do not say what is usual.
    """
    common = bm25.common_terms(ranks.values()) if len(ranks) >= FEWEST_PAPERS else frozenset[str]()
    keywords, least = profile.settings.keywords, settings.scoring.local_shared_terms
    return {
        key: extractive.telling_terms(ranked.shared, keywords, common, least) for key, ranked in ranks.items()
    }


def shares_enough(telling: Mapping[str, Sequence[str]], settings: Settings) -> frozenset[str]:
    """Without scores: ids of papers that may be picked, whose telling terms have at least `scoring.local_shared_terms` words."""
    least = settings.scoring.local_shared_terms
    return frozenset(key for key, terms in telling.items() if extractive.count_words_of(terms) >= least)


def stands_out(ranks: Mapping[str, Ranked], sharing: frozenset[str]) -> frozenset[str]:
    """Without scores: ids of papers of `sharing` that are good enough beside the picks, since they stand out of the day.

    Of fewer than FEWEST_PAPERS none can stand out; there the terms alone decide.
    """
    ranked = [*ranks.values()]
    return sharing if len(ranked) < FEWEST_PAPERS else sharing & bm25.stands_out(ranked)


def places_left(fetched: Fetched, profile: Profile) -> int:
    """How many picks the digest still has room for, after those of the kept report."""
    taken = len(fetched.kept.picks) if fetched.kept else 0
    return max(0, profile.settings.picks - taken)


def forced(fetched: Fetched) -> frozenset[str]:
    """Ids of papers that are picks whatever their score is: those asked for by id, and earlier picks."""
    return _earlier_picks(fetched) | {*fetched.wanted}


def _earlier_picks(fetched: Fetched) -> frozenset[str]:
    """Ids of papers that an earlier run picked and could not analyze: they are picks again."""
    return frozenset(retry.paper.id for retry in fetched.retries if retry.stage == "analyze")


def drop_ungrounded_reason(
    paper: Paper, verdict: Verdict, profile: Profile, settings: Settings, *, pick: bool
) -> Verdict:
    """Blank a reason with a quotation that does not stand in title or abstract; of a pick, numbers and names count too.

    Names and numbers of all papers would take three seconds a night, for lines of papers that are only listed.
    """
    if not pick and next(quotations(verdict.reason), None) is None:
        return verdict
    text = truncate_text(abstract_text(paper.abstract, paper.links.page), settings.reading.text_tokens)
    source = SourceIndex.of(
        text,
        title=paper.title,
        abstract=paper.abstract,
        profile=profile.prose,
        language=profile.settings.language,
    )
    fault = (
        check_line(verdict.reason, source) if pick else invented_quotation(verdict.reason, source.passages)
    )
    return verdict.model_copy(update={"reason": ""}) if fault is not None else verdict


def choose(papers: Sequence[Paper], ranked: Sequence[Paper], fetched: Fetched, places: int) -> frozenset[str]:
    """Ids of the picks: wanted papers and earlier picks of `papers`, then a fair share of `ranked` from each source.

    Wanted papers take no place of `places`; earlier picks take one, from their source's share. `ranked` are the others
    that are good enough, best first.
    """
    sure = forced(fetched) & {paper.id for paper in papers}
    earlier = [paper for paper in papers if paper.id in sure and paper.id not in fetched.wanted]
    shared = [paper.id for paper in fair_share([*earlier, *ranked], places) if paper.id not in sure]
    return frozenset(sure) | {*shared[: max(0, places - len(earlier))]}


def marked_again(scored: Scored) -> tuple[int, int]:
    """How many papers this run marked more than once, and how many it marked."""
    earlier = {retry.paper.id for retry in scored.retried if retry.verdict}
    marked = [
        one.verdict for one in scored.papers if one.verdict.score is not None and one.paper.id not in earlier
    ]
    return sum(verdict.spread is not None for verdict in marked), len(marked)


def _outcome(paper: Paper, verdict: Verdict, picked: bool, good: Collection[str]) -> Outcome:
    if picked:
        return "picked"
    if not verdict.judged_by:
        return "unscored" if verdict.reason else "prefiltered"
    if verdict.excluded:
        return "excluded"
    return "shortlisted" if paper.id in good else "below_threshold"


def _verdict(paper: Paper, ranks: Mapping[str, Ranked], result: ScoringResult) -> Verdict:
    """The verdict of a paper; without marks its rank alone, and the reason if marking was tried."""
    return result.verdicts.get(paper.id) or Verdict.without_marks(
        rank=ranks[paper.id].rank, reason=result.unscored.get(paper.id, ""), judged_by=""
    )


def _withdrawn(rank: int) -> Verdict:
    """The verdict of a withdrawn paper: its rank alone. The page says in its own words why it is excluded."""
    return Verdict.without_marks(rank=rank, reason="withdrawn", judged_by=WITHDRAWN, excluded=True)


def _sort_key(judged: Judged) -> tuple[bool, bool, int, int, str]:
    """Sort key: picks first, then judged papers by score and rank, then the others."""
    verdict = judged.verdict
    score_or_lowest = -1 if verdict.score is None else verdict.score
    return judged.outcome != "picked", not verdict.judged_by, -score_or_lowest, verdict.rank, judged.paper.id
