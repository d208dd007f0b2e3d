"""Which JSON schemas the Messages API compiles to a grammar, and what it says of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

BANNED = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "patternProperties",
    "propertyNames",
    "uniqueItems",
]
FORMATS = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]
)
MOST_OPTIONAL, MOST_UNIONS = 24, 16
SCHEMA = "output_config.format.schema"


def output_format(body: Mapping[str, Any]) -> Iterator[str]:
    """Every schema that is compiled to a grammar: the output format's, and those of strict tools."""
    wanted = (body.get("output_config") or {}).get("format")
    schemas: list[tuple[str, Any]] = []
    if wanted is not None:
        if wanted.get("type") != "json_schema":
            yield "output_config.format.type: Input should be 'json_schema'"
        schemas.append((SCHEMA, wanted.get("schema")))
    schemas += [
        (f"tools.{number}.input_schema", tool.get("input_schema"))
        for number, tool in enumerate(body.get("tools") or [])
        if tool.get("strict")
    ]
    optional = unions = 0
    for where, schema in schemas:
        if not isinstance(schema, dict):
            yield f"{where}: Field required"
            continue
        yield from schema_faults(schema, where)
        nodes = list(_nodes(schema))
        unions += sum("anyOf" in node or isinstance(node.get("type"), list) for node in nodes)
        optional += sum(
            len(set(node.get("properties") or ()) - set(node.get("required") or ())) for node in nodes
        )
    if optional > MOST_OPTIONAL or unions > MOST_UNIONS:
        yield (
            f"Schema is too complex for compilation: {optional} optional parameters (limit {MOST_OPTIONAL}), "
            f"{unions} union parameters (limit {MOST_UNIONS})."
        )


def _nodes(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and every schema inside it; references are not followed."""
    yield schema
    children: list[Any] = [schema.get("items"), schema.get("additionalProperties")]
    for key in ("anyOf", "allOf", "oneOf", "prefixItems"):
        children += schema.get(key) or []
    for key in ("properties", "$defs", "definitions"):
        children += (schema.get(key) or {}).values()
    for child in children:
        if isinstance(child, dict):
            yield from _nodes(child)


def schema_faults(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    """What keeps a schema from being compiled, in the API's words."""
    for node in _nodes(schema):
        kind = node.get("type")
        if kind == "object" and node.get("additionalProperties") is not False:
            yield f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        banned = [key for key in BANNED if key in node]
        if node.get("minItems", 0) not in (0, 1):
            banned.append("minItems")
        if len(banned) == 1:
            yield f"{where}: For '{kind}' type, property '{banned[0]}' is not supported"
        elif banned:
            yield f"{where}: For '{kind}' type, properties {', '.join(banned)} are not supported"
        if any(isinstance(value, (dict, list)) for value in node.get("enum") or ()):
            yield f"{where}: enum values must be primitives"
        if kind == "string" and node.get("format", "date") not in FORMATS:
            yield f"{where}: For 'string' type, format '{node['format']}' is not supported"
        if not str(node.get("$ref", "#")).startswith("#"):
            yield f"{where}: external $ref is not supported"
    if _recursive(schema, schema, ()):
        yield f"{where}: recursive schemas are not supported"


def _recursive(node: Mapping[str, Any], root: Mapping[str, Any], above: tuple[str, ...]) -> bool:
    """Whether following references comes back to where one has been."""
    for inner in _nodes({key: value for key, value in node.items() if key not in ("$defs", "definitions")}):
        name = inner.get("$ref")
        if not isinstance(name, str) or not name.startswith("#"):
            continue
        if name in above or name == "#":
            return True
        target: Any = root
        for part in name.removeprefix("#/").split("/"):
            target = target.get(part, {})
        if _recursive(target, root, (*above, name)):
            return True
    return False
