"""Conflicts of a report with commits that were pushed to the branch since the run began."""

from pipeline.archive import seen
from pipeline.core.errors import DigestError
from pipeline.publish.git import Git
from pipeline.publish.handover import Report


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
    path = f"reports/{report.profile}/seen.tsv"
    before, now = (
        (repository.blob(commit, path) or b"").decode("utf-8", "replace") for commit in (start, tip)
    )
    added = seen.newly_judged(before, now)
    date = report.date.isoformat()
    judged = [candidate.id for candidate in report.digest.candidates if candidate.outcome != "seen"]
    dates = [added[key] for key in judged if added.get(key, date) != date]
    if dates:
        since = ", ".join(sorted(set(dates)))
        message = (
            f"{report.profile}: {len(dates)} of its papers have been judged since this run began ({since})"
        )
        raise DigestError(message, hint="start a new run, which makes only what is missing")
