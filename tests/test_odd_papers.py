"""Papers as nobody expects them, through a whole night: none ends the run, none takes another with it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nights import Nights, judged, page, report
from tests.report import github
from tests.sources.playing import a_record
from tests.stubs.world import World, days_of

FRIDAY = dt.date(2026, 1, 30)
ODD: dict[str, dict[str, Any]] = {
    "no abstract": {"abstract": ""},
    "300 authors": {"authors": [f"Author Number {n}" for n in range(300)]},
    "a title of 2,000 characters": {"title": "Restoration of very long titles " * 62 + "is hard"},
    "LaTeX": {"title": r"$\mathcal{L}_1$ and \textbf{bold} for 50\% of \cite{x}", "abstract": r"We use $\frac{1}{2}$."},
    "right-to-left marks": {"title": "Image \u202eevil\u202c restoration \u200f\u2066x\u2069"},
    "invisible characters": {"title": "Im\u200bage\u00ad res\ufefftoration", "abstract": "\U000e0041\U000e0042 text."},
    "markup": {"title": "</details><script>alert(1)</script> [a](javascript:1) ![x](http://e/x.png) @octocat"},
    "a workflow command": {"title": "::error::stop ##[error] %0A${{ secrets.X }}"},
    "Liquid": {"title": "{% raw %} {{ site }}", "abstract": "{{ 7 * 7 }}"},
}  # fmt: skip


@pytest.fixture
def night(project: Path) -> Iterator[Nights]:
    normal = [a_record(n) for n in range(1, 6)]
    odd = [a_record(90 + n, **given) for n, given in enumerate(ODD.values())]
    with World(days_of([*normal, *odd], {}), today=FRIDAY, interval=0.0) as world:
        yield Nights(world)


def ids() -> set[str]:
    return {f"2601.{n:05d}" for n in [*range(1, 6), *range(90, 90 + len(ODD))]}


def test_all_of_them_are_judged_and_on_the_page(night: Nights) -> None:
    said = night.run(FRIDAY)["said"]
    published = report(FRIDAY)
    assert published is not None
    assert judged(published) == ids()
    assert published["skipped"] == []
    text = page(FRIDAY)
    assert all(key in text for key in ids())
    assert not [c for c in text if unicodedata.category(c) in {"Cf", "Co", "Cs"}]
    assert "{%" not in text
    assert "{{" not in text
    assert "::error::" not in said


def test_the_page_shows_their_text_and_nothing_else(night: Nights) -> None:
    night.run(FRIDAY)
    html = github.render(page(FRIDAY))
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html
    assert html.count("<details") == html.count("</details>")


def test_picks_can_be_odd_too(night: Nights) -> None:
    """Every one of them analyzed by the local engine, because it was asked for."""
    wanted = ",".join(sorted(ids()))
    night.run(FRIDAY, "--papers", wanted)
    published = report(FRIDAY)
    assert published is not None
    assert {one["id"] for one in published["picks"]} == ids()
    assert [len(one["authors"]) for one in published["picks"] if len(one["authors"]) > 10] == [300]
    crowd = next(one for one in published["candidates"] if one["more_authors"])
    assert (len(crowd["authors"]), crowd["more_authors"]) == (10, 290)
