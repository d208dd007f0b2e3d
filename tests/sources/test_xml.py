"""Strict XML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import xml
from tests.sources.mutating import damaged
from tests.sources.table import many, recorded


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<rss><item></rss>", "is cut or damaged"),
        (b"<rss><item>", "is cut or damaged"),
        (b"<!DOCTYPE html><html></html>", "is a web page"),
        (b"\n<HTML lang='en'><body></body></HTML>", "is a web page"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "declares a type"),
        (b"<!doctype a SYSTEM 'file:///etc/passwd'><a/>", "declares a type"),
    ],
)
def test_what_is_not_read(body, reason):
    found = xml.parse(body)
    assert isinstance(found, str)
    assert reason in found


def test_a_feed_that_unfolds_itself_is_refused():
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    body = f'<!DOCTYPE rss [<!ENTITY a0 "ha">{lines}]><rss>&a8;</rss>'
    assert isinstance(xml.parse(body.encode()), str)


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><a>x</a>",
        b"<a>x\x0b\x00</a>",
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a>x</a>",
    ],
)
def test_what_is_read_all_the_same(body):
    root = xml.parse(body)
    assert not isinstance(root, str)
    assert xml.text(root) == "x"


@many
@given(damaged(recorded("arxiv_rss_replacements.xml"), recorded("arxiv_oai_page_1.xml")) | st.binary())
def test_any_bytes_are_a_tree_or_a_reason(body):
    assert xml.parse(body) is not None
