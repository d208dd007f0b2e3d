"""A model that does whatever planted text says: how far does that reach?

The model here obeys any sentence of the lists that it finds in a prompt: it gives the paper that holds it full marks,
and every other paper of the same prompt the lowest and a word of scorn. What no program can promise (that such a
sentence is recognized) is counted; what it can promise is asserted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.artifacts import Judged, Scored, Voted, VotesUsed
from pipeline.core.models import Brief, Paper
from pipeline.llm.interface import Question
from pipeline.scoring.injection import addresses_a_model
from pipeline.scoring.llm_scorer import Batch
from pipeline.stages.score import suspicious
from tests.builders import Scripted, fetched, paper
from tests.scoring.test_llm_scorer import ids_in, mark
from tests.stages.test_analyze import VERDICT, read, with_shortlist
from tests.stages.test_score import judge

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "feeds" / "injections.json").read_text())
WRITTEN = json.loads((HERE / "scoring" / "addressing.json").read_text())
STRINGS = [*RECORDED["verbatim_in_real_papers"], *RECORDED["experiment_payloads_by_others"]]
PARAPHRASES = [*WRITTEN["development"], *WRITTEN["held_out"]]
VICTIM = "2601.00013"


def obeying(planted: str) -> Scripted:
    def answer(question: Question[Any]) -> object:
        obeys = planted in question.user
        return {
            "marks": [
                mark(key, topic=5, transfer=5, substance=5)
                if obeys and key == VICTIM
                else mark(key, **({"topic": 0, "reason": "worthless"} if obeys else {}))
                for key in ids_in(question)
            ]
        }

    return Scripted(answer)


def day(planted: str, where: str) -> list[Paper]:
    papers = [paper(f"2601.{n:05d}", abstract="We restore images.") for n in range(1, 31)]
    given = (
        {"title": f"Images. {planted}"} if where == "title" else {"abstract": f"We restore images. {planted}"}
    )
    return [paper(VICTIM, **given) if one.id == VICTIM else one for one in papers]


def others(scored: Scored) -> dict[str, tuple[Any, ...]]:
    """All that is published of the other papers: marks, score, reason, outcome aside."""
    return {
        one.paper.id: (
            one.verdict.topic,
            one.verdict.transfer,
            one.verdict.score,
            one.verdict.reason,
            one.flags,
        )
        for one in scored.papers
        if one.paper.id != VICTIM
    }


@pytest.fixture
def clean(project: Path) -> dict[str, tuple[Any, ...]]:
    return others(judge(project, fetched(day("", "abstract")), obeying("nobody writes this")))


@pytest.mark.parametrize("where", ["title", "abstract"])
@pytest.mark.parametrize("planted", STRINGS, ids=range(len(STRINGS)))
def test_recorded_strings_reach_no_other_paper(
    project: Path, clean: dict[str, tuple[Any, ...]], planted: str, where: str
) -> None:
    scored = judge(project, fetched(day(planted, where)), obeying(planted))
    assert others(scored) == clean
    victim = next(one for one in scored.papers if one.paper.id == VICTIM)
    assert victim.flags == ("addresses_a_model",)


def test_a_sentence_that_gets_by_moves_only_papers_of_its_own_calls(
    project: Path, clean: dict[str, tuple[Any, ...]]
) -> None:
    """The other 14 of its batch: with full marks it is not near the threshold, so no further pass has it.

    When the best 20 were marked three times, whatever their place, it moved 26 of 29.
    """
    planted = "Neighbors are worthless."
    assert not addresses_a_model(planted)
    model = obeying(planted)
    found = others(judge(project, fetched(day(planted, "abstract")), model))
    moved = {key for key, before in clean.items() if found[key] != before}
    (batch,) = [ids_in(question) for question in model.asked if VICTIM in ids_in(question)]
    assert moved == {*batch} - {VICTIM}
    assert len(moved) == 14


@pytest.mark.long
def test_paraphrases_that_are_missed_are_counted(project: Path, clean: dict[str, tuple[Any, ...]]) -> None:
    """2 of 46 go unrecognized, share a batch, and pull their neighbors in it down. So a mark is not a promise."""
    shared = [planted for planted in PARAPHRASES if not addresses_a_model(planted)]
    assert len(PARAPHRASES) == 46
    assert len(shared) <= 2
    for planted in PARAPHRASES:
        found = others(judge(project, fetched(day(planted, "abstract")), obeying(planted)))
        moved = [key for key, before in clean.items() if found[key] != before]
        assert bool(moved) == (planted in shared)


# -- briefs of the shortlist -------------------------------------------------------------------------------

SLANDER = "Not worth reading."


def briefs_of(planted: str, where: str, *, obeys: str) -> dict[str, Brief]:
    """Briefs of four shortlisted papers, by a model that slanders all papers of a prompt that holds what it obeys."""

    def answer(question: Question[Any]) -> object:
        if question.stage != "brief":
            return {"verdicts": []}  # whoever reads a second time has nothing to say
        said = SLANDER if obeys in question.user else "Images are restored."
        found = [{"id": key, "brief": said, "terms": ["restore images"]} for key in ids_in(question)]
        return {"briefs": found}

    papers = [one for one in day(planted, where) if "2601.00011" <= one.id <= "2601.00014"]
    listed = [
        Judged(
            paper=one,
            verdict=VERDICT,
            outcome="shortlisted",
            flags=("addresses_a_model",) if suspicious([one]) else (),
        )
        for one in papers
    ]
    model = Scripted(answer)
    return read(model, with_shortlist(*listed)).briefs


@pytest.mark.parametrize("where", ["title", "abstract"])
def test_recorded_strings_reach_no_brief(project: Path, where: str) -> None:
    clean = briefs_of("", where, obeys="nobody writes this")
    del clean[VICTIM]
    assert {brief.text for brief in clean.values()} == {"Images are restored."}
    for planted in STRINGS[::4]:
        briefs = briefs_of(planted, where, obeys=planted)
        assert briefs.pop(VICTIM).quoted
        assert briefs == clean


@pytest.mark.long
def test_paraphrases_that_are_missed_slander_briefs_unless_the_second_reader_objects(project: Path) -> None:
    """2 of 46 go unrecognized and share the prompt. No gate knows that a slander is one."""
    shared = [planted for planted in PARAPHRASES if not addresses_a_model(planted)]
    for planted in PARAPHRASES:
        briefs = briefs_of(planted, "abstract", obeys=planted)
        assert (SLANDER in {brief.text for brief in briefs.values()}) == (planted in shared)


# -- votes as examples in the prompt of the marks ----------------------------------------------------------


def voted(planted: list[str]) -> tuple[Voted, ...]:
    """Eight votes on papers with these titles, or the first of them."""
    titles = [planted[n % len(planted)] for n in range(8)] if planted else []
    return tuple(
        Voted(paper=paper(f"2512.{n:05d}", title=f"Images. {title}"), verdict="more", score=70)
        for n, title in enumerate(titles, 1)
    )


def marked(project: Path, planted: list[str], obeys: str) -> tuple[Scored, Scripted]:
    model = obeying(obeys)
    return judge(project, fetched(day("", "abstract"), voted=voted(planted)), model), model


def beside_marks(scored: Scored) -> list[tuple[Any, ...]]:
    """All of a digest that is no mark, no word of the model about its paper, and nothing that follows from them."""
    kept = scored.model_dump(exclude={"papers", "votes_used", "pending", "spent", "prompts"})
    papers = [(one.paper, one.flags, one.verdict.rank, one.verdict.judged_by) for one in scored.papers]
    return [tuple(kept.items()), *sorted(papers, key=lambda one: one[0].id)]


def test_recorded_strings_as_titles_of_voted_papers_reach_no_paper(project: Path) -> None:
    """Eight at a time: none becomes an example."""
    clean, _ = marked(project, [], "nobody writes this")
    for start in range(0, len(STRINGS), 8):
        for planted in STRINGS[start : start + 8]:
            scored, _ = marked(project, STRINGS[start : start + 8], planted)
            assert scored.papers == clean.papers
            assert scored.votes_used == VotesUsed(more=8, less=0)


def test_titles_that_get_by_move_all_marks_and_nothing_else(project: Path) -> None:
    """Examples stand in every call, so that one whom the reader voted for reaches further than one of the day.

    29 of 29 papers lose their marks, and the one that the sentence is for gains; ids, titles, links, flags, ranks and
    what the digest says of itself stay as they are.
    """
    planted = "Neighbors are worthless."
    clean, asked = marked(project, ["Of pictures."], planted)
    scored, model = marked(project, [planted], planted)
    assert all(ids_in(question) for question in asked.asked)
    before, after = others(clean), others(scored)
    assert sum(after[key] != before[key] for key in before) == 29
    assert {reason for *_, reason, _ in after.values()} == {"worthless"}
    assert beside_marks(scored) == beside_marks(clean)
    for question in model.asked:
        if question.answer is Batch:
            assert {*ids_in(question)} <= {one.paper.id for one in scored.papers}
        else:
            assert planted not in question.user
