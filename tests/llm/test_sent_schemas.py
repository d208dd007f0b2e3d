"""The schemas that are sent, byte for byte: names and docstrings of the answer types stand in them, and a model reads them.

After a change that is meant: `DIGEST_WRITE_SCHEMAS=1 pytest tests/llm/test_sent_schemas.py`, and read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from pipeline.grounding.claims import Repaired, answer_type
from pipeline.llm.json_schema import schema_of
from pipeline.llm.prompts import load_prompt
from pipeline.scoring.llm_scorer import Batch

KEPT = Path(__file__).with_name("sent_schemas.json")


def sent() -> dict[str, type[BaseModel]]:
    """The types of all answers that are asked for, the analysis with the sections of the shipped prompt."""
    sections = load_prompt(Path("prompts"), "analyze", "analyze").sections
    return {"analysis": answer_type(sections), "repair": Repaired, "marks": Batch}


@pytest.mark.parametrize("name", ["analysis", "repair", "marks"])
def test_a_model_is_sent_the_schema_that_was_read_by_eye(name: str, project: Path) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    # As text: the order of the fields is the order in which a model writes them.
    assert json.dumps(schema_of(sent()[name]), indent=2) == json.dumps(kept[name], indent=2)


def test_no_schema_is_kept_that_is_not_sent(project: Path) -> None:
    if os.environ.get("DIGEST_WRITE_SCHEMAS"):
        schemas = {name: schema_of(kind) for name, kind in sent().items()}
        KEPT.write_text(json.dumps(schemas, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert list(json.loads(KEPT.read_text(encoding="utf-8"))) == list(sent())
