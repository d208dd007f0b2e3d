"""Which sources a night reads, and where papers are looked up again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.profile import ProfileSettings
from pipeline.core.artifacts import Digest
from pipeline.core.errors import DigestError
from pipeline.core.ledger import Entry, Ledger
from pipeline.core.models import Pending
from pipeline.core.source import SOURCES
from pipeline.sources.registry import READERS
from pipeline.stages.fetch import GONE
from tests.builders import DAY
from tests.publish.test_validate import GOOD
from tests.sources.table import Table
from tests.stages.test_fetch import api, run
from tests.stubs.biorxiv import Preprint, answer

FEED_PAPER = "feed-0123456789ab"
PREPRINT, UNKNOWN = "biorxiv-10.64898-2026.01.12.000001", "medrxiv-10.1101-19001234"
OWN = {"sources": ("biorxiv",), "biorxiv": ("neuroscience",), "arxiv": (), "feeds": ()}


def table(*records: Preprint, **answers: Any) -> Table:
    """The API's answers to the few paths that these tests ask for."""

    def said(path: str) -> bytes:
        return answer(records, path, DAY)[1]

    lists = "/details/biorxiv/2026-01-29/2026-01-30/0/json?category=neuroscience"
    single = "/details/biorxiv/10.64898/2026.01.12.000001/na/json"
    other = "/details/medrxiv/10.1101/19001234/na/json"
    return Table(
        **{**answers, **{path: [said(path)] for path in (lists, single, other)}, "/api/query": [api()]}
    )


def owed(*keys: str) -> Ledger:
    since = DAY - dt.timedelta(days=1)
    pending = {key: Pending(id=key, stage="score", reason="busy", since=since) for key in keys}
    return Ledger(dict.fromkeys(keys, Entry(since, None, "unscored")), pending)


def test_every_source_of_a_profile_is_read_in_one_order_and_its_categories_are_a_key_of_the_profile() -> None:
    assert [reader.source for reader in READERS] == list(SOURCES.values())
    by_id = {reader.source.name for reader in READERS if reader.look_up}
    assert by_id == set(SOURCES) & set(ProfileSettings.model_fields)


def test_a_profile_of_bioRxiv_alone_asks_nobody_else(project: Path) -> None:
    get = table(Preprint("10.64898/2026.01.28.000007", DAY))
    fetched = run(get, own=OWN)
    assert [paper.id for paper in fetched.papers] == ["biorxiv-10.64898-2026.01.28.000007"]
    assert [(source.name, source.status) for source in fetched.sources] == [("biorxiv", "ok")]
    assert all(url.startswith("https://api.biorxiv.org/details/biorxiv/") for url in get.asked)


def test_what_is_owed_is_looked_up_at_its_own_source(project: Path) -> None:
    old = Preprint("10.64898/2026.01.12.000001", DAY - dt.timedelta(days=12))
    get = table(old)
    fetched = run(
        get, owed(PREPRINT, UNKNOWN, FEED_PAPER, "2601.00001"), own=OWN, wanted=(UNKNOWN, FEED_PAPER)
    )
    assert [retry.paper.id for retry in fetched.retries] == [PREPRINT]
    assert {one.id: one.reason for one in fetched.skipped} == {
        UNKNOWN: "medRxiv knows no paper of this id",
        FEED_PAPER: GONE,
    }
    assert sum("/api/query" in url for url in get.asked) == 1, "arXiv is asked for its own paper alone"


def test_a_preprint_that_cannot_be_asked_for_keeps_the_report_that_is_to_be_made_anew(project: Path) -> None:
    one = {**GOOD["candidates"][-1], "id": PREPRINT, "outcome": "below_threshold", "seen_on": None}
    report = Digest.model_validate({**GOOD, "candidates": [one], "picks": [], "pending": []})
    gone = table()
    assert run(gone, own=OWN, previous_report=report).papers == ()
    down = Table(
        **{"/na/json": [500], "/details/": [answer([], "/details/biorxiv/2026-01-29/2026-01-30", DAY)[1]]}
    )
    with pytest.raises(
        DigestError, match="could not be looked up: bioRxiv's API could not be read: HTTP 500"
    ):
        run(down, own=OWN, previous_report=report)
