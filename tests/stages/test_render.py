"""Analyzed → Digest: everybody is on the page once, and every quotation is copied from the text."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.artifacts import Analyzed, Digest, Judged, Seen
from pipeline.core.models import Brief, Code, Figure, Followed, Grounding, Pending, Venue, Verdict
from pipeline.stages import render
from tests.builders import DAY, Scripted, paper
from tests.stages.test_analyze import SENTENCES, answer, read, scored


def analyzed(*keys: str, **given: Any) -> Analyzed:
    found = read(Scripted(lambda _: answer()), scored(*keys))
    return found.model_copy(update={"scored": found.scored.model_copy(update=given)})


def judged(key: str, outcome: str, score: int | None, rank: int) -> Judged:
    verdict = Verdict(
        topic=None if score is None else 2.0,
        transfer=None,
        substance=None,
        excluded=outcome == "excluded",
        spread=None,
        score=score,
        rank=rank,
        reason=f"about {key}",
        judged_by="m",
    )
    return Judged.model_validate({"paper": paper(key), "verdict": verdict, "outcome": outcome, "flags": ()})


def test_evidence_is_copied_from_the_text_and_linked_to_its_place(project: Path) -> None:
    digest = render.render(analyzed("2601.00001"))
    (pick,) = digest.picks
    cited = {one.sentence: one for s in pick.sections for claim in s.claims for one in claim.evidence}
    assert {key: one.quote for key, one in cited.items()} == {n: SENTENCES[n - 1] for n in (1, 4, 5)}
    assert cited[5].url == "https://arxiv.org/html/2601.00001v1#S5"
    assert (pick.basis, pick.sentences_read, pick.numbers_checked, pick.claims_dropped) == ("html", 5, 2, 0)


def test_a_page_that_is_not_there_is_no_link(project: Path) -> None:
    base = analyzed("2601.00001")
    text = base.texts["2601.00001"].model_copy(update={"basis": "pdf"})
    (pick,) = render.render(base.model_copy(update={"texts": {"2601.00001": text}})).picks
    assert pick.links.html is None
    assert pick.links.page == "https://arxiv.org/abs/2601.00001"
    (read_as_html,) = render.render(base).picks
    assert read_as_html.links.html == "https://arxiv.org/html/2601.00001v1"


def test_candidates_stand_in_the_order_of_the_page(project: Path) -> None:
    base = analyzed("2601.00001")
    others = (
        judged("2601.00002", "below_threshold", 40, 5),
        judged("2601.00003", "unscored", None, 2),
        judged("2601.00004", "prefiltered", None, 9),
        judged("2601.00005", "shortlisted", 88, 3),
        judged("2601.00006", "below_threshold", 40, 4),
    )
    seen = (Seen(paper=paper("2601.00007"), on=DAY - dt.timedelta(days=1), score=99, outcome="picked"),)
    full = base.model_copy(
        update={
            "scored": base.scored.model_copy(update={"papers": (*others, *base.scored.papers), "seen": seen})
        }
    )
    digest = render.render(full)
    assert [one.id[-1] for one in digest.candidates] == ["1", "5", "6", "2", "3", "4", "7"]
    assert digest.candidates[-1].outcome == "seen"
    assert digest.candidates[-1].seen_on == dt.date(2026, 1, 29)
    assert digest.candidates[-1].score == 99


@pytest.mark.parametrize(
    ("marks", "expected"),
    [(((70, 1), (90, 2)), [90, 70]), (((None, 2), (None, 1)), [None, None])],
    ids=["by score", "by rank"],
)
def test_the_better_pick_comes_first(
    project: Path, marks: tuple[tuple[int | None, int], ...], expected: list[int | None]
) -> None:
    keys = ("2601.00001", "2601.00002")
    papers = tuple(judged(key, "picked", *mark) for key, mark in zip(keys, marks, strict=True))
    picks = render.render(analyzed(*keys, papers=papers)).picks
    assert [one.id for one in picks] == ["2601.00002", "2601.00001"]
    assert [one.score for one in picks] == expected


def test_all_authors_of_picks_and_shortlist_stand_in_the_report_and_ten_of_others(project: Path) -> None:
    crowd = tuple(f"Author {n}" for n in range(300))
    papers = tuple(
        judged(f"2601.0000{n}", outcome, 90 - n, n).model_copy(
            update={"paper": paper(f"2601.0000{n}", authors=crowd)}
        )
        for n, outcome in enumerate(("picked", "shortlisted", "below_threshold"), start=1)
    )
    digest = render.render(analyzed("2601.00001", papers=papers))
    (pick,) = digest.picks
    assert (pick.authors, pick.more_authors) == (crowd, 0)
    assert [(len(one.authors), one.more_authors) for one in digest.candidates] == [
        (10, 290),
        (300, 0),
        (10, 290),
    ]


def test_a_collaboration_of_thousands_is_cut_at_five_hundred(project: Path) -> None:
    crowd = paper("2601.00001", authors=tuple(f"Author {n}" for n in range(3000)))
    papers = (judged("2601.00001", "picked", 90, 1).model_copy(update={"paper": crowd}),)
    (pick,) = render.render(analyzed("2601.00001", papers=papers)).picks
    assert (len(pick.authors), pick.more_authors) == (500, 2500)


def completed(base: Analyzed, **given: Any) -> Analyzed:
    """The day with what arXiv's API adds to its papers."""
    papers = {one.paper.id: one.paper.model_copy(update=given) for one in base.scored.papers}
    return base.model_copy(update={"papers": papers})


def test_a_pick_tells_venue_doi_categories_and_code(project: Path) -> None:
    links = paper("2601.00001").links.model_copy(update={"code": "https://github.com/a/b"})
    added = {
        "journal_ref": "A Journal 1 (2026)",
        "comment": "Accepted at A",
        "doi": "10.1000/a",
        "categories": ("cs.CV", "eess.IV"),
        "links": links,
        "stars": 7,
    }
    (pick,) = render.render(completed(analyzed("2601.00001"), **added)).picks
    assert pick.venue == Venue(text="A Journal 1 (2026)", source="journal_ref")
    assert (pick.doi, pick.categories) == ("10.1000/a", ("cs.CV", "eess.IV"))
    assert pick.code == Code(url="https://github.com/a/b", stars=7)
    assert pick.links.code == "https://github.com/a/b"
    (plain,) = render.render(completed(analyzed("2601.00001"), links=links, stars=0)).picks
    assert (plain.venue, plain.doi, plain.code) == (None, None, Code(url="https://github.com/a/b"))


@pytest.mark.parametrize(
    "comment",
    [
        "Accepted at ICML 2026",
        "8 pages, accepted at the 6th workshop",
        "GUI Testing",
        "CVPR 2026",
        "21 pages, version 3. Added an application",
    ],
)
def test_a_comment_is_told_whole_as_the_authors_words(project: Path, comment: str) -> None:
    (pick,) = render.render(completed(analyzed("2601.00001"), comment=comment)).picks
    assert pick.venue == Venue(text=comment, source="comments")


@pytest.mark.parametrize(
    "comment", ["20 pages, 3 figures", "12 Pages", "8 pages, 8 figures, 4 tables.", "50 pages; 4 figures and 2 tables"]
)  # fmt: skip
def test_a_comment_that_only_counts_is_no_venue(project: Path, comment: str) -> None:
    (pick,) = render.render(completed(analyzed("2601.00001"), comment=comment)).picks
    assert pick.venue is None


def test_a_shortlisted_paper_has_its_brief_and_what_a_reference_needs_and_no_other_has(project: Path) -> None:
    papers = (
        judged("2601.00001", "picked", 90, 1),
        judged("2601.00002", "shortlisted", 80, 2),
        judged("2601.00003", "below_threshold", 40, 3),
    )
    base = analyzed("2601.00001", papers=papers)
    brief = Brief(text="It restores.", reading="supported")
    day = completed(base, doi="10.1000/a", categories=tuple(f"c{n}" for n in range(60)))
    digest = render.render(day.model_copy(update={"briefs": {"2601.00002": brief}}))
    assert [(one.brief, one.doi, len(one.categories)) for one in digest.candidates] == [
        (None, None, 0),
        (brief, "10.1000/a", 20),
        (None, None, 0),
    ]


def test_the_main_figure_is_that_of_the_text(project: Path) -> None:
    base = analyzed("2601.00001")
    figure = Figure(caption="Figure 1: Overview.", url="https://arxiv.org/html/2601.00001v1#S1.F1")
    text = base.texts["2601.00001"].model_copy(update={"figure": figure})
    (pick,) = render.render(base.model_copy(update={"texts": {"2601.00001": text}})).picks
    assert pick.figure == figure


def test_what_an_earlier_run_of_the_date_published_is_kept(project: Path) -> None:
    """First run: two picks, the second without an analysis. Second run: only that one is redone."""
    first_run = analyzed("2601.00001", "2601.00002")
    pending = Pending(id="2601.00002", stage="analyze", reason="HTTP 529", since=DAY)
    without = first_run.model_copy(
        update={
            "analyses": {"2601.00001": first_run.analyses["2601.00001"]},
            "grounding": {"2601.00001": first_run.grounding["2601.00001"]},
            "pending": (pending,),
        }
    )
    published = render.render(without)
    assert [one.headline for one in published.picks] == ["一步扩散做图像修复", ""]
    kept = published.model_copy(
        update={
            "candidates": published.candidates[:1],
            "picks": published.picks[:1],
            "pending": (),
        }
    )
    second = render.render(analyzed("2601.00002", kept=kept))
    assert [one.headline for one in second.picks] == ["一步扩散做图像修复"] * 2
    assert second.pending == ()
    assert second.picks[0] == published.picks[0]
    assert second.usage.calls == published.usage.calls + 5
    assert second.usage.stages["analyze"].calls == 3


def test_what_was_left_out_is_a_flag(project: Path) -> None:
    base = analyzed("2601.00001")
    text = base.texts["2601.00001"].model_copy(
        update={"left_out": {"hidden": 2, "cut": 10, "references": 40}}
    )
    digest = render.render(base.model_copy(update={"texts": {"2601.00001": text}}))
    assert digest.picks[0].flags == ("hidden_text", "cut")


def test_an_incomplete_text_and_refused_styles_are_flags(project: Path) -> None:
    base = analyzed("2601.00001")
    text = base.texts["2601.00001"]
    for update, flags in (
        ({"incomplete": "it breaks off"}, ("incomplete",)),
        ({"unclear_styles": True}, ("unclear_styles",)),
        ({"looks_cut": True}, ()),
    ):
        texts = {"2601.00001": text.model_copy(update=update)}
        assert render.render(base.model_copy(update={"texts": texts})).picks[0].flags == flags


def test_the_day_a_text_was_read_stands_in_the_report_if_it_is_known(project: Path) -> None:
    base = analyzed("2601.00001")
    day = dt.date(2026, 1, 29)
    texts = {"2601.00001": base.texts["2601.00001"].model_copy(update={"read_on": day})}
    known = render.render(base.model_copy(update={"texts": texts}))
    assert json.loads(known.model_dump_json())["picks"][0]["read_on"] == "2026-01-29"
    assert "read_on" not in json.loads(render.render(base).model_dump_json())["picks"][0]


def test_what_is_suspicious_about_a_paper_is_a_flag_of_its_pick(project: Path) -> None:
    suspect = judged("2601.00001", "picked", 90, 1).model_copy(update={"flags": ("addresses_a_model",)})
    (pick,) = render.render(analyzed("2601.00001", papers=(suspect,))).picks
    assert pick.flags == ("addresses_a_model",)


def test_followed_authors_stand_with_the_candidate_and_with_its_pick(project: Path) -> None:
    followed = (Followed(name="Jane Smith", perhaps="J. Smith"),)
    theirs = judged("2601.00001", "picked", 90, 1).model_copy(update={"followed": followed})
    digest = render.render(analyzed("2601.00001", papers=(theirs,)))
    assert digest.candidates[0].followed == digest.picks[0].followed == followed
    assert '"followed"' not in render.render(analyzed("2601.00001")).model_dump_json()


def test_what_a_page_comes_from_is_said(project: Path) -> None:
    url = "https://github.com/me/digest/actions/runs/1"
    digest = render.render(analyzed("2601.00001").model_copy(update={"run_url": url}))
    assert digest.candidates[0].spread == 2.0
    assert digest.provenance.run_url == url
    assert digest.provenance.profile == "mine@00000000"


def test_the_digest_is_read_back_and_its_page_is_the_same(project: Path) -> None:
    digest = render.render(analyzed("2601.00001"))
    again = Digest.model_validate_json(digest.model_dump_json())
    assert again == digest
    assert render.page(again) == render.page(digest)


def test_dropped_claims_and_cost_are_said(project: Path) -> None:
    base = analyzed("2601.00001")
    grounding = {"2601.00001": Grounding(claims=4, claims_dropped=3, numbers=2)}
    digest = render.render(base.model_copy(update={"grounding": grounding}))
    assert digest.picks[0].claims_dropped == 3
    assert digest.usage.calls == 5
    assert digest.usage.usd == 0.012
