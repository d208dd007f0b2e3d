"""Plays the part of GitHub's REST API that tells of digests and takes votes: issues and comments of one repository.

As a program it is called like `gh api`, with its state in the JSON file $ACT_GITHUB; `tests/workflow/bin/gh` does so.
`Served` answers over HTTP on loopback, with pages, Link headers and a token, as the API does.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

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
        self.may_read = given.get("may_read", True)
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
        if body and len(body.get("body", "")) > MAX_BODY:
            raise DigestError("gh: body is too long (maximum is 65536 characters) (HTTP 422)", hint="")
        match method, rest:
            case "GET", ["issues"]:
                newest = [
                    one
                    for one in reversed(self.issues)
                    if query["state"] == "all" and (one["user"] or {}).get("login") == query["creator"]
                ]
                return self._page(newest, query)
            case "GET", ["issues", number]:
                return self._issue(number)
            case "PATCH", ["issues", number]:
                assert body is not None
                issue = self._issue(number)
                issue |= body
                return issue
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

    def _issue(self, number: str) -> dict[str, Any]:
        found = next((one for one in self.issues if str(one["number"]) == number), None)
        if found is None:
            raise DigestError("gh: Not Found (HTTP 404)", hint="")
        return found

    def open(self, title: str, body: str = "", **given: Any) -> dict[str, Any]:
        """A new issue by `user`, or with what is given instead, such as an `author_association`."""
        issue = {
            "number": len(self.issues) + 1,
            "title": title,
            "body": body,
            "state": "open",
            "user": self.user,
            "author_association": "NONE",
            "labels": [],
            "created_at": self.clock,
            **given,
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
        names = ("has_issues", "may_write", "may_read", "issues", "comments", "mails", "clock")
        return {name: getattr(self, name) for name in names}


OWNER = {"id": 7, "login": "someone", "type": "User"}
TOKEN = "ghs_of_the_tests"
REPOSITORY_ID = 1300
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Served:
    """The API over HTTP. `load` gives the repository for each request, `tamper` may change what number N is answered.

    `asked` are the paths that were asked for. A private repository does not exist for whoever has no token.
    """

    load: Callable[[], GitHub]
    tamper: Callable[[int, Reply], Reply] = lambda _, reply: reply
    token: str = TOKEN
    private: bool = True
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: Mapping[str, str]) -> Reply:
        """As the API answers a GET."""
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        given = headers.get("authorization", "")
        if given and given != f"Bearer {self.token}":
            return _refused(401, "Bad credentials")
        assert headers.get("x-github-api-version") == "2022-11-28", headers
        assert headers["accept"] == "application/vnd.github+json", headers
        assert headers.get("user-agent"), headers
        if self.private and not given:
            return _refused(404, "Not Found")
        github = self.load()
        if url.path == f"/{REPOSITORY}":
            return 200, {}, json.dumps({"id": REPOSITORY_ID, "has_issues": github.has_issues}).encode()
        if url.path not in {f"/{REPOSITORY}/issues", f"/repositories/{REPOSITORY_ID}/issues"}:
            return _refused(404, "Not Found")
        if not github.has_issues:
            return _refused(410, "Issues are disabled for this repo")
        if not github.may_read:
            return _refused(403, "Resource not accessible by integration")
        return self._list(github, query)

    def _list(self, github: GitHub, query: dict[str, str]) -> Reply:
        size, page = min(100, int(query.get("per_page", "30"))), int(query.get("page", "1"))
        listed = [one for one in github.issues if query.get("state", "open") in {one["state"], "all"}]
        listed.sort(key=lambda one: one["number"], reverse=query.get("direction", "desc") == "desc")
        part = listed[(page - 1) * size : page * size]
        pages = {
            "prev": page - 1 if page > 1 else 0,
            "next": page + 1 if page * size < len(listed) else 0,
            "last": -(-len(listed) // size) if page * size < len(listed) else 0,
        }
        base = f"{self.url}/repositories/{REPOSITORY_ID}/issues"
        links = [
            f'<{base}?{urlencode(query | {"page": number})}>; rel="{name}"'
            for name, number in pages.items()
            if number
        ]
        headers = {"Link": ", ".join(links)} if links else {}
        return 200, headers, json.dumps(part, ensure_ascii=False).encode()

    def _handler(served) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                served.asked.append(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = served.tamper(len(served.asked), served.answer(self.path, headers))
                with contextlib.suppress(OSError):
                    self._send(*reply)

            def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                else:
                    self.close_connection = True
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def _refused(status: int, message: str) -> Reply:
    return status, {}, json.dumps({"message": message}).encode()


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
