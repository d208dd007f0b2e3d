"""How a wait is described."""

from __future__ import annotations

import pytest

from pipeline.core.progress import Try, describe


@pytest.mark.parametrize(
    ("attempt", "seconds", "line"),
    [
        (Try("a.org", 2, 4, "HTTP 503", 8.0), 0.01, "a.org: try 2 of 4, next in 8 s (HTTP 503)"),
        (Try("a.org", 2, 4, "HTTP 503", 8.0), 7.5, "a.org: try 2 of 4, next in 1 s (HTTP 503)"),
        (Try("a.org", 2, 4, "HTTP 503", 8.0), 9.0, "a.org: try 2 of 4, next in 0 s (HTTP 503)"),
        (Try("a.org", 1, 4), 10.2, "a.org: try 1 of 4, waiting for 10 s"),
        (Try("a.org", 7), 0.0, "a.org: try 7, waiting for 0 s"),
    ],
)
def test_a_wait_in_words(attempt, seconds, line):
    assert describe(attempt, seconds) == line
