"""`digest plan`: for each profile whether a digest is due, what is pending, and how far each source was read."""

import datetime as dt
import json
from collections.abc import Sequence

from pipeline.cli.session import Session
from pipeline.core import ledger
from pipeline.core.dates import DAY, is_weekend
from pipeline.core.errors import DigestError
from pipeline.core.models import Value
from pipeline.core.quantity import quantity
from pipeline.core.stage_names import Start
from pipeline.stages.job import Job

CHUNK = 20  # profiles that one job of the workflow runs in one process
ALARM_AFTER = 5  # weekdays without a report
NO_ALARM_AFTER = 60  # past that nothing was running at all, or the last report is the shipped example


class Plan(Value):
    """The plan of one profile. `weekdays_without` counts weekdays after the last report and before `date`."""

    profile: str
    date: dt.date
    due: bool
    why: str
    last_report: dt.date | None
    through: dict[str, dt.date]
    pending: int
    weekdays_without: int

    @property
    def alarm(self) -> str:
        """A warning if there has been no report for too long, else an empty string."""
        if not ALARM_AFTER <= self.weekdays_without <= NO_ALARM_AFTER:
            return ""
        return (
            f"{self.profile} has had no report for {self.weekdays_without} weekdays; if other runs were green, "
            "look at the state of its sources and at its categories"
        )


def execute(session: Session) -> int:
    """Print the plan of every profile, warn of those that have been quiet for too long, set the step's outputs."""
    plans = [plan(job, start=session.options.start) for job in session.checked_jobs()]
    session.console.rows(table(plans))
    for row in plans:
        if row.alarm:
            session.console.warning(row.alarm)
    due = [row.profile for row in plans if row.due]
    text = f"due: {', '.join(due)}" if due else "nothing is due"
    session.console.result(text, {"plans": [row.model_dump(mode="json") for row in plans]})
    for name, value in outputs(plans).items():
        session.output(name, value)
    session.output("votes", "true" if session.settings.feedback.votes else "")
    return 0


def plan(job: Job, *, start: Start) -> Plan:
    """What a run of this job would do. A profile with a damaged report is due, so that the run reports it."""
    try:
        known = ledger.load(job.reports, job.name)
    except DigestError as error:
        known = ledger.Ledger()
        due, why = True, f"{error.path} cannot be read"
    else:
        due, why = _due(job, known, start)
    last = known.newest_before(job.date + DAY)
    return Plan(
        profile=job.name,
        date=job.date,
        due=due,
        why=why,
        last_report=last,
        through=dict(known.through),
        pending=len(known.pending_from(job.date)) + len(known.due(job.date)),
        weekdays_without=weekdays_between(last, job.date) if last else 0,
    )


def _due(job: Job, known: ledger.Ledger, start: Start) -> tuple[bool, str]:
    """Whether the profile is due, and why."""
    if job.date not in known.dates:
        return True, "there is no report yet"
    if job.force:
        return True, "asked for again"
    if start != "fetch" or job.wanted:
        return True, f"asked for from {start} on" if start != "fetch" else "papers were asked for"
    pending = known.pending_from(job.date)
    if not pending:
        return False, "its report is complete"
    return True, f"{quantity(len(pending), 'of its papers is', 'of its papers are')} pending"


def weekdays_between(after: dt.date, before: dt.date) -> int:
    """Number of weekdays after the first day and before the second."""
    days = (after + n * DAY for n in range(1, (before - after).days))
    return sum(not is_weekend(day) for day in days)


def outputs(plans: Sequence[Plan]) -> dict[str, str]:
    """Step outputs for the workflow: date, whether any profile is due, their names, and chunks of names as JSON."""
    due = [row.profile for row in plans if row.due]
    parts = [due[start : start + CHUNK] for start in range(0, len(due), CHUNK)]
    chunks = [{"id": number, "profiles": ",".join(part)} for number, part in enumerate(parts)]
    return {
        "date": plans[0].date.isoformat(),
        "due": "true" if due else "false",
        "profiles": ",".join(due),
        "chunks": json.dumps(chunks),
    }


def table(plans: Sequence[Plan]) -> list[str]:
    """The plans as an aligned text table, one line a row."""
    rows = [("profile", "due", "why", "last report", "read through", "pending")]
    for row in plans:
        through = ", ".join(f"{name} {day}" for name, day in sorted(row.through.items()))
        last = row.last_report.isoformat() if row.last_report else "none"
        rows.append(
            (row.profile, "yes" if row.due else "no", row.why, last, through or "nothing", str(row.pending))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
