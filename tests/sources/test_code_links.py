"""Addresses of code and project pages in abstracts; the wordings are those of real ones, the owners are made up."""

from __future__ import annotations

import pytest

from pipeline.sources.base import LinkRules
from pipeline.sources.code_links import named_links

HOSTS = ("github.com", "gitlab.com", "huggingface.co", "*.github.io", "*.gitlab.io")
RULES = LinkRules(hosts=HOSTS)


@pytest.mark.parametrize(
    ("text", "code", "project"),
    [
        ("Code is available at https://github.com/some-one/Some.Code.", "https://github.com/some-one/Some.Code", None),
        ("Our code (http://github.com/a/b) is public.", "https://github.com/a/b", None),
        ("Available at github.com/a/b, and more.", "https://github.com/a/b", None),
        (r"See \url{https://github.com/a/b\_c}.", "https://github.com/a/b_c", None),
        (r"See \href{https://gitlab.com/a/b/c}{here}.", "https://gitlab.com/a/b/c", None),
        ("See https://www.github.com/a/b.", "https://github.com/a/b", None),
        ("upon acceptance.https://github.com/a/b", "https://github.com/a/b", None),
        ("Weights: https://huggingface.co/a/b", "https://huggingface.co/a/b", None),
        ("Weights: https://huggingface.co/a/b and https://github.com/a/c", "https://github.com/a/c", None),
        ("Data: https://huggingface.co/datasets/a/b", None, None),
        ("Listed: https://huggingface.co/papers/2601.00001", None, None),
        ("Project page: https://a-b.github.io/c/", None, "https://a-b.github.io/c/"),
        ("Project page: a-b.github.io", None, "https://a-b.github.io"),
        ("Page https://a.github.io/c, code https://github.com/a/c!", "https://github.com/a/c", "https://a.github.io/c"),
        # Not of an allowed host, or no address of a repository.
        ("Code at https://evil.example/github.com/a/b", None, None),
        ("Code at https://github.com.evil.example/a/b", None, None),
        ("Code at https://github.com:8080/a/b", None, None),
        ("Code at https://user@github.com/a/b", None, None),
        ("Code at https://github.com/ someone/b", None, None),
        ("Code at https://github.com/someone", None, None),
        ("ask someone@github.com/a/b", None, None),
        (r"Code at https://gitlab.com/a/b/c\textbf{d}", None, None),
        ("Code at https://gitlab.com/a/b/c@d", None, None),
        ("We use GitHub.com a lot, e.g. i.e. et al.", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_the_first_address_of_each_kind(text: str, code: str | None, project: str | None) -> None:
    assert named_links(text, RULES) == (code, project)
