"""One issue a profile, one comment a date, against a stand-in of GitHub's API. tests/workflow plays whole nights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli import standing_issue
from pipeline.core.artifacts import Digest
from pipeline.core.errors import DigestError
from pipeline.report import message
from tests.report import days
from tests.stubs.github import BOT, REPOSITORY, STRANGER, GitHub
from tests.workflow.harness import git

PAGE = "https://github.com/someone/digest/blob/main/reports/made-up/2026/01/2026-01-30.md"


def tell(github: GitHub, digest: Digest | None = None, before: Digest | None = None) -> str:
    return standing_issue.tell(github, REPOSITORY, digest or days.full("en"), before, PAGE)


def bodies(github: GitHub) -> list[str]:
    return [one["body"] for one in github.comments]


def test_the_first_night_opens_the_issue_and_later_ones_use_it() -> None:
    github = GitHub()
    assert tell(github) == "told on issue #1"
    assert tell(github, days.full("en").model_copy(update={"date": days.full("en").date.replace(day=31)}))
    assert [one["title"] for one in github.issues] == ["Digests: Image restoration"]
    assert github.mails == ["issue 1", "comment on 1", "comment on 1"]


def test_told_again_nothing_is_written() -> None:
    github = GitHub()
    tell(github)
    before = json.dumps(github.state())
    assert tell(github) == "was told before, on issue #1"
    assert json.dumps(github.state()) == before


def test_a_digest_made_again_is_rewritten_without_a_mail() -> None:
    github = GitHub()
    old, new = days.full("en"), days.full("en").model_copy(update={"picks": days.full("en").picks[:1]})
    tell(github, old)
    mails = list(github.mails)
    assert "says what has changed" in tell(github, new, old)
    assert github.mails == mails
    assert "Picks: 0 new, 1 gone." in bodies(github)[0]
    assert tell(github, new, old) == "was told before, on issue #1"
    assert len(bodies(github)) == 1


def test_each_profile_has_an_issue_of_its_own() -> None:
    github = GitHub()
    tell(github)
    tell(github, days.full("en").model_copy(update={"profile": "made-up-too"}))
    assert [one["issue"] for one in github.comments] == [1, 2]


@pytest.mark.parametrize("user", [STRANGER, {**BOT, "id": 2}, {**BOT, "type": "User"}], ids=str)
def test_only_the_workflows_own_issue_counts(user: dict[str, object]) -> None:
    github = GitHub()
    github.user = user
    github.open("Digests: Image restoration", message.issue(days.full("en")).body)
    github.issues[0]["user"] = {
        **user,
        "login": BOT["login"],
    }  # as if the API's own filter had let it through
    github.user = BOT
    tell(github)
    assert [one["issue"] for one in github.comments] == [2]


@pytest.mark.parametrize(
    "body", ["", "> <!-- digests of made-up -->\nquoted", "<!-- digests of made-up-too -->\n"]
)
def test_another_issue_of_the_bot_is_left_alone(body: str) -> None:
    github = GitHub()
    github.open("Digests: Image restoration", body)
    tell(github)
    assert [one["issue"] for one in github.comments] == [2]


def test_a_strangers_comment_with_the_marker_silences_nothing() -> None:
    github = GitHub()
    tell(github, days.full("en").model_copy(update={"date": days.full("en").date.replace(day=29)}))
    github.user = STRANGER
    github.comment(1, message.comment(days.full("en"), PAGE))
    github.user = BOT
    assert tell(github) == "told on issue #1"


def test_a_closed_issue_ends_the_comments_and_no_new_one_is_opened() -> None:
    github = GitHub()
    tell(github)
    github.issues[0]["state"] = "closed"
    next_day = days.full("en").model_copy(update={"date": days.full("en").date.replace(day=31)})
    assert "is closed" in tell(github, next_day)
    assert (len(github.issues), len(github.comments)) == (1, 1)


def test_the_comment_is_found_behind_hundreds_of_others() -> None:
    github = GitHub()
    tell(github)
    told = github.comments.pop()
    for number in range(250):
        github.comment(1, f"thanks {number}")
    github.comments.append(told)
    assert tell(github) == "was told before, on issue #1"


def test_what_github_refuses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DigestError, match="not accessible"):
        tell(GitHub({"may_write": False}))


def command(clone: Path, monkeypatch: pytest.MonkeyPatch, github: GitHub, profiles: str = "made-up") -> str:
    monkeypatch.setattr(standing_issue, "github", github)
    environ = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "someone/digest"}
    environ |= {"GITHUB_REF_NAME": "main", "GITHUB_STEP_SUMMARY": str(clone / "summary.md")}
    arguments = ["--date", "2026-01-30", "--profiles", profiles, "--before", "HEAD~1", "--tip", "HEAD"]
    assert standing_issue.main(arguments, environ) == 0
    return (clone / "summary.md").read_text()


def test_the_committed_report_is_told_with_the_address_of_its_page(clone, monkeypatch) -> None:
    github = GitHub()
    (clone / "reports/made-up/2026/01/2026-01-30.json").write_text("{}")  # the checkout is not looked at
    assert "- made-up, 2026-01-30: told on issue #1\n" in command(clone, monkeypatch, github)
    assert bodies(github) == [message.comment(days.full("en"), PAGE)]


def test_a_profile_that_fails_keeps_no_other_one_back(clone, monkeypatch, capsys) -> None:
    (clone / "reports/broken/2026/01").mkdir(parents=True)
    (clone / "reports/broken/2026/01/2026-01-30.json").write_text("{}")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", "a broken one")
    github = GitHub()
    said = command(clone, monkeypatch, github, "broken,made-up,none")
    assert len(github.comments) == 1
    assert "none, 2026-01-30: there is no report" in said
    assert capsys.readouterr().out.count("::warning") == 1


def test_without_rights_it_is_a_warning_that_says_what_to_do(clone, monkeypatch, capsys) -> None:
    assert "made-up: the digest was told on no issue" in command(
        clone, monkeypatch, GitHub({"may_write": False})
    )
    assert "::warning" in capsys.readouterr().out


def test_where_issues_are_off_the_summary_says_so(clone, monkeypatch, capsys) -> None:
    github = GitHub({"has_issues": False})
    assert "Issues are off" in command(clone, monkeypatch, github)
    assert github.issues == []
    assert "::" not in capsys.readouterr().out
