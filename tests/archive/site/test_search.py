"""The search page in a browser, against a plain search in Python over the same rows."""

from __future__ import annotations

import functools
import http.server
import json
import random
import re
import shutil
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

from pipeline.archive import history
from pipeline.archive import site as package
from pipeline.archive.site import pages, search_data
from pipeline.archive.site.series import Series
from pipeline.core.month_index import MonthIndex, Row
from pipeline.report import i18n
from pipeline.report.labels import anchor
from tests.archive.site import made_up
from tests.report.test_browser import CHROMIUM, FLAGS, PHONE, SCREENS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

LANGUAGES = ("en", "zh-CN", "ja")
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>&amp;'
# What is written in two ways, or parted by what is no blank.
TRICKY = ("ΟΔΟΣ", "ｗｉｄｅ renyi", "FINE", "ガ", "か", '"3D', "«“”", "STRASSE", "istanbul")
QUERIES = [pytest.param(10, id="some"), pytest.param(167, id="500", marks=pytest.mark.long)]


def write_search(out: Path, profile: str, months: list[MonthIndex]) -> None:
    """Write the search page of a profile, its data, and the assets."""
    search_data.write(out, profile, months)
    t = i18n.load(months[-1].digests[-1].language)
    page = pages.render("search.html.j2", t, root="../", profile=profile, profile_title=profile)
    (out / profile).mkdir(parents=True, exist_ok=True)
    (out / profile / "search.html").write_text(page, "utf-8")
    shutil.copytree(Path(package.__file__).parent / "assets", out / "assets", dirs_exist_ok=True)


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


# A page of the site as far as the marks are concerned.
DAY = """{% extends "base.html.j2" %}{% block title %}A day{% endblock %}{% block main %}<h1>A day</h1>{% for row in rows[:2] %}
<article class="paper" tabindex="-1" data-paper="{{ profile }}/{{ row.id }}" data-title="{{ row.title }}" data-date="{{ row.date }}">
<a href="#here">here</a> <a href="../../search.html">elsewhere</a></article>{% endfor %}{% endblock %}"""


class Site:
    """A site of three profiles, one a language, served on loopback."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self.browser = browser
        self.months: dict[str, list[MonthIndex]] = {}
        self.problems: list[str] = []  # what pages have written to the console
        for language in LANGUAGES:
            profile = f"made-up-{language}"
            self.months[profile] = made_up.months(profile, language, count=3, days=4, papers=18)
        hostile = self.months["made-up-en"][-1].rows()[0]
        changed = hostile._replace(title=HOSTILE, author=HOSTILE, reason=HOSTILE, text=HOSTILE)
        rows = [changed, *self.months["made-up-en"][-1].rows()[1:]]
        self.months["made-up-en"][-1] = made_up.index("made-up-en", "en", rows)
        for profile, months in self.months.items():
            write_search(folder, profile, months)
            for path in {f"{row.date[:4]}/{row.date[5:7]}/{row.date}.html" for row in self.rows(profile)}:
                (folder / profile / path).parent.mkdir(parents=True, exist_ok=True)
                page = pages.ENVIRONMENT.from_string(DAY).render(
                    t=i18n.load("en"),
                    lang="en",
                    root="../../../",
                    profile=profile,
                    profile_title=profile,
                    rows=self.rows(profile),
                )
                (folder / profile / path).write_text(page, "utf-8")
        series = [
            Series(profile, tuple(months), tuple(day for index in months for day in history.days(index)))
            for profile, months in self.months.items()
        ]
        (folder / "starred.html").write_text(pages.starred(series), "utf-8")
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
        )
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def rows(self, profile: str) -> list[Row]:
        return [row for month in self.months[profile] for row in month.rows()]

    def address(self, query: str = "", profile: str = "made-up-en") -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{profile}/search.html{query}"

    def context(self, **settings: Any) -> BrowserContext:
        context = self.browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, **settings)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        return context

    def _hear(self, message: ConsoleMessage) -> None:
        self.problems.append(message.text)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        made = Site(tmp_path_factory.mktemp("site"), chromium)
        yield made
        made.server.shutdown()
        made.server.server_close()
        chromium.close()


@pytest.fixture(scope="module")
def window(site: Site) -> Page:
    """One window for all tests: a new one takes ten times as long as another page in it."""
    return site.context().new_page()


@pytest.fixture
def page(site: Site, window: Page) -> Iterator[Page]:
    """The window; what a test has left in its storage is removed."""
    yield window
    window.unroute_all()
    window.evaluate("localStorage.clear()")
    site.problems.clear()


def visit(page: Page, address: str) -> Page:
    page.goto(address)
    wait(page)
    return page


def wait(page: Page) -> None:
    """Wait until all months that the search needs are there."""
    page.wait_for_selector("#search-status[aria-busy=false]")


def ask(page: Page, query: str) -> None:
    page.fill("#search-q", query)
    page.press("#search-q", "Enter")
    wait(page)


def shown(page: Page) -> list[str]:
    """The ids of all results, in order."""
    found: list[str] = page.evaluate(
        """() => {
          const more = document.querySelector('#search-more');
          while (!more.hidden) more.click();
          return [...document.querySelectorAll('#search-results > li')].map(item => item.dataset.paper.split('/')[1]);
        }"""
    )
    return found


# What a search should find, written a second time


def folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).lower()
    kept = "".join(c for c in decomposed if not 0x300 <= ord(c) <= 0x36F)
    return unicodedata.normalize("NFKC", kept.replace("ς", "σ"))


def wanted(query: str) -> list[str]:
    parts = re.sub("[“”„]", '"', folded(query)).split('"')
    if len(parts) % 2 == 0:  # the last mark opens what nothing closes
        parts[-2:] = [f"{parts[-2]} {parts[-1]}"]
    words = [word for part in parts[::2] for word in part.split()]
    return words + [phrase for phrase in parts[1::2] if phrase.strip()]


def has(row: Row, query: str) -> bool:
    fields = [folded(field) for field in (row.title, row.author, row.id, row.reason, row.text)]
    return all(any(term in field for field in fields) for term in wanted(query))


def expected(rows: Sequence[Row], query: str = "") -> list[str]:
    order = sorted(rows, key=lambda row: row.score if row.score is not None else -1, reverse=True)
    order.sort(key=lambda row: row.date, reverse=True)
    return [row.id for row in order if has(row, query)]


def made_up_query(random_: random.Random, rows: Sequence[Row]) -> str:
    """A piece of a text that occurs, two of them, or something else, as people type it."""
    texts = [text for text in random_.choice(rows)[:11] if isinstance(text, str) and text]
    pieces = []
    for _ in range(random_.choice((1, 1, 2, 3))):
        text = random_.choice(texts)
        start = random_.randrange(len(text))
        piece = text[start : start + random_.randint(1, 12)]
        pieces.append(random_.choice((piece, piece, f'"{piece}"', piece.upper(), f"“{piece}", piece[::-1])))
    return random_.choice((" ", "  ", "\u3000", "")).join(pieces)


@pytest.mark.parametrize("count", QUERIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_fits_is_found_and_nothing_else(site: Site, page: Page, language: str, count: int) -> None:
    profile = f"made-up-{language}"
    rows = site.rows(profile)
    random_ = random.Random(language)
    visit(page, site.address(profile=profile))
    found = 0
    for query in [*TRICKY, *(made_up_query(random_, rows) for _ in range(count))]:
        if wanted(query):
            ask(page, query)
            right = expected(rows, query)
            assert shown(page) == right, query
            found += bool(right)
    assert (count + len(TRICKY)) / 4 < found < count + len(TRICKY)  # some find something, some do not
    assert site.problems == []


@pytest.mark.parametrize(
    ("query", "title", "fits"),
    [
        ("renyi NUNEZ", "Rényi bounds", True),
        ("ｗｉｄｅ", "Wide", True),
        ("fine", "ﬁne-tuning", True),
        ("ΟΔΟΣ", "οδοσήμανση", True),
        ("bounds rényi", "Rényi bounds", True),
        ('"bounds rényi"', "Rényi bounds", False),
        ("“rényi b”", "Rényi bounds", True),
        ("bounds ana", "Rényi bounds", True),
        ('"bounds ana"', "Rényi bounds", False),  # a phrase stands in one field
        ("か", "がく", False),
        ("ガ", "ｶﾞ", True),
        ("函数", "函式", False),
        ('bounds "ren', "Rényi bounds", True),
        ("2601.0", "Rényi bounds", True),
    ],
)
def test_what_fits(query: str, title: str, fits: bool) -> None:
    """Proves the search that the browser's is compared with."""
    row = Row("2601.00001", title, "Ana Núñez", 1, "2026-01-30", 1, 1, "picked", "", "arxiv", "")
    assert has(row, query) == fits


FILTERS = {
    "from=2025-12-04": lambda row: row.date >= "2025-12-04",
    "to=2025-12-04": lambda row: row.date <= "2025-12-04",
    "from=2025-12-03&to=2025-12-04": lambda row: "2025-12-03" <= row.date <= "2025-12-04",
    "score=50": lambda row: row.score is not None and row.score >= 50,
    "score=0": lambda row: row.score is not None,
    "outcome=picked": lambda row: row.outcome == "picked",
    "outcome=shortlisted": lambda row: row.outcome == "shortlisted",
    "source=arxiv": lambda row: row.sources.startswith("arxiv"),
    "source=huggingface": lambda row: "huggingface" in row.sources,
    "q=learning&outcome=picked&score=30": (
        lambda row: has(row, "learning") and row.outcome == "picked" and row.score >= 30
    ),
    "unread=1": lambda row: True,
    "q=nowhere-to-be-found": lambda row: False,
    "": lambda row: row.date >= "2026-01",  # the newest month, to look at
}


ASK = """query => {
  const form = document.querySelector('#search'), address = new URLSearchParams(query);
  form.reset();
  for (const [name, value] of address) {
    const field = form.elements[name];
    if (field.type === 'checkbox') field.checked = true; else field.value = value;
  }
  form.requestSubmit();
}"""


def test_filters(site: Site, page: Page) -> None:
    rows = site.rows("made-up-en")
    visit(page, site.address())
    for query, fits in FILTERS.items():
        page.evaluate(ASK, query)
        wait(page)
        assert shown(page) == expected([row for row in rows if fits(row)]), query
        assert parse_qs(urlsplit(page.url).query) == parse_qs(query)


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("from=2025-12-03&to=2026-01-03&q=r&source=arxiv&outcome=picked", None),
        ("source=of-no-list&outcome=excluded&score=x&from=x&starred=yes", ""),
    ],
)
def test_an_address_is_a_search(site: Site, page: Page, query: str, understood: str | None) -> None:
    visit(page, site.address(f"?{query}"))
    assert parse_qs(urlsplit(page.url).query) == parse_qs(query if understood is None else understood)
    found = shown(page)
    page.evaluate(ASK, query if understood is None else understood)
    wait(page)
    assert found == shown(page) != []


def test_a_search_is_an_address_that_survives_a_look_at_a_result(site: Site, page: Page) -> None:
    visit(page, site.address())
    ask(page, "learning 3d")
    page.click("#search-filters > summary")
    page.fill("#search-from", "2025-12-03")
    page.select_option("#search-outcome", "picked")
    page.check("[name=unread]")
    page.wait_for_url("**/search.html?q=learning+3d&from=2025-12-03&outcome=picked&unread=1")
    wait(page)
    found = shown(page)
    page.locator("#search-results a").first.click()
    page.wait_for_url("**/20*.html#*")
    page.go_back()
    wait(page)
    assert page.input_value("#search-q") == "learning 3d"
    assert shown(page) == found[1:]  # the one that was looked at is read


PLACE = "one => [document.querySelectorAll('#search-results > li').length, Math.round(one.getBoundingClientRect().top)]"


@pytest.mark.slow
def test_back_leads_to_the_same_place_in_the_list(site: Site, page: Page) -> None:
    """Where the browser has not kept the page: older months and more results are there again, and then the place."""
    visit(page, site.address())
    page.click("#search-go-on")
    wait(page)
    page.click("#search-more")
    paper = page.locator("#search-results > li").nth(90)
    paper.scroll_into_view_if_needed()
    before = paper.evaluate(PLACE)
    assert before[0] == 100
    paper.locator("a").first.click()
    page.wait_for_url("**/20*.html#*")
    page.go_back()
    page.wait_for_selector("#search-results > li:nth-child(91):focus")
    assert paper.evaluate(PLACE) == pytest.approx(before, abs=2)
    ask(page, "r")  # another search begins where all do
    assert page.locator("#search-results > li").count() == 50
    ask(page, "")
    page.click("#search-more")
    page.click('header a[href$="search.html"]')  # so does a link to the page itself
    page.wait_for_selector("#search-results > li:nth-child(50):last-child")
    assert site.problems == []


def test_results_link_to_the_paper_on_its_day(site: Site, page: Page) -> None:
    rows = {row.id: row for row in site.rows("made-up-en") if row.date >= "2026-01"}
    visit(page, site.address())
    shown(page)
    links = page.locator("#search-results a").evaluate_all(
        "all => all.map(link => [link.closest('li').dataset.paper, link.getAttribute('href')])"
    )
    assert len(links) == len(rows)
    assert {paper_id.split("-")[0] for paper_id in rows} > {"biorxiv"}
    for paper, address in links:
        row = rows[paper.split("/")[1]]
        assert address == f"2026/01/{row.date}.html#{anchor(row.id)}"


def test_a_title_stays_text(site: Site, page: Page) -> None:
    visit(page, site.address("?q=onerror"))
    item = page.locator("#search-results > li")
    assert item.locator("a").inner_text() == HOSTILE
    assert item.inner_text().count(HOSTILE) == 4
    assert item.locator("img, script").count() == 0
    assert page.title() != "1"
    assert site.problems == []


def test_a_starred_title_stays_text_and_leads_to_its_paper(site: Site, page: Page) -> None:
    visit(page, site.address("?q=onerror"))
    star(page, 1)
    page.goto(site.address().replace("made-up-en/search", "starred"))
    item = page.locator("section[data-profile=made-up-en] li")
    assert item.inner_text().startswith(HOSTILE)
    assert item.locator("img, script").count() == 0
    assert page.title() != "1"
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    paper = next(row for row in site.rows("made-up-en") if row.title == HOSTILE)
    assert paper.date in item.locator(".paper-facts").inner_text()
    item.locator("a").click()
    page.wait_for_url(
        f"**/made-up-en/{paper.date[:4]}/{paper.date[5:7]}/{paper.date}.html#{anchor(paper.id)}"
    )
    assert site.problems == []


def test_months_come_newest_first_and_can_be_stopped(site: Site, page: Page) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/2025-*.json*", hold)
    page.goto(site.address("?q=learning"))
    page.wait_for_selector("#search-results > li")
    rows = site.rows("made-up-en")
    assert shown(page) == expected([row for row in rows if row.date >= "2026-01"], "learning")
    page.click("#search-stop")
    for route in waiting:
        route.continue_()
    page.wait_for_selector("#search-go-on", state="visible")
    assert shown(page) == expected([row for row in rows if row.date >= "2025-12"], "learning")
    page.click("#search-go-on")
    wait(page)
    page.wait_for_selector("#search-go-on", state="hidden")
    assert shown(page) == expected(rows, "learning")


def test_a_month_that_fails_is_named_and_asked_for_again(site: Site, page: Page) -> None:
    page.route("**/2025-12.json*", lambda route: route.abort())
    page.goto(site.address("?q=learning"))
    page.wait_for_selector("#search-go-on", state="visible")
    assert "2025-12.json" in page.inner_text("#search-status")
    page.unroute("**/2025-12.json*")
    page.click("#search-go-on")
    page.wait_for_selector("#search-go-on", state="hidden")
    wait(page)
    assert shown(page) == expected(site.rows("made-up-en"), "learning")


def test_no_data_at_all_is_said(site: Site, page: Page) -> None:
    page.route("**/months.json", lambda route: route.fulfill(status=404))
    page.goto(site.address("?q=learning"))
    page.get_by_text("months.json").wait_for()


def test_older_months_to_look_at_without_words(site: Site, page: Page) -> None:
    visit(page, site.address())
    page.click("#search-go-on")
    wait(page)
    assert shown(page) == expected([row for row in site.rows("made-up-en") if row.date >= "2025-12"])


def test_fifty_results_at_first(site: Site, page: Page) -> None:
    visit(page, site.address("?unread=1"))
    assert page.locator("#search-results > li").count() == 50
    assert page.inner_text("#search-status").startswith(f"Found: {len(site.rows('made-up-en'))} ")
    assert shown(page) == expected(site.rows("made-up-en"))
    assert page.locator("#search-more").is_hidden()


# Marks


def names(page: Page, selector: str) -> list[str]:
    found: list[str] = page.locator(f"#search-results > {selector}").evaluate_all(
        "all => all.map(item => item.dataset.paper.split('/')[1])"
    )
    return found


def test_the_keyboard_finds_stars_and_opens(site: Site, page: Page) -> None:
    visit(page, site.address())
    page.keyboard.press("/")
    page.keyboard.type("learning s/")  # keys are letters here
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    wait(page)
    found = expected(site.rows("made-up-en"), "learning s")
    page.locator("#search-results > li").first.focus()
    page.keyboard.press("s")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("s")
    assert names(page, ".is-starred") == found[:2]
    page.keyboard.press("k")
    page.keyboard.press("o")
    page.wait_for_url("**/20*.html#*")
    page.go_back()
    wait(page)
    assert names(page, ".is-starred") == found[:2]
    assert names(page, ".is-read") == found[1:2]


def star(page: Page, count: int) -> None:
    for at in range(count):
        page.locator("#search-results > li [data-mark=starred]").nth(at).click()


def test_starred_papers_need_no_month(site: Site, page: Page) -> None:
    visit(page, site.address("?q=learning&to=2025-12-31"))
    star(page, 3)
    found = expected([row for row in site.rows("made-up-en") if row.date < "2026"], "learning")[:3]
    page.route("**/20*.json*", lambda route: route.abort())
    visit(page, site.address("?starred=1"))
    assert sorted(shown(page)) == sorted(found)
    visit(page, site.address("?starred=1", profile="made-up-ja"))
    assert shown(page) == []


def test_marks_of_other_pages_are_known(site: Site, page: Page) -> None:
    first, second = site.rows("made-up-en")[:2]
    page.goto(site.address().replace("search.html", "2026/01/2026-01-02.html"))
    paper = page.locator("article").first
    paper.get_by_text("here", exact=True).click()
    assert "is-read" not in (paper.get_attribute("class") or "")
    paper.focus()
    page.keyboard.press("s")
    page.locator("article [data-mark=note]").nth(1).click()
    page.keyboard.type("s")  # a letter here
    paper.get_by_text("elsewhere").click()
    page.wait_for_url("**/search.html")
    visit(page, site.address("?starred=1"))
    assert shown(page) == [first.id]
    visit(page, site.address(f"?q={first.id}"))
    assert names(page, ".is-read") == [first.id]
    visit(page, site.address(f"?q={second.id}"))
    assert page.inner_text(".paper-note") == "s"
    assert site.problems == []


def test_what_is_asked_of_starred_papers_is_read_in_their_months(site: Site, page: Page) -> None:
    visit(page, site.address("?outcome=picked&to=2025-12-31"))
    star(page, 4)
    picks = [row for row in site.rows("made-up-en") if row.date < "2026" and row.outcome == "picked"]
    starred = set(expected(picks)[:4])
    page.goto(site.address("?starred=1&score=60&outcome=picked"))
    wait(page)
    right = [row for row in picks if row.id in starred and (row.score or 0) >= 60]
    assert shown(page) == expected(right)


def test_notes_and_stars_go_to_another_browser(site: Site, page: Page, tmp_path: Path) -> None:
    visit(page, site.address())
    star(page, 3)
    first = page.locator("#search-results > li").first
    first.locator("[data-mark=note]").click()
    page.keyboard.type("compare with <b>ours</b>, s j k")
    page.keyboard.press("Escape")
    visit(page, site.address("?outcome=picked", profile="made-up-ja"))
    star(page, 1)
    page.click('header a[href$="starred.html"]')
    listed = page.locator("section[data-profile] li")
    assert listed.count() == 4
    with page.expect_download() as download:
        page.click("#marks-export")
    file = tmp_path / "marks.json"
    download.value.save_as(file)

    another = site.context()
    fresh = another.new_page()
    fresh.goto(page.url)
    assert fresh.locator(".starred-none").is_visible()
    assert not fresh.locator("section[data-profile]:visible").count()
    fresh.set_input_files("#marks-import", file)
    fresh.wait_for_selector("section[data-profile] .paper-note")
    assert not fresh.locator(".starred-none").is_visible()
    assert fresh.locator("section[data-profile] h2:visible").all_inner_texts() == ["Made up", "Made up"]
    assert fresh.locator("section[data-profile] li").all_inner_texts() == listed.all_inner_texts()
    assert fresh.locator(".paper-note").all_inner_texts().count("compare with <b>ours</b>, s j k") == 1
    assert "4" in fresh.inner_text("#marks-status")
    visit(fresh, site.address("?starred=1"))
    assert len(shown(fresh)) == 3
    assert site.problems == []
    another.close()


def mark(paper: str, **marks: Any) -> dict[str, Any]:
    return {paper: {"title": "A", "date": "2026-01-30", **marks}}


def test_the_newer_mark_of_each_kind_wins(site: Site, page: Page) -> None:
    visit(page, site.address())
    ours = mark("made-up-en/1", starred=[True, 2000], read=[True, 5000], note=["ours", 1])
    theirs = mark("made-up-en/1", starred=[False, 3000], read=[False, 4000], note=["theirs", 9e15])
    for papers in (ours, {**theirs, **mark("made-up-ja/2", read=[True, 1])}):
        text = json.dumps({"version": 1, "papers": papers})
        assert page.evaluate("text => PaperStore.importText(text)", text) == len(papers)
    kept = json.loads(page.evaluate("PaperStore.exportText()"))["papers"]
    assert kept["made-up-en/1"]["starred"] == [False, 3000]
    assert kept["made-up-en/1"]["read"] == [True, 5000]
    assert kept["made-up-en/1"]["note"][0] == "theirs"
    assert kept["made-up-en/1"]["note"][1] < 9e15  # a clock that is ahead does not win for good
    assert kept["made-up-ja/2"]["read"] == [True, 1]


BAD = [
    "", "{", "[]", "null", "3", '{"papers": {}}', '{"version": 2, "papers": {}}', '{"version": 1, "papers": []}',
    *(
        json.dumps({"version": 1, "papers": papers})
        for papers in (
            {"no-profile": {"title": "A", "date": "2026-01-30"}},
            {"../x/<b>": {"title": "A", "date": "2026-01-30"}},
            {"a/1": {"title": 3, "date": "2026-01-30"}},
            {"a/1": {"title": "A", "date": "javascript:x"}},
            {"a/1": {"title": "A" * 4001, "date": "2026-01-30"}},
            {"a/1": None},
            mark("a/1", starred=True),
            mark("a/1", starred=["yes", 1]),
            mark("a/1", starred=[True, "now"]),
            mark("a/1", note=[True, 1]),
            mark("a/1", stared=[True, 1]),
        )
    ),
    '{"version": 1, "papers": {"__proto__": {"title": "A", "date": "2026-01-30"}}}',
]  # fmt: skip


def test_another_file_changes_nothing_and_says_so(site: Site, page: Page, tmp_path: Path) -> None:
    visit(page, site.address())
    star(page, 1)
    before = page.evaluate("PaperStore.exportText()")
    for text in BAD:
        assert page.evaluate("text => PaperStore.importText(text)", text) is None, text
    assert page.evaluate("PaperStore.exportText()") == before
    (tmp_path / "picture.json").write_bytes(b"\x89PNG\x00\xff")
    page.goto(site.address().replace("made-up-en/search", "starred"))
    page.set_input_files("#marks-import", tmp_path / "picture.json")
    page.get_by_text(i18n.load("en")("site_search.not_imported")).wait_for()


def test_two_tabs_do_not_overwrite_each_other(site: Site, page: Page) -> None:
    first, second = visit(page, site.address()), visit(page.context.new_page(), site.address())
    first.locator("[data-mark=starred]").nth(0).click()
    second.locator("[data-mark=starred]").nth(1).click()
    assert len(names(second, ".is-starred")) == 2
    first.wait_for_selector(":nth-match(.is-starred, 2)")
    # Nor if a tab has not heard of the other's change yet: there is no event for one of its own window.
    papers = mark("made-up-en/1", starred=[True, 1])
    second.evaluate(
        "text => localStorage.setItem('paper-digest:/', text)", json.dumps({"version": 1, "papers": papers})
    )
    second.locator("[data-mark=starred]").nth(2).click()
    assert len(json.loads(second.evaluate("PaperStore.exportText()"))["papers"]) == 2
    second.close()


def test_a_damaged_store_is_set_aside(site: Site, page: Page) -> None:
    visit(page, site.address())
    page.evaluate("localStorage.setItem('paper-digest:/', '{\"version\": 1')")
    page.reload()
    wait(page)
    star(page, 1)
    assert page.evaluate("localStorage.getItem('paper-digest:/:damaged')") == '{"version": 1'
    page.reload()
    wait(page)
    assert len(names(page, ".is-starred")) == 1


def test_without_storage_it_is_said_once_and_the_search_works(site: Site) -> None:
    context = site.context()
    site.problems.clear()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError') }})"
    )
    page = visit(context.new_page(), site.address("?q=learning"))
    assert shown(page) == expected(site.rows("made-up-en"), "learning")
    sentence = i18n.load("en")("site_search.not_kept")
    assert not page.get_by_text(sentence).count()
    star(page, 1)
    assert page.get_by_text(sentence).is_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    star(page, 2)
    assert not page.get_by_text(sentence).count()
    assert len(names(page, ".is-starred")) == 1
    page.click("#search-filters > summary")
    page.check("[name=starred]")
    page.wait_for_url("**/*starred=1")
    assert len(shown(page)) == 1
    assert site.problems == []


# How it looks and is reached


NAMELESS = """() => [...document.querySelectorAll('main :is(input, select, textarea, button)')].filter(field =>
  field.checkVisibility() && !(field.labels?.length || field.textContent.trim() || field.ariaLabel)).length"""
STOPS = """() => [...document.querySelectorAll('main :is(input, select, textarea, button, a[href], summary)')]
  .filter(field => field.checkVisibility()).length"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_phone_and_every_field_has_a_name(
    site: Site, page: Page, language: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    visit(page, site.address("?q=2601&score=10", profile=f"made-up-{language}"))
    assert page.locator("#search-results > li").count() > 1
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert page.evaluate(NAMELESS) == 0
    SCREENS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENS / f"search.{language}.390.{scheme}.png")


def test_the_keyboard_alone_reaches_everything(site: Site, page: Page) -> None:
    visit(page, site.address("?q=onerror&outcome="))
    page.locator("[data-mark=note]").click()
    page.focus("#search-q")
    reached = set()
    for _ in range(40):
        reached.add(page.evaluate("[...document.querySelectorAll('main *')].indexOf(document.activeElement)"))
        page.keyboard.press("Tab")
    assert len(reached - {-1}) == page.evaluate(STOPS)


def test_without_script_the_months_are_there(site: Site) -> None:
    context = site.context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address())
    assert page.get_by_role("link", name="months").get_attribute("href") == "index.html#months"
    assert not page.locator("input:visible, button:visible").count()
    context.close()
