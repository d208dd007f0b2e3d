"""What each command comes to: jobs out of the command line's words, and what can be said of them at once.

The clock, the environment and the console are handed in; nothing here exits or prints by itself. What has to
reach out is `acting`'s.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from pipeline import arguments, planning
from pipeline.config import SETTINGS, Environ, load_settings
from pipeline.console import Console
from pipeline.errors import DigestError, InputError
from pipeline.jobs import Done, Job, finished, index, tell, worst
from pipeline.stages import Start
from pipeline.writing import actions


def execute(
    name: str, given: Mapping[str, Any], *, environ: Environ, now: dt.datetime, console: Console
) -> int:
    """Carry out one command (of `check`, what is online); the worst exit code among its profiles. Raises DigestError."""
    if given["dry_run"] and name != "run":
        raise InputError("--dry-run goes with `digest run` alone", hint="Try: digest run --dry-run")
    settings = load_settings(SETTINGS, environ)
    jobs = arguments.jobs(given, settings, environ, _sample_clock() if given["sample"] else now)
    done: list[Done] = []
    damaged: dict[str, DigestError] = {}
    if name == "run" and not given["dry_run"]:
        damaged = _left_by_an_ended_run(jobs)
        done = [one for job in jobs if (one := finished(job, start=given["start"]))]
    complete = {one.job.name for one in done}
    rest = [job for job in jobs if job.name not in complete]
    for job in jobs if rest else ():
        job.try_prompts()
    if name == "plan":
        output = partial(actions.add_output, environ.get("GITHUB_OUTPUT", ""))
        return _plan(jobs, given["start"], console, output)
    codes = [_complete(one, damaged.get(one.job.name), console) for one in done]
    if rest:
        from pipeline.acting import act  # noqa: PLC0415 - the stages and their libraries: not for a complete date

        codes.append(act(name, rest, given, environ=environ, console=console))
    return worst(codes)


def _left_by_an_ended_run(jobs: Iterable[Job]) -> dict[str, DigestError]:
    """Make what spans days, where a run was ended before that; what kept it from being made, by profile.

    That ends no run yet: one that publishes will come to it again, unless it makes the damaged report anew.
    """
    damaged: dict[str, DigestError] = {}
    for job in jobs:
        try:
            index(job, if_left=True)
        except DigestError as error:
            damaged[job.name] = error
    return damaged


def _complete(done: Done, damaged: DigestError | None, console: Console) -> int:
    """Say once more how a run ended whose report is complete. If its page is gone, it is made again from the data."""
    try:
        if damaged is not None:
            raise damaged
        if done.digest is not None and done.path is not None and not done.path.with_suffix(".md").exists():
            from pipeline import runs  # noqa: PLC0415 - the stages and their libraries: not for a page that is there

            runs.publish(done.job, done.digest, lambda stage, text: console.note(f"{stage}: {text}"))
    except DigestError as error:
        console.error(error)
        return error.exit_code
    return tell(done, console)


def _sample_clock() -> dt.datetime:
    """When a nightly run would have started for the recorded day."""
    from pipeline.sources import sample  # noqa: PLC0415 - imports the client for pages, which it does without

    return dt.datetime.combine(sample.DATE, dt.time(6), dt.UTC)


def _plan(jobs: list[Job], start: Start, console: Console, output: Callable[[str, str], None]) -> int:
    plans = [planning.plan(job, start=start) for job in jobs]
    console.rows(planning.table(plans))
    for one in plans:
        if one.alarm:
            console.warning(one.alarm)
    due = [one.profile for one in plans if one.due]
    said = f"due: {', '.join(due)}" if due else "nothing is due"
    console.result(said, {"plans": [one.model_dump(mode="json") for one in plans]})
    for name, value in planning.outputs(plans).items():
        output(name, value)
    return 0
