"""The recorded day in `pipeline/sample/`, in place of the network: no key, no request, always the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pipeline.sources.http import Failure, Page

DATE = dt.date(2026, 1, 30)  # the digest that the sample is for
FOLDER = Path(__file__).resolve().parent.parent / "sample"


async def get(url: str, *, accept: str = "*/*", attempts: int | None = None) -> Page | Failure:  # noqa: ARG001
    """A `Get` that knows one day: arXiv's feed and two lists of Hugging Face. The rest is "not found".

    The host does not matter. Whatever categories are asked for, the feed is that of cs.CV.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.path.startswith("/rss/"):
        return _page(url, FOLDER / f"arxiv_cs.CV_{DATE.isoformat()}.xml")
    if parts.path == "/api/daily_papers":
        day = query.get("date", [""])[0]
        known = {path.stem.removeprefix("huggingface_"): path for path in FOLDER.glob("huggingface_*.json")}
        if day in known:
            return _page(url, known[day]) if query.get("p", ["0"]) == ["0"] else Page(url, 200, b"[]")
    return Page(url, 404, b"")


def _page(url: str, path: Path) -> Page:
    return Page(url, 200, path.read_bytes())
