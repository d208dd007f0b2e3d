"""The three example profiles through the whole pipeline: their categories, their language, their prose, their pages."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config.profile import SHIPPED
from tests import readings
from tests.nights import SAMPLE, Nights, lists, recorded_days
from tests.report.github import render
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import prompt_text
from tests.stubs.world import Record, World, days_of, record

FRIDAY = dt.date(2026, 1, 30)
PAPER = Path(__file__).parent / "feeds/arxiv_html/synthetic/2601.99999v1.arxiv2026.html"
EXAMPLES = {
    "cv-restoration": ("zh-CN", "cs.CV+eess.IV", 108, ["核心创新点", "技术细节", "实验与结果", "对我的启发", "潜在缺陷"]),
    "llm-agents": ("en", "cs.CL+cs.AI+cs.LG+cs.SE", 34, ["Key contribution", "Method", "Setup and results", "Takeaways for me", "Limitations"]),
    "robot-learning": ("ja", "cs.RO+cs.LG+cs.CV", 108, ["主な貢献", "手法の詳細", "実験と結果", "自分への示唆", "限界"]),
}  # fmt: skip


def categories() -> dict[str, list[str]]:
    """Of the papers of the recorded Friday, by id: the judged days left them out, the feed has them."""
    feed = ET.parse(SAMPLE / "arxiv_cs.CV_2026-01-30.xml")
    return {
        item.findtext("link", "").rsplit("/", 1)[1]: [one.text or "" for one in item.iter("category")]
        for item in feed.iter("item")
    }


def announced() -> list[Record]:
    """Friday's papers, and those that Hugging Face alone lists, as announced two days before."""
    known, friday = categories(), recorded_days()["2026-01-30"]
    papers = {raw["id"]: {**raw, "categories": known.get(raw["id"], ["cs.CV"])} for raw in friday}
    for item in (item["paper"] for day in lists().values() for item in day):
        own = {"title": item["title"], "abstract": item["summary"], "announced": "2026-01-28"}
        papers.setdefault(item["id"], {**friday[0], **own, "id": item["id"]})
    return [record(raw) for raw in papers.values()]


@pytest.fixture
def stub() -> Iterator[MessagesStub]:
    with MessagesStub(answer=readings.answer) as stub:
        yield stub


@pytest.fixture
def nights(project: Path, stub: MessagesStub) -> Iterator[Nights]:
    html = {"default": PAPER.read_bytes()}
    with World(days_of(announced(), lists()), today=FRIDAY, interval=0.0, html=html) as world:
        yield Nights(
            world,
            ANTHROPIC_API_KEY="sk-ant-x",
            ANTHROPIC_BASE_URL=stub.url,
            DIGEST_CLAUDE__STRUCTURED="format",
        )


def test_check_knows_the_examples_by_name() -> None:
    assert set(EXAMPLES) == SHIPPED


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_profile_makes_its_digest(nights: Nights, stub: MessagesStub, name: str) -> None:
    language, feed, listed, titles = EXAMPLES[name]
    said = nights.run(FRIDAY, "--engine", "claude", "--profile", name)
    assert said["pending"] == 0, said["said"]
    path = Path(f"reports/{name}/2026/01/2026-01-30.md")
    page, digest = path.read_text("utf-8"), json.loads(path.with_suffix(".json").read_text("utf-8"))
    if keep := os.environ.get("DIGEST_TEST_KEEP"):
        shutil.copytree("reports", keep, dirs_exist_ok=True)
    assert [one.path for one in nights.world.seen("rss")] == [f"/rss/{feed}"]
    assert {one["name"]: one["count"] for one in digest["sources"]} == {"huggingface": 39, "arxiv": listed}
    assert digest["language"] == language
    prose = Path(f"prompts/profiles/{name}.md").read_text("utf-8").split("---\n", 2)[2].strip()
    assert all(prose in prompt_text(call.body) for call in stub.asked if "headline" in prompt_text(call.body))
    words = readings.WORDS[language]
    for pick in digest["picks"]:
        assert pick["basis"] == "html"
        assert [one["title"] for one in pick["sections"]] == titles
        assert [len(one["claims"]) for one in pick["sections"]] == [2, 1, 0, 1, 1]
        assert pick["claims_dropped"] == 1
    for key in ("headline", "hook", "gain", "try", "limit"):
        assert words[key] in page.replace("\\", ""), key
    assert readings.WRONG not in page
    shown = render(page)
    assert all(one["title"].split(":")[0].split("$")[0] in shown for one in digest["picks"])
    assert len(re.findall(r"<li>", shown)) >= len(digest["candidates"])
