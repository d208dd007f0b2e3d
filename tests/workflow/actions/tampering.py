"""Changes the report of cv in an artifact into one that the program would never write: `tampering.py HOW`.

`tampering.py words FILE` puts the words of that file into the texts of every report and artifact here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PATH = Path("cv/2026/01/2026-01-30.json")
OTHER_RUN = "https://github.com/someone/else/actions/runs/1"
FIELDS: dict[str, dict[str, Any]] = {
    "other date": {"date": "2026-01-01"},
    "other profile": {"profile": "nlp"},
    "other schema": {"schema_version": 3},
    "another field": {"markdown": "# anything"},
    "another repository's run": {"run_url": OTHER_RUN},
    "a language that is none": {"language": "../../x"},
    "a time to come": {"generated_at": "2999-01-01T00:00:00Z"},
}
BYTES = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe",
    "not JSON": b"{",
    "huge": b" " * 11_000_000 + b"{}",
    "deep": b"[" * 100_000,
}


WORDS = {"title", "abstract", "reason", "headline", "hook", "authors"}  # fields that say what they like


def said(value: Any, words: str, field: str = "") -> Any:
    """These words for every free text of a report, or of another artifact."""
    if isinstance(value, dict):
        return {key: said(inner, words, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [said(inner, words, field) for inner in value]
    return words if field in WORDS and isinstance(value, str) else value


def tamper(how: str) -> None:
    """Hand over something that the program would never write."""
    if how in BYTES:
        PATH.write_bytes(BYTES[how])
        return
    if how == "words":
        words = Path(sys.argv[2]).read_text("utf-8")
        for path in sorted(Path().rglob("*.json")):
            path.write_text(json.dumps(said(json.loads(path.read_text()), words)))
        return
    digest = json.loads(PATH.read_text())
    if how in FIELDS:
        digest |= FIELDS[how]
    elif how == "long words":
        digest = said(digest, "word " * 2_000)
    elif how == "foreign link":
        digest["candidates"][0]["url"] = "https://evil.example/x"
    elif how == "javascript":
        digest["picks"][0]["url"] = "javascript:alert(1)"
    elif how == "link with a user":
        digest["picks"][0]["links"]["code"] = "https://github.com@evil.example/x"
    elif how == "a paper twice":
        digest["candidates"][1] = digest["candidates"][0]
    elif how == "a score past the scale":
        digest["candidates"][0]["score"] = 10**400
    else:
        raise ValueError(how)
    PATH.write_text(json.dumps(digest))


tamper(sys.argv[1])
