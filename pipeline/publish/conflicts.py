"""Conflicts of a report with commits that were pushed to the branch since the run began. Standard library only."""

from __future__ import annotations

import json

from pipeline.archive import seen
from pipeline.core.errors import DigestError
from pipeline.publish.git import Git
from pipeline.publish.validate import Report


def report_changed(repository: Git, start: str, tip: str, report: Report) -> bool:
    """Return whether another commit between `start` and `tip` wrote, changed or deleted this report.

    A report on the branch that is identical to this one is no conflict.
    """
    files = {f"reports/{path}": data for path, data in report.files.items()}
    now = repository.blobs(tip, list(files))
    before = repository.blobs(start, list(files))
    return now not in (before, files)


def late_report_error(repository: Git, start: str, tip: str, report: Report) -> DigestError | None:
    """Return an error if a digest of another date has judged papers of this report between `start` and `tip`.

    This happens when a job is re-run on the next day, after the next day's run has caught up the unpublished papers.
    """
    path = f"reports/{report.profile}/seen.tsv"
    before, now = (repository.blobs(commit, [path])[path] or b"" for commit in (start, tip))
    added = seen.newly_judged(before.decode("utf-8", "replace"), now.decode("utf-8", "replace"))
    ids = [
        candidate["id"]
        for candidate in json.loads(report.data)["candidates"]
        if candidate["outcome"] != "seen"
    ]
    late = {key: added[key] for key in ids if added.get(key, report.date) != report.date}
    if not late:
        return None
    dates = ", ".join(sorted(set(late.values())))
    message = f"{report.profile}: {len(late)} of its papers have been judged since this run began ({dates})"
    return DigestError(message, hint="start a new run, which makes only what is missing")
