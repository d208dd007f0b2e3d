"""What ends a run. One class for each exit code; `console.py` prints the message and the hint, once."""

from __future__ import annotations

from typing import ClassVar


class DigestError(Exception):
    """A run that cannot go on: nothing was published (exit code 1).

    The message says what, where, found and expected; `hint` says what to do. `path` and `line` name
    the place in a file that the user wrote, where there is one.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", path: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path
        self.line = line

    def __str__(self) -> str:
        """`path:line: message`, with only the parts that are known."""
        place = ":".join(str(part) for part in (self.path, self.line) if part)
        return f"{place}: {self.message}" if place else self.message


class InputError(DigestError):
    """Wrong usage, settings, profile or prompt (exit code 2)."""

    exit_code: ClassVar[int] = 2


class CredentialsError(DigestError):
    """No credentials, or refused ones (exit code 4)."""

    exit_code: ClassVar[int] = 4
