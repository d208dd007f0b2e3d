"""Atomic writes of files: a run that is killed leaves the old file, or none. Standard library only."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; its folders are created."""
    write_files({path: data})


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write several files: all are flushed to disk under temporary names, then renamed in the given order.

    An error before the first rename leaves every old file in place.
    """
    with ExitStack() as cleanup:
        staged = {path: _write_temporary(path, data, cleanup) for path, data in files.items()}
        for path, temporary in staged.items():
            temporary.replace(path)


def _write_temporary(path: Path, data: bytes, cleanup: ExitStack) -> Path:
    """Write the bytes to a temporary file beside `path`; `cleanup` removes it if it was not renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    cleanup.callback(temporary.unlink, missing_ok=True)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o644)
    return temporary
