"""Several profiles in one invocation: one connection, one line to the model, and each on its own feet."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.app import main
from pipeline.core import atomic
from pipeline.core.artifacts import Digest
from pipeline.report.page import summary
from pipeline.stages import render
from tests.nights import calendar
from tests.stubs.messages import MessagesStub
from tests.stubs.world import Fault, World

FRIDAY = dt.date(2026, 1, 30)


@pytest.fixture
def world(project: Path) -> Iterator[World]:
    for name in ("one", "two", "three"):
        shutil.copy("prompts/profiles/cv-restoration.md", f"prompts/profiles/{name}.md")
    with World(calendar(), today=FRIDAY, interval=0.0) as world:
        yield world


def run(
    world: World, *words: str, code: int = 0, environ: dict[str, str] | None = None, command: str = "run"
) -> Result:
    given = {
        **world.environ,
        "SOURCE_DATE_EPOCH": "1769752020",
        "DIGEST_HTTP__MAX_WAIT_SECONDS": "0.05",
        **(environ or {}),
    }
    result = CliRunner().invoke(main, [command, *words], env=given)
    assert result.exit_code == code, result.output
    return result


ALL = ("--profile", "one", "--profile", "two", "--profile", "three")


def test_a_vote_on_a_paper_that_nobody_knows_is_told_of_in_the_summary(world: World, tmp_path: Path) -> None:
    file = Path("reports/one/votes.tsv")
    file.parent.mkdir(parents=True)
    file.write_text("date\tpaper\tverdict\tissue\n2026-01-30\t2601.99999\tmore\t12\n")
    summary = tmp_path / "summary.md"
    given = {"DIGEST_FEEDBACK__VOTES": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_ACTIONS": "true"}
    result = run(world, *ALL, environ=given, command="fetch")
    said = "one: votes on papers that neither arXiv nor a report knows weigh nothing: 2601.99999 (issue #12)."
    assert summary.read_text().startswith(f"- {said}")
    assert f"::warning::{said}" in result.output
    assert result.output.count("::warning::") == 1


def test_profiles_share_the_days_lists(world: World) -> None:
    run(world, "--engine", "local", *ALL)
    assert len(world.seen("rss")) == 1
    assert len(world.seen("huggingface")) == 2
    assert len(world.seen("html")) == 2, "the picks are the same; each text is fetched once"
    for name in ("one", "two", "three"):
        assert json.loads(Path(f"reports/{name}/2026/01/2026-01-30.json").read_text())["profile"] == name


def test_a_retry_is_said_with_its_stage_and_host_once_for_all_profiles(world: World) -> None:
    world.fault("rss", Fault(503))
    world.fault("html", Fault(429))
    said = run(world, "--engine", "local", *ALL).stderr.splitlines()
    host = world.arxiv.removeprefix("http://")
    assert [line for line in said if "try 1 of 4" in line] == [
        f"fetch: {host}: try 1 of 4, next in 0 s (HTTP 503)",
        f"texts: {host}: try 1 of 4, next in 0 s (HTTP 429)",
    ]


@pytest.mark.long
def test_profiles_share_one_line_to_the_model(world: World) -> None:
    with MessagesStub(latency=0.02) as stub:
        environ = {
            "ANTHROPIC_API_KEY": "sk-ant-x",
            "ANTHROPIC_BASE_URL": stub.url,
            "DIGEST_CLAUDE__STRUCTURED": "format",
            "DIGEST_CLAUDE__CONCURRENCY": "3",
        }
        run(world, "--engine", "claude", *ALL, environ=environ)
        assert stub.peak <= 3
        assert len(stub.asked) >= 3 * 10


def test_a_wrong_key_is_tried_by_one_profile_alone(world: World) -> None:
    with MessagesStub(keys=["sk-ant-right"], latency=0.05) as stub:
        environ = {
            "ANTHROPIC_API_KEY": "sk-ant-wrong",
            "ANTHROPIC_BASE_URL": stub.url,
            "DIGEST_CLAUDE__STRUCTURED": "format",
            "DIGEST_CLAUDE__CONCURRENCY": "1",
        }
        said = run(world, "--engine", "claude", *ALL, code=4, environ=environ).stderr
        assert said.count("\nerror: ") == 1
        assert len(stub.asked) == 1


def test_one_profile_that_fails_takes_no_other_with_it(world: World) -> None:
    path = Path("prompts/profiles/two.md")
    path.write_text(
        path.read_text().replace("arxiv: [cs.CV, eess.IV]", "arxiv: [cs.RO]").replace("huggingface, ", "")
    )
    world.fault("rss", Fault(503), times=None)
    said = run(world, "--engine", "local", *ALL, code=1, environ={"DIGEST_HTTP__ATTEMPTS": "1"}).stderr
    assert "error: no source could be read: arxiv" in said
    assert Path("reports/one/2026/01/2026-01-30.md").exists()
    assert not Path("reports/two").exists()
    assert Path("reports/three/2026/01/2026-01-30.md").exists()


def test_a_stage_that_has_made_its_artifact_ends_well_whatever_is_left_to_do(world: World) -> None:
    """Exit code 3 is that of `digest run`: in the workflow a published report with something left is green."""
    world.fault("huggingface", Fault(503), times=None)
    one = ("--profile", "one", "--date", "2026-01-30")
    once = {"DIGEST_HTTP__ATTEMPTS": "1"}
    for stage in ("fetch", "score", "texts", "analyze", "render"):
        engine = () if stage in {"fetch", "texts"} else ("--engine", "local")
        said = run(world, *engine, *one, environ=once, command=stage).stderr
    assert "huggingface could not be read" in said
    shutil.rmtree("reports/one")
    run(world, "--engine", "local", *one, code=3, environ=once)


def test_a_profile_that_is_complete_is_told_of_beside_one_that_is_made(world: World) -> None:
    run(world, "--engine", "local", "--profile", "one")
    page = Path("reports/one/2026/01/2026-01-30.json")
    before = (page.read_bytes(), page.stat().st_mtime_ns)
    both = run(world, "--engine", "local", "--json", "--profile", "one", "--profile", "two")
    states = {said["profile"]: said["state"] for said in map(json.loads, both.stdout.splitlines())}
    assert states == {"one": "unchanged", "two": "published"}
    assert (page.read_bytes(), page.stat().st_mtime_ns) == before


def test_a_damaged_report_of_the_day_is_said_and_the_others_go_on(world: World) -> None:
    run(world, "--engine", "local", "--profile", "one", "--profile", "two")
    Path("reports/two/2026/01/2026-01-30.json").write_text("{")
    result = run(world, "--engine", "local", "--json", *ALL, code=1)
    assert result.stderr.count("error: reports/two/2026/01/2026-01-30.json: is not JSON") == 1
    states = {said["profile"]: said["state"] for said in map(json.loads, result.stdout.splitlines())}
    assert states == {"one": "unchanged", "three": "published"}


def test_a_complete_date_whose_indexes_cannot_be_made_is_said_and_the_others_go_on(world: World) -> None:
    run(world, "--engine", "local", "--profile", "one", "--profile", "two")
    shutil.copytree("reports/one/2026/01", "reports/one/2025/12")
    Path("reports/one/2025/12/2026-01-30.json").rename("reports/one/2025/12/2025-12-30.json")
    Path("reports/one/2025/12/index.json").unlink()
    result = run(world, "--engine", "local", "--json", *ALL, code=1)
    assert (
        "2025-12-30.json: is not a report of schema version 2 (ValueError: it is the report of"
        in result.stderr
    )
    assert "restore it with `git checkout -- reports/one/2025/12/2025-12-30.json`" in result.stderr
    states = {said["profile"]: said["state"] for said in map(json.loads, result.stdout.splitlines())}
    assert states == {"two": "unchanged", "three": "published"}


def states(result: Result) -> dict[str, str]:
    return {said["profile"]: said["state"] for said in map(json.loads, result.stdout.splitlines())}


def test_a_work_folder_that_cannot_be_written_costs_one_profile_its_night(world: World) -> None:
    Path(".work").mkdir()
    Path(".work/two").write_text("in the way")
    result = run(world, "--engine", "local", "--json", *ALL, code=1)
    assert "error: .work/two: cannot be used: File exists" in result.stderr
    assert "hint: point --work to a folder that can be written" in result.stderr
    assert states(result) == {"one": "published", "three": "published"}


def test_a_full_disk_costs_one_profile_its_night(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = atomic.write_files

    def full(files: Mapping[Path, bytes]) -> None:
        if any(name.parts[:2] == (".work", "two") and name.name == "scored.json" for name in files):
            raise OSError(28, "No space left on device")
        whole(files)

    monkeypatch.setattr(atomic, "write_files", full)
    result = run(world, "--engine", "local", "--json", *ALL, code=1)
    assert "two/2026-01-30/scored.json: cannot be written: No space left on device" in result.stderr
    assert "hint: free some space" in result.stderr
    assert states(result) == {"one": "published", "three": "published"}


@pytest.mark.parametrize(
    "odd",
    [
        "a folder",
        "no text",
        *(
            pytest.param(x, marks=pytest.mark.long)
            for x in ("a link to nothing", "nested", "an endless number")
        ),
    ],
)
def test_an_odd_file_among_the_reports_costs_one_profile_its_night(world: World, odd: str) -> None:
    run(world, "--engine", "local", "--date", "2026-01-29", "--profile", "two")
    path = Path("reports/two/2026/01/2026-01-29.json")
    text = path.read_text()
    path.unlink()
    match odd:
        case "a folder":
            path.mkdir()
        case "a link to nothing":
            path.symlink_to("nowhere")
        case "nested":
            path.write_text("[" * 200_000)
        case "an endless number":
            path.write_text(text.replace('"threshold": 60', '"threshold": 1e999'))
        case "no text":
            path.write_text(text.replace('"run_url": null', '"run_url": 5'))
    result = run(world, "--engine", "local", "--json", *ALL, code=1)
    assert "Traceback" not in result.stderr
    assert sum(line.startswith("error: ") for line in result.stderr.splitlines()) == 1
    assert "2026-01-29.json" in result.stderr or "reports/two: the reports are there" in result.stderr
    assert states(result) == {"one": "published", "three": "published"}


def test_what_nobody_has_thought_of_costs_one_profile_its_night(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = render.page

    def surprise(digest: Digest) -> str:
        if digest.profile == "two":
            raise ZeroDivisionError("::error::surprise")
        return page(digest)

    monkeypatch.setattr(render, "page", surprise)
    result = run(world, "--engine", "local", "--json", *ALL, code=1)
    assert "error: two: ZeroDivisionError: ::error::surprise" in result.stderr
    assert "a mistake of the program" in result.stderr
    assert "in surprise" in result.stderr, "where it came from"
    assert not any(line.startswith("::") for line in result.stderr.splitlines())
    assert states(result) == {"one": "published", "three": "published"}
    with pytest.raises(ExceptionGroup):
        CliRunner().invoke(main, ["run", "--sample", "--profile", "two"], catch_exceptions=False)


def test_another_engine_is_one_profiles_matter(world: World) -> None:
    run(world, "--engine", "local", "--profile", "two")
    path = Path("reports/two/2026/01/2026-01-30.json")
    raw = json.loads(path.read_text())
    owed = {"id": raw["picks"][0]["id"], "stage": "analyze", "reason": "HTTP 529", "since": "2026-01-30"}
    path.write_text(json.dumps(raw | {"engine": "claude", "pending": [owed]}))
    result = run(world, "--engine", "local", "--json", *ALL, code=1)
    assert "two 2026-01-30 was scored by the engine `claude`" in result.stderr
    assert states(result) == {"one": "published", "three": "published"}


def test_two_runs_at_once_do_not_share_a_work_folder(world: World) -> None:
    Path(".work/two").mkdir(parents=True)
    handle = os.open(".work/two", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        result = run(world, "--engine", "local", "--json", *ALL, code=1)
    finally:
        os.close(handle)
    assert "error: .work/two: another run is at work here" in result.stderr
    assert states(result) == {"one": "published", "three": "published"}
    assert states(run(world, "--engine", "local", "--json", *ALL))["two"] == "published"


def outputs(file: Path) -> dict[str, str]:
    """What a step of the workflow has put out, by name; the last word counts."""
    lines = iter(file.read_text().splitlines())
    found = {}
    for line in lines:
        name, _, end = line.partition("<<")
        value = next(lines)
        assert next(lines) == end
        found[name] = value
    return found


def command(world: World, environ: dict[str, str], *words: str, code: int = 0) -> Result:
    given = {**world.environ, "SOURCE_DATE_EPOCH": "1769752020", **environ}
    takes = {name for option in main.commands[words[0]].params for name in option.opts}
    engine = () if "--engine" in words or "--engine" not in takes else ("--engine", "local")
    result = CliRunner().invoke(main, [*words, *engine], env=given)
    assert result.exit_code == code, result.output
    return result


def test_the_workflow_is_told_who_goes_on_who_failed_and_what_was_not_read(
    world: World, tmp_path: Path
) -> None:
    path = Path("prompts/profiles/two.md")
    path.write_text(path.read_text().replace("sources: [huggingface, arxiv]", "sources: [arxiv]"))
    world.fault("rss", Fault(503), times=None)
    file = tmp_path / "output"
    environ = {"GITHUB_OUTPUT": str(file), "DIGEST_HTTP__ATTEMPTS": "1"}
    command(world, environ, "fetch", *ALL, code=1)
    assert outputs(file) == {"made": "one,three", "failed": "two", "unread": "arxiv"}
    command(world, environ, "score", *ALL, code=1)
    assert outputs(file) == {"made": "one,three", "failed": "two", "unread": ""}


def test_who_has_nothing_new_goes_on_only_for_what_is_pending(world: World, tmp_path: Path) -> None:
    both = ("--profile", "one", "--profile", "two")
    run(world, "--engine", "local", *both)
    path = Path("reports/one/2026/01/2026-01-30.json")
    raw = json.loads(path.read_text())
    owed = {"id": raw["picks"][0]["id"], "stage": "analyze", "reason": "HTTP 529", "since": "2026-01-30"}
    path.write_text(json.dumps(raw | {"pending": [owed]}))
    file = tmp_path / "output"
    world.today = dt.date(2026, 1, 31)
    saturday = {"SOURCE_DATE_EPOCH": "1769838420", "GITHUB_OUTPUT": str(file)}
    said = command(world, saturday, "fetch", *both).stderr
    assert "one 2026-01-31 fetch: 0 new, 1 again" in said
    assert "two 2026-01-31 fetch: 0 new, " in said
    assert outputs(file)["made"] == "one"


def test_an_estimate_of_a_complete_date_is_made_all_the_same(world: World, tmp_path: Path) -> None:
    run(world, "--engine", "local", "--profile", "one")
    file = tmp_path / "summary"
    words = ("--dry-run", "--profile", "one")
    said = run(world, "--engine", "local", *words, environ={"GITHUB_STEP_SUMMARY": str(file)}).stdout
    assert said.startswith("one score: ")
    assert file.read_text() == "".join(f"- {line}\n" for line in said.splitlines())


@pytest.fixture
def priced(world: World, tmp_path: Path) -> Iterator[tuple[MessagesStub, dict[str, str]]]:
    """A model, and an environment in which `one` has been scored by it, with the job summary of that."""
    with MessagesStub() as stub:
        environ = {
            "ANTHROPIC_API_KEY": "sk-ant-x",
            "ANTHROPIC_BASE_URL": stub.url,
            "DIGEST_CLAUDE__STRUCTURED": "format",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        }
        command(world, environ, "fetch", "--profile", "one")
        command(world, environ, "score", "--engine", "claude", "--profile", "one")
        yield stub, environ


def test_what_scoring_cost_and_the_digest_stand_in_the_job_summary(
    world: World, priced: tuple[MessagesStub, dict[str, str]]
) -> None:
    file = Path(priced[1]["GITHUB_STEP_SUMMARY"])
    (line,) = file.read_text().splitlines()
    assert line.startswith("- one 2026-01-30 score: 8 calls, ")
    words = ("--engine", "claude", "--profile", "one")
    run(world, *words, "--from", "analyze", environ=priced[1])
    raw = json.loads(Path("reports/one/2026/01/2026-01-30.json").read_text())
    assert file.read_text() == f"{line}\n{summary(Digest.model_validate(raw))}"


@pytest.mark.parametrize("words", [("analyze",), ("run", "--from", "analyze")])
def test_one_budget_holds_for_scoring_and_reading_in_two_processes(
    world: World, priced: tuple[MessagesStub, dict[str, str]], words: tuple[str, ...]
) -> None:
    """Scoring has taken all but a hundredth of a cent of a dollar; a reading costs more."""
    stub, environ = priced
    path = Path(".work/one/2026-01-30/scored.json")
    raw = json.loads(path.read_text())
    raw["spent"]["score"]["usd"] = 0.9999
    path.write_text(json.dumps(raw))
    before = len(stub.asked)
    code = 3 if words[0] == "run" else 0
    said = command(world, environ, *words, "--engine", "claude", "--profile", "one", code=code).stderr
    assert "0 analyzed" in said
    assert "budget" in said
    assert len(stub.asked) == before
