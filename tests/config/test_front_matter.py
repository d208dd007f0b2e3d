"""Front matter: what is read, and where each error points. Line numbers were counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import front_matter
from pipeline.core.errors import InputError

GOOD = """---
title: A
nested: {inner: 1, list: [x, y]}
list:
  - one
  - two
---

# Heading

Body.
"""


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "file.md"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_reads_settings_body_and_lines(tmp_path: Path) -> None:
    document = front_matter.load(write(tmp_path, GOOD))
    assert document.settings["nested"] == {"inner": 1, "list": ["x", "y"]}
    assert document.body == "# Heading\n\nBody."
    assert document.body_line == 9
    assert [document.line(at) for at in (("title",), ("nested", "inner"), ("list", 1), ("gone",))] == [
        2,
        3,
        6,
        1,
    ]


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    document = front_matter.load(write(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()))
    assert document.settings["title"] == "A"
    assert document.line(["list", 0]) == 5


def test_the_version_follows_the_bytes(tmp_path: Path) -> None:
    one = front_matter.load(write(tmp_path, GOOD)).version
    other = front_matter.load(write(tmp_path, GOOD + " ")).version
    assert one.startswith("file@")
    assert len(one) == len("file@12345678")
    assert one != other


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no front matter"),
        ("---\ntitle: A\n", 1, "never closed"),
        ("---\n- a\n- b\n---\nBody", 2, "key: value"),
        ("---\n---\nBody", 2, "key: value"),
        ("---\ntitle: A\ntitle: B\n---\nBody", 3, "stands twice"),
        ("---\nok: 1\nbad: [1, 2\n---\nBody", 3, "not YAML"),
        ("---\nok: 1\n\tbad: 1\n---\nBody", 3, "not YAML"),
    ],
)
def test_errors_point_at_the_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(InputError) as caught:
        front_matter.load(write(tmp_path, text))
    assert words in caught.value.message
    assert caught.value.line == line


def test_what_is_not_utf8_or_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        front_matter.load(write(tmp_path, b"---\ntitle: \xff\n---\n"))
    with pytest.raises(InputError) as caught:
        front_matter.load(tmp_path / "fil.md")
    assert caught.value.hint == "Did you mean `file`?"
