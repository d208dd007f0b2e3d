"""Loading of Markdown with front matter (profiles, prompts) and of TOML, with the line number of every value.

python-frontmatter parses front matter. What it accepts silently (no front matter, an unclosed block, a list
instead of keys) is an error here, because it is always a mistake in a file that a person wrote.
"""

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

from pipeline.config.validation_errors import did_you_mean, explain
from pipeline.core.errors import InputError

M = TypeVar("M", bound=BaseModel)
YAML_HINT = 'blanks instead of tabs, "quotes" around a value that holds a colon, an ASCII colon and a blank after a key'


@dataclass(frozen=True)
class Document:
    """A Markdown file: its front matter, its body, and where they are. Line numbers count from 1.

    `version` is `<name>@<first 8 hex digits of the file's SHA-256>`.
    """

    path: str
    settings: Mapping[str, Any]
    body: str  # stripped
    body_line: int  # line of the body's first text
    lines: Mapping[tuple[str, ...], int]  # line by path of keys and list indexes
    version: str

    def line(self, location: Iterable[int | str]) -> int:
        """Return the line of a setting, given its path of keys; else of the innermost parent with a line, else 1."""
        return _nearest_line(self.lines, tuple(map(str, location)))

    def error(self, message: str, *, at: Iterable[int | str] = (), hint: str = "") -> InputError:
        """Return an InputError that points at a setting of this file; `at` is its path of keys."""
        return InputError(message, path=self.path, line=self.line(at), hint=hint)


def load(path: Path) -> Document:
    """Load a Markdown file with front matter. Raises InputError with the line that is wrong."""
    return parse(path, *read_file(path, str(path)))


def parse(path: Path, data: bytes, text: str) -> Document:
    """Parse the bytes and text of a Markdown file with front matter, as `read_file` returns them. Raises InputError."""
    shown = str(path)
    header = _header(text, shown)
    try:
        root = yaml.compose(
            header, Loader=_Loader
        )  # first: its errors count lines from the start of the header
        settings: Any = frontmatter.loads(text).metadata
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line + 2) if error.problem_mark else 1
        line, hint = _likely_mistake(header.split("\n"), line)
        message = f"front matter is not YAML: {error.problem}"
        raise InputError(message, path=shown, line=line, hint=hint) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"front matter is not YAML: {error}", path=shown, line=1, hint=YAML_HINT) from None
    except RecursionError:
        raise InputError("front matter is nested too deep", path=shown, line=2, hint=YAML_HINT) from None
    if not isinstance(root, yaml.MappingNode):
        raise InputError("front matter has to be `key: value` lines", path=shown, line=2, hint=YAML_HINT)
    body = text.split("\n")[header.count("\n") + 3 :]
    body_line = header.count("\n") + 4 + next((i for i, row in enumerate(body) if row.strip()), 0)
    version = f"{path.stem}@{hashlib.sha256(data).hexdigest()[:8]}"
    lines = dict(_value_lines(root, (), shown))
    return Document(shown, settings, "\n".join(body).strip(), body_line, lines, version)


def validate(document: Document, kind: type[M], *, examples: Mapping[str, str]) -> M:
    """Validate a document's settings as a model. Raises InputError for the first error, with its line, values and a hint.

    `examples`: by key, a line that would be valid.
    """
    try:
        return kind.model_validate(document.settings)
    except ValidationError as error:
        fault = explain(error, kind, examples=examples, given=document.settings)
        raise document.error(fault.message, at=fault.location, hint=fault.hint) from None


def _likely_mistake(rows: list[str], line: int) -> tuple[int, str]:
    """Return the line of the likely mistake and a hint. YAML often reports it a line late; `rows` start at line 2."""
    for number in (line, line - 1, *range(2, len(rows) + 2)):
        row = rows[number - 2] if 2 <= number < len(rows) + 2 else ""
        bare = re.sub(r'"[^"]*"|\'[^\']*\'', "", row)
        mistakes = {
            "`：` is a full-width colon: write an ASCII colon and a blank after it": "：" in bare,
            "blanks instead of tabs": "\t" in row,
            "a bracket is not closed, or one too many": (
                bare.count("[") != bare.count("]") or bare.count("{") != bare.count("}")
            ),
            "a quotation mark is not closed": '"' in bare,
        }
        if hint := next((hint for hint, is_made in mistakes.items() if is_made), ""):
            return number, hint
    return line, YAML_HINT


def _header(text: str, shown: str) -> str:
    """Return the YAML between the two `---` lines."""
    lines = [line.rstrip() for line in text.split("\n")]
    if lines[0] != "---":
        hint = "start the file with a line `---`, then the settings, then `---`"
        raise InputError("has no front matter", path=shown, line=1, hint=hint)
    if "---" not in lines[1:]:
        raise InputError("front matter is never closed", path=shown, line=1, hint="end it with a line `---`")
    return "\n".join(lines[1 : lines.index("---", 1)])


def _value_lines(node: yaml.Node, path: tuple[str, ...], shown: str) -> Iterable[tuple[tuple[str, ...], int]]:
    """Yield each value's path and line; the header starts in line 2. Raises InputError for a duplicate key."""
    children: list[tuple[str, int, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        children = [(key.value, key.start_mark.line + 2, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = [(str(index), value.start_mark.line + 2, value) for index, value in enumerate(node.value)]
    keys: set[str] = set()
    for key, line, value in children:
        if key in keys:
            raise InputError(f"`{key}` stands twice", path=shown, line=line, hint="remove one of them")
        keys.add(key)
        yield (*path, key), line
        yield from _value_lines(value, (*path, key), shown)


class _Loader(yaml.SafeLoader):
    """A safe loader that rejects aliases (`*name`): they can contain themselves, or expand without bound."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            message = f"`*{event.anchor}` repeats a value by its mark; write the value out"
            raise yaml.composer.ComposerError(None, None, message, event.start_mark)
        return super().compose_node(parent, index)


def load_toml(path: Path, *, shown: str = "", hint: str = "") -> dict[str, Any]:
    """Load a TOML file. Raises InputError; `shown` is the path in it, `hint` is used if the file does not exist."""
    shown = shown or str(path)
    text = read_file(path, shown, hint=hint)[1]
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        position = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = int(position[1]) if position else text.count("\n") + 1
        message = f"is not TOML: {str(error).replace(position[0], '') if position else error}"
        raise InputError(
            message, path=shown, line=line, hint="Try: key = value, with quotes around text"
        ) from None


def toml_line(path: Path, keys: tuple[str, ...]) -> int:
    """Return the line of a key in a TOML file, given its path; else of the innermost parent with a line, else 1."""
    return _nearest_line(dict(_toml_lines(read_file(path, str(path))[1])), keys)


def _nearest_line(lines: Mapping[tuple[str, ...], int], keys: tuple[str, ...]) -> int:
    return next((lines[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in lines), 1)


def _toml_lines(text: str) -> Iterable[tuple[tuple[str, ...], int]]:
    """Yield each key's path and line.

    tomllib keeps no line numbers. Lines inside of a value yield paths that no setting has.
    """
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        name, equals, _ = line.partition("#")[0].partition("=")
        keys = tuple(key.strip("\"'") for key in re.findall(r"\"[^\"]*\"|'[^']*'|[\w-]+", name))
        if equals:
            yield (*table, *keys), number
        elif name.lstrip().startswith("["):
            table = keys
            yield table, number


def read_file(path: Path, shown: str, *, hint: str = "") -> tuple[bytes, str]:
    """Read a file: its bytes, and its text with line feeds as line ends, without a byte order mark. Raises InputError.

    `shown` is the path as errors show it; `hint` is used if the file does not exist.
    """
    try:
        data = path.read_bytes()
        return data, data.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise InputError("there is no such file", path=shown, hint=hint or similar_names(path)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = f"is not UTF-8 text ({error.reason} at byte {error.start})"
        raise InputError(message, path=shown, line=line, hint="save the file as UTF-8") from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", path=shown, hint="it has to be a file"
        ) from None


def similar_names(path: Path) -> str:
    """Return the hint for a file that does not exist: the most similar name in its folder, else all names."""
    names = sorted(other.stem for other in path.parent.glob("*.md"))
    listed = f"Here are: {', '.join(names)}" if names else f"there is no folder {path.parent}"
    return did_you_mean(path.stem, names) or listed
