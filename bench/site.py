"""The web site after years: what its build takes, what it weighs, and how long a search in Chromium takes.

    python -m bench.site [YEARS]        default: 5

Made up are 250 digests a year with 60 candidates, two of them read in full and five shortlisted, of three profiles: in
English, Chinese and Japanese. Titles have the lengths, the number of words and the rate of new words of 8,171 real ones
(cs.CV, November 2025 to January 2026); one in ten is in the language of the digest. Files are served compressed from
loopback: a search takes no time on the way, and the browser unpacks it.
"""

from __future__ import annotations

import datetime as dt
import gzip
import http.server
import json
import random
import re
import sys
import tempfile
import threading
import time
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.measuring import PROBED, ROOT, median, run, table
from pipeline.core import month_index
from pipeline.core.store import dumps, report_path
from tests.report import days
from tests.report.made_up import DATE
from tests.report.test_browser import CHROMIUM, FLAGS

YEARS, DIGESTS = 5, 250
LAST = dt.date(2030, 12, 31)
LANGUAGES = ("en", "zh-CN", "ja")
LOCALES = ROOT / "pipeline/report/locales"
# Measured: words of a title at these shares of all titles, and the shares of words up to 1, 2, 3 … letters.
SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
WORDS = (1, 6, 7, 8, 10, 12, 14, 15, 26)
LETTERS = (
    0.019,
    0.077,
    0.185,
    0.248,
    0.334,
    0.433,
    0.514,
    0.609,
    0.709,
    0.8,
    0.857,
    0.902,
    0.931,
    0.957,
    0.975,
    0.983,
)
SYLLABLES = [consonant + vowel for vowel in "eaiou" for consonant in "tnrlsdmcpghvbfkwxz"]
# Measured: of n words 5.25 · n ** 0.71 are different ones. By the other two a month of titles packs as a real one does.
HEAPS = (5.25, 0.71)
FOLLOWS, UNEVEN = 0.8, 7
# Letters of a reason, as in the sample reports.
REASON = {"en": 77, "zh-CN": 18, "ja": 27}
MADE_UP_ID = re.compile(r"2601\.9([89])(\d{3})")
ASSET = re.compile(r'<(?:link rel="stylesheet" href|script[^>]* src|img[^>]* src)="([^":]+)"')
RUNS, QUERIES = 3, 20
# Fills in the words, waits until all months are there and the results are painted, and returns the milliseconds.
ASK = """async words => {
  const form = document.getElementById("search"), status = document.getElementById("search-status");
  const began = performance.now();
  form.elements.q.value = words;
  form.requestSubmit();
  while (status.getAttribute("aria-busy") !== "false") await new Promise(done => setTimeout(done));
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""
# Milliseconds from the beginning of the navigation, and from the first request for data, until now.
OPENED = """() => {
  const data = performance.getEntriesByType("resource").filter(one => one.name.includes("/data/"));
  return [performance.now(), performance.now() - Math.min(...data.map(one => one.startTime))];
}"""
Wait = tuple[float, float]  # milliseconds, and those of the page's main thread
DONE = "#search-status[aria-busy=false]"


class Language:
    """Made-up words of one language: each is a new one, less and less often, or one of those before, the more often it was.

    Real words come in phrases, so a word is often followed by what has followed it before.
    """

    def __init__(self, code: str, seed: str = "") -> None:
        self.random = random.Random(code + seed)
        self.between = " " if code == "en" else ""
        self.used: list[str] = []
        self.place = -1
        text = (LOCALES / f"{code}.toml").read_text("utf-8") if code != "en" else ""
        self.signs = sorted({sign for sign in text if sign.isalpha() and not sign.isascii()})

    def word(self) -> str:
        many, power = HEAPS
        count = len(self.used)
        if count == 0 or self.random.random() < many * power * count ** (power - 1):
            self.used.append(self._new())
            return self.used[-1]
        follows = 0 <= self.place < count - 1 and self.random.random() < FOLLOWS
        self.place = self.place + 1 if follows else int(self.random.random() * count)
        self.used.append(self.used[self.place])
        return self.used[-1]

    def _new(self) -> str:
        if self.signs:
            return "".join(self.random.choices(self.signs, k=self.random.choice((1, 2, 2, 3))))
        length = 1 + bisect(LETTERS, self.random.random())
        # Some syllables are frequent, as some endings and stems are.
        places = (int(self.random.random() ** UNEVEN * len(SYLLABLES)) for _ in range(length // 2 + 1))
        return "".join(SYLLABLES[place] for place in places)[:length]

    def title(self) -> str:
        share = self.random.random()
        place = bisect(SHARES, share)
        low, high = WORDS[place - 1 : place + 1]
        part = (share - SHARES[place - 1]) / (SHARES[place] - SHARES[place - 1])
        words = [self.word() for _ in range(round(low + part * (high - low)))]
        return self.between.join(words).title()

    def text(self, length: int) -> str:
        words: list[str] = []
        room = length
        while room > 0:
            words.append(self.word())
            room -= len(words[-1]) + len(self.between)
        return self.between.join(words)


def dates(years: int) -> list[dt.date]:
    """The last 250 weekdays of each of so many years, oldest first."""
    found: list[dt.date] = []
    for year in range(LAST.year - years + 1, LAST.year + 1):
        first = dt.date(year, 1, 1)
        every = (first + dt.timedelta(days=n) for n in range(366))
        found += [date for date in every if date.year == year and date.weekday() < 5][-DIGESTS:]
    return found


def past(reports: Path, code: str, years: int) -> list[str]:
    """Write the digests of a profile, which has the name of its language, and its month indexes; return all titles."""
    titles_of, prose, own = Language("en"), Language("en", "prose"), Language(code, "own")
    template = dumps(days.crowded(code)).decode().replace('"made-up"', json.dumps(code))
    titles: list[str] = []
    for date in dates(years):
        written = report(template, date, titles_of, prose, own)
        titles += [one["title"] for one in written["candidates"]]
        path = report_path(reports, code, date)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(written, ensure_ascii=False), "utf-8")
    for month, files in month_index.months(reports / code).items():
        made = month_index.build(reports / code, month, files)
        (reports / code / month / month_index.FILE).write_bytes(made.dumps())
    return titles


def report(template: str, date: dt.date, english: Language, prose: Language, own: Language) -> dict[str, Any]:
    """One digest: that of the template with other dates, ids, scores and words."""

    def paper(found: re.Match[str]) -> str:
        return f"{date:%y%m}.{date:%d}{found[2] if found[1] == '8' else '9' + found[2][1:]}"

    text = MADE_UP_ID.sub(paper, template).replace(DATE.isoformat(), date.isoformat())
    made: dict[str, Any] = json.loads(text)
    bands = {"picked": (75, 98), "shortlisted": (60, 75)}
    by_id = {}
    for one in made["candidates"]:
        one["title"] = (own if own.random.random() < 0.1 else english).title()
        one["authors"] = [f"{prose.word()} {prose.word()}".title() for _ in one["authors"]]
        one["reason"] = own.text(round(REASON[made["language"]] * own.random.uniform(0.5, 1.5)))
        one["score"] = own.random.randrange(*bands.get(one["outcome"], (5, 60)))
        if one.get("brief"):
            one["brief"]["text"] = own.text(len(one["brief"]["text"]))
        by_id[one["id"]] = one
    for pick in made["picks"]:
        pick |= {key: by_id[pick["id"]][key] for key in ("title", "score", "authors")}
        pick |= {key: own.text(len(pick[key])) for key in ("headline", "hook")}
        for claim in (claim for section in pick["sections"] for claim in section["claims"]):
            claim["text"] = own.text(len(claim["text"]))
            for one in claim["evidence"]:
                one["quote"] = prose.text(len(one["quote"]))
    return made


# What is on the disk


def packed(data: bytes) -> int:
    return len(gzip.compress(data, 6, mtime=0))


def first_view(site: Path, page: str) -> int:
    """Bytes of a page and of all that it loads by itself, compressed."""
    path = site / page
    assets = {(path.parent / name).resolve() for name in ASSET.findall(path.read_text("utf-8"))}
    return sum(packed(one.read_bytes()) for one in [path, *assets])


def weight(site: Path, newest: dt.date) -> Iterator[list[object]]:
    """Rows of the table of sizes: what, how much, and the most that it may be."""
    files = [path for path in site.rglob("*") if path.is_file()]
    yield ["files", f"{len(files):,}", ""]
    yield ["all, raw", mb(sum(path.stat().st_size for path in files)), "250 MB"]
    yield ["all, compressed", mb(sum(packed(path.read_bytes()) for path in files)), ""]
    day = f"{newest:%Y/%m}/{newest}.html"
    month_page = f"en/{newest:%Y/%m}/index.html"
    pages = ["index.html", "starred.html", "en/index.html", "en/search.html", month_page, f"zh-CN/{day}"]
    for page in pages:
        yield [f"first view, {page}", kb(first_view(site, page)), "150 kB"]
    for code in LANGUAGES:
        data = sorted((site / "data" / code).glob("*.json"))
        sizes = {path.name: packed(path.read_bytes()) for path in data}
        month = sizes["months.json"] + sizes[f"{newest:%Y-%m}.json"]
        yield [f"first search, newest month, {code}", kb(month), "150 kB"]
        yield [f"search, all years, {code}", mb(sum(sizes.values())), "8 MB"]


def kb(size: float) -> str:
    return f"{size / 1000:.1f} kB"


def mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


# What a reader waits for


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder on loopback, compressed as GitHub Pages does. What is asked for twice is compressed once."""
    ready: dict[Path, bytes] = {}

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            path = site / self.path.partition("?")[0].lstrip("/")
            if not path.is_file():
                self.send_error(404)
                return
            if path not in ready:
                ready[path] = gzip.compress(path.read_bytes(), 6, mtime=0)
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(path))
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(ready[path])))
            self.end_headers()
            self.wfile.write(ready[path])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for path in site.glob("data/*/*.json"):
        ready[path] = gzip.compress(path.read_bytes(), 6, mtime=0)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Reader:
    """A search page in a browser that has seen nothing yet."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page = browser.new_context().new_page()
        self.session = self.page.context.new_cdp_session(self.page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.page.goto(address)
        self.page.wait_for_selector(DONE)

    def ask(self, words: str) -> Wait:
        before = self.cpu()
        wall = float(self.page.evaluate(ASK, words))
        return wall, self.cpu() - before

    def cpu(self) -> float:
        """Milliseconds that the page's main thread was at work so far."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    def close(self) -> None:
        self.page.context.close()


def searches(address: str, titles: Mapping[str, Sequence[str]], newest: dt.date) -> Iterator[list[object]]:
    """Rows of the table of waiting: what, milliseconds of each profile, and the most that the median may be.

    `opened` is a page with a query for the newest month, seen for the first time, and `its data` the part of it from the
    first request for data on; `first search` is the first query that is typed, in the newest month, which the page has
    loaded by then; `cold` is a search of all years while only the newest month is there, `warm` are others
    after it. CPU is that of the page's main thread, which says more on a machine with other work.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        found = {code: _searches(browser, f"{address}/{code}/", titles[code], newest) for code in LANGUAGES}
        browser.close()
    limits = {"opened": "", "its data": "", "first search": "150 ms", "cold": "5,000 ms", "warm": "200 ms"}
    for name, limit in limits.items():
        yield [name, *(_waited(found[code][name]) for code in LANGUAGES), limit]


def _waited(waits: Sequence[Wait]) -> str:
    walls, cpus = zip(*waits, strict=True)
    cpu = f", CPU {median(cpus):,.0f}" if median(cpus) else ""
    return f"{median(walls):,.0f} ({min(walls):,.0f}-{max(walls):,.0f}){cpu}"


def _searches(browser: Browser, folder: str, titles: Sequence[str], newest: dt.date) -> dict[str, list[Wait]]:
    picked = random.Random(1)
    words = [picked.choice(picked.choice(titles).split()) for _ in range(QUERIES)]
    found: dict[str, list[Wait]] = {"opened": [], "its data": [], "first search": [], "cold": [], "warm": []}
    for _ in range(RUNS):
        reader = Reader(browser, f"{folder}search.html?q={words[0]}&from={newest:%Y-%m}-01")
        whole, data = reader.page.evaluate(OPENED)
        found["opened"].append((float(whole), reader.cpu()))
        found["its data"].append((float(data), 0.0))
        reader.close()
    for _ in range(RUNS):
        reader = Reader(browser, f"{folder}search.html?from={newest:%Y-%m}-01")
        found["first search"].append(reader.ask(words[0]))
        reader.close()
    for number in range(RUNS):
        reader = Reader(browser, f"{folder}search.html")
        found["cold"].append(reader.ask(words[0]))
        if number == RUNS - 1:
            found["warm"] = [reader.ask(word) for word in words]
        reader.close()
    return found


def main() -> None:
    years = int(sys.argv[1]) if sys.argv[1:] else YEARS
    newest = dates(years)[-1]
    with tempfile.TemporaryDirectory() as folder:
        reports, site = Path(folder, "reports"), Path(folder, "site")
        began = time.perf_counter()
        titles = {code: past(reports, code, years) for code in LANGUAGES}
        month = "\n".join(titles["en"][-22 * 60 :]).encode()
        print(f"{years} years, {sum(map(len, titles.values())):,} candidates, made up in ", end="")
        print(f"{time.perf_counter() - began:.0f} s. The titles of a month in English are packed to ", end="")
        print(f"{packed(month) / len(month):.0%} of their bytes; real ones to 35 %.")
        built = run([*PROBED, "site", "--reports", str(reports), "--out", str(site)], folder=ROOT)
        rows = [
            ["build", f"{built.wall:.0f} s, CPU {built.cpu:.0f} s", "180 s"],
            ["its peak memory", f"{built.peak_mb:.0f} MB", "600 MB"],
        ]
        table(["five years" if years == YEARS else f"{years} years", "", "limit"], rows)
        table(["what", "size", "limit"], weight(site, newest))
        if CHROMIUM is None:
            print("\nNo Chromium on this machine: no search was timed.")
            return
        with served(site) as address:
            head = [f"{code}: median (least-most) ms" for code in LANGUAGES]
            table(["wait", *head, "limit"], searches(address, titles, newest))


if __name__ == "__main__":
    main()
