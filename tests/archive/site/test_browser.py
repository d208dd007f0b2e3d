"""The site in a browser, from a folder of a file server: a phone and a desktop, by day and by night, without a script.

Skipped where no Chromium is installed. The pictures are left in tests/.screens for looking at.
"""

from __future__ import annotations

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pipeline.archive.site import build
from tests.archive.site import made
from tests.report import days
from tests.report.test_browser import CHROMIUM, DESKTOP, FLAGS, PHONE, picture

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

DAY = "beta/2025/12/2025-12-05.html"
KINDS = {
    "home": "index.html",
    "timeline": "alpha/index.html",
    "month": "gamma/2026/01/index.html",
    "day": DAY,
    "failed": "alpha/2026/01/2026-01-05.html",
    "local": "alpha/2026/01/2026-01-06.html",
    "search": "alpha/search.html",
    "starred": "starred.html",
}


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site stands: below `/repo/`, as that of a repository does on GitHub Pages."""
    folder = tmp_path_factory.mktemp("site")
    build.site(made.reports(folder / "reports"), folder / "www/repo")
    handler = functools.partial(Files, directory=str(folder / "www"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/repo/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Watched:
    """A page, and what it asked for and complained of."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.refused: dict[str, str | None] = {}
        self.page.on("requestfailed", lambda request: self.refused.update({request.url: request.failure}))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_fits_and_asks_nobody_else(
    browser: Browser, address: str, size: tuple[int, int], scheme: Any
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    for kind, path in KINDS.items():
        seen = Watched(context)
        seen.page.goto(address + path)
        picture(seen.page, f"site.{kind}.{size[0]}.{scheme}")
        seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == size[0], kind
        assert not seen.said, kind
        assert all(url.startswith(address) for url in seen.asked), kind
        dark = seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
        assert dark == (scheme == "dark")
        seen.page.close()
    context.close()


def test_long_words_do_not_widen_a_phone(browser: Browser, tmp_path: Path) -> None:
    pick = days.flow("en", title="Supercalifragilistic" * 11, headline="x" * 160)
    out = made.rebuilt(tmp_path, days.digest("en", picks=(pick,)).model_copy(update={"profile": "alpha"}))
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, bypass_csp=True)
    for path in sorted(out.rglob("*.html")):
        page = context.new_page()
        page.set_content(path.read_text("utf-8"))
        page.add_style_tag(content=(out / "assets/style.css").read_text("utf-8"))
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0], path
    context.close()


def test_keys_reach_everything_on_a_day(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    page = context.new_page()
    page.goto(address + DAY)
    paper = "document.activeElement.dataset.paper"
    page.keyboard.press("j")
    first = page.evaluate(paper)
    assert first == "beta/2512.99001"
    page.keyboard.press("o")
    assert page.evaluate("[...document.activeElement.querySelectorAll('details')].every(one => one.open)")
    assert page.locator("article").first.locator("blockquote").first.is_visible()
    page.keyboard.press("o")
    assert not page.evaluate("[...document.activeElement.querySelectorAll('details')].some(one => one.open)")
    page.keyboard.press("j")
    assert page.evaluate(paper) == "beta/2512.99002"
    page.keyboard.press("k")
    assert page.evaluate(paper) == first
    for _ in range(3):
        page.keyboard.press("j")  # the first of the shortlist; papers of the closed list are skipped later
    assert page.evaluate(paper).startswith("beta/2512.98")
    assert (
        page.evaluate("document.activeElement.dataset.title && document.activeElement.dataset.date")
        == "2025-12-05"
    )
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("/")
    page.wait_for_url(re.compile(re.escape(address + "beta/search.html")))
    page.wait_for_function("document.activeElement.id === 'search-q'")  # letters typed now are no keys
    context.close()


def test_one_tap_opens_a_claim_and_one_all_of_them(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, has_touch=True)
    page = context.new_page()
    page.goto(address + DAY)
    article = page.locator("article").first
    quote = article.locator("blockquote").first
    assert not quote.is_visible()
    high = "all => all.filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().height)"
    assert min(page.locator("button, header a").evaluate_all(high)) >= 44  # for a finger
    article.locator("li summary").first.tap()
    assert quote.is_visible()
    button = article.locator("button.all")
    before = button.inner_text()
    button.tap()
    assert article.locator("details:not([open])").count() == 0
    page.wait_for_function(
        "before => document.querySelector('button.all').textContent !== before", arg=before
    )
    button.tap()
    assert article.locator("details[open]").count() == 0
    context.close()


def test_a_link_to_a_paper_in_the_closed_list_opens_it(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = context.new_page()
    page.goto(address + DAY)
    last = page.locator(".others li").last
    assert not last.is_visible()
    anchor = last.get_attribute("id")
    page.goto("about:blank")
    page.goto(f"{address}{DAY}#{anchor}")
    assert last.is_visible()
    assert last.evaluate("one => one.matches('.current')")  # where `o` and `s` begin
    assert 0 <= last.evaluate("one => one.getBoundingClientRect().top") < PHONE[1]
    context.close()


@pytest.mark.slow
def test_back_leads_to_the_same_place_in_an_opened_list(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = context.new_page()
    page.goto(address + DAY)
    page.locator(".others > summary").click()
    last = page.locator(".others li").last
    last.scroll_into_view_if_needed()
    before = last.evaluate("one => one.getBoundingClientRect().top")
    page.locator("footer a").last.evaluate("one => one.click()")
    page.wait_for_url("**/beta/index.html")
    page.go_back()
    assert last.evaluate("one => one.getBoundingClientRect().top") == pytest.approx(before, abs=1)
    context.close()


def test_without_scripts_all_is_there_to_read(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.locator("main a").nth(1).click()  # the newest digest
    assert page.url == address + "alpha/2026/01/2026-01-30.html"
    assert page.locator("button:visible").count() == 0
    page.locator("article li summary").first.click()
    assert page.locator("article blockquote").first.is_visible()
    page.locator(".others > summary").click()
    assert page.locator(".others li").last.is_visible()
    page.get_by_role("link", name="All digests").first.click()
    assert page.url == address + "alpha/index.html"
    assert page.locator("svg").first.is_visible()
    page.locator("details summary").first.click()
    assert page.locator("table").first.is_visible()
    context.close()


def test_the_policy_stops_what_is_smuggled_into_a_page(browser: Browser, address: str) -> None:
    """As if escaping had failed: an inline script, a handler, a style, a picture and a form of another host."""
    smuggled = (
        "<script>window.smuggled = 1</script><img src=x onerror='window.smuggled = 2'>"
        "<img src='http://evil.example/p.png'><script src='http://evil.example/s.js'></script>"
        "<style>main { display: none }</style><form action='http://evil.example/f'><button id=send>x</button></form>"
    )
    context = browser.new_context()
    seen = Watched(context)

    def smuggle(route: Any) -> None:
        body = route.fetch().text().replace('<main id="main">', f'<main id="main">{smuggled}')
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    seen.page.route("**/*.html", smuggle)
    seen.page.goto(address + DAY)
    assert seen.page.locator("#send").is_visible()
    seen.page.evaluate("document.querySelector('#send').click()")
    seen.page.wait_for_timeout(100)
    assert seen.page.evaluate("window.smuggled") is None
    assert seen.page.evaluate("location.href") == address + DAY
    refused = [line for line in seen.said if "Content Security Policy" in line]
    assert len(refused) >= 6
    foreign = {url for url in seen.asked if not url.startswith(address)}
    assert {seen.refused[url] for url in foreign} == {"csp"}  # never sent
    context.close()
