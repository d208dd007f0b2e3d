"""All cases: the import of a module adds its own to the list."""

from tests.workflow import (
    cases_between,
    cases_content,
    cases_failing,
    cases_partly,
    cases_push,
    cases_real,
    cases_run,
    cases_server,
    cases_site,
    cases_told,
    cases_votes,
    four_steps,
)
from tests.workflow.registry import CASES

__all__ = [
    "CASES",
    "cases_between",
    "cases_content",
    "cases_failing",
    "cases_partly",
    "cases_push",
    "cases_real",
    "cases_run",
    "cases_server",
    "cases_site",
    "cases_told",
    "cases_votes",
    "four_steps",
]
