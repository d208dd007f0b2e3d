"""How well the local ranking finds what a reader wants, beside two simpler rankers.

    python -m bench.ranking [BENCH.jsonl.gz]

Without a file: nDCG@10 on the four judged days that ship with the tests. With a file of many days that
has `list_grade` (2 = stands in a public list on restoration, 1 = on diffusion or generation; ungraded
is unknown, not irrelevant), also the recall of the listed papers, and the time that ranking takes.
The grades 0-3 were given by a language model from the titles: see eval/README.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import math
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.profile import load_profile
from pipeline.core.models import Links, Paper
from pipeline.scoring import bm25, metrics

HERE = Path(__file__).resolve().parent
JUDGED = HERE.parent / "tests" / "feeds" / "judged_days.jsonl.gz"
PROMPTS = HERE.parent / "prompts"
LANGUAGES = frozenset({"zh-CN", "en", "ja"})
HELD_OUT = dt.date(2026, 1, 27)  # nothing was tuned on this day or later
KEYWORDS = {
    "restoration": (
        "image restoration",
        "super-resolution",
        "denoising",
        "deblurring",
        "low-light",
        "diffusion",
    ),
    "generation": ("diffusion", "flow matching", "text-to-image", "text-to-video", "generation", "editing"),
}

Ranker = Callable[[Sequence[Paper], str, Sequence[str]], list[str]]


@dataclass(frozen=True)
class Row:
    """A paper of the benchmark with the grades it has."""

    paper: Paper
    judged: int | None
    listed: int | None


def load(path: Path) -> dict[dt.date, list[Row]]:
    """Days of at least five papers, in order."""
    days: dict[dt.date, list[Row]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            raw = json.loads(line)
            day = dt.date.fromisoformat(raw["announced"])
            paper = Paper(
                id=raw["id"],
                title=raw["title"],
                abstract=raw["abstract"],
                authors=(),
                categories=(),
                links=Links(page=f"https://arxiv.org/abs/{raw['id']}"),
                signals={},
                announced=day,
            )
            days[day].append(Row(paper, raw.get("judged_0_3"), raw.get("list_grade")))
    return {day: rows for day, rows in sorted(days.items()) if len(rows) >= 5}


def by_bm25(papers: Sequence[Paper], prose: str, keywords: Sequence[str]) -> list[str]:
    """The ranking that ships; it reads the prose alone, as a profile without keywords would have it."""
    del keywords
    return [ranked.id for ranked in bm25.rank(papers, bm25.build_query(prose, (), ()))]


def by_keywords(papers: Sequence[Paper], prose: str, keywords: Sequence[str]) -> list[str]:
    """How often the keywords stand in title and abstract."""
    del prose
    patterns = [re.compile(rf"\b{re.escape(word)}", re.IGNORECASE) for word in keywords]
    count = {p.id: sum(len(w.findall(f"{p.title} {p.abstract}")) for w in patterns) for p in papers}
    return sorted(count, key=lambda name: (-count[name], name))


def by_tfidf(papers: Sequence[Paper], prose: str, keywords: Sequence[str]) -> list[str]:
    """Cosine of (1 + ln tf) · idf vectors of single words, idf = ln((1 + n) / (1 + df)) + 1 over the day."""
    del keywords
    words = {p.id: Counter(re.findall(r"[a-z0-9]{2,}", f"{p.title} {p.abstract}".lower())) for p in papers}
    df = Counter(word for counted in words.values() for word in counted)

    def vector(counted: Mapping[str, int]) -> dict[str, float]:
        full = {
            word: (1 + math.log(tf)) * (math.log((1 + len(words)) / (1 + df[word])) + 1)
            for word, tf in counted.items()
            if word in df and word not in bm25.IGNORED
        }
        norm = math.hypot(*full.values()) or 1.0
        return {word: weight / norm for word, weight in full.items()}

    wanted = vector(Counter(re.findall(r"[a-z0-9]{2,}", prose.lower())))
    cosine = {
        name: math.fsum(weight * wanted.get(word, 0.0) for word, weight in vector(counted).items())
        for name, counted in words.items()
    }
    return sorted(cosine, key=lambda name: (-cosine[name], name))


RANKERS: dict[str, Ranker] = {"BM25": by_bm25, "TF-IDF cosine": by_tfidf, "keyword count": by_keywords}


def mean(values: Iterable[float | None]) -> float:
    return statistics.fmean(value for value in values if value is not None)


def ranked(rows: Sequence[Row], ranker: Ranker, profile: str) -> list[Row]:
    """The day's rows in the order of a ranker."""
    prose = (HERE / "profiles" / f"{profile}.md").read_text(encoding="utf-8")
    by_id = {row.paper.id: row for row in rows}
    return [by_id[name] for name in ranker([row.paper for row in rows], prose, KEYWORDS[profile])]


def judged_days(days: Mapping[dt.date, list[Row]]) -> None:
    """nDCG@10, graded 0-3, of each wholly judged day."""
    complete = {day: rows for day, rows in days.items() if all(row.judged is not None for row in rows)}
    print(f"\nnDCG@10, profile restoration, {len(complete)} wholly judged days")
    print("| ranker |", " | ".join(f"{day:%m-%d}" for day in complete), "| mean |")
    for name, ranker in RANKERS.items():
        grades = [
            [row.judged or 0 for row in ranked(rows, ranker, "restoration")] for rows in complete.values()
        ]
        each = [metrics.ndcg(row) for row in grades]
        print(f"| {name} |", " | ".join(f"{value:.3f}" for value in each), f"| {mean(each):.3f} |")
    profile = load_profile(PROMPTS, "cv-restoration", languages=LANGUAGES)
    query = bm25.build_query(profile.prose, profile.settings.keywords, profile.settings.avoid)
    each = [
        metrics.ndcg([grade[one.id] for one in bm25.rank([row.paper for row in rows], query)])
        for rows in complete.values()
        for grade in [{row.paper.id: row.judged or 0 for row in rows}]
    ]
    print(
        "| BM25, the shipped profile |", " | ".join(f"{value:.3f}" for value in each), f"| {mean(each):.3f} |"
    )


def listed(
    days: Mapping[dt.date, list[Row]], profile: str, grade: int, before: dt.date | None = None
) -> None:
    """Recall of the papers that public lists name, over the days that have one."""
    chosen = [
        rows
        for day, rows in days.items()
        if any(row.listed == grade for row in rows) and (before is None or day < before)
    ]
    positives = sum(row.listed == grade for rows in chosen for row in rows)
    when = f" before {before}" if before else ""
    print(f"\nRecall of list grade {grade}, profile {profile}, {len(chosen)} days{when}, {positives} papers")
    print("| ranker | @10 by day | @20 by day | @10 pooled | @20 pooled | MAP over listed |")
    for name, ranker in RANKERS.items():
        orders = [ranked(rows, ranker, profile) for rows in chosen]
        hits = [[row.listed == grade for row in order] for order in orders]
        known = [[row.listed == grade for row in order if (row.listed or 0) >= 0] for order in orders]
        cells = [mean(metrics.recall_at(order, k) for order in hits) for k in (10, 20)]
        cells += [sum(sum(order[:k]) for order in hits) / positives for k in (10, 20)]
        cells.append(mean(metrics.average_precision(order) for order in known))
        print(f"| {name} |", " | ".join(f"{value:.3f}" for value in cells), "|")


def pace(days: Mapping[dt.date, list[Row]]) -> None:
    """CPU time to rank 300 papers, the fastest of five."""
    papers = [row.paper for rows in days.values() for row in rows][:300]
    took = []
    for _ in range(5):
        start = time.process_time()
        by_bm25(papers, (HERE / "profiles" / "restoration.md").read_text(encoding="utf-8"), ())
        took.append(time.process_time() - start)
    print(f"\nBM25 over {len(papers)} papers: {1000 * min(took):.0f} ms CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=JUDGED)
    parser.add_argument("--tuning", action="store_true", help=f"only recall before {HELD_OUT}")
    args = parser.parse_args()
    days = load(args.file)
    if args.tuning:
        listed(days, "restoration", 2, before=HELD_OUT)
        return
    judged_days(days)
    if any(row.listed is not None for rows in days.values() for row in rows):
        listed(days, "restoration", 2)
        listed(days, "generation", 1)
    pace(days)


if __name__ == "__main__":
    main()
