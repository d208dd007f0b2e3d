"""Asking, and telling a quiet day from a stale list."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from pipeline.config import Endpoints, LinkHosts, load_settings
from pipeline.sources.listing import LinkRules, ask, brief, freshness
from tests.builders import paper, source
from tests.sources.table import Table

FRIDAY = dt.date(2026, 1, 30)


def test_rules_come_from_the_settings(root):
    shipped = load_settings(root / "digest.toml", {})
    rules = LinkRules.of(shipped.model_copy(update={"endpoints": Endpoints(), "links": LinkHosts()}))
    links = rules.paper("2601.00001", 2)
    assert (links.page, links.html, links.pdf) == (
        "https://arxiv.org/abs/2601.00001",
        "https://arxiv.org/html/2601.00001v2",
        "https://arxiv.org/pdf/2601.00001v2",
    )
    assert rules.allowed("https://gitlab.com/a/b") == "https://gitlab.com/a/b"
    assert rules.allowed("https://example.org/") is None


def test_what_cannot_be_read_is_asked_for_three_times():
    get = Table(page=[b"1", b"2", b"3", b"4"])
    found = asyncio.run(ask(get, "page", lambda body: f"cannot read {body.decode()}", accept="text/x"))
    assert found == "cannot read 3"
    assert get.accepts == ["text/x"] * 3


def test_a_refusal_is_asked_for_once_and_quoted():
    get = Table(page=[403])
    found = asyncio.run(ask(get, "page", lambda _: "unread", accept="*/*", refusal=lambda _: "go\naway"))
    assert found == "HTTP 403: go away"
    assert len(get.asked) == 1


def test_a_strangers_words_are_cut():
    assert brief("a " * 300) == "a " * 99 + "a…"


@pytest.mark.parametrize(
    ("today", "announced", "status", "note"),
    [
        (FRIDAY, FRIDAY, "stale", "every paper on the list is known"),
        (
            FRIDAY,
            FRIDAY - dt.timedelta(days=1),
            "stale",
            "the list repeats what was announced on 2026-01-29: today's was not up yet, or there is none",
        ),
        (
            dt.date(2026, 1, 31),
            FRIDAY,
            "stale",
            "the list repeats what was announced on 2026-01-30: nothing is announced on a weekend",
        ),
        (
            dt.date(2026, 1, 20),
            dt.date(2026, 1, 19),
            "stale",
            "the list repeats what was announced on 2026-01-19: arXiv announces nothing on the day after a US holiday",
        ),
    ],
)
def test_a_list_of_known_papers_is_stale(today, announced, status, note):
    papers = [paper("2601.00001", announced=announced), paper("2601.00002", announced=announced)]
    found = freshness(source(), papers, {"2601.00001", "2601.00002"}, today)
    assert (found.status, found.note) == (status, note)


def test_one_unknown_paper_makes_a_list_fresh():
    papers = [paper("2601.00001"), paper("2601.00002")]
    assert freshness(source(note="2 new"), papers, {"2601.00001"}, FRIDAY) == source(note="2 new")


def test_no_papers_are_an_empty_list_with_a_reason_if_the_calendar_has_one():
    assert freshness(source(), [], set(), FRIDAY).status == "empty"
    assert freshness(source(), [], set(), FRIDAY).note == ""
    assert freshness(source(), [], set(), dt.date(2026, 2, 1)).note == "nothing is announced on a weekend"


def test_a_failure_stays_a_failure():
    failed = source(status="failed", note="HTTP 503")
    assert freshness(failed, [], set(), FRIDAY) == failed


def test_a_list_that_knows_no_day_of_announcement_goes_by_its_own():
    listed = [paper("2601.00001", announced=None)]
    assert "2026-01-30" in freshness(source(), listed, {"2601.00001"}, dt.date(2026, 2, 2)).note
