"""Scored + Texts → Analyzed: claims about each pick, and only those that its sentences bear out.

    pick ─ask─> claims ─gates─> held | failed ─repair once─> held | dropped, and counted

A pick that could not be analyzed stays a pick; its analysis is pending, and never an error text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.config.profile import Profile
from pipeline.core.artifacts import Analyzed, Scored, Texts
from pipeline.core.ledger import still_owed
from pipeline.core.models import (
    LIMITATIONS,
    Analysis,
    Claim,
    Grounding,
    Paper,
    Section,
    Sentence,
    Spent,
    Text,
)
from pipeline.extraction.sentences import abstract_text
from pipeline.extraction.truncate import fit
from pipeline.grounding.claims import Failed, claimed_analysis, claims_question, count_left_out, repair_claims
from pipeline.grounding.gates import Checked, candidates, check, check_line
from pipeline.grounding.polarity import admits
from pipeline.grounding.source_index import Source
from pipeline.llm.interface import Model, NoAnswer
from pipeline.llm.prompts import DeclaredSection, Prompt, language_name
from pipeline.scoring import extractive

LONGEST_LINE = 160  # characters of a headline or hook; cut, it might say something else
MOST_TOKENS = (
    80_000  # the most that `reading.text_tokens` can be: not every artifact was made by this program
)
NOTHING_TO_READ = "neither a full text nor an abstract could be read"


@dataclass(frozen=True)
class Prompts:
    """What the model is asked: to read, and to repair what did not hold."""

    analyze: Prompt
    repair: Prompt


@dataclass(frozen=True)
class _Read:
    """What came of one pick; without an analysis, why."""

    analysis: Analysis | None
    grounding: Grounding | None
    reason: str
    spent: Spent
    by: str = ""


async def analyze(
    scored: Scored, texts: Texts, *, profile: Profile, prompts: Prompts, model: Model | None
) -> Analyzed:
    """Analyze every pick, all at once. Without a model, quote."""
    picks = [judged.paper for judged in scored.papers if judged.outcome == "picked"]
    read = {
        paper.id: fit(
            texts.texts.get(paper.id) or abstract_text(paper.abstract, paper.links.page), MOST_TOKENS
        )
        for paper in picks
    }
    reader = _Reader(profile=profile, prompts=prompts, model=model)
    async with asyncio.TaskGroup() as group:
        tasks = {paper.id: group.create_task(reader.read(paper, read[paper.id])) for paper in picks}
    results = {key: task.result() for key, task in tasks.items()}
    failed = {key: one.reason for key, one in results.items() if one.analysis is None}
    return Analyzed(
        **scored.carried(),
        scored=scored,
        texts=read,
        analyses={key: one.analysis for key, one in results.items() if one.analysis is not None},
        grounding={key: one.grounding for key, one in results.items() if one.grounding is not None},
        read_by={key: one.by for key, one in results.items() if one.analysis is not None},
        pending=still_owed("analyze", failed, scored.retried, scored),
        spent={**scored.spent, "analyze": sum((one.spent for one in results.values()), Spent())},
        prompts={**scored.prompts, **({"analyze": prompts.analyze.version} if model is not None else {})},
    )


@dataclass(frozen=True)
class _Reader:
    """One profile's way of reading a paper."""

    profile: Profile
    prompts: Prompts
    model: Model | None

    async def read(self, paper: Paper, text: Text) -> _Read:
        """Ask, check, repair once, check again."""
        if self.model is None:
            return self._quoted(paper, text)
        if not text.sentences:
            return _Read(None, None, NOTHING_TO_READ, Spent())
        language = language_name(self.profile.settings.language)
        question = claims_question(
            paper, text, self.prompts.analyze, profile=self.profile.prose, language=language
        )
        answer = await self.model.ask(question)
        if isinstance(answer, NoAnswer):
            return _Read(None, None, answer.reason, answer.spent)
        declared = self.prompts.analyze.sections
        claimed = claimed_analysis(answer.value, declared, self.profile.settings.language)
        source = Source.of(text, title=paper.title, abstract=paper.abstract, profile=self.profile.prose)
        checked = check_all(claimed, source)
        failed = [(place, one) for place, one in checked.items() if one.failure is not None]
        repaired: Mapping[int, Claim] = {}
        spent = answer.spent
        if failed:
            material = [_material(claimed.sections[s].id, one, source, text) for (s, _), one in failed]
            repaired, more = await repair_claims(
                self.model, paper, self.prompts.repair, material, language=language
            )
            spent += more
        held, numbers = _after_repair(claimed, checked, [place for place, _ in failed], repaired, source)
        sections = tuple(
            _filled(section, declared[i], held[i], text) for i, section in enumerate(claimed.sections)
        )
        grounding = Grounding(
            claims=sum(map(len, held)),
            claims_dropped=len(checked) - sum(map(len, held)) + count_left_out(answer.value, declared),
            numbers=numbers,
        )
        by = f"{answer.model} {self.prompts.analyze.version}"
        return _Read(_lines_checked(claimed, sections, paper, source), grounding, "", spent, by)

    def _quoted(self, paper: Paper, text: Text) -> _Read:
        declared = self.prompts.analyze.sections
        quoted = extractive.quote(text, paper.title, declared, self.profile.settings.language, fits=_fits)
        claims = sum(len(section.claims) for section in quoted.sections)
        grounding = Grounding(claims=claims, claims_dropped=0, numbers=0)
        return _Read(quoted, grounding, "", Spent(), extractive.JUDGED_BY)


Place = tuple[int, int]  # section, claim


def check_all(claimed: Analysis, source: Source) -> dict[Place, Checked]:
    """Every claim of an analysis at the gates, by its place."""
    return {
        (s, c): _check(claim, section, source)
        for s, section in enumerate(claimed.sections)
        for c, claim in enumerate(section.claims)
    }


def _check(claim: Claim, section: Section, source: Source) -> Checked:
    limits = section.id == LIMITATIONS and claim.kind == "stated"
    return check(claim, section.kind, source, stated_limitations=limits)


def _material(section: str, checked: Checked, source: Source, text: Text) -> Failed:
    """A failed claim with the sentences it cites and those that may carry it better."""
    ids = {*checked.claim.evidence, *candidates(checked.claim, source)}
    sentences = tuple(sentence for sentence in text.sentences if sentence.id in ids)
    reason = checked.failure.reason if checked.failure else ""
    return Failed(section=section, claim=checked.claim, reason=reason, sentences=sentences)


def _after_repair(
    claimed: Analysis,
    checked: Mapping[Place, Checked],
    failed: Sequence[Place],
    repaired: Mapping[int, Claim],
    source: Source,
) -> tuple[list[list[Claim]], int]:
    """By section the claims that hold, and how many numbers they carry."""
    again = {
        failed[i]: _check(claim, claimed.sections[failed[i][0]], source) for i, claim in repaired.items()
    }
    final = {place: again.get(place, one) for place, one in checked.items()}
    good = {place: one for place, one in final.items() if one.failure is None}
    held = [
        [one.claim for (s, _), one in sorted(good.items()) if s == i] for i in range(len(claimed.sections))
    ]
    return held, sum(one.numbers for one in good.values())


def _filled(section: Section, declared: DeclaredSection, claims: Sequence[Claim], text: Text) -> Section:
    """The section with the claims that held; if none did, with the abstract's own sentences, quoted."""
    if claims or not section.claims or section.kind == "inference":
        return section.model_copy(update={"claims": tuple(claims)})
    abstract = [s for s in text.sentences if s.section.lower() == "abstract"] or list(text.sentences[:8])
    of_abstract = text.model_copy(update={"sentences": tuple(abstract)})
    quoted = extractive.quote(of_abstract, "", [declared], "", fits=_fits)
    return section.model_copy(update={"claims": quoted.sections[0].claims})


def _fits(section: str, sentence: Sentence) -> bool:
    """A quotation passes the gate for limitations too: there it has to be one that the authors admit."""
    return section != LIMITATIONS or admits(sentence.section, sentence.text)


def _lines_checked(
    claimed: Analysis, sections: tuple[Section, ...], paper: Paper, source: Source
) -> Analysis:
    """A headline that does not hold gives way to the title; a hook that does not hold goes."""

    def holds(line: str) -> bool:
        return len(line) <= LONGEST_LINE and check_line(line, source) is None

    headline = claimed.headline if holds(claimed.headline) else paper.title
    hook = claimed.hook if holds(claimed.hook) else ""
    return Analysis(headline=headline or paper.title, hook=hook, sections=sections)
