"""The command line: its words, and the only place that reads the clock and the environment for them.

What a command does stands in `commands.py` and `checking.py`, imported when one is run: `--help` needs click alone.
What is said goes through `console.py`; the process ends in `__main__.py`. `writing/publish.py`, with `writing/git.py`,
is a program of its own.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline import __version__
from pipeline.errors import DigestError, InputError
from pipeline.stages import STAGES

if TYPE_CHECKING:
    import datetime as dt

    from pipeline.console import Console

PATHS = ("reports", "work", "labels", "record")
F = TypeVar("F", bound=Callable[..., Any])

PROFILE = click.option("--profile", "profiles", multiple=True, metavar="NAME",
    help="A profile; may be repeated. Default: the active ones of digest.toml.")  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="The result as one JSON object a profile.")
FOLDER = click.Path(file_okay=False)
OPTIONS: tuple[Callable[[Any], Any], ...] = (
    PROFILE,
    click.option("--date", metavar="YYYY-MM-DD", help="The digest's date. Default: today, UTC."),
    click.option("--engine", type=click.Choice(["claude", "local"]),
        help="Who judges. Default: as digest.toml says."),
    click.option("--reports", type=FOLDER, default="reports", show_default=True,
        help="Where reports are kept."),
    click.option("--work", type=FOLDER, default=".work", show_default=True,
        help="Where artifacts are kept."),
    click.option("--force", is_flag=True, help="Judge all of that date again, even if its report is complete."),
    click.option("--from", "start", type=click.Choice(STAGES),
        default=STAGES[0], help="The first stage of `run` to do again; what comes before is reused."),
    click.option("--papers", metavar="ID,ID", default="", help="arXiv ids to analyze whatever their score."),
    click.option("--picks", type=click.IntRange(1, 20), help="At most so many picks, whatever the profile says."),
    click.option("--threshold", type=click.IntRange(1, 100),
        help="The score that a pick has to reach, whatever the profile says."),
    click.option("--dry-run", is_flag=True,
        help="Fetch, say how many calls, tokens and USD the rest would take, and stop."),
    click.option("--sample", is_flag=True,
        help="A recorded day instead of the network; the local engine, unless --engine says otherwise."),
    AS_JSON,
)  # fmt: skip


def options(command: F) -> F:
    """Give a command the options that all stages have."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="digest")
def main() -> None:
    """Read the day's new papers for one researcher and write down the few that matter.

    \b
    digest run --sample             a recorded day: no key, no network
    digest check                    are settings, profiles and prompts right?
    digest run --profile mine       today's digest, now

    \b
    Exit codes:
    0  done (also: nothing new)
    1  failed, nothing published
    2  wrong usage, settings, profile or prompt
    3  done, but something is pending, or a source could not be read
    4  no credentials, or refused
    """  # noqa: D301 - click reads the \\b as "do not wrap this paragraph"


@main.command()
@options
def run(**given: Any) -> None:
    """Make the digest: fetch, score, texts, analyze, render."""
    _invoke("run", given)


@main.command()
@options
def fetch(**given: Any) -> None:
    """Stage 1: the day's new papers into fetched.json."""
    _invoke("fetch", given)


@main.command()
@options
def score(**given: Any) -> None:
    """Stage 2: judge every paper of fetched.json into scored.json."""
    _invoke("score", given)


@main.command()
@options
def texts(**given: Any) -> None:
    """Between 2 and 3: the full texts of the picks into texts.json."""
    _invoke("texts", given)


@main.command()
@options
def analyze(**given: Any) -> None:
    """Stage 3: analyze the picks of scored.json into analyzed.json."""
    _invoke("analyze", given)


@main.command()
@options
def render(**given: Any) -> None:
    """Stage 4: the page and its JSON from analyzed.json."""
    _invoke("render", given)


@main.command()
@options
def plan(**given: Any) -> None:
    """What is due, what is pending, how far each source has been read."""
    _invoke("plan", given)


@main.command("eval")
@options
@click.option(
    "--labels", type=click.Path(dir_okay=False), help="Labeled papers. Default: eval/<profile>.jsonl"
)
def evaluate(**given: Any) -> None:
    """How good are profile and prompt? nDCG, recall and MAP on labeled papers."""
    _invoke("eval", given)


@main.command()
@options
@click.option("--online", is_flag=True,
    help="Also try the sources, the key and the models, and price today's list. Spends nothing.")  # fmt: skip
@click.option("--record", type=FOLDER, help="With --online: keep every page that was fetched in this folder.")
def check(**given: Any) -> None:
    """Are settings, profiles and prompts right? Without --online it needs no network and no key."""
    _invoke("check", given)


def _invoke(name: str, given: dict[str, Any]) -> None:
    """Carry out a command and exit with its code; the end of a run is said once, here."""
    from pathlib import Path  # noqa: PLC0415 - not for --help

    from pipeline.console import Console  # noqa: PLC0415

    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    console = Console(
        terminal=sys.stderr.isatty() and not in_actions, actions=in_actions, as_json=given.pop("as_json")
    )
    given |= {key: Path(given[key]) for key in PATHS if given.get(key)}
    try:
        sys.exit(_carry_out(name, given, dict(os.environ), console))
    except DigestError as error:
        console.error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.note("stopped; run it again")
        sys.exit(130)


def _carry_out(name: str, given: dict[str, Any], environ: dict[str, str], console: Console) -> int:
    """The exit code of a command. What `check` does without a network needs little of the program."""
    # Importing makes hundreds of thousands of objects and no garbage: to look for some as often as usual, and for
    # plugins of pydantic's in every installed package, takes a fifth of the start.
    gc.set_threshold(100_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if name == "check":
        from pipeline import checking  # noqa: PLC0415

        code = checking.execute(given, environ=environ, console=console)
        if code or not given["online"]:
            return code
    import logging  # noqa: PLC0415 - check says all it has to say by itself

    from pipeline import commands  # noqa: PLC0415

    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    return commands.execute(name, given, environ=environ, now=_now(), console=console)


def _now() -> dt.datetime:
    """The clock. SOURCE_DATE_EPOCH (seconds since 1970) stops it, for runs that have to be repeatable."""
    import datetime as dt  # noqa: PLC0415 - not for --help

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    try:
        moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise InputError(
            f"SOURCE_DATE_EPOCH: {epoch!r} is not a number of seconds", hint="unset it"
        ) from None
    return moment.replace(microsecond=0)
