"""Hugging Face's daily papers."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import Skipped
from pipeline.sources import huggingface
from pipeline.sources.base import Parsed
from tests.sources.mutating import damaged
from tests.sources.table import LINKS, Table, many, recorded

DAY = dt.date(2026, 1, 20)
BASE = "https://huggingface.co"
RECORDED = recorded("huggingface_2026-01-20.json")


def parse(raw: object) -> Parsed:
    found = huggingface.parse(json.dumps(raw).encode(), DAY, LINKS)
    assert isinstance(found, Parsed)
    return found


def an_item(**inner) -> dict:
    return {"paper": {"id": "2601.90001", "title": "A title", "upvotes": 3, **inner}, "title": "Outer title"}


def test_a_recorded_day_read_by_eye():
    found = huggingface.parse(RECORDED, DAY, LINKS)
    assert isinstance(found, Parsed)
    assert found.skipped == ()
    assert [(p.id, p.signals["huggingface"].upvotes, len(p.authors)) for p in found.papers] == [
        ("2601.08808", 13, 6),
        ("2601.11077", 8, 14),
        ("2601.11096", 3, 8),
        ("2601.10387", 2, 5),
    ]
    first, second, third, fourth = (paper.links for paper in found.papers)
    assert first.code == "https://github.com/GMLR-Penn/Multiplex-Thinking"
    assert first.project == "https://gmlr-penn.github.io/Multiplex-Thinking/"
    assert first.huggingface == "https://huggingface.co/papers/2601.08808"
    assert (first.page, first.html, first.pdf) == ("https://arxiv.org/abs/2601.08808", None, None)
    assert (second.code, third.project) == (
        "https://github.com/OpenMOSS/ABC-Bench",
        "https://lucaria-academy.github.io/CoDance/",
    )
    assert fourth.code is fourth.project is None
    assert [paper.stars for paper in found.papers] == [39, 2, None, None]
    assert all(p.announced is None and p.categories == () for p in found.papers)
    assert all(p.signals["huggingface"].day == DAY for p in found.papers)


def test_votes_are_those_of_the_inner_object():
    raw = [an_item(id="2601.90003", upvotes=1), an_item(id="2601.90002", upvotes=9), an_item(upvotes=9)]
    raw[0]["upvotes"] = 500
    assert [(p.id, p.signals["huggingface"].upvotes) for p in parse(raw).papers] == [
        ("2601.90003", 1),
        ("2601.90002", 9),
        ("2601.90001", 9),
    ]


def test_hard_line_breaks_entities_and_marks():
    item = an_item(title="A title\n  in two &amp; more\u202e lines", summary="One.\nTwo\u200b.  ")
    (paper,) = parse([item]).papers
    assert (paper.title, paper.abstract) == ("A title in two & more lines", "One. Two.")


def test_nothing_optional_is_required():
    (paper,) = parse([{"paper": {"id": "2601.90001", "title": "A title"}}]).papers
    assert (paper.abstract, paper.authors, paper.signals["huggingface"].upvotes) == ("", (), None)


def test_the_outer_object_helps_out():
    (paper,) = parse([{"paper": {"id": "2601.90001"}, "title": "Outer", "summary": "Words."}]).papers
    assert (paper.title, paper.abstract) == ("Outer", "Words.")


def test_a_hidden_author_stays_hidden():
    people = [
        {"name": "First Author", "hidden": False},
        {"name": "Second Author", "hidden": True},
        {"name": "Third"},
    ]
    (paper,) = parse([an_item(authors=people)]).papers
    assert paper.authors == ("First Author", "Third")


def test_no_votes_are_known_votes():
    (paper,) = parse([an_item(upvotes=0)]).papers
    assert paper.signals["huggingface"].upvotes == 0


@pytest.mark.parametrize("odd", [True, "7", -1, 10**13])
def test_odd_votes_and_stars_are_unknown(odd):
    (paper,) = parse([an_item(upvotes=odd, githubRepo="https://github.com/a/b", githubStars=odd)]).papers
    assert paper.signals["huggingface"].upvotes is None
    assert paper.stars is None


def test_stars_are_those_of_the_code_that_is_linked():
    of_other = an_item(githubRepo="https://evil.example/a/b", githubStars=9)
    assert [paper.stars for paper in parse([of_other, an_item(githubStars=9)]).papers] == [None, None]


@pytest.mark.parametrize("odd", ["a name", [None, 3, "B", {"name": 4}, {"fullname": "C"}, {}]])
def test_odd_authors_are_no_authors(odd):
    (paper,) = parse([an_item(authors=odd)]).papers
    assert paper.authors == ()


def test_a_link_has_to_be_to_a_host_on_the_list():
    (paper,) = parse(
        [an_item(githubRepo="https://github.com/a/b", projectPage="https://evil.example/")]
    ).papers
    assert (paper.links.code, paper.links.project) == ("https://github.com/a/b", None)


def test_one_bad_item_loses_no_other():
    bad: list[Any] = [
        None,
        7,
        "text",
        [],
        {},
        {"paper": None},
        {"paper": []},
        an_item(id=None),
        an_item(id="x"),
        an_item(title=7),
    ]
    bad[-1]["title"] = "\u200b "
    found = parse([*bad, an_item()])
    assert [paper.id for paper in found.papers] == ["2601.90001"]
    assert len(found.skipped) == len(bad)
    assert found.skipped[0] == Skipped(
        id="huggingface 2026-01-20 item 1", stage="fetch", reason="is not a paper"
    )
    assert found.skipped[8] == Skipped(id="x", stage="fetch", reason="has no arXiv id")
    assert found.skipped[9] == Skipped(id="2601.90001", stage="fetch", reason="has no title")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (RECORDED[:5000], "the answer is cut, or not a list of papers"),
        (b"[" * 100_000, "the answer is cut, or not a list of papers"),
        (b'{"error":"date must be before 2026-01-20"}', "it answered: date must be before 2026-01-20"),
        (b"{}", "it answered: {}"),
        (b"null", "the answer is cut, or not a list of papers"),
    ],
)
def test_what_is_no_list(body, reason):
    assert huggingface.parse(body, DAY, LINKS) == reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@many
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["paper", "title", "summary"]), JSON)
        | st.fixed_dictionaries(
            {},
            optional={
                "paper": st.fixed_dictionaries(
                    {"id": st.sampled_from(["2601.90001", "x", "2601.90002v3"]) | JSON},
                    optional=dict.fromkeys(
                        (
                            "title",
                            "summary",
                            "upvotes",
                            "authors",
                            "githubRepo",
                            "githubStars",
                            "projectPage",
                            "publishedAt",
                        ),
                        JSON,
                    ),
                ),
                "title": JSON | st.just("A title"),
                "summary": JSON,
            },
        ),
        max_size=5,
    )
)
def test_wrong_types_anywhere(raw):
    found = parse(raw)
    assert len(found.papers) + len(found.skipped) == len(raw)
    assert all(json.loads(paper.model_dump_json())["title"] for paper in found.papers)


@many
@given(damaged(RECORDED, recorded("huggingface_2026-01-02.json")))
def test_no_damage_makes_it_raise(body):
    found = huggingface.parse(body, DAY, LINKS)
    assert isinstance(found, str | Parsed)
    assert isinstance(huggingface.error_message(body), str)


def fetch(get: Table, *days: str):
    dates = [dt.date.fromisoformat(day) for day in days]
    return asyncio.run(huggingface.fetch(get, BASE, dates, LINKS))


def test_two_days_each_with_its_own_signal():
    get = Table(**{"2026-01-20": [RECORDED], "2026-01-02": [recorded("huggingface_2026-01-02.json")]})
    listing = fetch(get, "2026-01-20", "2026-01-02", "2026-01-20")
    assert sorted(get.asked) == [
        "https://huggingface.co/api/daily_papers?date=2026-01-02&limit=100&p=0",
        "https://huggingface.co/api/daily_papers?date=2026-01-20&limit=100&p=0",
    ]
    assert (listing.status.status, listing.status.count, listing.status.through) == ("ok", 7, DAY)
    assert listing.status.note == "2026-01-02: 3; 2026-01-20: 4"
    days = [str(paper.signals["huggingface"].day) for paper in listing.papers]
    assert days == ["2026-01-02"] * 3 + ["2026-01-20"] * 4


def test_a_full_page_is_not_the_last():
    item = json.loads(RECORDED)[0]
    pages = []
    for start in (0, 100, 200):
        items = [copy.deepcopy(item) for _ in range(100 if start < 200 else 7)]
        for n, one in enumerate(items, start):
            one["paper"]["id"] = f"2601.{n:05d}"
        items[0] = None  # counts as an item of a full page all the same
        pages.append(json.dumps(items).encode())
    get = Table(**{"p=0": [pages[0]], "p=1": [pages[1]], "p=2": [pages[2]]})
    listing = fetch(get, "2026-01-20")
    assert (listing.status.count, len(listing.skipped), len(get.asked)) == (204, 3, 3)


def pages(total: int, most: int) -> dict[str, list[bytes]]:
    """A day's list by a server that gives at most so many items at once, whatever it is asked for."""
    item = json.loads(RECORDED)[0]
    items = [{**item, "paper": {**item["paper"], "id": f"2601.{n:05d}"}} for n in range(total)]
    return {f"p={n}": [json.dumps(items[n * most : (n + 1) * most]).encode()] for n in range(20)}


@pytest.mark.parametrize(
    ("total", "most"), [(190, 10), (99, 20), (100, 25), (120, 32), (50, 50), (190, 64), (120, 75), (100, 100)]
)
def test_a_server_that_gives_fewer_than_asked_for_loses_none(total, most):
    get = Table(**dict(reversed(pages(total, most).items())))  # `p=1` is also the beginning of `p=10`
    listing = fetch(get, "2026-01-20")
    assert {paper.id for paper in listing.papers} == {f"2601.{n:05d}" for n in range(total)}
    assert (listing.status.count, listing.status.note) == (total, f"2026-01-20: {total}")
    assert len(get.asked) <= max(2, total // most + 1)


@pytest.mark.parametrize("total", [0, 1, 33, 99])
def test_an_ordinary_day_is_one_request(total):
    get = Table(**pages(total, 100))
    fetch(get, "2026-01-20")
    assert len(get.asked) == 1


def test_a_server_that_gives_the_same_page_again_and_again():
    get = Table(daily=pages(50, 50)["p=0"])
    listing = fetch(get, "2026-01-20")
    assert (listing.status.count, len(get.asked)) == (50, 2)


def test_a_list_without_an_end_is_not_taken_for_a_whole_one():
    get = Table(**dict(reversed(pages(300, 10).items())))
    listing = fetch(get, "2026-01-20")
    assert (listing.status.count, listing.status.through, len(get.asked)) == (200, None, 20)
    assert listing.status.note == "2026-01-20 could not be read: more than 20 pages"


def test_a_weekend_is_empty():
    listing = fetch(Table(daily=[b"[]"]), "2026-01-31", "2026-02-01")
    assert listing.status.status == "empty"
    assert listing.status.note == "2026-01-31: none (weekend); 2026-02-01: none (weekend)"
    assert listing.status.through == dt.date(2026, 2, 1)


def listed(*keys: str) -> list[bytes]:
    return [
        json.dumps([{"paper": {"id": key, "title": f"Paper {key}", "upvotes": 1}} for key in keys]).encode()
    ]


MONDAY, TUESDAY, WEDNESDAY = "2026-01-26", "2026-01-27", "2026-01-28"


@pytest.mark.parametrize(
    ("answers", "days", "through"),
    [
        ([listed("2601.00001"), listed("2601.00002"), listed("2601.00003")], "26 27 28", "28"),
        ([listed("2601.00001"), [b"[]"], listed("2601.00003")], "26 28", "26"),  # empty on a working day
        ([[b"[]"], listed("2601.00002"), listed("2601.00003")], "27 28", None),
        (
            [listed("2601.00001"), listed("2601.00001"), listed("2601.00003")],
            "28",
            None,
        ),  # a stale page: of which day?
        ([listed("2601.00001"), listed("2601.00001", "2601.00002"), listed("2601.00003")], "26 28", "26"),
        ([listed("2601.00001"), ["HTTP 503"], listed("2601.00001")], "26 28", "26"),  # listed again later
    ],
)
def test_a_list_that_is_empty_or_repeats_the_day_before_is_not_read(
    answers: list[list[Any]], days: str, through: str | None
):
    get = Table(**dict(zip((MONDAY, TUESDAY, WEDNESDAY), answers, strict=True)))
    listing = fetch(get, MONDAY, TUESDAY, WEDNESDAY)
    assert " ".join(f"{day:%d}" for day in sorted(listing.days)) == days
    assert listing.status.through == (through and dt.date(2026, 1, int(through)))


def test_one_day_that_fails_does_not_lose_the_other():
    get = Table(**{"2026-01-19": ["HTTP 503 (4 tries)"], "2026-01-20": [RECORDED]})
    listing = fetch(get, "2026-01-19", "2026-01-20")
    assert (listing.status.status, listing.status.count, listing.status.through) == ("ok", 4, None)
    assert listing.status.note == "2026-01-19 could not be read: HTTP 503 (4 tries); 2026-01-20: 4"


def test_what_was_read_before_a_failure_counts():
    get = Table(**{"2026-01-20": [RECORDED], "2026-01-21": [500]})
    listing = fetch(get, "2026-01-20", "2026-01-21")
    assert (listing.status.status, listing.status.through) == ("ok", DAY)


def test_the_pages_before_one_that_fails_are_kept():
    listing = fetch(Table(**{"p=0": pages(150, 100)["p=0"], "p=1": [500]}), "2026-01-20")
    assert [paper.id for paper in listing.papers] == [f"2601.{n:05d}" for n in range(100)]
    assert (listing.status.status, listing.status.count, listing.status.through) == ("failed", 100, None)
    assert listing.status.note == "2026-01-20 could not be read: HTTP 500"


@pytest.mark.parametrize(
    ("answer", "note", "asked"),
    [
        ("no connection", "2026-01-20 could not be read: no connection", 1),
        (RECORDED[:5000], "2026-01-20 could not be read: the answer is cut, or not a list of papers", 3),
    ],
)
def test_a_list_that_cannot_be_had(answer, note, asked):
    get = Table(daily=[answer])
    listing = fetch(get, "2026-01-20")
    assert (listing.status.status, listing.status.note) == ("failed", note)
    assert len(get.asked) == asked
