"""Changes the report of cv in an artifact into one that the program would never write: `tampering.py HOW`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

TAMPERED = {
    "script": "\n<script>alert(1)</script>\n",
    "comment": "\n<!-- hidden -->\n",
    "image": "\n![x](https://arxiv.org/x.png)\n",
    "foreign link": "\n[x](https://evil.example/x)\n",
    "javascript": "\n[x](javascript:alert(1))\n",
    "relative link": "\n[x](../../../../settings)\n",
    "link title": '\n[x](https://arxiv.org/abs/1 "a title")\n',
    "mention": "\nthanks to @octocat\n",
    "bidi": "\nabc\u202edef\n",
    "zero-width": "\na\u200bb\n",
    "unclosed": '\n<details markdown="1">\n',
    "bare address": "\nhttps://evil.example\n",
    "huge": "\n" + "word " * 120_000,
}


def tamper(path: Path, how: str) -> None:
    """Hand over something that the program would never write."""
    page_path = path.with_suffix(".md")
    if how in TAMPERED:
        page_path.write_text(page_path.read_text("utf-8") + TAMPERED[how], "utf-8")
    elif how == "empty":
        page_path.write_bytes(b"")
    elif how == "not UTF-8":
        page_path.write_bytes(b"\xff\xfe")
    elif how == "missing":
        page_path.unlink()
    elif how == "no JSON":
        path.write_text("{")
    elif how == "other date":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"date": "2026-01-01"}))
    elif how == "other profile":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"profile": "nlp"}))
    elif how == "other schema":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 3}))
    elif how == "script in data":
        text = path.read_text()
        address = json.loads(text)["candidates"][0]["url"]
        path.write_text(text.replace(address, "javascript:alert(1)"))


tamper(Path("cv/2026/01/2026-01-30.json"), sys.argv[1])
