"""A fault in one entry costs that entry at most: no parser raises, and every other entry is read as it is without."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core.models import Paper
from pipeline.core.source import BIORXIV
from pipeline.sources import arxiv_api, arxiv_oai, arxiv_rss, biorxiv, feed_worker, feeds, huggingface
from pipeline.sources.base import Parsed
from tests.sources.table import EXAMPLES, LINKS, many
from tests.stubs.biorxiv import Preprint

TODAY = dt.date(2026, 2, 4)
few = settings(many, max_examples=max(10, EXAMPLES // 4))
thorough = settings(max_examples=5000, suppress_health_check=list(HealthCheck))

# Characters and references that no XML may contain, broken UTF-8, and what only looks like markup.
FAULTS = [
    b"\x00", b"\x0b", b"\x1a", b"\x7f", b"&#0;", b"&#x1a;", b"&#xFFFE;", b"&#x110000;", b"&#xD83D;", b"&#55357;&#56841;",
    b"&", b"&&", b"& ", b"&;", b"&#;", b"&#x;", b"&amp", b"&nbsp;", b"&foo;", b"&notit;", b"&#99999999999;",
    b"\xff", b"\xe7\x94", b"\xed\xa0\x80", b"\xf0\x9f", b"\xc3", b"\xef\xbf\xbe", b"< ", b"<1", b"<", b"]]>", b"-->", b"?>", b">",
    b'"', b"'", b"\r", b"\t", "\u202e\u200b".encode(), b"[", b"%", b"https://[x", b"http://a:99999/", b"a" * 3000, b",", b"(", b";",
    b" and ", b"@", b"a@b.science (", b"Jr.", b"9999-99-99", b"Fri, 99 Jan 99999 00:00:00 -9999", b"oai:arXiv.org:", b"2601",
]  # fmt: skip
NO_TAGS = [
    piece for piece in FAULTS if b">" not in piece
]  # strict parsers refuse what looks like an unclosed tag
MARKUP = [b"<br>", b"<p>", b"</i>", b"<i>a</b>", b"<x:y>", b"<b", b"<a href=x>", b"</p></p>"]


@st.composite
def damage(draw: st.DrawFn, pieces: Sequence[bytes]) -> list[bytes]:
    """The fields of one entry: title, link, guid, names, date and text."""
    whole = [
        b"Second",
        b"https://j.example/2",
        b"g2",
        b"Jane Doe",
        b"Tue, 03 Feb 2026 10:00:00 GMT",
        b"Some text.",
    ]
    for _ in range(draw(st.integers(1, 4))):
        field = draw(st.integers(0, len(whole) - 1))
        at = draw(st.integers(0, len(whole[field])))
        drop = draw(st.sampled_from([0, 0, 3, 100]))
        piece = draw(
            st.sampled_from(pieces) | st.binary(max_size=3).filter(lambda raw: not set(raw) & set(b"<>"))
        )
        whole[field] = whole[field][:at] + piece + whole[field][at + drop :]
    return whole


def whole(number: int) -> list[bytes]:
    day = "Tue, 03 Feb 2026 10:00:00 GMT"
    link, guid = f"https://j.example/é/{number}", f"g{number}"
    return [
        text.encode() for text in (f"Größe {number}", link, guid, "Jane Doe, 李娜", day, f"Text {number}.")
    ]


def feed_rss(fields: Sequence[Sequence[bytes]]) -> bytes:
    item = b"<item><title>%s</title><link>%s</link><guid isPermaLink='false'>%s</guid><author>%s</author><pubDate>%s</pubDate><description>%s</description></item>"
    return b"<rss version='2.0'><channel>%s</channel></rss>" % b"".join(item % tuple(one) for one in fields)


def feed_atom(fields: Sequence[Sequence[bytes]]) -> bytes:
    entry = b'<entry><title>%s</title><link href="%s"/><id>%s</id><author><name>%s</name></author><published>%s</published><summary>%s</summary></entry>'
    clean = [[one[0], one[1].replace(b'"', b"").replace(b"<", b""), *one[2:]] for one in fields]
    inner = b"".join(entry % tuple(one) for one in clean)
    return b"<feed xmlns='http://www.w3.org/2005/Atom'>%s</feed>" % inner


def read_feed(body: bytes) -> list[tuple[object, ...]]:
    output = json.loads(json.dumps(feed_worker.parse_feed(body)))
    found = feeds.build_papers(output, "j.example/feed", LINKS, today=TODAY)
    assert isinstance(found, Parsed), found
    return sorted(map(identity, found.papers))


def arxiv_feed(fields: Sequence[Sequence[bytes]]) -> bytes:
    item = b"<item><title>%s</title><link>%s</link><guid>oai:arXiv.org:2602.0000%sv1</guid><dc:creator>%s</dc:creator><pubDate>%s</pubDate><description>%s</description></item>"
    inner = b"".join(item % (*one[:2], one[2][-1:], *one[3:]) for one in fields)
    return (
        b"<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>%s</channel></rss>" % inner
    )


def read_arxiv_feed(body: bytes) -> list[tuple[object, ...]]:
    found = arxiv_rss.parse(body, LINKS, today=TODAY)
    assert not isinstance(found, str), found
    return sorted(map(identity, found.papers))


def api(fields: Sequence[Sequence[bytes]]) -> bytes:
    entry = b"<entry><title>%s</title><link href='x'/><!-- %s --><id>http://arxiv.org/abs/2602.0000%sv1</id><author><name>%s</name></author><published>%s</published><summary>%s</summary></entry>"
    inner = b"".join(entry % (one[0], b"", one[2][-1:], *one[3:]) for one in fields)
    return b"<feed xmlns='http://www.w3.org/2005/Atom'>%s</feed>" % inner


def read_api(body: bytes) -> list[tuple[object, ...]]:
    found = arxiv_api.parse(body, LINKS)
    assert not isinstance(found, str), found
    return sorted(map(identity, found))


def oai(fields: Sequence[Sequence[bytes]]) -> bytes:
    record = b"<record><header><identifier>oai:arXiv.org:2602.0000%s</identifier><datestamp>2026-02-04</datestamp></header><metadata><arXivRaw xmlns='http://arxiv.org/OAI/arXivRaw/'><version version='v1'><date>%s</date></version><title>%s</title><authors>%s</authors><categories>cs.CV</categories><abstract>%s</abstract></arXivRaw></metadata></record>"
    inner = b"".join(record % (one[2][-1:], one[4], one[0], one[3], one[5]) for one in fields)
    return (
        b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>%s</ListRecords></OAI-PMH>"
        % inner
    )


def read_oai(body: bytes) -> list[tuple[object, ...]]:
    found = arxiv_oai.parse(body)
    assert not isinstance(found, str), found
    return sorted((one.id, one.title, one.authors, one.abstract, str(one.submitted)) for one in found.records)


def identity(paper: Paper) -> tuple[object, ...]:
    return paper.id, paper.title, paper.authors, paper.abstract, paper.links.page, str(paper.announced)


Build = Callable[[Sequence[Sequence[bytes]]], bytes]
Read = Callable[[bytes], list[tuple[object, ...]]]
PARSERS: dict[str, tuple[Build, Read, Sequence[bytes]]] = {
    "feeds, RSS": (feed_rss, read_feed, FAULTS),
    "feeds, Atom": (feed_atom, read_feed, FAULTS),
    "feeds, RSS with loose markup": (feed_rss, read_feed, [*FAULTS, *MARKUP]),
    "arXiv's feed": (arxiv_feed, read_arxiv_feed, NO_TAGS),
    "arXiv's API": (api, read_api, NO_TAGS),
    "OAI-PMH": (oai, read_oai, NO_TAGS),
}


def others_stay(name: str, data: st.DataObject) -> None:
    build, read, pieces = PARSERS[name]
    others = read(build([whole(1), whole(3)]))
    assert len(others) == 2
    found = read(build([whole(1), data.draw(damage(pieces)), whole(3)]))
    assert set(others) <= set(found)
    assert len(found) <= 3


@pytest.mark.parametrize("name", PARSERS)
@few
@given(st.data())
def test_a_fault_in_one_entry_loses_no_other(name, data):
    others_stay(name, data)


@pytest.mark.long
@pytest.mark.parametrize("name", PARSERS)
@thorough
@given(st.data())
def test_no_fault_in_one_entry_loses_another(name, data):
    others_stay(name, data)


LEAF = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["2602.00002", "\ud800", "https://[x"])
)  # fmt: skip
KEYS = st.sampled_from(["id", "title", "name"])
INNER = LEAF | st.dictionaries(KEYS, LEAF, max_size=3)
JSON = INNER | st.lists(INNER, max_size=3) | st.dictionaries(KEYS, INNER, max_size=3)
FIELDS = ["id", "title", "summary", "authors", "upvotes", "githubRepo", "projectPage", "paper"]


def listed_by_huggingface(inner: dict[str, object]) -> None:
    good = {
        "id": "2602.00001",
        "title": "Größe",
        "summary": "x",
        "authors": [{"name": "Jane Doe"}],
        "upvotes": 1,
    }
    body = json.dumps(
        [
            {"paper": good},
            {"paper": {"id": "2602.00002", "title": "x", **inner}, **inner},
            {"paper": {**good, "id": "2602.00003"}},
        ]
    )
    found = huggingface.parse(body.encode(), TODAY, LINKS)
    assert isinstance(found, Parsed)
    assert {"2602.00001", "2602.00003"} <= {paper.id for paper in found.papers}
    assert len(found.papers) + len(found.skipped) == 3


@few
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_a_fault_in_one_item_of_hugging_face_loses_no_other(inner):
    listed_by_huggingface(inner)


@pytest.mark.long
@thorough
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_fault_in_one_item_of_hugging_face_loses_another(inner):
    listed_by_huggingface(inner)


RECORD = [*Preprint("10.64898/2026.02.03.000002", TODAY).record(), "collection", "messages"]
WRITTEN = st.sampled_from(
    ["10.64898/2026.02.03.000009", "2026-99-99", "9" * 5000, "C_SCPLOW", "O_LI", "; ,;", "<b", "&#0;", "&lt;"]
)


def listed_by_biorxiv(inner: dict[str, object]) -> None:
    good = [Preprint(f"10.64898/2026.02.03.00000{n}", TODAY, title="Größe").record() for n in (1, 2, 3)]
    good[1] |= inner
    body = json.dumps({"messages": [{"status": "ok", "total": "3"}], "collection": good})
    found = biorxiv.parse(body.encode(), BIORXIV)
    assert isinstance(found, biorxiv.Page)
    assert {f"biorxiv-10.64898-2026.02.03.00000{n}" for n in (1, 3)} <= {r.paper.id for r in found.records}
    assert len(found.records) + len(found.skipped) == found.length == 3


@few
@given(st.dictionaries(st.sampled_from(RECORD), JSON | WRITTEN))
def test_a_fault_in_one_record_of_biorxiv_loses_no_other(inner):
    listed_by_biorxiv(inner)


@pytest.mark.long
@thorough
@given(st.dictionaries(st.sampled_from(RECORD), JSON | WRITTEN))
def test_no_fault_in_one_record_of_biorxiv_loses_another(inner):
    listed_by_biorxiv(inner)
