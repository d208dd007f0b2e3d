"""Votes of a profile's owner on papers, `reports/<profile>/votes.tsv`: one line per vote, and no name of who gave it.

The file is UTF-8 with tabs between `date, paper, verdict, issue`, in the order of the issues; the first line names the
columns. A paper's last vote counts; `clear` takes it back.
"""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pipeline.core.errors import DigestError
from pipeline.core.models import Count, Value

FILE = "votes.tsv"
COLUMNS = ("date", "paper", "verdict", "issue")
Verdict = Literal["more", "less", "clear"]


class Vote(Value):
    """One vote: the day on which it was read (UTC), the paper's id, and the number of the issue that gave it."""

    date: dt.date
    paper: str
    verdict: Verdict
    issue: Count


def loads(text: str) -> tuple[Vote, ...]:
    """Parse the text of `votes.tsv`. Raises ValueError, of which pydantic's error is one, if a line is not a vote."""
    head, *lines = text.splitlines() or ["\t".join(COLUMNS)]
    if head.split("\t") != list(COLUMNS):
        raise ValueError(f"the first line is not {' '.join(COLUMNS)}")
    return tuple(
        Vote.model_validate_strings(dict(zip(COLUMNS, line.split("\t"), strict=True))) for line in lines
    )


def load(path: Path, *, name: str = "") -> tuple[Vote, ...]:
    """Read a file of votes; of one that does not exist, none. Raises DigestError if it is damaged, as of the path `name`."""
    try:
        return loads(path.read_text("utf-8") if path.exists() else "")
    except (OSError, ValueError):
        hint = "mend it, or restore it from git"
        raise DigestError("holds a line that is no vote", path=name or str(path), hint=hint) from None


def dumps(votes: Iterable[Vote]) -> str:
    """Write votes as the text of `votes.tsv`."""
    rows = ((vote.date.isoformat(), vote.paper, vote.verdict, str(vote.issue)) for vote in votes)
    return "".join("\t".join(row) + "\n" for row in (COLUMNS, *rows))


def merged(committed: Iterable[Vote], read: Iterable[Vote]) -> tuple[Vote, ...]:
    """Return the votes of both in the order of their issues; of an issue that both have, the committed vote."""
    committed = tuple(committed)
    known = {vote.issue for vote in committed}
    new = (vote for vote in read if vote.issue not in known)
    return tuple(sorted((*committed, *new), key=lambda vote: vote.issue))


def standing(votes: Iterable[Vote]) -> tuple[Vote, ...]:
    """Return the vote that counts of each paper, oldest first; one that was taken back counts no more."""
    last: dict[str, Vote] = {}
    for vote in votes:
        last.pop(vote.paper, None)
        if vote.verdict != "clear":
            last[vote.paper] = vote
    return tuple(last.values())
