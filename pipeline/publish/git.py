"""git, as the publishing job uses it. Standard library only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipeline.core import actions
from pipeline.core.errors import DigestError

SECONDS = 180
BOT = "github-actions[bot]"
WHO = {f"GIT_{role}_NAME": BOT for role in ("AUTHOR", "COMMITTER")} | {
    f"GIT_{role}_EMAIL": f"41898282+{BOT}@users.noreply.github.com" for role in ("AUTHOR", "COMMITTER")
}
AGAIN = "use `Re-run failed jobs` on this run: the reports are kept as an artifact, no model is asked again"


class Git:
    """git in one folder. Without a terminal it asks for nothing and fails."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run one command, whatever comes of it; one that hangs ends as a failure."""
        environment = {**os.environ, **WHO, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        command = ("git", "-C", str(self.folder), *arguments)
        try:
            return subprocess.run(  # noqa: S603 - a list of words, no shell
                command, env=environment, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, b"", b"no answer within three minutes")

    def __call__(self, *arguments: str) -> str:
        """Run one command that has to work, and return what it printed."""
        done = self.run(*arguments)
        if done.returncode:
            raise DigestError(f"git {arguments[0]} failed: {readable(done.stderr)}", hint=AGAIN)
        return done.stdout.decode("utf-8", "replace").strip()

    def blobs(self, commit: str, paths: Sequence[str]) -> dict[str, bytes | None]:
        """What these files hold in a commit, None for those that it lacks."""
        shown = {path: self.run("cat-file", "blob", f"{commit}:{path}") for path in paths}
        return {path: None if done.returncode else done.stdout for path, done in shown.items()}


def readable(output: bytes) -> str:
    """The end of a program's output, as one line that no log takes for a command."""
    return actions.inert(output.decode("utf-8", "replace"))[-600:].replace("::", ": :")
