"""What votes do to the local ranking: right ones and wrong ones, for a good profile and for two words.

    python -m bench.votes BENCH.jsonl.gz [--draws N] [--tuning | --pairs]

The file is that of `bench.ranking`, with `list_grade`. Votes are drawn from the papers of the days before 2026 that a page
would have shown, the first 20 of the day by the profile alone, as far as a list has them: `more` if it is the profile's
list, `less` if it is another subject's. Wrong votes are the same with the verdict turned round. Printed is what they change
on the days from 2026-01-01 on, mean and standard deviation over the draws: recall of listed papers, and nDCG@10 on the days
whose papers were all graded. --tuning: votes of November measured on December, and the other way round; the weights were
chosen by it. --pairs: 20 votes for every pair of the keywords of `bench.ranking` as a profile of two words, since one such
profile, measured on 17 papers, tells little.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from bench.measuring import table
from bench.ranking import HERE, KEYWORDS, Row, load
from pipeline.config.settings import Feedback
from pipeline.scoring import bm25, metrics

SHOWN = 20  # papers of a day that carry links to vote
COUNTS = (5, 20, 50)
WRONG = 0.2
NOVEMBER, DECEMBER, JANUARY, END = (
    dt.date(*day) for day in ((2025, 11, 1), (2025, 12, 1), (2026, 1, 1), (2026, 2, 1))
)
TESTED = ((NOVEMBER, JANUARY), (JANUARY, END))
TUNED = (((NOVEMBER, DECEMBER), (DECEMBER, JANUARY)), ((DECEMBER, JANUARY), (NOVEMBER, DECEMBER)))

Period = tuple[dt.date, dt.date]  # without its end
Days = Mapping[dt.date, Sequence[Row]]


@dataclass(frozen=True)
class Reader:
    """A profile, and the grade of the lists that name what it wants."""

    name: str
    prose: str
    grade: int

    def rank(self, rows: Sequence[Row], votes: bm25.Votes = bm25.NO_VOTES) -> list[Row]:
        """A day's papers in the order of the local ranking."""
        by_id = {row.paper.id: row for row in rows}
        query = bm25.build_query(self.prose, (), ())
        return [by_id[one.id] for one in bm25.rank([row.paper for row in rows], query, votes=votes)]


READERS = (
    Reader("restoration, three sentences", (HERE / "profiles" / "restoration.md").read_text("utf-8"), 2),
    Reader("restoration, two words", "image restoration, diffusion", 2),
    Reader("generation, three sentences", (HERE / "profiles" / "generation.md").read_text("utf-8"), 1),
    Reader("generation, two words", "image generation", 1),
)
GRADES = {"restoration": 2, "generation": 1}  # of the lists that name what each subject wants


def within(days: Days, period: Period) -> list[Sequence[Row]]:
    return [rows for day, rows in days.items() if period[0] <= day < period[1]]


def candidates(days: Days, reader: Reader, period: Period) -> list[tuple[Row, bool]]:
    """The papers that may get a vote, and whether the reader wants them."""
    shown = [row for rows in within(days, period) for row in reader.rank(rows)[:SHOWN]]
    return [(row, row.listed == reader.grade) for row in shown if row.listed in {0, reader.grade}]


def draw(pool: Sequence[tuple[Row, bool]], count: int, wrong: float, seed: str) -> bm25.Votes:
    """Votes on so many papers, a share of them turned round."""
    chance = random.Random(seed)
    chosen = chance.sample(pool, min(count, len(pool)))
    turned = {*chance.sample(range(len(chosen)), round(wrong * len(chosen)))}
    verdicts = [(row.paper, wanted is (n not in turned)) for n, (row, wanted) in enumerate(chosen)]
    return bm25.Votes(
        more=[paper for paper, wanted in verdicts if wanted],
        less=[paper for paper, wanted in verdicts if not wanted],
        cap=Feedback().cap,
    )


def measure(
    days: Sequence[Sequence[Row]], reader: Reader, votes: bm25.Votes = bm25.NO_VOTES
) -> tuple[float, ...]:
    """Recall@10, recall@20 of listed papers, and nDCG@10 of the judged days, 0 if there are none; means over days."""
    orders = [reader.rank(rows, votes) for rows in days]
    hits = [[row.listed == reader.grade for row in order] for order in orders]
    recalls = [
        [value for order in hits if (value := metrics.recall_at(order, k)) is not None] for k in (10, 20)
    ]
    judged = [order for order in orders if all(row.judged is not None for row in order)]
    gains = [metrics.ndcg([row.judged or 0 for row in order]) or 0.0 for order in judged]
    return (*map(statistics.fmean, recalls), statistics.fmean(gains) if gains else 0.0)


def effects(
    days: Days,
    reader: Reader,
    periods: Sequence[tuple[Period, Period]],
    draws: int,
    counts: Sequence[int] = COUNTS,
) -> tuple[list[float], dict[str, list[tuple[float, ...]]]]:
    """What `measure` gives without votes, and for each number of votes, right and partly wrong, its change in each draw."""
    pools = [candidates(days, reader, before) for before, _ in periods]
    later = [
        [
            of_day
            for of_day in within(days, after)
            if any(row.listed == reader.grade for row in of_day)
            or all(row.judged is not None for row in of_day)
        ]
        for _, after in periods
    ]
    plain = [measure(of_period, reader) for of_period in later]
    changes = {
        f"{count}{', 20 % wrong' if wrong else ''}": [
            tuple(
                with_votes - without
                for with_votes, without in zip(measure(of_period, reader, votes), base, strict=True)
            )
            for pool, of_period, base in zip(pools, later, plain, strict=True)
            for number in range(draws)
            for votes in [draw(pool, count, wrong, f"{reader.name}/{count}/{wrong}/{number}")]
        ]
        for count in counts
        for wrong in (0.0, WRONG)
    }
    return [statistics.fmean(values) for values in zip(*plain, strict=True)], changes


def rows(
    days: Days, reader: Reader, periods: Sequence[tuple[Period, Period]], draws: int
) -> Iterator[list[str]]:
    """One row without votes, and one for each number of votes."""
    plain, changes = effects(days, reader, periods, draws)
    yield [reader.name, "none", *(f"{value:.3f}" for value in plain)]
    for votes, of_draws in changes.items():
        shown = [
            f"{statistics.fmean(c):+.3f} ± {statistics.stdev(c):.3f}" for c in zip(*of_draws, strict=True)
        ]
        yield [reader.name, votes, *shown]


def pairs(days: Days, draws: int) -> Iterator[list[str]]:
    """Recall@10 of every profile of two keywords, without votes, and its change by 20 of them; then the means."""
    for subject, grade in GRADES.items():
        found = []
        for words in map(", ".join, combinations(KEYWORDS[subject], 2)):
            plain, changes = effects(days, Reader(words, words, grade), (TESTED,), draws, counts=(20,))
            found.append([plain[0], *(statistics.fmean(c[0] for c in drawn) for drawn in changes.values())])
            yield [words, *_signed(found[-1])]
        yield [f"mean of {subject}", *_signed([statistics.fmean(c) for c in zip(*found, strict=True)])]


def _signed(values: Sequence[float]) -> list[str]:
    return [f"{values[0]:.3f}", *(f"{value:+.3f}" for value in values[1:])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--tuning", action="store_true", help="only days before 2026")
    parser.add_argument("--pairs", action="store_true", help="profiles of two keywords; takes minutes")
    args = parser.parse_args()
    days = load(args.file)
    if args.pairs:
        table(["two words", "recall@10", "20 votes", "20, a fifth wrong"], pairs(days, args.draws))
        return
    periods = TUNED if args.tuning else (TESTED,)
    head = ["profile", "votes", "recall@10", "recall@20", "nDCG@10 by grades"]
    # The judged days were graded for the first profile alone.
    table(head, (row for reader in READERS for row in rows(days, reader, periods, args.draws)))


if __name__ == "__main__":
    main()
