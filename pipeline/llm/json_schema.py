"""The JSON schema of an answer, in the part of the language that an endpoint compiles to a grammar."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel

# What the Messages API answers with HTTP 400. It goes into the description, where a model reads it.
UNSUPPORTED: Final = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
)
DROPPED: Final = frozenset(
    {"title", "default", "examples", "const", "additionalProperties", "required", *UNSUPPORTED}
)


@lru_cache(maxsize=32)
def schema_of(kind: type[BaseModel]) -> Mapping[str, Any]:
    """A type as a closed schema: every object without other properties, every property required.

    It is made once for a type: do not change it. Raises TypeError for a type that no such schema can say: a dictionary, Any, or a type that contains itself.
    """
    raw = kind.model_json_schema()
    definitions: Mapping[str, Any] = raw.get("$defs", {})
    for name in definitions:
        _no_cycle(name, definitions, ())
    return _closed(raw, kind.__name__)


def _closed(node: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The same schema, closed, here and in all it contains."""
    kept = {key: _inside(key, value, where) for key, value in node.items() if key not in DROPPED}
    if "const" in node:
        kept["enum"] = [node["const"]]
    if not kept.keys() & {"type", "enum", "anyOf", "allOf", "oneOf", "$ref"}:
        raise TypeError(f"{where}: an answer cannot have a field of any type")
    said = ", ".join(f"{key}: {node[key]}" for key in UNSUPPORTED if key in node)
    if said:
        kept["description"] = f"{kept.get('description', '')} {{{said}}}".strip()
    if node.get("type") == "object":
        if "properties" not in node:
            raise TypeError(f"{where}: an answer cannot have a dictionary")
        kept["additionalProperties"] = False
        kept["required"] = list(node["properties"])
    return kept


def _inside(key: str, value: Any, where: str) -> Any:
    """A keyword's value with the schemas in it closed; names of properties are not keywords."""
    if key in ("properties", "$defs"):
        return {name: _closed(inner, f"{where}.{name}") for name, inner in value.items()}
    if key in ("anyOf", "allOf", "oneOf", "prefixItems"):
        return [_closed(inner, where) for inner in value]
    return _closed(value, where) if key == "items" else value


def _no_cycle(name: str, definitions: Mapping[str, Any], above: tuple[str, ...]) -> None:
    """Raise TypeError for a type that is, somewhere inside, itself."""
    if name in above:
        raise TypeError(f"{name}: an answer cannot contain itself")
    for inner in _references(definitions[name]):
        _no_cycle(inner, definitions, (*above, name))


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        here = {node["$ref"].rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set()
        return here.union(*(_references(value) for value in node.values()))
    return set().union(*(_references(value) for value in node)) if isinstance(node, list) else set()


def recased(value: Any, node: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """A value with the words of enums in the casing that the schema has: an endpoint does not promise it."""
    if "$ref" in node:
        return recased(value, root["$defs"][node["$ref"].rsplit("/", 1)[1]], root)
    if isinstance(value, str):
        folded = {
            str(word).casefold(): word
            for inner in _alternatives(node, root)
            for word in inner.get("enum", ())
        }
        return folded.get(value.strip().casefold(), value)
    for inner in _alternatives(node, root):
        if isinstance(value, dict) and "properties" in inner:
            known: Mapping[str, Any] = inner["properties"]
            return {
                key: recased(item, known[key], root) if key in known else item for key, item in value.items()
            }
        if isinstance(value, list) and "items" in inner:
            return [recased(item, inner["items"], root) for item in value]
    return value


def _alternatives(node: Mapping[str, Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The schemas that a value may follow: the node itself, or the members of its anyOf, references resolved."""
    members = [
        root["$defs"][m["$ref"].rsplit("/", 1)[1]] if "$ref" in m else m for m in node.get("anyOf", ())
    ]
    return members or [node]
