"""What spans days, from the committed JSON: indexes, month pages, feed, picture, list of the judged.

Standard library only: the publishing job, which can write to the repository, installs nothing. Whatever is
made depends on the set of reports alone, so two runs that add a day each end in the same bytes, in
whichever order they come, and so does making it all from nothing. Every report is hashed, but only what
has changed since the last time is read and made: a day's row and lines, its month's page. `cache` says what
is taken for unchanged.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline.archive import cache, chart, feed, history, indexes, seen
from pipeline.archive.cache import Cache

# Whatever an old report, or the disk, can do to what is made from all of them.
UNMADE = (OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError)
PAGES = ("README.md", "index.json", "feed.xml", "scores.svg", "seen.tsv")
MONTH_PAGES = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/README.md"
RECENT = max(feed.ENTRIES, chart.DIGESTS, indexes.RECENT_DAYS)


def rebuild(reports: Path, profile: str) -> list[Path]:
    """Make every page that spans days, take away those that nothing supports any more, and return what changed.

    Raises DamagedReportError, a ValueError, naming every report that cannot be read; then nothing is
    written: to publish without a day would take its row from everybody.
    """
    folder = reports / profile
    found = history.find(folder)
    files = _files(reports, profile, found, cache.load(folder)) if found else {}
    changed = [path for path, text in files.items() if _write(path, text.encode())]
    gone = _leftovers(folder, files)
    for path in gone:
        path.unlink()
    return [*changed, *gone]


def is_current(reports: Path, profile: str) -> bool:
    """Whether the last rebuild came to its end, and nothing was written since.

    It seals the last file that it writes. Reports are hashed only if one of them, or of their folders, has a time that
    is not before that file's: after a clone, and after a run that was ended.
    """
    folder = reports / profile
    names = history.names(folder)
    if not names:
        return True
    sealed = folder / cache.SEALED
    if seen.digests(sealed) != len(names):
        return False
    last = sealed.stat().st_mtime_ns
    # A folder has the time of what came into it, or went.
    paths = {*names, *(name.rpartition("/")[0] for name in names)}
    late = [path for path in paths if os.stat(f"{folder}/{path}").st_mtime_ns >= last]  # noqa: PTH116 - as in `names`
    return not late or cache.load(folder).found == history.find(folder)


def _leftovers(folder: Path, files: Collection[Path]) -> list[Path]:
    """What an earlier rebuild made and this one does not: of a month without digests, or a profile without any.

    These names are the archive's own in these places: whatever stands there is written over by the next digest. A
    profile's folder that no rebuild has ever listed the judged in is left as it is.
    """
    own = [folder / name for name in PAGES] + sorted(folder.glob(MONTH_PAGES))
    listed = bool(files) or _is_list(folder / "seen.tsv")
    return [path for path in own if listed and path not in files and path.is_file()]


def _is_list(path: Path) -> bool:
    return path.is_file() and path.read_bytes().startswith(seen.HEAD.encode())


def _files(reports: Path, profile: str, found: Mapping[str, str], old: Cache) -> dict[Path, str]:
    """Every file with its text; `seen.tsv`, which seals the others, last."""
    folder = reports / profile
    names, then = list(found), old.found
    months, months_then = _months(found), _months(then)
    pages = {month: old.pages[month] for month in months if months[month] == months_then.get(month)}
    # The feed's id is that of the first digest; its entries, the picture and the front page show the last ones.
    shown = {names[0], *names[-RECENT:]}
    digests = history.read(folder, [n for n in names if n in shown or history.month(n) not in pages])
    for month, (before, group) in months.items():
        if month not in pages:
            pages[month] = indexes.month_page([digests[name] for name in group], before)

    kept = {name for name in names if then.get(name) == found[name]}
    gone = {Path(name).stem for name in then if name not in kept}
    lines = [*seen.without(old.lines, gone)]
    rows = []
    for name in reversed(names):
        rows.append(old.rows[name] if name in kept else indexes.row(digests[name], found[name]))
        if name not in kept:
            lines += seen.lines(digests[name])

    days = list(digests.values())
    label = chart.label(days)
    index = indexes.index_json(profile, days[-1], rows)
    body = "\n".join([*sorted(lines), ""])
    newest, seal = days[-1].date.isoformat(), cache.seal(index, body, pages)
    return {
        **{folder / month / "README.md": page for month, page in pages.items()},
        **({folder / "scores.svg": chart.svg(days)} if label else {}),
        folder / "README.md": indexes.front_page(
            days, rows, chart=label, feed=feed.self_url(days[-1], reports.name, profile)
        ),
        folder / "index.json": index,
        folder / "feed.xml": feed.atom(reports.name, profile, days),
        folder / "seen.tsv": seen.text(body, digests=len(names), newest=newest, seal=seal),
    }


def _months(found: Mapping[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    """Each month, oldest first, with all that its page depends on: the month before it, and its reports."""
    months: dict[str, dict[str, str]] = {}
    for name, sha256 in found.items():
        months.setdefault(history.month(name), {})[name] = sha256
    befores = ["", *months][:-1]
    return {month: (before, months[month]) for before, month in zip(befores, months, strict=True)}


def _write(path: Path, data: bytes) -> bool:
    """Put the bytes there, whole or not at all, and only if they differ. Returns whether they did."""
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True
