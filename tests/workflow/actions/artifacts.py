"""The artifacts of a run as folders of $ACT_ARTIFACTS, with the rules of the real actions.

An upload under a taken name fails unless it overwrites; links are followed, hidden files left out; what
follows the first wildcard of the path is kept. A download by name of nothing fails, by pattern it does not.
"""

import fnmatch
import os
import shutil
import subprocess
import sys
from pathlib import Path

STORE = Path(os.environ["ACT_ARTIFACTS"])


def upload() -> str | None:
    pattern = Path(os.environ["FILES"])
    fixed = list(pattern.parts)
    while any(character in "/".join(fixed) for character in "*?["):
        fixed.pop()
    root = Path(*fixed)
    found = sorted(root.glob(str(pattern.relative_to(root)))) if root != pattern else [root]
    files = [file for one in found for file in (one.rglob("*") if one.is_dir() else [one]) if file.is_file()]
    files = [file for file in files if not any(part.startswith(".") for part in file.relative_to(root).parts)]
    if not files:
        return (
            f"No files were found with the provided path: {pattern}"
            if os.environ["MISSING"] == "error"
            else None
        )
    target = STORE / os.environ["NAME"]
    if target.exists():
        if os.environ["OVERWRITE"] != "true":
            return "409: an artifact with this name already exists on the workflow run"
        shutil.rmtree(target)
    for file in files:
        place = target / (file.relative_to(root) if root != file else file.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    (STORE / f".{os.environ['NAME']}.days").write_text(os.environ["DAYS"])
    return None


def tamper(wanted: str) -> None:
    """What a test does to an artifact on its way to a job, which asks for it by this name or pattern."""
    here = os.environ["GITHUB_JOB"] == os.environ.get("ACT_TAMPER_JOB")
    if here and fnmatch.fnmatch(Path(os.environ["ACT_STORE"]).name, wanted):
        subprocess.run(["bash", "-c", os.environ["ACT_TAMPER"]], cwd=os.environ["ACT_STORE"], check=True)


def download() -> str | None:
    name, pattern, to = os.environ["NAME"], os.environ["PATTERN"], Path(os.environ["TO"])
    tamper(name or pattern)
    to.mkdir(parents=True, exist_ok=True)
    names = sorted(one.name for one in STORE.iterdir() if one.is_dir())
    taken = [one for one in names if (fnmatch.fnmatch(one, pattern) if pattern else one == name)]
    if name and not taken:
        return f"Unable to download artifact(s): Artifact not found for name: {name}"
    for one in taken:
        into = to if name or os.environ["MERGE"] == "true" else to / one
        shutil.copytree(STORE / one, into, dirs_exist_ok=True, symlinks=True)
    return None


if problem := {"upload": upload, "download": download}[sys.argv[1]]():
    sys.exit(f"::error::{problem}")
