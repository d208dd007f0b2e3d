"""Nights of a profile that reads bioRxiv, from the API over the real client to the published page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.publish.validate import Expected, allowed_links, validate
from tests.nights import PROFILE, Nights, judged, page, report, statuses
from tests.stubs.biorxiv import Preprint
from tests.stubs.world import Fault, World

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2026, 11, day) for day in (23, 24, 25, 26))
# Words of the shipped profile, so that the ranking without a model picks the first two of a day; what all share tells nothing.
ABSTRACT = "Image restoration: denoising, deblurring and super-resolution of degraded microscopy images with diffusion priors."


def preprints(*days: dt.date, count: int = 40) -> list[Preprint]:
    return [
        Preprint(
            f"10.64898/{day:%Y.%m.%d}.{n:06d}",
            day,
            abstract=ABSTRACT if n < 2 else "Neurons of mice fire in bursts.",
            title=f"Recordings {n}",
        )
        for day in days
        for n in range(count)
    ]


def ids(*days: dt.date, count: int = 40) -> set[str]:
    return {f"biorxiv-10.64898-{day:%Y.%m.%d}.{n:06d}" for day in days for n in range(count)}


@pytest.fixture
def nights(project: Path) -> Iterator[Nights]:
    path = project / f"prompts/profiles/{PROFILE}.md"
    lines = [
        "sources: [biorxiv]\nbiorxiv: [neuroscience]" if line.startswith("sources:") else line
        for line in path.read_text().splitlines()
        if not line.startswith(("arxiv:", "liked:", "feeds:"))
    ]
    path.write_text("\n".join(lines))
    with World({}, today=MONDAY, interval=0.01) as world:
        world.calendar.preprints += preprints(MONDAY, TUESDAY, WEDNESDAY)
        yield Nights(world)


@pytest.mark.slow
def test_nights_with_a_missed_and_a_failed_one_lose_nothing_and_repeat_nothing(nights: Nights) -> None:
    nights.run(MONDAY)
    nights.world.fault("details", Fault(status=500), times=None)
    nights.run(TUESDAY, code=1)
    nights.world.mend()
    nights.run(THURSDAY)  # Wednesday has no run
    first, last = report(MONDAY), report(THURSDAY)
    assert first is not None
    assert last is not None
    assert judged(first) == ids(MONDAY)
    assert judged(last) == ids(TUESDAY, WEDNESDAY)
    assert statuses(last) == {"biorxiv": "ok"}
    assert [one["count"] for one in last["sources"]] == [80], "Monday's are asked for again, and not listed"
    assert [one["through"] for one in last["sources"]] == ["2026-11-25"]
    assert nights.world.complaints == [], "one request at a time, with the interval"


@pytest.mark.slow
def test_days_that_are_too_old_to_be_asked_for_are_given_up_by_name_once(nights: Nights) -> None:
    """No run for eleven days: of those since the watermark, Sunday, the API is asked for the last seven."""
    friday, saturday = dt.date(2026, 12, 4), dt.date(2026, 12, 5)
    nights.world.calendar.preprints += preprints(friday, saturday)
    nights.run(MONDAY)
    nights.run(friday, code=3)
    nights.run(saturday)
    found = [report(date) or {"sources": []} for date in (MONDAY, friday, saturday)]
    gaps = [one.get("gaps", []) for made in found for one in made["sources"]]
    assert gaps == [[], ["2026-11-23 to 2026-11-26, given up after a week"], []]
    assert "2026-11-23 to 2026-11-26" in page(friday)


def test_the_page_names_the_source_and_publishing_accepts_the_report(nights: Nights, project: Path) -> None:
    nights.run(TUESDAY)
    path = project / f"reports/{PROFILE}/2026/11/2026-11-24.json"
    links = allowed_links(project, PROFILE)
    digest = validate(path.read_bytes(), Expected(PROFILE, TUESDAY, TUESDAY, links, "", None))
    assert {pick.basis for pick in digest.picks} == {"abstract"}
    assert [one.path for one in nights.world.requests if "/details/" not in one.path] == [], "no full text"
    shown = page(TUESDAY)
    pick = digest.picks[0]
    assert f"#{pick.id.replace('.', '-')}" in shown
    assert f"[bioRxiv]({pick.links.page})" in shown
    assert pick.links.page.startswith("https://www.biorxiv.org/content/10.64898/2026.11.2")
    assert "feed-" not in shown
    assert "arXiv" not in shown.replace("bioRxiv", "")
