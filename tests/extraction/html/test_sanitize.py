"""Pages made to break the reader."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.models import Text
from pipeline.extraction.html.parse import parse_html
from pipeline.extraction.text import NotReadable
from tests.extraction.pages import RECORDED, URL, page

FRAME = page("HERE").decode()


def within(text: str) -> bytes:
    return FRAME.replace("HERE", text).encode()


HOSTILE: dict[str, bytes] = {
    "nested div": within("<div>" * 100_000),
    "nested section": within("<section>" * 300_000),
    "nested span": within("<span>" * 100_000),
    "nested list": within("<ul><li>" * 50_000),
    "nested table": within("<table><tr><td>" * 30_000),
    "nested math": within("<math><mi>" * 50_000),
    "nested svg": within("<svg><foreignObject>" * 30_000),
    "nested bold reopened": within("".join(f"<b id=x{n}>" for n in range(200)) + "<p>x</p>" * 30_000),
    "end tags hidden in a comment": within("<div><!-- </div> -->" * 100_000),
    "end tags hidden in a table": within("<div><table><tr><td></div></td></tr></table>" * 50_000),
    "end tags hidden in a script": within("<div><script></div></script>" * 50_000),
    "end tags hidden in an attribute": within('<div title="</div>">' * 100_000),
    "empty comments": within("<!--><div>" * 100_000),
    "comments without end": within("<!--" * 200_000),
    "many attributes": within("<div " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x</div>"),
    "quote without end": within('<p class="' + "x" * 500_000),
    "paragraphs without end": within("<p>It is said." * 50_000),
    "tags without end": within("<p" * 200_000),
    "one endless word": within("x" * 2_000_000),
    "one endless formula": within('<math alttext="' + "x+" * 500_000 + '"></math>'),
    "dollars": within("$a " * 300_000),
    "wide table": within(
        "<table><tr>"
        + "<td rowspan=999 colspan=999>cell</td>" * 5_000
        + "</tr>"
        + "<tr></tr>" * 5_000
        + "</table>"
    ),
    "many sentences": within("<p>It is said.</p>" * 20_000),
    "many rules": within("x").replace(
        b"<head>", b"<head><style>" + b".a,b>c{display:none}" * 20_000 + b"</style>"
    ),
    "bad selectors": within("x").replace(
        b"<head>", b"<head><style>" + b"..[{((,>>{display:none}\x00*|*{color:#fff" * 9 + b"</style>"
    ),
    "style without end": within("x") + b"<style>" + b"{" * 500_000,
    "too large": within("x" * 26_000_000),
    "cut": within("It is said. ")[:900],
    "empty": b"",
    "zeros": b"\0" * 100_000,
    "noise": bytes(range(256)) * 2_000,
    "noise in a paper": within("HERE").replace(b"HERE", bytes(range(256)) * 500),
    "PDF": b"%PDF-1.7\n" + bytes(range(256)) * 100,
    "UTF-16": FRAME.replace("HERE", "Ünïcödé is read.").encode("utf-16"),
    "Latin-1": FRAME.replace("HERE", "Ünïcödé is read.").encode("latin-1"),
    "surrogates": within("A").replace(b"A", b"\xed\xa0\x80\xed\xb0\x80\xff\xfe"),
    "old character references": within("&#0;&#xD800;&#x110000;&#99999999999;&copy;&notanentity;"),
    "frameset": within("</article><frameset><frame>") + b"<plaintext>" + b"x" * 9000,
    "select": within("<select>" * 30_000),
    "doctypes": within("<!DOCTYPE html><?xml ?><![CDATA[<div>]]>" * 20_000),
}


SLOW = {
    "nested bold reopened",
    "many sentences",
    "wide table",
    "one endless word",
    "dollars",
    "many rules",
    "style without end",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in SLOW else ()) for name in HOSTILE]
)
def test_a_hostile_page_is_read_within_the_limits_or_refused_with_a_reason(name):
    found = parse_html(HOSTILE[name], URL)
    if isinstance(found, NotReadable):
        assert found.reason.isprintable()
        assert len(found.reason) < 120
        return
    assert len(found.sentences) <= 8000
    assert [one.id for one in found.sentences] == list(range(1, len(found.sentences) + 1))
    for one in found.sentences:
        assert 0 < len(one.text) <= 1500
        assert len(one.section) < 400
        assert one.text.isprintable()
        assert one.text == " ".join(one.text.split())


@pytest.mark.parametrize(
    "name",
    [
        "nested div",
        "nested section",
        "end tags hidden in a comment",
        "end tags hidden in a table",
        "too large",
    ],
)
def test_what_would_take_a_parser_minutes_is_refused(name):
    assert isinstance(parse_html(HOSTILE[name], URL), NotReadable)


@pytest.mark.slow
def test_what_is_cut_is_counted():
    found = parse_html(HOSTILE["many sentences"], URL)
    assert isinstance(found, Text)
    # 20,000 sentences of the body, and 5 times 10 of the filler.
    assert found.left_out == {"cut": 20_050 - 8000}


RECORDED_PAGE = (RECORDED / "synthetic" / "2601.99999v1.arxiv2026.html").read_bytes()
PLACES = st.integers(0, len(RECORDED_PAGE))


@settings(max_examples=int(os.environ.get("DIGEST_TEST_EXAMPLES", "40")))
@given(st.lists(st.tuples(PLACES, PLACES), min_size=1, max_size=12), st.binary(max_size=8))
def test_a_page_cut_to_pieces_and_put_together_again_does_not_raise(pieces, between):
    source = between.join(RECORDED_PAGE[min(piece) : max(piece)] for piece in pieces)
    found = parse_html(source, URL)
    if isinstance(found, Text):
        assert all(one.text.isprintable() and len(one.text) <= 1500 for one in found.sentences)


@pytest.mark.slow
@pytest.mark.long
def test_a_text_has_an_end():
    # 2,500 paragraphs of 2,000 characters: past 4,000,000 nothing is kept, and what was not is counted by paragraph.
    found = parse_html(within(("<p>" + "word " * 400 + "</p>") * 2_500), URL)
    assert isinstance(found, Text)
    assert 3_900_000 < sum(len(one.text) for one in found.sentences) <= 4_000_000
    assert 490 <= found.left_out["cut"] <= 510


def test_other_encodings_do_not_end_in_nothing():
    for name, expected in (
        ("UTF-16", "Ünïcödé is read."),
        ("Latin-1", "\ufffdn\ufffdc\ufffdd\ufffd is read."),
    ):
        found = parse_html(HOSTILE[name], URL)
        assert isinstance(found, Text)
        assert found.sentences[0].text == expected
