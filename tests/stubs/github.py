"""Plays the part of GitHub's REST API that tells of digests: issues and comments of one repository.

As a program it is called like `gh api`, with its state in the JSON file $ACT_GITHUB; `tests/workflow/bin/gh` does so.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline.core.errors import DigestError

BOT = {"id": 41898282, "login": "github-actions[bot]", "type": "Bot"}
STRANGER = {"id": 1, "login": "stranger", "type": "User"}
MAX_BODY = 65_536  # characters
REPOSITORY = "repos/someone/digest"


class GitHub:
    """One repository. `user` is who writes; `mails` are the events of which GitHub notifies subscribers."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        given = state or {}
        self.has_issues = given.get("has_issues", True)
        self.may_write = given.get("may_write", True)
        self.issues: list[dict[str, Any]] = given.get("issues", [])
        self.comments: list[dict[str, Any]] = given.get("comments", [])
        self.mails: list[str] = given.get("mails", [])
        self.clock: str = given.get("clock", "2026-01-30T06:30:00Z")
        self.user = BOT

    def __call__(self, method: str, path: str, body: Mapping[str, str] | None) -> Any:
        """Answer as the API would. Raises DigestError, as `standing_issue.github` does."""
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        rest = url.path.removeprefix(REPOSITORY).strip("/").split("/")
        if rest == [""]:
            return {"has_issues": self.has_issues}
        if not self.has_issues:
            raise DigestError("gh: Issues are disabled for this repo (HTTP 410)", hint="")
        if method != "GET" and not self.may_write:
            raise DigestError("gh: Resource not accessible by integration (HTTP 403)", hint="")
        if body and len(body["body"]) > MAX_BODY:
            raise DigestError("gh: body is too long (maximum is 65536 characters) (HTTP 422)", hint="")
        match method, rest:
            case "GET", ["issues"]:
                newest = [
                    one
                    for one in reversed(self.issues)
                    if query["state"] == "all" and one["user"]["login"] == query["creator"]
                ]
                return self._page(newest, query)
            case "POST", ["issues"]:
                assert body is not None
                return self.open(body["title"], body["body"])
            case "GET", ["issues", number, "comments"]:
                found = [
                    one
                    for one in self.comments
                    if one["issue"] == int(number) and one["updated_at"] >= query["since"]
                ]
                return self._page(found, query)
            case "POST", ["issues", number, "comments"]:
                assert body is not None
                return self.comment(int(number), body["body"])
            case "PATCH", ["issues", "comments", key]:
                assert body is not None
                comment = next(one for one in self.comments if one["id"] == int(key))
                comment |= {"body": body["body"], "updated_at": self.clock}
                return comment
        raise AssertionError((method, path))

    def _page(self, found: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
        size, page = int(query["per_page"]), int(query["page"])
        return found[(page - 1) * size : page * size]

    def open(self, title: str, body: str) -> dict[str, Any]:
        issue = {
            "number": len(self.issues) + 1,
            "title": title,
            "body": body,
            "state": "open",
            "user": self.user,
        }
        self.issues.append(issue)
        self.mails.append(f"issue {issue['number']}")
        return issue

    def comment(self, number: int, body: str) -> dict[str, Any]:
        comment = {"id": 100 + len(self.comments), "issue": number, "body": body, "user": self.user}
        self.comments.append(comment | {"updated_at": self.clock})
        self.mails.append(f"comment on {number}")
        return comment

    def state(self) -> dict[str, Any]:
        """What the next call needs."""
        names = ("has_issues", "may_write", "issues", "comments", "mails", "clock")
        return {name: getattr(self, name) for name in names}


def main() -> int:
    """`gh api --method METHOD PATH [--input -]`."""
    path = Path(os.environ["ACT_GITHUB"])
    server = GitHub(json.loads(path.read_text()) if path.exists() else None)
    _, _, method, address, *more = sys.argv[1:]
    try:
        answer = server(method, address, json.load(sys.stdin) if more else None)
    except DigestError as error:
        print(error.message, file=sys.stderr)
        return 1
    path.write_text(json.dumps(server.state()))
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
