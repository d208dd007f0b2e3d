"""Mark a day's papers with a model, in batches keyed by paper id; those near the threshold again, in other orders.

Batched marks with permuted repeats are better than marks of one paper at a time (arXiv 2505.12570,
2309.00384). The order is drawn from a seed, so a run is reproducible.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256

from pydantic import BaseModel

from pipeline.config.settings import Scoring
from pipeline.core.fair_share import fair_share
from pipeline.core.models import Paper, Spent, Verdict
from pipeline.core.tokens import estimate_tokens
from pipeline.llm.interface import Model, NoAnswer, Question
from pipeline.llm.prompts import asked_id, id_errors, papers_block
from pipeline.scoring.rubric import Marks, average, margin, score, spread

MAX_REASON_LENGTH = 200  # characters


# The docstrings of the two answer types, and the name of the first, are in the JSON schema that is sent to
# the model.
class Mark(BaseModel):
    """One paper's marks, as the model gives them."""

    id: str
    topic: int
    transfer: int
    substance: int
    excluded: bool
    reason: str


class Batch(BaseModel):
    """The answer to one batch."""

    marks: list[Mark]


@dataclass(frozen=True)
class ScoringResult:
    """The result for a day's papers, by id: verdicts, and reasons for the papers that could not be marked.

    `unasked`: those of them that no call was made for, since all calls were stopped, or budget or time was used up.
    """

    verdicts: Mapping[str, Verdict]
    unscored: Mapping[str, str]
    spent: Spent
    unasked: frozenset[str] = frozenset()


RenderPrompt = Callable[[str], tuple[str, str]]  # block of papers -> system and user prompt


@dataclass(frozen=True)
class LlmScorer:
    """Marks the papers of a day with a model; the fields are common to all its calls."""

    model: Model
    render_prompt: RenderPrompt
    scoring: Scoring
    threshold: int
    picks: int  # places that no earlier pick has taken
    seed: str
    judged_by: str  # prompt and profile versions, appended to the model's name
    sure: frozenset[str] = frozenset()  # ids of papers that are picks whatever their score is

    async def mark(
        self, papers: Sequence[Paper], ranks: Mapping[str, int], isolated: Collection[str]
    ) -> ScoringResult:
        """Mark all papers once, and a second time those that this could move over the threshold.

        Ids in `isolated` get calls of their own.
        """
        first = await self._run_pass(1, papers, isolated, bisect=True)
        spent = first.spent
        passes = {key: [marked] for key, marked in first.marked.items()}
        # A failure in the second pass loses nothing: the marks of the first remain.
        second = await self._run_pass(2, self._near_threshold(papers, passes, ranks), isolated, bisect=False)
        spent += second.spent
        for key, marked in second.marked.items():
            passes[key].append(marked)
        verdicts = {key: self._verdict(marked, ranks[key]) for key, marked in passes.items()}
        unasked = frozenset(key for key, why in first.failed.items() if why.kind in {"stopped", "budget"})
        return ScoringResult(verdicts, {key: why.reason for key, why in first.failed.items()}, spent, unasked)

    def _near_threshold(
        self, papers: Sequence[Paper], passes: Mapping[str, Sequence[_Marked]], ranks: Mapping[str, int]
    ) -> list[Paper]:
        """The papers that the second pass marks, best first, at most a fair share of each source.

        An excluded paper stays below the threshold whatever its marks are, and a sure pick is a pick.
        """
        marks = {
            paper.id: [one.marks for one in passes[paper.id]]
            for paper in papers
            if paper.id in passes and paper.id not in self.sure and not passes[paper.id][0].excluded
        }
        near = [paper for paper in papers if paper.id in marks and self._may_cross(marks[paper.id])]
        near.sort(key=lambda paper: (-self._score(marks[paper.id]), ranks[paper.id]))
        return fair_share(near, self.scoring.most_again(self.picks))

    def _may_cross(self, passes: Sequence[Marks]) -> bool:
        """Whether the threshold lies within the standard deviation of a score."""
        above = margin(average(passes), scoring=self.scoring, threshold=self.threshold)
        return abs(above) <= self.scoring.again_within

    def planned_prompts(
        self, papers: Sequence[Paper], isolated: Collection[str]
    ) -> list[tuple[str, str, int]]:
        """Return the most prompts of a day without failures, each with its number of papers, for a cost estimate.

        An upper bound: which papers are near the threshold is not known in advance, so the second pass is as large as it can
        be, and has the first papers.
        """
        batches = self._batches(1, papers, isolated)
        batches += self._batches(2, papers[: self.scoring.most_again(self.picks)], isolated)
        return [(*self.render_prompt(papers_block(batch)), len(batch)) for batch in batches]

    def _batches(self, number: int, papers: Sequence[Paper], isolated: Collection[str]) -> list[list[Paper]]:
        """Shuffled batches of similar size, within the limits of papers and tokens. The order follows from seed and ids alone."""
        batchable = [paper for paper in papers if paper.id not in isolated]
        # A single batch of the second pass has the order of the first reversed: of two papers neither is first twice.
        reverse = number > 1 and len(batchable) <= self.scoring.batch
        prefix = f"{self.seed}/{number - reverse}/"
        batchable.sort(key=lambda paper: sha256((prefix + paper.id).encode()).digest(), reverse=reverse)
        count = math.ceil(len(batchable) / self.scoring.batch)
        batches = [batchable[i::count] for i in range(count)]
        batches += [[paper] for paper in papers if paper.id in isolated]
        max_tokens = self.scoring.prompt_tokens - estimate_tokens("".join(self.render_prompt("")))
        return [part for batch in batches for part in _split_to_fit(batch, max_tokens)]

    async def _run_pass(
        self, number: int, papers: Sequence[Paper], isolated: Collection[str], *, bisect: bool
    ) -> _PassResult:
        requests = [
            _Request(f"pass {number}, batch {index}", tuple(batch))
            for index, batch in enumerate(self._batches(number, papers, isolated), start=1)
        ]
        result = _merge(await _run_all(self._mark_batch(request, bisect=bisect) for request in requests))
        asked_alone = False
        # An endpoint that rejects whatever it is asked is found out by the halves of one batch, down to a single paper.
        while bisect and result.rejected and (result.marked or not asked_alone):
            smallest = min(result.rejected, key=lambda request: len(request.papers))
            again = result.rejected if result.marked else (smallest,)
            halves = [half for request in again for half in request.halves()]
            asked_alone = asked_alone or any(len(half.papers) == 1 for half in halves)
            # Of a single paper a server error counts as its fault only when the endpoint is known to answer others.
            known = bool(result.marked)
            parts = await _run_all(self._mark_batch(half, bisect=True, known=known) for half in halves)
            rest = tuple(request for request in result.rejected if request not in again)
            result = _merge([replace(result, rejected=rest), *parts])
        return result

    async def _mark_batch(self, request: _Request, *, bisect: bool, known: bool = False) -> _PassResult:
        """Ask about a batch; with `bisect`, halve it after an unusable answer, down to the paper that causes it.

        A batch that the endpoint rejects is returned in `rejected`, to be halved when the caller sees fit.
        """
        ids = request.ids
        system, user = self.render_prompt(papers_block(request.papers))
        answer = await self.model.ask(
            Question(
                "score",
                request.about,
                system,
                user,
                answer=Batch,
                check=partial(_mark_errors, ids),
                suspect=bisect and (known or len(ids) > 1),
            )
        )
        if isinstance(answer, NoAnswer):
            failed = _PassResult(failed=dict.fromkeys(ids, answer), spent=answer.spent)
            if not bisect or len(ids) == 1:
                return failed
            if answer.kind == "rejected":
                return replace(failed, rejected=(request,))
            if answer.kind in {"refused", "truncated", "invalid"}:
                halves = await _run_all(self._mark_batch(half, bisect=True) for half in request.halves())
                return _merge([_PassResult(spent=answer.spent), *halves])
            return failed
        judged_by = f"{answer.model} {self.judged_by}"
        marked = {asked_id(mark.id, ids): _Marked.of(mark, judged_by) for mark in answer.value.marks}
        return _PassResult(marked, spent=answer.spent)

    def _score(self, passes: Sequence[Marks], *, excluded: bool = False) -> int:
        return score(average(passes), excluded=excluded, scoring=self.scoring, threshold=self.threshold)

    def _verdict(self, passes: Sequence[_Marked], rank: int) -> Verdict:
        """Build a verdict from all passes of one paper; the reason and `excluded` are those of the first."""
        all_marks = [marked.marks for marked in passes]
        first, marks = passes[0], average(all_marks)
        return Verdict(
            topic=marks.topic,
            transfer=marks.transfer,
            substance=marks.substance,
            excluded=first.excluded,
            spread=spread([self._score([one_pass], excluded=first.excluded) for one_pass in all_marks]),
            score=self._score(all_marks, excluded=first.excluded),
            rank=rank,
            reason=first.reason,
            judged_by=first.judged_by,
        )


@dataclass(frozen=True)
class _Marked:
    """One paper's marks from one pass, with what the verdict says beside them."""

    marks: Marks
    reason: str
    excluded: bool
    judged_by: str

    @classmethod
    def of(cls, mark: Mark, judged_by: str) -> _Marked:
        """Clamp the model's marks and fold its reason to one line of at most MAX_REASON_LENGTH characters."""
        reason = " ".join(mark.reason.split())
        if len(reason) > MAX_REASON_LENGTH:
            reason = reason[: MAX_REASON_LENGTH - 1] + "…"
        return cls(Marks.of(mark.topic, mark.transfer, mark.substance), reason, mark.excluded, judged_by)


@dataclass(frozen=True)
class _Request:
    """The papers of one call, and its label in the log."""

    about: str
    papers: tuple[Paper, ...]

    @property
    def ids(self) -> list[str]:
        return [paper.id for paper in self.papers]

    def halves(self) -> tuple[_Request, _Request]:
        middle = len(self.papers) // 2
        first, second = self.papers[:middle], self.papers[middle:]
        return _Request(f"{self.about}a", first), _Request(f"{self.about}b", second)


@dataclass(frozen=True)
class _PassResult:
    """The result of a pass or a part of it: by paper id, the marks, and what came instead of them.

    `rejected`: the batches among the failed ones whose papers can still be asked for in halves.
    """

    marked: Mapping[str, _Marked] = field(default_factory=dict)
    failed: Mapping[str, NoAnswer] = field(default_factory=dict)
    rejected: tuple[_Request, ...] = ()
    spent: Spent = field(default_factory=Spent)


async def _run_all(calls: Iterable[Coroutine[None, None, _PassResult]]) -> list[_PassResult]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call) for call in calls]
    return [task.result() for task in tasks]


def _mark_errors(ids: Sequence[str], batch: Batch) -> str:
    return id_errors((mark.id for mark in batch.marks), ids, "mark")


def _merge(parts: Sequence[_PassResult]) -> _PassResult:
    """Merge partial results. A paper that is marked in a later one is not failed; a later reason replaces an earlier one."""
    marked = {key: marked for part in parts for key, marked in part.marked.items()}
    return _PassResult(
        marked=marked,
        failed={key: why for part in parts for key, why in part.failed.items() if key not in marked},
        rejected=tuple(request for part in parts for request in part.rejected),
        spent=sum((part.spent for part in parts), Spent()),
    )


def _split_to_fit(batch: list[Paper], max_tokens: int) -> list[list[Paper]]:
    """Halve a batch until each part fits in `max_tokens` or is a single paper; sources limit the abstract of that."""
    if len(batch) < 2 or estimate_tokens(papers_block(batch)) <= max_tokens:
        return [batch]
    middle = len(batch) // 2
    return _split_to_fit(batch[:middle], max_tokens) + _split_to_fit(batch[middle:], max_tokens)
