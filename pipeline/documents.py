"""Markdown files with front matter (profiles, prompts), and in which line a value stands.

python-frontmatter reads them; what it lets pass in silence (no front matter, an unclosed block, a list
instead of keys) is an error here, since the file was written by a person who meant something by it.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import frontmatter
import yaml
from pydantic import BaseModel, ValidationError

from pipeline.errors import InputError

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


def load(path: Path, *, shown: str | None = None) -> Document:
    """Read a Markdown file with front matter. Raises InputError with the line that is off."""
    shown = shown or str(path)
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise InputError("there is no such file", path=shown, hint=_neighbours(path)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text ({error.reason} at byte {error.start})", path=shown) from None
    header = _header(text, shown)
    try:
        root = yaml.compose(header, Loader=yaml.SafeLoader)  # first, since its error marks count from here
        settings: Any = frontmatter.loads(text).metadata
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line + 2) if error.problem_mark else 1
        raise InputError(
            f"front matter is not YAML: {error.problem}", path=shown, line=line, hint=YAML
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"front matter is not YAML: {error}", path=shown, line=1, hint=YAML) from None
    if not isinstance(root, yaml.MappingNode) or not isinstance(settings, dict):
        raise InputError("front matter has to be `key: value` lines", path=shown, line=2)
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
        first = error.errors(include_url=False)[0]
        where = [part for part in first["loc"] if not str(part).startswith("function-")]
        key = str(where[0]) if where else ""
        if first["type"] == "extra_forbidden":
            message, hint = unknown_key(str(where[-1]), _fields_at(kind, where[:-1]))
        elif first["type"] == "missing":
            message, hint = f"`{'.'.join(map(str, where))}` is missing", _try(tries, key)
        else:
            found = first["input"] if where else ""
            shown = f'"{found}"' if isinstance(found, str) else repr(found)
            expected = _expected(first) + _range(kind, key, first["type"])
            message, hint = f"{'.'.join(map(str, where))}: {shown[:80]} {expected}", _try(tries, key)
            if not where:  # what two settings make together
                message = expected
        raise document.error(message, at=where, hint=hint) from None


def unknown_key(found: str, known: Iterable[str]) -> tuple[str, str]:
    """The message and the hint for a key that nobody reads."""
    known = sorted(known)
    near = difflib.get_close_matches(found, known, n=1, cutoff=0.6)
    hint = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(known)}"
    return f"`{found}` is not a setting", hint


def _try(tries: Mapping[str, str], key: str) -> str:
    return f"Try: {tries[key]}" if key in tries else ""


def _range(kind: type[BaseModel], key: str, fault: str) -> str:
    """` from 1 to 100` for a number that is none, if the field says its ends."""
    field = kind.model_fields.get(key)
    ends = {
        name: getattr(one, name)
        for one in (field.metadata if field else ())
        for name in ("ge", "le")
        if hasattr(one, name)
    }
    return f" from {ends['ge']} to {ends['le']}" if len(ends) == 2 and fault.startswith("int") else ""


WRONG_KIND = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "tuple_type": "is not a list in [ ]",
    "list_type": "is not a list in [ ]",
    "bool_parsing": "is not true or false",
    "bool_type": "is not true or false",
    "string_type": "is not text; put quotes around it",
    "greater_than_equal": "is less than {ge}",
    "greater_than": "is not more than {gt}",
    "less_than_equal": "is more than {le}",
    "literal_error": "is not one of {expected}",
    "value_error": "{error}",
}


def _expected(error: Any) -> str:
    """What a setting would have to be, in our words where there are any."""
    words = WRONG_KIND.get(error["type"])
    return words.format(**error.get("ctx", {})) if words else f"is wrong: {error['msg']}"


def _fields_at(kind: type[BaseModel], where: list[Any]) -> list[str]:
    """The keys that a nested model knows, as far as the path leads through plain models."""
    model: Any = kind
    for part in where:
        field = getattr(model, "model_fields", {}).get(str(part))
        model = field.annotation if field is not None else model
    fields = getattr(model, "model_fields", {})
    return [info.alias or name for name, info in fields.items()]


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
                raise InputError(f"`{key.value}` stands twice", path=shown, line=line)
            keys.add(key.value)
            yield (*path, key.value), line
            yield from _lines(value, (*path, key.value), shown)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, str(index)), value.start_mark.line + 2
            yield from _lines(value, (*path, str(index)), shown)


def _neighbours(path: Path) -> str:
    names = sorted(other.stem for other in path.parent.glob("*.md")) if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.stem, names, n=1)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Here are: {', '.join(names)}" if names else f"there is no folder {path.parent}"
