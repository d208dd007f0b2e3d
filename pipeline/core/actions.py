"""Words for GitHub Actions: annotations, outputs and the job summary. Outside Actions nothing is written.

The caller passes the paths that Actions names in the environment; an empty path is silence.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Literal

Level = Literal["error", "warning", "notice"]

MOST_SUMMARY_BYTES = 1_000_000  # of 1 MiB a step; above it Actions drops the whole summary
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def annotation(level: Level, message: str, *, title: str = "", file: str = "", line: int = 0) -> str:
    """A workflow command that shows the message on the run's page and beside the line of the file."""
    properties = {"title": title, "file": file, "line": str(line) if line else ""}
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {given}::{_data(message)}" if given else f"::{level}::{_data(message)}"


def inert(text: str) -> str:
    """One line of log in which the runner finds no command: it obeys `::` at a start and `##[` anywhere."""
    line = re.sub(r"##\[", "# #[", " ".join(text.split()))
    return re.sub(r"^::", ": :", line)


def add_output(path: str, name: str, value: str) -> None:
    """Append one output of a step. A value of several lines is closed by a word made from the value itself."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of an output")
    if not path:
        return
    end = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
    with Path(path).open("a", encoding="utf-8", errors="replace") as file:
        file.write(f"{name}<<{end}\n{value}\n{end}\n")


def add_summary(path: str, markdown: str) -> None:
    """Append to the job summary, cut at the end of a line where it would be too large for Actions."""
    if not path:
        return
    data = markdown.encode("utf-8", "replace")
    if len(data) > MOST_SUMMARY_BYTES:
        data = data[:MOST_SUMMARY_BYTES].rpartition(b"\n")[0] + b"\n\n(cut)\n"
    with Path(path).open("ab") as file:
        file.write(data)


def _data(text: str) -> str:
    """A message as the runner wants it; `##[` is broken, since older runners obey it anywhere in a line."""
    text = text.replace("##[", "# #[")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
