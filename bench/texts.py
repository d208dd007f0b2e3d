"""What reading costs: extraction in CPU time a MB, grounding in CPU time a paper.

    python -m bench.texts [--runs 5]

Pages are the synthetic paper with its body repeated; the PDF is the synthetic one, in its child process. A paper's
claims are made of its own sentences, once as they are and once with a number changed.
"""

from __future__ import annotations

import argparse
import re
import resource
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bench.answers import SECTIONS, reading
from bench.measuring import median, table
from bench.scenes import SYNTHETIC, full_text
from pipeline.core.models import Analysis, Claim, Section, Text
from pipeline.extraction.html.parse import parse_html
from pipeline.grounding.gates import CheckResult, check, evidence_candidates
from pipeline.grounding.source_index import SourceIndex
from tests.extraction.pdfs import parse_pdf

URL = "https://arxiv.org/html/2601.99999v1"


def cpu(work: Callable[[], object], runs: int) -> float:
    """Seconds of CPU, children included: the median."""

    def now() -> float:
        both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return sum(one.ru_utime + one.ru_stime for one in both)

    took = []
    for _ in range(runs):
        began = now()
        work()
        took.append(now() - began)
    return median(took)


def readable(found: object) -> Text:
    if not isinstance(found, Text):
        raise TypeError(f"not readable: {found}")
    return found


def extraction(runs: int):
    """One row a page."""
    for repeats in (1, 10, 38, 76):
        page = full_text(repeats)
        text = readable(parse_html(page, URL))
        seconds = cpu(partial(parse_html, page, URL), runs)
        yield _row(f"HTML, body {repeats} times", len(page), text, seconds)
    data = SYNTHETIC.with_name("2601.99999v1.pdf").read_bytes()
    text = readable(parse_pdf(data, URL, seconds=60, megabytes=1024))
    seconds = cpu(lambda: parse_pdf(data, URL, seconds=60, megabytes=1024), runs)
    yield _row("PDF, with its process", len(data), text, seconds)


def _row(name: str, size: int, text: Text, seconds: float) -> list[str]:
    characters = sum(len(one.text) for one in text.sentences)
    return [
        name,
        f"{size / 1000:.0f} kB",
        str(len(text.sentences)),
        f"{characters:,}",
        f"{seconds * 1000:.0f} ms",
        f"{seconds * 1e9 / size:.0f}",
        f"{seconds * 1e8 / characters:.0f}",
    ]


@dataclass(frozen=True)
class Paper:
    """A text and an analysis of it."""

    text: Text
    analysis: Analysis

    def check(self) -> int:
        """From nothing: the source taken apart, every claim at the gates. How many failed."""
        source = self._source()
        return sum(one.failure is not None for one in self._checked(source))

    def repair(self) -> None:
        """The same, and for each claim that failed the sentences that may carry it."""
        source = self._source()
        for one in self._checked(source):
            if one.failure is not None:
                evidence_candidates(one.claim, source)

    def _checked(self, source: SourceIndex) -> list[CheckResult]:
        return [check(one, part.kind, source) for part in self.analysis.sections for one in part.claims]

    def _source(self) -> SourceIndex:
        first = next(iter(self.text.sentences)).text
        return SourceIndex.of(self.text, title="FlowFix: one-step restoration", abstract=first, profile=first)


def papers() -> dict[str, Paper]:
    """A long paper: with claims that hold, and with claims that do not."""
    text = readable(parse_html(full_text(), URL))
    raw = reading("\n".join(f"[{one.id}] {one.text}" for one in text.sentences))
    sections = tuple(
        Section(
            id=name,
            title=name,
            kind="inference" if name == "takeaways" else "claims",
            claims=tuple(Claim(**claim) for claim in raw[name]),
        )
        for name in SECTIONS
    )
    good = Analysis(headline=raw["headline"], hook=raw["hook"], sections=sections)
    bad = good.model_copy(update={"sections": tuple(map(_wrong, sections))})
    return {"claims that hold": Paper(text, good), "with a number that stands nowhere": Paper(text, bad)}


def _wrong(section: Section) -> Section:
    changed = tuple(
        one.model_copy(update={"text": re.sub(r"$", " It takes 987 of 4321 steps.", one.text, count=1)})
        for one in section.claims
    )
    return section.model_copy(update={"claims": changed})


def grounding(runs: int):
    """One row for each kind of claims."""
    for name, paper in papers().items():
        claims = sum(len(section.claims) for section in paper.analysis.sections)
        checked, repaired = cpu(paper.check, runs), cpu(paper.repair, runs)
        yield [
            name,
            len(paper.text.sentences),
            f"{paper.check()} of {claims}",
            f"{checked * 1000:.0f} ms",
            f"{repaired * 1000:.0f} ms",
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    head = ["page", "size", "sentences", "characters", "CPU", "ms a MB", "ms for 100,000 characters"]
    table(head, extraction(given.runs))
    head = ["paper", "sentences", "claims that fail", "checked", "and candidates for repair"]
    table(head, grounding(given.runs))


if __name__ == "__main__":
    main()
