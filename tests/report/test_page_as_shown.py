"""Pages as GitHub shows them, against what the report's JSON says."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps
from pipeline.publish.validate import AllowedLinks, check_page
from pipeline.report.escape import clean
from pipeline.report.page import page
from tests.report import days, expecting, github
from tests.report.test_escape import EXAMPLES, HOSTILE, LIVE

# Every kind of day once, in one of the languages; the golden pages are in all of them.
CASES = list(zip(days.KINDS, itertools.cycle(days.LANGUAGES), strict=False))


def raw(digest: Digest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dumps(digest))
    return found


# The days whose minutes to read were counted by hand; the others have their golden pages.
COUNTED = ("full", "quiet", "failed", "unscored", "local")


@pytest.mark.parametrize(("kind", "language"), [case for case in CASES if case[0] in COUNTED])
def test_text_and_links_are_those_of_the_json(kind: str, language: str) -> None:
    digest = days.KINDS[kind](language)
    assert expecting.blocks(github.tree(page(digest))) == expecting.page(raw(digest))


@pytest.mark.parametrize(("kind", "language"), CASES)
def test_structure(kind: str, language: str) -> None:
    digest = days.KINDS[kind](language)
    root = github.tree(page(digest))
    headings = [int(node.tag[1]) for node in root.find("h1", "h2", "h3", "h4", "h5", "h6")]
    assert headings == [1] + [2] * len(digest.picks)
    anchors = [node.attributes["id"] for node in root.walk() if "id" in node.attributes]
    wanted = ["user-content-arxiv-" + pick.id.replace(".", "-") for pick in digest.picks]
    assert anchors == wanted
    inside = [
        link.attributes["href"] for link in root.find("a") if link.attributes.get("href", "").startswith("#")
    ]
    assert ["user-content-" + target[1:] for target in inside] == wanted
    for text in root.texts():
        assert not re.search(r"\*\*|~~|<|__", text), text
    for fold in root.find("details"):
        assert next(child.tag for child in fold.children if isinstance(child, github.Node)) == "summary"
    assert not root.find("img", "table", "code", "pre", "em", "del", "input", "hr")


def test_a_long_list_of_candidates_is_whole() -> None:
    digest = days.digest("en", candidates=(*days.picked("en"), *days.rejected("en", 298)))
    found = expecting.blocks(github.tree(page(digest)))
    assert found == expecting.page(raw(digest))
    assert sum(" — " in text for _, text, _ in found) == 298


def poisoned(value: Any, poisons: Iterator[str]) -> Any:
    """A report in which every free text ends in the next of the hostile strings."""
    free = {"title", "reason", "headline", "hook", "text", "quote", "note", "missing"}
    if isinstance(value, dict):
        return {
            key: f"{inner} {next(poisons)}" if key in free and inner else poisoned(inner, poisons)
            for key, inner in value.items()
        }
    return [poisoned(inner, poisons) for inner in value] if isinstance(value, list) else value


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 10, deadline=None)
@given(st.integers(0, len(HOSTILE) - 1))
def test_hostile_words_change_no_page_but_for_those_words(first: int) -> None:
    """All hostile strings on one page, each in several places, and in others with every `first`."""
    harmless = raw(days.failed("en"))
    data = poisoned(harmless, itertools.islice(itertools.cycle(HOSTILE.values()), first, None))
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
        node.tag for node in github.tree(page(days.failed("en"))).walk() if node.tag != "span"
    ]

    # The publishing job must not refuse what the escaper has made harmless. Titles of sections come from a prompt file.
    for pick, before in zip(data["picks"], harmless["picks"], strict=True):
        for section, unchanged in zip(pick["sections"], before["sections"], strict=True):
            section["title"] = unchanged["title"]
    allowed = AllowedLinks(frozenset({"arxiv.org", "huggingface.co", "*.github.io"}), ("https://github.com",))
    check_page(page(Digest.model_validate_json(json.dumps(data))), "made-up/2026-01-30.md", allowed)
