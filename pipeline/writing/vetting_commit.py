"""What a commit of the publishing job may touch: the reports it lays down, and the pages made from all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.errors import DigestError
from pipeline.writing.vetting import Report

MADE = re.compile(
    r"reports/[A-Za-z0-9_-]+/(README\.md|index\.json|feed\.xml|seen\.tsv|scores\.svg|[0-9]{4}/[0-9]{2}/README\.md)"
)
# A month can lose its last digest, and a profile its last score. The other pages stand as long as there is a report,
# and a commit that lays one down never takes them away.
UNMADE = re.compile(r"reports/[A-Za-z0-9_-]+/(scores\.svg|[0-9]{4}/[0-9]{2}/README\.md)")


def only_ours(changed: Sequence[Sequence[str]], ours: Sequence[Report]) -> None:
    """Refuse a commit that would touch anything else. `changed` are pairs of git's status and a path."""
    dated = {f"reports/{path}" for report in ours for path in report.files}
    folders = tuple(f"reports/{report.profile}/" for report in ours)
    for status, path in changed:
        written = status in {"A", "M"} and (path in dated or MADE.fullmatch(path))
        removed = status == "D" and UNMADE.fullmatch(path)
        if not (path.startswith(folders) and (written or removed)):
            hint = "nothing was published; this is a fault of the program: please report it"
            raise DigestError(f"the commit would touch a file that is not its own ({status})", hint=hint)
