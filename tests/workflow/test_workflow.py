"""digest.yml, run whole on this machine. All cases: `python -m tests.workflow.matrix`; these are the quick ones."""

import shutil

import pytest

from tests.workflow.cases import CASES
from tests.workflow.harness import ACT, World

# Those that end within two seconds.
SHORT = {"bad input: a shell in the date", "kill in score", "no key", "paused", "the readme has four steps"}
QUICK = [
    pytest.param(one, id=name, marks=() if name in SHORT else pytest.mark.slow)
    for name, one in CASES.items()
    if one.quick
]


@pytest.mark.parametrize("case", QUICK)
def test_case(case, tmp_path):
    case.play(World(tmp_path))


def test_there_is_something_to_run_it_with():
    assert ACT.exists()
    assert shutil.which("git")


def test_the_matrix_has_its_cases():
    assert len(CASES) >= 100
