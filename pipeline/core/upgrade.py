"""The report's schema version, and the upgrade of older reports."""

from typing import Any, Final

SCHEMA_VERSION: Final = 2


def upgrade(raw: Any) -> Any:
    """Return the JSON value of a report in the present schema; anything else, and other versions, unchanged.

    Version 2 calls `shortlisted` what version 1 called `not_picked`; all of its new fields are optional.
    """
    if not isinstance(raw, dict) or type(raw.get("schema_version")) is not int or raw["schema_version"] != 1:
        return raw
    candidates = raw.get("candidates")
    if isinstance(candidates, list):
        candidates = [_renamed(candidate) for candidate in candidates]
    return {**raw, "schema_version": SCHEMA_VERSION, "candidates": candidates}


def _renamed(candidate: Any) -> Any:
    if isinstance(candidate, dict) and candidate.get("outcome") == "not_picked":
        return {**candidate, "outcome": "shortlisted"}
    return candidate
