"""A report of version 1 is read for good: cut from one that 0.1.0 wrote, with three of its candidates and a pick."""

import json
from pathlib import Path

import pytest

from pipeline.core.artifacts import Digest, Fetched
from pipeline.core.errors import DigestError
from pipeline.core.store import dumps, parse_artifact
from pipeline.core.upgrade import upgrade

OLD = Path(__file__).parent / "report_v1.json"


def test_a_report_of_version_1_becomes_one_of_version_2_and_loses_nothing() -> None:
    raw = json.loads(OLD.read_bytes())
    assert {candidate["outcome"] for candidate in raw["candidates"]} >= {"picked", "not_picked"}
    digest = parse_artifact(OLD.read_bytes(), Digest, path="x", hint="")
    new = json.loads(dumps(digest))
    assert new.pop("schema_version") == 2
    del raw["schema_version"]
    for candidate in raw["candidates"]:
        candidate["outcome"] = {"not_picked": "shortlisted"}.get(candidate["outcome"], candidate["outcome"])
    assert new == raw, "no new field is written where it has no value"


def test_the_given_value_is_not_changed_and_a_second_upgrade_does_nothing() -> None:
    raw = json.loads(OLD.read_bytes())
    before = json.dumps(raw)
    once = upgrade(raw)
    assert json.dumps(raw) == before
    assert upgrade(once) is once


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "x",
        {},
        {"schema_version": 2},
        {"schema_version": True},
        {"schema_version": "1"},
        {"schema_version": 1.0},
    ],
    ids=str,
)
def test_what_is_no_report_of_version_1_stays_as_it_is(raw: object) -> None:
    assert upgrade(raw) is raw


@pytest.mark.parametrize("candidates", [None, 7, [None], [{"outcome": ["not_picked"]}]], ids=str)
def test_damaged_candidates_are_left_to_the_validation(candidates: object) -> None:
    assert upgrade({"schema_version": 1, "candidates": candidates})["candidates"] == candidates


def test_artifacts_of_a_run_are_not_upgraded() -> None:
    """They live for one night, and the stage that made them can be run again."""
    with pytest.raises(DigestError, match="schema_version 1, expected 2"):
        parse_artifact(b'{"schema_version": 1}', Fetched, path="x", hint="")
