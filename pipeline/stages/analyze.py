"""Stage 4, Scored + Texts → Analyzed: claims about each pick, of which only those that pass the review remain.

    pick ─ask─> claims ─review─> published claims, and what was dropped, counted
    shortlist ─ask─> briefs ─gates, second reader─> briefs; for the others a sentence of the abstract

The review (`grounding/review.py`) is made of exact gates, a second reader and one repair. A pick that could not be
analyzed stays a pick; its analysis is pending, and never an error text.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config.profile import Profile
from pipeline.core.artifacts import Analyzed, Judged, Scored, Texts
from pipeline.core.ledger import still_pending
from pipeline.core.models import Analysis, Brief, Grounding, Paper, Section, Sentence, Spent, Text
from pipeline.core.stage_names import Call
from pipeline.extraction.text import abstract_text
from pipeline.extraction.truncate import truncate_text
from pipeline.grounding import briefs, review
from pipeline.grounding.claims import analysis_from_answer, claims_question, count_omitted
from pipeline.grounding.limitations import admits_limitation
from pipeline.grounding.source_index import SourceIndex
from pipeline.llm.interface import Model, NoAnswer
from pipeline.llm.prompts import DeclaredSection, Prompt
from pipeline.report import i18n
from pipeline.scoring import extractive

MOST_TOKENS = 80_000  # the upper limit of `reading.text_tokens`, enforced again since texts.json may come from elsewhere
NOTHING_TO_READ = "neither a full text nor an abstract could be read"


@dataclass(frozen=True)
class Prompts:
    """The prompts of this stage: read a paper, repair claims that did not hold, read claims a second time, write briefs."""

    analyze: Prompt
    repair: Prompt
    verify: Prompt
    brief: Prompt


@dataclass(frozen=True)
class _Result:
    """The result of one pick: its analysis, or the reason why there is none; the cost by kind of call."""

    analysis: Analysis | None
    grounding: Grounding | None
    reason: str
    spent: Mapping[Call, Spent]
    by: str = ""


async def analyze(
    scored: Scored, texts: Texts, *, profile: Profile, prompts: Prompts, model: Model | None
) -> Analyzed:
    """Analyze all picks and write briefs of the shortlist, concurrently; without a model, quote sentences.

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
        # Last, so that the picks are first served by the budget.
        briefs_task = group.create_task(reader.write_briefs(shortlist(scored, profile.settings.shortlist)))
    in_short = briefs_task.result()
    results = {key: task.result() for key, task in tasks.items()}
    failed = {key: result.reason for key, result in results.items() if result.analysis is None}
    calls: dict[Call, Prompt] = {"analyze": prompts.analyze, "verify": prompts.verify} if model else {}
    if in_short.spent:
        calls["brief"] = prompts.brief
    return Analyzed(
        **scored.shared_fields(),
        scored=scored,
        texts=read,
        papers=texts.papers,
        analyses={key: r.analysis for key, r in results.items() if r.analysis is not None},
        grounding={key: r.grounding for key, r in results.items() if r.grounding is not None},
        read_by={key: r.by for key, r in results.items() if r.analysis is not None},
        briefs=dict(in_short.briefs),
        pending=still_pending("analyze", failed, scored.retried, scored),
        spent={
            **scored.spent,
            "analyze": Spent(),
            **_total([*(r.spent for r in results.values()), in_short.spent], calls),
        },
        prompts={**scored.prompts, **{call: prompt.version for call, prompt in calls.items()}},
    )


def shortlist(scored: Scored, most: int) -> list[Judged]:
    """The papers to write briefs of: of the `most` best that are shortlisted, those that this run has judged.

    The others of these are in the report that is kept, with the briefs that they have.
    """
    redone = {judged.paper.id for judged in scored.papers}
    kept = (c for c in (scored.kept.candidates if scored.kept else ()) if c.id not in redone)
    others = [_place(c.score, c.rank, c.id) for c in kept if c.outcome == "shortlisted"]
    own = {
        _place(judged.verdict.score, judged.verdict.rank, judged.paper.id): judged
        for judged in scored.papers
        if judged.outcome == "shortlisted"
    }
    best = sorted([*others, *own])[:most]
    return [own[place] for place in best if place in own]


def _place(score: int | None, rank: int | None, paper_id: str) -> tuple[int, int, str]:
    """Sort key of a shortlisted paper: best first."""
    return -(score or 0), rank or 0, paper_id


def _total(spent: Sequence[Mapping[Call, Spent]], calls: Iterable[Call]) -> dict[Call, Spent]:
    """The cost of all picks and of the briefs, by kind of call."""
    return {call: sum((one.get(call, Spent()) for one in spent), Spent()) for call in calls}


@dataclass(frozen=True)
class _Reader:
    """Reads papers with one profile, its prompts and its model."""

    profile: Profile
    prompts: Prompts
    model: Model | None

    async def read(self, paper: Paper, text: Text) -> _Result:
        """Ask for claims about one paper and have them reviewed."""
        if self.model is None:
            return self._quoted(paper, text)
        if not text.sentences:
            return _Result(None, None, NOTHING_TO_READ, {})
        prompts, declared = self.prompts, self.prompts.analyze.sections
        language = i18n.prompt_name(self.profile.settings.language)
        question = claims_question(
            paper, text, prompts.analyze, profile=self.profile.prose, language=language
        )
        answer = await self.model.ask(question)
        if isinstance(answer, NoAnswer):
            return _Result(None, None, answer.reason, {"analyze": answer.spent})
        claimed = analysis_from_answer(answer.value, declared, self.profile.settings.language)
        reviewed = await review.review(
            claimed,
            declared,
            SourceIndex.of(
                text,
                title=paper.title,
                abstract=paper.abstract,
                profile=self.profile.prose,
                language=self.profile.settings.language,
            ),
            paper=paper,
            model=self.model,
            prompts=review.Prompts(repair=prompts.repair, verify=prompts.verify),
            language=language,
        )
        analysis, second = reviewed.analysis, reviewed.second_reader
        if omitted := count_omitted(answer.value, declared):
            dropped = {**second.dropped, "omitted": second.dropped.get("omitted", 0) + omitted}
            second = second.model_copy(update={"dropped": dropped})
        grounding = Grounding(
            claims=sum(len(section.claims) for section in analysis.sections),
            claims_dropped=sum(second.dropped.values()),
            numbers=reviewed.numbers,
            second_reader=second,
        )
        sections = tuple(
            _filled(section, declared[i], text) if claimed.sections[i].claims else section
            for i, section in enumerate(analysis.sections)
        )
        spent = {**reviewed.spent, "analyze": answer.spent + reviewed.spent["analyze"]}
        by = f"{answer.model} {prompts.analyze.version}"
        return _Result(analysis.model_copy(update={"sections": sections}), grounding, "", spent, by)

    async def write_briefs(self, shortlisted: Sequence[Judged]) -> briefs.Written:
        """Have briefs written of the shortlisted papers; where there is none, a sentence of the abstract stands for it.

        A paper that addresses a model is never asked about, since all papers share one prompt.
        """
        written = briefs.Written({}, {})
        if self.model is not None:
            written = await briefs.write_briefs(
                [j.paper for j in shortlisted if j.paper.abstract and "addresses_a_model" not in j.flags],
                model=self.model,
                prompts=briefs.Prompts(brief=self.prompts.brief, verify=self.prompts.verify),
                language=self.profile.settings.language,
            )
        found = {
            j.paper.id: written.briefs.get(j.paper.id) or self._quoted_brief(j.paper) for j in shortlisted
        }
        return briefs.Written({key: brief for key, brief in found.items() if brief}, written.spent)

    def _quoted_brief(self, paper: Paper) -> Brief | None:
        abstract = abstract_text(paper.abstract, paper.links.page)
        sentence = extractive.quote_in_short(abstract, self.prompts.analyze.sections)
        return Brief(text=sentence, quoted=True) if sentence else None

    def _quoted(self, paper: Paper, text: Text) -> _Result:
        quoted = _quotations(text, self.prompts.analyze.sections, paper.title, self.profile.settings.language)
        claims = sum(len(section.claims) for section in quoted.sections)
        grounding = Grounding(claims=claims, claims_dropped=0, numbers=0)
        return _Result(quoted, grounding, "", {}, extractive.JUDGED_BY)


def _quotations(text: Text, sections: Iterable[DeclaredSection], title: str, language: str) -> Analysis:
    """Quotations as an analysis; under limitations only what the authors admit, and nothing from an abstract alone."""

    def fits(section: DeclaredSection, sentence: Sentence) -> bool:
        admitted = text.basis != "abstract" and admits_limitation(sentence.section, sentence.text)
        return admitted or not section.is_limitations

    return extractive.quote(text, title, sections, language, fits=fits)


def _filled(section: Section, declared: DeclaredSection, text: Text) -> Section:
    """A section all of whose claims were dropped, with sentences quoted from the abstract."""
    if section.claims or declared.kind == "inference":
        return section
    abstract = [s for s in text.sentences if s.section.lower() == "abstract"] or list(text.sentences[:8])
    of_abstract = text.model_copy(update={"basis": "abstract", "sentences": tuple(abstract)})
    return section.model_copy(
        update={"claims": _quotations(of_abstract, [declared], "", "").sections[0].claims}
    )
