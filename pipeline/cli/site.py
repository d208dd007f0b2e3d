"""`digest site`: the committed reports as a web site of static files."""

from pathlib import Path

from pipeline.archive.site import build
from pipeline.cli.session import Session
from pipeline.core.errors import InputError


def execute(session: Session) -> int:
    """Write the site. Raises InputError for a folder that it may not replace, DigestError if a report is damaged."""
    options = session.options
    if not options.out:
        raise InputError("--out: no folder is given", hint="Try: --out public")
    built = build.site(Path(options.reports), Path(options.out), options.profiles)
    text = f"{options.out}: {built.pages} pages, {built.files} files, {built.bytes / 1e6:.1f} MB"
    data = {"out": options.out, "pages": built.pages, "files": built.files, "bytes": built.bytes}
    session.console.result(text, data)
    return 0
