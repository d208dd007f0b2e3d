"""What may stand in the JSON of a report: the fields that every later night reads, in a form that it can read."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.writing.vetting_links import Allowed, refuse, refuse_link

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
LINK_FIELDS = {"url", "page", "html", "pdf", "huggingface", "code", "project"}
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,63}", re.ASCII)
OUTCOMES = {"picked", "below_threshold", "not_picked", "excluded", "prefiltered", "seen", "unscored"}


def real_date(text: str) -> bool:
    """Whether the text is a day of the calendar, written YYYY-MM-DD in ASCII digits."""
    try:
        return bool(DATE.fullmatch(text)) and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def check_data(text: str, profile: str, date: str, allowed: Allowed) -> tuple[int, int, int]:
    """Refuse a JSON that is not this day's report. Returns its picks, judged candidates and pending papers."""
    where = f"{profile}/{date}.json"
    try:
        data = json.loads(text, parse_constant=lambda name: refuse(f"has {name} for a number", where))
        addresses = list(_addresses(data))
    except (ValueError, RecursionError):  # newer Pythons read what is nested too deep to be walked through
        refuse("is not JSON, or nested too deep", where)
    if not isinstance(data, dict):
        refuse("is not an object", where)
    for field, value in {"schema_version": 1, "profile": profile, "date": date}.items():
        if data.get(field) != value or isinstance(data.get(field), bool):
            refuse(f"its {field} is not {value}", where)
    for target in addresses:
        if not allowed.link(target.replace("&", "&amp;")):  # bare in the data; what writes a page escapes it
            refuse_link(target, where)
    candidates = _rows(data, "candidates", where)
    for row in candidates:
        _check_candidate(row, where)
    _check_sources(data, date, where)
    judged = sum(row.get("outcome") != "seen" for row in candidates)
    return len(_rows(data, "picks", where)), judged, len(_rows(data, "pending", where))


def _check_sources(data: dict[str, Any], date: str, where: str) -> None:
    """How far the sources were read: a day to come would keep the next nights from reading on."""
    for row in _rows(data, "sources", where):
        through = row.get("through")
        if through is not None and not (isinstance(through, str) and real_date(through) and through <= date):
            refuse("a source has been read through a day that is none, or to come", where)


def _check_candidate(row: dict[str, Any], where: str) -> None:
    """What every later night reads of a candidate: one that it cannot read would stop them all."""
    key, score = row.get("id"), row.get("score")
    if not isinstance(key, str) or not ID.fullmatch(key):
        refuse("a candidate has no id", where)
    if row.get("outcome") not in OUTCOMES:
        refuse("a candidate has an outcome that is none", where)
    if score is not None and not (type(score) is int and 0 <= score <= 100):
        refuse("a candidate has a score that is no whole number of 0-100", where)


def _rows(data: dict[str, Any], field: str, where: str) -> list[dict[str, Any]]:
    rows = data.get(field)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        refuse(f"its {field} is not a list of objects", where)
    return rows


def _addresses(value: object, field: str = "") -> Iterator[str]:
    """Every address that a reader, an index or a feed could be sent to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _addresses(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner, field)
    elif isinstance(value, str) and (field in LINK_FIELDS or field == "run_url"):
        yield value
