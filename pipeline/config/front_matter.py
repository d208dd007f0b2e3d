"""What people write: Markdown with front matter (profiles, prompts) and TOML, and in which line a value stands.

python-frontmatter reads the first; what it lets pass in silence (no front matter, an unclosed block, a list
instead of keys) is an error here, since the file was written by a person who meant something by it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import frontmatter
import yaml
from pydantic import BaseModel, ValidationError

from pipeline.config.validation_errors import explain, near
from pipeline.core.errors import InputError

M = TypeVar("M", bound=BaseModel)
YAML = 'blanks instead of tabs, "quotes" around a value that holds a colon, an ASCII colon and a blank after a key'


@dataclass(frozen=True)
class Document:
    """A file's settings and prose. `version` is `name@` and the first 8 hex digits of its SHA-256."""

    path: str
    name: str
    settings: Mapping[str, Any]
    body: str
    body_line: int
    lines: Mapping[tuple[str, ...], int]
    version: str

    def line(self, where: Iterable[int | str]) -> int:
        """The line of a setting, or of the nearest thing around it that has one."""
        keys = tuple(str(part) for part in where)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def error(self, message: str, *, at: Iterable[int | str] = (), hint: str = "") -> InputError:
        """An error that points at a setting of this file."""
        return InputError(message, path=self.path, line=self.line(at), hint=hint)


def load(path: Path) -> Document:
    """Read a Markdown file with front matter. Raises InputError with the line that is off."""
    shown = str(path)
    data, text = read(path, shown)
    header = _header(text, shown)
    try:
        root = yaml.compose(header, Loader=_Loader)  # first, since its error marks count from here
        settings: Any = frontmatter.loads(text).metadata
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line + 2) if error.problem_mark else 1
        line, hint = _culprit(header.split("\n"), line)
        message = f"front matter is not YAML: {error.problem}"
        raise InputError(message, path=shown, line=line, hint=hint) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"front matter is not YAML: {error}", path=shown, line=1, hint=YAML) from None
    except RecursionError:
        raise InputError("front matter is nested too deep", path=shown, line=2, hint=YAML) from None
    if not isinstance(root, yaml.MappingNode) or not isinstance(settings, dict):
        raise InputError("front matter has to be `key: value` lines", path=shown, line=2, hint=YAML)
    rest = text.split("\n")[header.count("\n") + 3 :]
    body_line = header.count("\n") + 4 + next((i for i, row in enumerate(rest) if row.strip()), 0)
    version = f"{path.stem}@{hashlib.sha256(data).hexdigest()[:8]}"
    lines = dict(_lines(root, (), shown))
    return Document(shown, path.stem, settings, "\n".join(rest).strip(), body_line, lines, version)


def validate(
    document: Document, kind: type[M], settings: Mapping[str, Any], *, tries: Mapping[str, str]
) -> M:
    """Settings as `kind`; the first thing that is off becomes `path:line: what, found, expected` and a hint.

    `tries` gives for a key a line that would be right.
    """
    try:
        return kind.model_validate(settings)
    except ValidationError as error:
        fault = explain(error, kind, tries=tries)
        raise document.error(fault.message, at=fault.where, hint=fault.hint) from None


def _culprit(rows: list[str], line: int) -> tuple[int, str]:
    """Where the mistake is likely to be, and the remedy: YAML often notices it a line later. `rows` begin in line 2."""
    for number in (line, line - 1, *range(2, len(rows) + 2)):
        row = rows[number - 2] if 2 <= number < len(rows) + 2 else ""
        bare = re.sub(r'"[^"]*"|\'[^\']*\'', "", row)
        if "：" in bare:
            return number, "`：` is a full-width colon: write an ASCII colon and a blank after it"
        if "\t" in row:
            return number, "blanks instead of tabs"
        if bare.count("[") != bare.count("]") or bare.count("{") != bare.count("}"):
            return number, "a bracket is not closed, or one too many"
        if '"' in bare:
            return number, "a quotation mark is not closed"
    return line, YAML


def _header(text: str, shown: str) -> str:
    """The YAML between the two `---` lines."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        hint = "start the file with a line `---`, then the settings, then `---`"
        raise InputError("has no front matter", path=shown, line=1, hint=hint)
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number])
    raise InputError("front matter is never closed", path=shown, line=1, hint="end it with a line `---`")


def _lines(node: yaml.Node, path: tuple[str, ...], shown: str) -> Iterable[tuple[tuple[str, ...], int]]:
    """Each value's path and line; the header starts in line 2 of the file. A key that stands twice is refused."""
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 2
            if key.value in keys:
                raise InputError(
                    f"`{key.value}` stands twice", path=shown, line=line, hint="remove one of them"
                )
            keys.add(key.value)
            yield (*path, key.value), line
            yield from _lines(value, (*path, key.value), shown)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, str(index)), value.start_mark.line + 2
            yield from _lines(value, (*path, str(index)), shown)


class _Loader(yaml.SafeLoader):
    """Without `*name`, which repeats what `&name` marked: it can hold itself, or unfold without end."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            message = f"`*{event.anchor}` repeats a value by its mark; write the value out"
            raise yaml.composer.ComposerError(None, None, message, event.start_mark)
        return super().compose_node(parent, index)


def toml(path: Path, *, hint: str) -> dict[str, Any]:
    """A TOML file's values. Raises InputError; `hint` is for a file that is not there."""
    shown = str(path)
    text = read(path, shown, hint=hint)[1]
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        message = f"is not TOML: {str(error).replace(found[0], '') if found else error}"
        raise InputError(
            message, path=shown, line=line, hint="Try: key = value, with quotes around text"
        ) from None


def toml_line(path: Path, where: tuple[str, ...]) -> int:
    """The line of a key in a TOML file, or of the nearest thing around it that has one."""
    lines = dict(_toml_lines(read(path, str(path))[1]))
    return next((lines[where[:end]] for end in range(len(where), 0, -1) if where[:end] in lines), 1)


def _toml_lines(text: str) -> Iterable[tuple[tuple[str, ...], int]]:
    """The parser keeps no lines, so each line that is TOML by itself says its keys; those inside of longer values do not."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        opening = re.match(r"\s*([^=#\s][^=#]*=)\s*(\[|\{|\"\"\"|\'\'\')", line)
        try:
            found: Any = tomllib.loads(f"{opening[1]} 0" if opening else line)
        except tomllib.TOMLDecodeError:
            continue
        keys = []
        while isinstance(found, dict) and found:
            keys.append(next(iter(found)))
            found = found[keys[-1]]
        if isinstance(found, dict) and keys:
            table = tuple(keys)
            yield table, number
        elif keys:
            yield (*table, *keys), number


def read(path: Path, shown: str, *, hint: str = "") -> tuple[bytes, str]:
    """A file's bytes, and its text with plain line ends. Raises InputError."""
    try:
        data = path.read_bytes()
        return data, data.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise InputError("there is no such file", path=shown, hint=hint or _neighbors(path)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = f"is not UTF-8 text ({error.reason} at byte {error.start})"
        raise InputError(message, path=shown, line=line, hint="save the file as UTF-8") from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", path=shown, hint="it has to be a file"
        ) from None


def _neighbors(path: Path) -> str:
    names = sorted(other.stem for other in path.parent.glob("*.md")) if path.parent.is_dir() else []
    listed = f"Here are: {', '.join(names)}" if names else f"there is no folder {path.parent}"
    return near(path.stem, names) or listed
