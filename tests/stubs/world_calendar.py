"""What arXiv and Hugging Face would answer on a given day, all well: a calendar of papers, asked by path."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from tests.stubs import biorxiv
from tests.stubs import world_bodies as bodies
from tests.stubs.world_bodies import Day, Record

ID = re.compile(r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})(?:v([0-9]+))?")
CATEGORIES = frozenset(
    [
        "cs.AI",
        "cs.AR",
        "cs.CC",
        "cs.CL",
        "cs.CR",
        "cs.CV",
        "cs.CY",
        "cs.DC",
        "cs.GR",
        "cs.HC",
        "cs.IR",
        "cs.LG",
        "cs.MA",
        "cs.MM",
        "cs.NE",
        "cs.RO",
        "cs.SD",
        "cs.SE",
        "cs.SI",
        "eess.AS",
        "eess.IV",
        "eess.SP",
        "eess.SY",
        "math.NA",
        "math.OC",
        "physics.med-ph",
        "physics.optics",
        "q-bio.NC",
        "q-bio.QM",
        "quant-ph",
        "stat.AP",
        "stat.ME",
        "stat.ML",
        "astro-ph.IM",
    ]
)
HTML = {"Content-Type": "text/html"}
XML = {"Content-Type": "text/xml"}
JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def days_of(
    records: Iterable[Record], lists: Mapping[dt.date, Sequence[dict]] | None = None
) -> dict[dt.date, Day]:
    """A calendar out of records and Hugging Face's lists."""
    days: dict[dt.date, Day] = defaultdict(Day)
    for one in records:
        days[one.announced].papers.append(one)
    for day, items in (lists or {}).items():
        days[day].huggingface.extend(items)
    return dict(days)


def route_of(path: str) -> str:
    """Which service a path belongs to."""
    parts = urlsplit(path).path
    if parts == "/api/daily_papers":
        return "huggingface"
    if parts == "/api/query":
        return "api"
    return parts.split("/")[1] if "/" in parts else ""


class Calendar:
    """All that there is to be had, as of `today`."""

    def __init__(
        self,
        days: Mapping[dt.date, Day],
        *,
        today: dt.date,
        html: Mapping[str, bytes] | None = None,
        pdf: Mapping[str, bytes] | None = None,
        feeds: Mapping[str, bytes] | None = None,
        oai_page: int = 2000,
        links: str = "https://arxiv.org",
    ) -> None:
        self.days = dict(days)
        self.preprints: list[biorxiv.Preprint] = []
        self.today = today
        self.feed_day: dt.date | None = None  # if set, arXiv's feed is still that of this day
        self.html, self.pdf, self.feeds = dict(html or {}), dict(pdf or {}), dict(feeds or {})
        self.conversions: dict[str, int] = {}  # status at the end of a page's build log, by `<id>v<version>`
        self.oai_page = oai_page
        self.links = links  # the base of the links in feeds

    def answer(self, route: str, path: str) -> Answer:
        parts = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if route == "huggingface":
            return self._daily(query)
        if route in ("rss", "atom"):
            return self._feed(route, unquote(parts.path.removeprefix(f"/{route}/")))
        if route == "api":
            return self._query(query)
        if route == "oai":
            return self._oai(query)
        if route == "feeds":
            body = self.feeds.get(parts.path.removeprefix("/feeds/"))
            return Answer(404, b"no such feed") if body is None else Answer(200, body, XML)
        if route == "details":
            return Answer(*biorxiv.answer(self.preprints, path, self.today), JSON)
        if route in ("abs", "html", "pdf"):
            return self._paper(route, unquote(parts.path.removeprefix(f"/{route}/")))
        return Answer(404, bodies.page("Not found"))

    def _daily(self, query: Mapping[str, str]) -> Answer:
        def refused(status: int, words: str) -> Answer:
            return Answer(status, json.dumps({"error": words}).encode(), JSON)

        try:
            day = dt.date.fromisoformat(query["date"]) if "date" in query else self.today
            limit, page = int(query.get("limit", "50")), int(query.get("p", "0"))
        except ValueError:
            return refused(400, "Invalid date")
        if limit > 100:
            return refused(400, "limit must be less than or equal to 100")
        if query.get("sort", "publishedAt") not in ("publishedAt", "trending"):
            return refused(400, "Invalid sort")
        if day > self.today:
            return refused(200, f"date must be before {self.today.isoformat()}")
        items = self.days[day].huggingface if day in self.days and day.weekday() < 5 else []
        ranked = sorted(items, key=_votes, reverse=True)
        body = bodies.huggingface(ranked[page * limit : (page + 1) * limit])
        return Answer(200, body, JSON)

    def _feed(self, route: str, names: str) -> Answer:
        asked = names.replace(" ", "+").split("+")
        known = {
            name.lower(): name for name in CATEGORIES | {c for r in self._records() for c in r.categories}
        }
        day = self.feed_day or self.today
        for name in asked:
            if name.lower() not in known:
                archive, _, subject = name.partition(".")
                reason = f"Bad subject class '{subject}'. Valid subject classes for the archive '{archive}' are: cs.AI."
                return Answer(400, bodies.rss_error(f"rss/{names}", reason, day), XML)
        categories = list(dict.fromkeys(known[name.lower()] for name in asked))
        today = self.days[day].papers if day in self.days and day.weekday() < 5 else []
        listed = [one for one in today if set(one.categories) & set(categories)]
        listed.sort(
            key=lambda one: not one.listed_as.startswith("replace")
        )  # the query keeps replacements first
        build = bodies.rss if route == "rss" else bodies.atom
        return Answer(200, build(listed[:2000], categories, day, self.links), XML)

    def _records(self) -> list[Record]:
        """All that arXiv has announced by today; the newest state of each."""
        newest: dict[str, Record] = {}
        for day in sorted(self.days):
            if day <= self.today:
                for one in self.days[day].papers:
                    older = newest.get(one.id)
                    first = older.announced if older else one.announced
                    newest[one.id] = replace(one, announced=first) if older else one
        return list(newest.values())

    def _query(self, query: Mapping[str, str]) -> Answer:
        limit, start = int(query.get("max_results", "10")), int(query.get("start", "0"))
        if limit > 2000:
            return Answer(400, bodies.api_error("max_results must be at most 2000", limit))
        known = {one.id: one for one in self._records()}
        found = []
        for text in filter(None, query.get("id_list", "").split(",")):
            form = ID.fullmatch(text)
            if not form:
                return Answer(400, bodies.api_error(f"incorrect id format for {text}", limit))
            one = known.get(form[1])
            if one and int(form[2] or one.version) <= one.version:
                found.append((one, int(form[2] or one.version)))
        shown = found[start : start + limit]
        return Answer(200, bodies.api(shown, len(found), start, limit), XML)

    def _oai(self, query: dict[str, str]) -> Answer:
        def error(code: str, words: str) -> Answer:
            return Answer(200, bodies.oai_error(code, words), XML)

        if query.pop("verb", "") != "ListRecords":
            return error("badVerb", "This stub lists records, no more.")
        skip = 0
        if token := query.pop("resumptionToken", ""):
            if query:
                return error("badArgument", "No other parameters allowed with resumptionToken")
            query = {key: values[0] for key, values in parse_qs(unquote(token)).items()}
            if not query.get("skip", "").isdigit():
                return error("badResumptionToken", "Token structure is invalid.")
            skip = int(query.pop("skip"))
        if not query.get("metadataPrefix") or set(query) - {"metadataPrefix", "from", "until", "set"}:
            return error("badArgument", "metadataPrefix required, and nothing unknown")
        if query["metadataPrefix"] != "arXivRaw":
            return error("cannotDisseminateFormat", "Did not recognize requested format")
        since = dt.date.fromisoformat(query.get("from", "1997-01-30"))
        until = dt.date.fromisoformat(query.get("until", "2099-12-31"))
        wanted = query.get("set")
        found = [
            one
            for one in self._records()
            if since <= one.stamp <= min(until, self.today)
            and (wanted is None or any(bodies.set_of(name) == wanted for name in one.categories))
        ]
        found.sort(key=lambda one: (one.stamp, one.id))
        shown = found[skip : skip + self.oai_page]
        if not shown:
            return error("noRecordsMatch", "The combination of the values results in an empty list.")
        more = len(found) > skip + self.oai_page
        token = quote(urlencode({**query, "skip": skip + self.oai_page})) if more else ""
        return Answer(200, bodies.oai(shown, token), XML)

    def _build_log(self, name: str) -> Answer:
        """The log of the conversion: beside every page of a fixed version; its last line says how it ended."""
        if name not in self.html and ("default" not in self.html or "v" not in name):
            return Answer(404, bodies.page("Not found"), HTML)
        log = f"(Loading article.cls... )\nConversion finished\nStatus:conversion:{self.conversions.get(name, 1)}\n"
        return Answer(200, log.encode(), {"Content-Type": "text/plain"})

    def _paper(self, route: str, name: str) -> Answer:
        if route == "html" and name.endswith("/__stdout.txt"):
            return self._build_log(name.removesuffix("/__stdout.txt"))
        if route == "pdf" and name.endswith(".pdf"):
            return Answer(301, b"", {"Location": f"/pdf/{name.removesuffix('.pdf')}"})
        form = ID.fullmatch(name)
        if not form:
            return Answer(404, bodies.page(f"No article for '{name}'"))
        one = {record.id: record for record in self._records()}.get(form[1])
        if one is None or int(form[2] or 1) > one.version:
            return Answer(404, bodies.page(f"No document for '{name}'"))
        pinned = f"{one.id}v{form[2] or one.version}"
        if route == "abs":
            return Answer(200, bodies.page(one.title, one.abstract), HTML)
        texts, kind = (self.html, "text/html") if route == "html" else (self.pdf, "application/pdf")
        body = texts.get(pinned, texts.get("default"))
        if body is not None:
            return Answer(200, body, {"Content-Type": kind})
        if route == "html":
            words = "HTML is not available for the source."
            return Answer(404, bodies.page(f"No HTML for '{pinned}'", words), HTML)
        return Answer(404, bodies.page("PDF Unavailable"), HTML)


def _votes(item: dict) -> int:
    votes = item.get("paper", {}).get("upvotes")
    return votes if isinstance(votes, int) else 0
