"""Every option of the command line, declared once, and the frozen `Options` that a command receives.

Imports click and the standard library alone, so that `--help` answers at once.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import click

from pipeline.core.stage_names import STAGES, Start


class Options(NamedTuple):
    """What was given on the command line; an option that a command does not take keeps its default."""

    profiles: tuple[str, ...] = ()
    date: str | None = None
    engine: Literal["claude", "local"] | None = None
    reports: str = "reports"
    work: str = ".work"
    force: bool = False
    start: Start = "fetch"
    papers: str = ""
    picks: int | None = None
    threshold: int | None = None
    dry_run: bool = False
    sample: bool = False
    as_json: bool = False
    labels: str | None = None
    claims: str | None = None
    online: bool = False
    record: str | None = None
    format: Literal["bibtex", "ris", "csl-json"] = "bibtex"
    month: str | None = None
    picked: bool = False
    shortlist: bool = False
    all_papers: bool = False
    name: str = ""
    file: str = ""
    source: str | None = None
    title: str | None = None
    language: str | None = None
    text: str | None = None
    wanted: str | None = None
    unwanted: str | None = None
    arxiv: str | None = None
    keywords: str | None = None
    ask_model: bool = False
    write: bool = False
    out: str = ""


_FOLDER = click.Path(file_okay=False)
_FILE = click.Path(dir_okay=False)
_DECLARED: dict[str, Callable[[], click.Parameter]] = {
    "profile": lambda: click.Option(["--profile", "profiles"], multiple=True, metavar="NAME",
        help="A profile; may be repeated. Default: the active ones of digest.toml."),
    "date": lambda: click.Option(["--date"], metavar="YYYY-MM-DD",
        help="The digest's date. Default: today, UTC."),
    "engine": lambda: click.Option(["--engine"], type=click.Choice(["claude", "local"]),
        help="Who judges. Default: as digest.toml says."),
    "reports": lambda: click.Option(["--reports"], type=_FOLDER, default="reports", show_default=True,
        help="Where reports are kept."),
    "work": lambda: click.Option(["--work"], type=_FOLDER, default=".work", show_default=True,
        help="Where artifacts are kept."),
    "force": lambda: click.Option(["--force"], is_flag=True,
        help="Judge all of that date again, even if its report is complete."),
    "from": lambda: click.Option(["--from", "start"], type=click.Choice(STAGES), default=STAGES[0],
        help="The first stage of `run` to do again; what comes before is reused."),
    "papers": lambda: click.Option(["--papers"], metavar="ID,ID", default="",
        help="arXiv ids to analyze whatever their score, besides the picks."),
    "picks": lambda: click.Option(["--picks"], type=click.IntRange(1, 20),
        help="At most so many picks, whatever the profile says; papers of --papers come on top."),
    "threshold": lambda: click.Option(["--threshold"], type=click.IntRange(1, 100),
        help="The score that a pick has to reach, whatever the profile says."),
    "dry-run": lambda: click.Option(["--dry-run"], is_flag=True,
        help="Fetch, say how many calls, tokens and USD the rest would take, and stop."),
    "sample": lambda: click.Option(["--sample"], is_flag=True,
        help="A recorded day instead of the network, and recorded answers instead of a model, unless --engine is given."),
    "json": lambda: click.Option(["--json", "as_json"], is_flag=True,
        help="The result as one JSON object a profile."),
    "labels": lambda: click.Option(["--labels"], type=_FILE,
        help="Labeled papers. Default: eval/<profile>.jsonl"),
    "claims": lambda: click.Option(["--claims"], type=_FILE,
        help="Labeled claims, such as eval/claims.jsonl: measures the gates and the second reader instead."),
    "online": lambda: click.Option(["--online"], is_flag=True,
        help="Also try the sources, the key and the models, and price today's list. Spends nothing."),
    "record": lambda: click.Option(["--record"], type=_FOLDER,
        help="With --online: keep every page that was fetched in this folder."),
    "format": lambda: click.Option(["--format"], type=click.Choice(["bibtex", "ris", "csl-json"]), default="bibtex",
        show_default=True, help="The format."),
    "month": lambda: click.Option(["--month"], metavar="YYYY-MM",
        help="The reports of one month. Default: all."),
    "picked": lambda: click.Option(["--picks", "picked"], is_flag=True,
        help="The picks: the default."),
    "shortlist": lambda: click.Option(["--shortlist"], is_flag=True,
        help="The shortlist: the papers that were good enough, when all places were taken."),
    "all": lambda: click.Option(["--all", "all_papers"], is_flag=True,
        help="Picks and shortlist."),
    "name": lambda: click.Argument(["name"]),
    "file": lambda: click.Argument(["file"], type=_FILE),
    "from-file": lambda: click.Option(["--from", "source"], type=_FILE,
        help="Your text, or the papers you have: BibTeX, RIS, CSL-JSON."),
    "title": lambda: click.Option(["--title"], help="What the digest is called."),
    "language": lambda: click.Option(["--language"], metavar="CODE", help="The digest's language, as en."),
    "text": lambda: click.Option(["--text"],
        help="What you work on and want to read. Proposals are then taken as they are."),
    "wanted": lambda: click.Option(["--wanted"], help="What you want to see above all: points, separated by `;`."),
    "unwanted": lambda: click.Option(["--unwanted"], help="What you do not want: points, separated by `;`."),
    "arxiv": lambda: click.Option(["--arxiv"], metavar="NAME,NAME",
        help="arXiv categories. Default: proposed from your words."),
    "keywords": lambda: click.Option(["--keywords"], metavar="TEXT,TEXT",
        help="English keywords. Default: proposed from your words."),
    "ask-model": lambda: click.Option(["--ask-model"], is_flag=True,
        help="Have the model that scores propose the keywords. Needs a key; one short call."),
    "online-day": lambda: click.Option(["--online"], is_flag=True,
        help="Rank today's papers instead of the recorded day."),
    "write": lambda: click.Option(["--write"], is_flag=True,
        help="Put them into the profile."),
    "of-profile": lambda: click.Option(["--profile", "profiles"], multiple=True, metavar="NAME",
        help="A profile; may be repeated. Default: all that have reports."),
    "out": lambda: click.Option(["--out"], type=_FOLDER, default="",
        help="The folder to write: new, empty, or an earlier site, which is replaced."),
}  # fmt: skip


def declared(*names: str) -> list[click.Parameter]:
    """The options of these names, as click takes them, in this order."""
    return [_DECLARED[name]() for name in names]
