from __future__ import annotations

import datetime as dt
import functools
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.archive import build, chart, feed, indexes, votes_summary
from pipeline.core.errors import DigestError
from pipeline.core.month_index import MONTHS, REPORT_NAMES
from pipeline.core.store import dumps, report_path
from tests.archive.folders import lay_down, on, tree, year
from tests.report import days, github, texts

REPORTS = f"{MONTHS}/{REPORT_NAMES}"
EXAMPLES = int(os.environ.get("DIGEST_TEST_EXAMPLES", "100"))
DAYS = int(os.environ.get("DIGEST_TEST_DAYS", "45"))
SHARED = ("README.md", "index.json", "feed.xml", "scores.svg")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "reports"


@pytest.mark.slow
def test_a_year_of_days(reports: Path) -> None:
    digests = year("en", DAYS)
    for digest in digests:
        lay_down(reports, digest)
        build.rebuild(reports, "made-up", digest.date)
    folder = reports / "made-up"
    before = tree(folder)

    # Again, and from nothing: no byte changes.
    assert build.rebuild(reports, "made-up", digests[0].date) == []
    for name in ("*.*", "*/*/README.md", "*/*/papers.bib", "*/*/index.json"):
        for path in folder.glob(name):
            path.unlink()
    build.rebuild(reports, "made-up")
    assert tree(folder) == before

    index = json.loads(before["index.json"])
    assert len(before["index.json"].splitlines()) == DAYS + 2
    assert [row["date"] for row in index["digests"]] == [d.date.isoformat() for d in reversed(digests)]
    assert sum(row["picked"] for row in index["digests"]) == sum(len(d.picks) for d in digests)
    for row in index["digests"]:
        assert (folder / row["page"]).is_file()
        assert hashlib.sha256((folder / row["data"]).read_bytes()).hexdigest() == row["sha256"]

    judged = [(c.id, c.outcome, str(d.date)) for d in digests for c in d.candidates if c.outcome != "seen"]
    months = [
        json.loads(before[name]) for name in sorted(before) if re.fullmatch(r"\d+/\d+/index\.json", name)
    ]
    assert [(row[0], row[7], row[4]) for month in months for row in month["candidates"]] == judged
    assert [entry["sha256"] for month in months for entry in month["digests"]] == [
        row["sha256"] for row in reversed(index["digests"])
    ]

    for month in {f"{digest.date:%Y/%m}" for digest in digests}:
        listed = re.findall(
            r"^- \[\d\d-\d\d \w+\]\(([\d-]+)\.md\)", before[f"{month}/README.md"].decode(), re.MULTILINE
        )
        assert listed == sorted((str(d.date) for d in digests if f"{d.date:%Y/%m}" == month), reverse=True)

    parsed = feedparser.parse(io.BytesIO(before["feed.xml"]))
    assert not parsed.bozo
    assert len(parsed.entries) == min(30, DAYS)
    assert [entry.id.rsplit("/", 1)[1] for entry in parsed.entries] == [
        digest.date.isoformat() for digest in reversed(digests[-30:])
    ]


def test_two_days_in_either_order_end_in_the_same_bytes(tmp_path: Path) -> None:
    first, second = year("ja", 2)
    for name, order in (("a", (first, second)), ("b", (second, first))):
        for digest in order:
            lay_down(tmp_path / name / "reports", digest)
            build.rebuild(tmp_path / name / "reports", "made-up", digest.date)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


@pytest.mark.slow
def test_only_what_changed_is_written(reports: Path) -> None:
    digests = year("en", 40)
    for digest in digests[:-1]:
        lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    lay_down(reports, digests[-1])
    folder = reports / "made-up"
    month = f"{digests[-1].date:%Y/%m}"
    of_month = (f"{month}/README.md", f"{month}/papers.bib", f"{month}/index.json")
    assert set(build.rebuild(reports, "made-up", digests[-1].date)) == {
        folder / name for name in (*SHARED, *of_month)
    }
    assert not list(folder.rglob(".*"))


@pytest.mark.slow
def test_only_reports_of_the_month_that_changed_are_read(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = year("en", 75)
    for digest in digests[:-1]:
        lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    read: list[str] = []
    whole = Path.read_bytes

    def watched(path: Path) -> bytes:
        read.append(path.name)
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", watched)
    lay_down(reports, digests[-1])
    build.rebuild(reports, "made-up", digests[-1].date)
    month = f"{digests[-1].date:%Y-%m}"
    assert {name for name in read if re.match(r"\d", name)} == {
        f"{digest.date}.json" for digest in digests if f"{digest.date:%Y-%m}" == month
    }


def test_pages_of_another_version_are_made_anew(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for date in (dt.date(2025, 11, 28), dt.date(2026, 1, 30)):
        lay_down(reports, days.full("en").model_copy(update={"date": date}))
    build.rebuild(reports, "made-up")
    monkeypatch.setattr(build, "version", lambda: "of another")
    changed = build.rebuild(reports, "made-up", dt.date(2026, 1, 30))
    assert reports / "made-up/2025/11/index.json" in changed


DATES = [dt.date(2025, 11, 27), dt.date(2025, 11, 28), dt.date(2025, 12, 1), dt.date(2026, 1, 5), dt.date(2026, 1, 30), dt.date(2026, 2, 2)]  # fmt: skip
KINDS = {"full": "en", "failed": "ja", "quiet": "en", "local": "zh-CN", "unscored": "en"}


@functools.cache
def report(date: dt.date, kind: str) -> bytes:
    return dumps(on(days.KINDS[kind](KINDS[kind]), date))


def put(folder: Path, date: dt.date, kind: str) -> None:
    path = report_path(folder.parent, folder.name, date)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(report(date, kind))


def remove(folder: Path, date: dt.date, kind: str) -> None:
    report_path(folder.parent, folder.name, date).unlink(missing_ok=True)


def edit(folder: Path, date: dt.date, kind: str) -> None:
    """The first letter of every title, by hand, and a line break: its size tells that the report was changed."""
    path = report_path(folder.parent, folder.name, date)
    if path.exists():
        letter = kind[0].encode()
        data = re.sub(rb'("(?:title|headline)": *")[A-Za-z]', rb"\1" + letter, path.read_bytes())
        path.write_bytes(data + b"\n")


def spoil(folder: Path, date: dt.date, kind: str) -> None:
    """One of the files that every rebuild looks at is edited, cut or gone."""
    files = sorted(
        set(folder.rglob("*.*"))
        - {*folder.glob(REPORTS), *folder.glob(f"{MONTHS}/README.md"), *folder.rglob("papers.bib")}
    )
    if files:
        path = files[DATES.index(date) * len(files) // len(DATES)]
        data = path.read_bytes()
        path.write_bytes(data[::-1] if kind == "full" else data[: len(data) // 2])
        if kind == "local":
            path.unlink()


STEP = st.tuples(st.sampled_from([put, put, remove, edit, spoil]), st.sampled_from(DATES), st.sampled_from([*KINDS]))  # fmt: skip


@pytest.mark.slow
@settings(max_examples=EXAMPLES // 5)
@example(  # a row of index.json that is cut short
    [((put, dt.date(2025, 11, 27), "full"), True), ((spoil, dt.date(2026, 1, 30), "failed"), True)]
)
@example(  # the first month is gone, to which the second one's page links
    [
        ((put, dt.date(2025, 11, 27), "full"), False),
        ((put, dt.date(2025, 12, 1), "full"), True),
        ((remove, dt.date(2025, 11, 27), "full"), False),
    ]
)
@given(st.lists(st.tuples(STEP, st.booleans()), min_size=2, max_size=12))
def test_step_by_step_ends_in_the_bytes_of_making_it_all_from_nothing(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        # Few recent digests, so that most are not read for the pages that show only those.
        for module, constant in (
            (feed, "MAX_ENTRIES"),
            (chart, "MAX_DIGESTS"),
            (indexes, "RECENT_DAYS"),
        ):
            patch.setattr(module, constant, 2)
        folder, anew = Path(name, "one", "reports", "made-up"), Path(name, "two", "reports", "made-up")
        folder.mkdir(parents=True)
        for (step, date, kind), rebuild in (*steps, ((put, DATES[3], "full"), True)):
            step(folder, date, kind)
            if rebuild:
                build.rebuild(folder.parent, "made-up", date)
        for path in folder.glob(REPORTS):
            copy = anew / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        build.rebuild(anew.parent, "made-up")
        pages = {f"{path.relative_to(folder).with_suffix('')}.md" for path in folder.glob(REPORTS)}
        assert {name: data for name, data in tree(folder).items() if name not in pages} == tree(anew)


def test_a_month_that_lost_its_last_digest_loses_its_page(reports: Path) -> None:
    for date in (dt.date(2025, 11, 28), dt.date(2026, 1, 30)):
        lay_down(reports, days.full("en").model_copy(update={"date": date}))
    build.rebuild(reports, "made-up")
    folder = reports / "made-up"
    for path in folder.glob("2025/11/2025-*"):
        path.unlink()
    notes = folder / "2025/11/notes.md"
    notes.write_text("a person's own")
    assert folder / "2025/11/README.md" in build.rebuild(reports, "made-up")
    assert [path.name for path in (folder / "2025/11").iterdir()] == ["notes.md"]
    assert "2025-11" not in (folder / "README.md").read_text("utf-8")


def test_a_picture_that_nothing_is_drawn_in_goes(reports: Path) -> None:
    lay_down(reports, days.full("en"))
    build.rebuild(reports, "made-up")
    assert (reports / "made-up/scores.svg").is_file()
    lay_down(reports, days.quiet("en"))
    build.rebuild(reports, "made-up")
    assert not (reports / "made-up/scores.svg").exists()


def test_a_month_has_a_bibliography_while_it_has_picks(reports: Path) -> None:
    folder = reports / "made-up/2026/01"
    lay_down(reports, days.full("en"))
    build.rebuild(reports, "made-up")
    assert "](papers.bib)" in (folder / "README.md").read_text("utf-8")
    assert (folder / "papers.bib").read_text("utf-8").count("@misc{") == 2
    lay_down(reports, days.quiet("en"))
    assert folder / "papers.bib" in build.rebuild(reports, "made-up")
    assert not (folder / "papers.bib").exists()
    assert "papers.bib" not in (folder / "README.md").read_text("utf-8")
    assert build.rebuild(reports, "made-up") == []


def test_a_profile_that_lost_its_last_report_keeps_nothing_of_ours(reports: Path) -> None:
    lay_down(reports, days.full("en"))
    build.rebuild(reports, "made-up")
    folder = reports / "made-up"
    for path in folder.glob("2026/01/2026-*"):
        path.unlink()
    (folder / "notes.md").write_text("a person's own")
    assert len(build.rebuild(reports, "made-up", dt.date(2026, 1, 30))) == 7
    assert set(tree(folder)) == {"notes.md"}
    assert build.rebuild(reports, "made-up") == []


def test_a_folder_that_was_never_an_archive_is_left_alone(reports: Path) -> None:
    folder = reports / "made-up"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("a person's own")
    (folder / "index.json").write_text("{}")
    assert build.rebuild(reports, "made-up") == []
    assert set(tree(folder)) == {"README.md", "index.json"}


@pytest.mark.slow
def test_links_of_the_indexes_lead_to_files_and_anchors(reports: Path) -> None:
    for digest in year("zh-CN", 45):
        lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    folder = reports / "made-up"
    indexes = [folder / "README.md", *folder.glob("*/*/README.md")]
    assert len(indexes) == 4
    for path in indexes:
        root = github.tree(path.read_text("utf-8"))
        targets = [link.attributes["href"] for link in root.find("a")]
        targets += [image.attributes["src"] for image in root.find("img")]
        assert targets
        if path.parent == folder:
            # For programs: GitHub shows the file itself as a page.
            targets.remove("https://raw.githubusercontent.com/octo-org/digests/HEAD/reports/made-up/feed.xml")
        for target in targets:
            name, _, anchor = target.partition("#")
            leads = path.parent / name
            assert leads.is_file(), target
            if anchor:
                assert f'<a id="{anchor}"></a>' in leads.read_text("utf-8"), target
        assert [node.tag for node in root.find("table")] == []
        assert not any(re.search(r"\*\*|<|\\", text) for text in root.texts())


def test_front_page(reports: Path) -> None:
    for digest in (days.quiet("en").model_copy(update={"date": dt.date(2026, 1, 26)}), days.full("en")):
        lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    assert (reports / "made-up" / "README.md").read_text("utf-8") == (
        "# Image restoration\n\n"
        "## [2026-01-30 Fri](2026/01/2026-01-30.md)\n\n"
        "**Picked 2 of 10**\n\n"
        "- **92** · [One-step restoration that leaves alone what it is unsure of]"
        "(2026/01/2026-01-30.md#arxiv-2601-99001)<br>Fewer steps without invented texture\n"
        "- **78** · [Viewers reject flicker, not a lack of sharpness]"
        "(2026/01/2026-01-30.md#arxiv-2601-99002)<br>Measure temporal consistency first\n\n"
        "## The last 14 days\n\n"
        "- 01-27 – 01-29 — no digest: nothing new, or no run\n"
        "- [01-26 Mon](2026/01/2026-01-26.md) · none reaches 60\n\n"
        "![Scores of the picks of the last 2 digests](scores.svg)\n\n"
        "## Months\n\n"
        "- [2026-01](2026/01/README.md) — 2 digests · 2 picks\n\n"
        "<sub>[Subscribe (Atom)](https://raw.githubusercontent.com/octo-org/digests/HEAD/reports/made-up/feed.xml) · [Data (JSON)](index.json)</sub>\n"
    )


def test_month_page_leads_back_to_the_month_before_it(reports: Path) -> None:
    for date in (dt.date(2025, 11, 28), dt.date(2026, 1, 26), dt.date(2026, 1, 28), dt.date(2026, 1, 29)):
        lay_down(reports, days.quiet("ja").model_copy(update={"date": date}))
    build.rebuild(reports, "made-up")
    assert (reports / "made-up/2026/01/README.md").read_text("utf-8") == (
        "# 2026-01 · 画像復元日報\n\n"
        "[← 2025-11](../../2025/11/README.md) · [日報一覧](../../README.md)\n\n"
        "3 号 · 選出 0 本\n\n"
        "- [01-29 木](2026-01-29.md) · 60 点に届いたものはなし\n"
        "- [01-28 水](2026-01-28.md) · 60 点に届いたものはなし\n"
        "- 01-27 — 休み：新しい論文がないか、実行されていない\n"
        "- [01-26 月](2026-01-26.md) · 60 点に届いたものはなし\n"
    )


DAMAGE = {
    "cut": b'{"schema_version": 1, "date": "2026-01-29", "cand',
    "list": b"[]",
    "deep": b"[" * 100_000,
    "other schema": b'{"schema_version": 3}',
    "no picks": b'{"schema_version": 1, "date": "2026-01-29", "generated_at": "2026-01-29T05:00:00Z"}',
    "not utf-8": b'{"title": "\xff"}',
    "another day": None,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_report_is_named_and_nothing_is_written(reports: Path, damage: bytes | None) -> None:
    lay_down(reports, days.full("en"))
    build.rebuild(reports, "made-up")
    bad = report_path(reports, "made-up", dt.date(2026, 1, 29))
    bad.write_bytes(dumps(days.full("en")) if damage is None else damage)
    lay_down(reports, days.full("en").model_copy(update={"date": dt.date(2026, 1, 31)}))
    before = tree(reports)
    with pytest.raises(DigestError, match=r"reports/made-up/2026/01/2026-01-29\.json"):
        build.rebuild(reports, "made-up", dt.date(2026, 1, 31))
    assert tree(reports) == before


def test_votes_are_told_of_on_the_front_page_and_a_damaged_file_only_leaves_them_out(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(votes_summary, "FEWEST_VOTES", 1)
    digest = days.full("en")
    lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    before = tree(reports)
    file = reports / "made-up" / "votes.tsv"
    row = f"date\tpaper\tverdict\tissue\n2026-01-30\t{digest.picks[0].id}\tmore\t1\n".encode()
    for data, said in ((row, True), (row + b"nonsense\n", False), (b"\xff" + row, False)):
        file.write_bytes(data)
        build.rebuild(reports, "made-up")
        assert ("1 votes." in (reports / "made-up/README.md").read_text()) == said
        assert file.read_bytes() == data
    file.unlink()
    assert tree(reports) == before


def test_other_files_are_left_alone(reports: Path) -> None:
    lay_down(reports, days.full("en"))
    note = reports / "made-up" / "2026" / "01" / "notes.json"
    note.write_text("mine")
    (reports / "made-up" / "CNAME").write_text("example.org")
    build.rebuild(reports, "made-up")
    assert note.read_text() == "mine"
    assert (reports / "made-up" / "CNAME").read_text() == "example.org"


def test_no_reports_no_pages(reports: Path) -> None:
    assert build.rebuild(reports, "nobody") == []
    assert not reports.exists()


def test_a_write_that_fails_leaves_the_old_file(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_down(reports, days.full("en"))
    build.rebuild(reports, "made-up")
    before = tree(reports)
    lay_down(reports, days.quiet("en"))
    laid = tree(reports)

    def full_disk(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space left"):
        build.rebuild(reports, "made-up")
    assert tree(reports) == laid
    assert {name for name in laid if laid[name] != before[name]} == {
        "made-up/2026/01/2026-01-30.json",
        "made-up/2026/01/2026-01-30.md",
    }


def test_hostile_words_in_indexes_feed_and_picture(reports: Path) -> None:
    words = "</title><script>x</script> ]]> & \" ' ** [a](javascript:1) @me $x$ {{ x }} \u202e\x00 ::error::"
    pick = days.flow("en", title=words, headline=words, hook=words, url="javascript:alert(1)")
    lay_down(reports, days.digest("en", title=words, picks=(pick,)))
    build.rebuild(reports, "made-up")
    folder = reports / "made-up"
    shown = """</title><script>x</script> ]]> & " ' ** [a](javascript:1) @me x {{ x }} ::error::"""
    front = github.tree((folder / "README.md").read_text("utf-8"))
    assert front.find("h1")[0].line == shown
    assert front.find("li")[0].line == f"92 · {shown} {shown}"
    ET.parse(folder / "scores.svg")
    feed = feedparser.parse(io.BytesIO((folder / "feed.xml").read_bytes()))
    assert not feed.bozo
    assert feed.feed.title == shown
    raw = ET.parse(folder / "feed.xml").getroot()
    content = raw.find(".//{http://www.w3.org/2005/Atom}content")
    assert content is not None
    html = str(content.text)
    assert "<script" not in html
    assert not re.search(r"""href=["']javascript""", html)


def test_picture_has_a_dot_for_each_score_and_none_without_scores(reports: Path) -> None:
    lay_down(reports, days.full("en"))
    build.rebuild(reports, "made-up")
    svg = ET.parse(reports / "made-up" / "scores.svg").getroot()
    dots = svg.findall(".//{http://www.w3.org/2000/svg}circle")
    # 100 stands at 14 and 0 at 108: 92 is 8 % of the way down, 78 is 22 %.
    assert [dot.get("cy") for dot in dots] == ["21.5", "34.7"]
    lay_down(reports, days.local("en").model_copy(update={"profile": "other"}))
    build.rebuild(reports, "other")
    assert not (reports / "other" / "scores.svg").exists()
    assert "scores.svg" not in (reports / "other" / "README.md").read_text("utf-8")


def test_feed_entries(reports: Path) -> None:
    for digest in (
        days.quiet("en").model_copy(update={"date": dt.date(2026, 1, 28)}),
        days.local("en").model_copy(update={"date": dt.date(2026, 1, 29)}),
        days.full("en"),
    ):
        lay_down(reports, digest)
    build.rebuild(reports, "made-up")
    parsed = feedparser.parse(io.BytesIO((reports / "made-up" / "feed.xml").read_bytes()))
    first, _, second, _ = texts.HEADLINES["en"]
    assert parsed.feed.id == "tag:octo-org.github.io,2026:digests/made-up"
    assert [(entry.id, entry.title, entry.link) for entry in parsed.entries] == [
        (
            "tag:octo-org.github.io,2026:digests/made-up/2026-01-30",
            f"2026-01-30 Fri · 92 {first} · 78 {second}",
            "https://github.com/octo-org/digests/blob/HEAD/reports/made-up/2026/01/2026-01-30.md",
        ),
        (
            "tag:digest.invalid,2026:made-up/2026-01-29",
            f"2026-01-29 Thu · No. 1 {days.FLOW_TITLE}",
            "2026/01/2026-01-29.md",
        ),
        (
            "tag:octo-org.github.io,2026:digests/made-up/2026-01-28",
            "2026-01-28 Wed · none reaches 60",
            "https://github.com/octo-org/digests/blob/HEAD/reports/made-up/2026/01/2026-01-28.md",
        ),
    ]
    assert parsed.entries[0].updated == "2026-01-30T05:52:07Z"
