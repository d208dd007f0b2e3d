"""Write briefs of shortlisted papers: one call for all of them, exact gates, then a second reader for all that passed.

    papers ─ask once─> briefs ─gates, against title and abstract─> ─second reader─> supported | partly | unread

A brief that fails a gate or is contradicted is left out, without a repair: the abstract's own words stand in for it.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pydantic import BaseModel

from pipeline.core.models import MAX_BRIEF_WORDS, Brief, Claim, Paper, Sentence, Spent
from pipeline.core.stage_names import Call
from pipeline.core.tokens import count_words, estimate_tokens
from pipeline.extraction.text import abstract_text
from pipeline.grounding.gates import MAX_TERMS, check
from pipeline.grounding.second_reader import MAX_MISSING, ClaimVerdict, Item, read_again
from pipeline.grounding.source_index import Passage, SourceIndex
from pipeline.llm.interface import Model, NoAnswer, Question
from pipeline.llm.prompts import Prompt, asked_id, id_errors, one_line, papers_block
from pipeline.report import i18n

log = logging.getLogger(__name__)
MAX_PROMPT_TOKENS = 60_000  # of the papers of a call; twenty abstracts of arXiv take 9,000
# Words and numbers of title and abstract in one passage must not merge.
_SEPARATOR = " | "


# The docstrings and field names of the two answer types are in the JSON schema that is sent to the model.
class PaperBrief(BaseModel):
    """The brief of one paper."""

    id: str
    brief: str
    terms: list[str]


class Briefs(BaseModel):
    """The answer: every id exactly once."""

    briefs: list[PaperBrief]


@dataclass(frozen=True)
class Prompts:
    """The prompts for writing briefs, and for reading them a second time."""

    brief: Prompt
    verify: Prompt


@dataclass(frozen=True)
class Written:
    """The briefs that hold, by paper id, and the cost by kind of call."""

    briefs: Mapping[str, Brief]
    spent: Mapping[Call, Spent]


async def write_briefs(papers: Sequence[Paper], *, model: Model, prompts: Prompts, language: str) -> Written:
    """Have a brief written of each paper, in one call, and return those that pass gates and second reader.

    All papers share a prompt: those whose text addresses a model must not be among them. What does not fit into
    MAX_PROMPT_TOKENS is left out. Without an answer there are no briefs. Raises CredentialsError.
    """
    papers = _fitting(papers)
    if not papers:
        return Written({}, {})
    ids = [paper.id for paper in papers]
    system, user = prompts.brief.render(language=i18n.prompt_name(language), papers=papers_block(papers))
    answer = await model.ask(
        Question(
            stage="brief",
            about=f"{len(ids)} briefs",
            system=system,
            user=user,
            answer=Briefs,
            check=lambda briefs: id_errors((one.id for one in briefs.briefs), ids, "brief"),
            suspect=True,  # what the endpoint cannot answer is given up soon: nothing waits for briefs
        )
    )
    if isinstance(answer, NoAnswer):
        log.warning("no briefs: %s", answer.reason)
        return Written({}, {"brief": answer.spent})
    given = {asked_id(one.id, ids): one for one in answer.value.briefs}
    held = [
        (paper, one_line(given[paper.id].brief))
        for paper in papers
        if _holds(given[paper.id], paper, language)
    ]
    items = [Item(text, "stated", _sentences(paper)) for paper, text in held]
    reading = await read_again(model, prompts.verify, items, about="briefs", seed=" ".join(ids))
    verdicts = [reading.verdicts.get(index) for index in range(len(held))]
    briefs = {
        paper.id: _read(text, verdict)
        for (paper, text), verdict in zip(held, verdicts, strict=True)
        if verdict is None or verdict.outcome != "contradicted"
    }
    return Written(briefs, {"brief": answer.spent, "verify": reading.spent})


def _fitting(papers: Sequence[Paper]) -> list[Paper]:
    """The first papers, as many as fit into one prompt."""
    sizes = accumulate(estimate_tokens(papers_block([paper])) for paper in papers)
    return [paper for paper, size in zip(papers, sizes, strict=True) if size <= MAX_PROMPT_TOKENS]


def _holds(given: PaperBrief, paper: Paper, language: str) -> bool:
    """Whether a brief has a text, is short enough, and passes the gates of a claim that cites title and abstract."""
    text = one_line(given.brief)
    terms = tuple(one_line(term) for term in given.terms[:MAX_TERMS])
    if not text or count_words(text) > MAX_BRIEF_WORDS:
        log.info("%s: the brief is empty or too long", paper.id)
        return False
    whole = Sentence(id=1, section="", anchor=None, text=f"{paper.title}{_SEPARATOR}{paper.abstract}")
    source = SourceIndex.of(
        abstract_text("", paper.links.page).model_copy(update={"sentences": (whole,)}),
        title=paper.title,
        abstract=paper.abstract,
        profile="",
        language=language,
    )
    claim = Claim(text=text, terms=terms, kind="stated", evidence=(whole.id,))
    failure = check(claim, "claims", source).failure
    if failure is not None:
        log.info("%s: the brief fails: %s: %s", paper.id, failure.gate, failure.reason)
    return failure is None


def _sentences(paper: Paper) -> tuple[Passage, ...]:
    """The title, as sentence 0, and the sentences of the abstract."""
    abstract: Iterable[Sentence] = abstract_text(paper.abstract, paper.links.page).sentences
    return (Passage(0, "", paper.title), *(Passage(s.id, s.section, s.text) for s in abstract))


def _read(text: str, verdict: ClaimVerdict | None) -> Brief:
    """The brief with what the second reader said, who can only demote it."""
    if verdict is None:
        return Brief(text=text, reading="unread")
    if verdict.outcome == "partly":
        return Brief(text=text, reading="partly", missing=one_line(verdict.missing)[:MAX_MISSING])
    return Brief(text=text, reading="supported")
