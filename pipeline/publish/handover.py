"""The folder in which an earlier job hands over its reports: `<profile>/YYYY/MM/YYYY-MM-DD.json`."""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.settings import SETTINGS, load_settings
from pipeline.core import ledger
from pipeline.core.artifacts import Digest
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import DigestError
from pipeline.core.store import dumps, report_path
from pipeline.publish.validate import HINT, MAX_BYTES, Expected, allowed_links, validate


@dataclass(frozen=True)
class Report:
    """A validated report and its bytes."""

    digest: Digest
    data: bytes

    @property
    def profile(self) -> str:
        """The profile's name."""
        return self.digest.profile

    @property
    def date(self) -> dt.date:
        """The digest's date."""
        return self.digest.date

    @property
    def picks(self) -> int:
        """The number of picks."""
        return len(self.digest.picks)

    @property
    def judged(self) -> int:
        """The number of candidates that no earlier digest has judged."""
        return sum(candidate.outcome != "seen" for candidate in self.digest.candidates)

    @property
    def stem(self) -> str:
        """Path relative to the reports folder, without the ending."""
        return f"{self.profile}/{self.digest.date:%Y/%m}/{self.digest.date}"


@dataclass(frozen=True)
class Handover:
    """The valid reports in a folder, the errors of the others, the profiles without one, the number of other files."""

    reports: tuple[Report, ...]
    refused: tuple[DigestError, ...]
    missing: tuple[str, ...]
    ignored: int


def receive(
    folder: Path, repository: Path, *, date: dt.date, profiles: Iterable[str], today: dt.date, runs: str
) -> Handover:
    """Validate the reports of one date below `folder`, against the settings and reports of the checkout `repository`.

    An invalid or missing report does not affect the others. Only the files of the given date and profiles are opened.
    `runs` is the base URL of this repository's runs, as in `Expected`. Raises InputError if `digest.toml` is wrong.
    """
    asked = load_settings(repository / SETTINGS, {}).feedback.votes
    # `rglob` follows no symlink; one to a folder counts as a file.
    files = {path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}
    reports: list[Report] = []
    refused: list[DigestError] = []
    wanted = {profile: report_path(folder, profile, date) for profile in sorted(profiles)}
    missing = tuple(profile for profile, path in wanted.items() if path not in files)
    for profile, path in wanted.items():
        if profile in missing:
            continue
        try:
            committed = _committed(repository / "reports", profile, date)
            links = allowed_links(repository, profile)
            before = committed.digest if committed else None
            expected = Expected(profile, date, today, links, runs, before, asked)
            digest = validate(_read(path, f"{profile}/{date}.json"), expected)
            # A report that says the same keeps its bytes, which may be of an older schema version. Any other is
            # serialized anew, so that nothing remains of it but its fields.
            data = committed.data if committed and committed.digest == digest else dumps(digest)
            reports.append(Report(digest, data))
        except DigestError as error:
            refused.append(error)
    ignored = len(files - set(wanted.values()))
    return Handover(tuple(reports), tuple(refused), missing, ignored)


def _committed(reports: Path, profile: str, date: dt.date) -> Report | None:
    """Return the report of the date in the checkout. A damaged one allows nothing, and is replaced."""
    with suppress(DigestError):
        return _report(reports, profile, date)
    return None


def _report(folder: Path, profile: str, date: dt.date) -> Report | None:
    """Read a report and its bytes; None if there is none. Raises DigestError if it is damaged."""
    digest = ledger.read_report(folder, profile, date)
    return None if digest is None else Report(digest, report_path(folder, profile, date).read_bytes())


def _read(path: Path, where: str) -> bytes:
    """Read a regular file of at most `MAX_BYTES`. Raises DigestError for any other file."""
    if any(part.is_symlink() for part in (path, *path.parents[:3])) or not path.is_file():
        raise DigestError("is not a regular file", path=where, hint=HINT)
    if path.stat().st_size > MAX_BYTES:
        raise DigestError(f"has {path.stat().st_size} bytes; the most is {MAX_BYTES}", path=where, hint=HINT)
    return path.read_bytes()


def hand_on(reports: Iterable[Report], folder: Path) -> None:
    """Write validated reports into a folder, for the step that pushes them."""
    for report in reports:
        write_atomic(folder / f"{report.stem}.json", report.data)


def take(folder: Path, *, date: dt.date, profiles: Iterable[str]) -> list[Report]:
    """Read validated reports that `hand_on` has written. Raises DigestError if one is missing or damaged."""
    reports = []
    for profile in sorted(profiles):
        report = _report(folder, profile, date)
        if report is None:
            raise DigestError(
                "no validated report is here", path=f"{profile}/{date}.json", hint="run `validate` first"
            )
        reports.append(report)
    return reports
