"""What is waited for is said: below the bar on a terminal, and now and then in a plain log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from pipeline.cli.console import Console
from pipeline.core.progress import Try, current_stage
from tests.sources.playing import Time

SLOW, FAILED = Try("a.org", 1, 4), Try("a.org", 2, 4, failed="HTTP 503", pause=8.0)


def wait(
    capsys: pytest.CaptureFixture[str], *attempts: Try, seconds: float, terminal: bool = False
) -> list[str]:
    """The lines of a log while these attempts go on side by side for so long."""
    time = Time()
    console = Console(terminal=terminal, actions=False, as_json=False, sleep=time.sleep, clock=time.clock)

    async def one(attempt: Try, until: float) -> None:
        with console.waiting(attempt):
            while time.now < until:  # noqa: ASYNC110 - the time passes in the console
                await asyncio.sleep(0)

    async def main() -> None:
        current_stage.set("fetch")
        await asyncio.gather(*(one(attempt, time.now + seconds) for attempt in attempts))

    asyncio.run(main())
    return capsys.readouterr().err.splitlines()


def test_a_slow_answer_is_said_after_ten_seconds_and_every_fifteen_from_then_on(capsys):
    assert wait(capsys, SLOW, seconds=41) == [
        f"fetch: a.org: try 1 of 4, waiting for {seconds} s" for seconds in (10, 25, 40)
    ]


def test_a_retry_is_said_at_once(capsys):
    lines = wait(capsys, FAILED, seconds=8)
    assert lines == ["fetch: a.org: try 2 of 4, next in 8 s (HTTP 503)"]


def test_requests_to_one_host_that_wait_alike_are_one_line(capsys):
    assert len(wait(capsys, *[FAILED] * 8, seconds=8)) == 1
    assert len(wait(capsys, FAILED, Try("b.org", 2, 4, failed="HTTP 503", pause=8.0), seconds=8)) == 2


def test_a_quick_answer_is_not_said(capsys):
    time = Time()
    console = Console(terminal=False, actions=False, as_json=False, sleep=time.sleep, clock=time.clock)

    async def main() -> None:
        for _ in range(50):
            with console.waiting(SLOW):
                pass
            await asyncio.sleep(0)

    asyncio.run(main())
    assert capsys.readouterr().err == ""


def shown(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Console], None],
    attempts: Sequence[Try],
    *,
    after: float = 0.0,
) -> str:
    """What a terminal of 80 columns gets while these attempts go on."""
    for name, value in (("TERM", "xterm"), ("FORCE_COLOR", "1"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)
    time = Time()
    console = Console(terminal=True, actions=False, as_json=False, sleep=time.sleep, clock=time.clock)

    async def main() -> None:
        current_stage.set("fetch")
        with console.working("mine 2026-01-30", alone=True):
            waits = [console.waiting(attempt) for attempt in attempts]
            for one in waits:
                one.__enter__()
            time.now += after
            assert console._bar is not None
            console._bar.refresh()
            act(console)
            for one in waits:
                one.__exit__(None, None, None)

    asyncio.run(main())
    return capsys.readouterr().err


def test_on_a_terminal_it_stands_below_the_bar_and_no_line_is_printed(capsys, monkeypatch):
    printed: list[object] = []
    text = shown(capsys, monkeypatch, lambda console: printed.extend(console._said), [FAILED, SLOW])
    assert printed == []
    assert "fetch: a.org: try 2 of 4, next in 8 s (HTTP 503)" in text
    assert "try 1 of 4" not in text, "an attempt is shown from two seconds on"
    assert "fetch: a.org: try 1 of 4, waiting for 3 s" in shown(
        capsys, monkeypatch, lambda _: None, [SLOW], after=3
    )


def test_a_host_cannot_write_to_the_terminal_or_start_a_workflow_command(capsys, monkeypatch):
    host = "[red]::error::x"
    text = shown(capsys, monkeypatch, lambda _: None, [Try(host, 2, 4, failed="::warning::y", pause=8.0)])
    assert "[red]" in text
    console = Console(terminal=False, actions=True, as_json=False)
    asyncio.run(_one(console, Try("::error::x", 2, 4, failed="y", pause=8.0)))
    assert not capsys.readouterr().err.startswith("::error::")


async def _one(console: Console, attempt: Try) -> None:
    with console.waiting(attempt):
        pass


def test_the_bar_ends_before_the_result(capsys, monkeypatch):
    """The result goes to stdout, past the bar: in the bar's own line it could not be read."""
    order: list[bool] = []

    def act(console: Console) -> None:
        console.result("page.md", {})
        assert console._bar is not None
        order.append(console._bar.is_started)

    shown(capsys, monkeypatch, act, [])
    assert order == [False]
