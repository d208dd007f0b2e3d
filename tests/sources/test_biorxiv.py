"""bioRxiv and medRxiv, asked over a stub that keeps the API's rules."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import Paper, Skipped
from pipeline.core.source import BIORXIV, MEDRXIV, Source, source_of_id
from pipeline.sources import biorxiv
from pipeline.sources.base import Listing
from pipeline.sources.http_client import Failure, Page
from pipeline.sources.window import Window
from tests.sources.mutating import damaged
from tests.sources.table import many
from tests.stubs.biorxiv import Preprint, answer

BASE = "https://api.biorxiv.org"
TODAY = dt.date(2026, 11, 28)


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def doi(number: int) -> str:
    return f"10.64898/2026.11.20.{number:06d}"


class Api:
    """A `Get` of the stub on one day. `faults`: by part of a path, what is answered instead, in order."""

    def __init__(
        self,
        records: Sequence[Preprint],
        today: dt.date = TODAY,
        faults: Mapping[str, list[Any]] | None = None,
    ) -> None:
        self.records, self.today, self.faults = records, today, faults or {}
        self.asked: list[str] = []
        self.in_hand = 0

    async def __call__(
        self, url: str, *, accept: str = "*/*", attempts: int | None = None, fresh: bool = False
    ) -> Page | Failure:
        assert self.in_hand == 0, "one request at a time"
        self.in_hand += 1
        await asyncio.sleep(0)
        self.in_hand -= 1
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        self.asked.append(path)
        for part, queue in self.faults.items():
            if part in path and queue:
                fault = queue.pop(0)
                return Failure(url, fault, None) if isinstance(fault, str) else Page(url, *fault)
        return Page(url, *answer(self.records, path, self.today))


def read(
    api: Api,
    *categories: str,
    source: Source = BIORXIV,
    through: Mapping[str, dt.date] | None = None,
    past: bool = False,
    replacements: bool = False,
) -> Listing:
    window = Window(date=api.today, past=past, through=through or {})
    names = categories or ("neuroscience",)
    return asyncio.run(biorxiv.fetch(api, BASE, source, names, window, replacements=replacements))


def numbers(papers: Sequence[Paper]) -> list[int]:
    return sorted(int(paper.id[-6:]) for paper in papers)


def test_one_record_read_by_eye() -> None:
    one = Preprint(
        doi(7),
        ago(1),
        category="cell biology",
        title="On O_SCPLOWATPC_SCPLOW in <i>E. coli</i> &amp; yeast",
        abstract="AO_SCPLOWBSTRACTC_SCPLOW O_ST_ABSBackgroundC_ST_ABS Cells divide.",
        authors="Curie, M. S.; The Consortium; Doe, J., Jr.; 王, 芳",
    )
    (paper,) = read(Api([one]), "cell biology").papers
    assert paper.id == "biorxiv-10.64898-2026.11.20.000007"
    assert paper.title == "On ATP in E. coli & yeast"
    assert paper.abstract == "ABSTRACT Background Cells divide."
    assert paper.authors == ("M. S. Curie", "The Consortium", "Doe, J., Jr.", "芳 王")
    assert paper.doi == "10.64898/2026.11.20.000007"
    assert paper.links.page == "https://www.biorxiv.org/content/10.64898/2026.11.20.000007v1"
    assert (paper.links.html, paper.links.pdf) == (None, None), "the full text is not fetched"
    assert (paper.announced, set(paper.signals), paper.categories) == (ago(1), {"biorxiv"}, ("cell biology",))


def test_medrxiv_has_ids_and_links_of_its_own() -> None:
    api = Api([Preprint("10.1101/19001234", ago(1), server="medrxiv", category="hiv aids")])
    listing = read(api, "hiv aids", source=MEDRXIV)
    (paper,) = listing.papers
    assert paper.id == "medrxiv-10.1101-19001234"
    assert paper.links.page == "https://www.medrxiv.org/content/10.1101/19001234v1"
    assert listing.status.name == "medrxiv"
    assert api.asked == ["/details/medrxiv/2026-11-27/2026-11-28/0/json?category=hiv_aids"]


@pytest.mark.parametrize("size", [0, 1, 29, 30, 31, 60, 95])
def test_every_page_is_read_to_the_last_record_and_no_further(size: int) -> None:
    api = Api([Preprint(doi(n), ago(1)) for n in range(size)])
    listing = read(api)
    assert numbers(listing.papers) == list(range(size))
    assert [path.split("/")[-2] for path in api.asked] == [str(n) for n in range(0, max(size, 1), 30)]
    assert (listing.status.status, listing.status.count) == ("ok" if size else "empty", size)
    assert listing.status.through == ago(1), "today is not complete yet"


def test_the_size_of_a_page_is_the_servers() -> None:
    """The documentation says 100, and recorded answers have 30."""
    records = [Preprint(doi(n), ago(1)) for n in range(120)]
    everything = {"status": "ok", "total": 120}
    pages = [
        (200, json.dumps({"messages": [everything], "collection": [one.record() for one in part]}).encode())
        for part in (records[:100], records[100:])
    ]
    api = Api(records, faults={"details": pages})
    assert numbers(read(api).papers) == list(range(120))
    assert [path.split("/")[-2] for path in api.asked] == ["0", "100"]


def test_several_categories_are_one_list_without_repeats() -> None:
    records = [Preprint(doi(1), ago(1)), Preprint(doi(2), ago(1), category="genomics")]
    listing = read(Api(records), "neuroscience", "genomics", "neuroscience")
    assert numbers(listing.papers) == [1, 2]


def test_new_versions_are_news_only_if_the_profile_wants_them() -> None:
    records = [Preprint(doi(1), ago(1)), Preprint(doi(2), ago(1), version=3)]
    first = read(Api(records))
    assert numbers(first.papers) == [1]
    assert first.status.note == "2026-11-27 to 2026-11-28: 1 new, 1 new versions left out"
    both = read(Api(records), replacements=True)
    assert numbers(both.papers) == [1, 2]
    assert max(paper.links.page for paper in both.papers).endswith("000002v3")


def test_of_several_versions_the_newest_counts() -> None:
    records = [Preprint(doi(1), ago(1), version=n, title=f"Title {n}") for n in (2, 3, 1)]
    assert [paper.title for paper in read(Api(records), replacements=True).papers] == ["Title 3"]
    assert [paper.title for paper in read(Api(records)).papers] == ["Title 1"]


@pytest.mark.parametrize(
    ("through", "past", "asked"),
    [
        (None, False, (1, 0)),  # the first night
        (1, False, (1, 0)),
        (2, False, (2, 0)),  # as every night: the watermark's own day once more
        (4, False, (4, 0)),
        (30, False, (7, 0)),
        (0, False, (1, 0)),
        (3, True, (0, 0)),
    ],
)
def test_the_days_since_the_watermark_are_asked_for_and_at_most_a_week(
    through: int | None, past: bool, asked: tuple[int, int]
) -> None:
    api = Api([])
    read(api, through={} if through is None else {"biorxiv": ago(through)}, past=past)
    first, last = map(ago, asked)
    assert api.asked == [f"/details/biorxiv/{first}/{last}/0/json?category=neuroscience"]


def test_night_after_night_nothing_is_lost_also_what_the_api_has_a_day_late() -> None:
    records = [
        Preprint(doi(n), ago(n % 9), entered=ago(n % 9) + dt.timedelta(days=n % 2)) for n in range(200)
    ]
    through: dict[str, dt.date] = {"biorxiv": ago(10)}
    got: set[int] = set()
    for day in range(9, -3, -1):
        if day in (6, 5):
            continue  # nights without a run
        listing = read(Api(records, today=ago(day)), through=through)
        got |= set(numbers(listing.papers))
        through["biorxiv"] = max(listing.days)
    assert got == set(range(200))


@pytest.mark.parametrize(
    "fault",
    [
        "no answer within 30 seconds",
        (500, b""),
        (200, b"<html>busy</html>"),
        (200, b'{"messages":[{"status":"ok","total":"40"}],"collection":[]}'),
        (200, b'{"messages":[{"status":"no posts found"}],"collection":[]}'),
    ],
)
def test_what_was_not_read_to_its_end_is_kept_and_asked_for_again(fault: Any) -> None:
    api = Api([Preprint(doi(n), ago(1)) for n in range(40)], faults={"/30/json": [fault] * 3})
    listing = read(api, through={"biorxiv": ago(3)})
    assert numbers(listing.papers) == list(range(30))
    assert listing.status.status == "ok"
    assert "neuroscience was not read to its end: " in listing.status.note
    assert (listing.days, listing.status.through) == (frozenset(), None), "the watermark stays"


def test_a_server_that_ignores_the_cursor_is_found_out() -> None:
    page = answer(
        [Preprint(doi(n), ago(1)) for n in range(40)], "/details/biorxiv/2026-11-01/2026-11-28", TODAY
    )
    api = Api([], faults={"details": [page] * 9})
    listing = read(api)
    assert len(api.asked) == 2
    assert "repeats" in listing.status.note
    assert listing.days == frozenset()


def test_a_source_that_cannot_be_read_at_all_has_failed_with_a_reason() -> None:
    listing = read(
        Api(
            [],
            faults={"details": [(200, b'{"messages":[{"status":"database is down"}],"collection":[]}')] * 9},
        )
    )
    assert (listing.status.status, listing.status.through) == ("failed", None)
    assert listing.status.note == "it answered: database is down"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"doi": "10.1101/../../x"}, "has no DOI of bioRxiv"),
        ({"doi": "10.1101/" + "1" * 60}, "has no DOI of bioRxiv"),
        ({"doi": 'x" onclick="'}, "has no DOI of bioRxiv"),
        ({"doi": None}, "has no DOI of bioRxiv"),
        ({"title": " "}, "has no title"),
        ({"date": "soon"}, "has no date"),
    ],
)
def test_a_bad_record_is_left_out_with_a_reason_and_affects_no_other(
    changes: Mapping[str, Any], reason: str
) -> None:
    items = [{**Preprint(doi(1), ago(1)).record(), **changes}, Preprint(doi(2), ago(1)).record(), "what"]
    body = json.dumps({"messages": [{"status": "ok", "total": "3"}], "collection": items}).encode()
    listing = read(Api([], faults={"details": [(200, body)]}))
    assert numbers(listing.papers) == [2]
    assert [one.reason for one in listing.skipped] == [reason, "is not a preprint"]
    assert listing.status.through == ago(1)


@many
@given(
    damaged(
        answer([Preprint(doi(n), ago(1)) for n in range(2)], "/details/biorxiv/2026-11-01/2026-11-28", TODAY)[
            1
        ]
    )
)
def test_no_damage_raises(body: bytes) -> None:
    found = biorxiv.parse(body, BIORXIV)
    assert isinstance(found, str) or all(isinstance(one, Skipped) for one in found.skipped)


@many
@given(st.from_regex(r"10\.[0-9]{4,6}/[a-z0-9]{1,9}(\.[a-z0-9]{1,9}){0,3}", fullmatch=True))
def test_ids_are_safe_and_lead_back_to_their_doi(written: str) -> None:
    paper_id = biorxiv.id_of(BIORXIV, written)
    assert paper_id is not None
    assert set(paper_id) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert len(paper_id) <= 64
    assert source_of_id(paper_id) is BIORXIV
    assert biorxiv.doi_of(BIORXIV, paper_id) == written


def test_papers_are_looked_up_one_by_one_in_their_newest_version() -> None:
    records = [Preprint(doi(1), ago(20), title="Old"), Preprint(doi(1), ago(2), version=2, title="New")]
    api = Api(records, faults={"000003": ["no connection"]})
    ids = [f"biorxiv-10.64898-2026.11.20.00000{n}" for n in (1, 2, 3)]
    found = asyncio.run(biorxiv.look_up(api, BASE, BIORXIV, ids))
    assert [(paper.id, paper.title) for paper in found.papers] == [(ids[0], "New")]
    assert [(one.id, one.reason) for one in found.missing] == [
        (ids[1], "bioRxiv knows no paper of this id"),
        (ids[2], "bioRxiv's API could not be read: no connection"),
    ]
    assert api.asked[0] == "/details/biorxiv/10.64898/2026.11.20.000001/na/json"
