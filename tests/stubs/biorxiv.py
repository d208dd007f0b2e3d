"""bioRxiv's and medRxiv's API as others recorded it in 2026, with its rules.

`/details/{server}/{first}/{last}/{cursor}/json?category=cell_biology`: both days included, 30 records a page from the
record `cursor` on, every version a record of its own, counts as text, `no posts found` where there is none.
`/details/{server}/{doi}/na/json`: all versions of one preprint, and no counts.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 30
DATE = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
RANGE = re.compile(rf"/details/(biorxiv|medrxiv)/{DATE}/{DATE}(?:/([0-9]+))?(?:/json)?")
SINGLE = re.compile(r"/details/(biorxiv|medrxiv)/(10\.[0-9]+/[^/]+)(?:/na)?(?:/json)?")
SERVERS = {"biorxiv": "bioRxiv", "medrxiv": "medRxiv"}


@dataclass(frozen=True)
class Preprint:
    """One version of a preprint; `entered`: the day from which the API has it, if that is not the day it is posted."""

    doi: str
    date: dt.date
    version: int = 1
    category: str = "neuroscience"
    server: str = "biorxiv"
    title: str = ""
    abstract: str = "We record neurons."
    authors: str = "Lovelace, A.; Hodgkin, A. L."
    entered: dt.date | None = None

    def record(self) -> dict[str, Any]:
        path = f"https://www.{self.server}.org/content/early/{self.date:%Y/%m/%d}/{self.doi[8:]}.source.xml"
        return {
            "title": self.title or f"Preprint {self.doi}",
            "authors": self.authors,
            "author_corresponding": "A. Lovelace",
            "author_corresponding_institution": "An Institute",
            "doi": self.doi,
            "date": self.date.isoformat(),
            "version": str(self.version),
            "type": "new results",
            "license": "cc_by",
            "category": self.category,
            "jatsxml": path,
            "abstract": self.abstract,
            "funder": "NA",
            "published": "NA",
            "server": SERVERS[self.server],
        }


def answer(records: Sequence[Preprint], path: str, today: dt.date) -> tuple[int, bytes]:
    """Return the status and the body of the API's answer on a day."""
    parts = urlsplit(path)
    there = [one for one in records if (one.entered or one.date) <= today]
    if asked := RANGE.fullmatch(parts.path):
        server, first, last, cursor = asked.groups()
        category = parse_qs(parts.query).get("category", ["all"])[0].replace("_", " ").lower()
        found = [
            one
            for one in sorted(there, key=lambda one: one.date)
            if one.server == server and first <= one.date.isoformat() <= last
            if category in ("all", one.category)
        ]
        return _found(found, category, f"{first}:{last}", int(cursor or 0))
    if single := SINGLE.fullmatch(parts.path):
        server, doi = single.groups()
        versions = [one for one in there if (one.server, one.doi) == (server, doi)]
        versions.sort(key=lambda one: one.version)
        return _json({"status": "ok", "category": "all"}, versions) if versions else _nothing()
    return 404, b"Not found"


def _found(found: Sequence[Preprint], category: str, interval: str, cursor: int) -> tuple[int, bytes]:
    shown = found[cursor : cursor + PAGE]
    if not shown:
        return _nothing()
    about = {
        "status": "ok",
        "category": category,
        "interval": interval,
        "funder": "all",
        "cursor": cursor,
        "count": len(shown),
        "count_new_papers": str(sum(one.version == 1 for one in found)),
        "total": str(len(found)),
    }
    return _json(about, shown)


def _nothing() -> tuple[int, bytes]:
    return _json({"status": "no posts found"}, ())


def _json(about: dict[str, Any], records: Sequence[Preprint]) -> tuple[int, bytes]:
    return 200, json.dumps({"messages": [about], "collection": [one.record() for one in records]}).encode()
