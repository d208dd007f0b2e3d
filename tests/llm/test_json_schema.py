"""The schema of an answer, against what the endpoint accepts (the stub's own reading of its rules)."""

import datetime as dt
from enum import Enum
from typing import Annotated, Literal

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
    claims: list[Claim]
    word: Literal["Yes", "no"]
    score: Annotated[int, Field(description="how good")]
    when: dt.date
    note: str = "none"


def test_the_schema_is_closed_and_accepted():
    schema = schema_of(Everything)
    assert list(schema_faults(schema, "here")) == []
    Draft202012Validator.check_schema(dict(schema))
    assert schema["required"] == ["title", "claims", "word", "score", "when", "note"]
    assert schema["additionalProperties"] is False
    claim = schema["$defs"]["Claim"]
    assert (claim["required"], claim["additionalProperties"]) == (["title", "kind", "evidence"], False)
    assert schema["properties"]["title"] == {"type": "string"}  # a property of that name, not the keyword
    assert schema["properties"]["score"] == {"type": "integer", "description": "how good"}
    assert schema["properties"]["when"] == {"type": "string", "format": "date"}


class Dictionary(BaseModel):
    marks: dict[str, str]


def test_no_answer_has_a_dictionary():
    with pytest.raises(TypeError, match="Marks: an answer cannot have a dictionary"):
        schema_of(Dictionary)


def test_enums_in_any_casing():
    schema = schema_of(Everything)
    value = {
        "title": "STATED",
        "claims": [{"title": "INFERENCE", "kind": "Stated", "evidence": [1]}, {"kind": " INFERENCE "}],
        "word": "YES",
        "other": {"kind": "STATED"},
    }
    assert normalize_enum_case(value, schema, schema) == {
        "title": "STATED",
        "claims": [{"title": "INFERENCE", "kind": "stated", "evidence": [1]}, {"kind": "inference"}],
        "word": "Yes",
        "other": {"kind": "STATED"},
    }


@pytest.mark.parametrize("value", [3, [], "x", {"claims": 5, "word": None}, {"claims": ["a", None]}])
def test_values_of_another_form_stay_as_they_are(value):
    schema = schema_of(Everything)
    assert normalize_enum_case(value, schema, schema) == value
