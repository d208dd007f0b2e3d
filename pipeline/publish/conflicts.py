"""What others have put on the branch since a run began, and a report must not be laid over. Standard library only."""

from __future__ import annotations

import json

from pipeline.archive import seen
from pipeline.core.errors import DigestError
from pipeline.publish.git import Git
from pipeline.publish.validate import Report


def taken(repository: Git, start: str, tip: str, report: Report) -> bool:
    """Whether someone else wrote, changed or deleted this report between the two commits."""
    files = {f"reports/{path}": data for path, data in report.files.items()}
    now = repository.blobs(tip, list(files))
    before = repository.blobs(start, list(files))
    return now not in (before, files)


def judged(repository: Git, start: str, tip: str, report: Report) -> DigestError | None:
    """Why a report is late: the digest of another date has judged papers of it between the two commits.

    So it is where a job is run again on the next day, whose own run has caught up what was not published.
    """
    path = f"reports/{report.profile}/seen.tsv"
    before, now = (repository.blobs(commit, [path])[path] or b"" for commit in (start, tip))
    added = seen.judged_since(before.decode("utf-8", "replace"), now.decode("utf-8", "replace"))
    ours = [one["id"] for one in json.loads(report.data)["candidates"] if one["outcome"] != "seen"]
    late = {key: added[key] for key in ours if added.get(key, report.date) != report.date}
    if not late:
        return None
    dates = ", ".join(sorted(set(late.values())))
    message = f"{report.profile}: {len(late)} of its papers have been judged since this run began ({dates})"
    return DigestError(message, hint="start a new run, which makes only what is missing")
