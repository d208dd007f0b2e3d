"""XML: how it is decoded, what is mended, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources import xml
from pipeline.sources.xml import decode, mend
from tests.growing import LINEAR, growth
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


@pytest.mark.parametrize(
    ("given", "title"),
    [
        (b"a\x0bb\x1a", "ab"),
        (b"&#x1a; restoration", " restoration"),
        (b"a&#0;b&#xFFFE;c&#x110000;", "a\ufffdbc\ufffd"),
        (b"lone &#xD83D; half", "lone \ufffd half"),
        (
            b"&#55357;&#56841; and &#xD83D;&#xDE09;",
            "\U0001f609 and \U0001f609",
        ),  # U+1F609 by the table of UTF-16
        (b"AT&T & more &; &#; &#x;", "AT&T & more &; &#; &#x;"),
        (b"caf&eacute;&nbsp;&foo; &notit;", "caf\u00e9\u00a0&foo; &notit;"),
        (b"1 &#150; 2", "1 \u2013 2"),  # Windows-1252's en dash, as browsers read it
        (b"n<p, p<0.05, a < b, x <3, y <- z", "n<p, p<0.05, a < b, x <3, y <- z"),
        (b"a ]]> b", "a ]]> b"),
        (b"&lt;b&gt; &amp;amp; &#60;i&#62;", "<b> &amp; <i>"),
        (b"<![CDATA[R&D &nbsp; <b> &#x1a;]]>", "R&D &nbsp; <b> &#x1a;"),
        (b"<!-- & < -->x<?php & ?>", "x"),
    ],
)
def test_a_wrong_character_costs_that_character(given, title):
    root = xml.parse(b"<rss><title>%s</title><title>Other</title></rss>" % given)
    assert not isinstance(root, str), root
    assert [xml.text(one) for one in root] == [title, "Other"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "",
            "\n<!-- served from a cache --><a href='#'></a><script defer src='https://b.example/b.js'></script>",
        ),
        ("", "<script>document.write('</rss>')</script>"),
        ("", "</body></html>"),
        ("", "\n<br /><b>Warning</b>: x & y in <i>"),
        ("<br />\n<b>Notice</b>: undefined in line 7\n\n", ""),
        (" \n\ufeff", "\x00\x00"),
    ],
)
def test_what_stands_around_a_document_is_cut(before, after):
    document = "<?xml version='1.0'?><rss><title>x</title></rss>"
    assert mend(before + document + after) == (document, True)
    assert not isinstance(xml.parse((before + document + after).encode()), str)


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("<rss></rss>", True),
        ("<feed></feed >\n", True),
        ("<rdf:RDF></rdf:RDF>\n<!-- made by a machine -->\n", True),
        ("<ns0:feed></ns0:feed>", True),
        ("<rss></rss><p>", True),
        ("<rss></item>", False),
        ("<rss></item> -->", False),
        ("<rss><!-- </rss> --><item>", False),
        ("<rss><![CDATA[ends with </rss>", False),
        ("<rss><![CDATA[ends with </rss>]]></item>", False),
        ("", False),
    ],
)
def test_where_a_document_ends(text, complete):
    assert mend(text)[1] is complete


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", ["</rss><!--", "</rss> ", "-->", "<![CDATA[", "&", "<", "<a", "<?x", "&#5", "<?xml ", "&#55357;"]
)
def test_nothing_takes_long_to_mend(piece):
    texts = ["<rss>" + piece * (size // len(piece)) for size in (50_000, 200_000)]
    assert growth(mend, *texts) < LINEAR


CHINESE = "\u56fe\u50cf\u590d\u539f\u7684\u6269\u6563\u6a21\u578b"


@pytest.mark.parametrize(
    ("encoding", "declared", "header", "text"),
    [
        ("gb2312", "", "gb2312", CHINESE),
        ("gb18030", "", "GBK", CHINESE + "\u9fa6"),  # a letter that GB2312 has not
        ("gb2312", "UTF-8", "gb2312", CHINESE),  # a server that converts, and leaves the declaration
        ("shift_jis", "", "Shift_JIS", "\u753b\u50cf\u5fa9\u5143"),
        ("windows-1251", "", "windows-1251", "\u041f\u0440\u0438\u0432\u0435\u0442"),
        ("iso-8859-2", "iso-8859-2", "", "\u0141\u00f3d\u017a"),
        ("utf-8", "UTF-8", "iso-8859-1", "Z\u00fcrich"),  # a server's default
        ("utf-8", "ISO-8859-1", "utf-8", "Z\u00fcrich"),
        ("utf-8", "", "x-nonsense", "Z\u00fcrich"),
        ("utf-8", "utf-16", "", "Z\u00fcrich"),  # a program that writes what its strings are
        ("utf-8", "us-ascii", "us-ascii", "Z\u00fcrich"),
        ("utf-16", "utf-16", "", "Z\u00fcrich"),
        ("utf-16-be", "utf-16", "", "Z\u00fcrich"),
        ("windows-1252", "ISO-8859-1", "", "\u201cZ\u00fcrich\u201d"),
        ("windows-1252", "UTF-8", "", "Z\u00fcrich, Gen\u00e8ve"),  # no letter is UTF-8
    ],
)
def test_the_encoding_is_the_named_one(encoding, declared, header, text):
    said = f" encoding='{declared}'" if declared else ""
    document = f"<?xml version='1.0'{said}?><rss>{text}</rss>"
    assert decode(document.encode(encoding), header) == document


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"Z\xc3\xbcrich \xe7\x94, na\xc3\xafve", "Z\u00fcrich \ufffd, na\u00efve"),
        (b"plain \xff text", "plain \ufffd text"),
        (b"\xc3\xbc \xff \xfe \xe7", "\u00fc \ufffd \ufffd \ufffd"),
    ],
)
def test_a_broken_byte_of_utf_8_is_one_replacement_character(body, text):
    for declaration in (b"", b"<?xml version='1.0' encoding='UTF-8'?>"):
        assert decode(declaration + body) == declaration.decode() + text


@pytest.mark.parametrize("name", ["unicode_escape", "UNICODE:ESCAPE", "raw-unicode-escape", "punycode"])
def test_python_s_own_codecs_are_no_encoding_however_they_are_spelled(name):
    assert decode(b"caf\\xe9 caf\xc3\xa9", name) == "caf\\xe9 caf\u00e9"


@many
@given(
    st.binary(),
    st.text() | st.sampled_from(["idna", "punycode", "hex", "undefined", "utf-7", "unicode_escape"]),
)
def test_any_bytes_are_text(body, header):
    mend(decode(body, header))[0].encode()
