"""Runs git for the publishing job. Standard library only."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipeline.core import actions
from pipeline.core.errors import DigestError

TIMEOUT_SECONDS = 180  # of one git command
BOT = "github-actions[bot]"
IDENTITY = {f"GIT_{role}_NAME": BOT for role in ("AUTHOR", "COMMITTER")} | {
    f"GIT_{role}_EMAIL": f"41898282+{BOT}@users.noreply.github.com" for role in ("AUTHOR", "COMMITTER")
}
RERUN_HINT = (
    "use `Re-run failed jobs` on this run: the reports are kept as an artifact, no model is asked again"
)


class Git:
    """git in one work tree. It never prompts: where it needs credentials that it lacks, the command fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run one command and return its result, also if it fails; a timeout gives return code 124."""
        environment = {**os.environ, **IDENTITY, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        command = ("git", "-C", str(self.folder), *arguments)
        try:
            return subprocess.run(  # noqa: S603 - a list of arguments, no shell
                command, env=environment, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(
                command, 124, b"", f"no answer within {TIMEOUT_SECONDS} seconds".encode()
            )

    def __call__(self, *arguments: str) -> str:
        """Run one command and return its stripped output. Raises DigestError if it fails."""
        result = self.run(*arguments)
        if result.returncode:
            raise DigestError(f"git {arguments[0]} failed: {log_line(result.stderr)}", hint=RERUN_HINT)
        return result.stdout.decode("utf-8", "replace").strip()

    def blobs(self, commit: str, paths: Sequence[str]) -> dict[str, bytes | None]:
        """Return by path the content of files in a commit; None for a file that is not in it."""
        results = {path: self.run("cat-file", "blob", f"{commit}:{path}") for path in paths}
        return {path: None if result.returncode else result.stdout for path, result in results.items()}


def log_line(output: bytes) -> str:
    """Return the end of a program's output (600 characters) as one log line without workflow commands."""
    return actions.escape_commands(output.decode("utf-8", "replace"))[-600:].replace("::", ": :")
