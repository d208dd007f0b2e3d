"""Pages as GitHub shows them, against what the report's JSON says."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import pytest

from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps
from pipeline.publish.validate import AllowedLinks, check_page
from pipeline.report.escape import clean
from pipeline.report.page import page
from tests.report import days, expecting, github
from tests.report.test_escape import HOSTILE, LIVE

CASES = [(kind, language) for kind in days.KINDS for language in days.LANGUAGES]


def raw(digest: Digest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dumps(digest))
    return found


# The days whose minutes to read were counted by hand; the others have their golden pages.
COUNTED = [one for one in CASES if one[0] in {"full", "quiet", "failed", "unscored", "local"}]


@pytest.mark.parametrize(("kind", "language"), COUNTED)
def test_text_and_links_are_those_of_the_json(kind: str, language: str) -> None:
    digest = days.KINDS[kind](language)
    assert expecting.blocks(github.tree(page(digest))) == expecting.page(raw(digest))


def poisoned(value: Any, poison: str) -> Any:
    """A report in which every free text ends in something hostile."""
    free = {"title", "reason", "headline", "hook", "text", "quote", "note"}
    if isinstance(value, dict):
        return {
            key: f"{inner} {poison}" if key in free and inner else poisoned(inner, poison)
            for key, inner in value.items()
        }
    return [poisoned(inner, poison) for inner in value] if isinstance(value, list) else value


@functools.cache
def harmless() -> list[str]:
    """The elements of the page that the poisoned ones are made from."""
    return [node.tag for node in github.tree(page(days.failed("en"))).walk() if node.tag != "span"]


@pytest.mark.parametrize("poison", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_change_no_page_but_for_those_words(poison: str) -> None:
    data = poisoned(raw(days.failed("en")), poison)
    text = page(Digest.model_validate_json(json.dumps(data)))
    root = github.tree(text)
    found, wanted = expecting.blocks(root), expecting.page(data, clean)
    assert [(tag, links) for tag, _, links in found] == [(tag, links) for tag, _, links in wanted]
    for (_, seen, _), (_, want, _) in zip(found, wanted, strict=True):
        if "to read" in want:
            continue  # more words take longer to read
        if want.startswith("Pending:"):
            assert seen.startswith(want[:80])  # its title is cut
        else:
            assert seen == " ".join(want.split())
    for node in root.texts():
        assert not LIVE.search(node)
    assert [node.tag for node in root.walk() if node.tag != "span"] == harmless()


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


@pytest.mark.parametrize("language", days.LANGUAGES)
def test_a_long_list_of_candidates_is_whole(language: str) -> None:
    candidates = (*days.picked(language), *days.rejected(language, 298))
    digest = days.digest(language, candidates=candidates)
    found = expecting.blocks(github.tree(page(digest)))
    assert found == expecting.page(raw(digest))
    assert sum(" — " in text for _, text, _ in found) == 298


@pytest.mark.parametrize("poison", ["", *HOSTILE.values()], ids=["nothing", *HOSTILE])
def test_the_publishing_job_lets_every_page_through(poison: str) -> None:
    """The second lock must not shut on what the first one has made harmless."""
    allowed = AllowedLinks(frozenset({"arxiv.org", "huggingface.co", "*.github.io"}), ("https://github.com",))
    data = poisoned(raw(days.failed("en")), poison)
    for pick in data["picks"]:
        for section in pick["sections"]:
            section["title"] = "From a prompt file, by hand"
    text = page(Digest.model_validate_json(json.dumps(data)))
    check_page(text, "made-up/2026-01-30.md", allowed)


def test_every_free_text_of_the_json_is_on_the_page() -> None:
    digest = days.full("en")
    shown = " ".join(github.tree(page(digest)).line.split())
    for pick in digest.picks:
        for section in pick.sections:
            for claim in section.claims:
                assert " ".join(claim.text.split()) in shown
                for evidence in claim.evidence:
                    assert evidence.quote in shown
    for candidate in digest.candidates:
        assert candidate.title in shown
