"""The data of a report: what no later night could read is refused, and so is a link that may not be there."""

import json
from pathlib import Path
from typing import get_args

import pytest

import pipeline.report.page as page_module
from pipeline.core.errors import DigestError
from pipeline.core.models import Links, Outcome
from pipeline.publish import validate
from pipeline.publish.validate import allowed_links, check_data, check_page, is_date
from tests.workflow import stand_in

ROOT = Path(__file__).parents[2]
ALLOWED = allowed_links(ROOT / "digest.toml", "https://github.com")


def data(**changed: object) -> str:
    return json.dumps({**stand_in.report("cv", "2026-01-30", pending=2), **changed})


@pytest.mark.parametrize(
    "change",
    [
        {"candidates": [{"id": "1", "outcome": "zzz", "score": 1}]},
        {"candidates": [{"id": 7, "outcome": "seen", "score": 1}]},
        {"candidates": [{"id": "a\tb", "outcome": "seen", "score": 1}]},
        {"candidates": [{"id": "1", "outcome": "seen", "score": 1e999}]},
        {"candidates": [{"id": "1", "outcome": "seen", "score": -1}]},
        {"candidates": [{"id": "1", "outcome": "seen", "score": 101}]},
        {"candidates": [{"id": "1", "outcome": "seen", "score": True}]},
        {"sources": [{"through": "9999-12-31"}]},
        {"sources": "none"},
    ],
)
def test_a_report_that_later_nights_could_not_read_is_refused(change):
    data = json.loads(Path(ROOT / "reports/cv-restoration/2026/01/2026-01-30.json").read_text("utf-8"))
    whole = json.dumps(data)
    check_data(whole, "cv-restoration", "2026-01-30", ALLOWED)
    with pytest.raises(DigestError):
        check_data(json.dumps(data | change), "cv-restoration", "2026-01-30", ALLOWED)


def test_what_stands_twice_is_the_same():
    """The publishing job installs nothing, so it cannot import the models: what it knows of them is written again."""
    assert set(get_args(Outcome)) == validate.OUTCOMES
    links = {name for name, field in Links.model_fields.items() if "str" in str(field.annotation)}
    assert links <= validate.LINK_FIELDS


def test_counts_come_from_the_data():
    assert check_data(data(), "cv", "2026-01-30", ALLOWED) == (2, 60, 2)


def test_papers_seen_before_are_not_counted():
    digest = json.loads(data())
    for candidate in digest["candidates"][50:]:
        candidate["outcome"] = "seen"
    assert check_data(json.dumps(digest), "cv", "2026-01-30", ALLOWED)[1] == 50


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        data(schema_version=1),
        data(schema_version=3),
        data(schema_version=True),
        data(date="2026-01-31"),
        data(profile="other"),
        data(candidates=[1]),
        data(pending=None),
        data(run_url="https://evil.example/runs/1"),
        data(picks=[{"url": "javascript:alert(1)"}]),
        data(picks=[{"links": {"code": "https://evil.example"}}]),
        data(usage=float("nan")),
    ],
    ids=range(14),
)
def test_odd_data_is_refused(text):
    with pytest.raises(DigestError):
        check_data(text, "cv", "2026-01-30", ALLOWED)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-1-30", "２０２６-01-30", "20260130", "2026-W05-5"])
def test_what_is_no_day(text):
    assert is_date("2024-02-29")
    assert not is_date(text)


def test_an_address_in_the_data_may_hold_an_ampersand():
    """As the links of most blogs do (`?utm_source=rss&utm_medium=rss`); the page writes it as an entity."""
    page = "https://someone.github.io/post?utm_source=rss&utm_medium=rss"
    check_data(data(picks=[{"url": page}]), "cv", "2026-01-30", ALLOWED)
    check_page(f"# 2026-01-30\n\n{page_module.link('x', page)}\n", "page", ALLOWED)
    for evil in ("https://evil.example&sol;.github.io/", "https://evil.example&/"):
        with pytest.raises(DigestError):
            check_data(data(picks=[{"url": evil}]), "cv", "2026-01-30", ALLOWED)
