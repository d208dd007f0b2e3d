from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.actions import add_output, add_summary, annotation, escape_commands


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (annotation("error", "No key"), "::error::No key"),
        (annotation("warning", "a\nb\r100%"), "::warning::a%0Ab%0D100%25"),
        (
            annotation("error", "wrong: x, y", title="Bad input", file="prompts/profiles/a,b:c.md", line=5),
            "::error title=Bad input,file=prompts/profiles/a%2Cb%3Ac.md,line=5::wrong: x, y",
        ),
        (annotation("notice", "x", line=0, file="f"), "::notice file=f::x"),
        (annotation("error", "t ##[add-mask]x"), "::error::t # #[add-mask]x"),
    ],
)
def test_annotations(made: str, line: str) -> None:
    assert made == line


@settings(max_examples=30)
@given(st.text(), st.text(), st.text())
@example("\n::stop-commands::x", "\r\n::error::y", "a,line=9::z")
def test_an_annotation_is_one_command_on_one_line(message: str, title: str, file: str) -> None:
    made = annotation("error", message, title=title, file=file, line=3)
    assert len(made.split("\n")) == len(made.split("\r")) == 1
    head, _, rest = made.removeprefix("::").partition("::")
    assert head.startswith("error")
    assert head.count(",") == (bool(title) + bool(file))
    assert rest.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") == message.replace(
        "##[", "# #["
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("::error::x", ": :error::x"),
        ("  ::add-mask::x", ": :add-mask::x"),
        ("a\n::error::x", "a ::error::x"),
        ("a ##[error]x", "a # #[error]x"),
        ("Title :: subtitle", "Title :: subtitle"),
    ],
)
def test_log_lines_hold_no_command(text: str, line: str) -> None:
    assert escape_commands(text) == line


def outputs(text: str) -> dict[str, str]:
    """Read outputs as the runner does."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        value = []
        for inner in lines:
            if inner == end:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found


def test_outputs(tmp_path: Path) -> None:
    path = tmp_path / "output"
    add_output(str(path), "dates", "2026-01-30")
    add_output(str(path), "text", "a\nother=1\nEOF\nother<<x\n1\nx")
    assert outputs(path.read_text()) == {"dates": "2026-01-30", "text": "a\nother=1\nEOF\nother<<x\n1\nx"}


def test_summaries_are_appended_and_cut_at_a_line(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    add_summary(str(path), "# one\n")
    add_summary(str(path), "# two\n")
    assert path.read_text() == "# one\n# two\n"
    add_summary(str(path), "论文\n" * 400_000)
    added = path.read_bytes()[len("# one\n# two\n") :]
    assert len(added) <= 1_048_576
    assert added.decode().endswith("论文\n\n(cut)\n") or added.decode().endswith("论文\n(cut)\n")


def test_silent_outside_actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    add_output("", "name", "value")
    add_summary("", "# text")
    assert list(tmp_path.iterdir()) == []
