"""Model calls, tokens and USD of a night by stage, and its largest prompt, for days of many sizes.

    python -m bench.calls [N …]

`max_scored` is raised so that all are marked; papers come out of a fetched.json, since arXiv's feed ends at 2,000.
Tokens are characters / 3.5, prices those of digest.toml. How many papers are marked again depends on the marks: here they are
drawn as on a real day, with noise in each call.
"""

from __future__ import annotations

import datetime as dt
import json
import sys

from bench.answers import drawn, stage_of
from bench.measuring import table
from bench.scenes import DATE, Scene, papers, scene
from pipeline.core.artifacts import Fetched
from pipeline.core.models import Links, Paper, Signal
from pipeline.core.store import artifact_path, dumps
from tests.builders import fetched, source
from tests.nights import PROFILE
from tests.stubs.world import Record

SIZES = (15, 60, 300, 3000)


def paper(one: Record) -> Paper:
    """A record as the fetch stage would have it."""
    base = "https://arxiv.org"
    return Paper(
        id=one.id,
        title=one.title,
        abstract=one.abstract,
        authors=one.authors,
        categories=one.categories,
        links=Links(page=f"{base}/abs/{one.id}"),
        signals={"arxiv": Signal(day=DATE, announced_as="new")},
        announced=DATE,
    )


def put(made: Scene, size: int) -> None:
    """The day as fetched.json."""
    clock = dt.datetime.combine(DATE, dt.time(5, 47), dt.UTC)
    found = fetched(
        map(paper, papers(size)),
        profile=PROFILE,
        date=DATE,
        generated_at=clock,
        sources=(source(count=size, through=DATE),),
    )
    path = artifact_path(made.folder / ".work", PROFILE, DATE, Fetched)
    path.parent.mkdir(parents=True)
    path.write_bytes(dumps(found))


def rows(size: int):
    """One row a stage."""
    with scene(size, answer=drawn) as made:
        made.profile(max_scored=str(max(size, 300)))
        put(made, size)
        ran = made.digest("run", "--engine", "claude", "--from", "score", "--date", DATE.isoformat())
        report = next((made.folder / "reports" / PROFILE).glob("*/*/*.json"))
        usage = json.loads(report.read_text())["usage"]
        largest: dict[str, int] = {}
        for call in made.model.asked:
            stage = stage_of(call.body)
            largest[stage] = max(largest.get(stage, 0), call.usage["input_tokens"])
        for stage, spent in usage["stages"].items():
            yield [
                size,
                stage,
                spent["calls"],
                f"{spent['input_tokens']:,}",
                f"{spent['input_tokens'] / size:,.0f}",
                f"{spent['output_tokens']:,}",
                f"{spent['usd']:.4f}",
                f"{largest[stage]:,}",
            ]
        yield [
            size, "all", usage["calls"], f"{usage['input_tokens']:,}", "", f"{usage['output_tokens']:,}",
            f"{usage['usd']:.4f}", f"CPU {ran.cpu:.1f} s",
        ]  # fmt: skip


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or SIZES
    head = ["papers", "stage", "calls", "tokens in", "a paper", "tokens out", "USD", "largest prompt"]
    table(head, (row for size in sizes for row in rows(size)))


if __name__ == "__main__":
    main()
