"""Pages in a browser, in GitHub's own style sheet: a phone and a desktop, by day and by night.

Skipped where no Chromium is installed. Text is set in the fonts of `vendor/`, so that what is measured does not
depend on those of the machine. The pictures are left in tests/.screens for looking at.
"""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pipeline.archive import build
from pipeline.core.store import dumps, report_path
from pipeline.report.page import page
from tests.report import days, github

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

HERE = Path(__file__).parent
SCREENS = HERE.parent / ".screens"
VENDOR = HERE / "vendor"
FONTS = (
    ("Latin", 400, "noto-sans-latin-400.woff2"),
    ("Latin", 600, "noto-sans-latin-600.woff2"),
    ("CJK", 400, "noto-sans-cjk.woff2"),  # bold is drawn from it, as wide
    ("Any", 400, "any.woff2"),  # every sign there is, as a box, so that no installed font is asked for any
)
# Noto Sans is in GitHub's own list of fonts. Its letters are 5 % wider than Arial's, DejaVu's would be 14 % wider.
CSS = (VENDOR / "github-markdown.css").read_text("utf-8") + "".join(
    f"\n@font-face{{font-family:{family};font-weight:{weight};src:url(data:font/woff2;base64,"
    f"{b64encode((VENDOR / file).read_bytes()).decode()})}}"
    for family, weight, file in FONTS
)
# Without geometricPrecision the machine's hinting decides whether the widths of letters are rounded to pixels.
SET_IN_FONTS = "body, body *{font-family:Latin,CJK,Any!important;text-rendering:geometricPrecision!important}"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESKTOP = (390, 844), (1280, 800)
KINDS = {**days.KINDS, "crowded": days.crowded}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    shower = Show(browser, tmp_path)
    yield shower
    shower.close()


class Show:
    """Opens Markdown in the browser, in one window for each size and scheme."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.windows: dict[tuple[tuple[int, int], str], Page] = {}

    def __call__(self, markdown: str, size: tuple[int, int] = PHONE, scheme: str = "light") -> Page:
        path = self.folder / "page.html"
        path.write_text(github.document(markdown, CSS), "utf-8")
        if (size, scheme) not in self.windows:
            context = self.browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            self.windows[size, scheme] = context.new_page()
        opened = self.windows[size, scheme]
        opened.goto(path.as_uri())
        # Fonts first: where none is installed, Chromium gives up a font that it has to wait for while it sets text.
        opened.evaluate("Promise.all([...document.fonts].map(font => font.load())).then(() => null)")
        opened.add_style_tag(content=SET_IN_FONTS)
        return opened

    def close(self) -> None:
        for opened in self.windows.values():
            opened.context.close()


def screens(opened: Page) -> float:
    """The height of the page in screens."""
    height = opened.evaluate("document.documentElement.scrollHeight / window.innerHeight")
    return float(height)


def fold(opened: Page, selector: str, *, out: bool) -> None:
    opened.evaluate("([s, out]) => document.querySelectorAll(s).forEach(d => d.open = out)", [selector, out])


def picture(opened: Page, name: str) -> None:
    SCREENS.mkdir(exist_ok=True)
    opened.screenshot(path=SCREENS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_nothing_is_wider_than_the_screen(show: Show, size: tuple[int, int], scheme: str) -> None:
    for kind, make in KINDS.items():
        opened = show(page(make("zh-CN")), size, scheme)
        if kind in {"full", "crowded"}:
            picture(opened, f"{kind}.zh-CN.{size[0]}.{scheme}")
        fold(opened, "details", out=True)
        assert opened.evaluate("document.documentElement.scrollWidth") == size[0]
        beyond = "e => e.getBoundingClientRect().right > innerWidth + 1"
        assert not opened.evaluate(f"[...document.body.querySelectorAll('*')].filter({beyond}).length")


def test_long_words_do_not_widen_a_phone(show: Show) -> None:
    pick = days.flow("en", title="Supercalifragilistic" * 11, headline="x" * 160)
    opened = show(page(days.digest("en", picks=(pick,))))
    fold(opened, "details", out=True)
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE[0]


@pytest.mark.parametrize("language", days.LANGUAGES)
def test_no_installed_font_is_used(show: Show, language: str) -> None:
    """Nor for signs that only boxes stand for: letters of other alphabets, emoji, code."""
    opened = show(page(days.full(language)) + "\n\nЖ 한 \U00020000 ⁿ ⚠️ ❤️ 🚀 `⚠️ code` *slanted*\n")
    fold(opened, "details", out=True)
    session = opened.context.new_cdp_session(opened)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    nodes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "body, body *"})["nodeIds"]
    asked = (session.send("CSS.getPlatformFontsForNode", {"nodeId": node}) for node in nodes)
    used = {(font["familyName"], font["isCustomFont"]) for answer in asked for font in answer["fonts"]}
    assert used == {(name, True) for name in ("Noto Sans", "Noto Sans SemiBold", "Noto Sans CJK SC", "Any")}


@pytest.mark.parametrize(("language", "most"), [("zh-CN", 3.8), ("ja", 3.8), ("en", 4.5)])
def test_two_picks_and_a_shortlist_of_sixty_papers_fit_a_few_screens_of_a_phone(
    show: Show, language: str, most: float
) -> None:
    """Two picks of twelve claims, five briefs. English needs more room than the languages counted in characters."""
    opened = show(page(days.crowded(language)))
    print(f"{language}: {screens(opened):.2f} screens as it opens")
    assert screens(opened) <= most
    picture(opened, f"crowded.{language}.390")


@pytest.mark.parametrize("language", days.LANGUAGES)
def test_the_first_screen_of_a_phone_tells_the_day(show: Show, language: str) -> None:
    digest = days.crowded(language)
    opened = show(page(digest))
    bottom = "e => e.getBoundingClientRect().bottom"
    assert opened.locator("strong").first.evaluate(bottom) < PHONE[1]
    for pick in digest.picks:
        assert opened.get_by_role("link", name=pick.headline).evaluate(bottom) < PHONE[1]


@pytest.mark.parametrize("language", days.LANGUAGES)
def test_a_head_has_three_lines_beside_its_title(show: Show, language: str) -> None:
    """The headline, the facts and the links: three of 24 pixels on a desktop."""
    opened = show(page(days.crowded(language)), DESKTOP)
    heads = opened.locator("h2:not(:has(#shortlist)) + p").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert len(heads) == 2
    assert max(heads) <= 3 * 24 + 4  # the small line is set a little lower than the others


def test_folds_open_and_links_jump(show: Show) -> None:
    digest = days.crowded("en")
    opened = show(page(digest))
    for index in range(opened.locator("details").count()):
        detail = opened.locator("details").nth(index)
        if detail.locator("> summary").is_visible():
            detail.locator("> summary").click()
            assert detail.evaluate("d => d.open")
    for pick in digest.picks:
        opened.evaluate("scrollTo(0, 0)")
        opened.get_by_role("link", name=pick.headline).click()
        heading = opened.get_by_role("heading", name=pick.title)
        assert -2 < heading.evaluate("e => e.getBoundingClientRect().top") < 100


def test_the_front_page_and_its_picture(show: Show, tmp_path: Path) -> None:
    for kind in ("quiet", "full"):
        digest = days.KINDS[kind]("zh-CN")
        digest = digest.model_copy(update={"date": digest.date.replace(day=20 + len(kind))})
        path = report_path(tmp_path, "made-up", digest.date)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dumps(digest))
    build.rebuild(tmp_path, "made-up")
    folder = tmp_path / "made-up"
    shower = Show(show.browser, folder)
    for scheme in ("light", "dark"):
        opened = shower((folder / "README.md").read_text("utf-8"), PHONE, scheme)
        picture(opened, f"index.zh-CN.390.{scheme}")
        assert opened.evaluate("document.documentElement.scrollWidth") == PHONE[0]
        assert opened.locator("img").evaluate("i => i.complete && i.naturalWidth") == 360
    shower.close()
