"""The recorded day in `pipeline/sources/recorded_day/`, in place of the network: no key, no request, always the same."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pipeline.sources.http_client import Failure, Page

DATE = dt.date(2026, 1, 30)  # the digest that the sample is for
FOLDER = Path(__file__).resolve().parent / "recorded_day"


NOTHING = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>not in the recorded day</title></channel></rss>'
)


async def get(
    url: str,
    *,
    accept: str = "*/*",
    attempts: int | None = None,  # noqa: ARG001 - there is nothing to try again
    fresh: bool = False,  # noqa: ARG001
) -> Page | Failure:
    """A `Get` that knows one day: arXiv's feed and two lists of Hugging Face. Other feeds are empty, the rest is "not found".

    The host does not matter. Of the feed, which is that of cs.CV, there is what stands in a category asked for.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.path.startswith("/rss/"):
        asked = parts.path.removeprefix("/rss/").split("+")
        return Page(url, 200, _of(asked, (FOLDER / f"arxiv_cs.CV_{DATE.isoformat()}.xml").read_bytes()))
    if parts.path == "/api/daily_papers":
        day = query.get("date", [""])[0]
        known = {path.stem.removeprefix("huggingface_"): path for path in FOLDER.glob("huggingface_*.json")}
        if day in known:
            return _page(url, known[day]) if query.get("p", ["0"]) == ["0"] else Page(url, 200, b"[]")
    return Page(url, 200, NOTHING) if "rss" in accept else Page(url, 404, b"")


def _of(categories: list[str], feed: bytes) -> bytes:
    """The feed with the items that are listed under one of the categories."""
    wanted = {f"<category>{name}</category>".encode() for name in categories}
    return re.sub(
        rb"\s*<item>.*?</item>",
        lambda item: item[0] if any(one in item[0] for one in wanted) else b"",
        feed,
        flags=re.DOTALL,
    )


def _page(url: str, path: Path) -> Page:
    return Page(url, 200, path.read_bytes())
