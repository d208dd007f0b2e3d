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


def reason(c: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> str:
    """Why a paper was judged as it was."""
    if raw["engine"] != "local":
        return show(c["reason"]) if c["reason"] else w("row.no_reason")
    few = c["outcome"] == "below_threshold"
    key = "row.shares_few" if few else "row.shares"
    return w(key, terms=show(c["reason"])) if c["reason"] else w("row.shares_none")


def why(c: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> str:
    """What became of a paper, and why."""
    plain = {"below_threshold"} | ({"shortlisted"} if raw["engine"] == "local" else set())
    if c["outcome"] in plain:
        return reason(c, raw, w, show)
    label = w(f"outcome.{c['outcome']}")
    return w("row.labeled", label=label, reason=reason(c, raw, w, show)) if c["reason"] else label


def listed(c: dict[str, Any], raw: dict[str, Any], w: Words) -> str:
    """The day on which a paper was listed, if it is long ago."""
    last = max(dt.date.fromisoformat(s["day"]) for s in c["signals"].values())
    long_ago = (dt.date.fromisoformat(raw["date"]) - last).days > 1
    return " · " + w("row.listed", date=f"{last:%m-%d}") if long_ago else ""


def followed(one: dict[str, Any], w: Words, show: Show) -> list[str]:
    """The authors of a paper whom the profile follows, and if they may be others."""
    told = []
    for author in one.get("followed", []):
        name, written = show(author["name"]), show(author.get("perhaps", ""))
        key = ("perhaps" if written == name else "perhaps_written") if written else "name"
        told.append(w(f"followed.{key}", sign="👤", name=name, written=written))
    return told


def reader_s_why(pick: dict[str, Any], raw: dict[str, Any], w: Words, show: Show) -> str:
    """Why a pick suits the reader, as the overview says it: the hook, else the reason of its score."""
    c = next(c for c in raw["candidates"] if c["id"] == pick["id"])
    if raw["engine"] == "local":
        return reason(c, raw, w, show)
    if not pick["headline"]:
        return w("row.labeled", label=w("pick.pending_short"), reason=show(c["reason"]))
    return show(pick["hook"] or c["reason"])
