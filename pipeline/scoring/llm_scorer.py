"""How a model marks a day's papers: in batches, keyed by our ids, the best ones again in other orders.

The protocol and the numbers behind it: batched marks with permuted repeats beat marks one by one
(arXiv 2505.12570, 2309.00384). Order is drawn from a seed, so that a run can be repeated.
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
from pipeline.core.tokens import tokens
from pipeline.llm.interface import Model, NoAnswer, Question
from pipeline.llm.prompts import one_line, papers_block
from pipeline.scoring.rubric import Marks, average, score, spread

PASSES = 3
LONGEST_REASON = 200
MOST_NAMED = 5  # papers in one complaint


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
class Marked:
    """What came of a day: a verdict for each paper that could be marked, a reason for each that could not."""

    verdicts: Mapping[str, Verdict]
    unscored: Mapping[str, str]
    spent: Spent


Fill = Callable[[str], tuple[str, str]]  # the papers' block -> system and user text


@dataclass(frozen=True)
class Marker:
    """What every call of a day has in common."""

    model: Model
    fill: Fill
    scoring: Scoring
    threshold: int
    picks: int
    seed: str
    judged_by: str  # prompt and profile, to stand behind the model's name

    async def mark(self, papers: Sequence[Paper], ranks: Mapping[str, int], alone: Collection[str]) -> Marked:
        """Mark all once and the best max(20, 4 x picks) twice more; papers in `alone` share no call."""
        first = await self._pass(1, papers, alone, bisect=True)
        provisional = {key: self._score([marks]) for key, marks in first.marks.items()}
        best = sorted(provisional, key=lambda key: (-provisional[key], ranks[key]))[: self._again(self.picks)]
        again = [paper for paper in papers if paper.id in set(best)]
        passes = [first, *await self._later(again, alone)]
        verdicts = {
            key: self._verdict([p.marks[key] for p in passes if key in p.marks], first.given[key], ranks[key])
            for key in first.marks
        }
        spent = sum((p.spent for p in passes), Spent())
        return Marked(verdicts, first.failed, spent)

    def calls(self, papers: Sequence[Paper], alone: Collection[str]) -> list[tuple[str, str, int]]:
        """The prompts of a day on which every answer is good, and how many papers each holds, for an estimate.

        Which papers are the best is not known before: the first stand in for them.
        """
        again = papers[: self._again(self.picks)]
        later = [batch for number in range(2, PASSES + 1) for batch in self._batches(number, again, alone)]
        batches = [*self._batches(1, papers, alone), *later]
        return [(*self.fill(papers_block(batch)), len(batch)) for batch in batches]

    def _again(self, picks: int) -> int:
        return max(self.scoring.again_at_least, self.scoring.again_per_pick * picks)

    def _batches(self, number: int, papers: Sequence[Paper], alone: Collection[str]) -> list[list[Paper]]:
        """Shuffled batches of equal size, none above the limits of papers and tokens."""
        together = [paper for paper in papers if paper.id not in alone]
        random.Random(f"{self.seed}/{number}").shuffle(together)  # noqa: S311 - order, not secrecy
        count = math.ceil(len(together) / self.scoring.batch)
        batches = [together[i::count] for i in range(count)]
        batches += [[paper] for paper in papers if paper.id in alone]
        room = self.scoring.prompt_tokens - tokens("".join(self.fill("")))
        return [part for batch in batches for part in _fitting(batch, room)]

    async def _later(self, papers: Sequence[Paper], alone: Collection[str]) -> list[_Pass]:
        """The further passes, side by side. A bad reply there costs nothing: the first marks stand."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._pass(number, papers, alone, bisect=False))
                for number in range(2, PASSES + 1)
            ]
        return [task.result() for task in tasks]

    async def _pass(
        self, number: int, papers: Sequence[Paper], alone: Collection[str], *, bisect: bool
    ) -> _Pass:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._batch(f"pass {number}, batch {index}", batch, bisect=bisect))
                for index, batch in enumerate(self._batches(number, papers, alone), start=1)
            ]
        return _joined(task.result() for task in tasks)

    async def _batch(self, about: str, papers: Sequence[Paper], *, bisect: bool) -> _Pass:
        """Ask about a batch; a bad reply halves it, down to the one paper that cannot be marked."""
        ids = [paper.id for paper in papers]
        system, user = self.fill(papers_block(papers))
        answer = await self.model.ask(
            Question("score", about, system, user, answer=Batch, check=partial(_other_papers, ids))
        )
        if isinstance(answer, NoAnswer):
            if answer.kind not in {"refused", "truncated", "invalid"} or not bisect or len(papers) == 1:
                return _Pass(failed=dict.fromkeys(ids, answer.reason), spent=answer.spent)
            return await self._halves(about, papers, answer.spent)
        marks = {mark.id.strip(): mark for mark in answer.value.marks}
        by = f"{answer.model} {self.judged_by}"
        given = {key: (_short(mark.reason), mark.excluded, by) for key, mark in marks.items()}
        clamped = {key: Marks.of(m.topic, m.transfer, m.substance) for key, m in marks.items()}
        return _Pass(marks=clamped, given=given, spent=answer.spent)

    async def _halves(self, about: str, papers: Sequence[Paper], spent: Spent) -> _Pass:
        middle = len(papers) // 2
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._batch(f"{about}{mark}", part, bisect=True))
                for mark, part in (("a", papers[:middle]), ("b", papers[middle:]))
            ]
        return _joined([_Pass(spent=spent), *(task.result() for task in tasks)])

    def _score(self, passes: Sequence[Marks], *, excluded: bool = False) -> int:
        return score(average(passes), excluded=excluded, scoring=self.scoring, threshold=self.threshold)

    def _verdict(self, passes: Sequence[Marks], given: tuple[str, bool, str], rank: int) -> Verdict:
        reason, excluded, judged_by = given
        marks = average(passes)
        scores = [self._score([one], excluded=excluded) for one in passes]
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
class _Pass:
    """One pass, or a part of it: marks and what came with them, failures, cost."""

    marks: Mapping[str, Marks] = field(default_factory=dict)
    given: Mapping[str, tuple[str, bool, str]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)


def _other_papers(ids: Sequence[str], batch: Batch) -> str:
    """What is wrong with marks that are not one for each of these papers; nothing if they are.

    Ids that the model made up are counted, not repeated: the reason may be published.
    """
    given = Counter(mark.id.strip() for mark in batch.marks)
    missing = [key for key in ids if key not in given]
    twice = [key for key in ids if given[key] > 1]
    others = sum(key not in ids for key in given)
    wrong = [f"no mark for {', '.join(missing[:MOST_NAMED])}"] if missing else []
    wrong += [f"more than one mark for {', '.join(twice[:MOST_NAMED])}"] if twice else []
    wrong += [f"{others} marked that were not asked for"] if others else []
    return "; ".join(wrong)


def _joined(parts: Iterable[_Pass]) -> _Pass:
    """Several parts as one; their papers are disjoint."""
    marks: dict[str, Marks] = {}
    given: dict[str, tuple[str, bool, str]] = {}
    failed: dict[str, str] = {}
    spent = Spent()
    for part in parts:
        marks.update(part.marks)
        given.update(part.given)
        failed.update(part.failed)
        spent += part.spent
    return _Pass(marks, given, failed, spent)


def _fitting(batch: list[Paper], room: int) -> list[list[Paper]]:
    """The batch, halved until it has so many tokens at the most; of a lone paper the abstract is cut."""
    if tokens(papers_block(batch)) <= room:
        return [batch]
    if len(batch) < 2:
        return [[_cut(paper, room) for paper in batch]]
    middle = len(batch) // 2
    return _fitting(batch[:middle], room) + _fitting(batch[middle:], room)


def _cut(paper: Paper, most: int) -> Paper:
    """The paper with so much of its abstract that its block has at the most so many tokens, cut at a blank."""
    said = one_line(paper.abstract)

    def begun(length: int) -> Paper:
        return paper.model_copy(update={"abstract": said[:length] + "…"})

    def over(length: int) -> bool:
        return tokens(papers_block([begun(length)])) > most

    length = max(0, bisect_left(range(len(said)), True, key=over) - 1)
    blank = said.rfind(" ", length // 2, length)  # a text without blanks is not cut down to its first word
    return begun(blank if blank > 0 else length)


def _short(reason: str) -> str:
    """The reason on one line, cut if the model did not keep it short."""
    line = " ".join(reason.split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"
