"""`digest run --dry-run`: estimates calls, tokens and USD from the prompts that would be sent."""

from collections.abc import Sequence

from pipeline.cli import runtime
from pipeline.cli.runtime import Connections
from pipeline.cli.session import Session
from pipeline.config.profile import Profile, models_of
from pipeline.config.settings import Price, Settings
from pipeline.core.artifacts import Fetched
from pipeline.core.models import Spent, Value
from pipeline.core.progress import Say
from pipeline.core.quantity import quantity
from pipeline.core.stage_names import Call
from pipeline.core.tokens import estimate_tokens
from pipeline.llm.interface import Answer, Model, NoAnswer, Question, T
from pipeline.llm.pricing import EXPECTED_OUTPUT, estimate_usd
from pipeline.llm.prompts import Prompt, sections_block
from pipeline.scoring import final
from pipeline.stages import runner, score
from pipeline.stages.job import Job

FULL_TEXT_TOKENS = 20_000  # 15 to 41 pages gave 15,000 to 34,000
SECOND_READING_TOKENS = 6_000  # of a pick: 20 claims with their sentences, and 1,000 for the prompt
OUTPUT_A_PAPER = 120  # tokens of marks and a reason, or of a brief, thinking included
# Of the prompts for briefs and for their second reading, and of a paper in each: recorded abstracts have 430 on average.
BRIEF_FRAME_TOKENS, VERIFY_FRAME_TOKENS, ABSTRACT_TOKENS = 500, 700, 450
FINAL_FRAME_TOKENS = 300  # of prompts/final.md, without profile and papers
VERDICT_TOKENS = 75  # that the second reader writes of a brief


class Estimate(Value):
    """Estimated usage by stage; `usd` is None where digest.toml has no price for the model."""

    stages: dict[Call, Spent]
    budget_usd: float

    @property
    def total(self) -> Spent:
        """All stages together."""
        return sum(self.stages.values(), Spent())


class _NoModel:
    """Stands in for the model, which an estimate never calls."""

    async def ask(self, question: Question[T]) -> Answer[T] | NoAnswer:
        """Fail: an estimate sends nothing."""
        raise AssertionError(question.about)


def execute(session: Session, jobs: Sequence[Job]) -> int:
    """`digest run --dry-run`: fetch, estimate the rest for every profile, and write nothing."""
    for job in jobs:
        job.try_prompts()

    async def work(job: Job, connections: Connections, say: Say) -> int:
        fetched = await runner.fetch_stage(job, connections.get, say, start=session.options.start, keep=False)
        estimated = of_job(job, fetched)
        rows = [f"{job.name} {line}" for line in lines(estimated)]
        data = {"profile": job.name, "date": job.date.isoformat(), **estimated.model_dump(mode="json")}
        session.console.result("\n".join(rows), data)
        session.summarize(rows)
        return 0

    return runtime.each_profile(session, jobs, work, lock=False)


def of_job(job: Job, fetched: Fetched) -> Estimate:
    """Estimate the rest of a job's run."""
    return estimate(
        fetched,
        profile=job.profile,
        settings=job.settings,
        score_prompt=job.prompt("score"),
        analyze_prompt=job.prompt("analyze"),
    )


def estimate(
    fetched: Fetched, *, profile: Profile, settings: Settings, score_prompt: Prompt, analyze_prompt: Prompt
) -> Estimate:
    """Calls, tokens and USD of a run from here, if all answers are valid, all picks have full texts and the shortlist is full.

    Calls of the scoring are the most: as if so many papers were marked again as the settings allow, and the last places
    open.
    """
    no_model: Model = _NoModel()
    ranks, followed = score.ranking(fetched, profile, settings), score.followed_papers(fetched, profile)
    papers = score.first_to_mark(fetched, ranks, followed, profile.settings.max_scored)
    scorer = score.scorer_for(
        fetched, profile=profile, settings=settings, prompt=score_prompt, model=no_model
    )
    calls = [
        (estimate_tokens(system + user), size)
        for system, user, size in scorer.planned_prompts(
            papers, score.suspicious(papers) | score.failed_before(fetched, settings)
        )
    ]
    if len(papers) > 1:  # the comparison for the last places
        compared = min(len(papers), final.MOST)
        calls.append((FINAL_FRAME_TOKENS + estimate_tokens(profile.prose) + compared * ABSTRACT_TOKENS, 1))
    of = models_of(profile, settings).for_calls()
    frame = estimate_tokens(profile.prose + analyze_prompt.user + sections_block(analyze_prompt.sections))
    reading = min(settings.reading.text_tokens, FULL_TEXT_TOKENS) + frame
    picks = score.places_left(fetched, profile) if papers or fetched.retries else 0
    briefs, second_readings = brief_calls(profile.settings.shortlist if papers else 0)
    return Estimate(
        stages={
            "score": _spent(
                settings.prices.get(of["score"]), [(n, OUTPUT_A_PAPER * size) for n, size in calls]
            ),
            "analyze": _spent(
                settings.prices.get(of["analyze"]),
                [(reading, EXPECTED_OUTPUT["analyze"])] * picks,
            ),
            "verify": _spent(
                settings.prices.get(of["verify"]),
                [(SECOND_READING_TOKENS, EXPECTED_OUTPUT["verify"])] * picks + second_readings,
            ),
            "brief": _spent(settings.prices.get(of["brief"]), briefs),
        },
        budget_usd=profile.settings.budget_usd,
    )


def brief_calls(count: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The tokens in and out of the calls for so many briefs, and of those of their second reading."""
    if not count:
        return [], []
    tokens = count * ABSTRACT_TOKENS
    return (
        [(BRIEF_FRAME_TOKENS + tokens, count * OUTPUT_A_PAPER)],
        [(VERIFY_FRAME_TOKENS + tokens + count * OUTPUT_A_PAPER, count * VERDICT_TOKENS)],
    )


def _spent(price: Price | None, calls: Sequence[tuple[int, int]]) -> Spent:
    usd = None if price is None else round(sum(estimate_usd(price, n, m) for n, m in calls), 4)
    return Spent(
        calls=len(calls),
        input_tokens=sum(n for n, _ in calls),
        output_tokens=sum(m for _, m in calls),
        usd=usd,
    )


def lines(found: Estimate) -> list[str]:
    """The estimate as text lines; the last one has the total and whether the budget allows it."""
    # The scoring alone has calls that depend on its own answers: papers that are marked again.
    bounds = {"score": "at most "}
    shown = [f"{stage}: {bounds.get(stage, '')}{usage_text(usage)}" for stage, usage in found.stages.items()]
    total = found.total
    verdict = ""
    if total.usd is not None:
        fits = total.usd <= found.budget_usd
        verdict = f"; the budget of {found.budget_usd:g} USD {'allows' if fits else 'does NOT allow'} it"
    return [*shown, f"in all: {_usd(total)}{verdict}"]


def usage_text(spent: Spent) -> str:
    """The usage of a stage in words."""
    return f"{quantity(spent.calls, 'call')}, {spent.input_tokens:,} tokens in, {spent.output_tokens:,} out, {_usd(spent)}"


def _usd(spent: Spent) -> str:
    return "at a price that digest.toml does not name" if spent.usd is None else f"about {spent.usd:.3f} USD"
