"""Errors that end a run, one class per exit code. `cli/console.py` prints the message and the hint once."""

from typing import ClassVar


class DigestError(Exception):
    """A run that cannot continue; nothing was published (exit code 1).

    The message names what is wrong and where, with the value found and the value expected; `hint` is the remedy.
    `path` and `line` (from 1) locate the mistake in a file that the user wrote; empty and 0 if there is no such place.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", path: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path
        self.line = line

    def __str__(self) -> str:
        """Format as `path:line: message`; unknown parts are omitted."""
        place = ":".join(str(part) for part in (self.path, self.line) if part)
        return f"{place}: {self.message}" if place else self.message


class InputError(DigestError):
    """Wrong usage, settings, profile or prompt (exit code 2)."""

    exit_code: ClassVar[int] = 2


class CredentialsError(DigestError):
    """Missing or rejected credentials (exit code 4)."""

    exit_code: ClassVar[int] = 4
