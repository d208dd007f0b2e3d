from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import jinja2.nodes
import pytest

import pipeline.report.page as page_module
from pipeline.core.artifacts import CitedClaim, Digest, Pick, VotesUsed
from pipeline.core.models import (
    Code,
    Engine,
    Flag,
    Followed,
    Outcome,
    SecondReading,
    Signal,
    SourceStatus,
    Venue,
)
from pipeline.core.upgrade import upgrade
from pipeline.report import candidates, i18n
from pipeline.report.escape import escape
from pipeline.report.page import MAX_BYTES, TEMPLATES, page, summary
from tests.report import days, github
from tests.report.made_up import DATE, candidate

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = [(kind, language) for kind in days.KINDS for language in days.LANGUAGES]


def test_every_golden_file_is_compared() -> None:
    used = {f"{kind}.{language}.md" for kind, language in [*CASES, *days.ALSO_READ]} | {
        f"{kind}.summary.en.md" for kind in days.KINDS
    }
    assert {path.name for path in GOLDEN.glob("*.md")} == used


def test_the_same_digest_gives_the_same_bytes() -> None:
    digest = days.failed("ja")
    again = Digest.model_validate_json(digest.model_dump_json())
    assert page(digest) == page(again)


@pytest.mark.parametrize(
    ("previous", "link"),
    [
        (dt.date(2026, 1, 29), "[← 01-29](2026-01-29.md)"),
        (dt.date(2026, 1, 1), "[← 01-01](2026-01-01.md)"),
        (dt.date(2025, 12, 31), "[← 2025-12-31](../../2025/12/2025-12-31.md)"),
    ],
)
def test_the_way_back(previous: dt.date, link: str) -> None:
    assert link in page(days.digest("en", previous=previous))


def test_the_way_back_over_the_end_of_a_month() -> None:
    digest = days.digest("en", date=dt.date(2026, 3, 1), previous=dt.date(2026, 2, 27))
    assert "[← 02-27](../02/2026-02-27.md)" in page(digest)


def test_the_first_day_has_no_way_back() -> None:
    assert "←" not in page(days.digest("en", previous=None))


@pytest.mark.parametrize(
    ("score", "band"),
    [(90, "must read"), (89, "recommended"), (75, "recommended"), (74, "worth a look")],
)  # fmt: skip
def test_bands(score: int, band: str) -> None:
    digest = days.digest("en", picks=(days.flow("en", score=score),))
    text = page(digest)
    assert f"· 1 {band} ·" in text
    assert f"**{score}** / 100 ± 3 · {band} ·" in text


def test_ten_places_two_picks() -> None:
    text = page(days.digest("en", places=10))
    assert "**Scanned 8, picked 2** · 1 must read, 1 recommended · About" in text
    assert "at most 10 with 60 points or more" in text


@pytest.mark.parametrize(
    ("used", "line"),
    [
        (VotesUsed(more=9, less=3, examples=8), "- 12 votes read (9 more, 3 less): they weigh in the ranking, 8 of them stand as examples in the prompt that marks papers\n"),
        (VotesUsed(more=0, less=1, examples=1), "- 1 vote read (0 more, 1 less): it weighs in the ranking, 1 of them stands as an example in the prompt that marks papers\n"),
        (VotesUsed(more=2, less=0), "- 2 votes read (2 more, 0 less): they weigh in the ranking\n"),
    ],
)  # fmt: skip
def test_the_page_says_once_from_how_many_votes_it_learned(used: VotesUsed, line: str) -> None:
    without = page(days.digest("en"))
    assert page(days.digest("en", votes_used=used)).replace(line, "") == without
    for language in i18n.LANGUAGES:
        text, plain = (page(days.digest(language, votes_used=given)) for given in (used, None))
        (added,) = {*text.split("\n")} - {*plain.split("\n")}
        counts = [used.more + used.less, used.more, used.less, *([used.examples] if used.examples else [])]
        assert [int(n) for n in re.findall(r"\d+", added)] == counts


def test_the_one_paper_that_could_not_be_scored_is_not_one_of_several() -> None:
    many = days.unscored("en")
    one = many.model_copy(update={"candidates": many.candidates[:1], "pending": many.pending[:1]})
    assert "**None of 4 papers could be scored**" in page(many)
    assert "**The one paper scanned could not be scored**" in page(one)


def test_what_was_judged_before_is_counted_apart_and_leads_to_its_day() -> None:
    text = page(days.full("en"))
    assert "**Scanned 10, picked 2**" in text  # eleven are listed, one of them was judged the day before
    assert "— [judged on 01-29](2026-01-29.md)" in text


def test_an_unmarked_pick_has_no_band_and_no_hundred() -> None:
    text = page(days.local("en"))
    assert "/ 100" not in text
    assert "**No. 1**" in text
    assert "No model was used" in text


@pytest.mark.slow
def test_a_page_stays_small_enough_to_be_published() -> None:
    many = tuple(
        days.candidate(n, None, "prefiltered", id=f"2601.{n:05d}", rank=n, title="$" * 240)
        for n in range(900)
    )
    text = page(days.digest("en", candidates=(*days.picked("en"), *many)))
    assert 10_000 < len(text.encode()) <= MAX_BYTES
    listed = text.count("— not sent to the model")
    assert f"- {900 - listed} more are in the data" in text


def test_all_candidates_of_an_ordinary_night_are_listed() -> None:
    many = tuple(days.candidate(n, 30, "below_threshold", id=f"2601.{n:05d}") for n in range(300))
    text = page(days.digest("en", candidates=(*days.picked("en"), *many)))
    assert text.count("— no reason given") == 300
    assert "in the data\n" not in text


POSTS = {"blog.example.org/feed": Signal(day=DATE)}


def test_the_rows_of_a_long_list_are_shared_by_source_and_seen_papers_have_what_is_left() -> None:
    """450 entries of a feed that score higher, 300 papers of arXiv, 100 seen before: 200 of each of the first two."""
    posts = [days.candidate(n, 55, "below_threshold", id=f"feed-{n}", signals=POSTS) for n in range(450)]
    papers = [days.candidate(n, 30, "below_threshold", id=f"2601.{n:05d}") for n in range(300)]
    seen = [days.candidate(n, 70, "seen", id=f"2512.{n:05d}", seen_on=DATE) for n in range(100)]
    shown = candidates.share_rows([*posts, *papers, *seen], candidates.MAX_ROWS)
    assert shown == [*posts[:200], *papers[:200]]
    assert candidates.share_rows([*posts[:50], *seen], 100) == [*posts[:50], *seen[:50]]
    digest = days.digest("en", candidates=(*posts, *papers, *seen), picks=())
    assert [one.id for one in candidates.nearest(digest)] == ["feed-0", "feed-1", "2601.00000"]
    text = page(digest)
    assert text.count("— no reason given") == 3 + 400
    assert text.count("/abs/2601.") == 1 + 200


def test_papers_of_followed_authors_are_in_sight_once_and_no_more_than_thirty() -> None:
    """Two of the nearest three are theirs too, and stand there."""
    theirs = (Followed(name="A. B. Nobody"),)
    many = [days.candidate(n, 50 - n, "below_threshold", followed=theirs if n else ()) for n in range(40)]
    digest = days.digest("en", candidates=many, picks=())
    assert candidates.of_followed(digest) == many[3:33]
    text = page(digest)
    assert text.count("/abs/2601.98") == 40
    in_sight = text.split("<details", 1)[0]
    assert in_sight.count("👤 A. B. Nobody") == 2 + 30
    assert "The other 7, and why not" in text


def test_what_waits_in_a_feed_and_what_left_it_is_said() -> None:
    one = SourceStatus(
        name="blog.example.org/feed",
        status="ok",
        count=500,
        through=DATE,
        gaps=("3 entries left the feed before being judged",),
        waiting=("feed-1", "feed-2"),
    )
    text = page(days.digest("en", sources=(one,)))
    top, bottom = text.split("<details", 1)[0], text.rsplit("<details", 1)[1]
    assert "was not read in full: 3 entries left the feed before being judged." in top
    assert "2 entries wait for a later night" in bottom
    assert "feed-1" not in text


@pytest.mark.parametrize(
    ("carried", "complete"),
    [
        ({}, "2026-01-30"),  # a report of an older version
        ({"watermark": dt.date(2026, 1, 28), "first_failure": DATE}, "2026-01-28"),
        ({"watermark": DATE}, "2026-01-30"),
        ({"first_failure": DATE}, None),  # never read in full
        ({"watermark": DATE, "gaps": ("2026-01-21, given up after a week",)}, None),
    ],
)
def test_complete_up_to_is_said_of_the_watermark_alone(carried: dict[str, Any], complete: str | None) -> None:
    one = SourceStatus(name="arxiv", status="ok", count=5, through=DATE, **carried)
    bottom = page(days.digest("en", sources=(one,))).rsplit("<details", 1)[1]
    assert ("complete up to" in bottom) == (complete is not None)
    assert complete is None or f"complete up to {complete}" in bottom


def test_a_day_that_is_given_up_is_named_at_the_top() -> None:
    gap = "2026-01-20 to 2026-01-22, given up after a week"
    one = SourceStatus(name="arxiv", status="ok", count=5, through=DATE, watermark=DATE, gaps=(gap,))
    top = page(days.digest("en", sources=(one,))).split("<details", 1)[0]
    assert f"arXiv was not read in full: {gap}." in top


def test_a_day_of_seen_papers_only() -> None:
    seen = days.candidate(1, 70, "seen", seen_on=dt.date(2026, 1, 28), rank=None)
    text = page(days.digest("en", candidates=(seen,), picks=()))
    assert "**No new papers**" in text
    assert "and why not" not in text


def test_why_a_pick_suits_the_reader_is_said_once() -> None:
    """By the hook, or for want of one by the reason of the score; the block of the pick repeats neither."""
    reason, hook = days.picked("en")[0].reason, days.flow("en").hook
    text = page(days.digest("en"))
    assert text.count(hook) == 1
    assert reason not in text
    assert f"(#arxiv-2601-99001)**<br>{reason}\n" in only(days.flow("en", hook=""))


def test_a_headline_that_gave_way_to_the_title_is_not_printed_below_it() -> None:
    assert f"**{days.flow('en').headline}**<br>\n<sub>" in only(days.flow("en"))
    text = only(days.flow("en", headline=days.FLOW_TITLE))
    assert text.count(days.FLOW_TITLE) == 2  # in the overview, and as the heading
    assert f"{days.FLOW_TITLE}\n\n<sub>**92**" in text


@pytest.mark.parametrize(("spread", "shown"), [(None, False), (0.0, False), (0.4, False), (0.6, True)])
def test_the_spread_is_shown_and_explained_only_where_passes_differed(spread: float, shown: bool) -> None:
    listed = tuple(c.model_copy(update={"spread": spread}) for c in days.picked("en"))
    text = page(days.digest("en", candidates=listed))
    assert ("/ 100 ± 1 · must read" in text) == shown
    assert ("± how far" in text) == shown


def test_a_sentence_is_quoted_once_however_many_claims_cite_it() -> None:
    """Of the first pick ten sentences are cited, three of them twice; of the second, five in eight citations."""
    text = page(days.full("en"))
    cited = [e for pick in days.full("en").picks for s in pick.sections for c in s.claims for e in c.evidence]
    assert len(cited) == 13 + 8
    assert text.count("“We have not tested videos.”") == 1
    assert text.count("“We collect 600 imaginary clips") == 1
    assert "10. “We have not tested videos.” [§6](" in text
    for claim in ("Videos have not been tested.", "jumps between video frames."):
        assert f"{claim} [\\[10\\]](https://arxiv.org/html/2601.99001v1#S6.p2)\n" in text


def test_where_all_sentences_stand_on_one_page_its_link_stands_once() -> None:
    text = only(days.bench("en"))
    assert text.count("(https://arxiv.org/abs/2601.99002v1)") == 1
    assert "mixed blur, noise and compression. \\[1\\] \\[2\\]\n" in text


def test_a_venue_is_quoted_as_the_authors_statement_and_no_longer_than_a_line() -> None:
    venue = Venue(text="Accepted at [MUCV](https://evil.example) " + "x" * 100, source="comments")
    line = next(line for line in only(days.flow("en", venue=venue)).splitlines() if line.startswith("<sub>"))
    assert " · authors: “Accepted at \\[MUCV\\]\\(https<span>:</span>//evil.example) xxx" in line
    assert line.endswith("xxx…”</sub><br>")
    assert len(line) < 300


def test_code_stands_once_with_its_stars() -> None:
    starred = Code(url="https://github.com/nobody/toyflow", stars=120)
    assert only(days.flow("en", code=starred)).count("(https://github.com/nobody/toyflow)") == 1
    assert "[Code ★120](https://github.com/nobody/toyflow)" in only(days.flow("en", code=starred))
    unknown = Code(url="https://github.com/nobody/other")
    assert "[Code](https://github.com/nobody/other)" in only(days.flow("en", code=unknown))


def test_a_feed_that_passes_with_everything_does_not_fill_the_page() -> None:
    """50 entries of a feed and 20 papers of arXiv pass: 30 stand in sight, half of them arXiv's; the others in the fold."""
    posts = [days.candidate(n, 99, "shortlisted", id=f"feed-{n}", signals=POSTS) for n in range(50)]
    papers = [days.candidate(n, 70, "shortlisted", id=f"2601.{n:05d}") for n in range(20)]
    digest = days.digest("en", candidates=(*days.picked("en"), *posts, *papers))
    shown = candidates.shortlist(digest)
    assert [one.score for one in shown] == [99] * 15 + [70] * 15
    text = page(digest)
    in_sight = text[
        text.index('## <a id="shortlist"></a>70 more reach 60 points') : text.index(
            "The other 40, and why not"
        )
    ]
    assert in_sight.count("\n- **") == 30
    assert text.count("— no reason given\n") == 30
    assert text.count("— passed, but the places were taken\n") == 40


def test_without_a_model_who_passed_stands_before_who_failed_whatever_their_ranks() -> None:
    outcomes: dict[int, Outcome] = {1: "below_threshold", 2: "shortlisted", 3: "seen", 4: "shortlisted"}
    listed = [days.candidate(n, None, outcome, rank=n) for n, outcome in outcomes.items()]
    digest = days.local("en").model_copy(update={"candidates": tuple(listed), "picks": ()})
    assert [one.rank for one in candidates.others(digest)] == [2, 4, 1, 3]


def test_a_report_of_version_1_keeps_its_words() -> None:
    """Every text that its old page showed stands on the new one; a reason gives way to the hook beside it."""
    raw = json.loads((GOLDEN.parent / "core" / "report_v1.json").read_bytes())
    text = github.tree(page(Digest.model_validate(upgrade(raw)))).line
    hooks = {pick["id"] for pick in raw["picks"] if pick["hook"]}
    told = [c["title"] for c in raw["candidates"]]
    told += [c["reason"] for c in raw["candidates"] if c["id"] not in hooks]
    for pick in raw["picks"]:
        claims = [claim for section in pick["sections"] for claim in section["claims"]]
        told += [pick["headline"], pick["hook"], *(claim["text"] for claim in claims)]
        told += [e["quote"] for claim in claims for e in claim["evidence"]]
    for said in told:
        assert github.tree(escape(said) or " ").line in text


def test_links_that_are_no_addresses_are_left_out() -> None:
    bad = days.candidate(9, 20, "below_threshold", url="javascript:alert(1)")
    pick = days.flow("en")
    pick = pick.model_copy(update={"links": pick.links.model_copy(update={"code": "http://evil.example/"})})
    text = page(days.digest("en", candidates=(*days.picked("en"), bad), picks=(pick,)))
    assert "javascript" not in text
    assert "evil.example" not in text
    assert f"**20** · {bad.title} —" in text


def test_a_feed_that_somebody_added_is_named_by_its_host() -> None:
    address = "https://user:secret@feeds.example.org/private/token.xml"
    text = page(days.digest("en", sources=(SourceStatus(name=address, status="ok", count=3, through=None),)))
    assert "feeds.example.org 3" in text
    assert "secret" not in text
    assert "token.xml" not in text


def test_papers_of_a_feed_have_a_page_and_not_an_arxiv_link() -> None:
    links = days.flow("en").links.model_copy(update={"page": "https://huggingface.co/blog/x", "pdf": None})
    pick = days.flow("en", id="feed-0123456789ab", links=links)
    listed = days.candidate(1, 92, "picked", id=pick.id)
    text = page(days.digest("en", candidates=(listed,), picks=(pick,)))
    assert "[Page](https://huggingface.co/blog/x) · [HTML]" in text
    assert '<a id="feed-0123456789ab"></a>' in text


def test_places_in_a_pdf_and_in_sections_without_a_number() -> None:
    pick = days.bench("en")
    claim = pick.sections[0].claims[0]
    places = [("5 Results", "page=5"), ("Broader impact and other considerations", "Sx1.p1"), ("", None)]
    evidence = [
        claim.evidence[0].model_copy(
            update={"section": section, "anchor": anchor, "url": f"https://arxiv.org/{anchor}", "sentence": 7}
        )
        for section, anchor in places
    ]
    section = pick.sections[0].model_copy(
        update={"claims": (claim.model_copy(update={"evidence": evidence}),)}
    )
    text = page(days.digest("en", picks=(pick.model_copy(update={"sections": (section,)}),)))
    for label in ("[p. 5](", "[Broader impact and othe…](", "[s. 7]("):
        assert label in text


def test_what_is_given_up_is_not_promised_again() -> None:
    unread = {"headline": "", "hook": "", "sections": (), "numbers_checked": 0}
    lost = days.candidate(40, None, "unscored", reason="no valid answer")
    text = page(days.digest("en", candidates=(*days.picked("en"), lost), picks=(days.flow("en", **unread),)))
    assert "> ⚠️ 2 papers failed for 7 days and were given up." in text
    assert f"**[{days.FLOW_TITLE}](#arxiv-2601-99001)**<br>could not be analyzed" in text
    assert "It could not be analyzed within 7 days, and was given up." in text
    assert "next run" not in text


def test_sections_without_claims_say_so() -> None:
    pick = days.flow("en")
    empty = tuple(section.model_copy(update={"claims": ()}) for section in pick.sections)
    text = page(days.digest("en", picks=(pick.model_copy(update={"sections": empty}),)))
    assert "**Key contribution** · nothing that passed the check\n" in text
    assert "**Takeaways for me (model's inference)** · no honest connection was found\n" in text
    assert "**Limitations** · no admission of the authors: none was found, or none passed the check\n" in text
    assert text.count("<details") == 2  # nothing to fold but the list and the last lines


def test_what_is_not_there_and_what_did_not_pass_are_two_lines() -> None:
    pick = days.flow("en", claims_dropped=0)
    empty = tuple(section.model_copy(update={"claims": ()}) for section in pick.sections)
    text = only(pick.model_copy(update={"sections": empty}))
    assert "**Key contribution** · nothing found\n" in text
    assert "**Limitations** · no admission of the authors was found\n" in text
    assert "passed the check" not in text


def test_a_folded_section_keeps_statements_and_inferences_apart() -> None:
    pick = days.flow("en")
    section = pick.sections[1]
    claims = tuple(
        claim.model_copy(update={"kind": "inference" if number < 2 else "stated"})
        for number, claim in enumerate(section.claims)
    )
    sections = (pick.sections[0], section.model_copy(update={"claims": claims}), *pick.sections[2:])
    text = page(days.digest("en", picks=(pick.model_copy(update={"sections": sections}),)))
    fold = text[text.index("<summary><b>Method</b> · 5</summary>") :]
    order = [
        "**Method (stated)**",
        "1. Trained on",
        "**Method (model's inference)**",
        "4. The path from",
        "5. A confidence map",
        " quotations from the paper, and the checks</summary>",
    ]
    assert sorted(order, key=fold.index) == order


def only(pick: Pick) -> str:
    """The page of a single pick."""
    return page(days.digest("en", picks=(pick,)))


def checks(text: str) -> str:
    """The line on the checks of the first pick: after the line of facts, the second in small letters."""
    return [line for line in text.splitlines() if line.startswith("<sub>")][1]


def legend(text: str) -> list[str]:
    """What is explained below the picks and the shortlist."""
    line = next((line for line in text.splitlines() if line.startswith(("<sub>◐", "<sub>○", "<sub>±"))), "")
    return line.removeprefix("<sub>").removesuffix("</sub>").split(" · ")


def with_claims(pick: Pick, section: str, claims: tuple[CitedClaim, ...]) -> Pick:
    """The pick with other claims in one of its sections."""
    sections = (s.model_copy(update={"claims": claims}) if s.id == section else s for s in pick.sections)
    return pick.model_copy(update={"sections": tuple(sections)})


def limitations(*kinds: str) -> str:
    """The limitations of a pick with one claim of each kind, as Markdown."""
    claim = days.flow("en").sections[0].claims[0]
    claims = tuple(claim.model_copy(update={"kind": kind, "text": kind}) for kind in kinds)
    text = only(with_claims(days.flow("en"), "limitations", claims))
    return text[text.index("**Limitations") : text.index("quotations from the paper")]


@pytest.mark.parametrize(
    ("language", "flow", "bench", "old", "alone"),
    [
        (
            "en",
            (
                "312 sentences read · 11 claims: numbers, names, terms checked by program; meaning read again by "
                "claude-haiku-5-5: 10 carried, 1 in part · 3 dropped: numbers 2, direction 1"
            ),
            (
                "5 sentences read · 7 claims: numbers, names, terms checked by program; meaning read again by "
                "claude-haiku-5-5: 6 carried, 1 not read"
            ),
            "5 sentences read · 7 claims: numbers, names, terms checked by program; not read a second time",
            (
                "5 sentences read · 7 claims: numbers, names, terms checked by program; "
                "nobody read them a second time"
            ),
        ),
        (
            "zh-CN",
            (
                "读了 312 句 · 论断 11 条：数字、名称、术语由程序核对，语义由 claude-haiku-5-5 "
                "复核（原文支持 10 条，部分支持 1 条） · 删去 3 条：数字 2，方向 1"
            ),
            (
                "读了 5 句 · 论断 7 条：数字、名称、术语由程序核对，语义由 claude-haiku-5-5 "
                "复核（原文支持 6 条，未复核 1 条）"
            ),
            "读了 5 句 · 论断 7 条：数字、名称、术语由程序核对，语义没有复核",
            "读了 5 句 · 论断 7 条：数字、名称、术语由程序核对，语义没能复核",
        ),
        (
            "ja",
            (
                "312 文を読了 · 主張 11 件：数値・名称・用語はプログラムが確認、意味は claude-haiku-5-5 "
                "が再読（裏づけあり 10 件、一部のみ 1 件） · 削除 3 件：数値 2、方向 1"
            ),
            (
                "5 文を読了 · 主張 7 件：数値・名称・用語はプログラムが確認、意味は claude-haiku-5-5 "
                "が再読（裏づけあり 6 件、再読なし 1 件）"
            ),
            "5 文を読了 · 主張 7 件：数値・名称・用語はプログラムが確認、意味の再読なし",
            "5 文を読了 · 主張 7 件：数値・名称・用語はプログラムが確認、意味の再読はできず",
        ),
    ],
)
def test_who_checked_the_claims_of_a_pick(language: str, flow: str, bench: str, old: str, alone: str) -> None:
    """A claim carried in part, one that was not read, a pick of version 1, and a second reader without an answer."""
    assert f"<sub>{flow}</sub>" in page(days.full(language))
    assert f"<sub>{bench}</sub>" in page(days.full(language))
    assert checks(page(days.stale(language))) == f"<sub>{old}</sub>"
    assert checks(page(days.first(language))) == f"<sub>{alone}</sub>"


def test_signs_are_explained_once_and_only_those_that_stand_on_the_page() -> None:
    text = page(days.ten("en"))
    assert text.count("mixtures. ○ \\[2\\]\n") == 10
    not_read, spread = (
        "○ not read a second time",
        "± how far the scores of several passes differ (standard deviation)",
    )
    assert legend(text) == [not_read, spread]
    assert text.count(not_read) == 1
    assert "◐" not in text
    in_part = "◐ in part: a detail is in no cited sentence"
    assert legend(page(days.full("en")))[:-1] == [in_part, not_read, spread]
    assert legend(page(days.full("en")))[-1].startswith("👤 an author you follow, known by the name alone")
    assert legend(page(days.quiet("en"))) == [""]
    claims = [line for line in page(days.full("en")).splitlines() if " ◐ " in line and line[0].isdigit()]
    assert claims == [
        (
            "5. Takes 41 ms per image, a quarter of the baseline's time. ◐ "
            "[\\[8\\]](https://arxiv.org/html/2601.99001v1#S5.SS2.p3)"
        )
    ]


@pytest.mark.parametrize("make", [days.first, days.stale, days.local])
def test_no_marks_where_nothing_was_read_a_second_time(make: Callable[[str], Digest]) -> None:
    assert not {"◐", "○"} & set(page(make("en")))


def test_all_that_a_second_reader_can_say() -> None:
    readings = ["supported", "partly", "unread", "unread", "unread"]
    pick = days.flow("en")
    method = tuple(
        claim.model_copy(update={"reading": reading})
        for claim, reading in zip(pick.sections[1].claims, readings, strict=True)
    )
    text = only(with_claims(pick, "method", method))
    assert ": 7 carried, 1 in part, 3 not read · 3 dropped" in checks(text)
    assert legend(text)[:2] == ["◐ in part: a detail is in no cited sentence", "○ not read a second time"]


def test_what_the_second_reader_misses_is_not_on_the_page() -> None:
    digest = days.full("en")
    assert "what the second reader misses" in digest.model_dump_json()
    assert "what the second reader misses" not in page(digest)


def test_a_single_claim_that_nobody_read() -> None:
    claim = days.flow("en").sections[0].claims[0].model_copy(update={"reading": "unread"})
    pick = days.flow("en").model_copy(
        update={"sections": (days.flow("en").sections[0],), "claims_dropped": 0}
    )
    line = checks(only(with_claims(pick, "contribution", (claim,))))
    assert line == (
        "<sub>312 sentences read · 1 claim: numbers, names, terms checked by program; "
        "nobody read it a second time</sub>"
    )


def test_quotations_are_counted_apart_from_claims() -> None:
    pick = days.flow("en")
    quoted = tuple(
        claim.model_copy(update={"text": claim.evidence[0].quote, "reading": None})
        for claim in pick.sections[0].claims
    )
    line = checks(only(with_claims(pick, "contribution", quoted)))
    assert " · 9 claims: " in line
    assert ": 8 carried, 1 in part · 2 quotations · 3 dropped" in line


def test_a_pick_without_claims_names_no_reader() -> None:
    pick = days.flow("en").model_copy(update={"sections": ()})
    assert checks(only(pick)) == "<sub>312 sentences read · 3 dropped: numbers 2, direction 1</sub>"


def test_reasons_without_a_word_stay_and_old_reports_give_none() -> None:
    reader = SecondReading(
        model="m", prompt="p", supported=0, partly=0, dropped={"polarity": 1, "new_gate": 2}
    )
    pick = days.flow("en", second_reader=reader)
    assert " · 3 dropped: new\\_gate 2, yes or no 1</sub>" in checks(only(pick))
    assert checks(only(days.read_once(pick))).endswith("; not read a second time · 3 dropped</sub>")


def test_limitations_are_grouped_by_who_says_them() -> None:
    order = [
        "**Limitations (stated)**\n\n1. admitted ",
        "**Limitations (negative results the authors report)**\n\n2. reported ",
        "**Limitations (model's own doubts)**\n\n3. own ",
    ]
    text = limitations("own", "reported", "admitted")
    assert sorted(order, key=text.index) == order
    assert "none admitted" not in text


@pytest.mark.parametrize("kind", ["reported", "own", "inference"])
def test_without_an_admission_nothing_is_called_stated(kind: str) -> None:
    text = limitations(kind)
    assert "(stated)" not in text
    assert ")** · no admission of the authors: none was found, or none passed the check\n" in text


def test_limitations_of_version_1_keep_their_headings() -> None:
    text = limitations("stated", "inference")
    assert "**Limitations (stated)**\n\n1. stated " in text
    assert "**Limitations (model's inference)**\n\n2. inference " in text


@pytest.mark.parametrize(("kind", "heading"), [("admitted", "stated"), ("own", "model's own doubts")])
def test_limitations_are_known_by_their_kinds_too(kind: str, heading: str) -> None:
    """A prompt may call its section of limitations anything."""
    pick = days.flow("en")
    claims = tuple(claim.model_copy(update={"kind": kind}) for claim in pick.sections[0].claims)
    first = pick.sections[0].model_copy(update={"id": "doubts", "title": "But", "claims": claims})
    text = only(pick.model_copy(update={"sections": (first,)}))
    note = (
        ""
        if kind == "admitted"
        else " · no admission of the authors: none was found, or none passed the check"
    )
    assert f"**But ({heading})**{note}\n\n1. Presents" in text


def test_what_was_not_found_says_where_it_was_looked_for() -> None:
    absent = days.flow("en").sections[-1].claims[-1]
    beside = absent.model_copy(
        update={"text": "Doubtful.", "evidence": days.flow("en").sections[0].claims[0].evidence}
    )
    pick = with_claims(days.flow("en", flags=("cut",)), "limitations", (absent, beside))
    text = only(pick)
    assert "1. Not found in what was read (full HTML, long passages left out): the cost of training\n" in text
    assert "(full PDF): the cost of training\n" in only(days.flow("en", basis="pdf"))


@pytest.mark.parametrize("language", days.LANGUAGES)
@pytest.mark.parametrize("flag", ["incomplete", "unclear_styles"])
def test_a_text_that_is_not_the_whole_page_of_the_paper_says_so(language: str, flag: Flag) -> None:
    pick = days.flow(language, flags=(flag,))
    text = page(days.digest(language, candidates=days.picked(language), picks=(pick,)))
    t = i18n.load(language)
    assert f"> ⚠️ {escape(t(f'flag.{flag}'))}\n" in text
    full = escape(t("basis.line", basis=t("basis.html")))
    assert (full not in text) == (flag == "incomplete")


def test_an_incomplete_text_is_nowhere_called_full() -> None:
    text = only(days.flow("en", flags=("incomplete",)))
    assert "Read: incomplete text ·" in text
    assert "Not found in what was read (incomplete text):" in text
    assert "full HTML" not in text


def test_the_head_says_when_a_paper_was_read_and_the_page_what_the_proof_is() -> None:
    words = "the quotation is the proof, the link a convenience"
    dated = page(days.digest("en", picks=(days.flow("en", read_on=dt.date(2026, 2, 1)), days.bench("en"))))
    assert " · Read: full HTML, 2026-02-01 · " in dated
    assert " · **Read: abstract only** · " in dated
    assert dated.count(words) == 1
    assert words not in page(days.digest("en"))  # an older report does not say when


def test_a_section_on_the_setup_looks_like_any_other() -> None:
    pick = days.flow("en")
    sections = (s.model_copy(update={"kind": "setup"}) if s.id == "method" else s for s in pick.sections)
    assert only(pick.model_copy(update={"sections": tuple(sections)})) == only(pick)


def test_small_and_unknown_costs() -> None:
    usage = days.digest("en").usage
    assert "less than 0.01 USD" in page(days.digest("en", usage=usage.model_copy(update={"usd": 0.0004})))
    assert "price unknown" in page(days.digest("en", usage=usage.model_copy(update={"usd": None})))
    assert "$" not in page(days.digest("en")).replace("<span>$</span>", "")


def test_the_summary_lists_the_calls_in_their_order() -> None:
    text = summary(days.full("en"))
    rows = ["| scoring | 5 |", "| analysis | 2 |", "| second reading | 2 | 8400 / 1900 |", "| Total | 9 |"]
    assert sorted(rows, key=text.index) == rows


def test_the_summary_renders_with_its_tables() -> None:
    root = github.tree(summary(days.failed("en")))
    tables = root.find("table")
    assert len(tables) == 2
    assert all(len(row.find("th", "td")) <= 4 for row in root.find("tr"))
    hostile = days.flow("en", title="a | b\n| c |")
    cells = github.tree(summary(days.digest("en", picks=(hostile,)))).find("td")
    assert cells[1].line == "a | b | c |"


def templates() -> list[Path]:
    return sorted(TEMPLATES.glob("*.j2"))


def test_templates_print_nothing_that_goes_around_the_escaper() -> None:
    """Filters, concatenation and formatting make new strings out of escaped parts; macros return such strings."""
    environment = page_module.ENVIRONMENT
    for path in templates():
        tree = environment.parse(path.read_text("utf-8"))
        assert {node.name for node in tree.find_all(jinja2.nodes.Filter)} <= {"length", "dictsort"}, path.name
        forbidden = (jinja2.nodes.Concat, jinja2.nodes.Mod, jinja2.nodes.Macro, jinja2.nodes.MarkSafe)
        assert not list(tree.find_all(forbidden)), path.name


def test_whatever_a_template_prints_is_escaped() -> None:
    environment = page_module.ENVIRONMENT
    assert environment.from_string("{{ x }}").render(x="*a* <b>") == "\\*a\\* &lt;b&gt;"
    assert environment.from_string("{{ x }}").render(x=page_module.Safe("*a*")) == "*a*"
    assert environment.from_string("{{ x + y }}").render(x=page_module.Safe("*"), y="*") == "\\*\\*"
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ nothing }}").render()


def test_every_template_is_used() -> None:
    texts = [path.read_text("utf-8") for path in templates()]
    texts.append(Path(page_module.__file__).read_text("utf-8"))
    for path in templates():
        assert any(f'"{path.name}"' in text for text in texts), path.name


def test_one_pick_cannot_take_the_others_their_place() -> None:
    """Its claims are made of signs that each need many letters; the others keep theirs, and all keep their line."""
    loud = days.flow("en", id="2601.99009")
    section = loud.sections[0]
    huge = tuple(c.model_copy(update={"text": "$#@" * 200}) for c in section.claims * 60)
    loud = loud.model_copy(update={"sections": (section.model_copy(update={"claims": huge}),)})
    listed = days.candidate(9, 92, "picked", id=loud.id)
    text = page(days.digest("en", candidates=(*days.picked("en"), listed), picks=(loud, days.flow("en"))))
    assert len(text.encode()) < 400_000
    assert text.count('<a id="arxiv-') == 2
    assert "ToyFlow" in text
    assert days.flow("en").sections[0].claims[0].text.split(":")[0] in text


@pytest.mark.parametrize("engine", ["claude", "local"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "withdrawn: a notice stands in place of its abstract"),
        ("ja", "取り下げ済み：要旨が取り下げの通知になっています"),
        ("zh-CN", "已撤稿：摘要处是撤稿声明"),
    ],
)
def test_a_withdrawn_paper_is_said_so_in_the_words_of_the_page(
    language: str, words: str, engine: Engine
) -> None:
    gone = candidate(77, None, "excluded", judged_by="withdrawn", reason="withdrawn")
    day = days.digest(language, engine=engine)
    text = page(day.model_copy(update={"candidates": (*day.candidates, gone)}))
    (row,) = [line for line in text.splitlines() if gone.url in line]
    assert row.endswith(f"— {words}")
    assert "withdrawn" not in text.replace(row, ""), "nobody of that name has judged the day's papers"
