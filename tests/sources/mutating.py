"""Recorded answers, damaged in the ways that networks, caches and other people's programs damage them."""

from __future__ import annotations

import copy
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

WORDS = [
    "",
    " ",
    "oai:arXiv.org:2601.99999v2",
    "2601.00001",
    "arXiv:2601.00001v1 Announce Type: new \nAbstract: x",
    "Fri, 30 Jan 2026 00:00:00 -0500",
    "Fri, 30 Jan 2026 00:00:00",
    "Mon, 01 Jan 0001 00:00:00 +1400",
    "Fri, 31 Dec 9999 23:59:59 -1200",
    "2026-01-30",
    "9999-12-31",
    "0001-01-01",
    "2026-01-30T05:00:01+00:00",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "replace",
    "noRecordsMatch",
    "https://arxiv.org/abs/2601.00001v3",
    "javascript:alert(1)",
    "\u202e\u200f\u200b",
    "<b>x</b> &amp; &#8238;",
    "((()",
    "a, " * 300,
]
LEGAL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
)

PIECES = [
    b"",
    b"<",
    b"&",
    b"&amp;",
    b"]]>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"\xff\xfe",
    b"\x00",
    b"\xed\xa0\x80",
    b'"',
    b"null",
    b"{}",
    b"[]",
    b"-1",
    b"1e999",
    b"NaN",
    b'"\\ud800"',
    b"99999999999999999999999",
    b"</item>",
    b"<item>",
    b"</entry>",
    b"2601.99999v99999",
    "\u202e\u200f".encode(),
    b"Fri, 99 Jan 99999 00:00:00 -9999",
]


@st.composite
def damaged(draw: st.DrawFn, *bodies: bytes) -> bytes:
    """One of the bodies after up to five cuts, insertions, swaps or changes of a byte."""
    body = draw(st.sampled_from(bodies))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        span = draw(st.integers(0, 40))
        how = draw(st.sampled_from(["cut", "insert", "replace", "drop", "byte", "repeat"]))
        piece = draw(st.sampled_from(PIECES))
        if how == "cut":
            body = body[:at]
        elif how == "insert":
            body = body[:at] + piece + body[at:]
        elif how == "replace":
            body = body[:at] + piece + body[at + span :]
        elif how == "drop":
            body = body[:at] + body[at + span :]
        elif how == "byte":
            body = body[:at] + bytes([draw(st.integers(0, 255))]) + body[at + 1 :]
        else:
            body = body[:at] + body[at : at + span] * 3 + body[at + span :]
    return body


@st.composite
def reworded(draw: st.DrawFn, *bodies: bytes) -> bytes:
    """One of the bodies, well-formed still, after up to six elements lost, gained or swapped their words."""
    root = ET.fromstring(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 6))):
        elements = list(root.iter())
        one = draw(st.sampled_from(elements))
        words = draw(st.sampled_from(WORDS) | LEGAL)
        how = draw(st.sampled_from(["text", "text", "text", "attribute", "drop", "repeat", "tag"]))
        if how == "text":
            one.text = words
        elif how == "attribute":
            for name in one.attrib:
                one.set(name, words)
        elif how == "drop" and len(one):
            one.remove(draw(st.sampled_from(list(one))))
        elif how == "repeat" and len(one):
            one.append(copy.deepcopy(draw(st.sampled_from(list(one)))))
        elif how == "tag":
            one.tag = draw(st.sampled_from(elements)).tag
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
