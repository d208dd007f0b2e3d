"""What the command line prints: results on stdout, everything else on stderr, annotations in Actions.

On a terminal a bar moves from stage to stage; elsewhere there is one plain line a stage.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Literal

import click

from pipeline.core.actions import annotation, inert
from pipeline.core.errors import DigestError
from pipeline.core.progress import Say
from pipeline.core.stage_names import STAGES


class Console:
    """Where a run's words go. `actions` writes workflow annotations beside the plain lines."""

    def __init__(self, *, terminal: bool, actions: bool, as_json: bool) -> None:
        self.terminal = terminal
        self.actions = actions
        self.as_json = as_json

    @contextmanager
    def working(self, what: str, *, alone: bool) -> Iterator[Say]:
        """Give out the function that says what a stage did; on a terminal, with nobody beside it, as a bar."""
        if not (self.terminal and alone):
            yield lambda stage, text: self.note(f"{what} {stage}: {text}")
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
                rich.print(f"[bold]{stage:>8}[/bold]  {escape(inert(text))}")
                bar.update(task, completed=len(done.intersection(STAGES)))

            yield say

    def note(self, text: str) -> None:
        """One line beside the result. A stranger's text in it cannot start a workflow command."""
        click.echo(inert(text), err=True)

    def rows(self, lines: Iterable[str]) -> None:
        """Aligned lines of our own making, beside the result."""
        click.echo("\n".join(lines), err=True)

    def result(self, text: str, data: Mapping[str, Any]) -> None:
        """The one thing that a caller wants: a line or a few, or with --json an object."""
        lines = [json.dumps(data, ensure_ascii=False)] if self.as_json else map(inert, text.split("\n"))
        with suppress(BrokenPipeError):  # whoever reads has seen enough; what is to be published is
            for line in lines:
                click.echo(line)

    def error(self, error: DigestError) -> None:
        """The end of a run, and what to do."""
        self._annotate("error", error.message, hint=error.hint, path=error.path, line=error.line)
        click.echo(f"error: {inert(str(error))}", err=True)
        if error.hint:
            click.echo(f" hint: {inert(error.hint)}", err=True)

    def warning(self, text: str) -> None:
        """Something that a person should look at, though the run goes on."""
        self._annotate("warning", text)
        click.echo(f"warning: {inert(text)}", err=True)

    def _annotate(
        self, kind: Literal["error", "warning"], text: str, *, hint: str = "", path: str = "", line: int = 0
    ) -> None:
        if self.actions:
            click.echo(annotation(kind, f"{text} {hint}".strip(), file=path, line=line), err=True)
