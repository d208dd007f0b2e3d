"""Translation of pydantic's validation errors: the key, the value found, the value expected, and a valid example."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

# By pydantic's type of error; the placeholders are keys of the error's context.
MESSAGES = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a number that has an end",
    "tuple_type": "is not a list in [ ]",
    "list_type": "is not a list in [ ]",
    "dict_type": "is not a group such as {{key: value}}",
    "model_type": "is not a group of settings",
    "bool_parsing": "is not true or false",
    "bool_type": "is not true or false",
    "string_type": "is not text; put quotes around it",
    "string_too_short": "is empty",
    "too_short": "is empty",
    "too_long": "has more than {max_length} entries",
    "greater_than_equal": "is less than {ge}",
    "greater_than": "is not more than {gt}",
    "less_than_equal": "is more than {le}",
    "literal_error": "is not one of {expected}",
    "value_error": "{error}",
}


@dataclass(frozen=True)
class Fault:
    """The first error of a validation. `location` is the setting's path of keys and list indexes."""

    location: tuple[int | str, ...]
    message: str
    hint: str


def explain(
    error: ValidationError,
    kind: type[BaseModel],
    *,
    examples: Mapping[str, str],
    given: Mapping[str, Any] | None = None,
) -> Fault:
    """Describe the first error of a validation. `examples`: by dotted key, a line that would be valid.

    A member of a list that has an id in `given`, the settings, is called by it.
    """
    first = error.errors(include_url=False)[0]
    location = tuple(
        part for part in first["loc"] if part != "[key]" and not str(part).startswith("function-")
    )
    keys, names = [str(part) for part in location], _names(location, given)
    key, value = ".".join(names), first["input"]
    key_and_parents = (".".join(keys[:end]) for end in range(len(keys), 0, -1))
    hint = next((f"Try: {examples[name]}" for name in key_and_parents if name in examples), "")
    expected = MESSAGES.get(first["type"], "is wrong: {msg}").format(msg=first["msg"], **first.get("ctx", {}))
    if first["type"] == "extra_forbidden":
        model = _model_at(kind, location[:-1])
        known = model.model_fields if model else ()
        return Fault(
            location, *unknown_key(keys[-1], known, prefix="".join(f"{part}." for part in names[:-1]))
        )
    if first["type"] == "missing":
        return Fault(location, f"`{key}` is missing", hint)
    if first["type"] == "value_error" and isinstance(value, dict):
        return Fault(location, f"{key}: {expected}", hint)  # two keys of a group contradict each other
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    return Fault(location, f"{key}: {shown[:80]} {expected}{_range(kind, location, first['type'])}", hint)


def _names(location: Sequence[int | str], given: Any) -> list[str]:
    """The parts of a location, with a list's member that has an id called by it instead of by its index."""
    names = []
    for part in location:
        try:
            given = given[part]
        except (LookupError, TypeError):
            given = None
        own = given.get("id") if isinstance(part, int) and isinstance(given, Mapping) else None
        names.append(own if isinstance(own, str) else str(part))
    return names


def unknown_key(key: str, known: Iterable[str], *, prefix: str = "") -> tuple[str, str]:
    """Return the message and the hint for an unknown key; `prefix` is the path to it, such as `http.`."""
    listed = ", ".join(prefix + name for name in sorted(known))
    return (
        f"`{prefix}{key}` is not a setting",
        did_you_mean(key, known, prefix=prefix) or f"Known keys: {listed}",
    )


def did_you_mean(name: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Return `Did you mean …?` with the most similar known name; empty if none is similar. Ignores case."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"Did you mean `{prefix}{by_lower[close[0]]}`?" if close else ""


def _range(kind: type[BaseModel], location: Sequence[int | str], error_type: str) -> str:
    """Return ` from 1 to 100` for a value that is no whole number, if the field declares both limits."""
    model = _model_at(kind, location[:-1])
    field = model.model_fields.get(str(location[-1])) if model else None
    limits = {
        name: getattr(constraint, name)
        for constraint in (field.metadata if field else ())
        for name in ("ge", "le")
        if hasattr(constraint, name)
    }
    return (
        f" from {limits['ge']} to {limits['le']}" if len(limits) == 2 and error_type.startswith("int") else ""
    )


def _model_at(kind: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    """Return the model at a location, reached through models and dicts and tuples of them; None if it is no model."""
    model: Any = kind
    for part in location:
        field = getattr(model, "model_fields", {}).get(str(part))
        item_types = [argument for argument in get_args(model) if argument is not Ellipsis]
        model = field.annotation if field is not None else item_types[-1]
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None
