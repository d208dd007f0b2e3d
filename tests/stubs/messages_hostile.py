"""An endpoint that answers each request with something meant to harm whoever reads it. One kind of harm a server."""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

Answer = Callable[[], Iterator[bytes]]

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-5-5",
    "content": [{"type": "text", "text": "{}"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 100, "output_tokens": 20},
}


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "content-type: application/json", *lines, "", ""]).encode()


def whole(body: bytes, *lines: str, status: str = "200 OK") -> Iterator[bytes]:
    yield head(f"content-length: {len(body)}", *lines, status=status) + body


def bomb(unpacked: int = 2**30, status: str = "200 OK") -> Iterator[bytes]:
    """A thousandth of its size on the wire: a space, and ever more of them, before JSON could begin."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    yield head("content-encoding: gzip", "connection: close", status=status) + start
    for _ in range(unpacked // 2**20):
        yield block


def nothing_packed() -> Iterator[bytes]:
    """Gzip without end that unpacks to nothing."""
    yield head("content-encoding: gzip", "connection: close")
    yield zlib.compressobj(9, zlib.DEFLATED, 31).flush(zlib.Z_SYNC_FLUSH)
    while True:
        yield b"\x00\x00\x00\xff\xff" * 2000


def endless(status: str = "200 OK") -> Iterator[bytes]:
    yield head("connection: close", status=status)
    while True:
        yield b" " * 2**16


def drip(start: bytes) -> Iterator[bytes]:
    """A beginning, then a byte now and then."""
    yield start
    while True:
        time.sleep(0.02)
        yield b" "


def dripping_body() -> Iterator[bytes]:
    return drip(head("connection: close"))


def dripping_headers() -> Iterator[bytes]:
    return drip(b"HTTP/1.1 200 OK\r\nx-long: a")


def endless_headers() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"x-more: " + b"a" * 1000 + b"\r\n"


def endless_hints() -> Iterator[bytes]:
    """Interim responses, none of which is the answer."""
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n" * 100


def lists() -> Iterator[bytes]:
    """Nearly two megabytes of JSON that takes fifty in memory."""
    return whole(json.dumps(MESSAGE)[:-1].encode() + b', "x": [' + b"[]," * 600_000 + b"[]]}")


def wrong_marks() -> Iterator[bytes]:
    """An answer with hundreds of thousands of mistakes, each of which has a message."""
    text = '{"marks": [' + "[]," * 500_000 + "[]]}"
    return whole(json.dumps({**MESSAGE, "content": [{"type": "text", "text": text}]}).encode())


def message(**fields: object) -> bytes:
    return json.dumps({**MESSAGE, **fields}).encode()


LONG = 10**400
USAGE = {"input_tokens": LONG, "output_tokens": 20}


def long_usage() -> Iterator[bytes]:
    return whole(message(usage=USAGE))


def longer_usage() -> Iterator[bytes]:
    """More digits than Python reads at all."""
    return whole(
        message(usage={}).replace(b'"usage": {}', b'"usage": {"input_tokens": ' + b"9" * 5000 + b"}")
    )


def long_elsewhere() -> Iterator[bytes]:
    return whole(message(created=LONG))


def long_answer() -> Iterator[bytes]:
    """A number of 400 digits as a mark, as an id and in a place where nothing is expected."""
    marks = [{"id": LONG, "topic": LONG, "transfer": LONG, "substance": 3, "excluded": False, "reason": "a"}]
    text = json.dumps({"marks": marks, "id": "x", "score": LONG, "tag": "read", "reason": "r"})
    return whole(message(content=[{"type": "text", "text": text}]))


class Hostile:
    """A server on loopback that answers every request by `answer`; `requests` are the first bytes of each."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._stopped = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopped:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answer requests until the client hangs up, or the answer has an end that closes the connection."""
        with connection, connection.makefile("rb") as incoming:
            try:
                while request := incoming.readline():
                    length = 0
                    while (line := incoming.readline()) not in (b"\r\n", b""):
                        request += line
                        name, _, value = line.partition(b":")
                        length = int(value) if name.lower() == b"content-length" else length
                    self.requests.append(request)
                    incoming.read(length)
                    closes = False
                    for piece in self.answer():
                        closes = closes or b"connection: close" in piece
                        connection.sendall(piece)
                        if self._stopped:
                            return
                    if closes:
                        return
            except OSError:
                return
