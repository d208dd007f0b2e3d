"""Votes in the publishing job: validated, and written into `reports/<profile>/votes.tsv` on the branch's tip.

Each attempt to push merges them into the files as the tip has them, by the number of the issue: a vote that another run
has pushed meanwhile is neither doubled nor lost.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.core import vote_issues, votes
from pipeline.core.atomic import write_atomic
from pipeline.core.dates import DAY
from pipeline.core.errors import DigestError
from pipeline.core.vote_issues import ReadVotes
from pipeline.core.votes import Vote
from pipeline.publish.git import Git

MAX_BYTES = 1_000_000  # of one committed file: about 25,000 votes
HINT = "the votes of this run were not committed; their issues stay open, and the next run reads them"


def receive(folder: Path, repository: Path, *, today: dt.date) -> ReadVotes:
    """Validate the votes that an earlier job hands over in a folder. Raises DigestError, without their content.

    They are of a day that has come, and for profiles of the checkout `repository`.
    """
    path = folder / vote_issues.FILE
    if path.is_symlink() or not path.is_file() or path.stat().st_size > vote_issues.MAX_BYTES:
        raise DigestError("is not a regular file of a possible size", path=vote_issues.FILE, hint=HINT)
    read = take(folder)
    if read.read_on > today + DAY:  # the clocks of two machines differ
        raise DigestError("were read on a day to come", path=vote_issues.FILE, hint=HINT)
    if not all((repository / "prompts/profiles" / f"{name}.md").is_file() for name in read.votes):
        raise DigestError("has a profile that does not exist", path=vote_issues.FILE, hint=HINT)
    return read


def hand_on(read: ReadVotes, folder: Path) -> None:
    """Write validated votes into a folder, for the step that pushes them."""
    write_atomic(folder / vote_issues.FILE, read.model_dump_json(indent=1).encode() + b"\n")


def take(folder: Path) -> ReadVotes:
    """Read the votes in a folder. Raises DigestError if there are none, or if they are damaged."""
    read = vote_issues.load(folder / vote_issues.FILE)
    if read is None:
        raise DigestError("no votes are here", path=vote_issues.FILE, hint=HINT)
    return read


@dataclass(frozen=True)
class Written:
    """What an attempt has written of some votes: the files, how many votes a profile got, and what kept others back."""

    files: frozenset[Path]
    counts: Mapping[str, int]
    refused: tuple[DigestError, ...]
    read_on: dt.date | None

    @property
    def subject(self) -> str:
        """The subject of a commit of votes alone: numbers and names of profiles, as that of reports."""
        total = sum(self.counts.values())
        if len(self.counts) == 1:
            return f"votes({next(iter(self.counts))}): {self.read_on}, {total}"
        return f"votes: {self.read_on}, {total} in {len(self.counts)} profiles"


def write(tree: Git, read: ReadVotes | None) -> Written:
    """Merge votes into the files of a work tree, and stage those that changed. A damaged file keeps its profile's back."""
    files: set[Path] = set()
    counts: dict[str, int] = {}
    refused: list[DigestError] = []
    for profile, rows in read.votes.items() if read else ():
        name = f"reports/{profile}/{votes.FILE}"
        path = tree.folder / name
        try:
            text, count = _merged(path, name, rows)
        except DigestError as error:
            refused.append(error)
            continue
        if count:
            write_atomic(path, text.encode())
            tree("add", "--force", "--", name)  # whatever .gitignore says
            files.add(path)
            counts[profile] = count
    return Written(frozenset(files), counts, tuple(refused), read.read_on if read else None)


def _merged(path: Path, name: str, rows: Iterable[Vote]) -> tuple[str, int]:
    """Return the text of a file with these votes, and how many it did not have. Raises DigestError."""
    if any(part.is_symlink() for part in (path, *path.parents[:2])):
        raise DigestError("is a link, or in a linked folder", path=name, hint="remove the link from reports/")
    committed = votes.load(path, name=name)
    merged = votes.merged(committed, rows)
    text = votes.dumps(merged)
    if len(text.encode()) > MAX_BYTES:
        hint = "delete its oldest lines; the issues stay open, and the next run reads them"
        raise DigestError(f"would have more than {MAX_BYTES} bytes", path=name, hint=hint)
    return text, len(merged) - len(committed)
