"""A world kept in a folder; see `world.py` for what is in it."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

from tests.stubs import world_bodies as bodies
from tests.stubs.world_bodies import Day
from tests.stubs.world_calendar import days_of


def load(root: Path) -> tuple[dict[dt.date, Day], dict[str, dict[str, bytes]]]:
    """The days and the full texts of a folder."""
    records = []
    for path in sorted(root.glob("papers*.jsonl*")):
        records += [bodies.record(json.loads(line)) for line in _bytes(path).splitlines() if line.strip()]
    lists = {
        dt.date.fromisoformat(path.name[:10]): json.loads(_bytes(path))
        for path in sorted((root / "huggingface").glob("*.json*"))
    }
    texts = {
        kind: {p.stem: p.read_bytes() for p in (root / kind).glob(f"*.{kind}")} for kind in ("html", "pdf")
    }
    texts["feeds"] = {path.name: path.read_bytes() for path in (root / "feeds").glob("*")}
    return days_of(records, lists), texts


def _bytes(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
