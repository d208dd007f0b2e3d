"""What may be asked, and what one owner holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.url_policy import host, is_fetchable, normalize, site
from tests.sources.table import many


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/1",
        "http://127.0.0.1:8000/rss",
        "http://[::1]:9/x",
        "https://a.b:8443/",
    ],
)
def test_https_and_this_machine_may_be_asked(url):
    assert is_fetchable(url)


@pytest.mark.parametrize(
    "url",
    [
        "arxiv.org",
        "http://arxiv.org/",
        "file:///etc/passwd",
        "https:///x",
        "https://user:secret@arxiv.org/",
        "http://127.0.0.1.example.org/",
        "https://[broken/",
        "https://arxiv.org:99999/",
    ],
)
def test_nothing_else_may(url):
    assert not is_fetchable(url)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://arxiv.org/a", "https://rss.arxiv.org/b", True),
        ("https://www.example.co.uk/", "https://example.co.uk/", True),
        ("https://one.co.uk/", "https://two.co.uk/", False),
        ("https://one.github.io/", "https://two.github.io/", False),
        ("https://arxiv.org/", "https://arxiv.org.example.com/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", True),
        ("http://127.0.0.1/", "http://128.0.0.1/", False),
        ("http://[::1]/", "http://127.0.0.1/", False),
        ("https://a.edu.cn/", "https://b.edu.cn/", False),
    ],
)
def test_sites(one, other, same):
    assert (site(one) == site(other)) is same


def test_hosts():
    assert host("https://ArXiv.org:443/x") == "arxiv.org:443"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://j.example:443/a/4", "https://j.example/a/4"),
        ("http://j.example:80/a", "https://j.example/a"),
        ("https://j.example/\u8ad6\u6587/3", "https://j.example/%E8%AB%96%E6%96%87/3"),
        ("https://j.example/a 5?q=\u00fc|x#\u00df", "https://j.example/a%205?q=%C3%BC%7Cx#%C3%9F"),
        ("https://j.example/%E8%AB/100%", "https://j.example/%E8%AB/100%25"),
        ("https://J.Example/A(1)//b?x=1&y='2'", "https://j.example/A(1)//b?x=1&y=%272%27"),
        ("  https://j.exam\nple/a\t ", "https://j.example/a"),
        ("https://b\u00fccher.example/x", "https://xn--bcher-kva.example/x"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        ("https://[::1]:9/x", "https://[::1]:9/x"),
        ("https://j.example:8443/", "https://j.example:8443/"),
        ("mailto:jane@j.example", "mailto:jane@j.example"),
        ("https://jane:secret@j.example/", "https://jane:secret@j.example/"),
        ("https://[broken/ ", "https://[broken/"),
        ("/posts/1", "/posts/1"),
    ],
)
def test_an_address_is_written_as_browsers_send_it(written, sent):
    assert normalize(written) == sent


@many
@given(st.text("abé/:?#[]@% .-\u8ad6x80\n'", max_size=30).map("https://".__add__) | st.text())
def test_normalizing_twice_is_normalizing_once(address):
    once = normalize(address)
    assert normalize(once) == once
