"""The second lock: every page that the template writes passes, and nothing else does."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.artifacts import Digest
from pipeline.errors import DigestError
from pipeline.writing import markdown, vetting
from tests.workflow import stand_in

ROOT = Path(__file__).parents[2]
GOLDEN = sorted(path for path in (ROOT / "tests/golden").glob("*.md") if ".summary." not in path.name)
ALLOWED = vetting.allowed_links(ROOT / "digest.toml", "https://github.com")
EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "40"))
PLAIN = "# 2026-01-30\n\n[all](../../README.md)\n"


def refused(text: str) -> DigestError:
    with pytest.raises(DigestError) as caught:
        vetting.check_page(text, "page", ALLOWED)
    return caught.value


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_every_golden_page_passes(path):
    vetting.check_page(path.read_text("utf-8"), path.name, ALLOWED)


REFUSED = {
    "a tag": "<script>alert(1)</script>",
    "a tag in capitals": "<SCRIPT>",
    "a comment": "<!-- x -->",
    "a tag behind a backslash that is escaped itself": "\\\\<script>",
    "an attribute": '<b onclick="x">b</b>',
    "an anchor with an address": '<a href="https://arxiv.org">x</a>',
    "a style": '<span style="color:red">x</span>',
    "an open box": '<details markdown="1">\n\nx',
    "a stray end": "</details>",
    "a box that is closed too early": "<b>x</sub></b></sub>",
    "a picture": "![x](https://arxiv.org/x.png)",
    "a picture by reference": "![x][y]",
    "a foreign link": "[x](https://evil.example/)",
    "plain http": "[x](http://arxiv.org/abs/1)",
    "a script for a link": "[x](javascript:alert(1))",
    "a script in capitals": "[x](JavaScript:alert)",
    "data for a link": "[x](data:text/html,x)",
    "a mail link": "[x](mailto:a@b.co)",
    "a settings page": "[x](../../../../settings)",
    "a host that only begins like ours": "[x](https://arxiv.org.evil.example/)",
    "a host behind a name": "[x](https://arxiv.org@evil.example/)",
    "a host with a port": "[x](https://arxiv.org:444/)",
    "a host that only ends like ours": "[x](https://evilgithub.io/)",
    "the bare end of a wildcard": "[x](https://.github.io.evil.example/)",
    "a link with a title": '[x](https://arxiv.org/abs/1 "title")',
    "a link in angle brackets": "[x](<https://evil.example>)",
    "a link over two lines": "[x](\nhttps://evil.example)",
    "a definition": "[x]: https://evil.example",
    "a reference": "[x][y]",
    "an address": "see https://evil.example",
    "an address without a scheme": "see www.evil.example",
    "another scheme": "see ftp://evil.example",
    "an address with an escaped colon": "see https\\://evil.example",
    "a mention": "@octocat",
    "a mention behind a backslash": "\\@octocat",
    "a mention by an entity": "&#64;octocat",
    "a mention by a hexadecimal entity": "&#x40;octocat",
    "a mention by name": "&commat;octocat",
    "a mail address": "a@evil.example",
    "a formula": "$x$",
    "a formula behind a backslash": "\\$x\\$",
    "code": "`x`",
    "a fence": "```mermaid\nx\n```",
    "a fence of tildes": "~~~\nx\n~~~",
    "an alert box": "> [!CAUTION]\n> x",
    "Liquid": "{% include x %}",
    "Liquid output": "{{ x }}",
    "bidi": "a\u202eb",
    "zero-width": "a\u200bb",
    "a byte-order mark": "\ufeff",
    "private use": "a\ue000b",
    "a tag character": "a\U000e0041b",
    "an escape": "a\x1b[31mb",
    "a return": "a\rb",
    "a tab": "a\tb",
    "a line separator": "a\u2028b",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_template_never_writes_is_refused(text):
    error = refused(f"{PLAIN}\n{text}\n")
    assert error.hint
    assert "evil" not in error.message.replace("evil.example", "").replace("evilgithub.io", "")


@pytest.mark.parametrize(
    "text",
    [
        "- <b>\n  \\<img src=//evil.example/x.png>\n  </b>",
        "> <b>\n> \\<a href=//evil.example>\n> </b>",
        "- <b>\n  \\<!-- \n  </b>",
        "a \\< b",
        "a@\\-b.co",
        "[x](https://evil.example&sol;.github.io/)",
        "[x](https://evil.example\\.github.io/)",
    ],
)
def test_what_a_reviewer_got_through_once(text):
    """A backslash protects nothing inside a block of HTML, and an entity may become part of a host."""
    refused(f"{PLAIN}\n{text}\n")


@pytest.mark.parametrize(
    "change",
    [
        {"candidates": [{"id": "1", "outcome": "zzz", "score": 1}]},
        {"candidates": [{"id": 7, "outcome": "seen", "score": 1}]},
        {"candidates": [{"id": "1", "outcome": "seen", "score": 1e999}]},
        {"candidates": [{"id": "1", "outcome": "seen", "score": True}]},
        {"sources": [{"through": "9999-12-31"}]},
        {"sources": "none"},
    ],
)
def test_a_report_that_later_nights_could_not_read_is_refused(change):
    data = json.loads(Path(ROOT / "reports/cv-restoration/2026/01/2026-01-30.json").read_text("utf-8"))
    whole = json.dumps(data)
    vetting.check_data(whole, "cv-restoration", "2026-01-30", ALLOWED)
    with pytest.raises(DigestError):
        vetting.check_data(json.dumps(data | change), "cv-restoration", "2026-01-30", ALLOWED)


@pytest.mark.parametrize("line", [1, 20, -2])
def test_it_is_noticed_wherever_it_stands(line):
    lines = GOLDEN[0].read_text("utf-8").split("\n")
    lines.insert(line, "<img src=x>")
    at = refused("\n".join(lines)).line
    assert lines[at - 1] == "<img src=x>"


@pytest.mark.parametrize(
    "target",
    [
        "https://arxiv.org/abs/2601.00001",
        "https://arxiv.org/html/2601.00001v1#S3.p2",
        "https://huggingface.co/papers/2601.00001",
        "https://someone.github.io/paper/",
        "https://github.com/someone/digest/actions/runs/1",
    ],
)
def test_links_of_the_settings_pass(target):
    vetting.check_page(f"{PLAIN}\n[x]({target})\n", "page", ALLOWED)


def test_a_mirror_in_the_settings_is_a_place_to_link_to(tmp_path):
    (tmp_path / "digest.toml").write_text('[endpoints]\narxiv = "http://127.0.0.1:8000"\n')
    allowed = vetting.allowed_links(tmp_path / "digest.toml", "https://github.com")
    assert allowed.link("http://127.0.0.1:8000/abs/1")
    assert not allowed.link("http://127.0.0.1:80001/abs/1")


def test_the_hosts_of_a_profiles_feeds_are_places_to_link_to(tmp_path):
    profile = tmp_path / "mine.md"
    profile.write_text("---\nfeeds: [https://blog.example.org/feed.xml]\n---\nNot https://evil.example\n")
    gone = tmp_path / "gone.md"
    allowed = vetting.allowed_links(ROOT / "digest.toml", "https://github.com", [profile, gone])
    assert allowed.link("https://blog.example.org/post")
    assert not allowed.link("https://evil.example/")
    assert not ALLOWED.link("https://blog.example.org/post")


def test_a_host_is_the_same_in_capitals(tmp_path):
    """RFC 3986, 3.2.2: scheme and host are case-insensitive; a reader writes them as he likes."""
    profile = tmp_path / "mine.md"
    profile.write_text("---\nfeeds: [https://Blog.Example.org/feed, HTTPS://OTHER.example/feed]\n---\nText\n")
    allowed = vetting.allowed_links(ROOT / "digest.toml", "https://github.com", [profile])
    for target in (
        "https://Blog.Example.org/post",
        "https://blog.example.org/post",
        "https://other.example/1",
    ):
        assert allowed.link(target)
    assert not allowed.link("https://blog.example.org:8443/post")


def test_an_address_in_the_data_may_hold_an_ampersand():
    """As the links of most blogs do (`?utm_source=rss&utm_medium=rss`); the page writes it as an entity."""
    page = "https://someone.github.io/post?utm_source=rss&utm_medium=rss"
    vetting.check_data(data(picks=[{"url": page}]), "cv", "2026-01-30", ALLOWED)
    vetting.check_page(f"{PLAIN}\n{markdown.link('x', page)}\n", "page", ALLOWED)
    for evil in ("https://evil.example&sol;.github.io/", "https://evil.example&/"):
        with pytest.raises(DigestError):
            vetting.check_data(data(picks=[{"url": evil}]), "cv", "2026-01-30", ALLOWED)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=6, max_size=6))
def test_whatever_a_paper_is_called_its_page_passes(titles):
    digest = stand_in.report("cv", "2026-01-30", judged=8, titles=tuple(titles))
    digest["title"] = titles[5]
    for pick, text in zip(digest["picks"], titles[2:4], strict=True):
        pick |= {"title": text, "headline": text, "hook": text, "authors": [text]}
    vetting.check_page(markdown.page(Digest.model_validate(digest)), "page", ALLOWED)


def data(**changed: object) -> str:
    return json.dumps({**stand_in.report("cv", "2026-01-30", pending=2), **changed})


def test_counts_come_from_the_data():
    assert vetting.check_data(data(), "cv", "2026-01-30", ALLOWED) == (2, 60, 2)


def test_papers_seen_before_are_not_counted():
    digest = json.loads(data())
    for candidate in digest["candidates"][50:]:
        candidate["outcome"] = "seen"
    assert vetting.check_data(json.dumps(digest), "cv", "2026-01-30", ALLOWED)[1] == 50


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"x"',
        "[" * 100_000,
        data(schema_version=2),
        data(schema_version=True),
        data(schema_version="1"),
        data(date="2026-01-31"),
        data(profile="other"),
        data(picks={}),
        data(candidates=[1]),
        data(pending=None),
        data(run_url="https://evil.example/runs/1"),
        data(picks=[{"url": "javascript:alert(1)"}]),
        data(picks=[{"links": {"code": "https://evil.example"}}]),
        data(usage=float("nan")),
    ],
    ids=range(17),
)
def test_odd_data_is_refused(text):
    with pytest.raises(DigestError):
        vetting.check_data(text, "cv", "2026-01-30", ALLOWED)


@pytest.mark.parametrize("text", ["2026-01-30", "2024-02-29"])
def test_days(text):
    assert vetting.real_date(text)


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-1-30", "２０２６-01-30", "20260130", "2026-W05-5", "", "x"]
)
def test_what_is_no_day(text):
    assert not vetting.real_date(text)
