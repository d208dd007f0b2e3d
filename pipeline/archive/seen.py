"""The list of everybody who was judged, `seen.tsv`: for reading it fast. Standard library only.

UTF-8, one line a candidate and digest, tabs between the columns `id, date, score, outcome, pending, judged`.
`score` is empty where there is none; `pending` is the stage that is still to be done, or empty; `judged` is
the first 12 hex digits of the SHA-256 of the candidate's `judged_by`. Candidates with the outcome `seen` are
left out: an earlier digest has their line. Lines are sorted by id, then date; the last line of an id is the
newest word on it. The first line is `#` and `key=value` pairs: `seen=1` (the version of this format),
`digests`, `lines`, `newest`, `sha256` (of all that follows the first line) and `seal` (see `cache`). Whoever
counts other reports than it says, or finds other bytes, reads the reports instead.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

from pipeline.archive.history import Day

VERSION = 1
HEAD = f"# seen={VERSION} "
COLUMNS = 6


def lines(day: Day) -> list[str]:
    """A digest's lines, in no order."""
    date = day.date.isoformat()
    return [
        "\t".join((c.id, date, _number(c.score), c.outcome, c.pending, _short_hash(c.judged_by)))
        for c in day.candidates
    ]


def without(listed: Sequence[str], dates: Collection[str]) -> Sequence[str]:
    """The lines but for those of these dates."""
    # On most nights there is no such date, and after years there are 100,000 lines.
    return [line for line in listed if line.split("\t", 2)[1] not in dates] if dates else listed


def digests(path: Path) -> int:
    """How many digests a list says that it was made from; 0 if it does not."""
    try:
        with path.open("rb") as file:
            said = [word for word in file.readline().split() if word.startswith(b"digests=")]
        return int(said[0].partition(b"=")[2])
    except (OSError, ValueError, LookupError):
        return 0


def judged_since(before: str, now: str) -> dict[str, str]:
    """By id the date of each line that is in `now` and not in `before`, of what is not pending."""
    old = set(before.splitlines())
    new = (line.split("\t") for line in now.splitlines() if line not in old and not line.startswith("#"))
    return {row[0]: row[1] for row in new if len(row) == COLUMNS and not row[4]}


def text(body: str, *, digests: int, newest: str, seal: str) -> str:
    """The whole list, from its sorted lines, each with its end."""
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    count = body.count("\n")
    head = f"{HEAD}digests={digests} lines={count} newest={newest} sha256={sha256} seal={seal}"
    return f"{head}\n{body}"


def _number(score: int | None) -> str:
    return "" if score is None else str(score)


@functools.cache
def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
