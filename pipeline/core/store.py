"""Storage of artifacts: paths, locking, and reading with errors that name the file and the remedy."""

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline.core.artifacts import Artifact, Digest
from pipeline.core.atomic import remove_partial
from pipeline.core.errors import DigestError
from pipeline.core.models import Value
from pipeline.core.upgrade import SCHEMA_VERSION, upgrade

A = TypeVar("A", bound=Artifact)


def dumps(artifact: Artifact) -> bytes:
    """Serialize an artifact as UTF-8 JSON, one field per line; equal artifacts give equal bytes."""
    return artifact.model_dump_json(indent=1).encode() + b"\n"


def artifact_path(work: Path, profile: str, date: dt.date, kind: type[Artifact]) -> Path:
    """Return the artifact's path, `<work>/<profile>/<date>/<name>.json`."""
    return work / profile / date.isoformat() / f"{kind.name}.json"


def report_path(reports: Path, profile: str, date: dt.date) -> Path:
    """Return the report's path, `<reports>/<profile>/YYYY/MM/YYYY-MM-DD.json`; the page is beside it as `.md`."""
    return reports / profile / f"{date:%Y}" / f"{date:%m}" / f"{date.isoformat()}.json"


@contextmanager
def locked(folder: Path, *, option: str = "--work", wait: bool = False) -> Iterator[None]:
    """Hold an exclusive lock on a folder, which is created if needed; what killed runs left in it is removed.

    Raises DigestError if another process holds the lock and `wait` is not set, or if the folder cannot be created
    or opened; the hint then names `option`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        hint = f"point {option} to a folder that can be written"
        raise DigestError(f"cannot be used: {error.strerror}", path=str(folder), hint=hint) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DigestError(
                "another run is at work here", path=str(folder), hint="wait for its end"
            ) from None
        except OSError:
            pass  # a file system without locks: continue unlocked, so remove nothing that may be in use
        else:
            remove_partial(folder)
        yield
    finally:
        os.close(handle)  # releases the lock, as the end of the process would


def read_artifact(path: Path, kind: type[A]) -> A:
    """Read and validate an artifact of the given type.

    Raises DigestError if the file is missing, of another schema version or damaged; the hint names the stage to run.
    """
    hint = f"run `digest {kind.made_by}` for this profile and date again"
    data = read_bytes(path, hint=hint)
    if data is None:
        hint = f"run `digest {kind.made_by}` first"
        raise DigestError(f"there is no {kind.name} artifact", path=str(path), hint=hint)
    return parse_artifact(data, kind, path=str(path), hint=hint)


def read_bytes(path: Path, *, hint: str) -> bytes | None:
    """Read a file; None if there is none. Raises DigestError, with the hint, if it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DigestError(f"cannot be read: {error.strerror}", path=str(path), hint=hint) from None


def parse_json(data: bytes, *, path: str, hint: str) -> Any:
    """Parse JSON. Raises DigestError, for which alone `path` and `hint` are, if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DigestError(f"is not JSON ({error}); it was cut or edited", path=path, hint=hint) from None


def parse_artifact(data: bytes, kind: type[A], *, path: str, hint: str) -> A:
    """Parse and validate the bytes of an artifact; a report of an older version is upgraded.

    Raises DigestError, naming the first invalid field and never its content. `path` and `hint` are for the error only.
    """
    raw = parse_json(data, path=path, hint=hint)
    if kind is Digest and (upgraded := upgrade(raw)) is not raw:
        raw, data = upgraded, json.dumps(upgraded).encode()
    version = raw.get("schema_version") if isinstance(raw, dict) else None
    if version != SCHEMA_VERSION:
        mismatch = f"schema_version {version!r}, expected {SCHEMA_VERSION}"
        raise DigestError(f"has {mismatch}: another version wrote it", path=path, hint=hint)
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        # A key that is no field is content, which a stranger may have written: it does not go to a log.
        known = field_names(Value)
        place = ".".join(str(p) if isinstance(p, int) or p in known else "…" for p in first["loc"])
        raise DigestError(f"{kind.name}: {place}: {first['msg']}", path=path, hint=hint) from None


def field_names(kind: type[Value]) -> frozenset[str]:
    """Return the names of all fields of a type and of the types derived from it."""
    return frozenset(kind.model_fields).union(*map(field_names, kind.__subclasses__()))
