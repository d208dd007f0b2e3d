"""Which text a pick is read from: HTML, else PDF, else the abstract; recorded and synthetic pages."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.config.settings import load_settings
from pipeline.core import limits
from pipeline.core.artifacts import Judged, Texts
from pipeline.core.models import Links, Paper, Text
from pipeline.extraction import worker
from pipeline.stages import texts
from tests.builders import paper
from tests.sources.table import FEEDS, Table, recorded
from tests.stages.test_analyze import VERDICT, scored

PAGES = FEEDS / "arxiv_html"
HTML = (PAGES / "synthetic" / "2601.99999v1.arxiv2026.html").read_bytes()
PDF = (PAGES / "synthetic" / "2601.99999v1.pdf").read_bytes()
NO_HTML = 404
TODAY = dt.date(2026, 2, 1)


def fetch(
    get: Table,
    *keys: str,
    known: dict[str, Text] | None = None,
    known_papers: dict[str, Paper] | None = None,
    **given: Any,
) -> Texts:
    day = scored(*keys).model_copy(update=given)
    return asyncio.run(
        texts.texts(
            day,
            get=get,
            settings=load_settings(Path("digest.toml"), {}),
            known=known or {},
            known_papers=known_papers or {},
            today=TODAY,
        )
    )


def texts_asked(get: Table) -> list[str]:
    return [url for url in get.asked if "/api/query" not in url]


def test_html_is_read_with_its_anchors(project: Path) -> None:
    get = Table(**{"/html/2601.99999v1": [HTML]})
    text = fetch(get, "2601.99999").texts["2601.99999"]
    assert (text.basis, text.url) == ("html", "https://arxiv.org/html/2601.99999v1")
    assert texts_asked(get) == [text.url]
    anchors = {sentence.anchor for sentence in text.sentences if sentence.section != "Abstract"}
    assert len(anchors) > 5
    assert all(f'id="{anchor}"'.encode() in HTML for anchor in anchors)


def test_without_html_the_pdf_is_read(project: Path) -> None:
    get = Table(**{"/html/": [NO_HTML], "/pdf/2601.99999v1": [PDF]})
    text = fetch(get, "2601.99999").texts["2601.99999"]
    assert (text.basis, text.url) == ("pdf", "https://arxiv.org/pdf/2601.99999v1")
    assert {sentence.anchor for sentence in text.sentences} <= {"page=1", "page=2", "page=3"}


@pytest.mark.parametrize("answer", [NO_HTML, 500, "no connection", b"<html>sorry</html>", b"%PDF-1.7 cut"])
def test_without_either_the_abstract_is_read(project: Path, answer: Any) -> None:
    get = Table(**{"/html/": [answer], "/pdf/": [answer]})
    text = fetch(get, "2601.99999").texts["2601.99999"]
    assert (text.basis, text.url) == ("abstract", "https://arxiv.org/abs/2601.99999")
    assert (
        text.sentences[0].text == "We propose RestoreNet, a one-step diffusion model for image restoration."
    )


def test_only_picks_are_fetched(project: Path) -> None:
    judged = Judged(paper=paper("2601.00002"), verdict=VERDICT, outcome="below_threshold", flags=())
    get = Table()
    day = scored("2601.00001")
    found = fetch(get, "2601.00001", papers=(*day.papers, judged))
    assert set(found.texts) == {"2601.00001"}
    assert not [url for url in get.asked if "2601.00002" in url]


def test_a_text_once_fetched_is_not_fetched_again(project: Path) -> None:
    known = fetch(Table(**{"/html/": [HTML]}), "2601.99999").texts
    get = Table()
    assert fetch(get, "2601.99999", known=known).texts == known
    assert texts_asked(get) == []


def test_a_paper_of_a_blog_is_read_from_its_summary(project: Path) -> None:
    get = Table()
    assert fetch(get, "feed-0123456789ab").texts["feed-0123456789ab"].basis == "abstract"
    assert get.asked == []


def test_a_paper_without_a_known_version_is_read_in_its_first(project: Path) -> None:
    """Hugging Face does not say the version; the first one always exists."""
    one = paper("2601.00001")
    judged = Judged(
        paper=one.model_copy(update={"links": one.links.model_copy(update={"html": None})}),
        verdict=VERDICT,
        outcome="picked",
        flags=(),
    )
    get = Table()
    fetch(get, "2601.00001", papers=(judged,))
    assert texts_asked(get) == [
        "https://arxiv.org/html/2601.00001v1",
        "https://arxiv.org/pdf/2601.00001v1",
    ]


CUT = HTML.replace(
    b"<article", b"<p>Conversion to HTML had a Fatal error and exited abruptly.</p><article", 1
)
LOOKS_CUT = HTML.replace(b"</article>", b"<p>The end of it</p></article>")
LOG = "https://arxiv.org/html/2601.99999v1/__stdout.txt"


def test_an_incomplete_page_gives_way_to_the_pdf(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "pipeline.stages.texts")
    get = Table(**{"/html/": [CUT], "/pdf/": [PDF]})
    text = fetch(get, "2601.99999").texts["2601.99999"]
    assert (text.basis, text.incomplete, text.looks_cut) == ("pdf", "", False)
    assert texts_asked(get) == ["https://arxiv.org/html/2601.99999v1", "https://arxiv.org/pdf/2601.99999v1"]
    assert "the converter says on the page that it broke off" in caplog.text


@pytest.mark.parametrize("answer", [NO_HTML, 500, "no connection", b"%PDF-1.7 cut"])
def test_an_incomplete_page_is_read_where_nothing_is_whole(project: Path, answer: Any) -> None:
    """It says more than the abstract, and says of itself that it is incomplete."""
    whole = fetch(Table(**{"/html/": [HTML]}), "2601.99999").texts["2601.99999"]
    text = fetch(Table(**{"/html/": [CUT], "/pdf/": [answer]}), "2601.99999").texts["2601.99999"]
    assert (text.basis, text.sentences) == ("html", whole.sentences)
    assert text.incomplete == "the converter says on the page that it broke off"


@pytest.mark.parametrize(
    ("log", "basis"),
    [
        (b"Fatal:timeout:wallclock\nStatus:conversion:3\n", "pdf"),
        (b"Status:conversion:1\n", "html"),
        (NO_HTML, "html"),
        ("no connection", "html"),
        (b"<html>no log</html>", "html"),
    ],
)
def test_the_build_log_decides_where_a_page_only_looks_cut(project: Path, log: Any, basis: str) -> None:
    get = Table(**{"__stdout.txt": [log], "/html/": [LOOKS_CUT], "/pdf/": [PDF]})
    text = fetch(get, "2601.99999").texts["2601.99999"]
    assert (text.basis, text.incomplete, text.looks_cut) == (basis, "", False)
    assert [url for url in get.asked if "/html/" in url] == ["https://arxiv.org/html/2601.99999v1", LOG]


def test_a_build_log_is_asked_for_once_and_the_metadata_twice(project: Path) -> None:
    """An extra request is worth few retries or none."""
    tries: dict[str, int | None] = {}

    class Counting(Table):
        async def __call__(self, url: str, *, attempts: int | None = None, **given: Any) -> Any:
            tries[url.partition("?")[0]] = attempts
            return await super().__call__(url, attempts=attempts, **given)

    fetch(Counting(**{"__stdout.txt": ["no connection"], "/html/": [LOOKS_CUT]}), "2601.99999")
    page = "https://arxiv.org/html/2601.99999v1"
    assert tries == {page: None, LOG: 1, "https://export.arxiv.org/api/query": 2}


@pytest.mark.parametrize(("pdf", "basis"), [(PDF, "pdf"), (NO_HTML, "abstract")])
def test_a_page_that_was_refused_for_its_styles_is_remembered(project: Path, pdf: Any, basis: str) -> None:
    refused = HTML.replace(b"</head>", b"<style>p { mask: url(x) }</style></head>")
    text = fetch(Table(**{"/html/": [refused], "/pdf/": [pdf]}), "2601.99999").texts["2601.99999"]
    assert (text.basis, text.unclear_styles) == (basis, True)


def test_a_page_that_cannot_be_read_for_other_reasons_accuses_no_styles(project: Path) -> None:
    text = fetch(Table(**{"/html/": [b"<html>sorry</html>"], "/pdf/": [PDF]}), "2601.99999").texts[
        "2601.99999"
    ]
    assert (text.basis, text.unclear_styles) == ("pdf", False)


def test_every_text_knows_the_day_it_was_read(project: Path) -> None:
    earlier = fetch(Table(**{"/html/": [HTML]}), "2601.99999").texts["2601.99999"]
    earlier = earlier.model_copy(update={"read_on": dt.date(2026, 1, 30)})
    unsaid = earlier.model_copy(update={"read_on": None})
    known = {"2601.99999": earlier, "2601.99998": unsaid}
    found = fetch(Table(), "2601.99999", "2601.99998", "2601.99997", known=known).texts
    assert [text.read_on for text in found.values()] == [dt.date(2026, 1, 30), None, TODAY]


HANGS = "import re; re.match('(a|a)*b', 'a' * 99)"


def test_a_paper_whose_reading_hangs_is_read_from_its_abstract_and_the_night_goes_on(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The search holds its process, so that no thread of it could give up waiting."""
    caplog.set_level("INFO", "pipeline.stages.texts")
    monkeypatch.setattr(limits, "CODE", HANGS)
    get = Table(**{"/html/": [HTML], "/pdf/": [PDF]})
    settings = load_settings(Path("digest.toml"), {"DIGEST_READING__PDF_SECONDS": "0.5"})
    day = scored("2601.99999", "2601.99998")
    found = asyncio.run(
        texts.texts(day, get=get, settings=settings, known={}, known_papers={}, today=TODAY)
    ).texts
    assert {key: text.basis for key, text in found.items()} == dict.fromkeys(found, "abstract")
    assert len(found) == 2
    assert "2601.99999: reading took longer than 0.5 seconds" in caplog.messages
    assert len([line for line in caplog.messages if "took longer" in line]) == 4


def test_a_page_whose_reading_crashes_gives_way_to_the_pdf(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = "import os, sys\nif sys.argv[2] == 'html': os._exit(9)\n"
    monkeypatch.setattr(limits, "CODE", crash + limits.CODE)
    get = Table(**{"/html/": [HTML], "/pdf/": [PDF]})
    assert fetch(get, "2601.99999").texts["2601.99999"].basis == "pdf"


def test_the_next_texts_are_fetched_while_two_are_parsed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than two, since each may take the memory that one document is allowed."""
    keys = [f"2601.0000{n}" for n in range(1, 6)]
    get = Table(**{"/html/": [HTML]})
    read_html = worker.read_html
    parsing: list[str] = []
    seen: list[tuple[int, int]] = []

    def parse(page: bytes, url: str, **limits: Any) -> Any:
        parsing.append(url)
        for _ in range(1000):  # until all is fetched: ten seconds at most
            if len(get.asked) == len(keys) + 1:
                break
            time.sleep(0.01)
        seen.append((len(parsing), len(get.asked)))
        text = read_html(page, url, **limits)
        parsing.remove(url)
        return text

    monkeypatch.setattr(worker, "read_html", parse)
    found = fetch(get, *keys)
    assert list(found.texts) == keys
    assert {text.basis for text in found.texts.values()} == {"html"}
    assert max(at_once for at_once, _ in seen) == 2
    assert {fetched for _, fetched in seen} == {len(keys) + 1}


@pytest.mark.parametrize(
    "abstract",
    [pytest.param("We do so. " * 140_000, marks=pytest.mark.long), "word " * 280_000, "x" * 1_400_000],
)
def test_an_abstract_without_end_is_cut_as_a_full_text_is(project: Path, abstract: str) -> None:
    one = paper("feed-0123456789ab", abstract=abstract)
    judged = Judged(paper=one, verdict=VERDICT, outcome="picked", flags=())
    text = fetch(Table(), papers=(judged,)).texts[one.id]
    said = sum(len(sentence.text) for sentence in text.sentences)
    assert 70_000 < said <= 60_000 * 3.5  # of the shortest sentences MAX_SENTENCES of nine characters
    assert max(len(sentence.text) for sentence in text.sentences) <= 1500
    assert text.left_out["cut"] > 0


API = recorded("arxiv_api_search.xml")  # ten papers, six of them with a journal reference
PUBLISHED, WORKSHOP = "2005.14124", "2502.07719"


def outcome_of(key: str, outcome: str, **given: Any) -> Judged:
    return Judged.model_validate(
        {"paper": paper(key, **given), "verdict": VERDICT, "outcome": outcome, "flags": ()}
    )


def test_one_request_completes_picks_and_shortlist(project: Path) -> None:
    papers = (
        outcome_of(PUBLISHED, "picked"),
        outcome_of(WORKSHOP, "shortlisted"),
        outcome_of("2601.00003", "below_threshold"),
    )
    get = Table(**{"/api/query": [API]})
    found = fetch(get, papers=papers).papers
    (asked,) = [url for url in get.asked if "/api/query" in url]
    assert f"id_list={PUBLISHED},{WORKSHOP}&" in asked
    assert list(found) == [PUBLISHED, WORKSHOP]
    published = found[PUBLISHED]
    assert published.doi == "10.1145/3395363.3397376"
    assert published.journal_ref.startswith(
        "In Proc. ACM SIGSOFT International Symposium on Software Testing"
    )
    assert published.categories == ("cs.SE", "cs.CR", "cs.LG")
    assert published.authors[:2] == ("Yuqi Chen", "Bohan Xuan")
    assert (published.title, published.abstract) == (papers[0].paper.title, papers[0].paper.abstract)
    workshop = found[WORKSHOP]
    assert workshop.comment.startswith("2025 IEEE/ACM International Workshop on Deep Learning for Testing")
    assert (workshop.doi, workshop.journal_ref) == (None, "")


@pytest.mark.parametrize("answer", [429, 500, "no connection", b"<feed", b"", 404])
def test_without_that_answer_the_texts_are_there(project: Path, answer: Any) -> None:
    found = fetch(Table(**{"/api/query": [answer]}), PUBLISHED)
    assert (found.texts[PUBLISHED].basis, found.papers) == ("abstract", {})


def test_what_an_earlier_run_was_told_is_not_asked_again(project: Path) -> None:
    papers = (outcome_of(PUBLISHED, "picked"),)
    found = fetch(Table(**{"/api/query": [API]}), papers=papers).papers
    get = Table()
    assert fetch(get, papers=papers, known_papers=found).papers == found
    assert not [url for url in get.asked if "/api/query" in url]


def test_code_is_that_of_the_source_else_of_the_abstract(project: Path) -> None:
    named = "Code: https://github.com/someone/some-code. Page: someone.github.io/page"
    links = Links(page="https://arxiv.org/abs/2601.00002", code="https://github.com/of/the-source")
    papers = (
        outcome_of("2601.00001", "picked", abstract=named),
        outcome_of("2601.00002", "picked", abstract=named, links=links),
        outcome_of("2601.00003", "picked", abstract="Code will be at https://evil.example/a/b."),
    )
    found = fetch(Table(), papers=papers).papers
    assert {key: (one.links.code, one.links.project) for key, one in found.items()} == {
        "2601.00001": ("https://github.com/someone/some-code", "https://someone.github.io/page"),
        "2601.00002": ("https://github.com/of/the-source", "https://someone.github.io/page"),
    }
