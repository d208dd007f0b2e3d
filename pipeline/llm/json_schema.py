"""JSON schemas of answer types, restricted to the keywords that an endpoint compiles to a grammar."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

DROPPED: Final = frozenset({"title", "default", "examples", "additionalProperties", "required"})


@cache
def schema_of(answer_type: type[BaseModel]) -> Mapping[str, Any]:
    """Return the closed JSON schema of a type: no additional properties, every property required.

    The result is cached: do not modify it. Raises TypeError for a dictionary, of which an endpoint would make an object
    that is always empty.
    """
    return _close(answer_type.model_json_schema())


def _close(node: Mapping[str, Any]) -> dict[str, Any]:
    """Close a schema and all schemas nested in it."""
    closed = {key: _close_keyword(key, value) for key, value in node.items() if key not in DROPPED}
    if node.get("type") == "object":
        if "properties" not in node:
            raise TypeError(f"{node.get('title')}: an answer cannot have a dictionary")
        closed["additionalProperties"] = False
        closed["required"] = list(node["properties"])
    return closed


def _close_keyword(key: str, value: Any) -> Any:
    """Close the schemas in a keyword's value. Property names are not keywords, whatever they are called."""
    if key in ("properties", "$defs"):
        return {name: _close(inner) for name, inner in value.items()}
    return _close(value) if key == "items" else value


def normalize_enum_case(value: Any, node: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """Return a value with its enum members in the schema's letter case, which endpoints do not guarantee.

    `node` is the schema of the value; `root` holds the `$defs` that it refers to.
    """
    if "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    if isinstance(value, str):
        members = {member.casefold(): member for member in node.get("enum", ())}
        return members.get(value.strip().casefold(), value)
    if isinstance(value, list):
        return [normalize_enum_case(item, node.get("items", {}), root) for item in value]
    if isinstance(value, dict):
        fields = node.get("properties", {})
        return {key: normalize_enum_case(item, fields.get(key, {}), root) for key, item in value.items()}
    return value
