"""Whatever papers and models say, a page of the site shows it as text alone."""

from __future__ import annotations

import os
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

from hypothesis import assume, example, given, settings
from selectolax.lexbor import LexborHTMLParser as Parser

from pipeline.archive.site import feed, pages, series
from pipeline.core.artifacts import Digest
from pipeline.report.escape import clean
from tests.archive.site import made
from tests.report import days
from tests.report.test_escape import TEXT

EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "40"))
ADDRESSES = (
    "javascript:alert(1)",
    'https://e.example/"><script>x</script>',
    "data:text/html,x",
    "//e.example/",
)


def spoken(text: str, address: str) -> Digest:
    """A day whose papers and model say `text` everywhere, and whose links lead to `address`."""
    digest = days.first("en")
    (pick,) = digest.picks
    sections = tuple(
        section.model_copy(
            update={
                "title": text,
                "claims": tuple(
                    claim.model_copy(
                        update={
                            "text": text,
                            "evidence": tuple(
                                e.model_copy(update={"quote": text + ".", "section": text, "url": address})
                                for e in claim.evidence
                            ),
                        }
                    )
                    for claim in section.claims
                ),
            }
        )
        for section in pick.sections
    )
    said = {"title": text, "url": address, "authors": (text,)}
    words = {"headline": text, "hook": text, "sections": sections}
    picks = (pick.model_copy(update={**said, **words}),)
    candidates = tuple(c.model_copy(update={**said, "reason": text}) for c in digest.candidates)
    sources = tuple(source.model_copy(update={"note": text, "gaps": (text,)}) for source in digest.sources)
    return digest.model_copy(
        update={
            "title": text,
            "picks": picks,
            "candidates": candidates,
            "sources": sources,
            "profile": "alpha",
        }
    )


def rendered(digest: Digest) -> dict[str, Parser]:
    with tempfile.TemporaryDirectory() as folder:
        made.report(Path(folder), digest)
        one = series.read(Path(folder), "alpha")
    assert one is not None
    texts = {
        "day": pages.day(one, 0, digest, data=""),
        "month": pages.month(one, "2026/01", papers="papers.bib"),
        "timeline": pages.timeline(one, feed=True),
        "search": pages.search(one),
        "home": pages.home([one]),
        "starred": pages.starred([one]),
    }
    assert Parser(feed.atom([one])).css("entry")
    return {name: Parser(text) for name, text in texts.items()}


def shape(page: Parser) -> Counter[tuple[str, tuple[str, ...]]]:
    """All elements with the names of their attributes, without those that depend on which texts are empty."""
    loose = {"p", "span", "br", "a", "strong", "blockquote", "q"}
    return Counter(
        (str(node.tag), tuple(sorted(set(node.attributes) - {"data-id"})))
        for node in page.css("*")
        if node.tag not in loose
    )


SHAPES = {name: shape(page) for name, page in rendered(spoken("plain words", "https://e.example/1")).items()}
LOOSE = {"class", "href", "rel", "lang"}


@given(TEXT)
@example("<script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example("</title><script>x</script>")
@example("{{ t.__class__ }}{% include 'x' %}")
@example("\u202e]]>--><!--")
@settings(max_examples=EXAMPLES)
def test_a_page_is_built_the_same_and_shows_the_text(text: str) -> None:
    shown = clean(text)
    assume(shown)  # an empty title or headline gives way to other words
    found = rendered(spoken(text, ADDRESSES[len(text) % len(ADDRESSES)]))
    for name, page in found.items():
        assert shape(page) == SHAPES[name], name
        hidden = [
            c for c in page.html or "" if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"} and c != "\n"
        ]
        assert not hidden, name
        for node in page.css("p, span, br, a, strong, blockquote, q"):
            assert set(node.attributes) <= LOOSE, node.html
        for node in page.css("[href]"):
            href = node.attributes["href"] or ""
            assert href.startswith("https://") or not set(href) & set(" <>\"':\\"), href
    day = found["day"]
    title = made.one(day, "article h2").text()
    assert title == shown or (len(title) == 240 and title.endswith("…"))
    claims, quotes = day.css("article summary:not(:has(h3))"), day.css("article q")
    assert claims
    assert quotes
    assert all(claim.text().startswith(clean(shown)) for claim in claims)
    assert all(quote.text() == clean(f"“{clean(text + '.')}”") for quote in quotes)
