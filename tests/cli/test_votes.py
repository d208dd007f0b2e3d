"""Votes in open issues, against a stand-in of GitHub's API: none counted that should not be, none missed, none where the
answer is not whole. tests/workflow plays whole nights."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import votes
from pipeline.core import vote_issues
from pipeline.core.vote_issues import Ballot
from tests.stubs.github import BOT, OWNER, TOKEN, GitHub, Reply, Served
from tests.workflow.harness import git

PROFILE = "cv-restoration"
GOOD = "more: 2601.20465 · cv-restoration"
DANGER = "::error::x ##[add-mask]y $(touch pwned) `touch pwned`\nmore: 2601.00001 · cv-restoration\n" * 3
SECRET_WORDS = "a stranger's words that no log may show"


def user(login: str, kind: str = "User") -> dict[str, object]:
    return {"login": login, "id": 1, "type": kind}


Author = tuple[dict[str, object] | None, str]
COUNTED: dict[str, Author] = {
    "owner": (OWNER, "OWNER"),
    "renamed owner": (user("someone-else-by-now"), "OWNER"),
    "collaborator": (user("colleague"), "COLLABORATOR"),
    "named login": (user("reader-1"), "NONE"),
    "named login in other letters": (user("READER-1"), "CONTRIBUTOR"),
    "named member": (user("Reader_corp"), "MEMBER"),
}
NOT_COUNTED: dict[str, Author] = {
    "stranger": (user("stranger"), "NONE"),
    "contributor": (user("helper"), "CONTRIBUTOR"),
    "first timer": (user("newcomer"), "FIRST_TIME_CONTRIBUTOR"),
    "never here": (user("newest"), "FIRST_TIMER"),
    "member who is no collaborator": (user("employee"), "MEMBER"),
    "mannequin": (user("imported"), "MANNEQUIN"),
    "workflow": (BOT, "NONE"),
    "app with rights": (user("renovate[bot]", "Bot"), "COLLABORATOR"),
    "organization": (user("someone", "Organization"), "OWNER"),
    "deleted": (None, "OWNER"),
    "deleted, shown as ghost": (user("ghost"), "NONE"),
    "named login before it was renamed": (user("reader-2"), "NONE"),
    "login that begins with a named one": (user("reader-11"), "NONE"),
    "login that ends with a named one": (user("xreader-1"), "NONE"),
    "login with a look-alike": (user("reаder-1"), "NONE"),  # Cyrillic а
    "owner's login with another association": (OWNER, "NONE"),
}
VOTES = [
    GOOD,
    "less: 2601.20466 · cv-restoration",
    "clear: 2601.20465 · cv-restoration",
    "more: cs/0001001 · cv-restoration",
    "more: biorxiv-10.1101-2026.01.30.700001 · llm-agents",
    "less: feed-0123456789ab · llm-agents",
]
NEARLY = [
    "More: 2601.20465 · cv-restoration",
    "MORE: 2601.20465 · CV-RESTORATION",
    "more : 2601.20465 · cv-restoration",
    "more:  2601.20465 · cv-restoration",
    "more: 2601.20465  · cv-restoration",
    " more: 2601.20465 · cv-restoration",
    "more: 2601.20465 · cv-restoration ",
    "more: 2601.20465 · cv-restoration\n",
    "more: 2601.20465 · cv-restoration!",
    "more: 2601.20465 • cv-restoration",
    "more: 2601.20465 - cv-restoration",
    "more: 2601.20465 \u2027 cv-restoration",
    "more: 2601.20465v2 · cv-restoration",
    "more: 2601.20465\u200b · cv-restoration",
    "more： 2601.20465 · cv-restoration",
]
NO_VOTES = [
    *NEARLY,
    "more: 2601.20465 · cv-restoration\nless: 2601.20465 · cv-restoration",
    "please more: 2601.20465 · cv-restoration",
    "mоre: 2601.20465 · cv-restoration",  # Cyrillic о
    "ｍｏｒｅ: 2601.20465 · cv-restoration",
    "more: ２６０１.20465 · cv-restoration",
    "more: 2601.20465 · сv-restoration",  # Cyrillic с
    "more: 2601.20465 · ../../.github",
    "more: 2601.20465 · no-such-profile",
    "more: 2613.20465 · cv-restoration",
    "more: $(touch pwned) · cv-restoration",
    "loves: 2601.20465 · cv-restoration",
    "more: · cv-restoration",
    "more: 2601.20465",
    "A bug",
    SECRET_WORDS,
]


def two_hundred() -> tuple[GitHub, dict[int, Ballot]]:
    """200 issues in a random order, and what counts of them: every vote by every author, and much else by the owner."""
    rows: list[tuple[str, Author, dict[str, Any], bool]] = []
    rows += [(title, author, {}, True) for title in VOTES for author in COUNTED.values()]
    rows += [(title, author, {}, False) for title in VOTES for author in NOT_COUNTED.values()]
    rows += [(title, COUNTED["owner"], {}, False) for title in NO_VOTES]
    rows += [(GOOD, COUNTED["owner"], {"pull_request": {"url": "x"}}, False)] * 8
    rows += [(GOOD, COUNTED["collaborator"], {"state": "closed"}, False)] * 8
    rows += [(SECRET_WORDS, author, {}, False) for author in [*NOT_COUNTED.values()] * 2][: 200 - len(rows)]
    assert len(rows) == 200
    random.Random(25).shuffle(rows)
    github, counted = GitHub(), {}
    for title, (who, association), given, counts in rows:
        issue = github.open(title, DANGER, user=who, author_association=association, **given)
        if counts:
            verdict, paper, profile = re.split(": | · ", title)
            counted[issue["number"]] = Ballot(verdict, paper, profile)  # type: ignore[arg-type]
    return github, counted


@pytest.fixture
def asked(project: Path) -> Path:
    """A project whose owner wants votes, and two more people's."""
    text = (project / "digest.toml").read_text("utf-8").replace("\nvotes = false", "\nvotes = true")
    text = text.replace("voters = []", 'voters = ["Reader-1", "reader_CORP"]')
    (project / "digest.toml").write_text(text, "utf-8")
    return project


def environ(api: Served, project: Path, **given: str) -> dict[str, str]:
    return {
        "GITHUB_API_URL": api.url,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "someone/digest",
        "GITHUB_REF_NAME": "main",
        "GITHUB_OUTPUT": str(project / "output"),
        "GITHUB_STEP_SUMMARY": str(project / "summary"),
        "GH_TOKEN": TOKEN,
        "SOURCE_DATE_EPOCH": "1769752020",  # 2026-01-30
        "DIGEST_HTTP__ATTEMPTS": "1",
        "DIGEST_HTTP__TIMEOUT_SECONDS": "5",
        **given,
    }


def outputs(project: Path) -> dict[str, str]:
    path = project / "output"
    lines = path.read_text().splitlines() if path.exists() else []
    return {lines[n].partition("<<")[0]: lines[n + 1] for n in range(0, len(lines), 3)}


def read(project: Path, api: Served, **given: str) -> dict[int, Ballot] | None:
    """What one reading counts, by issue; None if it counts nothing and hands nothing on."""
    assert votes.main(["read", "--work", "work"], environ(api, project, **given)) == 0
    found = vote_issues.load(project / "work/votes.json")
    if found is None:
        return None
    return {
        vote.issue: Ballot(vote.verdict, vote.paper, profile)
        for profile, rows in found.votes.items()
        for vote in rows
    }


def played(github: GitHub, tamper: Callable[[int, Reply], Reply] = lambda _, reply: reply) -> Served:
    return Served(load=lambda: github, tamper=tamper)


def test_of_two_hundred_issues_none_is_counted_wrongly_and_none_is_missed(asked, capsys):
    github, counted = two_hundred()
    with played(github) as api:
        assert read(asked, api) == counted
    assert len(counted) == 36
    assert [path.split("?")[0] for path in api.asked] == [
        "/repos/someone/digest",
        "/repos/someone/digest/issues",
        "/repositories/1300/issues",
    ]
    assert outputs(asked) == {
        "links": "true",
        "open": ",".join(map(str, sorted(counted))),
        "new": "36",
    }
    said = "".join(capsys.readouterr())
    stray = next(one["number"] for one in github.issues if "no-such-profile" in one["title"])
    assert f"a profile that does not exist: #{stray}. What to do: correct the title, or close it" in said
    told = said + (asked / "summary").read_text()
    for words in (SECRET_WORDS, "::error", "pwned", "touch", "2601.00001", TOKEN, "reader-1", "colleague"):
        assert words not in told
    near = [one["number"] for one in github.issues if one["title"] in NEARLY]
    assert re.findall(r"Issue #([0-9]+) is no vote", said) == [str(number) for number in near[:5]]
    assert f"but nearly: {', '.join(f'#{number}' for number in near[5:])}." in said
    # Nothing of a title but what is known to be harmless: the vote that was meant.
    assert set(re.findall(r"should be `(.*)`", said)) == {GOOD}


def test_in_any_order_and_with_issues_listed_twice_the_same_votes_count(asked):
    github, counted = two_hundred()

    def mixed(_: int, reply: Reply) -> Reply:
        """Both pages in one random order, and some issues of the first once more on the second."""
        rows = json.loads(reply[2])
        if isinstance(rows, dict):
            return reply
        everything = [one for one in github.issues if one["state"] == "open"]
        everything = random.Random(1).sample(everything, len(everything))
        first = 'rel="next"' in reply[1]["Link"]
        rows = everything[:100] if first else [*everything[100:], *everything[:7]]
        return reply[0], reply[1], json.dumps(rows).encode()

    with played(github, mixed) as api:
        assert read(asked, api) == counted
    text = (asked / "work/votes.json").read_text()
    with played(github) as api:
        read(asked, api)
    assert (asked / "work/votes.json").read_text() == text


def test_an_issue_that_slips_past_between_two_pages_is_read_the_next_night_and_keeps_its_place(asked):
    github = GitHub()
    for number in range(1, 131):
        github.open(
            f"{'less' if number == 101 else 'more'}: 2601.20465 · {PROFILE}",
            author_association="OWNER",
            user=OWNER,
        )

    def closes_one(number: int, reply: Reply) -> Reply:
        if number == 2:  # after the first page was made
            github.issues[0]["state"] = "closed"
        return reply

    with played(github, closes_one) as api:
        first = read(asked, api)
    with played(github) as api:
        second = read(asked, api)
    assert first is not None
    assert second is not None
    assert set(second) - set(first) == {101}
    assert list(second) == sorted(second)


def replace(**changes: object) -> Callable[[int, Reply], Reply]:
    """Change a field of the 50th issue of each page; None removes it."""

    def change(_: int, reply: Reply) -> Reply:
        rows = json.loads(reply[2])
        if isinstance(rows, list):
            for name, value in changes.items():
                rows[49] = {key: one for key, one in rows[49].items() if key != name} | (
                    {} if value is None else {name: value}
                )
        return reply[0], reply[1], json.dumps(rows).encode()

    return change


def at(number: int, change: Callable[[Reply], Reply]) -> Callable[[int, Reply], Reply]:
    """Change one answer: the first is the repository, the second and third are the pages of issues."""
    return lambda n, reply: change(reply) if n == number else reply


def status(code: int, headers: Mapping[str, str] = {}) -> Callable[[Reply], Reply]:
    return lambda _: (code, dict(headers), json.dumps({"message": SECRET_WORDS}).encode())


def linked(address: str) -> Callable[[Reply], Reply]:
    return lambda reply: (reply[0], {"Link": f'<{address}>; rel="next"'}, reply[2])


CLOSED: dict[str, Callable[[int, Reply], Reply]] = {
    "no association": replace(author_association=None),
    "another association": replace(author_association="ADMIN"),
    "no title": replace(title=None),
    "a title that is a list": replace(title=[SECRET_WORDS]),
    "no author": replace(user=None),
    "no number": replace(number=None),
    "a number as a text": replace(number="12"),
    "no state": replace(state=None),
    "server down at first": at(1, status(503)),
    "server down on the second page": at(3, status(502)),
    "limited": at(2, status(429, {"Retry-After": "3600"})),
    "limited by the second limit": at(2, status(403, {"Retry-After": "3600"})),
    "limit used up": at(2, status(403, {"X-RateLimit-Remaining": "0"})),
    "not allowed": at(2, status(403)),
    "no such repository": at(1, status(404)),
    "issues gone meanwhile": at(2, status(410)),
    "cut in the middle": at(
        2, lambda r: (r[0], {**r[1], "Content-Length": str(len(r[2]))}, r[2][: len(r[2]) // 2])
    ),
    "cut, and the length too": at(2, lambda r: (r[0], r[1], r[2][: len(r[2]) // 2])),
    "a list within an object": at(2, lambda r: (r[0], r[1], b'{"items": ' + r[2] + b"}")),
    "a whole list that is refused": at(2, lambda r: (404, r[1], r[2])),
    "not JSON": at(2, lambda r: (r[0], r[1], b"<html>")),
    "nothing": at(2, lambda r: (r[0], r[1], b"")),
    "an empty page with a next one": at(2, lambda r: (r[0], r[1], b"[]")),
    "no next page, though there is one": at(2, lambda r: (r[0], {}, r[2])),
    "next page is the same": at(3, linked("{url}/repositories/1300/issues?{query}")),
    "next page elsewhere": at(2, linked("https://evil.example/repos/someone/digest/issues")),
    "next page of something else": at(2, linked("{url}/repos/someone/digest/comments")),
    "more on a page than asked for": at(2, lambda r: (r[0], r[1], json.dumps(json.loads(r[2]) * 2).encode())),
    "has_issues is no boolean": at(1, lambda r: (r[0], r[1], b'{"has_issues": "true"}')),
}


@pytest.mark.parametrize("how", CLOSED)
def test_where_the_answer_is_not_whole_no_vote_counts_and_the_night_goes_on(asked, capsys, how):
    github, _ = two_hundred()

    def tamper(number: int, reply: Reply) -> Reply:
        code, headers, body = CLOSED[how](number, reply)
        query = api.asked[-1].partition("?")[2]
        return (
            code,
            {key: one.replace("{url}", api.url).replace("{query}", query) for key, one in headers.items()},
            body,
        )

    api = played(github, tamper)
    with api:
        assert read(asked, api) is None
    assert outputs(asked) == {}
    said = "".join(capsys.readouterr())
    assert said.startswith("::warning title=Votes::")
    assert said.count("::") == 2
    assert "What to do" in said
    for words in (SECRET_WORDS, "2601", "pwned", TOKEN):
        assert words not in said


def test_a_list_without_an_end_is_given_up(asked, monkeypatch, capsys):
    monkeypatch.setattr(votes, "MAX_PAGES", 3)
    github, _ = two_hundred()

    def endless(number: int, reply: Reply) -> Reply:
        return (
            reply[0],
            {"Link": f'<{api.url}/repositories/1300/issues?after={number}>; rel="next"'},
            reply[2],
        )

    api = played(github, endless)
    with api:
        assert read(asked, api) is None
    assert len(api.asked) == 1 + 3
    assert "does not end after 3 pages" in "".join(capsys.readouterr())


def test_a_next_page_on_another_host_is_not_asked_for(asked):
    theirs = GitHub()
    theirs.open(GOOD, user=OWNER, author_association="OWNER")
    with played(theirs) as other:
        other.private = False
        address = f"{other.url}/repositories/1300/issues?page=2"
        with played(two_hundred()[0], at(2, linked(address))) as api:
            assert read(asked, api) is None
    assert other.asked == []


def test_no_token_is_sent_to_another_host(asked):
    seen: list[Mapping[str, str]] = []

    def note(path: str, headers: Mapping[str, str]) -> Reply:
        seen.append({"path": path, **headers})
        return 404, {}, b"{}"

    def elsewhere(number: int, reply: Reply) -> Reply:
        return (302, {"Location": f"{other.url}/x"}, b"") if number == 1 else reply

    other = Served(load=GitHub)
    other.answer = note  # type: ignore[method-assign]
    with other, played(GitHub(), elsewhere) as api:
        assert read(asked, api) is None
    assert [headers.get("authorization") for headers in seen] == [None]  # another port is another host


def test_where_issues_are_off_there_are_no_links_and_no_votes(asked, capsys):
    github, _ = two_hundred()
    github.has_issues = False
    with played(github) as api:
        assert read(asked, api) is None
    assert outputs(asked) == {}
    assert len(api.asked) == 1
    assert "no new vote was read. Votes that are committed keep counting." in capsys.readouterr().out


def test_a_stranger_s_title_that_is_nearly_a_vote_is_not_spoken_of(asked, capsys):
    github = GitHub()
    for who, association in NOT_COUNTED.values():
        github.open("More: 2601.20465 - cv-restoration", user=who, author_association=association)
    with played(github) as api:
        assert read(asked, api) == {}
    assert "".join(capsys.readouterr()) == ""


@pytest.mark.parametrize(
    ("profiles", "numbers"), [("", ["#2"]), ("cv-restoration", ["#2"]), ("robot-learning", [])]
)
def test_a_vote_for_a_profile_that_is_not_active_is_kept_and_said(asked, capsys, profiles, numbers):
    github = GitHub()
    for name in (PROFILE, "robot-learning"):
        github.open(f"more: 2601.20465 · {name}", user=OWNER, author_association="OWNER")
    with played(github) as api:
        given = read(asked, api, DIGEST_PROFILES=profiles)
    assert list(given or ()) == [1, 2]
    said = capsys.readouterr().out
    assert re.findall(r"no digest is made: (#[0-9]+)\. They are kept", said) == numbers


def test_switched_off_nothing_is_asked(project):
    with played(GitHub()) as api:
        assert read(project, api) is None
    assert api.asked == []


def test_votes_that_are_committed_are_not_new(asked, capsys):
    github = GitHub()
    for title in (GOOD, VOTES[1], VOTES[3]):
        github.open(title, user=OWNER, author_association="OWNER")
    file = asked / f"reports/{PROFILE}/votes.tsv"
    file.parent.mkdir(parents=True)
    head = "date\tpaper\tverdict\tissue\n"
    file.write_text(head + "2026-01-29\t2601.20465\tmore\t1\n2026-01-29\t2601.99999\tmore\t2\n")
    with played(github) as api:
        read(asked, api)
    assert outputs(asked) == {"links": "true", "open": "1,2,3", "new": "1"}
    assert '"issue":3' in (asked / "work/votes.json").read_text().replace(" ", "")
    assert '"issue":1' not in (asked / "work/votes.json").read_text().replace(" ", "")
    assert "numbers of the issues #2." in capsys.readouterr().out
    file.write_text(head + "nonsense\n")
    with played(github) as api:
        read(asked, api)
    assert outputs(asked)["new"] == ""
    said = capsys.readouterr().out
    assert "holds a line that is no vote" in said
    assert "Votes: 3 open, 0 new, 3 kept back by a damaged votes.tsv." in said


# Closing


def closing(github: GitHub, project: Path, monkeypatch: pytest.MonkeyPatch, issues: str, rows: str) -> str:
    """Close issues of which these rows are committed; returns what was said."""
    file = project / f"reports/{PROFILE}/votes.tsv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("date\tpaper\tverdict\tissue\n" + rows)
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "votes")
    monkeypatch.setattr(votes, "github", github)
    (project / "summary").unlink(missing_ok=True)
    given = {"GITHUB_STEP_SUMMARY": str(project / "summary"), "GITHUB_REPOSITORY": "someone/digest"}
    given |= {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REF_NAME": "main"}
    assert votes.main(["close", "--issues", issues, "--tip", "HEAD"], given) == 0
    return (project / "summary").read_text() if (project / "summary").exists() else ""


ROWS = "2026-01-30\t2601.20465\tmore\t1\n2026-01-30\t2601.20466\tless\t2\n"


def two_votes() -> GitHub:
    github = GitHub()
    for title in VOTES[:3]:
        github.open(title, user=OWNER, author_association="OWNER")
    return github


def test_what_is_committed_is_closed_with_one_line_and_what_is_not_stays_open(asked, monkeypatch):
    github = two_votes()
    assert "2 noted, their issues closed" in closing(github, asked, monkeypatch, "1,2,3", ROWS)
    assert [one["state"] for one in github.issues] == ["closed", "closed", "open"]
    file = "[reports/cv-restoration/votes.tsv](https://github.com/someone/digest/blob/main/reports/cv-restoration/votes.tsv)"
    assert [one["body"] for one in github.comments] == [
        f"Noted in {file}. Taken back by: `clear: 2601.20465 · cv-restoration`.",
        f"Noted in {file}. Taken back by: `clear: 2601.20466 · cv-restoration`.",
    ]
    assert closing(github, asked, monkeypatch, "1,2", ROWS).count("0 noted") == 1
    assert len(github.comments) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"title": "less: 2601.20465 · cv-restoration"},
        {"title": SECRET_WORDS},
        {"author_association": "NONE", "user": user("stranger")},
        {"user": None},
        {"state": "closed"},
        {"pull_request": {}},
        {"author_association": "ADMIN"},
        {"number": 2},
    ],
)
def test_an_issue_that_is_not_that_vote_any_more_is_left_alone(asked, monkeypatch, change):
    github = two_votes()
    before = [*github.issues]
    github.issues[0] |= change
    github.issues = [github.issues[0]]
    monkeypatch.setattr(github, "_issue", lambda _: github.issues[0])
    assert "0 noted" in closing(github, asked, monkeypatch, "1", ROWS)
    assert github.comments == []
    assert github.issues[0].get("state") == before[0]["state"]


def test_without_the_right_to_write_it_is_a_warning_that_says_what_to_do(asked, monkeypatch, capsys):
    github = two_votes()
    github.may_write = False
    closing(github, asked, monkeypatch, "1,2", ROWS)
    said = capsys.readouterr().out
    assert said.startswith("::warning title=Votes::0 of 2 issues of votes were closed.")
    assert "issues: write" in said
    assert [one["state"] for one in github.issues] == ["open"] * 3


def test_no_more_issues_are_closed_at_once_than_github_takes(asked, monkeypatch):
    monkeypatch.setattr(votes, "MAX_CLOSED", 1)
    github = two_votes()
    assert closing(github, asked, monkeypatch, "1,2", ROWS) == "- Votes: 1 noted, its issue closed.\n"
    assert [one["state"] for one in github.issues] == ["closed", "open", "open"]


@pytest.mark.parametrize("numbers", ["1;2", "1,,2", "0", "x", "1 2", "１", "1\n2"])
def test_numbers_are_digits_with_commas(numbers):
    with pytest.raises(SystemExit):
        votes.main(["close", "--issues", numbers, "--tip", "HEAD"], {})
