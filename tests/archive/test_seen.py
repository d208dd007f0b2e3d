from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.archive import history, seen
from pipeline.archive.history import Day
from pipeline.core.store import dumps
from tests.report import days

BY = hashlib.sha256(days.JUDGED_BY.encode()).hexdigest()[:12]
NOBODY = hashlib.sha256(b"").hexdigest()[:12]


def day(tmp_path: Path, **given: object) -> Day:
    raw = {**json.loads(dumps(days.failed("en"))), **given}
    path = tmp_path / "2026" / "01" / "2026-01-30.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(raw))
    return history.read(tmp_path, ["2026/01/2026-01-30.json"])["2026/01/2026-01-30.json"]


def test_a_line_for_everybody_who_was_judged(tmp_path: Path) -> None:
    assert sorted(seen.day_lines(day(tmp_path))) == [
        f"2601.98010\t2026-01-30\t58\tbelow_threshold\t\t{BY}",
        f"2601.98011\t2026-01-30\t41\tbelow_threshold\t\t{BY}",
        f"2601.98012\t2026-01-30\t24\tbelow_threshold\t\t{BY}",
        f"2601.98040\t2026-01-30\t\tunscored\tscore\t{NOBODY}",
        f"2601.98041\t2026-01-30\t\tunscored\t\t{NOBODY}",
        f"2601.99001\t2026-01-30\t92\tpicked\t\t{BY}",
        f"2601.99002\t2026-01-30\t78\tpicked\tanalyze\t{BY}",
    ]


def test_whoever_was_seen_before_has_no_line(tmp_path: Path) -> None:
    candidates = json.loads(dumps(days.failed("en")))["candidates"]
    again = [{**one, "outcome": "seen"} for one in candidates[1:]]
    assert len(seen.day_lines(day(tmp_path, candidates=[candidates[0], *again]))) == 1


def test_an_id_breaks_neither_its_line_nor_the_next(tmp_path: Path) -> None:
    candidate = {**json.loads(dumps(days.failed("en")))["candidates"][0], "id": "a\tb\nc\u2028d\x85e"}
    (line,) = seen.day_lines(day(tmp_path, candidates=[candidate], pending=[]))
    assert line.split("\t")[0] == "a b c d e"
    assert line.splitlines() == [line]


def test_the_head_counts_and_hashes_the_lines() -> None:
    body = "1\t2026-01-01\t41\tpicked\t\tabc\n"
    assert seen.with_header(body, digests=3, newest="2026-01-02", seal="ef") == (
        f"# seen=1 digests=3 lines=1 newest=2026-01-02 sha256={hashlib.sha256(body.encode()).hexdigest()} seal=ef\n"
        f"{body}"
    )
    assert " lines=0 " in seen.with_header("", digests=3, newest="2026-01-02", seal="ef")


def test_lines_of_a_date_can_be_taken_out() -> None:
    lines = ["2026-01-02\t2026-01-01\t41", "2\t2026-01-02\t41", "3\t2026-01-03\t41"]
    assert list(seen.without_dates(lines, {"2026-01-02", "2026-01-03"})) == lines[:1]
    assert list(seen.without_dates(lines, set())) == lines


def test_what_was_judged_since_is_what_is_new_and_not_pending() -> None:
    head = "# seen=1 digests=1"
    old = f"{head}\n1\t2026-01-29\t70\tpicked\t\tabc\n2\t2026-01-29\t\tunscored\tscore\tabc\n"
    new = [
        "1\t2026-01-29\t70\tpicked\t\tabc",
        "2\t2026-01-29\t\tunscored\tscore\tabc",
        "2\t2026-01-30\t80\tpicked\t\tabc",
        "3\t2026-01-30\t\tunscored\tscore\tabc",
        "4\t2026-01-30\t20\tbelow_threshold\t\tabc",
        "cut\tline",
    ]
    now = "\n".join(["# seen=1 digests=2", *new, ""])
    assert seen.newly_judged(old, now) == {"2": "2026-01-30", "4": "2026-01-30"}
    assert seen.newly_judged("", "") == {}
