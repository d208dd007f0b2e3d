"""A whole day at every kind of endpoint: one host for each way to ask, against a stand-in that refuses what it refuses.

The connection goes to loopback; only the provider's profile is chosen as if the base address were the host's.
The stand-in plays what is documented: nobody has called the hosts themselves.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.llm import providers
from tests import readings
from tests.nights import Nights, calendar, report
from tests.stubs.messages import MessagesStub
from tests.stubs.messages_answers import wanted_schema
from tests.stubs.world import World

FRIDAY = dt.date(2026, 1, 30)
PAPER = Path(__file__).parents[1] / "feeds/arxiv_html/synthetic/2601.99999v1.arxiv2026.html"
CLAUDE, TOOL = "claude-haiku-5-5", "tool"
# base address, its model, what the stand-in plays, tool_choice, thinking: by hand from the hosts' documentation
PLAYED = [
    ("https://api.anthropic.com", CLAUDE, "anthropic", None, None),
    ("https://api.deepseek.com/anthropic", "deepseek-v4-pro", "forced_tool", TOOL, "disabled"),
    ("https://api.moonshot.ai/anthropic", "kimi-k2.6", "any_tool", "any", None),
    ("https://api.z.ai/api/anthropic", "glm-5", "auto_tool", "auto", "disabled"),
    ("https://api.minimax.io/anthropic", "MiniMax-M2", "anthropic", TOOL, None),
    ("https://gateway.example.org", "some-model", "prose", None, None),
]


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """The careful reader of `readings`, whatever form the question for JSON took."""
    schema = wanted_schema(body)
    assert schema is not None
    return readings.answer({**body, "output_config": {"format": {"schema": schema}}})


DAILY = {"https://api.anthropic.com", "https://api.deepseek.com/anthropic"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "model", "mode", "tool", "thinking"),
    [
        pytest.param(*row, id=f"{row[0]} {row[1]}", marks=() if row[0] in DAILY else pytest.mark.long)
        for row in PLAYED
    ],
)
def test_a_day_at_every_kind_of_endpoint(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    model: str,
    mode: Any,
    tool: str | None,
    thinking: str | None,
) -> None:
    path = project / "prompts/profiles/cv-restoration.md"
    own = f"quality: standard\nmodels: {{score: {model}, analyze: {model}}}"
    path.write_text(path.read_text("utf-8").replace("quality: standard", own), "utf-8")
    choose = providers.choose
    monkeypatch.setattr(providers, "choose", lambda _, *given: choose(url, *given))
    with (
        World(calendar(), today=FRIDAY, interval=0.0, html={"default": PAPER.read_bytes()}) as world,
        MessagesStub(answer=answer, mode=mode, models=[model]) as stub,
    ):
        nights = Nights(world, ANTHROPIC_API_KEY="sk-x", ANTHROPIC_BASE_URL=stub.url)
        said = nights.run(FRIDAY, "--engine", "claude")
        assert (said["pending"], said["picks"]) == (0, 2), said["said"]
        bodies = [call.body for call in stub.asked]
    assert len(bodies) >= 10
    for body in bodies:
        assert (body.get("tool_choice") or {}).get("type") == tool, json.dumps(body)[:300]
        assert (body.get("thinking") or {}).get("type") == thinking
        assert ("format" in body.get("output_config", {})) == (mode == "anthropic" and tool is None)
        assert bool(body.get("tools")) == (tool is not None)
    published = report(FRIDAY)
    assert published is not None
    assert [one["claims_dropped"] for one in published["picks"]] == [1, 1]
