"""`digest run --sample`: a recorded model's answers on the recorded day, as long as they fit, and words after that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.app import main
from pipeline.llm import recorded
from pipeline.sources import sample

REPORT = Path("reports/cv-restoration/2026/01/2026-01-30.json")


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["run", "--sample", *words])
    assert result.exit_code == code, result.output
    return result


def test_the_sample_replays_a_model_and_says_so(project: Path) -> None:
    said = run().stderr
    raw = json.loads(REPORT.read_text())
    head = recorded.load_recording(sample.ANSWERS).head
    assert head.answered_by in said
    assert raw["engine"] == "claude"
    judges = {one["judged_by"].split()[0] for one in raw["candidates"]}
    assert judges == {head.name}
    assert {pick["read_by"].split()[0] for pick in raw["picks"]} == {head.name}
    assert {pick["basis"] for pick in raw["picks"]} == {"abstract"}
    assert all(pick["second_reader"]["model"] == head.name for pick in raw["picks"])
    page = REPORT.with_suffix(".md").read_text()
    assert f"语言模型（{head.model}）在 {head.recorded_on} " in page
    assert "复核有多独立" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("prompts/score.md", "strict", "lenient"),
        ("prompts/verify.md", "slot by slot", "word by word"),
        ("prompts/profiles/cv-restoration.md", "threshold: 60", "threshold: 61"),
    ],
)
def test_a_changed_prompt_or_profile_is_named_and_words_decide(
    project: Path, file: str, old: str, new: str
) -> None:
    path = Path(file)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert f"no longer fit, since this has changed: {file};" in run().stderr
    assert json.loads(REPORT.read_text())["engine"] == "local"


@pytest.mark.slow
def test_options_and_settings_that_change_the_questions_are_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "this has changed: option --picks;" in run("--picks", "1").stderr
    monkeypatch.setenv("DIGEST_SCORING__BATCH", "10")
    assert "this has changed: digest.toml [scoring];" in run("--force").stderr


@pytest.mark.slow
def test_another_profile_is_judged_by_words(project: Path) -> None:
    said = run("--profile", "robot-learning").stderr
    assert "answers are recorded for llm-agents, cv-restoration alone" in said


@pytest.mark.slow
def test_a_question_that_was_not_recorded_is_an_error(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = recorded.load_recording(sample.ANSWERS)
    answers = [one for one in whole.answers.values() if not one.about.startswith("verify")]
    Path("answers.jsonl").write_bytes(recorded.dump_recording(whole.head, answers))
    monkeypatch.setattr(sample, "ANSWERS", Path("answers.jsonl"))
    said = run(code=1).stderr
    assert (
        "does not fit, though no prompt, profile or setting has changed: there is no answer to verify" in said
    )
    assert "--engine local" in said
