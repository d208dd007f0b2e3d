"""The plainest of clients, so that manners can be bad."""

from __future__ import annotations

import http.client
import json
import re

from tests.stubs.world import World

GOOD = {"User-Agent": "nightly-paper-digest/0.1.0 (+https://github.com/OWNER/REPO)", "Accept": "*/*"}


def get(
    world: World | int, path: str, headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """One request with exactly these headers, over a connection of its own."""
    port = world if isinstance(world, int) else world.port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in (GOOD if headers is None else headers).items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.headers)
    finally:
        connection.close()


def daily(world: World | int, query: str):
    status, body, _ = get(world, f"/api/daily_papers?{query}")
    return status, json.loads(body)


def kinds(body: bytes) -> list[tuple[str, str]]:
    ids = re.findall(rb"oai:arXiv.org:([\d.]+v\d+)<", body)
    types = re.findall(rb"<arxiv:announce_type>([a-z-]+)<", body)
    return [(one.decode(), kind.decode()) for one, kind in zip(ids, types, strict=True)]
