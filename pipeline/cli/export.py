"""`digest export`: the papers of the committed reports as BibTeX, RIS or CSL-JSON, for a reference manager."""

import re
from pathlib import Path

from pipeline.archive import references
from pipeline.cli.session import Session
from pipeline.config.profile import profile_names
from pipeline.core import month_index
from pipeline.core.errors import InputError
from pipeline.core.names import PROFILE_NAME
from pipeline.report import export

MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])", re.ASCII)


def execute(session: Session) -> int:
    """Print the papers of all profiles that are asked for, each once. Raises InputError where there is no report."""
    options = session.options
    if options.month is not None and not MONTH.fullmatch(options.month):
        message = f'--month: "{options.month[:40]}" is not a month of the form YYYY-MM'
        raise InputError(message, hint=f"Try: --month {session.now:%Y-%m}")
    reports = Path(options.reports)
    names = profile_names(options.profiles, session.settings, session.environ)
    files = {name: _report_files(reports, name, options.month) for name in names}
    without = [name for name in names if not files[name]]
    when = f" of {options.month}" if options.month else ""
    if len(without) == len(names):
        hint = "name another --profile, --month or --reports folder, or make a report with `digest run`"
        raise InputError(f"{', '.join(names)}: there is no report{when}", path=str(reports), hint=hint)
    if without:
        session.console.note(f"{', '.join(without)}: there is no report{when}")
    found = [one for name in names for one in references.read(files[name])]
    with_shortlist = options.shortlist or options.all_papers
    with_picks = options.picked or options.all_papers or not with_shortlist
    wanted = [one for one in found if (with_picks if one.mentions[0].picked else with_shortlist)]
    session.console.document(export.export(wanted, options.format))
    return 0


def _report_files(reports: Path, profile: str, month: str | None) -> list[Path]:
    """Return the reports of a profile, or those of one month, oldest first. Raises InputError if the name is none."""
    if not PROFILE_NAME.fullmatch(profile):
        message = f'"{profile[:40]}" is not the name of a profile'
        raise InputError(message, hint="a name has letters, digits, - and _, at most 64")
    months = month_index.months(reports / profile)
    wanted = months if month is None else [month.replace("-", "/")]
    return [path for name in wanted for path in months.get(name, ())]
