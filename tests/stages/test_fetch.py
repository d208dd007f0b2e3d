"""The stage that fetches: what is new, what is owed, what every source did; lists out of a table."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from pipeline.config.profile import Profile, load_profile
from pipeline.config.settings import load_settings
from pipeline.core.artifacts import Digest, Fetched
from pipeline.core.errors import DigestError
from pipeline.core.ledger import Entry, Feed, Ledger
from pipeline.core.models import Pending
from pipeline.core.votes import Vote
from pipeline.sources import feeds
from pipeline.stages import fetch
from tests.builders import DAY
from tests.report import made_up
from tests.sources.table import Table

RSS = "/rss/cs.CV+eess.IV"
NOON = dt.datetime(2026, 1, 30, 12, tzinfo=dt.UTC)


def ago(days: int) -> dt.date:
    return DAY - dt.timedelta(days=days)


def rss(*keys: str, day: str = "Fri, 30 Jan 2026 00:00:00 -0500", kind: str = "new") -> bytes:
    items = "".join(
        f"<item><title>Paper {key}</title><link>https://arxiv.org/abs/{key}</link>"
        f"<description>arXiv:{key}v1 Announce Type: {kind} \nAbstract: About {key}.</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{key}v1</guid><category>cs.CV</category>'
        f"<pubDate>{day}</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>"
        "<dc:creator>A. Author</dc:creator></item>"
        for key in keys
    )
    return (
        '<?xml version="1.0"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel><title>cs.CV</title>'
        f"<pubDate>{day}</pubDate>{items}</channel></rss>"
    ).encode()


def votes(*keys: str) -> bytes:
    return json.dumps(
        [
            {"paper": {"id": key, "title": f"Paper {key}", "summary": "s", "upvotes": 7, "authors": []}}
            for key in keys
        ]
    ).encode()


def api(*keys: str) -> bytes:
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{key}v1</id><title>Paper {key}</title>"
        f"<summary>About {key}.</summary><published>2026-01-20T17:59:46Z</published></entry>"
        for key in keys
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()


def table(**answers: Any) -> Table:
    lists = {
        "/rss/": [rss("2601.00001", "2601.00002")],
        "date=2026-01-30": [votes("2601.00002")],
        "date=": [b"[]"],
        "/api/query": [api()],
    }
    return Table(**{**lists, **answers})


def profile(**own: Any) -> Profile:
    found = load_profile(Path("prompts"), "cv-restoration", languages=frozenset({"zh-CN"}))
    return found.model_copy(update={"settings": found.settings.model_copy(update=own)})


def run(
    get: Table,
    known: Ledger | None = None,
    *,
    date: dt.date = DAY,
    own: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    **given: Any,
) -> Fetched:
    values: dict[str, Any] = {
        "report_of": lambda _: None,
        "wanted": (),
        "generated_at": NOON,
        "run_url": None,
    }
    return asyncio.run(
        fetch.fetch(
            get,
            profile=profile(**(own or {})),
            settings=load_settings(Path("digest.toml"), environ or {}),
            date=date,
            known=known or Ledger(),
            **{**values, **given},
        )
    )


def judged(*keys: str, on: dt.date | None = None) -> dict[str, Entry]:
    return {key: Entry(on=on or ago(1), score=50, outcome="below_threshold") for key in keys}


def states(fetched: Fetched) -> dict[str, str]:
    return {one.name: one.status for one in fetched.sources}


def test_two_sources_are_one_candidate_with_both_signals(project: Path) -> None:
    fetched = run(table())
    assert [p.id for p in fetched.papers] == ["2601.00001", "2601.00002"]
    both = fetched.papers[1]
    assert set(both.signals) == {"arxiv", "huggingface"}
    assert both.signals["huggingface"].upvotes == 7
    assert both.links.html == "https://arxiv.org/html/2601.00002v1"
    assert both.links.huggingface == "https://huggingface.co/papers/2601.00002"
    assert states(fetched) == {"huggingface": "ok", "arxiv": "ok"}
    assert fetched.previous is None


def test_what_was_judged_is_seen_with_its_day_and_not_a_paper_again(project: Path) -> None:
    known = Ledger(entries=judged("2601.00002"), dates=(ago(1),))
    fetched = run(table(), known)
    assert [p.id for p in fetched.papers] == ["2601.00001"]
    assert [(one.paper.id, one.on, one.score) for one in fetched.seen] == [("2601.00002", ago(1), 50)]
    assert fetched.previous == ago(1)


def test_a_list_that_repeats_is_stale_and_says_so(project: Path) -> None:
    known = Ledger(entries=judged("2601.00001", "2601.00002"))
    thursday = rss("2601.00001", "2601.00002", day="Thu, 29 Jan 2026 00:00:00 -0500")
    fetched = run(table(**{"/rss/": [thursday]}), known)
    arxiv = next(one for one in fetched.sources if one.name == "arxiv")
    assert arxiv.status == "stale"
    assert "2026-01-29" in arxiv.note
    assert fetched.papers == ()


def test_hugging_face_is_read_through_yesterday_for_todays_list_is_not_complete(project: Path) -> None:
    get = table(**{"date=": [votes("2601.00009")]})
    fetched = run(get, Ledger(through={"huggingface": ago(2)}))
    asked = [url for url in get.asked if "daily_papers" in url]
    assert [url.split("date=")[1][:10] for url in asked] == ["2026-01-29", "2026-01-30"]
    assert next(one.through for one in fetched.sources if one.name == "huggingface") == ago(1)


def test_hugging_face_is_read_through_the_day_before_the_first_list_that_could_not_be_read(
    project: Path,
) -> None:
    lists = {"date=2026-01-28": [votes("2601.00009")], "date=2026-01-29": [b"{}"], "date=": [b"[]"]}
    get = Table(**lists, **{"/rss/": [rss("2601.00001")]})
    fetched = run(get, Ledger(through={"huggingface": ago(3)}))
    assert next(one.through for one in fetched.sources if one.name == "huggingface") == ago(2)


def test_lists_of_missed_days_are_asked_for_but_of_no_more_than_a_week(project: Path) -> None:
    get = table()
    run(get, Ledger(through={"huggingface": ago(5)}))
    assert sum("daily_papers" in url for url in get.asked) == 5
    get = table()
    run(get, Ledger(through={"huggingface": ago(30)}))
    assert sum("daily_papers" in url for url in get.asked) == 8


@pytest.mark.parametrize(("last", "expected"), [(1, False), (2, True), (3, True), (30, True)])
def test_missed_weekdays_are_harvested(project: Path, last: int, expected: bool) -> None:
    """DAY is a Friday: a report of Thursday leaves no gap, one of Wednesday leaves Thursday."""
    get = table()
    run(get, Ledger(through={"arxiv": ago(last), "huggingface": ago(1)}))
    assert any("ListRecords" in url for url in get.asked) is expected


def test_a_weekend_is_no_gap(project: Path) -> None:
    get = table()
    monday = dt.date(2026, 2, 2)
    known = Ledger(through={"arxiv": DAY, "huggingface": ago(1)})
    run(get, known, date=monday, generated_at=NOON + dt.timedelta(days=3))
    assert not any("ListRecords" in url for url in get.asked)


def test_while_the_gap_cannot_be_had_the_watermark_stays_but_not_that_of_another_source(
    project: Path,
) -> None:
    lists = {"ListRecords": ["HTTP 503"], "date=": [votes("2601.00009")]}
    fetched = run(table(**lists), Ledger(through={"arxiv": ago(3)}))
    by_name = {one.name: one for one in fetched.sources}
    assert by_name["arxiv-oai"].status == "failed"
    assert by_name["arxiv"].status == "ok"
    assert (by_name["arxiv"].watermark, by_name["arxiv"].first_failure) == (ago(3), DAY)
    assert (by_name["huggingface"].watermark, by_name["huggingface"].first_failure) == (ago(1), None)


def test_one_source_down_costs_the_other_nothing(project: Path) -> None:
    fetched = run(table(**{"/rss/": ["HTTP 503, four times"]}))
    assert states(fetched) == {"huggingface": "ok", "arxiv": "failed"}
    assert [p.id for p in fetched.papers] == ["2601.00002"]


def test_all_sources_down_ends_the_run(project: Path) -> None:
    down = {"/rss/": ["HTTP 503"], "date=2026-01-30": ["HTTP 500"], "date=": ["HTTP 500"]}
    with pytest.raises(DigestError) as caught:
        run(table(**down))
    assert "arxiv: HTTP 503" in caught.value.message
    assert "huggingface" in caught.value.message
    assert caught.value.exit_code == 1


def test_a_past_date_covers_that_day_and_moves_no_watermark(project: Path) -> None:
    get = table()
    fetched = run(get, date=ago(10))
    assert not any("/rss/" in url for url in get.asked), "the feed serves only today"
    assert [url.split("date=")[1][:10] for url in get.asked if "daily_papers" in url] == ["2026-01-20"]
    assert {one.through for one in fetched.sources} == {None}


def owing(since: Mapping[str, int], **judged: Entry) -> Ledger:
    """A ledger with papers that are pending since so many days."""
    unscored = Entry(on=ago(1), score=None, outcome="unscored")
    pending = {
        key: Pending(id=key, stage="score", reason="HTTP 529", since=ago(n)) for key, n in since.items()
    }
    return Ledger({**judged, **dict.fromkeys(since, unscored)}, pending)


def test_what_is_pending_is_looked_up_by_one_call_and_comes_first(project: Path) -> None:
    get = table(**{"/api/query": [api("2601.00090", "2601.00091")]})
    known = owing({"2601.00090": 1, "2601.00091": 2})
    fetched = run(get, known)
    assert [(one.paper.id, one.since) for one in fetched.retries] == [
        ("2601.00091", ago(2)),
        ("2601.00090", ago(1)),
    ]
    assert sum("/api/query" in url for url in get.asked) == 1
    assert [p.id for p in fetched.papers] == ["2601.00001", "2601.00002"]


def test_a_pending_paper_that_is_listed_again_is_not_looked_up_nor_doubled(project: Path) -> None:
    get = table()
    fetched = run(get, owing({"2601.00001": 1}))
    assert [one.paper.id for one in fetched.retries] == ["2601.00001"]
    assert [p.id for p in fetched.papers] == ["2601.00002"]
    assert not any("/api/query" in url for url in get.asked)


def test_a_paper_that_is_given_up_is_not_new_when_it_is_listed_again(project: Path) -> None:
    """Nobody is told of its end and of another week of tries on one page; asked for by its id it is a candidate."""
    fetched = run(table(), owing({"2601.00001": 8}))
    assert [p.id for p in fetched.papers] == ["2601.00002"]
    assert fetched.retries == ()
    assert [(one.id, one.reason[:8]) for one in fetched.skipped] == [("2601.00001", "given up")]
    asked = run(table(), owing({"2601.00001": 8}), wanted=("2601.00001",))
    assert "2601.00001" in [p.id for p in asked.papers]


def test_what_cannot_be_looked_up_today_stays_owed(project: Path) -> None:
    get = table(**{"/api/query": ["HTTP 429"]})
    fetched = run(get, owing({"2601.00090": 1}))
    assert fetched.retries == ()
    assert len(fetched.papers) == 2


def test_papers_asked_for_by_id_are_found_or_named(project: Path) -> None:
    get = table(**{"/api/query": [api("2601.00090")]})
    fetched = run(get, wanted=("2601.00090", "2601.99999"))
    assert "2601.00090" in [p.id for p in fetched.papers]
    assert [(one.id, one.stage) for one in fetched.skipped] == [("2601.99999", "fetch")]


def test_liked_papers_are_looked_up_for_their_words(project: Path) -> None:
    get = table(**{"/api/query": [api("2501.00001")]})
    fetched = run(get, own={"liked": ("2501.00001",)})
    assert [p.id for p in fetched.liked] == ["2501.00001"]
    assert "2501.00001" not in [p.id for p in fetched.papers]


def vote(key: str, verdict: Literal["more", "less"] = "more", issue: int = 1) -> Vote:
    return Vote(date=DAY, paper=key, verdict=verdict, issue=issue)


def test_papers_of_votes_come_by_the_request_that_brings_the_liked_ones(project: Path) -> None:
    get = table(**{"/api/query": [api("2501.00001", "2601.00007", "2601.00008")]})
    known = Ledger(entries=judged("2601.00007", on=ago(3)), dates=(ago(3),))
    read = (vote("2601.00007", "less"), vote("2601.00008"), vote("2601.00009"))
    fetched = run(get, known, own={"liked": ("2501.00001",)}, votes=read)
    assert sum("/api/query" in url for url in get.asked) == 1
    assert fetched.votes == read
    assert [(one.paper.id, one.paper.abstract, one.verdict, one.score) for one in fetched.voted] == [
        ("2601.00007", "About 2601.00007.", "less", 50),
        ("2601.00008", "About 2601.00008.", "more", None),
    ]
    # No candidate comes of a vote, and one whose paper is not found is silent.
    assert [p.id for p in fetched.papers] == ["2601.00001", "2601.00002"]
    assert fetched.skipped == ()


ODD = "2601.2046"  # a sign was lost; arXiv's API refuses it by name
REFUSED = f"HTTP 400: incorrect id format for {ODD}"


def test_new_votes_on_papers_that_nobody_knows_are_told_of(project: Path) -> None:
    get = table(**{"/api/query": [REFUSED, api("2601.00008")]})
    known = Ledger(entries=judged("2601.00010", on=ago(3)), dates=(ago(3),))
    unknown = [vote("2601.99999", issue=7), vote("feed-0123456789ab", issue=8), vote(ODD, issue=9)]
    others = [
        vote("2601.00001"),  # in tonight's list
        vote("2601.00008"),  # arXiv knows it
        vote("2601.00010"),  # in a report
        vote("2601.99998").model_copy(update={"date": ago(2)}),  # told of before
    ]
    fetched = run(get, known, votes=(*others, *unknown))
    assert fetched.unknown_votes == tuple(unknown)
    said = fetch.unknown_votes_warning(fetched)
    assert f"2601.99999 (issue #7), feed-0123456789ab (issue #8), {ODD} (issue #9)." in said
    assert fetched.skipped == ()


def test_where_arxiv_does_not_answer_no_vote_is_called_unknown(project: Path) -> None:
    fetched = run(
        table(**{"/api/query": ["HTTP 429"]}), votes=(vote("2601.99999"), vote("feed-0123456789ab"))
    )
    assert [one.paper for one in fetched.unknown_votes] == ["feed-0123456789ab"]
    assert fetch.unknown_votes_warning(run(table(), votes=())) == ""


def test_the_newest_fifty_votes_are_read(project: Path) -> None:
    keys = [f"2512.{n:05}" for n in range(60)]
    get = table(**{"/api/query": [api(*keys)]})
    fetched = run(get, votes=tuple(map(vote, keys)))
    assert [one.paper.id for one in fetched.voted] == keys[10:]
    assert len(fetched.votes) == 60


def test_entries_of_feeds_and_papers_that_cannot_be_looked_up_have_the_title_of_their_report(
    project: Path,
) -> None:
    """Each report is read once; a vote on what no report lists, or whose report is damaged, is left out."""
    published = made_up.digest("zh-CN")
    entry, other = (
        published.candidates[0].model_copy(update={"id": "feed-0123456789ab"}),
        published.candidates[1],
    )
    report = published.model_copy(update={"candidates": (entry, other)})
    asked: list[dt.date] = []

    def report_of(date: dt.date) -> Digest:
        asked.append(date)
        if date == ago(3):
            raise DigestError("is damaged", hint="restore it")
        return report

    entries = judged(entry.id, other.id, on=ago(2)) | judged("feed-00000000000d", on=ago(3))
    read = tuple(map(vote, (entry.id, other.id, "feed-00000000000d", "feed-00000000000e")))
    known = Ledger(entries=entries, dates=(ago(3), ago(2)))
    fetched = run(table(**{"/api/query": [500]}), known, votes=read, report_of=report_of)
    assert [(one.paper.title, one.paper.abstract, one.score) for one in fetched.voted] == [
        (entry.title, "", 50),
        (other.title, "", 50),
    ]
    assert sorted(asked) == [ago(3), ago(2)]


BLOG = b"""<rss version="2.0"><channel><title>Blog</title>
<item><title>Cooking recipes</title><guid>arXiv:2601.00003v7</guid><link>https://blog.example.org/1</link>
<description>Not a paper at all.</description></item></channel></rss>"""


def test_a_feed_cannot_speak_for_a_paper_of_arxiv(project: Path) -> None:
    """What only a feed says of an arXiv id is looked up; what nobody confirms is not judged in its place."""
    own = {"feeds": ("https://blog.example.org/feed.xml",)}
    get = table(**{"feed.xml": [BLOG], "/api/query": [api("2601.00003")]})
    found = {p.id: p for p in run(get, own=own).papers}
    assert found["2601.00003"].title == "Paper 2601.00003"
    assert "blog.example.org/feed.xml" in found["2601.00003"].signals
    unknown = run(table(**{"feed.xml": [BLOG]}), own=own)
    assert "2601.00003" not in {p.id for p in unknown.papers}
    assert "2601.00003" in {one.id for one in unknown.skipped}


POST = b"""<rss version="2.0"><channel><title>Blog</title>
<item><title>How we denoise</title><guid>post-1</guid><link>https://blog.example.org/1</link>
<description>A post of our own.</description></item></channel></rss>"""


def test_a_feeds_own_post_is_a_candidate(project: Path) -> None:
    own = {"feeds": ("https://blog.example.org/feed.xml",)}
    fetched = run(table(**{"feed.xml": [POST]}), own=own)
    assert "How we denoise" in {p.title for p in fetched.papers}
    assert fetched.skipped == ()


@pytest.mark.parametrize(("replacements", "expected"), [(True, ["2601.00001"]), (False, [])])
def test_replacements_are_candidates_for_who_asks_for_them(
    project: Path, replacements: bool, expected: list[str]
) -> None:
    get = Table(**{"/rss/": [rss("2601.00001", kind="replace")], "date=": [b"[]"]})
    assert [p.id for p in run(get, own={"replacements": replacements}).papers] == expected


def blog(*links: str) -> bytes:
    items = "".join(f"<item><title>{link}</title><link>https://{link}</link></item>" for link in links)
    return f"<rss version='2.0'><channel><title>Blog</title>{items}</channel></rss>".encode()


FEED = {"feeds": ("https://blog.example.org/feed.xml",)}
BLOG_NAME = "blog.example.org/feed.xml"


def guids(*posts: tuple[str, str]) -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://blog.example.org/1</link><guid isPermaLink='false'>{guid}</guid></item>"
        for guid, title in posts
    )
    return f"<rss version='2.0'><channel><title>Blog</title>{items}</channel></rss>".encode()


def test_a_post_whose_guid_was_rewritten_is_seen_and_another_with_its_link_is_new(project: Path) -> None:
    title = "How we denoise images"
    (first,) = (
        p for p in run(table(**{"feed.xml": [guids(("a", title))]}), own=FEED).papers if p.title == title
    )
    before = SimpleNamespace(
        candidates=[SimpleNamespace(id=first.id, title=title, url=first.links.page, signals=first.signals)]
    )
    asked = []

    def report_of(date: dt.date) -> Any:
        asked.append(date)
        return before if date == ago(1) else None

    known = Ledger(entries=judged(first.id), dates=(ago(90), ago(1)))
    answers = table(**{"feed.xml": [guids(("b", f"{title}."), ("c", "What else is new"))]})
    fetched = run(answers, known, own=FEED, report_of=report_of)
    assert [one.paper.id for one in fetched.seen] == [first.id]
    assert [p.title for p in fetched.papers if p.id.startswith("feed-")] == ["What else is new"]
    assert asked == [ago(1)], "older reports are read, or none"
    asked.clear()
    run(table(**{"feed.xml": [guids(("a", title))]}), known, own=FEED, report_of=report_of)
    assert asked == [], "reports are read though all ids are known"


def test_only_what_a_feed_alone_lists_and_nobody_knows_counts_against_its_limit(
    project: Path,
) -> None:
    """Two new ones a night, besides what arXiv announces, what is judged, pending, or asked for by id."""
    arxiv, gone, late = (f"arxiv.org/abs/{key}" for key in ("2601.00001", "2601.00080", "2601.00090"))
    posts = [f"blog.example.org/{n}" for n in range(5)]
    ids = [feeds.entry_id(BLOG_NAME, "", f"https://{post}", post) for post in posts]
    known = owing({ids[1]: 1}, **judged(ids[0], "2601.00080"))
    get = table(**{"feed.xml": [blog(arxiv, gone, *posts, late)], "/api/query": [api("2601.00080")]})
    fetched = run(get, known, own=FEED, wanted=(ids[4],), environ={"DIGEST_FEEDS__NEW_A_NIGHT": "2"})
    assert {p.id for p in fetched.papers} == {"2601.00001", "2601.00002", *ids[2:]}
    assert [one.paper.id for one in fetched.retries] == [ids[1]]
    status = next(one for one in fetched.sources if one.name == BLOG_NAME)
    assert status.waiting == ("2601.00090",)
    assert not any("2601.00090" in url for url in get.asked), "what waits is not looked up"


def test_a_paper_that_was_never_marked_is_a_candidate_again_when_it_is_listed_again(project: Path) -> None:
    known = Ledger({"2601.00001": Entry(on=ago(1), score=None, outcome="prefiltered")})
    fetched = run(table(), known)
    assert [p.id for p in fetched.papers] == ["2601.00001", "2601.00002"]
    assert fetched.seen == ()
    assert fetch.still_new(fetched, known) == fetched


def lost(get: Table, known: Ledger, *names: str, **given: Any) -> list[tuple[str, ...]]:
    """The gaps of the feeds with these queries."""
    own = {"feeds": tuple(f"https://blog.example.org/feed.xml{name}" for name in names or ("",))}
    fetched = run(get, known, own=own, **given)
    return [one.gaps for one in fetched.sources if one.name == BLOG_NAME]


def test_a_gap_is_named_once_and_not_for_a_feed_that_could_not_be_read(project: Path) -> None:
    waits = {BLOG_NAME: Feed(ago(3), ("feed-0123456789ab",))}
    post = blog("blog.example.org/1")
    named = ("1 entry left the feed before being judged",)
    assert lost(table(**{"feed.xml": [post]}), Ledger(feeds=waits, dates=(ago(1),))) == [named]
    # A digest of a past date leaves it to the next one after the newest report.
    later = Ledger(feeds=waits, dates=(ago(2), ago(1)))
    assert lost(table(**{"feed.xml": [post]}), later, date=ago(2)) == [()]
    # Of two feeds with one name it may be the other one's.
    one_down = table(**{"feed.xml?a": [post], "feed.xml?b": ["HTTP 503"]})
    assert lost(one_down, Ledger(feeds=waits, dates=(ago(1),)), "?a", "?b") == [(), ()]


def test_a_feed_that_reports_of_an_older_version_have_read_is_not_new(project: Path) -> None:
    known = Ledger(through={BLOG_NAME: ago(1)}, dates=(ago(1),))
    fetched = run(table(**{"feed.xml": [POST]}), known, own=FEED)
    assert next(one.first_read for one in fetched.sources if one.name == BLOG_NAME) == ago(1)
