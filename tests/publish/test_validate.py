"""Reports that a compromised job might hand over: refused with a reason, or harmless."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.archive import build
from pipeline.core import ledger
from pipeline.core.artifacts import Digest
from pipeline.core.errors import DigestError
from pipeline.core.store import dumps, parse_artifact, report_path
from pipeline.publish.validate import AllowedLinks, Expected, allowed_links, validate
from pipeline.report.page import page
from tests.report import days
from tests.report.github import tree
from tests.report.made_up import DATE

ROOT = Path(__file__).parents[2]
RUNS = "https://github.com/octo-org/digests/actions/runs/"
LINKS = AllowedLinks(
    frozenset({"arxiv.org", "huggingface.co", "github.com", "*.github.io"}), ("https://arxiv.org",)
)
GOOD = json.loads(dumps(days.full("en")))
PROFILE = GOOD["profile"]
EVIL = "https://evil.example/x"


def expected(**given: Any) -> Expected:
    values: dict[str, Any] = {"links": LINKS, "runs": RUNS, "committed": None, "today": DATE}
    return Expected(profile=PROFILE, date=DATE, **{**values, **given})


def changed(place: str, value: Any) -> bytes:
    """The good report with one value set, by a dotted path; a name that is not there is added."""
    data = copy.deepcopy(GOOD)
    *path, last = place.split(".")
    inner: Any = data
    for part in path:
        inner = inner[int(part) if part.isdigit() else part]
    inner[int(last) if last.isdigit() else last] = value
    return json.dumps(data).encode()


def without(place: str) -> bytes:
    """The good report without one field."""
    data = copy.deepcopy(GOOD)
    *path, last = place.split(".")
    inner: Any = data
    for part in path:
        inner = inner[int(part) if part.isdigit() else part]
    del inner[last]
    return json.dumps(data).encode()


def replaced(before: str, after: str) -> bytes:
    text = json.dumps(GOOD)
    assert before in text
    return text.replace(before, after, 1).encode()


def repeated(field: str, times: int) -> list[Any]:
    """A list with its first member so many times, each under an id of its own."""
    return [{**GOOD[field][0], "id": f"2601.{number:05d}"} for number in range(times)]


BAD_PLACE = "candidates.2"  # not a pick
SHORTLISTED = "candidates.{}.brief".format(
    next(n for n, one in enumerate(GOOD["candidates"]) if one["outcome"] == "shortlisted")
)
CLAIM = "picks.0.sections.0.claims.0"
DEEP = '{"x":' * 3000 + "1" + "}" * 3000

REFUSED: dict[str, tuple[bytes, str]] = {
    # not this report
    "nothing": (b"", "has 0 bytes"),
    "too many bytes": (json.dumps(GOOD).encode().ljust(10_000_001), "bytes"),
    "not JSON": (b"<html>", "is not JSON"),
    "cut": (json.dumps(GOOD).encode()[:-5], "is not JSON"),
    "not UTF-8": (json.dumps(GOOD).encode().replace(b"Toy", b"\xff"), "is not JSON"),
    "a list": (b"[]", "schema_version"),
    "nested too deep": (replaced('"skipped": [', f'"skipped": [{DEEP}, '), "is not JSON"),
    "a version to come": (changed("schema_version", 3), "schema_version"),
    "no version": (without("schema_version"), "schema_version"),
    "another profile": (changed("profile", "other"), "another profile"),
    "a profile that is a path": (changed("profile", "../../.github"), "another profile"),
    "another date": (changed("date", "2026-01-29"), "another date"),
    "no date": (changed("date", "2026-02-30"), "date"),
    "a language that is a path": (changed("language", "../../x"), "language"),
    "a language of nobody": (changed("language", "tlh"), "language"),
    "an engine that is none": (changed("engine", "gpt"), "engine"),
    # fields
    "pending without since": (without("pending.0.since") if GOOD["pending"] else changed("pending", [{"id": "2601.98000", "stage": "score", "reason": ""}]), "since"),
    "source without status": (without("sources.0.status"), "sources.0.status"),
    "source with a status that is none": (changed("sources.0.status", "fine"), "sources.0.status"),
    "candidate without an id": (without("candidates.3.id"), "candidates.3.id"),
    "outcome that is none": (changed(f"{BAD_PLACE}.outcome", "zzz"), "outcome"),
    "outcome of version 1": (changed(f"{BAD_PLACE}.outcome", "not_picked"), "outcome"),
    "reading that is none": (changed(f"{CLAIM}.reading", "true"), "reading"),
    "kind that is none": (changed(f"{CLAIM}.kind", "proven"), "kind"),
    "flag that is none": (changed(f"{BAD_PLACE}.flags", ["good"]), "flags"),
    "basis that is none": (changed("picks.0.basis", "memory"), "basis"),
    "stage that is none": (changed("usage.stages", {"bribe": {}}), "usage.stages"),
    "a field too many": (changed("onload", "<script>"), "…: Extra inputs"),
    "a field too many, deep": (changed(f"{CLAIM}.onclick", "x"), "…: Extra inputs"),
    "candidates that are none": (changed("candidates", "all"), "candidates"),
    "candidates that are a map": (changed("candidates", {"0": {}}), "candidates"),
    "a title that is a list": (changed(f"{BAD_PLACE}.title", ["x"]), "title"),
    "a lone surrogate": (replaced("Synthetic Study", "Synthetic \\ud800 Study"), "Invalid JSON"),
    "duplicate keys, the second one bad": (replaced('"language": "en"', '"language": "en", "language": 7'), "language"),
    # numbers
    "a score of 101": (changed(f"{BAD_PLACE}.score", 101), "score"),
    "a score below 0": (changed(f"{BAD_PLACE}.score", -1), "score"),
    "half a score": (changed(f"{BAD_PLACE}.score", 50.5), "score"),
    "a mark of 9": (changed(f"{BAD_PLACE}.topic", 9), "topic"),
    "an infinite mark": (replaced('"transfer": 2.0', '"transfer": 1e999'), "transfer"),
    "NaN": (changed(f"{BAD_PLACE}.spread", float("nan")), "spread"),
    "a rank below 0": (changed(f"{BAD_PLACE}.rank", -1), "rank"),
    "10^308 tokens": (changed("usage.input_tokens", 10**308), "usage.input_tokens"),
    "1e308 dollars": (changed("usage.usd", 1e308), "usage.usd"),
    "dollars given back": (changed("usage.usd", -1), "usage.usd"),
    "a number of 5000 digits": (replaced('"calls": ', f'"calls": {"9" * 5000}'), "is not JSON"),
    "10^13 listed": (changed("sources.0.count", 10**13), "sources.0.count"),
    "a threshold of 0": (changed("threshold", 0), "threshold"),
    "claims below 0": (changed("picks.0.claims_dropped", -3), "claims_dropped"),
    # times
    "made tomorrow but one": (changed("generated_at", "2026-02-02T00:00:00Z"), "time to come"),
    "made in no time zone": (changed("generated_at", "2026-01-30T06:00:00"), "time zone"),
    "made in the year 9999": (changed("provenance.generated_at", "9999-12-31T00:00:00Z"), "time to come"),
    "read through a day to come": (changed("sources.0.through", "2026-02-28"), "read on"),
    "read through the year 9999": (changed("sources.0.through", "9999-12-31"), "read on"),
    "read through the year 1": (changed("sources.0.through", "0001-01-01"), "read on"),
    "complete up to a day to come": (changed("sources.0.watermark", "2026-01-31"), "read on"),
    "complete up to the year 1": (changed("sources.0.watermark", "0001-01-01"), "read on"),
    "failing since a day to come": (changed("sources.0.first_failure", "2026-01-31"), "read on"),
    "more gaps than a run can have": (changed("sources.0.gaps", ["2026-01-20"] * 51), "a list of 51"),
    "first read on a day to come": (changed("sources.0.first_read", "2026-01-31"), "read on"),
    "first read in the year 1": (changed("sources.0.first_read", "0001-01-01"), "read on"),
    "an entry that waits without an id": (changed("sources.0.waiting", ["../x"]), "neither"),
    "a previous report that is younger": (changed("previous", "2026-01-31"), "previous"),
    "a previous report of the same day": (changed("previous", "2026-01-30"), "previous"),
    "seen on a day to come": (changed("candidates", [*GOOD["candidates"], {**GOOD["candidates"][2], "id": "2601.00001", "outcome": "seen", "seen_on": "2026-02-09"}]), "seen on"),
    "seen on no day": (changed(f"{BAD_PLACE}.outcome", "seen"), "seen on no day"),
    "pending since a day to come": (changed("pending", [{"id": GOOD["candidates"][2]["id"], "stage": "score", "reason": "", "since": "2026-03-01"}]), "pending since"),
    # papers
    "an id of next month": (changed(f"{BAD_PLACE}.id", "2602.00001"), "month to come"),
    "an id that is a path": (changed(f"{BAD_PLACE}.id", "../../README"), "neither"),
    "an id with a tab": (changed(f"{BAD_PLACE}.id", "2601.00001\t2026-01-01"), "neither"),
    "an id with a version": (changed(f"{BAD_PLACE}.id", "2601.00001v2"), "neither"),
    "an id of a feed that is none": (changed(f"{BAD_PLACE}.id", "feed-me"), "neither"),
    "no id at all": (changed(f"{BAD_PLACE}.id", ""), "neither"),
    "one paper twice": (changed("candidates.3.id", GOOD["candidates"][2]["id"]), "twice"),
    "a pick that was not picked": (changed("candidates.0.outcome", "below_threshold"), "picks are not"),
    "picked without a pick": (changed("picks", GOOD["picks"][:1]), "picks are not"),
    "a pick of another paper": (changed("picks.0.id", "2601.00007"), "picks are not"),
    "pending that is no candidate": (changed("pending", [{"id": "2601.00009", "stage": "score", "reason": "", "since": "2026-01-30"}]), "no candidate"),
    # links
    "another host": (changed(f"{BAD_PLACE}.url", EVIL), "a link to evil.example"),
    "another host in a pick": (changed("picks.0.links.code", EVIL), "a link to evil.example"),
    "another host under a claim": (changed(f"{CLAIM}.evidence.0.url", EVIL), "a link to evil.example"),
    "another host as code": (changed("picks.0.code", {"url": EVIL}), "a link to evil.example"),
    "another host under a figure": (changed("picks.0.figure", {"caption": "Figure 1: It.", "url": EVIL}), "a link to evil.example"),
    "a figure that is a script": (changed("picks.0.figure", {"caption": "x", "url": "javascript:alert(1)"}), "somewhere odd"),
    "javascript": (changed(f"{BAD_PLACE}.url", "javascript:alert(1)"), "somewhere odd"),
    "data": (changed("picks.0.links.page", "data:text/html,x"), "somewhere odd"),
    "http": (changed(f"{BAD_PLACE}.url", "http://arxiv.org/abs/1"), "somewhere odd"),
    "a port": (changed(f"{BAD_PLACE}.url", "https://arxiv.org:8443/abs/1"), "somewhere odd"),
    "a name before the host": (changed(f"{BAD_PLACE}.url", "https://arxiv.org@evil.example/"), "somewhere odd"),
    "a host that begins like ours": (changed(f"{BAD_PLACE}.url", "https://arxiv.org.evil.example/"), "a link to"),
    "a host that ends like ours": (changed(f"{BAD_PLACE}.url", "https://evil-github.io/"), "a link to"),
    "a backslash": (changed(f"{BAD_PLACE}.url", "https://evil.example\\.github.io/"), "somewhere odd"),
    "a line break in a link": (changed(f"{BAD_PLACE}.url", "https://arxiv.org/a\n[x](https://evil.example)"), "somewhere odd"),
    "a run of another repository": (changed("run_url", "https://github.com/other/repo/actions/runs/1"), "names a run"),
    "a run of another server": (changed("provenance.run_url", "https://evil.example/octo-org/digests/actions/runs/1"), "names a run"),
    "a run that is none": (changed("run_url", f"{RUNS}1/../../../../evil"), "names a run"),
    # what is told of a paper
    "a brief of a paper that is not shortlisted": (changed("candidates.0.brief", {"text": "x"}), "without being shortlisted"),
    "a brief of 1,001 characters": (changed(SHORTLISTED, {"text": "x" * 1001}), "more than 1000 characters"),
    "a brief with a reading that is none": (changed(SHORTLISTED, {"text": "x", "reading": "true"}), "reading"),
    "a venue of nowhere": (changed("picks.0.venue", {"text": "Nature", "source": "rumor"}), "source"),
    "a DOI with an address": (changed("picks.0.doi", "https://doi.org/10.1000/a"), "doi"),
    "a DOI with a script": (changed("picks.0.doi", '10.1000/a"onclick=x'), "doi"),
    "a DOI with a line break": (changed("picks.0.doi", "10.1000/a\n"), "doi"),
    "stars below 0": (changed("picks.0.code", {"url": "https://github.com/a/b", "stars": -1}), "stars"),
    "51 categories": (changed("picks.0.categories", ["cs.CV"] * 51), "categories: a list of"),
    # sizes
    "a text of 6,000 characters": (changed(f"{CLAIM}.text", "x" * 6000), "text: a text of 6000"),
    "a key of 6,000 characters": (changed(f"{BAD_PLACE}.signals", {"x" * 6000: {"day": "2026-01-30"}}), "signals: a text of 6000"),
    "20,000 candidates": (changed("candidates", repeated("candidates", 20_000)).replace(b"picked", b"prefiltered"), "bytes"),
    "300 picks": (changed("picks", [*GOOD["picks"], *[{**GOOD["picks"][0], "id": f"2601.{n:05d}"} for n in range(300)]]), "picks"),
    "300 sections": (changed("picks.0.sections", GOOD["picks"][0]["sections"] * 100), "sections: a list of"),
    "51 claims": (changed("picks.0.sections.0.claims", GOOD["picks"][0]["sections"][0]["claims"] * 201), "claims: a list of"),
    "300 sources": (changed("sources", GOOD["sources"] * 300), "sources: a list of"),
    "501 authors": (changed(f"{BAD_PLACE}.authors", ["A. Nobody"] * 501), "authors: a list of"),
}  # fmt: skip


def test_all_that_a_run_tells_of_a_paper_is_accepted() -> None:
    data = copy.deepcopy(GOOD)
    _, place, _ = SHORTLISTED.split(".")
    paper = {"doi": "10.1000/a.b-(c):1", "categories": ["cs.CV"], "authors": ["A. Nobody"] * 500}
    brief = {"text": "x" * 600, "reading": "partly", "missing": "y"}
    data["candidates"][int(place)] |= {**paper, "brief": brief}
    data["picks"][0] |= {
        **paper,
        "venue": {"text": "z" * 300, "source": "comments"},
        "code": {"url": "https://github.com/a/b", "stars": 3},
        "figure": {"caption": "Figure 1: It.", "url": "https://arxiv.org/html/2601.00001v1#S1.F1"},
    }
    assert json.loads(dumps(validate(json.dumps(data).encode(), expected()))) == data


def test_the_good_report_is_accepted() -> None:
    assert validate(json.dumps(GOOD).encode(), expected()) == days.full("en")


@pytest.mark.parametrize(("data", "says"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_report_is_refused_with_a_reason(data: bytes, says: str) -> None:
    with pytest.raises(DigestError, match=re.escape(says)) as caught:
        validate(data, expected())
    assert caught.value.path == f"{PROFILE}/{DATE}.json"
    assert "SECURITY.md" in caught.value.hint
    # What a stranger wrote does not go to the log, but for the host of a link.
    assert "::" not in str(caught.value)
    assert len(str(caught.value)) < 300


TEXTS = (
    "@everyone",
    "{% include x %}",
    "---\nlayout: x\n---",
    "<script>",
    "![x](https://evil.example)",
    "$x$",
)
ACCEPTED: dict[str, bytes] = {
    "duplicate keys, the second one good": replaced('"language": "en"', '"language": 7, "language": "en"'),
    "blanks around it": b" \n" + json.dumps(GOOD).encode() + b"\n\n",
    "a number as text": changed(f"{BAD_PLACE}.score", "41"),
    "a run of ours": changed("run_url", f"{RUNS}123"),
    "no candidate at all": json.dumps({**GOOD, "candidates": [], "picks": [], "pending": []}).encode(),
    "control characters": changed(f"{BAD_PLACE}.title", "a\u0000\u001b[31m\u202e\t\r\nb"),
    **{f"text {text[:12]!r}": changed(f"{BAD_PLACE}.title", text) for text in TEXTS},
    **{f"headline {text[:12]!r}": changed("picks.0.headline", text) for text in TEXTS},
    "a source named like markup": changed("sources.0.name", "[x](https://evil.example) <b>"),
    "a source named by an address that is none": changed("sources.0.name", "http://evil.example[^1]"),
    "a section named like markup": changed("picks.0.sections.0.title", "# <b> @x {{ y }}"),
    "a digest named like markup": changed("title", "# <script> @x {% y %}"),
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted_is_published_harmless_and_the_next_night_can_read_it(
    data: bytes, tmp_path: Path
) -> None:
    digest = validate(data, expected())
    published = dumps(digest)
    assert parse_artifact(published, Digest, path="x", hint="") == digest
    path = report_path(tmp_path, PROFILE, DATE)
    path.parent.mkdir(parents=True)
    path.write_bytes(published)
    text = page(digest)
    path.with_suffix(".md").write_text(text, "utf-8")
    build.rebuild(tmp_path, PROFILE)
    known = ledger.load(tmp_path, PROFILE)
    assert set(known.entries) == {c.id for c in digest.candidates if c.outcome != "seen"}
    assert max(known.through.values()) <= DATE

    assert text.startswith("# ")
    for made in (
        text,
        (path.parent / "README.md").read_text("utf-8"),
        (tmp_path / PROFILE / "README.md").read_text("utf-8"),
    ):
        root = tree(made)
        hosts = {
            link.attributes.get("href", "").split("/")[2]
            for link in root.find("a")
            if "://" in link.attributes.get("href", "")
        }
        assert hosts <= {
            "arxiv.org",
            "huggingface.co",
            "github.com",
            "nobody.github.io",
            "raw.githubusercontent.com",
        }
        assert not root.find("script", "img") or "scores.svg" in made
        assert not re.search(r"\{[{%]", made)


def test_a_continued_report_keeps_the_run_that_began_it() -> None:
    other = "https://github.com/before/rename/actions/runs/7"
    before = days.full("en").model_copy(update={"run_url": other})
    assert validate(changed("run_url", other), expected(committed=before)).run_url == other
    with pytest.raises(DigestError, match="names a run"):
        validate(changed("run_url", f"{other}8"), expected(committed=before))


def test_a_link_of_the_committed_report_may_stay() -> None:
    before = parse_artifact(changed(f"{BAD_PLACE}.url", EVIL), Digest, path="x", hint="")
    validate(changed("candidates.3.url", "https://evil.example/other"), expected(committed=before))


def test_a_report_of_a_day_to_come_is_refused() -> None:
    """A job before may have been told the date of a later day; the clock of this one decides."""
    data = json.dumps({**GOOD, "generated_at": "2026-01-27T06:00:00Z"}).encode()
    assert GOOD["provenance"]["generated_at"].startswith("2026-01-30")
    data = data.replace(b"2026-01-30T", b"2026-01-27T")
    validate(data, expected(today=DATE - dt.timedelta(days=1)))  # the clocks of two machines differ
    with pytest.raises(DigestError, match="of a day to come"):
        validate(data, expected(today=DATE - dt.timedelta(days=2)))


def test_outside_of_a_repository_no_run_is_ours() -> None:
    with pytest.raises(DigestError, match="names a run"):
        validate(changed("run_url", f"{RUNS}1"), expected(runs=""))


def test_a_report_of_version_1_is_accepted() -> None:
    """Its page is rendered again by a run from `render` on."""
    data = (ROOT / "tests/core/report_v1.json").read_bytes()
    digest = parse_artifact(data, Digest, path="x", hint="")
    given = Expected(digest.profile, digest.date, dt.date(2027, 1, 1), LINKS, RUNS, digest)
    assert validate(data, given) == digest


@pytest.mark.parametrize("kind", days.KINDS)
def test_every_kind_of_day_is_accepted(kind: str) -> None:
    digest = days.KINDS[kind]("en")
    assert validate(dumps(digest), expected()) == digest


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout with the settings, and a profile that has two feeds."""
    (tmp_path / "prompts/profiles").mkdir(parents=True)
    for name in ("score.md", "analyze.md"):
        (tmp_path / "prompts" / name).write_text("")
    (tmp_path / "digest.toml").write_bytes((ROOT / "digest.toml").read_bytes())
    feeds = "[https://Blog.Example.org/feed, HTTPS://other.example/feed]"
    text = f"---\ntitle: Mine\nsources: []\nfeeds: {feeds}\n---\nNot https://evil.example\n"
    (tmp_path / "prompts/profiles/mine.md").write_text(text)
    return tmp_path


def test_links_may_lead_to_arxiv_the_hosts_of_the_settings_and_of_the_feeds(repository: Path) -> None:
    allowed = allowed_links(repository, "mine")
    for url in (
        "https://arxiv.org/abs/1",
        "https://someone.github.io/x",
        "https://www.biorxiv.org/content/10.64898/2026.01.01.123456v1",
        "https://www.medrxiv.org/content/10.64898/2026.01.01.123456v1",
        "https://blog.example.org/post?a=1&b=2",
        "https://BLOG.example.org",
        "https://other.example/1",
        "https://www.other.example/1",
        "https://doi.org/10.1/x",
    ):
        assert allowed.permits(url), url
    for url in (
        EVIL,
        "https://biorxiv.org.evil.example/",
        "https://blog.example.org:8443/",
        "https://evil.example&/",
        "https://evil.example&sol;.github.io/",
    ):
        assert not allowed.permits(url), url
    assert not allowed_links(repository, "other").permits("https://blog.example.org/post")


def test_links_of_known_feeds_may_lead_to_their_papers_host(repository: Path) -> None:
    profile = repository / "prompts/profiles/mine.md"
    profile.write_text(
        profile.read_text().replace("https://Blog.Example.org/feed", "https://connect.biorxiv.org/x")
    )
    allowed = allowed_links(repository, "mine")
    assert allowed.permits("https://www.biorxiv.org/content/1v1")
    assert allowed.permits("https://biorxiv.org/content/1v1")
    assert not allowed.permits("https://www.sciencedirect.com/science/article/pii/1")
    assert not allowed.permits("https://evilbiorxiv.org/")


def test_a_mirror_in_the_settings_is_a_place_to_link_to(repository: Path) -> None:
    settings = repository / "digest.toml"
    settings.write_text(settings.read_text().replace('"https://arxiv.org"', '"http://127.0.0.1:8000"'))
    allowed = allowed_links(repository, "mine")
    assert allowed.permits("http://127.0.0.1:8000/abs/1")
    assert not allowed.permits("http://127.0.0.1:80001/abs/1")
    assert not allowed.permits("http://127.0.0.1:8000/a\n")


def test_links_to_vote_are_published_only_where_the_settings_or_the_committed_report_have_them():
    data = changed("vote_links", True)
    committed = Digest.model_validate_json(data)
    assert validate(data, expected(votes=True)).vote_links
    assert validate(data, expected(committed=committed)).vote_links
    with pytest.raises(DigestError, match="links to vote"):
        validate(data, expected())
    nowhere = json.dumps({**json.loads(data), "run_url": None}).encode()
    with pytest.raises(DigestError, match="in no repository"):
        validate(nowhere, expected(votes=True))
