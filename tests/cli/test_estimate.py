"""What a run would cost, from prices on the price list and a count by hand."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.core.models import Spent
from tests.cli.test_app import digest


def test_the_sample_day_is_priced_without_spending(project: Path) -> None:
    """140 papers are 6 batches, a second pass of 20 and a comparison; 0.10 and 0.50 USD a million for the model that ranks."""
    result = digest("run", "--sample", "--dry-run", "--json")
    found = json.loads(result.stdout)
    score, analyze = (Spent.model_validate(found["stages"][stage]) for stage in ("score", "analyze"))
    assert score.calls == 6 + 1 + 1
    assert analyze.calls == 2
    assert score.usd == round((score.input_tokens * 0.10 + score.output_tokens * 0.50) / 1e6, 4)
    assert analyze.usd == round((analyze.input_tokens * 2 + analyze.output_tokens * 10) / 1e6, 4)
    verify, brief = (Spent.model_validate(found["stages"][stage]) for stage in ("verify", "brief"))
    assert (verify.calls, brief.calls) == (2 + 1, 1)
    assert (brief.input_tokens, brief.output_tokens) == (500 + 5 * 450, 5 * 120)
    assert brief.usd == 0.0006  # (2,750 x 0.10 + 600 x 0.50) / 1e6
    assert "score: at most 8 calls, " in digest("run", "--sample", "--dry-run").stdout
    assert not Path("reports").exists()
    assert not Path(".work/cv-restoration/2026-01-30/scored.json").exists()


def test_a_complete_report_costs_nothing(project: Path) -> None:
    digest("run", "--sample", "--engine", "local")
    result = digest("run", "--sample", "--dry-run", "--json")
    assert json.loads(result.stdout)["stages"] == {}
    assert "fetch" not in result.stderr
    again = digest("run", "--sample", "--dry-run", "--force", "--json").stdout
    assert json.loads(again)["stages"]["score"]["calls"] == 8


def test_the_budget_is_held_against_it(project: Path) -> None:
    assert "the budget of 1 USD allows it" in digest("run", "--sample", "--dry-run").stdout
    path = Path("prompts/profiles/cv-restoration.md")
    path.write_text(path.read_text().replace("budget_usd: 1.00", "budget_usd: 0.05"))
    assert "the budget of 0.05 USD does NOT allow it" in digest("run", "--sample", "--dry-run").stdout


def test_a_model_without_a_price_is_said(project: Path) -> None:
    path = Path("prompts/profiles/cv-restoration.md")
    path.write_text(path.read_text().replace("picks: 2", "picks: 2\nmodels: {analyze: some-model}"))
    assert (
        "in all: at a price that digest.toml does not name" in digest("run", "--sample", "--dry-run").stdout
    )
