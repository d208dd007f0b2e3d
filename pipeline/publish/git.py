"""Runs git for the publishing job."""

import base64
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pipeline.core import actions
from pipeline.core.errors import DigestError

TOKEN_VARIABLE = "PUSH_TOKEN"  # noqa: S105 - the name; its value is kept from every command that needs no remote
TIMEOUT_SECONDS = 180  # of one git command
BOT = "github-actions[bot]"
IDENTITY = {f"GIT_{role}_NAME": BOT for role in ("AUTHOR", "COMMITTER")} | {
    f"GIT_{role}_EMAIL": f"41898282+{BOT}@users.noreply.github.com" for role in ("AUTHOR", "COMMITTER")
}
RERUN_HINT = (
    "use `Re-run failed jobs` on this run: the reports are kept as an artifact, no model is asked again"
)


class Git:
    """git in one work tree. It never prompts: where it needs credentials that it lacks, the command fails.

    `environment` is added to that of every command.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = environment or {}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run one command and return its result, also if it fails; a timeout gives return code 124."""
        inherited = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
        environment = {**inherited, **IDENTITY, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **self.environment}
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

    def blob(self, commit: str, path: str) -> bytes | None:
        """Return the content of a file in a commit; None if it is not in it."""
        result = self.run("cat-file", "blob", f"{commit}:{path}")
        return None if result.returncode else result.stdout


def remote_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what git needs in its environment to use the token in `PUSH_TOKEN`; empty without one.

    The token is configured for the git server alone, and stands in no file.
    """
    token = environ.get(TOKEN_VARIABLE, "")
    if not token:
        return {}
    credentials = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {credentials}",
    }


def log_line(output: bytes) -> str:
    """Return the end of a program's output (600 characters) as one log line without workflow commands."""
    return actions.escape_commands(output.decode("utf-8", "replace"))[-600:].replace("::", ": :")
