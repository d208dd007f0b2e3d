"""Every way to write an id."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.arxiv_ids import canonical_id, identify
from tests.sources.table import many

# https://info.arxiv.org/help/arxiv_identifier.html
NAME = re.compile(r"[0-9]{4}\.[0-9]{4,5}|[a-z-]+/[0-9]{7}")


@pytest.mark.parametrize(
    ("text", "paper", "version"),
    [
        ("2601.16914", "2601.16914", None),
        ("2601.16914v2", "2601.16914", 2),
        ("0704.0001v1", "0704.0001", 1),
        ("arXiv:2601.16914v10", "2601.16914", 10),
        ("oai:arXiv.org:2601.16914v1", "2601.16914", 1),
        ("https://arxiv.org/abs/2601.16914", "2601.16914", None),
        ("https://arxiv.org/pdf/2601.16914v3.pdf", "2601.16914", 3),
        ("https://export.arxiv.org/html/2601.16914v1/", "2601.16914", 1),
        ("https://huggingface.co/papers/2601.16914.md", "2601.16914", None),
        ("https://doi.org/10.48550/arXiv.2601.16914", "2601.16914", None),
        ("10.48550/arXiv.2601.16914", "2601.16914", None),
        ("astro-ph/0601001", "astro-ph/0601001", None),
        ("http://arxiv.org/abs/astro-ph/0601001v1", "astro-ph/0601001", 1),
        ("math.GT/0309136", "math/0309136", None),
        ("arXiv:MATH.GT/0309136v2", "math/0309136", 2),
        (" \u200e2601.16914\ufeff ", "2601.16914", None),
    ],
)
def test_a_paper_is_known_by_one_name(text, paper, version):
    assert identify(text) == (paper, version)
    assert canonical_id(text) == paper


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2613.00001",
        "2601.123",
        "2601.123456",
        "2601.16914v0",
        "2601.16914 and 2601.16915",
        "see arXiv:2601.16914",
        "https://example.org/2601.16914",
        "https://example.org/abs/2601.16914/comments",
        "https://[broken/abs/2601.16914",
        "٢٦٠١.١٦٩١٤",
        "feed-0123456789ab",
    ],
)
def test_what_is_no_id_is_none(text):
    assert identify(text) is None


@many
@given(st.text())
def test_any_text_is_an_id_or_none_and_an_id_is_its_own_name(text):
    paper = canonical_id(text)
    assert paper is None or (canonical_id(paper) == paper and NAME.fullmatch(paper))
