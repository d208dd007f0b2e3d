"""Mark a day's papers with a model, in batches keyed by paper id; the best papers again in other orders.

Batched marks with permuted repeats are better than marks of one paper at a time (arXiv 2505.12570,
2309.00384). The order is drawn from a seed, so a run is reproducible.
"""

from __future__ import annotations

import asyncio
import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import BaseModel

from pipeline.config.settings import Scoring
from pipeline.core.models import Paper, Spent, Verdict
from pipeline.core.tokens import estimate_tokens
from pipeline.llm.interface import Model, NoAnswer, Question
from pipeline.llm.prompts import one_line, papers_block
from pipeline.scoring.rubric import Marks, average, score, spread

PASSES = 3
MAX_REASON_LENGTH = 200  # characters
MAX_IDS_NAMED = 5  # ids listed in one error message


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
    """The result for a day's papers, by id: verdicts, and reasons for the papers that could not be marked."""

    verdicts: Mapping[str, Verdict]
    unscored: Mapping[str, str]
    spent: Spent


RenderPrompt = Callable[[str], tuple[str, str]]  # block of papers -> system and user prompt


@dataclass(frozen=True)
class LlmScorer:
    """Marks the papers of a day with a model; the fields are common to all its calls."""

    model: Model
    render_prompt: RenderPrompt
    scoring: Scoring
    threshold: int
    picks: int
    seed: str
    judged_by: str  # prompt and profile versions, appended to the model's name

    async def mark(
        self, papers: Sequence[Paper], ranks: Mapping[str, int], isolated: Collection[str]
    ) -> ScoringResult:
        """Mark all papers once and the best max(20, 4 x picks) twice more; ids in `isolated` get calls of their own."""
        first_pass = await self._run_pass(1, papers, isolated, bisect=True)
        provisional = {key: self._score([marks]) for key, marks in first_pass.marks.items()}
        best = sorted(provisional, key=lambda key: (-provisional[key], ranks[key]))[
            : self._repeat_count(self.picks)
        ]
        repeated = [paper for paper in papers if paper.id in set(best)]
        passes = [first_pass, *await self._repeat_passes(repeated, isolated)]
        verdicts = {
            key: self._verdict(
                [p.marks[key] for p in passes if key in p.marks], first_pass.details[key], ranks[key]
            )
            for key in first_pass.marks
        }
        spent = sum((p.spent for p in passes), Spent())
        return ScoringResult(verdicts, first_pass.failed, spent)

    def planned_prompts(
        self, papers: Sequence[Paper], isolated: Collection[str]
    ) -> list[tuple[str, str, int]]:
        """Return the prompts of a day without failures, each with its number of papers, for a cost estimate.

        Which papers are the best is not known in advance: the first ones are used instead.
        """
        repeated = papers[: self._repeat_count(self.picks)]
        repeats = [
            batch for number in range(2, PASSES + 1) for batch in self._batches(number, repeated, isolated)
        ]
        batches = [*self._batches(1, papers, isolated), *repeats]
        return [(*self.render_prompt(papers_block(batch)), len(batch)) for batch in batches]

    def _repeat_count(self, picks: int) -> int:
        return max(self.scoring.again_at_least, self.scoring.again_per_pick * picks)

    def _batches(self, number: int, papers: Sequence[Paper], isolated: Collection[str]) -> list[list[Paper]]:
        """Shuffled batches of similar size, within the limits of papers and tokens."""
        batchable = [paper for paper in papers if paper.id not in isolated]
        random.Random(f"{self.seed}/{number}").shuffle(batchable)  # noqa: S311 - order, not secrecy
        count = math.ceil(len(batchable) / self.scoring.batch)
        batches = [batchable[i::count] for i in range(count)]
        batches += [[paper] for paper in papers if paper.id in isolated]
        max_tokens = self.scoring.prompt_tokens - estimate_tokens("".join(self.render_prompt("")))
        return [part for batch in batches for part in _split_to_fit(batch, max_tokens)]

    async def _repeat_passes(self, papers: Sequence[Paper], isolated: Collection[str]) -> list[_PassResult]:
        """Run the further passes concurrently. A failure there loses nothing: the marks of the first pass remain."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._run_pass(number, papers, isolated, bisect=False))
                for number in range(2, PASSES + 1)
            ]
        return [task.result() for task in tasks]

    async def _run_pass(
        self, number: int, papers: Sequence[Paper], isolated: Collection[str], *, bisect: bool
    ) -> _PassResult:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._mark_batch(f"pass {number}, batch {index}", batch, bisect=bisect))
                for index, batch in enumerate(self._batches(number, papers, isolated), start=1)
            ]
        return _merge(task.result() for task in tasks)

    async def _mark_batch(self, about: str, papers: Sequence[Paper], *, bisect: bool) -> _PassResult:
        """Ask about a batch; with `bisect`, halve it after an unusable answer, down to the paper that causes it."""
        ids = [paper.id for paper in papers]
        system, user = self.render_prompt(papers_block(papers))
        answer = await self.model.ask(
            Question("score", about, system, user, answer=Batch, check=partial(_mark_errors, ids))
        )
        if isinstance(answer, NoAnswer):
            if answer.kind not in {"refused", "truncated", "invalid"} or not bisect or len(papers) == 1:
                return _PassResult(failed=dict.fromkeys(ids, answer.reason), spent=answer.spent)
            return await self._mark_halves(about, papers, answer.spent)
        marks = {mark.id.strip(): mark for mark in answer.value.marks}
        judged_by = f"{answer.model} {self.judged_by}"
        details = {
            key: (_truncate_reason(mark.reason), mark.excluded, judged_by) for key, mark in marks.items()
        }
        clamped = {key: Marks.of(m.topic, m.transfer, m.substance) for key, m in marks.items()}
        return _PassResult(marks=clamped, details=details, spent=answer.spent)

    async def _mark_halves(self, about: str, papers: Sequence[Paper], spent: Spent) -> _PassResult:
        middle = len(papers) // 2
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._mark_batch(f"{about}{suffix}", part, bisect=True))
                for suffix, part in (("a", papers[:middle]), ("b", papers[middle:]))
            ]
        return _merge([_PassResult(spent=spent), *(task.result() for task in tasks)])

    def _score(self, passes: Sequence[Marks], *, excluded: bool = False) -> int:
        return score(average(passes), excluded=excluded, scoring=self.scoring, threshold=self.threshold)

    def _verdict(self, passes: Sequence[Marks], details: tuple[str, bool, str], rank: int) -> Verdict:
        reason, excluded, judged_by = details
        marks = average(passes)
        scores = [self._score([one_pass], excluded=excluded) for one_pass in passes]
        return Verdict(
            topic=marks.topic,
            transfer=marks.transfer,
            substance=marks.substance,
            excluded=excluded,
            spread=spread(scores),
            score=self._score(passes, excluded=excluded),
            rank=rank,
            reason=reason,
            judged_by=judged_by,
        )


@dataclass(frozen=True)
class _PassResult:
    """The result of a pass or a part of it, by paper id; `details` are reason, excluded and judged_by."""

    marks: Mapping[str, Marks] = field(default_factory=dict)
    details: Mapping[str, tuple[str, bool, str]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)


def _mark_errors(ids: Sequence[str], batch: Batch) -> str:
    """Describe missing, duplicate and unexpected marks; an empty string if each paper has exactly one.

    Ids that the model invented are counted, not quoted: the reason may be published.
    """
    counts = Counter(mark.id.strip() for mark in batch.marks)
    missing = [key for key in ids if key not in counts]
    duplicate = [key for key in ids if counts[key] > 1]
    unexpected = sum(key not in ids for key in counts)
    errors = [f"no mark for {', '.join(missing[:MAX_IDS_NAMED])}"] if missing else []
    errors += [f"more than one mark for {', '.join(duplicate[:MAX_IDS_NAMED])}"] if duplicate else []
    errors += [f"{unexpected} marked that were not asked for"] if unexpected else []
    return "; ".join(errors)


def _merge(parts: Iterable[_PassResult]) -> _PassResult:
    """Merge partial results; their papers are disjoint."""
    marks: dict[str, Marks] = {}
    details: dict[str, tuple[str, bool, str]] = {}
    failed: dict[str, str] = {}
    spent = Spent()
    for part in parts:
        marks.update(part.marks)
        details.update(part.details)
        failed.update(part.failed)
        spent += part.spent
    return _PassResult(marks, details, failed, spent)


def _split_to_fit(batch: list[Paper], max_tokens: int) -> list[list[Paper]]:
    """Halve a batch until each part fits in `max_tokens`; truncate the abstract of a single paper that does not."""
    if estimate_tokens(papers_block(batch)) <= max_tokens:
        return [batch]
    if len(batch) < 2:
        return [[_truncate_abstract(paper, max_tokens) for paper in batch]]
    middle = len(batch) // 2
    return _split_to_fit(batch[:middle], max_tokens) + _split_to_fit(batch[middle:], max_tokens)


def _truncate_abstract(paper: Paper, max_tokens: int) -> Paper:
    """Truncate a paper's abstract, at a space, so that its block has at most `max_tokens` tokens."""
    abstract = one_line(paper.abstract)

    def truncated(length: int) -> Paper:
        return paper.model_copy(update={"abstract": abstract[:length] + "…"})

    def exceeds(length: int) -> bool:
        return estimate_tokens(papers_block([truncated(length)])) > max_tokens

    length = max(0, bisect_left(range(len(abstract)), True, key=exceeds) - 1)
    # Only spaces in the second half: text with few spaces must not be truncated to its first words.
    space = abstract.rfind(" ", length // 2, length)
    return truncated(space if space > 0 else length)


def _truncate_reason(reason: str) -> str:
    """Fold the reason to one line, truncated to MAX_REASON_LENGTH characters."""
    line = " ".join(reason.split())
    return line if len(line) <= MAX_REASON_LENGTH else line[: MAX_REASON_LENGTH - 1] + "…"
