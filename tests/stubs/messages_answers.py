"""What the stub's model says by default: JSON that fits the schema it was asked for, made from the prompt.

No judgment in it, but it reads what a model has to read: a list of things with an id gets one entry for each
`id="…"` of the prompt, evidence points at a numbered sentence, a claim repeats that sentence, a brief repeats the first
words of its paper's abstract, an order follows the marks of topic, and a second reading finds every numbered claim supported.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

ID = re.compile(r'\bid="([\w./-]+)"')  # not the `id="…"` of a prompt's own words
BRIEF_WORDS = 20
SENTENCE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)


def abstract_of(key: str) -> re.Pattern[str]:
    """The abstract of one paper of a batch."""
    return re.compile(rf'id="{re.escape(key)}">\nTitle: .*\nAbstract: (.*)')


def prompt_text(body: Mapping[str, Any]) -> str:
    """System and user text of a request, one after the other."""
    parts: list[str] = []
    for node in (body.get("system"), *(message.get("content") for message in body.get("messages") or [])):
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, list):
            parts += [block.get("text", "") for block in node if isinstance(block, dict)]
    return "\n".join(parts)


def wanted_schema(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema of the output format, or of the first tool, or one that stands in the prompt; else None."""
    formatted = (body.get("output_config") or {}).get("format")
    if formatted:
        return dict(formatted["schema"])
    if body.get("tools"):
        return dict(body["tools"][0]["input_schema"])
    return schema_in(prompt_text(body))


def schema_in(text: str) -> dict[str, Any] | None:
    """The last JSON schema written out in a text."""
    decoder, found = json.JSONDecoder(), None
    end = 0
    for match in re.finditer(r"\{", text):
        if match.start() < end:
            continue
        try:
            value, stop = decoder.raw_decode(text, match.start())
        except ValueError:
            continue
        if isinstance(value, dict) and "properties" in value:
            found, end = value, stop
    return found


def plain_answer(body: Mapping[str, Any]) -> dict[str, Any] | str:
    """The default model: an answer of the right form, or prose if no form was asked for."""
    schema = wanted_schema(body)
    if schema is None:
        return "The paper is interesting, I think."
    answer = filled(schema, schema, prompt_text(body))
    return answer if isinstance(answer, dict) else json.dumps(answer)


def filled(
    node: Mapping[str, Any], root: Mapping[str, Any], prompt: str, name: str = "", about: str = ""
) -> Any:
    """A value of the schema `node`. `about` is the id of the thing around it, so that values differ."""
    if "$ref" in node:
        target: Any = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return filled(target, root, prompt, name, about)
    if "anyOf" in node:
        return filled(node["anyOf"][0], root, prompt, name, about)
    if "enum" in node or "const" in node:
        return node["enum"][0] if "enum" in node else node["const"]
    if node.get("type") == "object":
        inner = about or next(iter(ID.findall(prompt)), "")
        properties: Mapping[str, Any] = node.get("properties", {})
        return {key: filled(value, root, prompt, key, inner) for key, value in properties.items()}
    if node.get("type") == "array":
        return _list(node, root, prompt, name, about)
    return _leaf(node, prompt, name, about)


def _list(node: Mapping[str, Any], root: Mapping[str, Any], prompt: str, name: str, about: str) -> list[Any]:
    if name == "order":  # as the default marks have it
        return sorted(
            dict.fromkeys(ID.findall(prompt)), key=lambda key: -(zlib.crc32(f"{key}/topic".encode()) % 6)
        )
    items: Mapping[str, Any] = node.get("items", {"type": "string"})
    target = root["$defs"][items["$ref"].rsplit("/", 1)[1]] if "$ref" in items else items
    if {"id", "verdict"} & target.get("properties", {}).keys() and (
        ids := list(dict.fromkeys(ID.findall(prompt)))
    ):
        return [filled(items, root, prompt, name, one) for one in ids]
    return [filled(items, root, prompt, name, about)]


def _leaf(node: Mapping[str, Any], prompt: str, name: str, about: str) -> Any:
    number, sentence = next(iter(SENTENCE.findall(prompt)), ("1", f"A stub's {name or 'answer'}."))
    kind = node.get("type")
    if name in {"brief", "terms"} and (found := abstract_of(about).search(prompt)):
        sentence = " ".join(found[1].split()[:BRIEF_WORDS])
    if kind == "integer" and name == "number" and about.isdigit():
        return int(about)
    if kind == "integer":
        return int(number) if name == "evidence" else zlib.crc32(f"{about}/{name}".encode()) % 6
    if kind == "number":
        return (zlib.crc32(f"{about}/{name}".encode()) % 11) / 2
    if kind in ("boolean", "null"):
        return False if kind == "boolean" else None
    if name == "id":
        return about or "none"
    if name == "terms":
        return max(re.findall(r"[^\W\d_]+", sentence) or [sentence], key=len)
    return sentence if name in {"text", "brief"} else f"A stub's {name or 'answer'}."
