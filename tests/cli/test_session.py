"""The words of the command line, as a job has them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipeline.cli.console import Console
from pipeline.cli.options import Options
from pipeline.cli.session import Session
from pipeline.core.errors import InputError

NOW = dt.datetime(2026, 1, 30, 6, tzinfo=dt.UTC)


def wanted(papers: str) -> tuple[str, ...]:
    options = Options(profiles=("cv-restoration",), engine="local", papers=papers)
    (job,) = Session(options, {}, NOW, Console(terminal=False, actions=False, as_json=False)).jobs()
    return job.wanted


@pytest.mark.parametrize(
    ("papers", "ids"),
    [
        ("", ()),
        ("2601.16914", ("2601.16914",)),
        ("2601.16914v2, 2601.16914", ("2601.16914",)),
        ("math.GT/0309136,astro-ph/0601001v1", ("math/0309136", "astro-ph/0601001")),
        ("https://arxiv.org/pdf/2601.16914v1.pdf", ("2601.16914",)),
    ],
)
def test_papers_are_known_by_the_name_that_sources_give_them(
    project: Path, papers: str, ids: tuple[str, ...]
) -> None:
    assert wanted(papers) == ids


@pytest.mark.parametrize("papers", ["2613.00001", "../../etc/passwd", "2601.16914 2601.16915"])
def test_what_is_no_paper_is_refused(project: Path, papers: str) -> None:
    with pytest.raises(InputError, match="is not an arXiv id"):
        wanted(papers)


@pytest.mark.parametrize(
    ("on", "issues", "links"), [("true", "true", True), ("false", "true", False), ("true", "", False)]
)
def test_a_page_has_links_to_vote_only_where_the_owner_wants_them_and_issues_are_on(
    project: Path, on: str, issues: str, links: bool
) -> None:
    environ = {"DIGEST_FEEDBACK__VOTES": on, "VOTE_LINKS": issues}
    options = Options(profiles=("cv-restoration",), engine="local")
    (job,) = Session(options, environ, NOW, Console(terminal=False, actions=False, as_json=False)).jobs()
    assert job.vote_links == links
