from __future__ import annotations

import datetime as dt
from pathlib import Path

import jinja2
import jinja2.nodes
import pytest

import pipeline.report.page as page_module
from pipeline.core.artifacts import Digest
from pipeline.core.models import SourceStatus
from pipeline.report.page import MAX_BYTES, TEMPLATES, page, summary
from tests.report import days, github

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = [(kind, language) for kind in days.KINDS for language in days.LANGUAGES]


def test_every_golden_file_is_compared() -> None:
    used = {f"{kind}.{language}.md" for kind, language in CASES} | {
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


def test_a_day_of_seen_papers_only() -> None:
    seen = days.candidate(1, 70, "seen", seen_on=dt.date(2026, 1, 28), rank=None)
    text = page(days.digest("en", candidates=(seen,), picks=()))
    assert "**No new papers**" in text
    assert "and why not" not in text


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
        claim.evidence[0].model_copy(update={"section": section, "anchor": anchor, "sentence": 7})
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
    assert "**Key contribution** · nothing found, or nothing passed the check" in text
    assert "**Takeaways for me (model's inference)** · no honest connection was found" in text
    assert "**Limitations** · none stated by the authors, or none passed the check" in text
    assert text.count("<details") == 2  # nothing to fold but the list and the last lines


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
        " sentences from the paper</summary>",
        "**Key contribution**",
        "**Method**",
        "1. “We train on",
        "4. “The path",
    ]
    assert sorted(order, key=fold.index) == order


def test_small_and_unknown_costs() -> None:
    usage = days.digest("en").usage
    assert "less than 0.01 USD" in page(days.digest("en", usage=usage.model_copy(update={"usd": 0.0004})))
    assert "price unknown" in page(days.digest("en", usage=usage.model_copy(update={"usd": None})))
    assert "$" not in page(days.digest("en")).replace("<span>$</span>", "")


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
