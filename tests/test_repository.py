"""What the repository says of itself is true: the map, the commands in the README, what is shipped."""

from __future__ import annotations

import importlib.util
import re
import shlex
import textwrap
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli.app import main
from pipeline.llm.prompts import DeclaredSection
from tests import architecture, generated

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
PAGES = (
    *READMES,
    "CONTRIBUTING.md",
    "eval/README.md",
    "bench/README.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)


@pytest.mark.parametrize("name", READMES)
def test_the_readme_names_every_command_and_exit_code(root: Path, name: str) -> None:
    text = (root / name).read_text("utf-8")
    assert [one for one in generated.command_names() if f"`digest {one}" not in text] == []
    assert re.findall(r"(?m)^\| (\d) \|", text) == re.findall(r"(?m)^ *(\d)  ", main.help or "")


@pytest.mark.parametrize("path", PAGES)
def test_every_command_in_the_docs_is_one(root: Path, path: str) -> None:
    """What stands in code: `digest …` is parsed by the program, `make …` is in the Makefile, `python -m …` is there."""
    made = set(re.findall(r"(?m)^([\w-]+):", (root / "Makefile").read_text()))
    for line in in_code((root / path).read_text("utf-8")):
        words = shlex.split(line.split("  #")[0].split(" # ")[0].split(" — ")[0])
        words = [word for word in words if not re.fullmatch(r"[A-Z_]+=\S*", word)]
        if words[:1] == ["make"]:
            assert set(words[1:2]) <= made, line
        elif words[:2] == ["python", "-m"]:
            assert importlib.util.find_spec(words[2].rstrip("`")), line
        elif words[:1] == ["digest"] and words[1] != "--help" and "…" not in line:
            command = main.commands[words[1]]
            given = [{"kept/": "kept", "NAME": "x"}.get(word, word) for word in words[2:]]
            with command.make_context(words[1], given):
                pass


def in_code(text: str) -> list[str]:
    """Commands that stand in backticks or in an indented block."""
    spans = re.findall(r"`((?:digest|make|python -m) [^`\n]+)`", text)
    return spans + [one.strip() for one in re.findall(r"(?m)^ {4}((?:digest|make|python -m) .*)$", text)]


def test_the_docs_hold_commands_to_look_at(root: Path) -> None:
    found = [line for path in PAGES for line in in_code((root / path).read_text("utf-8"))]
    assert len(found) > 60
    assert "digest check --online --record kept/" in found


def test_the_least_profile_of_the_docs_is_one(root: Path, project: Path) -> None:
    text = (root / "docs/fork.md").read_text("utf-8")
    block = re.search(r"(?m)^    ---\n(?:    .*\n|\n)+?    Text-to-speech.*\n", text)
    assert block is not None
    (project / "prompts/profiles/mine.md").write_text(textwrap.dedent(block[0]), "utf-8")
    result = CliRunner().invoke(main, ["check", "--profile", "mine"])
    assert result.exit_code == 0, result.output
    assert "Speech papers, en, huggingface, arxiv; 2 picks from 60" in result.stderr
    assert "hardly any English words" not in result.stderr


def test_yaml_in_the_docs_is_what_the_program_reads(root: Path) -> None:
    """The section that docs/extend.md shows can be pasted into prompts/analyze.md as it stands."""
    text = (root / "docs/extend.md").read_text("utf-8")
    block = re.search(r"(?m)^    sections:\n((?:      .*\n)+)", text)
    assert block is not None
    [section] = yaml.safe_load(block[0])["sections"]
    assert DeclaredSection.model_validate(section).title_in("ja") == "再現できるか"


def test_no_path_of_a_machine_and_no_registry_is_committed(root: Path) -> None:
    for name in (
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-notify.lock",
        "pyproject.toml",
        "Makefile",
        "README.md",
    ):
        text = (root / name).read_text()
        assert not re.search(
            r"pypi\.org|files\.pythonhosted|index-url|find-links|/home/|/root/",
            text.replace("--no-emit-index-url", "").replace("--no-emit-find-links", ""),
        )


@pytest.mark.parametrize("path", generated.PAGES)
def test_generated_files_are_current(root: Path, path: str) -> None:
    """Schemas as text too: the order of an answer's fields is the order in which a model writes them."""
    stale = f"{path} is out of date: run `make regenerate`, read the difference, and say in CHANGELOG.md what changed"
    assert (root / path).read_text("utf-8") == generated.PAGES[path](), stale


@pytest.mark.parametrize("path", PAGES)
def test_links_in_the_docs_lead_somewhere(root: Path, path: str) -> None:
    """To a file that is there, and to a heading or an anchor in it."""
    text = (root / path).read_text("utf-8")
    for target, fragment in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
        if target.startswith("https://"):
            continue
        file = (root / path).parent / target if target else root / path
        assert file.exists(), target
        if fragment:
            there = file.read_text("utf-8")
            headings = {
                re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-")
                for one in re.findall(r"(?m)^#+ (.*)$", there)
            }
            assert f'id="{fragment}"' in there or fragment in headings, (target, fragment)


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_shows_a_piece_of_a_committed_page(root: Path, readme: str) -> None:
    """Every line between the marks stands in the page, but for where its links begin."""
    text = (root / readme).read_text("utf-8")
    page = re.search(r"\((reports/[^)#]+\.md)\)", text)
    assert page is not None
    shown = text.split("<!-- sample:begin -->")[1].split("<!-- sample:end -->")[0]
    lines = [
        line.removeprefix(">").strip().replace(f"({page[1]}#", "(#") for line in shown.strip().splitlines()
    ]
    committed = {line.strip() for line in (root / page[1]).read_text("utf-8").splitlines()}
    assert len(lines) > 5
    assert [line for line in lines if line and line not in committed] == []


@pytest.mark.parametrize("name", ["cv-restoration", "llm-agents"])
def test_the_committed_sample_pages_are_what_the_program_makes(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(root)
    words = ["run", "--sample", "--profile", name, "--reports", str(tmp_path / "reports")]
    result = CliRunner().invoke(main, [*words, "--work", str(tmp_path / "work")])
    assert result.exit_code == 0, result.output
    made = {
        path.relative_to(tmp_path): path.read_bytes()
        for path in tmp_path.glob("reports/**/*")
        if path.is_file()
    }
    assert len(made) >= 7
    assert {path for path, data in made.items() if (root / path).read_bytes() != data} == set()


def test_every_file_of_the_task_table_exists(root: Path) -> None:
    """A name without a folder is in the folder of the one before it."""
    for _, where in architecture.TASKS:
        folder = ""
        for name in re.findall(r"[\w/<>.-]+\.(?:py|md|toml)|[\w/]+/", where):
            path = name if "/" in name or name == "digest.toml" else f"{folder}{name}"
            folder = path.rpartition("/")[0] + "/"
            if "<" not in path:
                assert (root / "pipeline" / path).exists() or (root / path).exists(), path


def test_digest_run_reaches_the_first_stage_in_six_hops(root: Path) -> None:
    path = architecture.hops()
    assert len(path) <= 6, path
    assert path[0][0] == "__main__"
    assert path[-1][0] == "stages.runner"
