from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from pipeline.core.store import dumps
from tests.report import days

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"


@pytest.mark.parametrize("kind", ["full", "unscored", "local"])
def test_reports_are_valid(kind: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    report = json.loads(dumps(days.KINDS[kind]("en")))
    validator.validate(report)
    assert not validator.is_valid({**report, "schema_version": 3})
    assert not validator.is_valid({**report, "surprise": 1})
    assert not validator.is_valid({key: value for key, value in report.items() if key != "picks"})


def test_the_report_names_every_field_that_others_rely_on() -> None:
    report = json.loads(dumps(days.full("en")))
    assert {
        "profile",
        "date",
        "title",
        "language",
        "engine",
        "sources",
        "candidates",
        "picks",
        "pending",
    } <= set(report)
    assert {
        "id",
        "title",
        "url",
        "authors",
        "signals",
        "score",
        "topic",
        "transfer",
        "substance",
        "spread",
    } <= set(report["candidates"][0])
    assert {"reason", "outcome", "flags", "judged_by"} <= set(report["candidates"][0])
    assert {"basis", "headline", "hook", "links", "sections", "claims_dropped"} <= set(report["picks"][0])
    claim = report["picks"][0]["sections"][0]["claims"][0]
    assert set(claim) == {"text", "terms", "kind", "evidence", "reading"}
    assert set(claim["evidence"][0]) == {"sentence", "section", "anchor", "url", "quote"}
    assert {"calls", "input_tokens", "output_tokens", "usd"} <= set(report["usage"])
    assert set(report["provenance"]) == {"generated_at", "run_url", "prompts", "profile", "version"}
