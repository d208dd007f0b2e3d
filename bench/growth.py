"""What years cost: a new day on top of many, a date run again, and more picks and profiles.

    python -m bench.growth [DAYS …]        default: 30 365 1825

The past is made up: 60 candidates a day, two of them read in full, every day of the year. A day is judged by the
model on loopback, which never makes it wait, and by the local engine.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.measuring import Ran, in_turn, median, run, table
from bench.scenes import DATE, Scene, scene
from pipeline.archive import build
from pipeline.core.store import dumps, report_path
from tests.nights import PROFILE
from tests.report import days

AGES = (30, 365, 1825)
ENGINES = ("claude", "local")
PAPERS = 60
RUNS = 3
NAME = re.compile(r"[A-Za-z_][\w.]*")
MADE_UP_ID = re.compile(r"2601\.9([89])(\d{3})")


def past(reports: Path, count: int) -> None:
    """So many days before DATE, as a run would have left them."""
    report = dumps(days.crowded("zh-CN")).decode()
    report = report.replace('"made-up"', f'"{PROFILE}"')
    for n in range(count, 0, -1):
        day = DATE - dt.timedelta(days=n)
        own = f"{day:%y%m}.{day:%d}"
        text = MADE_UP_ID.sub(partial(_id, own), report)
        path = report_path(reports, PROFILE, day)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(DATE.isoformat(), day.isoformat()))
    build.rebuild(reports, PROFILE)


def _id(month_and_day: str, found: re.Match[str]) -> str:
    """An id of that day: of a candidate, or of a pick."""
    return month_and_day + (found[2] if found[1] == "8" else f"9{found[2][1:]}")


def sizes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()
    }


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def undo(made: Scene) -> None:
    """Take the new day away again."""
    path = report_path(made.folder / "reports", PROFILE, DATE)
    for one in (path, path.with_suffix(".md")):
        one.unlink(missing_ok=True)
    made.forget(but="reports")
    build.rebuild(made.folder / "reports", PROFILE)


class History:
    """The reports in a repository, as it is after years: all before in one pack."""

    def __init__(self, reports: Path, folder: Path) -> None:
        self._places = ["git", f"--git-dir={folder}", f"--work-tree={reports}"]
        self._git("init", "--quiet")
        self._commit("before")
        self._git("gc", "--quiet")

    def pushed(self) -> int:
        """Bytes that a push of what is new sends, by which the repository grows; the commit is taken back."""
        self._commit("day")
        sent = self._git("pack-objects", "--thin", "--stdout", "--revs", given=b"HEAD\n^HEAD~1\n")
        self._git("reset", "--quiet", "HEAD~1")
        return len(sent)

    def _commit(self, message: str) -> None:
        self._git("add", "--all")
        self._git(
            "-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "-m", message
        )

    def _git(self, *words: str, given: bytes = b"") -> bytes:
        return subprocess.run([*self._places, *words], input=given, capture_output=True, check=True).stdout


def new_days(ages: tuple[int, ...]):
    """A new day on a past of each length, beside the first day ever, in turn; and what it adds."""
    with scene(PAPERS) as first, scene(PAPERS) as made:
        for age in ages:
            past(made.folder / "reports", age)
            for engine in ENGINES if age == ages[-1] else ENGINES[:1]:
                with tempfile.TemporaryDirectory() as folder:
                    yield [f"{age:,}", engine, *_new_day(first, made, engine, Path(folder))]


def _new_day(first: Scene, made: Scene, engine: str, folder: Path) -> list[str]:
    grown: dict[str, int] = {}
    history = History(made.folder / "reports", folder)

    def go_on() -> Ran:
        before = sizes(made.folder / "reports")
        ran = made.digest("run", "--engine", engine)
        after = sizes(made.folder / "reports")
        grown.update({k: size - before.get(k, 0) for k, size in after.items() if size != before.get(k)})
        grown["pushed"] = history.pushed()
        undo(made)
        return ran

    ever, now = in_turn(RUNS, lambda: first.digest("run", "--engine", engine, anew=True), go_on)
    one, other = median(ran.cpu for ran in ever), median(ran.cpu for ran in now)
    return [f"{one:.2f} s", f"{other:.2f} s", f"{other / one:.2f}", *_added(grown)]


def _added(grown: dict[str, int]) -> list[str]:
    """kB that one day adds: the page, its data, what spans days, all; and what the push of it sends."""
    own = {
        suffix: sum(v for k, v in grown.items() if k.endswith(f"{DATE}{suffix}"))
        for suffix in (".md", ".json")
    }
    sent = grown.pop("pushed")
    rest = sum(grown.values()) - sum(own.values())
    return [f"{n / 1000:.1f}" for n in (*own.values(), rest, sum(grown.values()), sent)]


def again(ages: tuple[int, ...]):
    """A date that is finished, run once more."""
    for age in ages[-1:]:
        with scene(PAPERS) as made:
            past(made.folder / "reports", age)
            made.digest("run", "--engine", "claude")
            calls, pages = len(made.model.calls), len(made.world.requests)
            before = contents(made.folder / "reports")
            modules = made.digest("run", "--engine", "claude", probe=True, as_it_is=True).probe["modules"]
            imports = made.folder / "imports.py"
            imports.write_text("\n".join(f"import {name}" for name in modules if NAME.fullmatch(name)))
            ours, theirs = in_turn(
                RUNS,
                partial(made.digest, "run", "--engine", "claude"),
                partial(run, [sys.executable, str(imports)]),
            )
            after = contents(made.folder / "reports")
            mine, least = median(r.cpu for r in ours), median(r.cpu for r in theirs)
            yield [
                f"{age:,}",
                len(made.model.calls) - calls,
                len(made.world.requests) - pages,
                sum(after.get(path) != before.get(path) for path in {*before, *after}),
                f"{mine:.2f} s",
                f"{least:.2f} s",
                f"{mine / least:.2f}",
            ]


def more(counts=(1, 2, 5, 10)):
    """More picks; more profiles; one run each."""
    with scene(PAPERS) as made:
        for n in counts:
            ran = made.digest("run", "--engine", "claude", "--picks", str(n), anew=True)
            page = report_path(made.folder / "reports", PROFILE, DATE)
            bytes_each = [path.stat().st_size / 1000 for path in (page.with_suffix(".md"), page)]
            yield [
                f"{n} picks",
                f"{ran.cpu:.2f} s",
                len(made.model.asked),
                f"{bytes_each[0]:.0f} kB",
                f"{bytes_each[1]:.0f} kB",
            ]
        profiles = made.folder / "prompts" / "profiles"
        text = (profiles / f"{PROFILE}.md").read_text()
        for n in counts:
            names = [f"reader-{m}" for m in range(n)]
            for name in names:
                (profiles / f"{name}.md").write_text(text)
            words = [word for name in names for word in ("--profile", name)]
            ran = made.digest("run", "--engine", "claude", *words, anew=True)
            yield [f"{n} profiles", f"{ran.cpu:.2f} s", len(made.model.asked), "", ""]


def main() -> None:
    ages = tuple(int(one) for one in sys.argv[1:]) or AGES
    print(
        f"\nA new day of {PAPERS} candidates (kB added; the goal is 60 in all, and 1.5 times the first day):"
    )
    head = [
        "days before",
        "engine",
        "first day ever",
        "new day",
        "ratio",
        "page",
        "data",
        "what spans days",
        "all",
        "pushed",
    ]
    table(head, new_days(ages))
    print("\nA finished date, run again:")
    head = [
        "days",
        "model calls",
        "pages fetched",
        "files changed",
        "CPU",
        "importing the same libraries",
        "ratio",
    ]
    table(head, again(ages))
    print("\nMore of it:")
    table(["", "CPU", "model calls", "page", "data"], more())


if __name__ == "__main__":
    main()
