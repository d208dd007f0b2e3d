"""How artifacts are kept and read back: written whole or not at all, and read with a clear word about what is off."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pipeline.core.artifacts import Artifact
from pipeline.core.errors import DigestError

SCHEMA_VERSION = 1
A = TypeVar("A", bound=Artifact)


def dumps(artifact: Artifact) -> bytes:
    """The artifact as UTF-8 JSON, one field a line, the same bytes every time."""
    return artifact.model_dump_json(indent=1).encode() + b"\n"


def artifact_path(work: Path, profile: str, date: dt.date, kind: type[Artifact]) -> Path:
    """`<work>/<profile>/<date>/<name>.json`."""
    return work / profile / date.isoformat() / f"{kind.name}.json"


def report_path(reports: Path, profile: str, date: dt.date) -> Path:
    """`<reports>/<profile>/YYYY/MM/YYYY-MM-DD.json`; the page stands beside it as `.md`."""
    return reports / profile / f"{date:%Y}" / f"{date:%m}" / f"{date.isoformat()}.json"


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` whole or not at all: a killed run leaves the old file, or none."""
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """Put all of these in their places, in this order, or none: each is on the disk before the first gets its name."""
    with ExitStack() as undo:
        staged = {path: _stage(path, data, undo) for path, data in files.items()}
        for path, temporary in staged.items():
            temporary.replace(path)


def _stage(path: Path, data: bytes, undo: ExitStack) -> Path:
    """The bytes in a file beside the place that is to be theirs; removed in the end if it is still there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    undo.callback(temporary.unlink, missing_ok=True)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o644)
    return temporary


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """A folder that nobody else has locked meanwhile. Raises DigestError if somebody has, or if it cannot be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        hint = "point --work to a folder that can be written"
        raise DigestError(f"cannot be used: {error.strerror}", path=str(folder), hint=hint) from None
    try:
        with suppress(OSError):  # where the file system knows no locks, there is none
            _lock(handle, folder)
        yield
    finally:
        os.close(handle)  # which gives the lock back, as the end of the process does


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DigestError("another run is at work here", path=str(folder), hint="wait for its end") from None


def read(path: Path, kind: type[A]) -> A:
    """Read back an artifact, or say which stage has to be run first, or again.

    Raises DigestError when the file is missing, of another schema version, or damaged.
    """
    again = f"run `digest {kind.made_by}` for this profile and date again"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DigestError(
            f"there is no {kind.name} artifact", path=str(path), hint=f"run `digest {kind.made_by}` first"
        ) from None
    except OSError as error:
        raise DigestError(f"cannot be read: {error.strerror}", path=str(path), hint=again) from None
    return parse(data, kind, path=str(path), hint=again)


def parse(data: bytes, kind: type[A], *, path: str, hint: str) -> A:
    """Validate the bytes of an artifact; the error names the first field that is off."""
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DigestError(f"is not JSON ({error}); it was cut or edited", path=path, hint=hint) from None
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA_VERSION:
        found = f"schema_version {version!r}, expected {SCHEMA_VERSION}"
        raise DigestError(f"has {found}: another version wrote it", path=path, hint=hint)
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DigestError(f"{kind.name}: {where}: {first['msg']}", path=path, hint=hint) from None
