"""Conflicts of a report with commits that were pushed to the branch since the run began."""

import re

from pipeline.core import month_index
from pipeline.core.errors import DigestError
from pipeline.core.quantity import quantity
from pipeline.publish.git import Git
from pipeline.publish.handover import Report

MONTH_INDEX = re.compile(rf"[0-9]{{4}}/[0-9]{{2}}/{re.escape(month_index.FILE)}")


def check_unchanged(repository: Git, start: str, tip: str, report: Report) -> None:
    """Raise DigestError if another commit between `start` and `tip` wrote, changed or deleted this report.

    A report on the branch that is identical to this one is no conflict.
    """
    data, page = f"reports/{report.stem}.json", f"reports/{report.stem}.md"
    now = repository.blob(tip, data)
    touched = any(repository.blob(tip, path) != repository.blob(start, path) for path in (data, page))
    if touched and now != report.data:
        message = f"{report.profile}: someone else wrote the report of {report.date} since this run began"
        raise DigestError(message, hint="theirs was kept; run again with `force` to replace it")


def check_not_judged(repository: Git, start: str, tip: str, report: Report) -> None:
    """Raise DigestError if a digest of another date has judged papers of this report between `start` and `tip`.

    This happens when a job is re-run on the next day, after the next day's run has caught up the unpublished papers.
    """
    added: dict[str, str] = {}
    folder = f"reports/{report.profile}"
    changed = repository("diff", "--name-only", "--no-renames", start, tip, "--", folder).splitlines()
    for path in changed:
        if MONTH_INDEX.fullmatch(path.removeprefix(f"{folder}/")):
            added |= _newly_judged(repository.blob(start, path), repository.blob(tip, path))
    date = report.date.isoformat()
    judged = [candidate.id for candidate in report.digest.candidates if candidate.outcome != "seen"]
    dates = [added[key] for key in judged if added.get(key, date) != date]
    if dates:
        since = ", ".join(sorted(set(dates)))
        papers = quantity(len(dates), "of its papers has", "of its papers have")
        message = f"{report.profile}: {papers} been judged since this run began ({since})"
        raise DigestError(message, hint="start a new run, which makes only what is missing")


def _newly_judged(before: bytes | None, now: bytes | None) -> dict[str, str]:
    """Compare two versions of a month index, and map the id of each paper that an added row settles to its digest's date."""
    old, new = (month_index.loads(data or b"") for data in (before, now))
    if new is None:
        return {}
    pending = {(paper.id, str(entry.date)) for entry in new.digests for paper in entry.pending}
    known = set(old.lines) if old else set()
    rows = (month_index.parse_row(line) for line in new.lines if line not in known)
    return {
        row.id: row.date for row in rows if (row.id, row.date) not in pending and row.outcome != "prefiltered"
    }
