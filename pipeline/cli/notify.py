"""Send new digests to chat and mail: one plain message to each address in DIGEST_NOTIFY. Run by the job `notify`.

    python -m pipeline.cli.notify --date 2026-01-31 --profiles cv-restoration --tip SHA

apprise, which knows the services, comes from `requirements-notify.lock`, and is imported nowhere else. An address holds a
password or token: nothing here or in apprise prints one, and channels are named by their number and service.
"""

import argparse
import contextlib
import datetime as dt
import io
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from pipeline.cli.standing_issue import committed, page_url, profile_list, repository_path
from pipeline.core import actions
from pipeline.core.errors import DigestError
from pipeline.core.quantity import quantity
from pipeline.report import message
from pipeline.report.message import Message

VARIABLE = "DIGEST_NOTIFY"  # addresses, with blanks or line breaks between them
LOCK = "requirements-notify.lock"
WRONG = "no service has addresses of this form; docs/delivery.md says where they are described"
FAILED = "it could not be sent; see that the address is still valid, and that the service is up"


@dataclass(frozen=True)
class Channel:
    """An address: its place in the list, from 1, the name of its service, and apprise's client, None if it is wrong."""

    number: int
    service: str
    client: Any

    @property
    def name(self) -> str:
        """How a log names it."""
        return f"channel {self.number}" + (f" ({self.service})" if self.service else "")


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Send each digest to each channel, and return 0: a channel that fails is a warning, the digests are out."""
    options = _parse_arguments(arguments)
    try:
        opened = channels(environ.get(VARIABLE, ""))
        messages = [_message(options, profile, environ) for profile in options.profiles]
    except DigestError as error:
        _warn(f"{error}. What to do: {error.hint}")
        return 0
    failed = 0
    for channel in opened:
        problem = "" if channel.client else WRONG
        for told in messages if channel.client else ():
            problem = problem or ("" if send(channel, told) else FAILED)
        if problem:
            failed += 1
            _warn(f"{channel.name} of {len(opened)}: {problem}")
    reached = quantity(len(opened), "channel was", "channels were")
    line = f"Messages: {len(opened) - failed} of {reached} told of {quantity(len(messages), 'digest')}.\n"
    click.echo(line, nl=False)
    actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), line)
    return 0


def channels(text: str) -> list[Channel]:
    """Parse a list of addresses. Sends nothing. Raises DigestError if apprise is not installed."""
    try:
        apprise = import_module("apprise")
    except ImportError:
        hint = f"pip install --require-hashes -r {LOCK}"
        raise DigestError("apprise is not installed, which reads the addresses", hint=hint) from None
    # Quotation marks that came along with a pasted address belong to none: an address has them as %22 and %27.
    addresses = text.replace('"', " ").replace("'", " ").split()
    return [_channel(apprise, number, address) for number, address in enumerate(addresses, start=1)]


def _channel(apprise: Any, number: int, address: str) -> Channel:
    with _silence():
        client = apprise.Apprise()
        known = client.add(address)
        service = str(client[0].service_name) if known else ""
    return Channel(number, service, client if known else None)


def send(channel: Channel, told: Message) -> bool:
    """Send a message through one channel, and return whether its service took it."""
    with _silence():
        try:
            # As text: apprise escapes it where a service expects HTML or Markdown.
            return bool(channel.client.notify(body=told.body, title=told.title, body_format="text"))
        except Exception:  # noqa: BLE001 - 130 services, whose errors can hold their address
            return False


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Drop what apprise logs and prints: parts of an address are masked in no log."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def _message(options: argparse.Namespace, profile: str, environ: Mapping[str, str]) -> Message:
    path = repository_path(profile, options.date)
    digest = committed(options.tip, path)
    if digest is None:
        raise DigestError(
            "there is no committed report", path=str(path), hint="read the log of the job Publish"
        )
    return message.plain(digest, page_url(environ, path))


def _warn(text: str) -> None:
    click.echo(actions.annotation("warning", text, title="A message was not sent"))


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="notify", description=f"Send digests to the addresses in {VARIABLE}."
    )
    parser.add_argument("--date", type=dt.date.fromisoformat, required=True)
    parser.add_argument(
        "--profiles", type=profile_list, required=True, help="names, with commas between them"
    )
    parser.add_argument("--tip", required=True, help="the commit that has the reports")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
