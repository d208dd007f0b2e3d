"""Output of the command line: results on stdout, everything else on stderr, annotations in GitHub Actions.

A single profile on a terminal gets a progress bar; otherwise each stage prints one plain line.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import click

from pipeline.core.actions import annotation, escape_commands
from pipeline.core.errors import DigestError
from pipeline.core.progress import Say
from pipeline.core.stage_names import STAGES


class Console:
    """Prints for one invocation. `actions` adds workflow annotations, `as_json` prints results as JSON."""

    def __init__(self, *, terminal: bool, actions: bool, as_json: bool) -> None:
        self.terminal = terminal
        self.actions = actions
        self.as_json = as_json

    @contextmanager
    def working(self, what: str, *, alone: bool) -> Iterator[Say]:
        """Yield the function that reports progress; on a terminal with a single profile (`alone`) it drives a bar."""
        if not (self.terminal and alone):
            yield self.waiting(what)
            return
        from rich import progress  # noqa: PLC0415 - only a terminal needs it
        from rich.console import Console as Rich  # noqa: PLC0415
        from rich.markup import escape  # noqa: PLC0415

        rich = Rich(stderr=True, highlight=False)
        columns = (
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(30),
        )
        with progress.Progress(*columns, progress.TimeElapsedColumn(), console=rich, transient=True) as bar:
            task = bar.add_task(escape(what), total=len(STAGES))
            done: set[str] = set()

            def say(stage: str, text: str) -> None:
                done.add(stage)
                rich.print(f"[bold]{stage:>8}[/bold]  {escape(escape_commands(text))}")
                bar.update(task, completed=len(done.intersection(STAGES)))

            yield say

    def waiting(self, what: str) -> Say:
        """Return the function that reports waits: each is a plain line, on a terminal above the bar, which it does not move."""
        return lambda stage, text: self.note(f"{what} {stage}: {text}")

    def note(self, text: str) -> None:
        """Print one line to stderr, escaped so that text of a paper cannot start a workflow command."""
        click.echo(escape_commands(text), err=True)

    def rows(self, lines: Iterable[str]) -> None:
        """Print lines that the program made itself to stderr, unescaped."""
        click.echo("\n".join(lines), err=True)

    def result(self, text: str, data: Mapping[str, Any]) -> None:
        """Print the result to stdout: `text`, or `data` as one JSON object with --json."""
        try:
            click.echo(
                json.dumps(data, ensure_ascii=False)
                if self.as_json
                else "\n".join(map(escape_commands, text.split("\n")))
            )
        except BrokenPipeError:
            # The reader, such as `head`, has closed the pipe, but the report is written: Python must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def error(self, error: DigestError) -> None:
        """Print the error that ends a run, and its hint."""
        self._annotate("error", error.message, hint=error.hint, path=error.path, line=error.line)
        click.echo(f"error: {escape_commands(str(error))}", err=True)
        if error.hint:
            click.echo(f" hint: {escape_commands(error.hint)}", err=True)

    def warning(self, text: str) -> None:
        """Print a warning; the run goes on."""
        self._annotate("warning", text)
        click.echo(f"warning: {escape_commands(text)}", err=True)

    def _annotate(
        self, kind: Literal["error", "warning"], text: str, *, hint: str = "", path: str = "", line: int = 0
    ) -> None:
        if self.actions:
            click.echo(annotation(kind, f"{text} {hint}".strip(), file=path, line=line), err=True)
