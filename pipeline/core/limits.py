"""Child processes for untrusted input: how they are started isolated, and how they limit themselves.

Standard library only, since the children import it.
"""

import contextlib
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# `python -I` ignores the environment and the working directory, so the import path is passed as an argument.
CODE = "import sys; sys.path.insert(0, sys.argv[1]); from {} import main; main(*sys.argv[2:])"


def child_command(module: str, *arguments: str) -> list[str]:
    """Return the command that calls `main` of a module of this package in an isolated interpreter."""
    return [sys.executable, "-I", "-B", "-c", CODE.format(module), str(ROOT), *arguments]


def set_limits(seconds: int, megabytes: int) -> None:
    """Limit this process's CPU time, memory, file size and open files.

    Outside of Linux, limits that the system does not support are skipped; the parent's timeout still applies.
    """
    unsupported: tuple[type[Exception], ...] = () if sys.platform == "linux" else (ValueError, OSError)
    limits = {"AS": megabytes << 20, "CPU": seconds, "CORE": 0, "FSIZE": 0, "NOFILE": 32}
    for name, value in limits.items():
        with contextlib.suppress(*unsupported):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
