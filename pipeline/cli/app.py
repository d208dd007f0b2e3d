"""The command line: its commands, the options that each takes, and what its end means.

A command's code stands in a module of its own and is imported when the command is run: `--help` needs click alone.
`pipeline/publish` is a program of its own.
"""

import os
import sys
from typing import TYPE_CHECKING

import click

from pipeline import __version__
from pipeline.cli.options import Options, declared
from pipeline.core.errors import DigestError

if TYPE_CHECKING:
    from pipeline.cli.session import Session


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
    3  done, but something is pending, a source could not be read, something was missed for good, or most claims failed the checks
    4  no credentials, or refused
    """  # noqa: D301 - click reads the \\b as "do not wrap this paragraph"


class Command(click.Command):
    """A command as `module:function` in this folder, which takes a Session and returns an exit code."""

    def __init__(self, name: str, target: str, *options: str, text: str) -> None:
        super().__init__(name, params=declared(*options), help=text)
        self._module, _, self._function = target.partition(":")

    def invoke(self, context: click.Context) -> None:
        """Run the command and exit with its code; the error that ends a run is printed here, once."""
        from importlib import import_module  # noqa: PLC0415 - not for --help

        from pipeline.cli.console import Console  # noqa: PLC0415

        options = Options(**context.params)
        in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
        terminal = sys.stderr.isatty() and not in_actions
        console = Console(terminal=terminal, actions=in_actions, as_json=options.as_json)
        try:
            from pipeline.cli.session import open_session  # noqa: PLC0415

            session: Session = open_session(options, dict(os.environ), console)
            sys.exit(getattr(import_module(f"pipeline.cli.{self._module}"), self._function)(session))
        except DigestError as error:
            console.error(error)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            console.note("stopped; run it again")
            sys.exit(130)


# An option stands with a command only if it changes what the command does.
COMMANDS = (
    Command("run", "run:execute",
        "profile", "date", "engine", "reports", "work", "force", "from", "papers", "picks", "threshold", "dry-run",
        "sample", "json", text="Make the digest: fetch, score, texts, analyze, render."),
    Command("fetch", "stage_commands:fetch",
        "profile", "date", "reports", "work", "force", "from", "papers", "sample",
        text="Stage 1: the day's new papers into fetched.json."),
    Command("score", "stage_commands:score",
        "profile", "date", "engine", "reports", "work", "picks", "threshold", "sample",
        text="Stage 2: judge every paper of fetched.json into scored.json."),
    Command("texts", "stage_commands:texts",
        "profile", "date", "work", "sample",
        text="Stage 3: the full texts of the picks into texts.json."),
    Command("analyze", "stage_commands:analyze",
        "profile", "date", "engine", "work", "sample",
        text="Stage 4: analyze the picks of scored.json into analyzed.json."),
    Command("render", "stage_commands:render",
        "profile", "date", "engine", "reports", "work", "force", "from", "papers", "sample", "json",
        text="Stage 5: the page and its JSON from analyzed.json."),
    Command("plan", "plan:execute",
        "profile", "date", "reports", "force", "from", "papers", "sample", "json",
        text="What is due, what is pending, how far each source has been read."),
    Command("export", "export:execute",
        "profile", "reports", "format", "month", "picked", "shortlist", "all",
        text="The papers of the reports for a reference manager, each once: BibTeX, RIS or CSL-JSON on stdout."),
    Command("site", "site:execute",
        "out", "reports", "of-profile", "json",
        text="The committed reports as a web site of static files: search, days, months, pictures, feeds."),
    Command("eval", "evaluate:execute",
        "profile", "engine", "reports", "picks", "threshold", "labels", "claims", "json",
        text="How good are profile and prompt? nDCG, recall and MAP on labeled papers; with --claims, the second reader's recall."),
    Command("check", "check:execute",
        "profile", "date", "engine", "reports", "sample", "online", "record", "json",
        text="Are settings, profiles and prompts right? Without --online it needs no network and no key."),
    Command("seed", "seed:execute",
        "file", "profile", "write", "json",
        text="Papers you have, from BibTeX, RIS, CSL-JSON or any text, as `liked` of a profile."),
)  # fmt: skip
for command in COMMANDS:
    main.add_command(command)


@main.group()
def profile() -> None:
    """Make a profile."""


profile.add_command(
    Command("new", "profile_new:execute",
        "name", "from-file", "title", "language", "text", "wanted", "unwanted", "arxiv", "keywords", "ask-model",
        "online-day", "json",
        text="A new profile from a few sentences, or from the papers you have; asks for what is not given.")
)  # fmt: skip
