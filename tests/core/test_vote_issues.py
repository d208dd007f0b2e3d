"""Which issues are votes: titles that match in full, by those whose votes count; everything else is none."""

import datetime as dt
import json

import pytest
from pydantic import ValidationError

from pipeline.core.errors import DigestError
from pipeline.core.vote_issues import (
    MAX_VOTES,
    Ballot,
    Issue,
    ballot_of,
    ballots,
    load,
    near_miss,
    title,
    to_hand_on,
)

TODAY = dt.date(2026, 1, 30)
ME = {"login": "Me", "type": "User"}
VOTE = "more: 2601.20465 · cv-restoration"


def issue(number: int = 1, text: str = VOTE, by: str = "OWNER", **given: object) -> Issue:
    values = {"number": number, "title": text, "state": "open", "user": ME, "author_association": by}
    return Issue.model_validate_json(json.dumps(values | given))


@pytest.mark.parametrize(
    "ballot",
    [
        Ballot("more", "2601.20465", "cv-restoration"),
        Ballot("less", "cs/0001001", "A_1"),
        Ballot("clear", "biorxiv-10.1101-2026.01.30.700001", "x"),
        Ballot("more", "feed-0123456789ab", "x"),
    ],
)
def test_a_title_says_what_it_was_made_from(ballot):
    assert ballot_of(issue(text=title(ballot)), ()) == ballot


@pytest.mark.parametrize(
    "text",
    [
        VOTE + " ",
        " " + VOTE,
        VOTE + "\n",
        VOTE.replace("more", "More"),
        VOTE.replace("more", "mоre"),  # Cyrillic о
        VOTE.replace(": ", ":"),
        VOTE.replace(" · ", "  ·  "),
        VOTE.replace("·", "•"),
        VOTE.replace("·", "."),
        VOTE.replace(":", "："),
        VOTE.replace("2601", "２６０１"),
        VOTE.replace("20465", "20465v1"),
        VOTE.replace("2601.20465", "2601.204"),
        VOTE.replace("2601.20465", "../../etc"),
        VOTE.replace("2601.20465", "nonsense"),
        VOTE.replace("-", "‐"),
        VOTE.replace("more", "moar"),
        VOTE + " and " + VOTE,
        "Re: " + VOTE,
        VOTE.replace("2601", "2601\u200b"),
        "",
    ],
)
def test_a_title_that_only_looks_like_one_is_no_vote(text):
    assert ballot_of(issue(text=text), ()) is None


PROFILES = ("cv-restoration", "A_1")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("More: 2601.20465 · cv-restoration", "more: 2601.20465 · cv-restoration"),
        ("CLEAR: 2601.20465 · CV-Restoration", "clear: 2601.20465 · cv-restoration"),
        ("more: 2601.20465 - cv-restoration", "more: 2601.20465 · cv-restoration"),
        ("more: 2601.20465 — cv-restoration", "more: 2601.20465 · cv-restoration"),
        ("less: 2601.20465v1 · cv-restoration", "less: 2601.20465 · cv-restoration"),
        ("  more :  2601.20465   ·  cv-restoration ", "more: 2601.20465 · cv-restoration"),
        ("`more: 2601.20465 · cv-restoration`.", "more: 2601.20465 · cv-restoration"),
        ("more：2601.20465·cv-restoration", "more: 2601.20465 · cv-restoration"),
        ("More: cs/0001001 - a_1", "more: cs/0001001 · A_1"),
        ("more: arXiv:2601.20465 · A_1", "more: 2601.20465 · A_1"),
        ("Less: biorxiv-10.1101-2026.01.30.700001 - A_1", "less: biorxiv-10.1101-2026.01.30.700001 · A_1"),
    ],
)
def test_a_near_miss_says_how_it_should_be(text, meant):
    assert ballot_of(issue(text=text), ()) is None
    ballot = near_miss(issue(text=text), (), PROFILES)
    assert ballot is not None
    assert title(ballot) == meant
    assert ballot_of(issue(text=meant), ()) == ballot


@pytest.mark.parametrize(
    "given",
    [
        {},  # a vote
        {"text": "More: tests - cv-restoration"},
        {"text": "More: 2601.20465 - another"},
        {"text": "Re: " + VOTE},
        {"text": VOTE + " and " + VOTE},
        {"text": "More: 2601.20465 cv-restoration, please"},
        {"text": VOTE.replace("more", "leſſ")},  # in upper case LESS
        {"text": "More: 2601.20465 - cv-restoration", "by": "NONE"},
        {"text": "More: 2601.20465 - cv-restoration", "by": "MEMBER"},
        {"text": "More: 2601.20465 - cv-restoration", "state": "closed"},
        {"text": "More: 2601.20465 - cv-restoration", "pull_request": {}},
    ],
)
def test_what_is_a_vote_or_far_from_one_or_of_a_stranger_is_no_near_miss(given):
    assert near_miss(issue(**given), (), PROFILES) is None


@pytest.mark.parametrize(
    ("by", "user", "voters", "counts"),
    [
        ("OWNER", ME, (), True),
        ("COLLABORATOR", ME, (), True),
        ("MEMBER", ME, (), False),
        ("MEMBER", ME, ("me",), True),
        ("CONTRIBUTOR", ME, (), False),
        ("NONE", ME, ("ME",), True),
        ("NONE", ME, ("you", "mee"), False),
        (
            "NONE",
            {"login": "\u212aay", "type": "User"},
            ("kay",),
            False,
        ),  # the Kelvin sign in lower case is a k
        ("OWNER", {"login": "me[bot]", "type": "Bot"}, (), False),
        ("NONE", {"login": "me", "type": "Bot"}, ("me",), False),
        ("OWNER", {"login": "me", "type": "Organization"}, (), False),
        ("OWNER", None, (), False),
        ("NONE", {"login": "ghost", "type": "User"}, ("ghost",), False),
    ],
)
def test_who_counts(by, user, voters, counts):
    assert (ballot_of(issue(by=by, user=user), voters) is not None) == counts


@pytest.mark.parametrize("given", [{"state": "closed"}, {"pull_request": {}}, {"pull_request": None}])
def test_what_is_closed_or_a_pull_request_is_no_vote(given):
    assert ballot_of(issue(**given), ()) is None


@pytest.mark.parametrize("missing", ["author_association", "title", "number", "user", "state"])
def test_an_answer_without_a_field_that_decides_is_refused(missing):
    whole = {"number": 1, "title": VOTE, "state": "open", "user": ME, "author_association": "OWNER"}
    with pytest.raises(ValidationError):
        Issue.model_validate_json(json.dumps({key: value for key, value in whole.items() if key != missing}))


@pytest.mark.parametrize(
    "given",
    [
        {"author_association": "ADMIN"},
        {"author_association": None},
        {"number": "1"},
        {"number": 0},
        {"title": 1},
    ],
)
def test_an_answer_that_github_does_not_give_is_refused(given):
    with pytest.raises(ValidationError):
        issue(**given)


def test_votes_stand_in_the_order_of_their_numbers_however_they_were_listed():
    less = issue(4, VOTE.replace("more", "less"))
    given = ballots([issue(9), less, issue(9), issue(2, VOTE + "!")], ())
    assert [*given] == [4, 9]
    read = to_hand_on(given, TODAY)
    assert [(vote.issue, vote.verdict) for vote in read.votes["cv-restoration"]] == [(4, "less"), (9, "more")]


def test_no_more_votes_are_taken_than_are_bounded_and_the_oldest_come_first():
    given = ballots([issue(number) for number in range(MAX_VOTES + 50, 0, -1)], ())
    assert len(given) == MAX_VOTES + 50
    read = to_hand_on(given, TODAY)
    assert [vote.issue for vote in read.votes["cv-restoration"]] == [*range(1, MAX_VOTES + 1)]


ROW = {"date": "2026-01-30", "paper": "2601.20465", "verdict": "more", "issue": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"read_on": "2026-01-29"},
        {"votes": {"../x": [ROW]}},
        {"votes": {"x\n": [ROW]}},
        {"votes": {"x": [ROW | {"paper": "2601.20465\n"}]}},
        {"votes": {"x": [ROW | {"issue": 0}]}},
        {"votes": {"x": [ROW], "y": [ROW]}},
        {"votes": {"x": [ROW | {"issue": n} for n in range(1, MAX_VOTES + 2)]}},
        {"more": 1},
    ],
)
def test_an_artifact_that_no_run_has_written_is_refused(tmp_path, change):
    whole = {"schema_version": 1, "read_on": "2026-01-30", "votes": {"x": [ROW]}}
    path = tmp_path / "votes.json"
    assert load(path) is None
    path.write_text(json.dumps(whole))
    assert load(path) is not None
    path.write_text(json.dumps(whole | change))
    with pytest.raises(DigestError) as refused:
        load(path)
    assert "2601" not in str(refused.value)
