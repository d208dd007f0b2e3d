"""Replace the network with the recorded day in `pipeline/sources/recorded_day/`: no API key, no requests.

The result is always the same.
"""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pipeline.core.dates import SAMPLE_DATE
from pipeline.sources.http_client import Failure, Page

FOLDER = Path(__file__).resolve().parent / "recorded_day"
ANSWERS = FOLDER / "answers.jsonl"  # of a model that was asked about that day: see llm/recorded.py


EMPTY_FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>not in the recorded day</title></channel></rss>'
)
NO_PREPRINTS = b'{"messages":[{"status":"no posts found"}],"collection":[]}'


async def get(
    url: str,
    *,
    accept: str = "*/*",
    attempts: int | None = None,  # noqa: ARG001 - files need no retry
    fresh: bool = False,  # noqa: ARG001
) -> Page | Failure:
    """Serve the recorded day as a `Get`: arXiv's feed and two Hugging Face lists.

    Other feeds and bioRxiv are empty, no paper can be looked up by its id, and everything else is 404. The host is ignored. The recorded feed is that of
    cs.CV, filtered by the requested categories.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.path.startswith("/rss/"):
        categories = parts.path.removeprefix("/rss/").split("+")
        feed = (FOLDER / f"arxiv_cs.CV_{SAMPLE_DATE.isoformat()}.xml").read_bytes()
        return Page(url, 200, _filter_items(categories, feed))
    if parts.path == "/api/daily_papers":
        path = FOLDER / f"huggingface_{query.get('date', [''])[0]}.json"
        if path.is_file():
            return Page(url, 200, path.read_bytes() if query.get("p") == ["0"] else b"[]")
    if parts.path.startswith("/details/"):
        return Page(url, 200, NO_PREPRINTS)
    if parts.path == "/api/query":
        return Failure(url, "papers cannot be looked up in the recorded day", None)
    return Page(url, 200, EMPTY_FEED) if "rss" in accept else Page(url, 404, b"")


def _filter_items(categories: list[str], feed: bytes) -> bytes:
    """Keep only the feed's items that are listed under one of the categories."""
    wanted = {f"<category>{name}</category>".encode() for name in categories}
    return re.sub(
        rb"\s*<item>.*?</item>",
        lambda item: item[0] if any(category in item[0] for category in wanted) else b"",
        feed,
        flags=re.DOTALL,
    )
