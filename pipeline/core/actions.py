"""GitHub Actions: workflow commands, step outputs and the job summary.

The caller passes the paths that Actions gives in the environment (GITHUB_OUTPUT, GITHUB_STEP_SUMMARY); an empty
path means that the program does not run in Actions, and nothing is written.
"""

import hashlib
import re
from pathlib import Path
from typing import Literal

Level = Literal["error", "warning", "notice"]

# Actions drops a step's whole summary above 1 MiB.
MAX_SUMMARY_BYTES = 1_000_000


def annotation(level: Level, message: str, *, title: str = "", file: str = "", line: int = 0) -> str:
    """Return a workflow command that shows the message on the run's page and beside the line of the file."""
    properties = {"title": title, "file": file, "line": str(line) if line else ""}
    parameters = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items() if value)
    return (
        f"::{level} {parameters}::{_escape_data(message)}"
        if parameters
        else f"::{level}::{_escape_data(message)}"
    )


def escape_commands(text: str) -> str:
    """Return the text as one log line in which the runner finds no workflow command.

    The runner obeys `::` at the start of a line and `##[` anywhere in it.
    """
    return re.sub(r"^::", ": :", " ".join(text.split()).replace("##[", "# #["))


def add_output(path: str, name: str, value: str) -> None:
    """Append one step output to the file at `path`.

    The value is written as a heredoc whose delimiter is the value's own SHA-256, so it cannot contain its delimiter.
    """
    if not path:
        return
    delimiter = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
    with Path(path).open("a", encoding="utf-8", errors="replace") as file:
        file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def add_summary(path: str, markdown: str) -> None:
    """Append Markdown to the job summary; text too large for Actions is truncated at a line end."""
    if not path:
        return
    data = markdown.encode("utf-8", "replace")
    if len(data) > MAX_SUMMARY_BYTES:
        data = data[:MAX_SUMMARY_BYTES].rpartition(b"\n")[0] + b"\n\n(cut)\n"
    with Path(path).open("ab") as file:
        file.write(data)


def _escape_data(text: str) -> str:
    """Escape the message of a workflow command. Older runners obey `##[` anywhere in a line, so it is split."""
    return text.replace("##[", "# #[").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
