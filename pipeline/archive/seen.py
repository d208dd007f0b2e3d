"""Format and parse `seen.tsv`, the list of all judged candidates, which is faster to read than the reports.

The file is UTF-8 with one line per candidate and digest, and tabs between the columns
`id, date, score, outcome, pending, judged`. `score` may be empty; `pending` is the next stage to run, or empty;
`judged` is the first 12 hex digits of the SHA-256 of the candidate's `judged_by`. Candidates with the outcome
`seen` are omitted, since an earlier digest has their line. Lines are sorted by id, then date; the last line of
an id is its current state. The first line is `#` and `key=value` pairs: `seen=1` (the version of this format),
`digests`, `lines`, `newest`, `sha256` (of everything after the first line) and `seal` (see `cache`). If the
number of reports or the hash differs from the header, readers must use the reports instead.
"""

import hashlib
from collections.abc import Collection, Iterable

from pipeline.archive.history import Day

VERSION = 1
HEADER_PREFIX = f"# seen={VERSION} "
COLUMNS = 6


def day_lines(day: Day) -> list[str]:
    """Return the lines of a digest, unsorted."""
    date = day.date.isoformat()
    return [
        "\t".join(
            (
                c.id,
                date,
                "" if c.score is None else str(c.score),
                c.outcome,
                c.pending,
                _short_hash(c.judged_by),
            )
        )
        for c in day.candidates
    ]


def without_dates(lines: Iterable[str], dates: Collection[str]) -> list[str]:
    """Return the lines that have none of these dates."""
    return [line for line in lines if line.split("\t", 2)[1] not in dates]


def newly_judged(before: str, now: str) -> dict[str, str]:
    """Compare two texts of `seen.tsv`, and map the id of each added line that settles a paper to its date."""
    old = set(before.splitlines())
    added = (line.split("\t") for line in now.splitlines() if line not in old and not line.startswith("#"))
    return {row[0]: row[1] for row in added if len(row) == COLUMNS and not row[4] and row[3] != "prefiltered"}


def with_header(body: str, *, digests: int, newest: str, seal: str) -> str:
    """Return the text of `seen.tsv`: the header, then `body`, the sorted lines with their line breaks."""
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    count = body.count("\n")
    header = f"{HEADER_PREFIX}digests={digests} lines={count} newest={newest} sha256={sha256} seal={seal}"
    return f"{header}\n{body}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
