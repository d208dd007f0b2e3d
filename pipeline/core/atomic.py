"""Atomic writes of files: a run that is killed leaves the old file, or none. Standard library only."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

# A file is written in a folder of its own, beside its target so that renaming stays on one file system. Its name
# is recognized by `remove_partial`; its `.gitignore` hides what a killed run leaves from git, in any repository.
PREFIX = ".digest-partial-"
PARTIAL = PREFIX + "?" * 8  # mkdtemp appends 8 characters


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; its folders are created."""
    write_files({path: data})


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write several files: all are flushed to disk in temporary folders, then renamed in the given order.

    An error before the first rename leaves every old file in place.
    """
    with ExitStack() as cleanup:
        staged = {path: _write_temporary(path, data, cleanup) for path, data in files.items()}
        for path, temporary in staged.items():
            temporary.replace(path)


def remove_partial(folder: Path) -> None:
    """Remove what killed runs left in a folder and below: temporary folders of `write_files`, and nothing else.

    The caller holds the lock of the folder, so that none of them is in use. What cannot be removed stays.
    """
    for path in [*folder.rglob(PARTIAL)]:
        shutil.rmtree(path, ignore_errors=True)  # fails on files and links


def _write_temporary(path: Path, data: bytes, cleanup: ExitStack) -> Path:
    """Write the bytes to a file in a new temporary folder beside `path`; `cleanup` removes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=PREFIX))
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    (folder / ".gitignore").write_bytes(b"*\n")
    temporary = folder / path.name
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o644)
    return temporary
