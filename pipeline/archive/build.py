"""Build the files that span days from the committed JSON reports: indexes, month pages, `papers.bib`, feed, chart, `seen.tsv`.

The output
depends on the set of reports alone, so two runs that add a day each produce the same bytes in either order, and
so does a rebuild from scratch. Every report is hashed, but only what has changed since the last rebuild is read
and rendered again: the row and lines of a day, the page and `papers.bib` of its month. `cache` decides what is unchanged.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline.archive import cache, chart, feed, history, indexes, seen
from pipeline.archive.cache import Cache, Month
from pipeline.core.atomic import write_atomic

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
PAGES = ("README.md", "index.json", "feed.xml", "scores.svg", "seen.tsv")
MONTH = "[0-9][0-9][0-9][0-9]/[0-9][0-9]"
MONTH_FILES = ("README.md", indexes.BIBLIOGRAPHY)
RECENT = max(
    feed.MAX_ENTRIES, chart.MAX_DIGESTS, indexes.RECENT_DAYS
)  # newest digests, read in every rebuild


def rebuild(reports: Path, profile: str) -> list[Path]:
    """Build every file of a profile that spans days, delete stale ones, and return the paths that changed.

    Raises DamagedReportError, a ValueError, if reports cannot be read, and names all of them. Nothing is written
    then: files built without a day would drop its published row.
    """
    folder = reports / profile
    hashes = history.report_hashes(folder)
    files = _files(reports, profile, hashes, cache.load(folder)) if hashes else {}
    changed = [
        path for path, text in files.items() if not path.is_file() or path.read_bytes() != text.encode()
    ]
    for path in changed:
        write_atomic(path, files[path].encode())
    stale = _stale_files(folder, files)
    for path in stale:
        path.unlink()
    return [*changed, *stale]


def is_current(reports: Path, profile: str) -> bool:
    """Whether the last rebuild of a profile was completed, and no report was changed since."""
    folder = reports / profile
    return cache.load(folder).report_hashes == history.report_hashes(folder)


def _stale_files(folder: Path, files: Collection[Path]) -> list[Path]:
    """Return the files of earlier rebuilds that are not in `files`: of a month or a profile without digests.

    These file names are reserved in a profile's folder: the next digest would overwrite them anyway. A folder
    without reports and without a `seen.tsv` was never an archive, and is left unchanged.
    """
    seen_list = folder / cache.SEALED_FILE
    if not files and not (
        seen_list.is_file() and seen_list.read_bytes().startswith(seen.HEADER_PREFIX.encode())
    ):
        return []
    reserved = [folder / name for name in PAGES]
    reserved += [path for name in MONTH_FILES for path in sorted(folder.glob(f"{MONTH}/{name}"))]
    return [path for path in reserved if path not in files and path.is_file()]


def _files(reports: Path, profile: str, hashes: Mapping[str, str], cached: Cache) -> dict[Path, str]:
    """Return the text of every file; `seen.tsv`, which carries the seal of the others, comes last."""
    folder = reports / profile
    names, cached_hashes = list(hashes), cached.report_hashes
    months, cached_months = _months(hashes), _months(cached_hashes)
    made = {month: cached.months[month] for month in months if months[month] == cached_months.get(month)}
    # The feed takes its id from the first digest; its entries, the chart and the front page show the newest ones.
    needed = {names[0], *names[-RECENT:]}
    digests = history.read(folder, [n for n in names if n in needed or history.month(n) not in made])
    for month, (previous, group) in months.items():
        if month not in made:
            of_month = [digests[name] for name in group]
            made[month] = Month(indexes.month_page(of_month, previous), indexes.bibliography(of_month))

    unchanged = {name for name in names if cached_hashes.get(name) == hashes[name]}
    outdated = {Path(name).stem for name in cached_hashes if name not in unchanged}
    lines = [*seen.without_dates(cached.lines, outdated)]
    rows = []
    for name in reversed(names):
        rows.append(cached.rows[name] if name in unchanged else indexes.row(digests[name], hashes[name]))
        if name not in unchanged:
            lines += seen.day_lines(digests[name])

    days = list(digests.values())
    chart_alt = chart.alt_text(days)
    index = indexes.index_json(profile, days[-1], rows)
    body = "\n".join([*sorted(lines), ""])
    newest, seal = days[-1].date.isoformat(), cache.seal(index, body, made)
    return {
        **{
            folder / month / name: text
            for month, texts in made.items()
            for name, text in zip(MONTH_FILES, texts, strict=True)
            if text
        },
        **({folder / "scores.svg": chart.svg(days)} if chart_alt else {}),
        folder / "README.md": indexes.front_page(
            days, rows, chart_alt=chart_alt, feed_url=feed.self_url(days[-1], reports.name, profile)
        ),
        folder / "index.json": index,
        folder / "feed.xml": feed.atom(reports.name, profile, days),
        folder / "seen.tsv": seen.with_header(body, digests=len(names), newest=newest, seal=seal),
    }


def _months(hashes: Mapping[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    """Map each month, oldest first, to all that its page depends on: the previous month, the hashes of its reports."""
    months: dict[str, dict[str, str]] = {}
    for name, sha256 in hashes.items():
        months.setdefault(history.month(name), {})[name] = sha256
    previous_months = ["", *months][:-1]
    return {month: (previous, months[month]) for previous, month in zip(previous_months, months, strict=True)}
