"""The comment on an issue and the message to chat and mail: what a reader sees, and what a hostile text can do there."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings

from pipeline.core.artifacts import Digest
from pipeline.report import message
from pipeline.report.escape import clean, escape_comment, escape_plain
from tests.report import days, github
from tests.report.test_escape import EXAMPLES, HOSTILE, LIVE, TEXT

URL = "https://github.com/someone/digest/blob/main/reports/made-up/2026/01/2026-01-30.md"
# What GitHub links in a comment beside what it links on a page: references, commits, advisories.
REFERENCES = re.compile(LIVE.pattern + r"|\bgh-\d|[0-9a-f]{7}|\b(?:GHSA|CVE)-", re.IGNORECASE)
# What at least one of Slack, Discord, Telegram, Feishu and mail programs turns into something else: mentions, tags,
# markup, entities, URLs, hosts, emoji codes, commands.
CHAT = re.compile(
    r"[@#<>*_`~|\[\]{}\\$&^]|://|:[\w+-]+:|mailto:|(?:^|[\s(])/\w|\w\.[^\W\d_]|\d\.\d+\.\d+\.\d",
    re.IGNORECASE,
)
TEXTS = HOSTILE | {
    "issue without a sign": "GH-1 and gh-22",
    "commit": "deadbeef and 0123456789abcdef0123456789abcdef01234567",
    "number": "trained on 10000000 images",
    "advisory": "CVE-2026-1234 GHSA-abcd-efgh-ijkl",
    "everybody": "@everyone @here <!channel> <@U123> <at user_id='all'>x</at>",
    "slack link": "<https://evil.example|your bank>",
    "bot command": "/start or (/stop)",
    "list": "- one",
    "address": "evil.example or 1.2.3.4",
}


def check_comment(text: str) -> None:
    root = github.tree(f"- **9** · {escape_comment(text)}<br>T")
    assert " ".join(root.line.split()) == " ".join(f"9 · {clean(text)} T".split())
    assert {node.tag for node in root.walk()} <= {"root", "ul", "li", "strong", "br", "span"}
    for node in root.texts():
        assert not REFERENCES.search(node), node


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
@given(TEXT)
@example("a")
@example("0" * 40)
def test_a_comment_shows_exactly_the_cleaned_text(text: str) -> None:
    check_comment(text)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
@given(TEXT)
def test_no_chat_program_finds_anything_in_a_plain_text(text: str) -> None:
    assert not CHAT.search(escape_plain(text))
    assert len(escape_plain(text)) == len(clean(text))  # sign by sign: nothing is lost


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_strings_that_were_meant_to_do_harm(text: str) -> None:
    check_comment(text)
    check_comment(f"A title with {text} in it")
    assert not CHAT.search(escape_plain(text))


def hostile(text: str) -> Digest:
    """A digest in which a model has obeyed: every text of it is this one."""
    digest = days.full("en")
    picks = [pick.model_copy(update={"headline": text, "hook": text, "title": text}) for pick in digest.picks]
    others = []
    for one in digest.candidates:
        brief = one.brief.model_copy(update={"text": text}) if one.brief else None
        others.append(one.model_copy(update={"title": text, "reason": text, "brief": brief}))
    return digest.model_copy(update={"picks": tuple(picks), "candidates": tuple(others), "title": text})


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_obeying_model_changes_words_alone(text: str) -> None:
    harmless = github.tree(message.comment(hostile("Quiet words"), URL))
    root = github.tree(message.comment(hostile(text), URL))
    tags = [node.tag for node in root.walk() if node.tag != "span"]
    assert tags == [node.tag for node in harmless.walk() if node.tag != "span"]
    for link in root.find("a"):
        assert link.attributes["href"].partition("#")[0] == URL
    for node in root.texts():
        assert not REFERENCES.search(node), node
    told = message.plain(hostile(text), URL)
    assert not CHAT.search(told.title.partition(" · ")[2])
    for line in told.body.split("\n")[:-2]:  # the last two are ours: the address, and how to stop
        assert not CHAT.search(line), line
        assert not re.match(r"\s*(?:[-+]|\d+[.)])\s", line), line  # a list


def test_a_comment_has_verdict_picks_and_shortlist_in_order() -> None:
    lines = github.tree(message.comment(days.full("en"), URL)).line
    parts = [
        "2026-01-30",
        "Scanned 10, picked 2",
        "92 · One-step restoration",
        "78 · Viewers reject",
        "71 · Tracking",
    ]
    assert [lines.index(part) for part in parts] == sorted(lines.index(part) for part in parts)
    assert "Fewer steps without invented texture" in lines  # its hook
    assert "Distills a fifty-step" in lines  # a brief
    assert "Unsubscribe" in lines


def test_a_source_that_failed_is_told() -> None:
    assert "could not be read" in message.comment(days.failed("en"), URL)
    assert "could not be read" in message.plain(days.failed("en"), URL).body


def long_day() -> Digest:
    """Twenty picks and thirty shortlisted papers, every text as long as the model may write it, and in Chinese."""
    digest = days.full("zh-CN")
    pick, candidate = digest.picks[0], next(c for c in digest.candidates if c.outcome == "picked")
    short = next(c for c in digest.candidates if c.brief)
    ids = [f"2601.{number:05d}" for number in range(60)]
    words = "一篇很长的摘要_" * 60
    picks = [pick.model_copy(update={"id": key, "headline": words, "hook": words}) for key in ids[:20]]
    candidates = [candidate.model_copy(update={"id": key}) for key in ids[:20]]
    assert short.brief is not None
    brief = short.brief.model_copy(update={"text": words})
    candidates += [short.model_copy(update={"id": key, "brief": brief}) for key in ids[20:]]
    return digest.model_copy(update={"picks": tuple(picks), "candidates": tuple(candidates)})


def test_a_long_day_is_cut_between_papers_and_says_so() -> None:
    text = message.comment(long_day(), URL)
    assert 60_000 < len(text.encode()) <= 65_536
    shown = github.tree(text)
    papers = list(shown.find("li"))
    assert len(papers) < 50
    assert f"另有 {50 - len(papers)} 篇" in shown.line
    assert "Unsubscribe" in shown.line


def test_a_long_message_is_cut_and_says_so() -> None:
    told = message.plain(long_day(), URL)
    assert 1_000 < len(told.title + told.body) <= message.MAX_MESSAGE
    assert f"另有 {20 - told.body.count('92 · ')} 篇" in told.body
    assert URL in told.body


def test_a_digest_made_again_says_what_changed_and_keeps_its_hash() -> None:
    digest = days.full("en")
    first = digest.picks[0]
    before = digest.model_copy(update={"picks": (first.model_copy(update={"hook": "another"}),)})
    plain, changed = message.comment(digest, URL), message.comment(digest, URL, before=before)
    assert "Picks: 1 new, 0 gone. Other scores: 0. Other words: 1." in changed
    assert changed.split("\n")[0] == plain.split("\n")[0]
    assert message.comment(before, URL).split("\n")[0] != plain.split("\n")[0]


def test_the_marker_opens_the_comment_and_the_issue() -> None:
    digest = days.full("en")
    assert message.comment(digest, URL).startswith(message.comment_marker(digest))
    assert message.issue(digest).body.startswith(message.issue_marker("made-up") + "\n")
