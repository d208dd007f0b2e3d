"""Build the files that span days: month indexes from the reports, and from these month pages, front page, index, feed, chart.

The output depends on the set of reports alone, so two runs that add a day each produce the same bytes in either order, and
so does a rebuild from scratch. A new report touches its month and the files of the whole profile; the other months are
read from their indexes.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from pipeline.archive import chart, feed, history, indexes, references, votes_summary
from pipeline.core import month_index, votes
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import DigestError
from pipeline.core.month_index import MONTHS, MonthIndex
from pipeline.report import i18n
from pipeline.report.escape import clean

# All exceptions that a damaged report or the disk can cause in a rebuild.
REBUILD_ERRORS = (
    OSError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)
# seen.tsv is of version 0.2 and before, in place of the month indexes.
PAGES = ("README.md", "index.json", "feed.xml", "scores.svg", "seen.tsv")
RECENT = max(feed.MAX_ENTRIES, chart.MAX_DIGESTS, indexes.RECENT_DAYS)  # digests that pages show in full
MONTH_FILES = (month_index.FILE, "README.md", indexes.BIBLIOGRAPHY)
FORMAT = 6  # increase with every change that renders the same reports to different pages


def rebuild(reports: Path, profile: str, date: dt.date | None = None) -> list[Path]:
    """Build every file of a profile that spans days, delete stale ones, and return the paths that changed.

    `date` is that of a report that was written or removed: its month is made from its reports. Other months are, if their
    index is missing, lists other reports than there are, or was made by another version; without `date`, all are. Raises
    DigestError if a report is damaged, and writes nothing then: pages without a day would drop its published row.
    """
    folder = reports / profile
    files, kept = _files(reports, profile, date)
    changed = [
        path for path, text in files.items() if not path.is_file() or path.read_bytes() != text.encode()
    ]
    for path in changed:
        write_atomic(path, files[path].encode())
    # A folder without reports and without a feed was never an archive: nothing in it is touched.
    reserved = _reserved(folder) if files or (folder / "feed.xml").is_file() else []
    stale = [path for path in reserved if path not in files and path not in kept]
    for path in stale:
        path.unlink()
    return [*changed, *stale]


def is_current(reports: Path, profile: str, date: dt.date) -> bool:
    """Whether a rebuild after the report of the date was completed: `index.json`, its last file, has the report's hash."""
    folder = reports / profile
    month = f"{date:%Y/%m}"
    if months_without_index(reports, profile):
        return False
    reports_of_month = month_index.months(folder).get(month)
    if not reports_of_month:
        return True
    index = _current(folder, month, reports_of_month)
    complete = all((folder / name).is_file() for name in ("README.md", "feed.xml", f"{month}/README.md"))
    return (
        complete
        and index is not None
        and all(_contains(folder / indexes.FILE, f'"{entry.sha256}"') for entry in index.digests)
    )


def months_without_index(reports: Path, profile: str) -> list[str]:
    """Return the months, `YYYY/MM`, with reports and without an index: version 0.2 and before made none."""
    folder = reports / profile
    return [month for month in month_index.months(folder) if not (folder / month / month_index.FILE).exists()]


def _reserved(folder: Path) -> list[Path]:
    """Return the files in a profile's folder whose names belong to a rebuild: the next digest would overwrite them anyway."""
    names = [*PAGES, *(f"{MONTHS}/{name}" for name in MONTH_FILES)]
    return [path for name in names for path in sorted(folder.glob(name)) if path.is_file()]


@cache
def version() -> str:
    """Return the version of what the pages are made with: FORMAT and the words of all languages."""
    parts = [str(FORMAT).encode(), *(path.read_bytes() for path in sorted(i18n.FOLDER.glob("*.toml")))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _files(reports: Path, profile: str, date: dt.date | None) -> tuple[dict[Path, str], set[Path]]:
    """Return the text of each file that is to be written, the profile's own ones last, and the files that stay as they are."""
    folder = reports / profile
    found = month_index.months(folder)
    if not found:
        return {}, set()
    files: dict[Path, str] = {}
    kept: set[Path] = set()
    months: dict[str, MonthIndex] = {}
    for month, paths in found.items():
        index = None if date is None or month == f"{date:%Y/%m}" else _current(folder, month, paths)
        if index is not None:
            kept |= {folder / month / name for name in (month_index.FILE, indexes.BIBLIOGRAPHY)}
        else:
            index = month_index.build(folder, month, paths, shown=clean, pages=version())
            files[folder / month / month_index.FILE] = index.dumps().decode()
            if papers := references.bibliography(paths):
                files[folder / month / indexes.BIBLIOGRAPHY] = papers
        months[month] = index
    previous = ""
    for month, index in months.items():
        page = folder / month / "README.md"
        link = f"({indexes.month_link(previous)})" if previous else ""
        # The page of a month links to the one before it, which may be new or gone; what the first one linked to is not known.
        if folder / month / month_index.FILE in files or not link or not _contains(page, link):
            files[page] = indexes.month_page(history.days(index), previous)
        else:
            kept.add(page)
        previous = month
    days = history.newest([*months.values()], RECENT)
    entries = [entry for index in months.values() for entry in index.digests]
    chart_alt = chart.alt_text(days)
    if chart_alt:
        files[folder / "scores.svg"] = chart.svg(days)
    feed_url = feed.self_url(days[-1], reports.name, profile)
    liked = votes_summary.line(days[-1].catalog, _liked(folder, months.values()))
    files[folder / "README.md"] = indexes.front_page(
        days, entries, chart_alt=chart_alt, feed_url=feed_url, liked=liked
    )
    files[folder / "feed.xml"] = feed.atom(reports.name, profile, days, first=entries[0])
    unchanged = {index.month for month, index in months.items() if folder / month / month_index.FILE in kept}
    rows = indexes.rows(months.values(), _read(folder / indexes.FILE), unchanged)
    files[folder / indexes.FILE] = indexes.index_json(
        profile, days[-1], rows
    )  # the last one, see `is_current`
    return files, kept


def _liked(folder: Path, months: Iterable[MonthIndex]) -> tuple[votes_summary.Band, ...]:
    """Count the committed votes by the scores of their papers; nothing where there are too few or the file is damaged."""
    try:
        given = votes.standing(votes.load(folder / votes.FILE))
    except DigestError:
        return ()
    if len(given) < votes_summary.FEWEST_VOTES:
        return ()
    wanted = {vote.paper.encode() for vote in given}
    scores: dict[str, int | None] = {}
    for index in months:
        for key, line in zip(index.ids(), index.lines, strict=True):
            if key in wanted:
                row = month_index.parse_row(line)
                scores[row.id] = row.score if row.score is not None else scores.get(row.id)
    return votes_summary.of_votes(given, scores)


def _contains(page: Path, text: str) -> bool:
    return page.is_file() and text.encode() in page.read_bytes()


def _read(page: Path) -> str:
    return page.read_text("utf-8", "replace") if page.is_file() else ""


def _current(folder: Path, month: str, reports: Sequence[Path]) -> MonthIndex | None:
    """Return the stored index of a month if it fits the reports, and the pages beside it are of this version."""
    index = month_index.stored(folder, month, reports)
    return index if index is not None and index.pages == version() else None
