"""Output of the command line: results on stdout, everything else on stderr, annotations in GitHub Actions.

A single profile on a terminal gets a progress bar with what is waited for; otherwise each stage prints one plain line,
and a wait prints one when it is long.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from pipeline.core.actions import annotation, escape_commands
from pipeline.core.errors import DigestError
from pipeline.core.progress import Say, Try, current_stage, describe
from pipeline.core.stage_names import STAGES

if TYPE_CHECKING:
    from rich.live import Live

SHOWN_AFTER = 2.0  # seconds that an attempt lasts before a bar shows it
SAID_AFTER = 10.0  # seconds that an attempt lasts before a plain log says so
SAID_AGAIN_AFTER = 15.0  # seconds until the log says again that a wait goes on
MAX_SHOWN = 3  # waits below a bar


@dataclass(frozen=True, eq=False)
class _Wait:
    """A wait that goes on, since `began` (monotonic, seconds)."""

    attempt: Try
    stage: str
    began: float

    def line(self, now: float) -> str:
        text = describe(self.attempt, now - self.began)
        return f"{self.stage}: {text}" if self.stage else text


class Console:
    """Prints for one invocation. `actions` adds workflow annotations, `as_json` prints results as JSON.

    `sleep` and `clock` (monotonic, seconds) can be replaced in tests.
    """

    def __init__(
        self,
        *,
        terminal: bool,
        actions: bool,
        as_json: bool,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.terminal = terminal
        self.actions = actions
        self.as_json = as_json
        self._sleep = sleep
        self._clock = clock
        self._waits: list[_Wait] = []
        self._bar: Live | None = None
        self._said: dict[str, float] = {}  # when a line on a wait was printed last

    @contextmanager
    def working(self, what: str, *, alone: bool) -> Iterator[Say]:
        """Yield the function that reports progress; on a terminal with a single profile (`alone`) it drives a bar."""
        if not (self.terminal and alone):
            yield self.plain_lines(what)
            return
        from rich import progress  # noqa: PLC0415 - only a terminal needs it
        from rich.console import Console as Rich  # noqa: PLC0415
        from rich.console import Group  # noqa: PLC0415
        from rich.live import Live  # noqa: PLC0415
        from rich.markup import escape  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        rich = Rich(stderr=True, highlight=False)
        columns = (
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(30),
        )
        bar = progress.Progress(*columns, progress.TimeElapsedColumn(), console=rich)
        task = bar.add_task(escape(what), total=len(STAGES))
        done: set[str] = set()

        def say(stage: str, text: str) -> None:
            done.add(stage)
            rich.print(f"[bold]{stage:>8}[/bold]  {escape(escape_commands(text))}")
            bar.update(task, completed=len(done.intersection(STAGES)))

        def shown() -> Group:
            waits = [Text(line, no_wrap=True, overflow="ellipsis") for line in self._waits_to_show()]
            return Group(bar, *waits)

        try:
            with Live(get_renderable=shown, console=rich, transient=True, refresh_per_second=10) as self._bar:
                yield say
        finally:
            self._bar = None

    @contextmanager
    def wait_for(self, attempt: Try) -> Iterator[None]:
        """Show what a client waits for: below the bar, or as plain lines at each retry and while a wait is long."""
        wait = _Wait(attempt, current_stage.get(), self._clock())
        self._waits.append(wait)
        if attempt.failed:
            self._say_wait(wait)
        ticker = asyncio.ensure_future(self._say_while(wait))
        try:
            yield
        finally:
            ticker.cancel()
            self._waits.remove(wait)

    async def _say_while(self, wait: _Wait) -> None:
        """Print a line on a wait now and then, until cancelled."""
        await self._sleep(SAID_AGAIN_AFTER if wait.attempt.failed else SAID_AFTER)
        while True:
            self._say_wait(wait)
            await self._sleep(SAID_AGAIN_AFTER)

    def _say_wait(self, wait: _Wait) -> None:
        """Print a line on a wait, once for all requests to one host that wait alike, and not where a bar shows it."""
        now = self._clock()
        line = wait.line(now)
        if self._bar is None and now - self._said.get(line, -SAID_AFTER) >= SAID_AFTER:
            self._said[line] = now
            self.note(line)

    def _waits_to_show(self) -> list[str]:
        """The lines below a bar: the oldest waits that are not too short to be read."""
        now = self._clock()
        waits = [w for w in tuple(self._waits) if w.attempt.failed or now - w.began >= SHOWN_AFTER]
        return list(dict.fromkeys(escape_commands(wait.line(now)) for wait in waits))[:MAX_SHOWN]

    def plain_lines(self, what: str) -> Say:
        """Return the function that prints each report as a line, on a terminal above the bar, which it does not move."""
        return lambda stage, text: self.note(f"{what} {stage}: {text}")

    def note(self, text: str) -> None:
        """Print one line to stderr, escaped so that text of a paper cannot start a workflow command."""
        self._print(escape_commands(text))

    def rows(self, lines: Iterable[str]) -> None:
        """Print lines that the program made itself to stderr, unescaped."""
        self._print("\n".join(lines))

    def _print(self, text: str) -> None:
        """Print to stderr, above the bar if there is one."""
        if self._bar is None:
            click.echo(text, err=True)
        else:
            self._bar.console.print(text, markup=False, emoji=False, soft_wrap=True)

    def result(self, text: str, data: Mapping[str, Any]) -> None:
        """Print the result to stdout: `text`, or `data` as one JSON object with --json."""
        if self._bar is not None:
            self._bar.stop()  # stdout goes past it: the result would stand in the line of the bar
        shown = "\n".join(map(escape_commands, text.split("\n")))
        self.document((json.dumps(data, ensure_ascii=False) if self.as_json else shown) + "\n")

    def document(self, text: str) -> None:
        """Print a file to stdout as it is, in UTF-8, whatever the terminal's encoding."""
        try:
            click.echo(text.encode(), nl=False)
        except BrokenPipeError:
            # The reader, such as `head`, has closed the pipe, but the report is written: Python must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def error(self, error: DigestError) -> None:
        """Print the error that ends a run, and its hint."""
        self._annotate("error", error.message, hint=error.hint, path=error.path, line=error.line)
        self._print(f"error: {escape_commands(str(error))}")
        if error.hint:
            self._print(f" hint: {escape_commands(error.hint)}")

    def warning(self, text: str) -> None:
        """Print a warning; the run goes on."""
        self._annotate("warning", text)
        self._print(f"warning: {escape_commands(text)}")

    def _annotate(
        self, kind: Literal["error", "warning"], text: str, *, hint: str = "", path: str = "", line: int = 0
    ) -> None:
        if self.actions:
            self._print(annotation(kind, f"{text} {hint}".strip(), file=path, line=line))
