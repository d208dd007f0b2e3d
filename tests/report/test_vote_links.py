"""Links to vote: on picks and on the shortlist, only where the digest has them, and what they open is the vote."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps
from pipeline.core.vote_issues import Issue, ballot_of
from pipeline.report import candidates, i18n
from pipeline.report.page import page
from tests.report import days, github


def with_links(language: str = "en", **given: object) -> Digest:
    return days.full(language).model_copy(update={"vote_links": True, **given})


def opened(digest: Digest) -> list[tuple[str, str, str]]:
    """(text of the link, repository, title of the issue) of every link to vote, as GitHub shows the page."""
    links = [
        node
        for node in github.tree(page(digest)).find("a")
        if "/issues/new" in node.attributes.get("href", "")
    ]
    found = []
    for node in links:
        url = urlsplit(node.attributes["href"])
        query = parse_qs(url.query, strict_parsing=True)
        assert list(query) == ["title", "template"]
        # Without it GitHub shows the list of templates first, where a repository has some (pypa/pip#13415).
        assert query["template"] == ["BLANK_ISSUE"]
        found.append((node.text, f"{url.scheme}://{url.netloc}{url.path}", query["title"][0]))
    return found


@pytest.mark.parametrize("language", days.LANGUAGES)
def test_each_pick_and_shortlisted_paper_has_both_links_and_each_title_is_a_vote(language):
    digest = with_links(language)
    t = i18n.load(language)
    papers = [pick.id for pick in digest.picks] + [
        c.id for c in digest.candidates if c.outcome == "shortlisted"
    ]
    said = opened(digest)
    assert [(text, address) for text, address, _ in said] == [
        (t(f"vote.{verdict}"), "https://github.com/octo-org/digests/issues/new")
        for _ in papers
        for verdict in ("more", "less")
    ]
    ballots = []
    for _, _, title in said:
        user = {"login": "me", "type": "User"}
        values = {"number": 1, "title": title, "state": "open", "user": user, "author_association": "OWNER"}
        ballots.append(ballot_of(Issue.model_validate(values), ()))
    assert ballots == [(verdict, paper, "made-up") for paper in papers for verdict in ("more", "less")]
    assert t("vote.about").split("digest.toml")[0].strip() in github.tree(page(digest)).text


def test_a_paper_that_passed_has_its_links_wherever_it_stands(monkeypatch):
    digest = with_links()
    before = opened(digest)
    monkeypatch.setattr(candidates, "MAX_SHORTLIST", 1)
    assert sorted(opened(digest)) == sorted(before)
    below = page(digest).partition('id="shortlist"')[2]
    in_sight, _, fold = below.partition("<details")
    # In sight: the shortlist, and a paper whose author is followed.
    assert (in_sight.count("title=more"), fold.count("title=more")) == (2, 1)


def test_an_id_with_a_slash_stays_one_title():
    changed = tuple(
        c.model_copy(update={"id": "hep-th/9901001"}) if c.outcome == "shortlisted" else c
        for c in days.full("en").candidates
    )
    assert "more: hep-th/9901001 · made-up" in {
        title for _, _, title in opened(with_links(candidates=changed))
    }


def test_no_links_unless_the_digest_has_them_and_says_whose_they_are():
    assert opened(days.full("en")) == []
    assert b"vote_links" not in dumps(days.full("en"))
    assert opened(with_links(run_url=None)) == []
    assert opened(with_links(run_url="https://github.com/octo-org/digests/actions/runs/1/x")) == []


def test_a_page_rendered_again_from_its_json_has_the_same_links():
    digest = with_links()
    assert page(Digest.model_validate_json(dumps(digest))) == page(digest)
