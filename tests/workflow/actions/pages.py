"""The artifact of a web site and the site that GitHub Pages shows, which is a folder: $ACT_PAGES.

As with the real actions the archive has no hidden files, artifacts of earlier attempts stay, and two of one name are
an error. $ACT_PAGES_OFF says that the owner has not switched Pages on.
"""

import os
import shutil
import sys
import tarfile
from pathlib import Path

STORE = Path(os.environ["ACT_ARTIFACTS"])
SITE = Path(os.environ["ACT_PAGES"])
NAME = os.environ["NAME"]
ARCHIVE = "artifact.tar"


def same_name() -> list[Path]:
    """The artifacts of this name: NAME, NAME~2, and so on."""
    return sorted(path for path in STORE.iterdir() if path.is_dir() and path.name.split("~")[0] == NAME)


def upload() -> str | None:
    source = Path(os.environ["FROM"])
    if not source.is_dir():
        return f"tar: {source}: Cannot open: No such file or directory"
    number = len(same_name()) + 1
    target = STORE / (NAME if number == 1 else f"{NAME}~{number}")
    target.mkdir()
    with tarfile.open(target / ARCHIVE, "w", dereference=True) as archive:
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                archive.add(path, name)
    (STORE / f".{target.name}.days").write_text(os.environ["DAYS"])
    return None


def deploy() -> str | None:
    found = same_name()
    if not found:
        return f'No artifacts named "{NAME}" were found for this workflow run.'
    if len(found) > 1:
        return f'Multiple artifacts named "{NAME}" were unexpectedly found for this workflow run.'
    if os.environ.get("ACT_PAGES_OFF"):
        return "Failed to create deployment (status: 404). Ensure GitHub Pages has been enabled"
    shutil.rmtree(SITE, ignore_errors=True)
    with tarfile.open(found[0] / ARCHIVE) as archive:
        archive.extractall(SITE, filter="data")
    with Path(os.environ["GITHUB_OUTPUT"]).open("a") as file:
        file.write("page_url=https://someone.github.io/digest/\n")
    return None


if problem := {"upload": upload, "deploy": deploy}[sys.argv[1]]():
    sys.exit(f"::error::{problem}")
