"""`digest profile new`, as a person runs it: on a terminal, by options, from files."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cli import profile_new
from pipeline.cli.app import main
from pipeline.report import i18n
from pipeline.scoring.query import wanted_prose
from tests.cli.test_app import digest
from tests.config.test_seeds import ZOTERO_BIBTEX
from tests.nights import calendar
from tests.stubs.messages import MessagesStub
from tests.stubs.world import Fault, World

MINE = Path("prompts/profiles/mine.md")
NEW = ("profile", "new", "mine")
ZH = (
    "--title",
    "修复日报",
    "--language",
    "zh-CN",
    "--text",
    "我做图像修复和超分辨率，用流匹配（flow matching）。",
)
GOLDEN = """---
title: 修复日报
language: zh-CN
sources: [huggingface, arxiv]
arxiv: [cs.CV, eess.IV]
keywords:
  - image restoration
  - super-resolution
  - flow matching
picks: 2
threshold: 60
quality: standard
budget_usd: 1.00
---
我做图像修复和超分辨率，用流匹配（flow matching）。

## 想看

- 与此有关的一切新进展

## 不想看

- 医学影像

## 怎么写

短句。先说做了什么，再说凭什么信。疑点要具体。不用营销词。
"""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `digest profile new mine` on a terminal, and type these lines."""
    monkeypatch.setattr(profile_new, "_on_terminal", lambda: True)

    def run(*typed: str, words: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> Result:
        result = CliRunner().invoke(
            main, [*NEW, *words], input="".join(f"{line}\n" for line in typed), env=env
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return run


def test_the_profile_is_shaped_like_the_shipped_ones_and_passes_check(project: Path) -> None:
    """The file was read by eye, by somebody who reads Chinese."""
    result = digest(*NEW, *ZH, "--unwanted", "医学影像")
    assert MINE.read_text("utf-8") == GOLDEN
    assert result.stdout.splitlines()[0] == f"{MINE}: cs.CV, eess.IV; 3 keywords, 0 papers liked"
    assert (
        "mine (not active): 修复日报, zh-CN, huggingface, arxiv; 2 picks"
        in digest("check", "--profile", "mine").stderr
    )


def test_it_says_how_the_recorded_day_would_rank(project: Path) -> None:
    """The first one is the first by hand, too: it restores videos."""
    lines = digest(*NEW, *ZH, "--keywords", "video restoration").stdout.splitlines()
    assert re.fullmatch(r"first by words of the 1\d\d papers of the recorded day \(cs.CV\):", lines[1])
    assert lines[2].startswith("1. Zero-Shot Video Restoration and Enhancement")
    assert [line[:3] for line in lines[2:7]] == [f"{n}. " for n in range(1, 6)]
    assert lines[7].startswith("next: ")


def test_a_field_without_recorded_papers_is_told_so(project: Path) -> None:
    text = digest(*NEW, "--title", "Q", "--language", "ko", "--text", "표면 부호를 연구합니다").stdout
    assert "the recorded day (cs.CV) has 0 papers of these categories" in text


def test_online_it_ranks_todays_papers_or_says_why_not(project: Path) -> None:
    with World(calendar(), today=dt.date(2026, 1, 30), interval=0.0) as world:
        env = {**world.environ, "SOURCE_DATE_EPOCH": "1769752020", "DIGEST_HTTP__ATTEMPTS": "1"}
        text = digest(*NEW, *ZH, "--online", env=env).stdout
        assert re.search(r"(?:of today's list|today's list has)", text)
        MINE.unlink()
        world.fault("rss", Fault(503), times=None)
        world.fault("huggingface", Fault(503), times=None)
        assert "the day could not be ranked: " in digest(*NEW, *ZH, "--online", env=env).stdout
    assert MINE.exists()
    assert not Path("reports").exists()
    assert not Path(".work").exists()


def test_without_a_terminal_what_is_missing_is_named_with_its_option(project: Path) -> None:
    said = digest(*NEW, "--title", "T", code=2).stderr
    assert "no terminal to ask on, and no --language, no --text" in said
    assert "--from FILE" in said
    assert not MINE.exists()


def test_on_a_terminal_it_asks_and_its_proposals_can_be_changed(
    project: Path, terminal: Callable[..., Result]
) -> None:
    result = terminal(
        "Meine",
        "zh-CN",
        "我做图像修复。",
        "新指标; 少步采样",
        "",
        "cs.CV",
        "image restoration, 去噪 denoising",
    )
    assert result.exit_code == 0, result.output
    assert "arXiv categories, separated by commas [cs.CV, eess.IV]" in result.output
    written = MINE.read_text("utf-8")
    assert "title: Meine\nlanguage: zh-CN\nsources: [huggingface, arxiv]\narxiv: [cs.CV]\n" in written
    assert "  - image restoration\n  - 去噪 denoising\n" in written
    assert "- 新指标\n- 少步采样\n" in written


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("profile", "new", "../x", *ZH), "is not the name of a profile"),
        (
            ("profile", "new", "CV-restoration", *ZH),
            "differs from the profile 'cv-restoration' in case alone",
        ),
        (("profile", "new", "cv-restoration", *ZH), "there is such a profile already"),
        (("profile", "new", "assets", *ZH), "no profile can be called 'assets'"),
        ((*NEW, *ZH, "--language", "xx"), "is not one of"),
        ((*NEW, *ZH, "--arxiv", "cs.XX"), '"cs.XX" is not an arXiv category'),
        ((*NEW, *ZH, "--text", "ничего"), "no arXiv category is known for these words"),
        ((*NEW, *ZH, "--title", "\x01"), "the title has no words"),
        ((*NEW, *ZH, "--from", "missing.bib"), "No such file"),
        ((*NEW, *ZH, "--ask-model"), "no credentials"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    project: Path, words: tuple[str, ...], reason: str
) -> None:
    before = {path: path.read_bytes() for path in Path("prompts/profiles").iterdir()}
    code = 4 if "--ask-model" in words else 2
    assert reason in digest(*words, code=code).stderr
    assert {path: path.read_bytes() for path in Path("prompts/profiles").iterdir()} == before


def test_a_text_in_a_language_that_the_table_does_not_know_is_refused_or_told_to_need_keywords(
    project: Path,
) -> None:
    text = "Pesquiso manipulação bimanual com poucas demonstrações e sensores táteis."
    words = (*NEW, "--title", "Robôs", "--language", "en", "--text", text)
    said = digest(*words, code=2).stderr
    assert "one word alone is too little (physics.app-ph for “sensors”)" in said
    assert all(option in said for option in ("--arxiv", "--keywords", "--ask-model"))
    assert not MINE.exists()
    assert "hardly any English words" in digest(*words, "--arxiv", "cs.RO").stderr


def test_what_check_would_refuse_is_not_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_new, "markdown", lambda *_: "---\ntitle: T\npicks: many\n---\nText\n")
    assert "is not a whole number" in digest(*NEW, *ZH, code=2).stderr
    assert not MINE.exists()


def test_from_a_library_its_papers_are_liked_and_its_titles_are_the_text(project: Path) -> None:
    Path("mine.bib").write_text(ZOTERO_BIBTEX + "@misc{b, title={Image Restoration at Night}}", "utf-8")
    result = digest(*NEW, "--title", "T", "--language", "en", "--from", "mine.bib")
    written = MINE.read_text("utf-8")
    assert 'liked: ["2401.00001"]\n' in written
    assert "I have read, and want more like:\n\n- Fast Schrödinger Bridges for Image Restoration\n" in written
    assert "arxiv: [cs.CV, eess.IV]" in written
    assert "not placed: Deep Residual Learning" in result.stderr


def test_from_a_library_it_says_whom_to_follow_and_how_much_it_took(project: Path) -> None:
    """60 papers of arXiv, 7 others, and one author of all of them; the file's name is quoted for a shell."""
    urls = [f"%U arXiv:2401.{n:05}" for n in range(60)] + [""] * 7
    entries = (
        f"%0 Generic\n%T Restoring Images {n}\n%A Müller, Jürgen\n{url}\n" for n, url in enumerate(urls)
    )
    Path("my own.enw").write_text("\n".join(entries), "utf-8")
    result = digest(*NEW, "--title", "T", "--language", "en", "--from", "my own.enw", "--arxiv", "cs.CV")
    first = result.stdout.splitlines()[0]
    assert first.endswith(", 50 papers liked, the newest of 60, 7 not placed")
    assert "… and 2 more: `digest seed 'my own.enw'` names them\n" in result.stderr
    assert 'authors of 3 or more, if you follow them: authors: ["Müller, Jürgen"]\n' in result.stderr


def test_from_a_text_in_the_readers_words(project: Path) -> None:
    Path("me.txt").write_text("I restore images.\nSuch as https://arxiv.org/abs/2401.00001v2", "utf-8")
    digest(*NEW, "--title", "T", "--language", "en", "--from", "me.txt", "--arxiv", "cs.CV")
    written = MINE.read_text("utf-8")
    assert 'liked: ["2401.00001"]\n' in written
    assert "\nI restore images.\nSuch as\n" in written


def words_as_answer(_body: Mapping[str, Any]) -> dict[str, list[str]]:
    return {"keywords": ["blind restoration", "one-step diffusion", "图像", "video super-resolution"]}


def test_a_model_is_asked_once_if_that_is_wanted(project: Path) -> None:
    with MessagesStub(answer=words_as_answer) as stub:
        env = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": stub.url}
        digest(*NEW, *ZH, env=env)
        assert not stub.asked, "a key alone is no wish"
        MINE.unlink()
        digest(*NEW, *ZH, "--ask-model", env=env)
        assert [call.body["model"] for call in stub.asked] == ["claude-haiku-5-5"]
        assert "我做图像修复" in json.dumps(stub.asked[0].body, ensure_ascii=False)
    assert (
        "  - blind restoration\n  - one-step diffusion\n  - video super-resolution\npicks"
        in MINE.read_text("utf-8")
    )


def test_on_a_terminal_with_a_key_it_is_offered(project: Path, terminal: Callable[..., Result]) -> None:
    with MessagesStub(answer=words_as_answer) as stub:
        env = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": stub.url}
        typed = ("T", "en", "I restore images.", "", "", "cs.CV", "y", "")
        assert "Ask claude-haiku-5-5 for keywords?" in terminal(*typed, env=env).output
    assert "keywords:\n  - blind restoration\n" in MINE.read_text("utf-8")


def test_a_model_that_fails_leaves_the_program_s_keywords(project: Path) -> None:
    with MessagesStub(answer=lambda _body: {"keywords": []}) as stub:
        env = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": stub.url}
        assert "gave no keywords" in digest(*NEW, *ZH, "--ask-model", env=env).stderr
    assert "  - image restoration\n" in MINE.read_text("utf-8")


@pytest.mark.parametrize("language", sorted(i18n.LANGUAGES))
def test_the_ranking_ignores_what_stands_under_the_headings_of_each_language(language: str) -> None:
    word = i18n.load(language)
    text = f"AAA\n## {word('profile.wanted')}\nBBB\n## {word('profile.unwanted')}\nCCC\n## {word('profile.style')}\nDDD"
    kept = wanted_prose(text)
    assert "AAA" in kept
    assert "BBB" in kept
    assert "CCC" not in kept
    assert "DDD" not in kept


words = st.text(max_size=25) | st.text(
    st.sampled_from("---\n#:'\"[]{}, cs.CV图像修复\ud800\x00"), max_size=25
)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=words, text=words, unwanted=words, keywords=words)
def test_whatever_is_given_the_profile_passes_check_or_there_is_none(
    project: Path, title: str, text: str, unwanted: str, keywords: str
) -> None:
    MINE.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile_new, "_first_titles", lambda *_: [])
        given_words = ("--title", title, "--text", text, "--unwanted", unwanted, "--keywords", keywords)
        result = CliRunner().invoke(main, [*NEW, "--language", "en", "--arxiv", "cs.CV", *given_words])
    assert result.exit_code in {0, 2}, result.exception
    assert MINE.exists() == (result.exit_code == 0), result.output
    if MINE.exists():
        digest("check", "--profile", "mine")
