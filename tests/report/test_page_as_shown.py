"""Pages as GitHub shows them, against what the report's JSON says."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps
from pipeline.report.escape import clean
from pipeline.report.page import page
from tests.report import days, expecting, github
from tests.report.test_escape import EXAMPLES, HOSTILE, LIVE, OWN, TEXT

# Every kind of day once, in one of the languages; the golden pages are in all of them.
CASES = list(zip(days.KINDS, itertools.cycle(days.LANGUAGES), strict=False))


def raw(digest: Digest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dumps(digest))
    return found


def as_text(text: str) -> str:
    """The quotations of the made-up days that hold LaTeX, as a reader sees them."""
    return (
        text.replace("for $k$ drones", "for k drones")
        .replace("map $c \\in [0,1]$ is", "map c ∈ [0,1] is")
        .replace("Where $c$ is", "Where c is")
    )


# The days whose minutes to read were counted by hand; the others have their golden pages.
COUNTED = ("full", "quiet", "failed", "unscored", "local")


@pytest.mark.parametrize(("kind", "language"), [case for case in CASES if case[0] in COUNTED])
def test_text_and_links_are_those_of_the_json(kind: str, language: str) -> None:
    digest = days.KINDS[kind](language)
    assert expecting.blocks(github.tree(page(digest))) == expecting.page(raw(digest), as_text)


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_structure(kind: str, language: str) -> None:
    digest = days.KINDS[kind](language)
    root = github.tree(page(digest))
    headings = [int(node.tag[1]) for node in root.find("h1", "h2", "h3", "h4", "h5", "h6")]
    shortlist = ["user-content-shortlist"] * any(c.outcome == "shortlisted" for c in digest.candidates)
    followed = ["user-content-followed"] * (kind == "full")
    assert headings == [1] + [2] * len([*digest.picks, *shortlist, *followed])
    anchors = [node.attributes["id"] for node in root.walk() if "id" in node.attributes]
    wanted = ["user-content-arxiv-" + pick.id.replace(".", "-") for pick in digest.picks]
    assert anchors == wanted + shortlist + followed
    inside = [
        link.attributes["href"] for link in root.find("a") if link.attributes.get("href", "").startswith("#")
    ]
    assert ["user-content-" + target[1:] for target in inside] == shortlist + wanted
    for text in root.texts():
        assert not re.search(r"\*\*|~~|<|__", text), text
    for fold in root.find("details"):
        assert next(child.tag for child in fold.children if isinstance(child, github.Node)) == "summary"
    assert not root.find("img", "table", "code", "pre", "em", "del", "input", "hr")


def test_a_long_list_of_candidates_is_whole() -> None:
    digest = days.digest("en", candidates=(*days.picked("en"), *days.rejected("en", 298)))
    found = expecting.blocks(github.tree(page(digest)))
    assert found == expecting.page(raw(digest), as_text)
    assert sum(" — " in text for _, text, _ in found) == 298


def poisoned(value: Any, poisons: Iterator[str], said: dict[str, str]) -> Any:
    """A report in which every free text ends in the next of the hostile strings, and the same text in the same."""
    free = {"title", "reason", "headline", "hook", "text", "quote", "note", "missing", "caption"}
    if isinstance(value, dict):
        for text in (inner for key, inner in value.items() if key in free and inner and inner not in said):
            said[text] = f"{text} {next(poisons)}"
        return {
            key: said[inner] if key in free and inner else poisoned(inner, poisons, said)
            for key, inner in value.items()
        }
    return [poisoned(inner, poisons, said) for inner in value] if isinstance(value, list) else value


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 10)
@given(st.sampled_from(["full", "failed"]), st.integers(0, len(HOSTILE) - 1))
def test_hostile_words_change_no_page_but_for_those_words(kind: str, first: int) -> None:
    """All hostile strings on one page, each in several places, and in others with every `first`."""
    hostile = itertools.islice(itertools.cycle(HOSTILE.values()), first, None)
    data = poisoned(raw(days.KINDS[kind]("en")), hostile, {})
    root = github.tree(page(Digest.model_validate_json(json.dumps(data))))
    found, wanted = expecting.blocks(root), expecting.page(data, clean)
    assert [(tag, links) for tag, _, links in found] == [(tag, links) for tag, _, links in wanted]
    for (_, seen, _), (_, want, _) in zip(found, wanted, strict=True):
        if "to read" in want:
            continue  # more words take longer to read
        if want.startswith("Pending:"):
            assert seen.startswith(want[:80])  # its title is cut
        else:
            assert seen == " ".join(want.split())
    assert not any(LIVE.search(text) for text in root.texts())
    elements = [node.tag for node in root.walk() if node.tag != "span"]
    assert elements == [
        node.tag for node in github.tree(page(days.KINDS[kind]("en"))).walk() if node.tag != "span"
    ]


FREE = {
    "title",
    "reason",
    "headline",
    "hook",
    "text",
    "quote",
    "note",
    "missing",
    "caption",
    "authors",
    "name",
    "section",
}
FREE |= {"judged_by", "read_by", "model", "prompt", "version"}


def rewritten(value: Any, texts: Iterator[str], field: str = "") -> Any:
    """A report in which every text that a stranger could choose is the next of the given ones."""
    if isinstance(value, dict):
        return {key: rewritten(inner, texts, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [rewritten(inner, texts, field) for inner in value]
    return next(texts) if field in FREE and isinstance(value, str) else value


@functools.cache
def harmless(kind: str, language: str, fewer: int) -> tuple[str, frozenset[str]]:
    """A day without its last picks, as JSON, and where the links of its page lead."""
    digest = days.KINDS[kind](language)
    picks = digest.picks[: max(0, len(digest.picks) - fewer)]
    kept = {pick.id for pick in picks}
    candidates = tuple(c for c in digest.candidates if c.outcome != "picked" or c.id in kept)
    digest = digest.model_copy(update={"picks": picks, "candidates": candidates})
    links = [link.attributes.get("href", "") for link in github.tree(page(digest)).find("a")]
    return dumps(digest).decode(), frozenset(links)


@pytest.mark.long
@settings(max_examples=20_000, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["full", "failed", "stale", "unscored", "local", "quiet"]),
    st.sampled_from(days.LANGUAGES),
    st.integers(0, 2),
    st.lists(st.one_of(TEXT, st.sampled_from(list(HOSTILE.values()))), min_size=5, max_size=40),
)
def test_any_digest_shows_its_texts_and_nothing_else(
    kind: str, language: str, fewer: int, texts: list[str]
) -> None:
    """Whatever stands in the fields: the same elements and links as with harmless words, and no live text."""
    before, links = harmless(kind, language, fewer)
    digest = Digest.model_validate(rewritten(json.loads(before), itertools.cycle(texts)))
    markdown = page(digest)
    root = github.tree(markdown)
    assert markdown.startswith("# ")
    assert not re.search(r"\{[{%]", markdown)
    assert not any(LIVE.search(text) for text in root.texts())
    assert {node.tag for node in root.walk()} <= OWN
    assert {link.attributes.get("href", "") for link in root.find("a")} <= links
    # Every text is shown as it is, but for those that the page cuts, leaves out or makes into a label.
    seen = " ".join(root.line.split())
    for pick in digest.picks:
        name = "" if kind == "local" else pick.headline  # without a model the title stands for it
        for said in (name, *(claim.text for section in pick.sections for claim in section.claims)):
            assert " ".join(clean(said).split()) in seen
    for candidate in digest.candidates[:10]:
        if candidate.outcome not in {"picked", "seen"} and digest.engine != "local":
            brief = candidate.brief.text if candidate.brief else ""
            assert " ".join((clean(brief) or clean(candidate.reason)).split()) in seen
