"""Votes given as issues: read those that are open, and close those that were committed. Run by the workflow.

    python -m pipeline.cli.votes read --work work
    python -m pipeline.cli.votes close --issues 12,15 --tip SHA

`read` takes the token from GH_TOKEN and lists open issues over GitHub's REST API; of each it keeps number, title, author
and association, never a body or a label. It prints no title: where one is nearly a vote, by somebody who counts, it prints the
vote that was meant, made of parts that it knows. If anything about the answer is not as it should be, no
vote counts on this run: the issues stay open, and the next run reads them. `close` asks for each issue once more, since
the list of numbers comes from an earlier job. Nothing here fails the run: it becomes a warning.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import click
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from pipeline import __version__
from pipeline.cli.session import clock
from pipeline.cli.standing_issue import TIMEOUT_SECONDS, Api, github
from pipeline.config.profile import names_from_environment
from pipeline.config.settings import PROMPTS, SETTINGS, Http, load_settings
from pipeline.core import actions, votes
from pipeline.core.atomic import write_atomic
from pipeline.core.errors import DigestError
from pipeline.core.quantity import first_of, quantity
from pipeline.core.vote_issues import (
    FILE,
    Ballot,
    Issue,
    ballot_of,
    ballots,
    near_misses,
    title,
    to_hand_on,
)
from pipeline.sources.http_client import Client, Failure, Get, Page
from pipeline.sources.url_policy import host

PER_PAGE = 100
MAX_PAGES = 100
READ_SECONDS = 300  # for all pages
MAX_NEAR = 5  # titles that are nearly votes and are named, on one run
MAX_CLOSED = 40  # issues on one run; GitHub limits how fast an account may write. The others are closed by the next runs
API_VERSION = "2022-11-28"
RIGHTS = "the job `fetch` needs `issues: read`, which an organization can forbid; or set `votes = false` in digest.toml"
LATER = "the issues stay open, and the next run reads them"
CLOSE_RIGHTS = (
    "the job `tell` needs `issues: write`, which an organization can forbid; the votes count all the same"
)
FOREIGN = "if reports/<profile>/votes.tsv comes from another repository, delete it"
OFF = (
    "Issues are off in this repository: the page has no links to vote, and no new vote was read. "
    "Votes that are committed keep counting."
)
NUMBERS = re.compile(r"(?:[1-9][0-9]{0,11}(?:,|$))*", re.ASCII)


class Repository(BaseModel):
    """What is asked of a repository."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    has_issues: bool


T = TypeVar("T")
ISSUES = TypeAdapter(list[Issue])


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Read or close votes, and return 0: what fails is a warning, and costs the night no more than its votes."""
    options = _parse_arguments(arguments)
    work = read if options.step == "read" else close
    try:
        line = work(options, environ)
    except DigestError as error:
        _warn(f"{error}. What to do: {error.hint}")
        return 0
    if line:
        click.echo(line)
        actions.add_summary(environ.get("GITHUB_STEP_SUMMARY", ""), f"- {line}\n")
    return 0


def read(options: argparse.Namespace, environ: Mapping[str, str]) -> str:
    """Write `votes.json` to the work folder, set the step's outputs, and return a line of the summary.

    Outputs: `links`, whether the page may have links to vote; `open`, the numbers of the issues that are votes; `new`, how
    many of these are handed on, since they are not committed yet. Raises DigestError if the issues cannot be read in full.
    """
    settings = load_settings(SETTINGS, environ)
    if not settings.feedback.votes:
        return ""
    api = environ.get("GITHUB_API_URL", "https://api.github.com")
    found = asyncio.run(_ask(api, environ, settings.http))
    if found is None:
        return OFF
    voters = settings.feedback.voters
    everyone = {path.stem for path in (PROMPTS / "profiles").glob("*.md")}
    _warn_of_near_misses(near_misses(found, voters, everyone))
    given = ballots(found, voters)
    _warn_of_profiles(given, everyone, [*names_from_environment(environ), *settings.profiles.active])
    given = {number: ballot for number, ballot in given.items() if ballot.profile in everyone}
    fresh, kept_back = _not_committed(given)
    taken = to_hand_on(fresh, clock(environ).date())
    write_atomic(Path(options.work) / FILE, taken.model_dump_json(indent=1).encode() + b"\n")
    new = sum(map(len, taken.votes.values()))
    outputs = {"links": "true", "open": ",".join(map(str, given)), "new": str(new) if new else ""}
    for name, value in outputs.items():
        actions.add_output(environ.get("GITHUB_OUTPUT", ""), name, value)
    damage = f", {kept_back} kept back by a damaged {votes.FILE}" if kept_back else ""
    return f"Votes: {len(given)} open, {new} new{damage}." if given else ""


def _warn_of_near_misses(meant: Mapping[int, Ballot]) -> None:
    """Say of titles that are nearly votes how they should be."""
    for number, ballot in list(meant.items())[:MAX_NEAR]:
        _warn(f"Issue #{number} is no vote. What to do: the title should be `{title(ballot)}`; or close it")
    if rest := list(meant)[MAX_NEAR:]:
        _warn(f"No votes, but nearly: {_list(rest)}. What to do: compare their titles with docs/votes.md")


def _warn_of_profiles(
    given: Mapping[int, Ballot], everyone: Collection[str], active: Collection[str]
) -> None:
    """Say of votes that they are for no profile, or for one of which no digest is made."""
    stray = [number for number, ballot in given.items() if ballot.profile not in everyone]
    if stray:
        _warn(
            f"Votes for a profile that does not exist: {_list(stray)}. What to do: correct the title, or close it"
        )
    idle = [number for number, ballot in given.items() if ballot.profile in {*everyone} - {*active}]
    if idle:
        do = "name it under `active` in digest.toml, or correct the titles of the issues that are open"
        _warn(
            f"Votes for a profile of which no digest is made: {_list(idle)}. They are kept. What to do: {do}"
        )


async def _ask(api: str, environ: Mapping[str, str], settings: Http) -> list[Issue] | None:
    """Return all open issues and pull requests; None if issues are off. Raises DigestError."""
    repository = environ["GITHUB_REPOSITORY"]
    server = environ.get("GITHUB_SERVER_URL", "https://github.com")
    headers = {"Authorization": f"Bearer {environ['GH_TOKEN']}", "X-GitHub-Api-Version": API_VERSION}
    client = Client(
        settings.model_copy(update={"contact": f"{server}/{repository}"}),
        arxiv_hosts=frozenset(),
        version=__version__,
        headers={host(api): headers},
    )
    try:
        async with asyncio.timeout(READ_SECONDS), client:
            return await open_issues(client.get, f"{api}/repos/{repository}")
    except TimeoutError:
        raise DigestError(f"GitHub's list of issues took over {READ_SECONDS} seconds", hint=LATER) from None


async def open_issues(get: Get, repository: str) -> list[Issue] | None:
    """Return all open issues and pull requests of a repository, of which `repository` is the address in the API.

    None if its issues are off. Raises DigestError, which quotes nothing of an answer, unless the list is whole.
    """
    if not _parse(TypeAdapter(Repository), await _page(get, repository)).has_issues:
        return None
    first = f"{repository}/issues?state=open&sort=created&direction=asc&per_page={PER_PAGE}"
    address, asked, found = first, set[str](), list[Issue]()
    while address:
        if address in asked or len(asked) == MAX_PAGES or not _continues(address, first):
            raise DigestError(
                f"GitHub's list of issues does not end after {quantity(len(asked), 'page')}", hint=LATER
            )
        asked.add(address)
        page = await _page(get, address)
        issues = _parse(ISSUES, page)
        if len(issues) > PER_PAGE or (page.next_url and not issues):
            raise DigestError("GitHub's list of issues is cut", hint=LATER)
        found += issues
        address = page.next_url
        # A full page without a next one is either the last, or has lost its Link header.
        if not address and len(issues) == PER_PAGE:
            beyond = _parse(ISSUES, await _page(get, f"{first}&page={len(asked) + 1}"))
            if beyond:
                raise DigestError("GitHub's list of issues is cut", hint=LATER)
    return found


def _continues(address: str, first: str) -> bool:
    """Whether an address is of the same list: that host, and the path of some repository's issues."""
    parts, asked = urlsplit(address), urlsplit(first)
    return (parts.scheme, parts.netloc) == (asked.scheme, asked.netloc) and parts.path.endswith("/issues")


async def _page(get: Get, address: str) -> Page:
    """Fetch one page. Raises DigestError if GitHub does not give it."""
    page = await get(address, accept="application/vnd.github+json")
    if isinstance(page, Failure):
        raise DigestError(f"GitHub's issues could not be read: {page.reason}", hint=LATER)
    if page.status != 200:
        raise DigestError(f"GitHub refused to list the issues: HTTP {page.status}", hint=RIGHTS)
    return page


def _parse(kind: TypeAdapter[T], page: Page) -> T:
    """Parse an answer. Raises DigestError, without its content, if it is not what the API gives."""
    try:
        return kind.validate_json(page.body)
    except ValidationError as error:
        raise DigestError(
            f"GitHub's answer is not what is expected ({quantity(error.error_count(), 'fault')})", hint=LATER
        ) from None


def _not_committed(given: Mapping[int, Ballot]) -> tuple[dict[int, Ballot], int]:
    """Return the votes whose issues no committed file has; warns of files that are damaged, and of issues that differ.

    Votes of a profile whose file is damaged are left out, since they could not be added to it: they are only counted.
    """
    new: dict[int, Ballot] = {}
    kept_back = 0
    differing: list[int] = []
    for profile in sorted({ballot.profile for ballot in given.values()}):
        own = {number: ballot for number, ballot in given.items() if ballot.profile == profile}
        try:
            rows = votes.load(Path("reports", profile, votes.FILE))
        except DigestError as error:
            _warn(f"{error}. What to do: {error.hint}")
            kept_back += len(own)
            continue
        committed = {vote.issue: Ballot(vote.verdict, vote.paper, profile) for vote in rows}
        new |= {number: ballot for number, ballot in own.items() if number not in committed}
        differing += [number for number, ballot in own.items() if committed.get(number, ballot) != ballot]
    if differing:
        _warn(
            f"Other votes are committed for the numbers of the issues {_list(differing)}. What to do: {FOREIGN}"
        )
    return new, kept_back


def close(options: argparse.Namespace, environ: Mapping[str, str]) -> str:
    """Close the issues whose votes are in the commit `--tip`, and return a line of the summary.

    Raises DigestError if GitHub refuses.
    """
    voters = load_settings(SETTINGS, environ).feedback.voters
    noted = committed_ballots(options.tip)
    numbers = [number for number in options.issues if number in noted]
    closed = 0
    for number in numbers[:MAX_CLOSED]:
        try:
            closed += close_one(github, environ, number, noted[number], voters)
        except DigestError as error:
            issues = quantity(len(numbers), "issue of a vote was", "issues of votes were")
            what = f"{closed} of {issues} closed. {error}"
            raise DigestError(what, hint=CLOSE_RIGHTS) from None
    noted_ones = quantity(closed, "noted, its issue closed", "noted, their issues closed")
    return f"Votes: {noted_ones}." if numbers else ""


def committed_ballots(commit: str) -> dict[int, Ballot]:
    """Return what each issue said that a commit of this repository has in a file of votes."""
    ballots: dict[int, Ballot] = {}
    for path in _git("ls-tree", "-r", "--name-only", commit, "reports/").splitlines():
        parts = path.split("/")
        if len(parts) == len(("reports", "profile", votes.FILE)) and parts[2] == votes.FILE:
            with suppress(ValueError):
                for vote in votes.loads(_git("cat-file", "blob", f"{commit}:{path}")):
                    ballots[vote.issue] = Ballot(vote.verdict, vote.paper, parts[1])
    return ballots


def close_one(
    api: Api, environ: Mapping[str, str], number: int, noted: Ballot, voters: Collection[str]
) -> bool:
    """Close an issue, and write one line on it, if it is still the vote that was committed; return whether it was.

    Raises DigestError if GitHub refuses something.
    """
    path = f"repos/{environ['GITHUB_REPOSITORY']}/issues/{number}"
    try:
        issue = Issue.model_validate_json(json.dumps(api("GET", path, None)))
    except ValidationError:
        return False
    if issue.number != number or ballot_of(issue, voters) != noted:
        return False
    # Closed first: a comment that fails is missed by nobody, while one on an open issue would be written every night.
    api("PATCH", path, {"state": "closed", "state_reason": "completed"})
    api("POST", f"{path}/comments", {"body": comment(environ, noted)})
    return True


def comment(environ: Mapping[str, str], noted: Ballot) -> str:
    """Return the line that a closed issue gets. All of it are our own words, a profile's name and a paper's id."""
    file = f"reports/{noted.profile}/{votes.FILE}"
    server, repository = environ["GITHUB_SERVER_URL"], environ["GITHUB_REPOSITORY"]
    address = f"{server}/{repository}/blob/{environ['GITHUB_REF_NAME']}/{file}"
    back = "" if noted.verdict == "clear" else f" Taken back by: `{title(noted._replace(verdict='clear'))}`."
    return f"Noted in [{file}]({address}).{back}"


def _git(*arguments: str) -> str:
    """Run git in the checkout, and return its output. Raises DigestError if it fails."""
    command = ("git", *arguments)
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    if done.returncode:
        raise DigestError("the committed votes could not be read", hint="start a new run")
    return done.stdout.decode("utf-8", "replace")


def _list(numbers: Sequence[int]) -> str:
    return first_of([f"#{number}" for number in numbers], 20)


def _warn(message: str) -> None:
    """Print an annotation, which becomes a warning of the run."""
    click.echo(actions.annotation("warning", message, title="Votes"))


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="votes", description="Read votes from issues, and close them.")
    steps = parser.add_subparsers(dest="step", required=True)
    reading = steps.add_parser("read")
    reading.add_argument("--work", type=Path, required=True, help="the folder of artifacts")
    closing = steps.add_parser("close")
    closing.add_argument("--issues", type=_numbers, required=True, help="numbers, with commas between them")
    closing.add_argument("--tip", required=True, help="the commit that has the votes")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    """Parse the value of `--issues`."""
    if not NUMBERS.fullmatch(text):
        raise argparse.ArgumentTypeError("has something that is no number of an issue")
    return [int(number) for number in text.split(",") if number]


if __name__ == "__main__":
    sys.exit(main())
