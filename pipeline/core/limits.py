"""Child processes for untrusted input: how they are started isolated, and how they limit themselves.

Standard library only, since the children import it.
"""

import contextlib
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
# `python -I` ignores the environment and the working directory, so the import path is passed as an argument.
CODE = "import sys; sys.path.insert(0, sys.argv[1]); from {} import main; main(*sys.argv[2:])"
MAX_OUTPUT_BYTES = 64_000_000
GRACE_SECONDS = 5  # for the pipes to close after the child was killed


def run_child(module: str, *arguments: str, data: bytes, seconds: float, megabytes: int) -> bytes:
    """Call `main` of a module in an isolated interpreter, with `data` as its stdin, and return its output.

    `main` receives the arguments and, as the last two, what it passes to `set_limits`. The environment is empty. At
    the end the child is killed with its process group; if that is after `seconds`, TimeoutError is raised. An output
    of more than MAX_OUTPUT_BYTES is cut after one byte more.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        child_command(module, *arguments, str(math.ceil(seconds)), str(megabytes)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    output: list[bytes] = []
    writer = threading.Thread(target=_write, args=(process.stdin, data), daemon=True)
    reader = threading.Thread(target=_read, args=(process.stdout, output), daemon=True)
    try:
        writer.start()
        reader.start()
        reader.join(seconds)
    finally:
        timed_out = reader.is_alive()
        # On macOS, killpg fails with EPERM if the group holds only zombies; `process.kill` then kills the child.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
    reader.join(GRACE_SECONDS)  # only a process that left the group can still hold the pipe open
    if timed_out or reader.is_alive():
        raise TimeoutError
    return output[0]


def _write(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:  # the child has ended without reading all of it
        pipe.write(data)


def _read(pipe: IO[bytes], output: list[bytes]) -> None:
    with pipe:
        output.append(pipe.read(MAX_OUTPUT_BYTES + 1))


def child_command(module: str, *arguments: str) -> list[str]:
    """Return the command that calls `main` of a module of this package in an isolated interpreter."""
    return [sys.executable, "-I", "-B", "-c", CODE.format(module), str(ROOT), *arguments]


def set_limits(seconds: int, megabytes: int) -> None:
    """Limit this process's CPU time, memory, file size and open files, and its life if the parent was killed.

    Outside of Linux, limits that the system does not support are skipped; the parent's timeout still applies.
    """
    signal.alarm(seconds + GRACE_SECONDS)  # ends the process; the parent, if it lives, has done so before
    unsupported: tuple[type[Exception], ...] = () if sys.platform == "linux" else (ValueError, OSError)
    limits = {"AS": megabytes << 20, "CPU": seconds, "CORE": 0, "FSIZE": 0, "NOFILE": 32}
    for name, value in limits.items():
        with contextlib.suppress(*unsupported):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
