"""Stage 4, Scored + Texts → Analyzed: claims about each pick, of which only those that pass the gates remain.

    pick ─ask─> claims ─gates─> passed | failed ─repair once─> passed | dropped, and counted

A pick that could not be analyzed stays a pick; its analysis is pending, and never an error text.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.config.profile import Profile
from pipeline.core.artifacts import Analyzed, Scored, Texts
from pipeline.core.ledger import still_pending
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
from pipeline.extraction.text import abstract_text
from pipeline.extraction.truncate import truncate_text
from pipeline.grounding.claims import (
    FailedClaim,
    analysis_from_answer,
    claims_question,
    count_omitted,
    repair_claims,
)
from pipeline.grounding.gates import CheckResult, check, check_line, evidence_candidates
from pipeline.grounding.polarity import admits_limitation
from pipeline.grounding.source_index import SourceIndex
from pipeline.llm.interface import Model, NoAnswer
from pipeline.llm.prompts import DeclaredSection, Prompt, language_name
from pipeline.scoring import extractive

LONGEST_LINE = (
    160  # characters of a headline or hook; a longer one fails, since truncation could change its meaning
)
MOST_TOKENS = 80_000  # the upper limit of `reading.text_tokens`, enforced again since texts.json may come from elsewhere
NOTHING_TO_READ = "neither a full text nor an abstract could be read"


@dataclass(frozen=True)
class Prompts:
    """The prompts of this stage: read a paper, and repair claims that failed a gate."""

    analyze: Prompt
    repair: Prompt


@dataclass(frozen=True)
class _Result:
    """The result of one pick: its analysis, or the reason why there is none."""

    analysis: Analysis | None
    grounding: Grounding | None
    reason: str
    spent: Spent
    by: str = ""


async def analyze(
    scored: Scored, texts: Texts, *, profile: Profile, prompts: Prompts, model: Model | None
) -> Analyzed:
    """Analyze all picks concurrently; without a model, quote their sentences.

    Raises an ExceptionGroup with a CredentialsError if the endpoint refuses the key.
    """
    picks = [judged.paper for judged in scored.papers if judged.outcome == "picked"]
    read = {
        paper.id: truncate_text(
            texts.texts.get(paper.id) or abstract_text(paper.abstract, paper.links.page), MOST_TOKENS
        )
        for paper in picks
    }
    reader = _Reader(profile=profile, prompts=prompts, model=model)
    async with asyncio.TaskGroup() as group:
        tasks = {paper.id: group.create_task(reader.read(paper, read[paper.id])) for paper in picks}
    results = {key: task.result() for key, task in tasks.items()}
    failed = {key: result.reason for key, result in results.items() if result.analysis is None}
    return Analyzed(
        **scored.shared_fields(),
        scored=scored,
        texts=read,
        analyses={key: r.analysis for key, r in results.items() if r.analysis is not None},
        grounding={key: r.grounding for key, r in results.items() if r.grounding is not None},
        read_by={key: r.by for key, r in results.items() if r.analysis is not None},
        pending=still_pending("analyze", failed, scored.retried, scored),
        spent={**scored.spent, "analyze": sum((result.spent for result in results.values()), Spent())},
        prompts={**scored.prompts, **({"analyze": prompts.analyze.version} if model is not None else {})},
    )


@dataclass(frozen=True)
class _Reader:
    """Reads papers with one profile, its prompts and its model."""

    profile: Profile
    prompts: Prompts
    model: Model | None

    async def read(self, paper: Paper, text: Text) -> _Result:
        """Ask for claims, check them, have failed ones repaired once, and check those again."""
        if self.model is None:
            return self._quoted(paper, text)
        if not text.sentences:
            return _Result(None, None, NOTHING_TO_READ, Spent())
        language = language_name(self.profile.settings.language)
        question = claims_question(
            paper, text, self.prompts.analyze, profile=self.profile.prose, language=language
        )
        answer = await self.model.ask(question)
        if isinstance(answer, NoAnswer):
            return _Result(None, None, answer.reason, answer.spent)
        declared = self.prompts.analyze.sections
        claimed = analysis_from_answer(answer.value, declared, self.profile.settings.language)
        source = SourceIndex.of(text, title=paper.title, abstract=paper.abstract, profile=self.profile.prose)
        checked = check_all(claimed, source)
        failed = [(index, result) for index, result in checked.items() if result.failure is not None]
        repaired: Mapping[int, Claim] = {}
        spent = answer.spent
        if failed:
            material = [_material(claimed.sections[s].id, result, source, text) for (s, _), result in failed]
            repaired, more = await repair_claims(
                self.model, paper, self.prompts.repair, material, language=language
            )
            spent += more
        passed, numbers = _after_repair(claimed, checked, [index for index, _ in failed], repaired, source)
        sections = tuple(
            _filled(section, declared[i], passed[i], text) for i, section in enumerate(claimed.sections)
        )
        grounding = Grounding(
            claims=sum(map(len, passed)),
            claims_dropped=len(checked) - sum(map(len, passed)) + count_omitted(answer.value, declared),
            numbers=numbers,
        )
        by = f"{answer.model} {self.prompts.analyze.version}"
        return _Result(_lines_checked(claimed, sections, paper, source), grounding, "", spent, by)

    def _quoted(self, paper: Paper, text: Text) -> _Result:
        declared = self.prompts.analyze.sections
        quoted = extractive.quote(text, paper.title, declared, self.profile.settings.language, fits=_fits)
        claims = sum(len(section.claims) for section in quoted.sections)
        grounding = Grounding(claims=claims, claims_dropped=0, numbers=0)
        return _Result(quoted, grounding, "", Spent(), extractive.JUDGED_BY)


ClaimIndex = tuple[int, int]  # index of the section, index of the claim in it


def check_all(claimed: Analysis, source: SourceIndex) -> dict[ClaimIndex, CheckResult]:
    """Check every claim of an analysis at the gates; the results by section and claim index."""
    return {
        (s, c): _check(claim, section, source)
        for s, section in enumerate(claimed.sections)
        for c, claim in enumerate(section.claims)
    }


def _check(claim: Claim, section: Section, source: SourceIndex) -> CheckResult:
    limits = section.id == LIMITATIONS and claim.kind == "stated"
    return check(claim, section.kind, source, stated_limitations=limits)


def _material(section: str, checked: CheckResult, source: SourceIndex, text: Text) -> FailedClaim:
    """A failed claim for the repair prompt, with the sentences it cites and others that may support it."""
    ids = {*checked.claim.evidence, *evidence_candidates(checked.claim, source)}
    sentences = tuple(sentence for sentence in text.sentences if sentence.id in ids)
    reason = checked.failure.reason if checked.failure else ""
    return FailedClaim(section=section, claim=checked.claim, reason=reason, sentences=sentences)


def _after_repair(
    claimed: Analysis,
    checked: Mapping[ClaimIndex, CheckResult],
    failed: Sequence[ClaimIndex],
    repaired: Mapping[int, Claim],
    source: SourceIndex,
) -> tuple[list[list[Claim]], int]:
    """The claims that passed, by section, and how many numbers they contain."""
    again = {
        failed[i]: _check(claim, claimed.sections[failed[i][0]], source) for i, claim in repaired.items()
    }
    final = {index: again.get(index, result) for index, result in checked.items()}
    good = {index: result for index, result in final.items() if result.failure is None}
    passed = [
        [result.claim for (s, _), result in sorted(good.items()) if s == i]
        for i in range(len(claimed.sections))
    ]
    return passed, sum(result.numbers for result in good.values())


def _filled(section: Section, declared: DeclaredSection, claims: Sequence[Claim], text: Text) -> Section:
    """The section with the claims that passed; if none did, with sentences quoted from the abstract."""
    if claims or not section.claims or section.kind == "inference":
        return section.model_copy(update={"claims": tuple(claims)})
    abstract = [s for s in text.sentences if s.section.lower() == "abstract"] or list(text.sentences[:8])
    of_abstract = text.model_copy(update={"sentences": tuple(abstract)})
    quoted = extractive.quote(of_abstract, "", [declared], "", fits=_fits)
    return section.model_copy(update={"claims": quoted.sections[0].claims})


def _fits(section: str, sentence: Sentence) -> bool:
    """Whether a sentence may be quoted in a section; under limitations only what the authors admit."""
    return section != LIMITATIONS or admits_limitation(sentence.section, sentence.text)


def _lines_checked(
    claimed: Analysis, sections: tuple[Section, ...], paper: Paper, source: SourceIndex
) -> Analysis:
    """Replace a headline that fails by the title, and drop a hook that fails."""

    def holds(line: str) -> bool:
        return len(line) <= LONGEST_LINE and check_line(line, source) is None

    headline = claimed.headline if holds(claimed.headline) else paper.title
    hook = claimed.hook if holds(claimed.hook) else ""
    return Analysis(headline=headline or paper.title, hook=hook, sections=sections)
