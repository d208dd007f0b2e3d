"""`digest eval`: nDCG, recall and MAP of a profile's ranking of labeled papers, beside those of the last version.

Labels stand in `eval/<profile>.jsonl`, one paper a line: `id`, `relevance` 0-3, and `title` and `abstract`, or
neither if the committed reports have scored it; `day` to rank days separately, as a nightly run does. Beside them may
stand `eval/<profile>.pairs.jsonl`: pairs of these papers, and which of the two each judge preferred. Pairs say more
than grades about papers that are nearly as good as each other.

Votes are labels too, kept apart: a reader votes on what the pages show, so they say nothing of all other papers.
"""

import datetime as dt
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import Field, ValidationError, model_validator

from pipeline.archive import votes_summary
from pipeline.cli import evaluate_claims, runtime
from pipeline.cli.evaluate_claims import values_of_lines
from pipeline.cli.runtime import Connections
from pipeline.cli.session import Session
from pipeline.core import ledger
from pipeline.core.artifacts import Fetched, Scored
from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import InputError
from pipeline.core.ledger import Ledger
from pipeline.core.models import Engine, Links, Omitted, Paper, Spent, Value
from pipeline.core.progress import Say
from pipeline.core.quantity import quantity
from pipeline.core.votes import Vote
from pipeline.llm.interface import Model
from pipeline.scoring.metrics import (
    Interval,
    average_precision,
    bootstrap,
    concordance,
    inversions,
    ndcg,
    recall_at,
)
from pipeline.stages import score
from pipeline.stages.job import Job, standing_votes

EVAL = Path("eval")
RELEVANT = 2  # of 0-3: from this grade on a paper counts as relevant


class Label(Value):
    """One line of a label file; `relevance` is 0-3."""

    id: str = Field(min_length=1)
    relevance: int = Field(ge=0, le=3)
    title: str = ""
    abstract: str = ""
    day: dt.date | None = None


class Preference(Value):
    """One line of a file of pairs: two labeled papers of one day, and the one that each judge preferred.

    `near`: the pair was chosen because both papers had nearly the same score.
    """

    a: str
    b: str
    preferred: tuple[str, ...] = Field(min_length=1)
    near: bool = False

    @model_validator(mode="after")
    def _of_the_pair(self) -> Self:
        if not {*self.preferred} <= {self.a, self.b}:
            raise ValueError("`preferred` names a paper that is not of the pair")
        return self


class Judgment(Value):
    """The score of a labeled paper; without a score, its BM25 rank of that day decides the order."""

    relevance: int
    score: int | None
    rank: int
    picked: bool
    day: dt.date | None = None


class Measured(Value):
    """The measures of one day, or their means over all days. None where a day has no relevant paper."""

    day: dt.date | None
    papers: int
    relevant: int
    ndcg_at_10: float | None
    recall_at_10: float | None
    recall_at_20: float | None
    average_precision: float | None


class Evaluation(Value):
    """The result for one version of profile and prompt.

    `unscored` has, by id, why a model gave no score; `liked_left_out` are liked papers without a labeled text. `votes`
    are those on papers with a score, by id: a wanted paper has the relevance `RELEVANT`, an unwanted one 0.
    """

    profile: str
    engine: Engine
    versions: tuple[str, ...]
    days: tuple[Measured, ...]
    overall: Measured
    inversions: int | None
    judgments: dict[str, Judgment]
    unscored: dict[str, str] = {}
    liked_left_out: tuple[str, ...] = ()
    votes: Omitted[dict[str, Judgment]] = {}
    spent: Spent


def execute(session: Session) -> int:
    """`digest eval`: judge the labeled papers of every profile, print the measures, keep them for the next version.

    With --claims, labeled claims are judged instead.
    """
    if session.options.claims:
        return evaluate_claims.execute(session, Path(session.options.claims))

    async def work(job: Job, connections: Connections, _say: Say) -> int:
        labels = Path(session.options.labels or EVAL / f"{job.name}.jsonl")
        known = ledger.load(job.reports, job.name)
        pairs = read_pairs(labels.with_suffix(".pairs.jsonl"))
        votes = standing_votes(job)
        labeled = read_labels(labels, required=not votes)
        evaluation = await evaluate(job, connections.model(job), labeled, known)
        of_votes = _judgments_of_votes(votes, evaluation.judgments, known)
        evaluation = evaluation.model_copy(update={"votes": of_votes})
        last = labels.with_suffix(f".{job.engine}.json")
        data = evaluation.model_dump(mode="json")
        session.console.result("\n".join(lines(evaluation, read_last(last), pairs)), data)
        if (
            not evaluation.unscored
        ):  # the next version must not be compared with papers that were never judged
            write_atomic(last, (json.dumps(data, indent=1) + "\n").encode())
        return 0

    return runtime.each_profile(session, session.checked_jobs(), work, lock=False)


def read_labels(path: Path, *, required: bool = True) -> tuple[Label, ...]:
    """Read a label file; unless it is `required`, without the file there are none.

    Raises InputError with the line that is wrong, or if there are no labels.
    """
    if not required and not path.exists():
        return ()
    missing = "there are no labels"
    hint = 'write lines such as {"id": "2601.16914", "relevance": 3, "title": "…", "abstract": "…"}'
    labels: dict[str, Label] = {}
    for number, label in values_of_lines(path, Label, missing=missing, hint=hint):
        if label.id in labels:
            raise InputError(f"{label.id} stands twice", path=str(path), line=number)
        labels[label.id] = label
    if not labels:
        raise InputError(missing, path=str(path))
    return tuple(labels.values())


def read_pairs(path: Path) -> tuple[Preference, ...]:
    """Read a file of pairs; without the file there are none. Raises InputError with the line that is wrong."""
    if not path.exists():
        return ()
    hint = 'write lines such as {"a": "2601.16914", "b": "2601.18005", "preferred": ["2601.16914"]}'
    return tuple(
        pair for _, pair in values_of_lines(path, Preference, missing="there are no pairs", hint=hint)
    )


async def evaluate(job: Job, model: Model | None, labels: Sequence[Label], known: Ledger) -> Evaluation:
    """Score the labeled papers day by day, as a nightly run would, and measure the ranking.

    Nothing is fetched: of the profile's `liked` papers only labeled ones are used.
    """
    days = sorted({label.day for label in labels}, key=lambda day: day or dt.date.min)
    by_day = [(day, [label for label in labels if label.day == day]) for day in days]
    texts = {canonical_id(label.id): _paper(label) for label in labels if label.title}
    liked = {key: texts.get(key) for key in job.profile.settings.liked}
    judgments: dict[str, Judgment] = {}
    unscored: dict[str, str] = {}
    spent = Spent()
    for day, of_day in by_day:
        scored = await _score(job, model, of_day, day, tuple(paper for paper in liked.values() if paper))
        judgments |= _judgments(scored, of_day, known)
        unscored |= {
            judged.paper.id: judged.verdict.reason for judged in scored.papers if judged.outcome == "unscored"
        }
        spent += scored.spent["score"]
    measured = tuple(_measure([judgments[label.id] for label in of_day], day) for day, of_day in by_day)
    marks = [
        (judgment.relevance, float(judgment.score))
        for judgment in judgments.values()
        if judgment.score is not None
    ]
    return Evaluation(
        profile=job.name,
        engine=job.engine,
        versions=(job.profile.version, *((job.prompt("score").version,) if model else ())),
        days=measured,
        overall=_means(measured, judgments.values()),
        inversions=inversions(marks, threshold=job.profile.settings.threshold) if marks else None,
        judgments=judgments,
        unscored=unscored,
        liked_left_out=tuple(key for key, paper in liked.items() if paper is None),
        spent=spent,
    )


async def _score(
    job: Job, model: Model | None, labels: Sequence[Label], day: dt.date | None, liked: tuple[Paper, ...]
) -> Scored:
    """Score the labels of a day that have a text as that day's candidates."""
    fetched = Fetched(
        profile=job.name,
        date=day or job.date,
        generated_at=job.generated_at,
        run_url=None,
        previous=None,
        sources=(),
        papers=tuple(_paper(label) for label in labels if label.title),
        retries=(),
        wanted=(),
        liked=liked,
        seen=(),
        skipped=(),
        kept=None,
    )
    return await score.score(
        fetched,
        profile=job.profile,
        settings=job.settings,
        prompts=score.Prompts(score=job.prompt("score"), final=job.prompt("final")),
        model=model,
    )


def _judgments(scored: Scored, labels: Sequence[Label], known: Ledger) -> dict[str, Judgment]:
    """The judgment of each label of a day; labels without a text take their score from the ledger."""
    grades = {label.id: label.relevance for label in labels}
    days = {label.id: label.day for label in labels}
    found = {
        judged.paper.id: Judgment(
            relevance=grades[judged.paper.id],
            score=judged.verdict.score,
            rank=judged.verdict.rank,
            picked=judged.outcome == "picked",
            day=days[judged.paper.id],
        )
        for judged in scored.papers
    }
    for label in labels:
        entry = known.entries.get(label.id)
        if not label.title and (entry is None or entry.score is None):
            hint = "give its title and abstract"
            raise InputError(f"{label.id} has no title, and no report has scored it", hint=hint)
        if not label.title and entry is not None:
            picked = entry.outcome == "picked"
            found[label.id] = Judgment(
                relevance=label.relevance,
                score=entry.score,
                rank=len(labels),
                picked=picked,
                day=label.day,
            )
    return found


def _judgments_of_votes(
    votes: Iterable[Vote], judgments: Mapping[str, Judgment], known: Ledger
) -> dict[str, Judgment]:
    """The judgment of each voted paper: of this evaluation if the paper is labeled too, else as its digest scored it."""
    found = {}
    for vote in votes:
        relevance = RELEVANT if vote.verdict == "more" else 0
        if (judgment := judgments.get(vote.paper)) is not None and judgment.score is not None:
            found[vote.paper] = judgment.model_copy(update={"relevance": relevance})
        elif (entry := known.entries.get(vote.paper)) is not None and entry.score is not None:
            found[vote.paper] = Judgment(
                relevance=relevance, score=entry.score, rank=0, picked=entry.outcome == "picked", day=entry.on
            )
    return found


def _paper(label: Label) -> Paper:
    return Paper(
        id=label.id,
        title=label.title,
        abstract=label.abstract,
        authors=(),
        categories=(),
        links=Links(page=f"https://arxiv.org/abs/{label.id}"),
        signals={},
        announced=label.day,
    )


def _measure(judgments: Iterable[Judgment], day: dt.date | None) -> Measured:
    ordered = sorted(judgments, key=_place)
    grades = [judgment.relevance for judgment in ordered]
    relevant = [grade >= RELEVANT for grade in grades]
    return Measured(
        day=day,
        papers=len(grades),
        relevant=sum(relevant),
        ndcg_at_10=ndcg(grades, 10),
        recall_at_10=recall_at(relevant, 10),
        recall_at_20=recall_at(relevant, 20),
        average_precision=average_precision(relevant),
    )


def _place(judgment: Judgment) -> tuple[int, int]:
    return -(judgment.score or 0), judgment.rank


def _means(days: Sequence[Measured], judgments: Iterable[Judgment]) -> Measured:
    everyone = list(judgments)

    def mean(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return statistics.fmean(known) if known else None

    return Measured(
        day=None,
        papers=len(everyone),
        relevant=sum(judgment.relevance >= RELEVANT for judgment in everyone),
        ndcg_at_10=mean(day.ndcg_at_10 for day in days),
        recall_at_10=mean(day.recall_at_10 for day in days),
        recall_at_20=mean(day.recall_at_20 for day in days),
        average_precision=mean(day.average_precision for day in days),
    )


def read_last(path: Path) -> Evaluation | None:
    """Read the last evaluation; None if it is missing or cannot be read."""
    try:
        return Evaluation.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def lines(evaluation: Evaluation, last: Evaluation | None, pairs: Sequence[Preference] = ()) -> list[str]:
    """The evaluation as text lines, and what has changed since the last one."""
    rows = [f"{evaluation.profile}, {evaluation.engine}, {' '.join(evaluation.versions)}"]
    rows += [_row(str(day.day or "all"), day) for day in evaluation.days]
    if len(evaluation.days) > 1:
        rows.append(_row("mean", evaluation.overall))
    if interval := bootstrap(_by_day(evaluation.judgments.values()), _ndcg):
        rows.append(f"nDCG@10 on other days and papers of this kind: {_shown(interval)} (95 %)")
    agreed = [pair for pair in pairs if len({*pair.preferred}) == 1]
    for name, some in (("", agreed), ("near each other: ", [pair for pair in agreed if pair.near])):
        judged = [kept for pair in some if (kept := _keeps(pair, evaluation.judgments)) is not None]
        if judged:
            rows.append(
                f"pairs {name}{statistics.fmean(judged):.2f} of {len(judged)} stand as all judges prefer"
            )
    if evaluation.inversions is not None:
        rows.append(
            f"{quantity(evaluation.inversions, 'pair stands', 'pairs stand')} the wrong way round near the threshold"
        )
    rows += _rows_of_votes(evaluation.votes)
    if evaluation.liked_left_out:
        named = ", ".join(evaluation.liked_left_out)
        rows.append(f"`liked` papers without a label and its text are left out: {named}")
    if evaluation.unscored:
        ((reason, _),) = Counter(evaluation.unscored.values()).most_common(1)
        lacking = f"{len(evaluation.unscored)} of {evaluation.overall.papers} papers have no score"
        return [*rows, f"{lacking} (most often: {reason}): nothing is compared, and this is not kept"]
    return [*rows, *_since(last, evaluation, pairs)]


def _rows_of_votes(votes: Mapping[str, Judgment]) -> list[str]:
    """How the scores of papers agree with the votes on them, as text lines."""
    scores = {key: judgment.score for key, judgment in votes.items() if judgment.score is not None}
    if not scores:
        return []
    wanted = {key for key in scores if votes[key].relevance}
    more, less = [scores[key] for key in wanted], [scores[key] for key in scores.keys() - wanted]
    rows = [f"votes, apart from the labels: {len(more)} more, {len(less)} less, on papers with a score"]
    if (agreed := concordance(more, less)) is not None:
        rows.append(f"votes: in {agreed:.2f} of {len(more) * len(less)} pairs `more` has the higher score")
    bands = votes_summary.bands(scores, wanted)
    return [*rows, f"votes: {', '.join(f'{b.scores}: {b.more} of {b.votes} more' for b in bands)}"]


def _since(last: Evaluation | None, evaluation: Evaluation, pairs: Sequence[Preference]) -> list[str]:
    """What has changed since the last version, as text lines."""
    if last is None:
        return ["no earlier version was evaluated"]
    if last.versions == evaluation.versions:
        return ["the same version as last time"]
    return [
        _row(f"before: {' '.join(last.versions)}", last.overall),
        *_comparison(last.judgments, evaluation.judgments),
        *_comparison_of_pairs(pairs, last.judgments, evaluation.judgments),
        *_changes(last.judgments, evaluation.judgments),
    ]


def _rows_of_pairs(pairs: Sequence[Preference], judgments: Mapping[str, Judgment]) -> list[str]:
    """How many pairs the ranking keeps, and how many of those near each other."""
    rows = []
    for name, some in (("", pairs), ("near each other: ", tuple(pair for pair in pairs if pair.near))):
        kept = [keeps for pair in some if (keeps := _keeps(pair, judgments)) is not None]
        if kept:
            rows.append(f"pairs {name}{statistics.fmean(kept):.2f} of {len(kept)} stand as all judges prefer")
    return rows


def _comparison(before: Mapping[str, Judgment], now: Mapping[str, Judgment]) -> list[str]:
    """Say whether the ranking has become better, on the papers of both, or whether these labels cannot tell."""
    both = sorted(before.keys() & now.keys(), key=lambda key: _place(now[key]))
    days: dict[dt.date | None, list[_Pair]] = defaultdict(list)
    for key in both:
        days[now[key].day].append(_Pair(before[key], now[key]))
    differences = [value for day in days.values() if (value := _gained(day)) is not None]
    interval = bootstrap(list(days.values()), _gained)
    if interval is None:
        return []
    change = (
        f"{statistics.fmean(differences):+.2f}, on other days and papers {_shown(interval, sign='+')} (95 %)"
    )
    return [f"nDCG@10 on the {len(both)} papers of both: {change}: {_verdict(interval)}"]


def _comparison_of_pairs(
    pairs: Sequence[Preference], before: Mapping[str, Judgment], now: Mapping[str, Judgment]
) -> list[str]:
    """The same by the pairs that both versions have judged."""
    differences = [
        float(new) - float(old)
        for pair in pairs
        if (old := _keeps(pair, before)) is not None and (new := _keeps(pair, now)) is not None
    ]
    interval = bootstrap([differences], statistics.fmean) if differences else None
    if interval is None:
        return []
    change = f"{statistics.fmean(differences):+.2f}, on other pairs {_shown(interval, sign='+')} (95 %)"
    return [f"pairs, {len(differences)} of both: {change}: {_verdict(interval)}"]


def _verdict(difference: Interval) -> str:
    if difference.low > 0:
        return "better"
    if difference.high < 0:
        return "worse"
    return "better or worse cannot be told by these labels"


def _keeps(pair: Preference, judgments: Mapping[str, Judgment]) -> bool | None:
    """Whether the preferred paper of a pair stands before the other; None if judges differ, or one was not judged."""
    if len({*pair.preferred}) > 1 or pair.a not in judgments or pair.b not in judgments:
        return None
    other = pair.b if pair.preferred[0] == pair.a else pair.a
    return _place(judgments[pair.preferred[0]]) < _place(judgments[other])


class _Pair(NamedTuple):
    """The judgments of one paper by two versions."""

    before: Judgment
    now: Judgment


def _gained(day: Sequence[_Pair]) -> float | None:
    before, now = _ndcg([pair.before for pair in day]), _ndcg([pair.now for pair in day])
    return None if before is None or now is None else now - before


def _ndcg(judgments: Iterable[Judgment]) -> float | None:
    return ndcg([judgment.relevance for judgment in sorted(judgments, key=_place)], 10)


def _by_day(judgments: Iterable[Judgment]) -> list[list[Judgment]]:
    days: dict[dt.date | None, list[Judgment]] = defaultdict(list)
    for judgment in judgments:
        days[judgment.day].append(judgment)
    return list(days.values())


def _shown(interval: Interval, sign: str = "") -> str:
    return f"{interval.low:{sign}.2f} to {interval.high:{sign}.2f}"


def _row(name: str, measured: Measured) -> str:
    def shown(value: float | None) -> str:
        return "  - " if value is None else f"{value:.2f}"

    return (
        f"{name}: nDCG@10 {shown(measured.ndcg_at_10)}  recall@10 {shown(measured.recall_at_10)}  "
        f"@20 {shown(measured.recall_at_20)}  MAP {shown(measured.average_precision)}  "
        f"({measured.relevant} relevant of {measured.papers})"
    )


def _changes(before: Mapping[str, Judgment], now: Mapping[str, Judgment]) -> list[str]:
    """Papers that became picks or are no longer picks, as text lines."""
    both = sorted(before.keys() & now.keys())
    return [
        f"+ {key} is picked now (relevance {now[key].relevance})"
        if now[key].picked
        else f"- {key} is picked no more (relevance {now[key].relevance})"
        for picked in (True, False)
        for key in both
        if now[key].picked is picked and before[key].picked is not picked
    ] or ["no pick has changed"]
