"""Days that the feed serves no more."""

from __future__ import annotations

import asyncio
import datetime as dt
import re

import pytest
from hypothesis import given

from pipeline.core.models import Skipped
from pipeline.sources import arxiv_oai
from tests.sources.mutating import damaged, reworded
from tests.sources.table import LINKS, Table, many, recorded

BASE = "https://oaipmh.arxiv.org"
FIRST, SECOND = recorded("arxiv_oai_page_1.xml"), recorded("arxiv_oai_page_2.xml")
TUESDAY, FRIDAY = dt.date(2026, 1, 27), dt.date(2026, 1, 30)
NO_MATCH = b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code='noRecordsMatch'>none</error></OAI-PMH>"""


def fetch(get: Table, *categories: str, after: dt.date = TUESDAY, before: dt.date = FRIDAY):
    names = categories or ("cs.CV",)
    return asyncio.run(arxiv_oai.fetch(get, BASE, names, LINKS, after=after, before=before))


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CV", "cs:cs:CV"),
        ("cs.cv", "cs:cs:CV"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
        ("cond-mat.mes-hall", "physics:cond-mat:mes-hall"),
        ("quant-ph", "physics:quant-ph"),
    ],
)
def test_sets(category, name):
    assert arxiv_oai.set_spec(category) == name


def test_a_page_read_by_eye():
    page = arxiv_oai.parse(FIRST)
    assert isinstance(page, arxiv_oai.HarvestPage)
    assert page.token == "verb%3DListRecords%26set%3Dcs%253Acs%253ACV%26skip%3D5"
    assert [record.id for record in page.records] == ["2601.90084", "1706.99999", "2601.91800"]
    assert page.skipped == (
        Skipped(id="oai:arXiv.org:2601.91802", stage="fetch", reason="has no arXiv id or no metadata"),
    )
    first, old, missed = page.records
    assert first.authors == ("First Author", "Second Author")
    assert (str(old.submitted.date()), old.versions) == ("2017-06-12", 2)
    assert missed == arxiv_oai.Record(
        id="2601.91800",
        stamp=dt.date(2026, 1, 28),
        submitted=dt.datetime(2026, 1, 26, 20, 0, tzinfo=dt.UTC),
        versions=1,
        title="Missed on Wednesday",
        abstract="A first line and a second.",
        authors=("First Author", "Second Author", "Third Author"),
        categories=("cs.CV", "eess.IV"),
    )


def test_the_days_between_two_reports():
    get = Table(resumptionToken=[SECOND], ListRecords=[FIRST])
    listing = fetch(get)
    first, second = get.asked
    assert first == f"{BASE}/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:CV&from=2026-01-24"
    base, _, token = second.partition("&resumptionToken=")
    assert base == f"{BASE}/oai?verb=ListRecords"
    assert token == "verb%253DListRecords%2526set%253Dcs%25253Acs%25253ACV%2526skip%253D5"
    assert [(str(p.announced), p.id, p.signals["arxiv"].announced_as) for p in listing.papers] == [
        ("2026-01-28", "2601.91800", "new"),
        ("2026-01-29", "2601.92939", "cross"),
        ("2026-01-29", "2601.93051", "new"),
        ("2026-01-29", "2601.93100", "new"),
    ]
    replaced = listing.papers[2]
    assert replaced.links.html == "https://arxiv.org/html/2601.93051v2"
    assert listing.status.model_dump(mode="json") == {
        "name": "arxiv-oai",
        "status": "ok",
        "count": 4,
        "through": "2026-01-29",
        "note": "announced 2026-01-28 to 2026-01-29",
    }


def test_a_record_without_dates_is_listed_as_skipped():
    undated = SECOND.replace(b"Sat, 17 Jan 2026 14:18:36 GMT", b"soon")
    listing = fetch(Table(resumptionToken=[undated], ListRecords=[FIRST]))
    assert [(one.id, one.reason) for one in listing.skipped] == [
        ("oai:arXiv.org:2601.91802", "has no arXiv id or no metadata"),
        ("2601.92939", "has no title or no dates"),
    ]


def test_each_category_is_asked_for_and_a_paper_in_two_comes_once():
    get = Table(resumptionToken=[SECOND], ListRecords=[FIRST])
    listing = fetch(get, "cs.CV", "eess.IV", "cs.CV")
    assert [url.partition("set=")[2] for url in get.asked if "set=" in url] == [
        "cs:cs:CV&from=2026-01-24",
        "eess:eess:IV&from=2026-01-24",
    ]
    assert listing.status.count == 4


def test_other_categories_are_left_out():
    get = Table(resumptionToken=[SECOND], ListRecords=[FIRST])
    assert [paper.id for paper in fetch(get, "cs.lg").papers] == ["2601.92939"]


@pytest.mark.parametrize(
    ("newest", "through"), [("27", None), ("28", None), ("29", "2026-01-28"), ("30", "2026-01-29")]
)
def test_a_harvest_proves_the_days_before_its_newest_datestamp(newest: str, through: str | None):
    """Its index may lag behind, and the last day in it may be there in part. Asked for: the 28th and the 29th."""

    def behind(page: bytes) -> bytes:
        records = re.findall(rb"<record>.*?</record>", page, re.DOTALL)
        for record in records:
            if re.findall(rb"<datestamp>2026-01-(..)", record)[0] > newest.encode():
                page = page.replace(record, b"")
        return page

    listing = fetch(Table(resumptionToken=[behind(SECOND)], ListRecords=[behind(FIRST)]))
    assert str(listing.status.through) == str(through)
    assert (max(listing.days) if listing.days else None) == listing.status.through
    assert ("the index ends with" in listing.status.note) == (through != "2026-01-29")


def test_an_old_paper_is_old_even_if_the_harvest_knows_no_earlier_day():
    page = arxiv_oai.parse(FIRST)
    assert isinstance(page, arxiv_oai.HarvestPage)
    found = arxiv_oai.select_papers(page.records[1:], ["cs.CV"], LINKS, after=TUESDAY, before=FRIDAY)
    assert [paper.id for paper in found] == ["2601.91800"]


def test_no_match_is_an_empty_list():
    listing = fetch(Table(ListRecords=[NO_MATCH]))
    assert (listing.status.status, listing.status.count, listing.papers) == ("empty", 0, ())
    assert (listing.status.through, listing.days) == (None, frozenset())


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (FIRST[:3000], "cs.CV: the answer is cut or damaged"),
        (
            NO_MATCH.replace(b"noRecordsMatch", b"badResumptionToken"),
            "cs.CV: it answered badResumptionToken: none",
        ),
        (b"<rss/>", "cs.CV: the answer is no list of records but <rss>"),
        (503, "cs.CV: HTTP 503"),
    ],
)
def test_what_breaks_off_is_failed_and_keeps_what_it_had(answer, note):
    listing = fetch(Table(resumptionToken=[answer], ListRecords=[FIRST]))
    assert (listing.status.status, listing.status.through) == ("failed", None)
    assert listing.status.note.startswith(note)
    assert [paper.id for paper in listing.papers] == ["2601.91800"]
    assert listing.status.count == 1


def test_pages_without_end():
    get = Table(ListRecords=[FIRST])
    listing = fetch(get)
    assert listing.status.note == "cs.CV: more than 20 pages"
    assert len(get.asked) == 20


@many
@given(damaged(FIRST, SECOND, NO_MATCH) | reworded(FIRST, SECOND))
def test_no_damage_makes_it_raise(body):
    page = arxiv_oai.parse(body)
    if isinstance(page, arxiv_oai.HarvestPage):
        arxiv_oai.select_papers(page.records, ["cs.CV"], LINKS, after=TUESDAY, before=FRIDAY)
    if body in (FIRST, SECOND):
        assert isinstance(page, arxiv_oai.HarvestPage)
        assert len(page.records) == {FIRST: 3, SECOND: 4}[body]


def test_damage_to_one_record_loses_no_other():
    """Each damage is well-formed, and lies in the last record of the page."""
    ids = ["2601.92939", "2601.93100", "2601.93051"]
    last = SECOND.rindex(b"<record>")
    for part in (b"identifier", b"datestamp", b"title", b"abstract", b"authors", b"categories", b"version"):
        broken = SECOND[last:].replace(b"<%s" % part, b"<x").replace(b"</%s>" % part, b"</x>")
        page = arxiv_oai.parse(SECOND[:last] + broken)
        assert isinstance(page, arxiv_oai.HarvestPage)
        assert [record.id for record in page.records][:3] == ids
        assert len(page.records) + len(page.skipped) == 4


def replaced(paper_id: str, stamp: int, submitted: int, versions: int = 1) -> arxiv_oai.Record:
    """A record of January 2026, last changed on a day, its first version submitted at noon of another."""
    first = dt.datetime(2026, 1, submitted, 12, tzinfo=dt.UTC)
    return arxiv_oai.Record(paper_id, dt.date(2026, 1, stamp), first, versions, "A title", "", (), ("cs.CV",))


def test_what_was_replaced_as_soon_as_it_was_announced_is_not_lost():
    """Friday 23 is missed; its last paper comes anew on Monday 26, whose feed calls it a replacement."""
    harvest = [
        replaced("2601.00001", 22, 21),
        replaced("2601.00002", 23, 22),
        replaced("2601.00003", 26, 22, 2),
        replaced("2601.00004", 26, 23),  # Monday's, which the feed has
        replaced("2601.00005", 26, 22),  # Monday's too: moderators held it
    ]
    thursday, monday = dt.date(2026, 1, 22), dt.date(2026, 1, 26)
    found = arxiv_oai.select_papers(harvest, ["cs.CV"], LINKS, after=thursday, before=monday)
    assert [(paper.id, str(paper.announced)) for paper in found] == [
        ("2601.00002", "2026-01-23"),
        ("2601.00003", "2026-01-23"),
    ]
    assert found[1].links.pdf == "https://arxiv.org/pdf/2601.00003v2"


def test_what_was_announced_before_the_gap_and_replaced_since_does_not_come_again():
    harvest = [replaced("2601.00001", 26, 21, 2), replaced("2601.00002", 26, 23, 2)]
    thursday, monday = dt.date(2026, 1, 22), dt.date(2026, 1, 26)
    assert arxiv_oai.select_papers(harvest, ["cs.CV"], LINKS, after=thursday, before=monday) == ()


@pytest.mark.parametrize(
    ("dates", "pinned"),
    [
        (["Tue, 27 Jan 2026 20:00:00 GMT", "soon", "Thu, 29 Jan 2026 12:00:00 GMT"], "v3"),
        (["soon", "Tue, 27 Jan 2026 20:00:00 GMT"], None),
    ],
)
def test_a_version_without_a_date_is_counted(dates, pinned):
    """Or the link would lead to the version before the newest. Without a date of the first, no day can be told."""
    versions = "".join(f"<version><date>{one}</date></version>" for one in dates)
    head, _, rest = SECOND.decode().partition('<version version="v1">')
    body = f"{head}{versions}{rest.partition('</version>')[2]}".replace(
        "<datestamp>2026-01-29", "<datestamp>2026-01-30", 1
    )
    page = arxiv_oai.parse(body.encode())
    assert isinstance(page, arxiv_oai.HarvestPage)
    first = next((record for record in page.records if record.id == "2601.92939"), None)
    assert (first is None) == (pinned is None)
    if first is None:
        assert page.skipped[0] == Skipped(id="2601.92939", stage="fetch", reason="has no title or no dates")
    else:
        (paper,) = arxiv_oai.select_papers(
            [first], ["cs.CV"], LINKS, after=TUESDAY, before=dt.date(2026, 1, 31)
        )
        assert paper.links.pdf == f"https://arxiv.org/pdf/2601.92939{pinned}"
