"""Votes given as issues: the title that gives one, who counts, and what one run has read of them (`votes.json`).

An issue's title alone is a vote, such as `more: 2601.20465 · cv-restoration`. Everybody can open issues on a public
repository, so a title counts only if it matches in full, and only from the repository's owner, its collaborators, and
logins that `digest.toml` names. A title of theirs that nearly matches gives a warning, and no vote.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pipeline.core.arxiv_ids import canonical_id
from pipeline.core.errors import DigestError
from pipeline.core.models import Value
from pipeline.core.names import PROFILE_NAME
from pipeline.core.source import MAX_ID_LENGTH, source_of_id
from pipeline.core.store import read_bytes
from pipeline.core.votes import Verdict, Vote

FILE = "votes.json"  # in the work folder
MAX_VOTES = 500  # that one run takes, oldest first; the others wait for the next run
MAX_BYTES = 1_000_000  # of `votes.json`; 500 votes have 60,000

TITLE = re.compile(
    rf"({'|'.join(get_args(Verdict))}): ([A-Za-z0-9./-]{{1,{MAX_ID_LENGTH}}}) · ({PROFILE_NAME.pattern})",
    re.ASCII,
)
# A title that somebody may have meant as a vote: its parts in any case, with any blanks and signs between and around them.
# For a warning alone; nothing that it matches counts.
NEAR = re.compile(rf"\W*((?ai:{'|'.join(get_args(Verdict))}))\W+(\S+?)\W+({PROFILE_NAME.pattern})\W*")
# As GitHub's API says who somebody is to a repository. A member of an organization may be no collaborator.
Association = Literal[
    "COLLABORATOR",
    "CONTRIBUTOR",
    "FIRST_TIMER",
    "FIRST_TIME_CONTRIBUTOR",
    "MANNEQUIN",
    "MEMBER",
    "NONE",
    "OWNER",
]
COUNTED: frozenset[Association] = frozenset({"OWNER", "COLLABORATOR"})
GHOST = "ghost"  # the account that GitHub shows in place of a deleted one


class _Reply(BaseModel):
    """Base class of what GitHub answers: only the fields that are needed; a text is no number, and a number no text."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class User(_Reply):
    """An author: `type` is `User` for a person's account."""

    login: str
    type: str


class Issue(_Reply):
    """An issue, or a pull request, which GitHub lists among them. `user` is None for some deleted accounts."""

    number: Annotated[int, Field(ge=1, le=10**12)]
    title: str
    state: Literal["open", "closed"]
    user: User | None
    author_association: Association
    pull_request: object = None

    @property
    def is_pull_request(self) -> bool:
        """Whether it is a pull request."""
        return "pull_request" in self.model_fields_set


class Ballot(NamedTuple):
    """What a title says: a verdict on a paper, for a profile."""

    verdict: Verdict
    paper: str
    profile: str


def title(ballot: Ballot) -> str:
    """Return the title of an issue that gives a vote."""
    return f"{ballot.verdict}: {ballot.paper} · {ballot.profile}"


def ballot_of(issue: Issue, voters: Collection[str]) -> Ballot | None:
    """Return the vote that an open issue gives; None if it gives none, or if its author's votes do not count.

    `voters` are the logins that count besides the owner and collaborators.
    """
    match = TITLE.fullmatch(issue.title) if _may_vote(issue, voters) else None
    if match is None or source_of_id(match[2]) is None:
        return None
    return Ballot(cast("Verdict", match[1]), match[2], match[3])


def near_miss(issue: Issue, voters: Collection[str], profiles: Collection[str]) -> Ballot | None:
    """Return the vote that an open issue seems to mean and does not give; None for whoever's votes do not count.

    `profiles` are the names of those that exist: a title that names none of them is about something else.
    """
    match = NEAR.fullmatch(issue.title) if _may_vote(issue, voters) else None
    if match is None or ballot_of(issue, voters) is not None:
        return None
    paper = canonical_id(match[2]) or match[2]
    profile = {name.lower(): name for name in profiles}.get(match[3].lower())
    if profile is None or source_of_id(paper) is None:
        return None
    return Ballot(cast("Verdict", match[1].lower()), paper, profile)


def _may_vote(issue: Issue, voters: Collection[str]) -> bool:
    """Return whether an issue is open and its author's votes count. No app's do, and none of a deleted account."""
    user = issue.user
    if issue.state != "open" or issue.is_pull_request:
        return False
    if user is None or user.type != "User" or user.login == GHOST:
        return False
    # Lower case of ASCII alone: the Kelvin sign, for one, would become a k.
    named = user.login.isascii() and user.login.lower() in {login.lower() for login in voters}
    return issue.author_association in COUNTED or named


class ReadVotes(Value):
    """The votes that one run has found in open issues and that are not committed, by profile; `read_on` is the day, UTC."""

    schema_version: Literal[1] = 1
    read_on: dt.date
    votes: dict[Annotated[str, StringConstraints(pattern=f"^{PROFILE_NAME.pattern}$")], tuple[Vote, ...]]

    @model_validator(mode="after")
    def _is_consistent(self) -> "ReadVotes":
        rows = [vote for votes in self.votes.values() for vote in votes]
        if not all(vote.date == self.read_on and vote.issue and source_of_id(vote.paper) for vote in rows):
            raise ValueError("has a vote of another day, of no issue, or on no paper")
        if len({vote.issue for vote in rows}) != len(rows) or len(rows) > MAX_VOTES:
            raise ValueError(f"has an issue twice, or more than {MAX_VOTES} votes")
        return self


def ballots(issues: Iterable[Issue], voters: Collection[str]) -> dict[int, Ballot]:
    """Return the votes that count among the issues, by their numbers and in the order of these."""
    return _found(issues, lambda issue: ballot_of(issue, voters))


def near_misses(
    issues: Iterable[Issue], voters: Collection[str], profiles: Collection[str]
) -> dict[int, Ballot]:
    """Return what the issues say that seem to mean a vote and give none, by their numbers and in the order of these."""
    return _found(issues, lambda issue: near_miss(issue, voters, profiles))


def _found(issues: Iterable[Issue], read: Callable[[Issue], Ballot | None]) -> dict[int, Ballot]:
    """Read each issue. One that is listed twice, since the list moved between two pages, is read as it was last."""
    by_number = {issue.number: issue for issue in issues}
    found = ((number, read(issue)) for number, issue in sorted(by_number.items()))
    return {number: ballot for number, ballot in found if ballot is not None}


def to_hand_on(given: Mapping[int, Ballot], today: dt.date) -> ReadVotes:
    """Return votes as `votes.json` has them: the `MAX_VOTES` with the lowest numbers."""
    votes: dict[str, list[Vote]] = {}
    for number, ballot in sorted(given.items())[:MAX_VOTES]:
        vote = Vote(date=today, paper=ballot.paper, verdict=ballot.verdict, issue=number)
        votes.setdefault(ballot.profile, []).append(vote)
    return ReadVotes(read_on=today, votes={name: tuple(rows) for name, rows in sorted(votes.items())})


def load(path: Path) -> ReadVotes | None:
    """Read `votes.json`; None if there is none. Raises DigestError, which quotes nothing of it, if it is damaged."""
    hint = "start a new run; if it stays so, read docs/votes.md"
    data = read_bytes(path, hint=hint)
    if data is None:
        return None
    if len(data) <= MAX_BYTES:
        with suppress(ValueError):
            return ReadVotes.model_validate_json(data)
    raise DigestError("holds no votes as a run writes them", path=str(path), hint=hint)
