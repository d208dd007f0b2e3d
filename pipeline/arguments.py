"""The words of the command line as jobs; whatever is wrong with them is an InputError with a hint."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from pipeline.config import PROMPTS, Environ, Settings
from pipeline.errors import InputError
from pipeline.identifiers import canonical_id
from pipeline.jobs import Job
from pipeline.models import Engine
from pipeline.profiles import load_profile, names
from pipeline.writing import catalog


def jobs(given: Mapping[str, Any], settings: Settings, environ: Environ, now: dt.datetime) -> list[Job]:
    """One job for each profile that is asked for."""
    return [_job(one, given, settings, environ, now) for one in names(given["profiles"], settings, environ)]


def _job(name: str, given: Mapping[str, Any], settings: Settings, environ: Environ, now: dt.datetime) -> Job:
    """One profile's run, with what the command line lays over its settings."""
    profile = load_profile(PROMPTS, name, languages=catalog.LANGUAGES)
    own = {key: given[key] for key in ("picks", "threshold") if given[key] is not None}
    profile = profile.model_copy(update={"settings": profile.settings.model_copy(update=own)})
    engine: Engine = given["engine"] or ("local" if given["sample"] else settings.profiles.engine)
    return Job(
        settings=settings,
        profile=profile,
        prompts=PROMPTS,
        reports=given["reports"],
        work=given["work"],
        date=_date(given["date"], now),
        engine=engine,
        generated_at=now,
        run_url=_run_url(environ),
        force=given["force"],
        wanted=_papers(given["papers"]),
    )


def _date(given: str | None, now: dt.datetime) -> dt.date:
    """The digest's date: a real day, not after today."""
    if not given:
        return now.date()
    hint = f"Try: --date {now.date()}"
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        raise InputError(f'--date: "{given[:40]}" is not a date of the form YYYY-MM-DD', hint=hint)
    try:
        date = dt.date.fromisoformat(given)
    except ValueError as error:
        raise InputError(f'--date: "{given}" is not a day ({error})', hint=hint) from None
    if date > now.date():
        raise InputError(f'--date: "{given}" is still to come', hint=hint)
    return date


def _papers(given: str) -> tuple[str, ...]:
    """The papers of --papers by the name that the sources give them, each once."""
    ids: list[str] = []
    for one in filter(None, map(str.strip, given.split(","))):
        known = canonical_id(one)
        if known is None:
            raise InputError(f'--papers: "{one[:40]}" is not an arXiv id', hint="Try: --papers 2601.16914")
        ids.append(known)
    return tuple(dict.fromkeys(ids))


def _run_url(environ: Environ) -> str | None:
    """The page of this run in Actions, else None."""
    parts = [environ.get(f"GITHUB_{key}", "") for key in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else None
