"""What is wrong with a setting, in words: what, found, expected, and a line that would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

WRONG_KIND = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a number that has an end",
    "tuple_type": "is not a list in [ ]",
    "list_type": "is not a list in [ ]",
    "dict_type": "is not a group of settings",
    "model_type": "is not a group of settings",
    "bool_parsing": "is not true or false",
    "bool_type": "is not true or false",
    "string_type": "is not text; put quotes around it",
    "string_too_short": "is empty",
    "too_short": "is an empty list",
    "greater_than_equal": "is less than {ge}",
    "greater_than": "is not more than {gt}",
    "less_than_equal": "is more than {le}",
    "literal_error": "is not one of {expected}",
    "value_error": "{error}",
}


@dataclass(frozen=True)
class Fault:
    """The first thing that is off: where (keys and places in lists), what it says, what to do."""

    where: tuple[int | str, ...]
    message: str
    hint: str


def explain(error: ValidationError, kind: type[BaseModel], *, tries: Mapping[str, str]) -> Fault:
    """Pydantic's first complaint in our words. `tries` gives for a key, dotted, a line that would be right."""
    first = error.errors(include_url=False)[0]
    where = tuple(part for part in first["loc"] if part != "[key]" and not str(part).startswith("function-"))
    key = ".".join(map(str, where))
    hint = next((f"Try: {tries[one]}" for one in _and_around(where) if one in tries), "")
    if first["type"] == "extra_forbidden":
        around = "".join(f"{part}." for part in where[:-1])
        return Fault(where, *unknown_key(str(where[-1]), _fields_at(kind, where[:-1]), around=around))
    if first["type"] == "missing":
        return Fault(where, f"`{key}` is missing", hint)
    if not where:  # what two settings make together
        return Fault(where, _expected(first), hint)
    found = first["input"]
    shown = f'"{found}"' if isinstance(found, str) else repr(found)
    expected = _expected(first) + _range(kind, where, first["type"])
    if first["type"] == "value_error" and isinstance(found, dict):  # what the keys of one group make together
        return Fault(where, f"{key}: {expected}", hint)
    return Fault(where, f"{key}: {shown[:80]} {expected}", hint)


def unknown_key(found: str, known: Iterable[str], *, around: str = "") -> tuple[str, str]:
    """The message and the hint for a key that nobody reads; `around` is the path to it, as `http.`."""
    listed = ", ".join(around + one for one in sorted(known))
    return f"`{around}{found}` is not a setting", near(found, known, around=around) or f"Known keys: {listed}"


def near(found: str, known: Iterable[str], *, around: str = "") -> str:
    """`Did you mean …?`, or nothing if nothing is like it."""
    small = {one.lower(): one for one in known}
    close = difflib.get_close_matches(found.lower(), small, n=1, cutoff=0.6)
    return f"Did you mean `{around}{small[close[0]]}`?" if close else ""


def _and_around(where: Sequence[int | str]) -> Iterable[str]:
    """`a.b.c`, `a.b`, `a`."""
    keys = [str(part) for part in where]
    return (".".join(keys[:end]) for end in range(len(keys), 0, -1))


def _range(kind: type[BaseModel], where: Sequence[int | str], fault: str) -> str:
    """` from 1 to 100` for a number that is none, if the field says its ends."""
    model = _model_at(kind, where[:-1])
    field = model.model_fields.get(str(where[-1])) if model else None
    ends = {
        name: getattr(one, name)
        for one in (field.metadata if field else ())
        for name in ("ge", "le")
        if hasattr(one, name)
    }
    return f" from {ends['ge']} to {ends['le']}" if len(ends) == 2 and fault.startswith("int") else ""


def _expected(error: Any) -> str:
    """What a setting would have to be, in our words where there are any."""
    words = WRONG_KIND.get(error["type"])
    return words.format(**error.get("ctx", {})) if words else f"is wrong: {error['msg']}"


def _fields_at(kind: type[BaseModel], where: Sequence[int | str]) -> list[str]:
    """The keys that a nested model knows, as far as the path leads through plain models."""
    model = _model_at(kind, where)
    return [info.alias or name for name, info in model.model_fields.items()] if model else []


def _model_at(kind: type[BaseModel], where: Sequence[int | str]) -> type[BaseModel] | None:
    """The model that a path leads to, through models, and dicts and tuples of them."""
    model: Any = kind
    for part in where:
        field = getattr(model, "model_fields", {}).get(str(part))
        model = field.annotation if field is not None else _inner(model)
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _inner(container: Any) -> Any:
    """What a `dict[str, X]` or a `tuple[X, ...]` is of."""
    inner = [one for one in getattr(container, "__args__", ()) if one is not Ellipsis]
    return inner[-1] if inner else None
