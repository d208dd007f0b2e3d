"""The second lock: every page that the template writes passes, and nothing else does."""

import datetime as dt
import os
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config.settings import load_settings
from pipeline.core.artifacts import Digest
from pipeline.core.errors import DigestError
from pipeline.core.models import Links, Signal, SourceState, SourceStatus
from pipeline.core.store import dumps
from pipeline.publish.validate import AllowedLinks, allowed_links, check_data, check_page
from pipeline.report import page
from pipeline.sources.base import LinkRules
from tests.report.days import KINDS
from tests.report.made_up import LANGUAGES
from tests.workflow import stand_in

ROOT = Path(__file__).parents[2]
GOLDEN = sorted(path for path in (ROOT / "tests/golden").glob("*.md") if ".summary." not in path.name)
ALLOWED = allowed_links(ROOT / "digest.toml", "https://github.com")
EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "20"))
PLAIN = "# 2026-01-30\n\n[all](../../README.md)\n"


def refused(text: str) -> DigestError:
    with pytest.raises(DigestError) as caught:
        check_page(text, "page", ALLOWED)
    return caught.value


def test_every_golden_page_passes():
    for path in GOLDEN:
        check_page(path.read_text("utf-8"), path.name, ALLOWED)


REFUSED = {
    "a tag": "<script>alert(1)</script>",
    "a comment": "<!-- x -->",
    "a tag behind a backslash that is escaped itself": "\\\\<script>",
    "an attribute": '<b onclick="x">b</b>',
    "an anchor with an address": '<a href="https://arxiv.org">x</a>',
    "an open box": '<details markdown="1">\n\nx',
    "a stray end": "</details>",
    "a box that is closed too early": "<b>x</sub></b></sub>",
    "a picture": "![x](https://arxiv.org/x.png)",
    "a picture by reference": "![x][y]",
    "a foreign link": "[x](https://evil.example/)",
    "plain http": "[x](http://arxiv.org/abs/1)",
    "a script for a link": "[x](javascript:alert(1))",
    "a settings page": "[x](../../../../settings)",
    "a host that only begins like ours": "[x](https://arxiv.org.evil.example/)",
    "a host behind a name": "[x](https://arxiv.org@evil.example/)",
    "a host with a port": "[x](https://arxiv.org:444/)",
    "a host that only ends like ours": "[x](https://evilgithub.io/)",
    "a link with a title": '[x](https://arxiv.org/abs/1 "title")',
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
    "a mention by name": "&commat;octocat",
    "a mention by an entity behind a backslash, where none escapes": (
        '<details markdown="1">\n\\&#64;octocat\n</details>'
    ),
    "a mail address": "a@evil.example",
    "a formula": "$x$",
    "a formula behind a backslash": "\\$x\\$",
    "code": "`x`",
    "a fence": "```mermaid\nx\n```",
    "a fence of tildes": "~~~\nx\n~~~",
    "an alert box": "> [!CAUTION]\n> x",
    "an alert box in a quotation": "> > [!NOTE]",
    "Liquid": "{% include x %}",
    "Liquid output": "{{ x }}",
    "bidi": "a\u202eb",
    "private use": "a\ue000b",
    "an escape": "a\x1b[31mb",
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
    check_page(f"{PLAIN}\n[x]({target})\n", "page", ALLOWED)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=6, max_size=6))
def test_whatever_a_paper_is_called_its_page_passes(titles):
    digest = stand_in.report("cv", "2026-01-30", judged=8, titles=tuple(titles))
    digest["title"] = titles[5]
    for pick, text in zip(digest["picks"], titles[2:4], strict=True):
        pick |= {"title": text, "headline": text, "hook": text, "authors": [text]}
    check_page(page.page(Digest.model_validate(digest)), "page", ALLOWED)


DATE = dt.date(2026, 1, 30)
RULES = LinkRules.from_settings(load_settings(ROOT / "digest.toml", {}))
FEED = "blog.example.org/feed.xml"  # what a profile names is allowed besides
FEEDS = AllowedLinks(ALLOWED.hosts | {"blog.example.org"}, ALLOWED.bases)
LABEL = st.text("abcxyzABC019-_", min_size=1, max_size=12)
HOSTS = st.sampled_from([host for host in RULES.hosts if "*" not in host]) | st.builds(
    "{}.{}".format, LABEL, st.sampled_from([host[2:] for host in RULES.hosts if "*" in host])
)
PRINTABLE = "".join(map(chr, range(33, 127)))
ADDRESSES = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["https", "HTTPS"]),
    HOSTS,
    st.sampled_from(["", "/", "?", "#"]),
    st.text(PRINTABLE, max_size=40)
    | st.sampled_from(["a?b=1&c=2", "&sol;", "a&amp;b", "x)](y", "a@b", "%0A"]),
).filter(RULES.allowed)
WORDS = st.text(max_size=30)
DAYS = st.dates(DATE - dt.timedelta(days=40), DATE + dt.timedelta(days=3))
SIGNAL = st.builds(
    Signal,
    day=DAYS,
    announced_as=st.sampled_from([None, "new", "cross", "replace", "replace-cross"]),
    upvotes=st.none() | st.integers(0, 10**6),
)
SOURCE = st.builds(
    SourceStatus,
    name=st.sampled_from(["arxiv", "huggingface", FEED]) | WORDS,
    status=st.sampled_from(get_args(SourceState)),
    count=st.integers(0, 999),
    through=st.none() | st.dates(DATE - dt.timedelta(days=40), DATE),
    note=WORDS,
)
LINKS = st.builds(
    Links,
    page=ADDRESSES | st.just(f"https://{FEED}"),
    html=st.none() | ADDRESSES,
    pdf=st.none() | ADDRESSES,
    huggingface=st.none() | ADDRESSES,
    code=st.none() | ADDRESSES,
    project=st.none() | ADDRESSES,
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from([*KINDS.values()]), st.sampled_from(LANGUAGES))
def test_whatever_its_metadata_says_a_report_passes(drawn, kind, language):
    """Both files, with links as `[links] hosts` lets them through, signals, sources and days of every kind."""

    def signed(candidate):
        signals = drawn.draw(
            st.dictionaries(st.sampled_from(["arxiv", "huggingface", FEED]), SIGNAL, max_size=3)
        )
        return candidate.model_copy(update={"signals": signals, "url": drawn.draw(ADDRESSES)})

    def linked(pick):
        links = drawn.draw(LINKS)
        return pick.model_copy(update={"links": links, "url": links.page})

    made = kind(language)
    few = made.candidates[:3]
    changes = {
        "date": DATE,
        "previous": drawn.draw(
            st.none() | st.dates(DATE - dt.timedelta(days=400), DATE - dt.timedelta(days=1))
        ),
        "sources": tuple(drawn.draw(st.lists(SOURCE, max_size=4))),
        "candidates": (*map(signed, few), *made.candidates[3:]),
        "picks": tuple(linked(pick) for pick in made.picks),
    }
    digest = made.model_copy(update=changes)
    check_page(page.page(digest), "page", FEEDS)
    counts = check_data(dumps(digest).decode(), "made-up", DATE.isoformat(), FEEDS)
    assert counts[0] == len(digest.picks)
