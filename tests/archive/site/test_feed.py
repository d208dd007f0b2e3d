"""The Atom feed over all profiles."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import feedparser

from pipeline.archive import build as archive
from pipeline.archive.site import build
from tests.archive.folders import lay_down, year
from tests.archive.site import made

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(path: Path) -> list[ET.Element]:
    return ET.fromstring(path.read_bytes()).findall(f"{ATOM}entry")


def ids(path: Path) -> list[str]:
    return [entry.findtext(f"{ATOM}id", "") for entry in entries(path)]


def test_it_holds_the_newest_digests_of_all_under_the_ids_of_their_own_feeds(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    for profile, language in made.PROFILES.items():
        for digest in year(language, 14):
            lay_down(reports, digest.model_copy(update={"profile": profile}))
        archive.rebuild(reports, profile)
    build.site(reports, tmp_path / "out")
    own = [path for profile in made.PROFILES for path in ids(tmp_path / f"out/{profile}/feed.xml")]
    assert len(own) == 42
    found = ids(tmp_path / "out/feed.xml")
    assert len(found) == len(set(found)) == 30
    assert set(found) <= set(own)
    dates = [one.rsplit("/", 1)[1] for one in found]
    assert dates == sorted(dates, reverse=True)
    assert min(dates) == sorted(one.rsplit("/", 1)[1] for one in own)[-30]
    for profile in made.PROFILES:
        committed = reports / profile / "feed.xml"
        assert (tmp_path / f"out/{profile}/feed.xml").read_bytes() == committed.read_bytes()


def test_a_reader_of_feeds_finds_titles_and_pages(tmp_path: Path) -> None:
    out = made.rebuilt(
        tmp_path, *(digest.model_copy(update={"profile": "alpha"}) for digest in year("en", 2))
    )
    feed = feedparser.parse((out / "feed.xml").read_bytes())
    assert not feed.bozo
    newest, oldest = feed.entries
    assert oldest.title.startswith("2025-11-03 Mon · Image restoration · 92 One-step restoration")
    assert (out / oldest.link).is_file()
    assert oldest.link == "alpha/2025/11/2025-11-03.html"
    assert "<li><b>92</b>" in oldest.content[0].value
    assert newest.title.endswith("none reaches 60")
