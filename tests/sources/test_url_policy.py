"""What may be asked, and what one owner holds."""

from __future__ import annotations

import pytest

from pipeline.sources.url_policy import host, is_fetchable, site


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
