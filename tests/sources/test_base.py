"""Asking, and telling a quiet day from a stale list."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.config.settings import Endpoints, LinkHosts, load_settings
from pipeline.core.models import Paper, Signal
from pipeline.core.names import feed_link_hosts
from pipeline.publish.validate import AllowedLinks
from pipeline.sources import arxiv_api, arxiv_oai, arxiv_rss, feeds, huggingface
from pipeline.sources.base import LinkRules, Parsed, assess_freshness, excerpt, fetch_parsed
from pipeline.sources.metadata_text import MAX_ABSTRACT_LENGTH, MAX_TITLE_LENGTH, clean, truncate
from pipeline.sources.url_policy import normalize
from tests.builders import paper, source
from tests.sources.table import EXAMPLES, LINKS, Table, many, recorded

FRIDAY = dt.date(2026, 1, 30)


def test_rules_come_from_the_settings(root):
    shipped = load_settings(root / "digest.toml", {})
    rules = LinkRules.from_settings(
        shipped.model_copy(update={"endpoints": Endpoints(), "links": LinkHosts()})
    )
    links = rules.paper("2601.00001", 2)
    assert (links.page, links.html, links.pdf) == (
        "https://arxiv.org/abs/2601.00001",
        "https://arxiv.org/html/2601.00001v2",
        "https://arxiv.org/pdf/2601.00001v2",
    )
    assert rules.allowed("https://gitlab.com/a/b") == "https://gitlab.com/a/b"
    assert rules.allowed("https://example.org/") is None


HOSTS = ("github.com", "*.github.io")
NAMES = st.text("ab1-._=;,!%2e()*$&~:@/?#é\u3002", max_size=12)
ADDRESSES = (
    st.tuples(st.sampled_from(["https://", "HTTPS://", "http://", "https:"]), NAMES, st.sampled_from(["", ".github.io", "github.com", ".GitHub.IO", ".biorxiv.org"]), st.sampled_from(["", "/", "/x?a=1&b=2#c", "/&amp;", ":443/", "?"]))
    .map("".join)
)  # fmt: skip


@settings(many, max_examples=5 * EXAMPLES)
@given(ADDRESSES | st.text(), st.sampled_from(["blog.example.org", "www.biorxiv.org", "connect.biorxiv.org"]))
def test_what_a_feed_may_link_to_the_publishing_job_allows_too(address, host):
    """Both read the hosts of `feed_link_hosts`."""
    address = normalize(address)
    if LinkRules(hosts=feed_link_hosts(host)).allowed(address):
        assert AllowedLinks(frozenset(feed_link_hosts(host)), ()).permits(address)


@settings(many, max_examples=5 * EXAMPLES)
@given(ADDRESSES | st.text())
@example("https://my_lab.github.io/x")
@example("https://a%2eb.github.io/")
@example("https://a;b=c.github.io/")
@example("https://a,b!.github.io/")
def test_what_is_allowed_here_the_publishing_job_allows_too(address):
    """One link that it refuses stops the reports of all profiles. It looks at the data's addresses in this form."""
    if LinkRules(hosts=HOSTS).allowed(address):
        assert AllowedLinks(frozenset(HOSTS), ()).permits(address.replace("&", "&amp;"))


def test_ordinary_links_are_allowed():
    for address in (
        "https://A1.b.GitHub.io",
        "https://one.two.github.io/p/?q=1#r",
        "https://github.com/a?b=1&c=2",
    ):
        assert LinkRules(hosts=HOSTS).allowed(address) == address
    assert LinkRules(hosts=HOSTS).allowed("https://github.com/" + "a" * 481)


@pytest.mark.parametrize(
    "address",
    [
        "http://github.com/a/b",
        "https://evil.example/a",
        "https://github.com.evil.example/a",
        "https://user@github.com/a",
        "https://github.com:444/a",
        "https://github.io",
        'https://github.com/a"onclick="',
        "https://github.com/a b",
        "https://github.com/" + "a" * 482,
        "https://[github.com/",
        7,
    ],
)
def test_a_link_has_to_be_plain_and_https_and_to_a_host_on_the_list(address):
    assert LinkRules(hosts=HOSTS).allowed(address) is None


LONG = "word " * 4_000  # 20,000 characters


def cut(most: int) -> str:
    return LONG[: most - 1] + "…"


@pytest.mark.parametrize("name", ["arxiv", "api", "oai", "huggingface", "feed"])
def test_no_source_says_more_than_can_be_published(name):
    """500 characters of a title, 10,000 of an abstract: both counts end with a whole word; 100 of a name."""
    today = dt.date(2026, 1, 31)
    creator = f"<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>{LONG}</dc:creator>"
    found: arxiv_rss.Feed | Parsed | tuple[Paper, ...] | str
    if name == "arxiv":
        body = f"<rss><channel><item><title>{LONG}</title><guid>2601.00001v1</guid><description>{LONG}</description>{creator}</item></channel></rss>"
        found = arxiv_rss.parse(body.encode(), LINKS, today=today)
    elif name == "api":
        body = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>2601.00001v1</id><title>{LONG}</title><summary>{LONG}</summary><author><name>{LONG}</name></author></entry></feed>"
        found = arxiv_api.parse(body.encode(), LINKS)
    elif name == "oai":
        body = (
            recorded("arxiv_oai_page_2.xml")
            .decode()
            .replace("Held by", f"{LONG}Held by")
            .replace("Held.<", f"{LONG}<")
            .replace("<authors>", f"<authors>{LONG}")
        )
        records = arxiv_oai.parse(body.encode())
        assert isinstance(records, arxiv_oai.HarvestPage)
        found = arxiv_oai.select_papers(
            records.records[:1], ["cs.CV"], LINKS, after=dt.date(2026, 1, 27), before=FRIDAY
        )
    elif name == "huggingface":
        items = [{"paper": {"id": "2601.00001", "title": LONG, "summary": LONG, "authors": [{"name": LONG}]}}]
        found = huggingface.parse(json.dumps(items).encode(), today, LINKS)
    else:
        body = f"<rss version='2.0'><channel><item><title>{LONG}</title><link>https://x.example/</link><description>{LONG}</description>{creator}</item></channel></rss>"
        found = feeds.parse(body.encode(), "x.example", LINKS, today=today)
    assert not isinstance(found, str)
    (paper_,) = found if isinstance(found, tuple) else found.papers
    assert paper_.title == cut(500)
    assert paper_.abstract == cut(10_000)
    assert paper_.authors[0] == LONG[:100]


def test_no_recorded_paper_is_cut():
    """Measured on all that is recorded here, by the lists' own fields."""
    days = [json.loads(line) for line in gzip.decompress(recorded("judged_days.jsonl.gz")).splitlines()]
    assert len(days) > 400
    for one in days:
        for text, most in ((one["title"], MAX_TITLE_LENGTH), (one["abstract"], MAX_ABSTRACT_LENGTH)):
            assert truncate(clean(text), most) == clean(text)


def test_what_cannot_be_read_is_asked_for_three_times():
    get = Table(page=[b"1", b"2", b"3", b"4"])
    found = asyncio.run(
        fetch_parsed(get, "page", lambda body: f"cannot read {body.decode()}", accept="text/x")
    )
    assert found == "cannot read 3"
    assert get.accepts == ["text/x"] * 3


def test_a_refusal_is_asked_for_once_and_quoted():
    get = Table(page=[403])
    found = asyncio.run(
        fetch_parsed(get, "page", lambda _: "unread", accept="*/*", error_message=lambda _: "go\naway")
    )
    assert found == "HTTP 403: go away"
    assert len(get.asked) == 1


def test_a_strangers_words_are_cut():
    assert excerpt("a " * 300) == "a " * 99 + "a…"


@pytest.mark.parametrize(
    ("today", "announced", "status", "note"),
    [
        (FRIDAY, FRIDAY, "stale", "every paper on the list is known"),
        (
            FRIDAY,
            FRIDAY - dt.timedelta(days=1),
            "stale",
            "the list repeats what was announced on 2026-01-29: today's was not up yet, or there is none",
        ),
        (
            dt.date(2026, 1, 31),
            FRIDAY,
            "stale",
            "the list repeats what was announced on 2026-01-30: nothing is announced on a weekend",
        ),
        (
            dt.date(2026, 1, 20),
            dt.date(2026, 1, 19),
            "stale",
            "the list repeats what was announced on 2026-01-19: arXiv announces nothing on the day after a US holiday",
        ),
    ],
)
def test_a_list_of_known_papers_is_stale(today, announced, status, note):
    signals = {"arxiv": Signal(day=announced)}
    papers = [paper("2601.00001", signals=signals), paper("2601.00002", signals=signals)]
    found = assess_freshness(source(), papers, {"2601.00001", "2601.00002"}, today, daily=True)
    assert (found.status, found.note) == (status, note)


def test_one_unknown_paper_makes_a_list_fresh():
    papers = [paper("2601.00001"), paper("2601.00002")]
    assert assess_freshness(source(note="2 new"), papers, {"2601.00001"}, FRIDAY, daily=True) == source(
        note="2 new"
    )


def test_no_papers_are_an_empty_list_with_a_reason_if_the_calendar_has_one():
    assert assess_freshness(source(), [], set(), FRIDAY, daily=True).status == "empty"
    assert assess_freshness(source(), [], set(), FRIDAY, daily=True).note == ""
    assert (
        assess_freshness(source(), [], set(), dt.date(2026, 2, 1), daily=True).note
        == "nothing is announced on a weekend"
    )


def test_arxivs_calendar_says_nothing_of_a_feed():
    sunday = dt.date(2026, 2, 1)
    known = [paper("2601.00001", signals={"j.example": Signal(day=dt.date(2026, 1, 19))})]
    stale = assess_freshness(source(), known, {"2601.00001"}, sunday, daily=False)
    assert (stale.status, stale.note) == ("stale", "every paper on the list is known")
    assert assess_freshness(source(), [], set(), sunday, daily=False) == source(status="empty")


def test_a_failure_stays_a_failure():
    failed = source(status="failed", note="HTTP 503")
    assert assess_freshness(failed, [], set(), FRIDAY, daily=True) == failed


def test_a_list_that_knows_no_day_of_announcement_goes_by_its_own():
    listed = [paper("2601.00001", announced=None)]
    assert (
        "2026-01-30"
        in assess_freshness(source(), listed, {"2601.00001"}, dt.date(2026, 2, 2), daily=True).note
    )
