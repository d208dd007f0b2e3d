"""The program as a person runs it: commands in, files, words and exit codes out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.app import main
from pipeline.report import i18n

REPORT = Path("reports/cv-restoration/2026/01/2026-01-30.json")
PAGE = REPORT.with_suffix(".md")
FETCHED = Path(".work/cv-restoration/2026-01-30/fetched.json")


def digest(*words: str, code: int = 0, env: dict[str, str] | None = None) -> Result:
    """Run a command; its exit code has to be `code`, and no traceback may show."""
    result = CliRunner().invoke(main, list(words), env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def test_the_sample_makes_a_page_and_its_json(project: Path) -> None:
    result = digest("run", "--sample", "--engine", "local")
    assert result.stdout == f"{PAGE}\n"
    assert len(result.stderr.splitlines()) == 5, "one line a stage, where there is no terminal"
    raw = json.loads(REPORT.read_text())
    assert raw["schema_version"] == 2
    assert raw["engine"] == "local"
    assert raw["generated_at"] == "2026-01-30T06:00:00Z"
    assert PAGE.read_text().startswith("# 2026-01-30 周五 · CV 论文日报\n")


def test_a_run_says_once_that_its_pages_have_no_links_to_vote(project: Path) -> None:
    words = ("run", "--sample", "--engine", "local", "--profile", "cv-restoration", "--profile", "llm-agents")
    votes = {"DIGEST_FEEDBACK__VOTES": "true"}
    assert digest(*words, env=votes).stderr.count("no links to vote") == 1
    assert "no links to vote" not in digest(*words, env=votes).stderr  # nothing is made
    assert "no links to vote" not in digest(*words, "--from", "render", env=votes).stderr
    linked = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "1"}
    forced = digest(*words, "--force", env={**votes, **linked, "VOTE_LINKS": "true"})
    assert "no links to vote" not in forced.stderr
    assert "a/b/issues/new" in PAGE.read_text()


def test_every_recorded_paper_is_on_the_page_once(project: Path) -> None:
    """108 of arXiv's feed and 12 + 27 of Hugging Face; the union was counted with jq over the recorded files."""
    digest("run", "--sample")
    raw = json.loads(REPORT.read_text())
    listed = [one["id"] for one in raw["candidates"]]
    sample = Path(__file__).parents[2] / "pipeline" / "sources" / "recorded_day"
    feed = re.findall(r"oai:arXiv.org:([0-9.]+)v1", (sample / "arxiv_cs.CV_2026-01-30.xml").read_text())
    lists = [json.loads(path.read_text()) for path in sample.glob("huggingface_*.json")]
    recorded = {*feed, *(item["paper"]["id"] for items in lists for item in items)}
    assert len(listed) == len(set(listed))
    assert set(listed) == recorded
    page = PAGE.read_text()
    assert all(key in page for key in recorded)
    assert [one["outcome"] for one in raw["candidates"]].count("picked") == 2


def test_stage_by_stage_gives_the_bytes_of_a_run(project: Path) -> None:
    digest("run", "--sample")
    whole = REPORT.read_bytes(), PAGE.read_bytes()
    shutil.rmtree("reports")
    shutil.rmtree(".work")
    for stage in ("fetch", "score", "texts", "analyze"):
        digest(stage, "--sample")
        assert not REPORT.exists()
    digest("render", "--sample")
    assert (REPORT.read_bytes(), PAGE.read_bytes()) == whole


def test_a_second_run_changes_no_byte(project: Path) -> None:
    digest("run", "--sample")
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    stamps = REPORT.stat().st_mtime_ns
    result = digest("run", "--sample", "--json")
    assert json.loads(result.stdout)["state"] == "unchanged"
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
    assert REPORT.stat().st_mtime_ns == stamps
    digest("run", "--sample", "--force")
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_the_page_is_made_again_from_the_report_alone(project: Path) -> None:
    digest("run", "--sample")
    page = PAGE.read_bytes()
    shutil.rmtree(".work")
    PAGE.unlink()
    digest("run", "--sample", "--from", "render")
    assert PAGE.read_bytes() == page


def test_a_damaged_report_stops_a_run_but_not_a_forced_one(project: Path) -> None:
    digest("run", "--sample")
    whole = REPORT.read_bytes()
    REPORT.write_bytes(whole[:500])
    result = digest("run", "--sample", code=1)
    assert f"{REPORT}: is not JSON" in result.stderr
    assert f"git checkout -- {REPORT}" in result.stderr
    digest("run", "--sample", "--force")
    assert REPORT.read_bytes() == whole


def test_a_stage_without_the_one_before_says_so(project: Path) -> None:
    result = digest("score", "--sample", code=1)
    assert "there is no fetched artifact" in result.stderr
    assert "hint: run `digest fetch` first" in result.stderr


def test_a_work_folder_of_another_schema_is_refused(project: Path) -> None:
    digest("fetch", "--sample")
    FETCHED.write_text(FETCHED.read_text().replace('"schema_version": 2', '"schema_version": 7'))
    result = digest("score", "--sample", code=1)
    assert "schema_version 7, expected 2" in result.stderr
    assert "run `digest fetch` for this profile and date again" in result.stderr


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--date", "yesterday"], '--date: "yesterday" is not a date of the form YYYY-MM-DD', "Try: --date"),
        (["--date", "2026-02-30"], '--date: "2026-02-30" is not a day', "Try: --date"),
        (["--date", "２０２６-01-30"], "is not a date of the form", "Try: --date"),
        (["--date", "2031-01-01"], '--date: "2031-01-01" is still to come', "Try: --date"),
        (["--papers", "../../etc/passwd"], "is not an arXiv id", "Try: --papers 2601.16914"),
        (["--profile", "nobody"], "there is no such file", "Here are: "),
        (["--profile", "../../digest"], "is not the name of a profile", "a name has letters"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint(project: Path, words: list[str], message: str, hint: str) -> None:
    result = digest("run", "--sample", *words, code=2)
    assert message in result.stderr
    assert f"hint: {hint}" in result.stderr
    assert not Path("reports").exists()


@pytest.mark.parametrize("words", [["--picks", "0"], ["--threshold", "sixty"], ["--threshold", "101"], ["--engine", "gpt"], ["--unknown"]])  # fmt: skip
def test_what_click_refuses_ends_with_2(project: Path, words: list[str]) -> None:
    assert "Error: " in digest("run", "--sample", *words, code=2).stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("profiles/cv-restoration", "threshold: 60", "threshold: sixty", 'prompts/profiles/cv-restoration.md:14: threshold: "sixty" is not a whole number'),
        ("profiles/cv-restoration", "threshold: 60", "treshold: 60", "prompts/profiles/cv-restoration.md:14: `treshold` is not a setting"),
        ("score", "{{ papers }}", "{{ stuff }}", "prompts/score.md:60: inputs are"),
    ],
)  # fmt: skip
def test_check_and_run_refuse_what_is_wrong_with_its_line(
    project: Path, file: str, old: str, new: str, expected: str
) -> None:
    path = Path("prompts") / f"{file}.md"
    path.write_text(path.read_text().replace(old, new, 1))
    assert expected in digest("check", code=2).stderr
    assert expected in digest("run", "--sample", code=2).stderr
    assert not Path("reports").exists()


def test_an_empty_profile_is_refused(project: Path) -> None:
    path = Path("prompts/profiles/cv-restoration.md")
    path.write_text(path.read_text().split("---\n我做")[0] + "---\n")
    assert "the profile has no text" in digest("run", "--sample", code=2).stderr


def test_check_says_what_it_understood(project: Path) -> None:
    result = digest("check")
    assert result.stdout == "all right\n"
    assert (
        "cv-restoration: CV 论文日报, zh-CN, huggingface, arxiv; 2 picks from 60, standard" in result.stderr
    )


def test_check_names_every_file_that_is_wrong(project: Path) -> None:
    for name in ("one", "two"):
        Path(f"prompts/profiles/{name}.md").write_text("---\ntitle: x\narxiv: [cs.CV]\npicks: no\n---\nText")
    result = digest("check", "--json", code=2)
    problems = json.loads(result.stdout)["problems"]
    assert [problem.split(": ")[0] for problem in problems] == [
        "prompts/profiles/one.md:4",
        "prompts/profiles/two.md:4",
    ]


def test_in_actions_the_error_is_an_annotation_of_the_file(project: Path) -> None:
    path = Path("prompts/profiles/cv-restoration.md")
    path.write_text(path.read_text().replace("threshold: 60", "threshold: sixty"))
    result = digest("check", code=2, env={"GITHUB_ACTIONS": "true"})
    assert "::error file=prompts/profiles/cv-restoration.md,line=14" in result.stderr


def test_no_key_ends_with_4_before_anything_is_asked(project: Path) -> None:
    digest("fetch", "--sample")
    result = digest("score", "--sample", "--engine", "claude", code=4)
    assert "ANTHROPIC_API_KEY" in result.stderr
    assert not FETCHED.with_name("scored.json").exists()


def test_help_names_the_exit_codes() -> None:
    lines = [line.strip() for line in digest("--help").stdout.splitlines()]
    assert [line[0] for line in lines if re.match(r"[0-9]  ", line)] == ["0", "1", "2", "3", "4"]


def test_the_push_check_names_the_next_step_of_the_setup(project: Path, tmp_path: Path) -> None:
    """First what is wrong, then the key, the profile, its name, the first run; in the end nothing is missing."""
    file = tmp_path / "summary.md"
    environ = {
        "GITHUB_STEP_SUMMARY": str(file),
        "GITHUB_REPOSITORY": "octo-org/digests",
        "GITHUB_SERVER_URL": "https://github.com",
    }

    def told(code: int = 0, **more: str) -> str:
        file.unlink(missing_ok=True)
        digest("check", code=code, env={**environ, **more})
        return file.read_text()

    path = Path("prompts/profiles/cv-restoration.md")
    good = path.read_text()
    path.write_text(good.replace("threshold: 60", "threshold: sixty"))
    assert "is not a whole number" in told(code=2)
    path.write_text(good)
    assert "https://github.com/octo-org/digests/settings/secrets/actions/new" in told(SETUP_HAS_KEY="no")
    local = told(SETUP_HAS_KEY="no", DIGEST_PROFILES__ENGINE="local")
    assert "write your own profile" in local, "without a model no key is asked for"
    assert "write your own profile" in told(SETUP_HAS_KEY="yes")
    path.with_name("mine.md").write_text(good)
    assert "Next: name `mine` in `digest.toml`" in told(SETUP_HAS_KEY="yes")
    environ |= {"SETUP_HAS_KEY": "yes", "DIGEST_PROFILES": "mine"}
    assert "https://github.com/octo-org/digests/actions/workflows/digest.yml" in told()
    digest("run", "--sample", "--profile", "mine")
    assert "run the workflow" in told(), "the recorded day is no digest of theirs"
    run_url = {
        "GITHUB_REPOSITORY": "octo-org/digests",
        "GITHUB_RUN_ID": "7",
        "GITHUB_SERVER_URL": "https://github.com",
    }
    digest("run", "--sample", "--profile", "mine", "--force", env=run_url)
    assert "Nothing is missing" in told()


def test_check_finds_the_mistakes_in_a_language(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pipeline" / "report" / "locales"
    shutil.copytree(i18n.FOLDER, folder)
    english = (folder / "en.toml").read_text()
    broken = english.replace("{scanned}", "{scaned}").replace("quote = ", "quotation = ")
    (folder / "fr.toml").write_text(broken)
    (folder / "it.toml").write_text("x = \n")
    monkeypatch.setattr(i18n, "FOLDER", folder)
    monkeypatch.setattr(i18n, "LANGUAGES", frozenset({"en", "fr", "it", "zh-CN", "ja"}))
    i18n.load.cache_clear()
    try:
        said = digest("check", code=2).stderr
    finally:
        i18n.load.cache_clear()
    assert "pipeline/report/locales/fr.toml: mark.quote is missing" in said
    assert "pipeline/report/locales/fr.toml: mark.quotation is no word of the pages" in said
    assert "{scaned} is not known" in said
    assert "pipeline/report/locales/it.toml: is not TOML" in said


def test_a_profile_without_english_words_is_told(project: Path) -> None:
    Path("prompts/profiles/mine.md").write_text(
        "---\ntitle: 我的\nlanguage: zh-CN\narxiv: [cs.CV]\n---\n我做图像修复。\n"
    )
    assert "add English `keywords`" in digest("check", "--profile", "mine").stderr


@pytest.mark.parametrize(
    "words",
    [
        *(
            f"{command} --dry-run"
            for command in ("fetch", "score", "texts", "analyze", "render", "plan", "eval")
        ),
        *(f"plan {option}" for option in ("--picks 5", "--threshold 5", "--engine local", "--work x")),
        *(f"check {option}" for option in ("--papers 2601.16914", "--picks 5", "--force", "--from score")),
        *(f"eval {option}" for option in ("--papers 2601.16914", "--force", "--work x", "--sample")),
        *(f"fetch {option}" for option in ("--picks 5", "--threshold 5", "--engine local", "--json")),
        *(
            f"texts {option}"
            for option in ("--picks 5", "--engine local", "--reports x", "--papers 2601.16914")
        ),
        "score --papers 2601.16914",
        "analyze --threshold 5",
        "render --picks 5",
        "run --online",
    ],
)
def test_an_option_that_would_change_nothing_is_refused(project: Path, words: str) -> None:
    assert f"No such option '{words.split()[1]}'" in digest(*words.split(), code=2).stderr


@pytest.mark.parametrize("words", ["--engine local", "--date 2026-01-30", "--record kept"])
def test_what_only_an_online_check_reads_is_refused_without_it(project: Path, words: str) -> None:
    assert f"{words.split()[0]} goes with --online" in digest("check", *words.split(), code=2).stderr


def test_a_broken_prompt_is_found_before_anything_is_paid_for(project: Path) -> None:
    path = Path("prompts/analyze.md")
    path.write_text(path.read_text().replace("headline", "title line"))
    for command in ("run", "plan", "fetch"):
        said = digest(command, "--sample", code=2).stderr
        assert "prompts/analyze.md:43: the text never says what `headline` is" in said
    assert not Path(".work").exists()


def test_indexes_that_cannot_be_made_are_made_later(project: Path) -> None:
    """The page is there all the same, and is not made a second time."""
    feed = Path("reports/cv-restoration/feed.xml")
    feed.mkdir(parents=True)
    said = digest("run", "--sample", code=1).stderr
    assert "the reports are there, but the indexes cannot be made" in said
    hint = "digest run --from render --date 2026-01-30"
    assert hint in said
    before = REPORT.read_bytes()
    feed.rmdir()
    digest(*hint.split()[1:], "--engine", "local")
    assert REPORT.read_bytes() == before
    assert feed.is_file()


def test_help_imports_click_and_hardly_anything_of_ours(root: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import pipeline.cli.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {name for name in done.stdout.split() if name.startswith("pipeline.")} == {
        f"pipeline.{name}"
        for name in ("cli", "cli.app", "cli.options", "core", "core.errors", "core.stage_names")
    }
    assert "pydantic" not in done.stdout.split()
