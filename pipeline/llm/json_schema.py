"""JSON schemas of answer types, restricted to the keywords that an endpoint compiles to a grammar."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

# The Messages API rejects these keywords with HTTP 400. They go into the description, where a model reads them.
UNSUPPORTED: Final = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
)
DROPPED: Final = frozenset(
    {"title", "default", "examples", "const", "additionalProperties", "required", *UNSUPPORTED}
)


@lru_cache(maxsize=32)
def schema_of(answer_type: type[BaseModel]) -> Mapping[str, Any]:
    """Return the closed JSON schema of a type: no additional properties, every property required.

    The result is cached: do not modify it. Raises TypeError for a type that such a schema cannot express: a
    dictionary, Any, or a recursive type.
    """
    raw = answer_type.model_json_schema()
    definitions: Mapping[str, Any] = raw.get("$defs", {})
    for name in definitions:
        _check_not_recursive(name, definitions, ())
    return _close(raw, answer_type.__name__)


def _close(node: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Close a schema and all schemas nested in it; `path` is for error messages."""
    closed = {key: _close_keyword(key, value, path) for key, value in node.items() if key not in DROPPED}
    if "const" in node:
        closed["enum"] = [node["const"]]
    if not closed.keys() & {"type", "enum", "anyOf", "allOf", "oneOf", "$ref"}:
        raise TypeError(f"{path}: an answer cannot have a field of any type")
    constraints = ", ".join(f"{key}: {node[key]}" for key in UNSUPPORTED if key in node)
    if constraints:
        closed["description"] = f"{closed.get('description', '')} {{{constraints}}}".strip()
    if node.get("type") == "object":
        if "properties" not in node:
            raise TypeError(f"{path}: an answer cannot have a dictionary")
        closed["additionalProperties"] = False
        closed["required"] = list(node["properties"])
    return closed


def _close_keyword(key: str, value: Any, path: str) -> Any:
    """Close the schemas in a keyword's value. Property names are not keywords, whatever they are called."""
    if key in ("properties", "$defs"):
        return {name: _close(inner, f"{path}.{name}") for name, inner in value.items()}
    if key in ("anyOf", "allOf", "oneOf", "prefixItems"):
        return [_close(inner, path) for inner in value]
    return _close(value, path) if key == "items" else value


def _check_not_recursive(name: str, definitions: Mapping[str, Any], ancestors: tuple[str, ...]) -> None:
    """Raise TypeError if a definition refers to itself, directly or through others."""
    if name in ancestors:
        raise TypeError(f"{name}: an answer cannot contain itself")
    for inner in _references(definitions[name]):
        _check_not_recursive(inner, definitions, (*ancestors, name))


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        direct = {node["$ref"].rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set()
        return direct.union(*(_references(value) for value in node.values()))
    return set().union(*(_references(value) for value in node)) if isinstance(node, list) else set()


def normalize_enum_case(value: Any, node: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """Return a value with its enum members in the schema's letter case, which endpoints do not guarantee.

    `node` is the schema of the value; `root` holds the `$defs` that it refers to.
    """
    if "$ref" in node:
        return normalize_enum_case(value, root["$defs"][node["$ref"].rsplit("/", 1)[1]], root)
    if isinstance(value, str):
        folded = {
            str(member).casefold(): member
            for schema in _alternatives(node, root)
            for member in schema.get("enum", ())
        }
        return folded.get(value.strip().casefold(), value)
    for schema in _alternatives(node, root):
        if isinstance(value, dict) and "properties" in schema:
            properties: Mapping[str, Any] = schema["properties"]
            return {
                key: normalize_enum_case(item, properties[key], root) if key in properties else item
                for key, item in value.items()
            }
        if isinstance(value, list) and "items" in schema:
            return [normalize_enum_case(item, schema["items"], root) for item in value]
    return value


def _alternatives(node: Mapping[str, Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The schemas that a value may follow: the node itself, or the members of its anyOf, references resolved."""
    members = [
        root["$defs"][m["$ref"].rsplit("/", 1)[1]] if "$ref" in m else m for m in node.get("anyOf", ())
    ]
    return members or [node]
