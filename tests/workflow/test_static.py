"""The workflows as they stand, without running them; and that the checks would notice what they are for."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.cli.app import main
from pipeline.core.artifacts import Digest
from tests.workflow import stand_in, static
from tests.workflow.harness import ROOT
from tests.workflow.mutants import DIGEST, PLAYED, SITE

BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PROBLEMS = {DIGEST: static.problems_of_digest, SITE: static.problems_of_site}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_workflow_is_in_order(path):
    assert static.problems(path.read_text("utf-8")) == []


def test_the_nightly_one_holds_its_promises():
    assert static.problems_of_digest((ROOT / DIGEST).read_text("utf-8")) == []


def test_the_one_of_the_site_holds_its_promises():
    assert static.problems_of_site((ROOT / SITE).read_text("utf-8")) == []


def test_a_caller_grants_what_the_jobs_of_the_site_ask_for():
    """No more and no less: with less, GitHub refuses the whole workflow, and no digest is made."""
    asked: dict[str, str] = {}
    for job in yaml.safe_load((ROOT / SITE).read_text("utf-8"))["jobs"].values():
        asked |= job["permissions"]
    assert yaml.safe_load((ROOT / DIGEST).read_text("utf-8"))["jobs"]["site"]["permissions"] == asked


@pytest.mark.parametrize("mutant", [one for one in PLAYED if not one.case], ids=lambda one: one.name)
def test_a_broken_workflow_is_noticed(mutant):
    assert PROBLEMS.get(mutant.file, static.problems)(mutant.text()) != []


def test_every_mutant_still_breaks_something():
    for mutant in PLAYED:
        assert mutant.text() != (ROOT / mutant.file).read_text("utf-8"), mutant.name


@pytest.mark.parametrize(
    "command", [["zizmor", "--offline", "--persona=pedantic", "--quiet", "."], ["actionlint"]]
)
def test_linters_find_nothing(command):
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_update_waits_a_week_and_comes_in_a_group():
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text("utf-8"))["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"github-actions", "pip"}
    assert all(one["cooldown"]["default-days"] >= 7 and one["groups"] for one in updates)


def test_every_python_that_is_promised_is_tested():
    data = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    assert data["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_reports_of_the_stand_in_are_reports():
    digest = stand_in.report("cv", "2026-01-30", pending=2)
    assert len(Digest.model_validate(digest).pending) == 2


def test_a_night_is_six_jobs_and_more_only_with_a_secret_or_a_variable():
    jobs = yaml.safe_load((ROOT / DIGEST).read_text("utf-8"))["jobs"]
    assert len(jobs) == 8
    assert "needs.tell.outputs.notify == 'true'" in jobs["notify"]["if"]
    assert static.WANTED in jobs["site"]["if"]
    assert jobs["fetch"]["name"] == "Plan and fetch"


def test_each_stage_takes_every_option_that_the_workflow_gives_it():
    lines = re.findall(r"(?m)^(\w+)\) takes='([a-z ]+)'", (ROOT / ".github/stage.sh").read_text("utf-8"))
    assert [stage for stage, _ in lines] == ["plan", "fetch", "score", "texts", "analyze", "render"]
    for stage, names in lines:
        options = {name for option in main.commands[stage].params for name in option.opts}
        assert {"--date", *(f"--{name}" for name in names.split())} <= options, stage
