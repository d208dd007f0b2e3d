"""Sites built of days that are made by hand."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.archive.site import build
from pipeline.core.artifacts import Digest
from pipeline.core.store import dumps, report_path
from tests.archive.folders import on
from tests.report import days

DATES = {
    "crowded": dt.date(2025, 12, 5),
    "quiet": dt.date(2025, 12, 7),
    "failed": dt.date(2026, 1, 5),
    "local": dt.date(2026, 1, 6),
    "unscored": dt.date(2026, 1, 8),
    "full": dt.date(2026, 1, 30),
}
PROFILES = {"alpha": "en", "beta": "zh-CN", "gamma": "ja"}


def report(reports: Path, digest: Digest) -> None:
    path = report_path(reports, digest.profile, digest.date)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dumps(digest))


def reports(folder: Path, profiles: Iterable[str] = PROFILES) -> Path:
    """A day of each kind for these profiles, in two months of two years."""
    for profile in profiles:
        for kind, date in DATES.items():
            make = {**days.KINDS, "crowded": days.crowded}[kind]
            digest = on(make(PROFILES[profile]), date).model_copy(update={"profile": profile})
            report(folder, digest)
    return folder


def rebuilt(folder: Path, *digests: Digest) -> Path:
    """The site of these digests alone."""
    shutil.rmtree(folder / "reports", ignore_errors=True)
    for digest in digests:
        report(folder / "reports", digest)
    build.site(folder / "reports", folder / "out")
    return folder / "out"


def one(page: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """The first element that a selector finds; there has to be one."""
    found = page.css_first(selector)
    assert found is not None, selector
    return found
