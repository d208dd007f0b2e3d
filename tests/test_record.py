"""The recording of the sample day: made against any endpoint, and replayed without one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli.app import main
from pipeline.sources import sample
from tests.record import record
from tests.stubs.messages import MessagesStub

KEY = "sk-ant-planted-0123456789abcdef"


@pytest.mark.slow
def test_what_an_endpoint_answers_is_replayed_and_not_asked_for_twice(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path("answers.jsonl")
    with MessagesStub(keys=[KEY]) as stub:
        given: dict[str, Any] = {
            "model": "stub",
            "said": "The stub of the tests.",
            "on": dt.date(2026, 11, 29),
            "environ": {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": stub.url},
            "profiles": ("cv-restoration",),
        }
        first = record(file, **given)
        asked = len(stub.asked)
        assert asked >= len(first.answers) > 0
        assert record(file, **given) == first
        assert len(stub.asked) == asked
    monkeypatch.setattr(sample, "ANSWERS", file)
    result = CliRunner().invoke(main, ["run", "--sample"])
    assert result.exit_code == 0, result.output
    assert "The stub of the tests." in result.stderr
