"""A disk on which a process ends, or which is full, at the nth step of writing files; and what git sees of it then."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from pipeline.core import atomic


class KilledError(BaseException):
    """Nothing in the program catches it, as nothing catches signal 9."""


class Disk:
    """Counts the steps in which files are written; `steps` names those that were taken since `ends_before`.

    A process that is `killed` cleans nothing up. On a disk that is `full`, files can be renamed and removed alone.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, end: Literal["killed", "full"] = "killed") -> None:
        self.end = end
        self.ends_before(-1)
        fsync = os.fsync

        def flush(handle: int) -> None:
            try:
                self._step("flush", 28)
            except BaseException:
                os.ftruncate(handle, os.fstat(handle).st_size // 2)
                raise
            fsync(handle)

        def stand_in(name: str, act: Callable[..., Any], error: int = 0) -> Callable[..., Any]:
            def step(*given: Any, **named: Any) -> Any:
                self._step(" ".join([name, *(one.name for one in given[1:] if isinstance(one, Path))]), error)
                return act(*given, **named)

            return step

        def clean(folder: Path, **named: Any) -> None:
            if not (self.over and self.end == "killed"):
                self._step("clean")
                shutil.rmtree(folder, **named)

        monkeypatch.setattr(os, "fsync", flush)
        monkeypatch.setattr(tempfile, "mkdtemp", stand_in("folder", tempfile.mkdtemp, 28))
        monkeypatch.setattr(Path, "write_bytes", stand_in("hide", Path.write_bytes, 28))
        monkeypatch.setattr(Path, "replace", stand_in("rename", Path.replace))
        monkeypatch.setattr(Path, "unlink", stand_in("remove", Path.unlink))
        monkeypatch.setattr(atomic, "shutil", SimpleNamespace(rmtree=clean))

    def ends_before(self, step: int) -> None:
        """Let the process that comes next end before this step, counted from 0; -1: before none."""
        self.left, self.over, self.steps = step, False, list[str]()

    def _step(self, name: str, error: int = 0) -> None:
        self.over = self.over or self.left == 0
        self.left -= 1
        self.steps.append(name)
        if self.over and self.end == "killed":
            raise KilledError
        if self.over and error:
            raise OSError(error, os.strerror(error))


def git(*words: str) -> str:
    """Run git in the current folder, without the settings of who runs the tests."""
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words]
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout


def repository(ignored: str = "") -> None:
    """Make the current folder a repository, with all that is in it committed."""
    git("init", "--quiet")
    Path(".gitignore").write_text(ignored)
    git("add", "--all")
    git("commit", "--quiet", "--message", "as it was")


def changed() -> dict[str, bytes | None]:
    """What git would add, by path; None for what it would delete."""
    rows = git("status", "--porcelain", "--untracked-files=all", "--no-renames", "-z").split("\0")
    paths = [row[3:] for row in rows if row]
    return {path: Path(path).read_bytes() if Path(path).exists() else None for path in paths}


def litter() -> list[Path]:
    """What killed processes have left below the current folder."""
    return [*Path().rglob(".digest-partial-*")]
