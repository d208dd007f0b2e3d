"""The schema of an answer, against what the endpoint accepts (the stub's own reading of its rules)."""

import datetime as dt
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from pipeline.llm.json_schema import normalize_enum_case, schema_of
from tests.stubs.messages_schemas import schema_faults


class Kind(Enum):
    STATED = "stated"
    INFERENCE = "inference"


class Claim(BaseModel):
    """A claim."""

    title: str
    kind: Kind
    evidence: list[int]


class Everything(BaseModel):
    title: str
    claims: Annotated[list[Claim], Field(min_length=1, max_length=5)]
    only: Literal["one"]
    score: Annotated[int, Field(ge=0, le=100, description="how good")]
    when: dt.date
    word: Literal["Yes", "no"] | None
    note: str = "none"


def test_the_schema_is_closed_and_accepted():
    schema = schema_of(Everything)
    assert list(schema_faults(schema, "here")) == []
    Draft202012Validator.check_schema(dict(schema))
    assert schema["required"] == ["title", "claims", "only", "score", "when", "word", "note"]
    assert schema["additionalProperties"] is False
    claim = schema["$defs"]["Claim"]
    assert (claim["required"], claim["additionalProperties"]) == (["title", "kind", "evidence"], False)
    assert schema["properties"]["title"] == {"type": "string"}  # a property of that name, not the keyword
    assert schema["properties"]["only"] == {"type": "string", "enum": ["one"]}
    assert schema["properties"]["when"] == {"type": "string", "format": "date"}


def test_ranges_are_said_in_words():
    schema = schema_of(Everything)
    assert schema["properties"]["score"] == {
        "type": "integer",
        "description": "how good {minimum: 0, maximum: 100}",
    }
    assert schema["properties"]["claims"]["description"] == "{minItems: 1, maxItems: 5}"


class Dictionary(BaseModel):
    marks: dict[str, str]


class Anything(BaseModel):
    value: Any


class Node(BaseModel):
    next: "list[Node]"


@pytest.mark.parametrize("kind", [Dictionary, Anything, Node])
def test_what_no_schema_can_say(kind):
    with pytest.raises(TypeError):
        schema_of(kind)


def test_enums_in_any_casing():
    schema = schema_of(Everything)
    value = {
        "title": "STATED",
        "claims": [{"title": "INFERENCE", "kind": "Stated", "evidence": [1]}, {"kind": " INFERENCE "}],
        "only": "ONE",
        "word": "YES",
        "other": {"kind": "STATED"},
    }
    assert normalize_enum_case(value, schema, schema) == {
        "title": "STATED",
        "claims": [{"title": "INFERENCE", "kind": "stated", "evidence": [1]}, {"kind": "inference"}],
        "only": "one",
        "word": "Yes",
        "other": {"kind": "STATED"},
    }


@pytest.mark.parametrize(
    "value", [None, 3, [], "x", {"claims": 5, "only": None, "word": []}, {"claims": ["a", None]}]
)
def test_values_of_another_form_stay_as_they_are(value):
    schema = schema_of(Everything)
    assert normalize_enum_case(value, schema, schema) == value
