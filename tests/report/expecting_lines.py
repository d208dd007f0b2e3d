"""Small texts of a page, worked out from the report's JSON and the locale file alone."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parents[2] / "pipeline" / "report" / "locales"
Block = tuple[str, str, list[str]]
Words = Callable[..., str]
Show = Callable[[str], str]


def words(language: str) -> Words:
    raw = tomllib.loads((LOCALES / f"{language}.toml").read_text("utf-8"))

    def word(key: str, **values: Any) -> str:
        section, name = key.split(".")
        found = raw[section][name]
        if not isinstance(found, str):
            found = found.get("one", found["other"]) if values.get("n") == 1 else found["other"]
        return str(found).format(**values)

    return word


def named(name: str, w: Words) -> str:
    known = {"arxiv": "arXiv", "huggingface": "Hugging Face"}
    return known.get(name) or re.sub(r"https://([^/]+)/.*", r"\1", name)


def mark(one: dict[str, Any], raw: dict[str, Any], w: Words) -> str:
    if one["score"] is not None:
        return str(one["score"])
    rank = next(c["rank"] for c in raw["candidates"] if c["id"] == one["id"])
    return w("mark.rank", rank=rank) if raw["engine"] == "local" else "–"


def band(score: int) -> str:
    return "must" if score >= 90 else "recommended" if score >= 75 else "look"


def why(c: dict[str, Any], raw: dict[str, Any], w: Words, show: Callable[[str], str]) -> str:
    reason = show(c["reason"]) if c["reason"] else ""
    label = "" if c["outcome"] in {"below_threshold", "picked"} else w(f"outcome.{c['outcome']}")
    if raw["engine"] == "local":
        label = ""
        few = c["outcome"] == "below_threshold"
        reason = (
            w("row.shares_few" if few else "row.shares", terms=reason) if reason else w("row.shares_none")
        )
    why = w("row.labeled", label=label, reason=reason) if label and reason else label or reason
    last = max(dt.date.fromisoformat(s["day"]) for s in c["signals"].values())
    if (dt.date.fromisoformat(raw["date"]) - last).days > 1:
        why += w("mark.comma") + w("row.listed", date=f"{last:%m-%d}")
    return why
