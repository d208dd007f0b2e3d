"""Build the web site in a folder: whole, or not at all."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.archive.history import Day
from pipeline.archive.indexes import BIBLIOGRAPHY
from pipeline.archive.site import feed, pages, search_data, series
from pipeline.archive.site.series import Series
from pipeline.core import month_index
from pipeline.core.artifacts import Digest
from pipeline.core.errors import DigestError, InputError
from pipeline.core.month_index import DAMAGED_HINT
from pipeline.core.names import PROFILE_NAME
from pipeline.core.store import parse_artifact, read_bytes, report_path

ASSETS = Path(__file__).parent / "assets"
MARKER = ".digest-site"  # in every site: only such a folder is replaced
MARKER_TEXT = "Made by `digest site`, which replaces the whole folder.\n"
RESERVED = frozenset({"assets", "data"})  # folders of the site beside those of the profiles
RESTORE_HINT = "restore it with `git checkout`"
NO_JEKYLL = ".nojekyll"  # GitHub Pages serves the files as they are


@dataclass(frozen=True)
class Built:
    """What was written: pages, all files, and their bytes."""

    pages: int
    files: int
    bytes: int


def site(reports: Path, out: Path, profiles: Sequence[str] = ()) -> Built:
    """Write the site of these profiles, by default of all that have reports, to the folder `out`.

    The folder has to be new, empty or an earlier site, which is replaced once the new one is whole. Raises InputError
    for any other folder or where there is no report, DigestError if a report is damaged or the disk is full.
    """
    target = _target(reports, out)
    names = list(profiles) or _profiles(reports)
    if missing := [name for name in names if not month_index.months(reports / name)]:
        raise InputError(
            f"{missing[0]}: there is no report", path=str(reports), hint="run `digest run` first"
        )
    if not names:
        raise InputError(
            "there is no report", path=str(reports), hint="run `digest run` first, or give --reports"
        )
    if taken := RESERVED & {*names}:
        hint = "the site has a folder of this name: give the profile another one"
        raise InputError(f"{min(taken)}: is no name of a profile of a site", path=str(reports), hint=hint)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as temporary:
            made = Path(temporary) / "site"
            built = _build(reports, names, made)
            if target.exists():
                target.rename(Path(temporary) / "replaced")
            made.rename(target)
    except OSError as error:
        hint = "point --out to a folder that can be written, on a disk with room"
        raise DigestError(f"cannot be written: {error.strerror}", path=str(out), hint=hint) from None
    return built


def _target(reports: Path, out: Path) -> Path:
    """Return the folder to write. Raises InputError if it holds anything that is not an earlier site."""
    target = out.resolve()
    hint = "give a folder that is new, empty, or an earlier site: --out public"
    if target.exists() and not target.is_dir():
        raise InputError("is not a folder", path=str(out), hint=hint)
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise InputError("is not empty, and is no earlier site", path=str(out), hint=hint)
    if target.is_relative_to(reports.resolve()):
        raise InputError("is the folder of the reports, or in it", path=str(out), hint=hint)
    return target


def _profiles(reports: Path) -> list[str]:
    """Return the names of all profiles with reports, sorted."""
    folders = sorted(path for path in reports.glob("*") if path.is_dir())
    return [path.name for path in folders if PROFILE_NAME.fullmatch(path.name) and month_index.months(path)]


def _build(reports: Path, names: Sequence[str], out: Path) -> Built:
    write = _Writer(out)
    write.text(MARKER, MARKER_TEXT)
    write.text(NO_JEKYLL, "")
    for asset in sorted(path for path in ASSETS.iterdir() if path.is_file()):
        write.data(f"assets/{asset.name}", asset.read_bytes())
    # One profile at a time: the rows of five years take 50 MB.
    kept = [kept for name in names if (kept := _profile(reports, name, write))]
    kept.sort(key=lambda one: one.newest.date, reverse=True)
    write.text("index.html", pages.home(kept))
    write.text("starred.html", pages.starred(kept))
    write.text("feed.xml", feed.atom(kept))
    return write.built()


def _profile(reports: Path, name: str, write: "_Writer") -> Series | None:
    """Write all pages of a profile, and return what the pages over all profiles need of it."""
    found = series.read(reports, name)
    if found is None:
        return None
    own_feed = read_bytes(reports / name / "feed.xml", hint=RESTORE_HINT)
    if own_feed:
        write.data(f"{name}/feed.xml", own_feed)
    write.text(f"{name}/index.html", pages.timeline(found, feed=bool(own_feed)))
    write.text(f"{name}/search.html", pages.search(found))
    for month in found.months:
        papers = read_bytes(reports / name / month / BIBLIOGRAPHY, hint=RESTORE_HINT)
        if papers:
            write.data(f"{name}/{month}/{BIBLIOGRAPHY}", papers)
        write.text(
            f"{name}/{month}/index.html", pages.month(found, month, papers=BIBLIOGRAPHY if papers else "")
        )
    for at, day in enumerate(found.days):
        digest = _digest(reports, day)
        write.text(day.site_path, pages.day(found, at, digest, data=_data(reports, day)))
    search_data.write(write.out, name, found.indexes)
    return replace(found, indexes=())


def _digest(reports: Path, day: Day) -> Digest:
    path = report_path(reports, day.profile, day.date)
    hint = DAMAGED_HINT.format(path=path)
    return parse_artifact(read_bytes(path, hint=hint) or b"", Digest, path=str(path), hint=hint)


def _data(reports: Path, day: Day) -> str:
    """Return the address of a report's JSON on GitHub; empty if the repository is not known."""
    if not day.entry.repository:
        return ""
    folder = reports.resolve().name
    return f"https://github.com/{day.entry.repository}/blob/HEAD/{folder}/{day.site_path.removesuffix('.html')}.json"


class _Writer:
    """Writes files below a folder."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def text(self, path: str, text: str) -> None:
        """Write a text as UTF-8."""
        self.data(path, text.encode())

    def data(self, path: str, data: bytes) -> None:
        """Write a file; its folders are created."""
        target = self.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def built(self) -> Built:
        """Count all files, and those that others have written."""
        files = [path for path in self.out.rglob("*") if path.is_file()]
        pages = sum(path.suffix == ".html" for path in files)
        return Built(pages, len(files), sum(path.stat().st_size for path in files))
